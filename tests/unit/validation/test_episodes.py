"""Tables of observations: read strictly, compared with runs."""

from pathlib import Path

import numpy as np
import pytest

from abm.config import ConfigError
from experiments.validation.episodes import KNOWN, Observation, compare_episodes, observations
from experiments.validation.episodes import _compared as compared
from experiments.validation.episodes import _measured as measured
from experiments.validation.words import episode_table

SCENARIO = """extends: base
world: {source: synthetic, states: 12, organizations: 6}
quarters: 12
shocks:
  - {kind: exit, actor: USA, organizations: [O001], announced: 2025Q2, notice_quarters: 1}
"""
HEAD = "episode,scenario,organization,quantity,observed,low,high,seen,source,note\n"


def row(quantity: str, observed: float, low: float | None = None, high: float | None = None) -> Observation:
    """Return an observation."""
    low, high = observed if low is None else low, observed if high is None else high
    return Observation("an exit", "x", "O001", quantity, observed, low, high, "no", "", "")


def test_the_known_table_is_whole() -> None:
    rows = observations(KNOWN)
    assert len(rows) >= 30
    assert {one.seen for one in rows} == {"yes", "no"}
    assert all(one.source for one in rows)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a,who-2025,WHO,refils_4,1,,,,,", r"t\.csv:2: quantity 'refils_4' is unknown"),
        ("a,who-2025,WHO,refill_4,much,,,,,", r"t\.csv:2: observed 'much' is no number"),
        ("a,who-2025,WHO,refill_4,nan,,,,,", "no number"),
        ("a,who-2025,WHO,refill_4,1,1.5,2,,,", "does not lie between 1.5 and 2"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text(HEAD + line + "\n")
    with pytest.raises(ConfigError, match=message):
        observations(table)


def test_a_missing_table_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such table"):
        observations(tmp_path / "none.csv")
    (tmp_path / "t.csv").write_text("episode,scenario,organization,quantity\n")
    with pytest.raises(ConfigError, match="the column observed is missing"):
        observations(tmp_path / "t.csv")


def test_a_number_agrees_where_its_range_meets_the_runs() -> None:
    values = np.linspace(0, 1, 101).tolist()
    assert compared(row("refill_4", 0.5), values)["inside"]
    assert not compared(row("refill_4", 0.97), values)["inside"]
    assert compared(row("refill_4", 0.97, 0.9, float("inf")), values)["inside"]
    assert compared(row("refill_4", 0.5), [float("nan")])["inside"] is None


def test_what_happens_agrees_where_one_run_in_twenty_does_it() -> None:
    assert compared(row("back_20", 1), [1.0] + [0.0] * 19)["inside"]
    assert not compared(row("back_20", 1), [1.0] + [0.0] * 20)["inside"]


def test_a_scenario_of_ones_own_is_compared(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SCENARIO)
    table = tmp_path / "t.csv"
    cells = ["followers,0", "back_4,0", "refill_4,0", "budget_cut_4,0.1", "staff_per_budget_4,0.5"]
    table.write_text(HEAD + "".join(f"a,own.yaml,O001,{cell},,,no,,\n" for cell in cells))
    found = compare_episodes(observations(table), 2, workers=1)
    assert [entry["quantity"] for entry in found] == [cell.split(",")[0] for cell in cells]
    assert all(entry["runs"] == 2 for entry in found)
    assert found[3]["mean"] > 0.02, "the largest payer of the richest body left"
    assert len(episode_table(found)) == 6


def test_a_body_that_no_shock_aims_at_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SCENARIO)
    (tmp_path / "t.csv").write_text(HEAD + "a,own.yaml,O002,followers,0,,,,,\n")
    with pytest.raises(ConfigError, match="no shock of this scenario aims at O002"):
        compare_episodes(observations(tmp_path / "t.csv"), 1, workers=1)


class Told:
    """Books as they would be after a loss of a fifth of the income, half of it refilled."""

    def __init__(self, lost: float, given: float, budget: float, staff: float) -> None:
        self.flows = np.tile([20 - lost, 80 + given, 0.0], (8, 1))
        self.leavers = np.array([1.0, 0, 0])
        self.yearly_budget = 400.0
        self.series = {"income": self.flows.sum(axis=1), "budget": np.full(8, budget), "staff": np.full(8, staff)}


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("refill_4", 0.5), ("budget_cut_4", 0.1), ("staff_cut_8", 0.04), ("cut_per_loss_4", 0.5),
     ("staff_per_budget_4", 0.4), ("refill_9", float("nan"))],
)  # fmt: skip
def test_quantities_of_money(quantity: str, expected: float) -> None:
    run, twin = Told(20, 10, 90, 0.96), Told(0, 0, 100, 1)
    assert measured(quantity, run, twin) == pytest.approx(expected, nan_ok=True)  # type: ignore[arg-type]
