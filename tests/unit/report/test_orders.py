"""Orders in the report: when they begin, strips over time, and the place in the diagram of phases."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from experiments.report import orders_figure
from experiments.report.headline import findings
from experiments.report.orders_figure import diagram, distance, over_time, place_of
from experiments.report.result_view import View
from experiments.runs.result import Result

SAME = {"share": 0.5, "runs": 16}


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Keep a diagram in which three leavers tip at an additivity of a half, and one at a whole."""
    rows = [
        {"axis": "additivity", "place": place, "size": size, "tipped": tipped, "likeliest": order, **SAME}
        for place, size, tipped, order in (
            (0.5, 0, 0.0, "continuity"), (0.5, 1, 0.0, "hollowing_out"), (0.5, 3, 0.5, "fragmentation"),
            (1.0, 0, 0.0, "continuity"), (1.0, 1, 0.5, "fragmentation"), (1.0, 3, 1.0, "fragmentation"),
        )
    ]  # fmt: skip
    kept = pd.DataFrame(rows)
    monkeypatch.setattr(orders_figure, "kept_cells", lambda: kept)
    return kept


def with_outcomes(view: View, **outcomes: Any) -> View:
    return View(replace(view.result, outcomes=view.result.outcomes | outcomes))


def order(replicate: int, regime: str, entered: str, at_end: str) -> dict[str, Any]:
    spells = [{"regime": regime, "entered": entered, "left": None}] if regime != "continuity" else []
    return {"replicate": replicate, "regime": regime, "certain": True, "spells": spells, "at_end": at_end,
            "in_last_quarter": at_end, "by_chance": at_end}  # fmt: skip


def test_the_headline_tells_when_an_order_begins_and_whether_it_heals(real: View) -> None:
    shares = {"reform": 0.75, "continuity": 0.25}
    orders = [order(0, "reform", "2030Q2", "reform"), order(1, "reform", "2029Q1", "continuity"),
              order(2, "reform", "2033Q4", "reform"), order(3, "continuity", "", "continuity")]  # fmt: skip
    text = dict(findings(with_outcomes(real, regimes=shares, orders=orders)))["Which order results"]
    assert "Reform begins by 2030Q2 in the median of these runs; 1 of 3 are back in continuity at the end." in text


def test_orders_are_named_as_labels_and_where_they_begin(real: View) -> None:
    patchwork = order(0, "minilateral", "2030Q2", "minilateral")
    mixed = with_outcomes(real, regimes={"minilateral": 0.5, "continuity": 0.5}, orders=[patchwork])
    text = dict(findings(mixed))["Which order results"]
    assert "a minilateral patchwork in 50\u202f% and continuity in 50\u202f%." in text
    assert " The minilateral patchwork begins by 2030Q2 there." in text
    alone = dict(findings(with_outcomes(real, regimes={"continuity": 1.0}, orders=[])))["Which order results"]
    assert alone.endswith(" labelled continuity: things go on much as they would have.")


def test_strips_have_a_row_for_each_order_that_occurs(real: View) -> None:
    shares = {"continuity": [1.0, 0.5], "reform": [0.0, 0.5], "two_camps": [0.0, 0.0]}
    found = {"quarters": ["2030Q4", "2031Q1"], "shares": shares}
    drawn = over_time(with_outcomes(real, orders_over_time=found))
    assert "reform, 2031Q1: 50%" in drawn
    assert "two camps" not in drawn
    still = found | {"shares": {"continuity": [1, 1]}}
    assert over_time(with_outcomes(real, orders_over_time=still)) == ""
    assert over_time(with_outcomes(real, orders_over_time={})) == ""


def test_a_mark_shows_where_the_run_lies(real: View, cells: pd.DataFrame) -> None:
    place = place_of(real)
    assert place is not None
    assert place.leavers == 0
    assert place.additivity == pytest.approx(0.5)
    drawn = diagram(real)
    assert ">here</text>" in drawn
    assert drawn.count("<rect") >= len(cells)
    said = distance(real)
    assert said is not None
    assert "from 3 leavers on" in said


def test_the_distance_is_told_along_the_other_axis_where_no_size_tips(real: View, cells: pd.DataFrame) -> None:
    cells.loc[(cells["place"] == 0.5), "tipped"] = 0.1
    assert "1 leavers at an additivity of 1" in (distance(real) or "")
    cells["tipped"] = 0.0
    assert "up to the largest shock" in (distance(real) or "")


def test_a_shock_that_is_no_exit_in_bulk_has_no_place(results: Callable[[str], Result], cells: pd.DataFrame) -> None:
    view = View(results("sanction"))
    assert (place_of(view), diagram(view), distance(view)) == (None, "", None)
