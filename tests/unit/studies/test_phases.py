"""The study of phases: its tables on made-up runs, resumption, the mean field where it is known, single removals."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.processes.exits import ExitsParameters
from abm.processes.membership import MembershipParameters
from experiments.studies import phases, removals
from experiments.studies.composed_runs import comparisons, scene
from experiments.studies.mean_field import tip
from experiments.studies.phase_runs import (
    LISTED,
    NEVER,
    Cell,
    at_world,
    by_world,
    exits,
    experiment_of,
    likeliest,
    recovery,
)
from experiments.studies.phases import (
    between,
    hysteresis,
    least_size,
    left_after,
    probabilities,
    settings_at,
    tipping_line,
)
from experiments.studies.removals import Removal, at_removal, ranked, told
from experiments.studies.study_result import Size
from tests.worlds_small import small_world

SYNTHETIC = ("world.source=synthetic", "world.states=12", "world.organizations=8")


def row(size: int, lost: float, regime: str = "continuity", place: float = 0.5, replicate: int = 0) -> dict[str, Any]:
    """Return what one run of a made-up case shows."""
    return {
        "axis": "additivity", "place": place, "size": size, "replicate": replicate, "regime": regime, "back": 0,
        "at_end": "continuity", "certain": 1.0, "others_left": lost, "left_at_end": lost / 2, "segregation": 0.0,
        "legitimacy": -lost, "followers": 1.0, "recovery": 0.1, "unrest": 1.0,
    }  # fmt: skip


def test_a_cell_has_the_probability_of_each_order_and_of_tipping() -> None:
    rows = pd.DataFrame(
        [row(3, 0.2, "fragmentation"), row(3, 0.0, replicate=1), row(3, 0.3, "fragmentation", replicate=2)]
    )
    (cell,) = probabilities(rows).to_dict("records")
    assert (cell["likeliest"], cell["fragmentation"]) == ("fragmentation", pytest.approx(2 / 3))
    assert cell["tipped"] == pytest.approx(2 / 3)
    assert cell["tipped_low"] < 2 / 3 < cell["tipped_high"]
    assert cell["healed"] == pytest.approx(2 / 3)


def test_the_line_lies_where_a_row_loses_a_tenth() -> None:
    one = pd.DataFrame([row(LISTED, 0.0), row(1, 0.04), row(3, 0.16), row(10, 0.5)])
    assert least_size(one) == pytest.approx(2.0)
    assert least_size(one.assign(others_left=0.01)) == float("inf")
    assert least_size(one.assign(others_left=0.4)) == 0.5
    never = one.assign(others_left=0.01, replicate=1)
    (line,) = tipping_line(pd.concat([one, never])).to_dict("records")
    assert (line["low"], line["high"], line["never"]) == (pytest.approx(2.0), float("inf"), 0.5)


def test_points_are_added_where_the_order_changes() -> None:
    rows = pd.DataFrame([
        row(3, 0.0, place=0.0), row(3, 0.2, "fragmentation", place=0.5), row(3, 0.2, "fragmentation", place=1.0),
        row(1, 0.0, place=0.0), row(1, 0.0, place=0.5),
    ])  # fmt: skip
    (case,) = between(rows, "additivity")
    assert (case.size, case.place, case.settings) == (3, 0.25, ("membership.additivity=0.25",))


def test_places_on_the_axis_of_crowding_are_multiples_of_the_defaults() -> None:
    (own, camp) = settings_at("crowding", 2.0)
    assert float(own.split("=")[1]) == pytest.approx(6 * float(camp.split("=")[1]), rel=0.3)
    assert settings_at("persistence", 0.9) == ("legitimacy.persistence=0.9",)


def returned(*left: float) -> pd.DataFrame:
    """Return what is left in rows of the ensemble that lose .4, .2 and .3 where nobody returns."""
    never = pd.DataFrame([row(10, 2 * lost, replicate=place) for place, lost in enumerate((0.4, 0.2, 0.3))])
    return left_after(pd.concat([never.assign(back=NEVER), never.assign(back=2030, left_at_end=left)]))


def test_what_comes_back_after_a_return_is_told_row_by_row() -> None:
    """Rows differ by far more than what comes back, which is .1 in each: the interval of it has no width."""
    found = returned(0.3, 0.1, 0.2).set_index("back")
    assert found["left"].to_dict() == pytest.approx({NEVER: 0.3, 2030: 0.2})
    assert found.loc[2030, ["regained", "regained_low", "regained_high"]].tolist() == pytest.approx([0.1] * 3)
    assert found.loc[NEVER, "regained"] == 0
    assert found.loc[2030, "left_low"] < found.loc[2030, "left"] < found.loc[2030, "left_high"]


@pytest.mark.parametrize(
    ("left", "stays", "said"),
    [((0.2, 0.18, 0.22), True, "differs from zero: hysteresis"), ((0.2, -0.18, 0.02), False, "does not differ")],
)
def test_hysteresis_is_what_stays_lost_after_the_return(left: tuple[float, ...], stays: bool, said: str) -> None:
    found = returned(*left)
    assert found.set_index("back").loc[2030, "stays"] == stays
    years, sentence = hysteresis(found)
    assert "never 30.0%" in years
    assert said in sentence


def test_an_effect_that_halves_in_a_year_recovers_by_that_rate() -> None:
    fading = -0.2 * 0.5 ** (np.arange(41) / 4)
    assert recovery(fading) == pytest.approx(np.log(2), rel=0.05)
    assert recovery(np.linspace(0, -1, 40)) == pytest.approx(0.0, abs=0.1)
    assert recovery(np.zeros(20)) == 0


def test_cases_leave_and_return() -> None:
    assert exits(LISTED)[0]["organizations"] == ["WHO"]
    assert [shock["actor"] for shock in exits(2)] == ["USA", "GBR"]
    back = experiment_of(Cell(1, "additivity", 0.5, (), 2030), ())
    assert [shock.kind for shock in back.shocks] == ["exit", "refuse", "return"]
    never = experiment_of(Cell(1, "additivity", 0.5, (), NEVER), ())
    assert [(shock.kind, getattr(shock, "until", None)) for shock in never.shocks] == [("exit", None), ("refuse", None)]


def test_a_case_shows_beside_others_what_it_shows_alone() -> None:
    strong = ("membership.additivity=1",)
    listed, one, two = (Cell(size, "additivity", 1.0, strong) for size in (LISTED, 1, 2))
    back = one._replace(back=2028)
    assert by_world([listed, two, one, back]) == [(listed,), (two,), (one, back)]
    found = at_world((listed, one, two), 0, ("quarters=20",))
    for case, row in zip((listed, one, two), found, strict=True):
        assert row == at_world((case,), 0, ("quarters=20",))[0]


def test_scenarios_share_a_counterfactual_only_where_they_look_at_the_same() -> None:
    exit_ = {"kind": "exit", "actor": "USA", "organizations": ["WHO"], "announced": "2025Q1"}
    back = {"kind": "return", "actor": "USA", "organizations": ["WHO"], "announced": "2026Q3"}
    scenes = [scene(shocks, 8) for shocks in ([exit_], [exit_, back], [exit_ | {"announced": "2025Q2"}])]
    one, same, later = (pair.counterfactual for pair in comparisons(scenes, 0))
    assert same is one
    assert later is not one


def test_who_acts_on_which_organization_keeps_counterfactuals_apart() -> None:
    exit_ = {"kind": "exit", "announced": "2025Q1"}
    bodies = ["WHO"], ["UNESCO"]
    scenes = [
        scene([exit_ | {"actor": actor, "organizations": body} for actor, body in zip(pair, bodies, strict=True)], 2)
        for pair in (("USA", "GBR"), ("GBR", "USA"))
    ]
    one, crossed = (pair.counterfactual for pair in comparisons(scenes, 0))
    assert crossed is not one


def test_the_commonest_order_is_the_farther_of_equal_ones() -> None:
    assert likeliest(["continuity", "reform", "reform"]) == ("reform", pytest.approx(2 / 3))
    assert likeliest(["continuity", "unravelling"]) == ("unravelling", 0.5)


def test_the_mean_field_is_the_equation_where_nobody_sets_an_example_in_turn() -> None:
    """One of four equal members leaves an organization of all; the others follow with the odds of one lead state."""
    world = small_world(4, 1)
    p = MembershipParameters(contagion_form="flat", value_log_odds=0.0, intercept=-4.0)
    leaver = np.array([1.0, 0, 0, 0])
    found = tip(world, leaver, p, ExitsParameters())
    assert found.followers > 0
    assert 0 < found.lost < 1
    calm = tip(world, leaver, p.model_copy(update={"contagion_log_odds": 0.0}), ExitsParameters())
    assert (calm.followers, calm.lost) == (0, 0)
    assert tip(world, np.zeros(4), p, ExitsParameters()).lost == 0


def test_exits_that_add_up_lose_more_by_the_equation() -> None:
    world = small_world(6, 2)
    leavers = np.array([1.0, 1, 1, 0, 0, 0])
    lost = [
        tip(world, leavers, MembershipParameters(additivity=a, contagion_form="flat"), ExitsParameters()).lost
        for a in (0.0, 1.0)
    ]
    assert lost[1] > 2 * lost[0]


def test_a_removal_is_beside_the_world_in_which_nothing_is_removed() -> None:
    everything = removals.all_removals(2, SYNTHETIC)
    assert [one.kind for one in everything] == ["state", "state", "organization", "organization"]
    state, body = (at_removal(one, ("quarters=12", *SYNTHETIC)) for one in (everything[0], everything[2]))
    assert state["provision"] > 0
    assert state["capability"] > 0
    assert body["provision"] > 0


def test_removals_are_ranked_within_their_kind() -> None:
    rows = pd.DataFrame([
        {"kind": "state", "code": "A", "provision": 0.1, "capability": 0.5},
        {"kind": "state", "code": "B", "provision": 0.2, "capability": 0.1},
        {"kind": "organization", "code": "WTO", "provision": 0.3, "capability": 0.0},
    ])  # fmt: skip
    ranks = ranked(rows).set_index("code")["rank"].to_dict()
    assert ranks == {"A": 2, "B": 1, "WTO": 1}
    assert "number 1 of 1" in told(ranked(rows))[1]


def test_the_study_leaves_a_whole_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(phases, "at_world", _at_world)
    monkeypatch.setattr(phases, "at_removal", _removed)
    monkeypatch.setattr(phases, "theory_at", lambda additivity, count: tip(
        small_world(4, 1), np.array([1.0, 0, 0, 0]), MembershipParameters(), ExitsParameters()
    ))  # fmt: skip
    report = phases.run(Size(workers=1), tmp_path)
    names = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert names == {
        "runs.csv", "cells.csv", "line.csv", "returns.csv", "returned.csv", "mean-field.csv", "warning.csv",
        "removals.csv", "phases.svg", "tipping.svg",
    }  # fmt: skip
    assert report.results["highest_probability"]["fragmentation"] == 1
    assert not list((tmp_path / "results").glob("*.jsonl")), "the parts are deleted when all is there"


def _at_world(cases: tuple[Cell, ...], number: int, overrides: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return made-up rows: more is lost with more leavers."""
    return [
        row(case.size, 0.03 * case.size * case.place, "fragmentation" if case.size > 3 else "continuity", case.place,
            number) | {"axis": case.axis, "back": case.back}
        for case in cases
    ]  # fmt: skip


def _removed(removal: Removal, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return a made-up removal."""
    size = float(ord(removal.code[0]) + len(removal.code))
    return {"kind": removal.kind, "code": removal.code, "capability": size / 100, "provision": size}
