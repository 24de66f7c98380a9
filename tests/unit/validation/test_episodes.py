"""Episodes: what pairs of runs tell of an observation, why others do not, and what agrees."""

import json
from pathlib import Path

import numpy as np
import pytest

from abm.events import Event
from experiments.cli import main
from experiments.validation.episode_quantities import value_or_reason
from experiments.validation.episodes import compare_episodes, compare_observation
from experiments.validation.observations import Observation, observations
from experiments.validation.simulated_accounts import Books
from experiments.validation.text_tables import episode_table
from tests.episodes_small import HEAD, SCENARIO

START = 100
USA, GBR, ISR = 0, 1, 2


def row(
    quantity: str, observed: float, low: float | None = None, high: float | None = None, noise: float = 0.0
) -> Observation:
    """Return an observation."""
    low, high = observed if low is None else low, observed if high is None else high
    return Observation("an exit", "x", "O001", quantity, observed, low, high, noise, "no", "", "", "t.csv:2")


def books(
    lost: float | np.ndarray = 0.0,
    given: float = 0.0,
    budget: float = 100.0,
    staff: float = 1.0,
    events: tuple[tuple[int, Event], ...] = (),
    quarters: int = 20,
) -> Books:
    """Return the books of a run that starts with the act; the leaver pays `lost` less than its 20 of 100 a quarter."""
    made = Books("")
    made.codes = ("USA", "GBR", "ISR")
    made.flows = np.tile([20.0, 80 + given, 0.0], (quarters, 1))
    made.flows[:, 0] -= lost
    made.leavers = np.array([1.0, 0, 0])
    made.yearly_budget = 400.0
    made.start = made.first_act = START
    made.end = START + quarters - 1
    made.series = {
        "income": made.flows.sum(axis=1), "budget": np.full(quarters, budget), "staff": np.full(quarters, staff),
        "spending": np.full(quarters, budget),
    }  # fmt: skip
    made.events = [(START + after, event) for after, event in events]
    return made


SAID, LEFT = (0, Event("announce", USA)), (2, Event("exit", USA))
DEATH = Event("death")


def test_a_number_agrees_where_its_range_meets_the_runs() -> None:
    values = np.linspace(0, 1, 101).tolist()
    assert compare_observation(row("refill_4", 0.5), values)["inside"]
    assert not compare_observation(row("refill_4", 0.97), values)["inside"]
    assert compare_observation(row("refill_4", 0.97, 0.9, float("inf")), values)["inside"]


def test_what_happens_agrees_where_one_run_in_twenty_does_it() -> None:
    assert compare_observation(row("back_20", 1), [1.0] + [0.0] * 19)["inside"]
    assert not compare_observation(row("back_20", 1), [1.0] + [0.0] * 20)["inside"]


@pytest.mark.parametrize("runs", [16, 20, 40, 41, 100, 500])
def test_counts_agree_as_what_happens_does(runs: int) -> None:
    """With followers 0 or 1, the count says what one named follower says; its ends are whole numbers."""
    for ones in range(runs + 1):
        values = [1.0] * ones + [0.0] * (runs - ones)
        for observed in (0, 1):
            count = compare_observation(row("followers", observed), values)
            assert count["inside"] == compare_observation(row("follower:GBR", observed), values)["inside"]
            assert {count["low"], count["high"]} <= {0.0, 1.0}


def test_why_runs_do_not_tell_is_counted() -> None:
    entry = compare_observation(
        row("refill_4", 0.5), [0.5, "organization died", 0.5, "organization died", "run too short"]
    )
    assert (entry["inside"], entry["told"], entry["mean"]) == (True, 2, 0.5)
    assert entry["reason"] == "organization died in 2 of 5 runs; run too short in 1 of 5 runs"
    none = compare_observation(row("refill_4", 0.5), ["nobody left"] * 3)
    assert (none["inside"], none["told"], none["mean"], none["low"], none["high"]) == (None, 0, None, None, None)
    assert none["reason"] == "nobody left"
    assert compare_observation(row("refill_4", 0.5), [0.5])["reason"] is None
    printed = episode_table([entry, none])
    assert printed[0][-1] == "why not told"
    assert printed[2][-3:] == ("not told", "no", "nobody left")


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("refill_4", 0.5), ("budget_cut_4", 0.1), ("staff_cut_8", 0.04), ("cut_per_loss_4", 0.5),
     ("staff_per_budget_4", 0.4), ("refill_20", 0.5), ("refill_21", "run too short"),
     ("budget_cut_21", "run too short")],
)  # fmt: skip
def test_quantities_of_money(quantity: str, expected: float | str) -> None:
    run = books(20, 10, 90, 0.96, (SAID, LEFT))
    assert value_or_reason(quantity, run, books()) == (
        expected if isinstance(expected, str) else pytest.approx(expected)
    )


@pytest.mark.parametrize("quantity", ["refill_8", "budget_cut_8", "cut_per_loss_8", "staff_cut_8"])
def test_a_body_that_has_died_by_then_tells_nothing_of_money(quantity: str) -> None:
    run, twin = books(20, 10, 90, 0.96, (SAID, LEFT)), books()
    later = (8, DEATH)  # the first quarter after the eight
    outlived = books(20, 10, 90, 0.96, (SAID, LEFT, later))
    assert isinstance(value_or_reason(quantity, outlived, books(events=(later,))), float)
    dead = ((7, Event("replaced")),)
    assert value_or_reason(quantity, books(20, 10, 90, 0.96, (SAID, LEFT, *dead)), twin) == "organization died"
    assert value_or_reason(quantity, run, books(events=dead)) == "organization died"


def test_a_twin_that_dies_before_money_falls_is_told_as_death() -> None:
    """From there on it gives less than the run, so that no loss is to be seen."""
    twin = books(lost=np.array([0.0, 0.0] + [20.0] * 18), events=((2, DEATH),))
    assert value_or_reason("refill_8", books(events=(SAID,)), twin) == "organization died"


@pytest.mark.parametrize(
    ("loss", "after", "expected"),
    [
        ([20.0] * 4 + [9.0] * 16, 8, "loss of that year under half of the first year's"),
        ([20.0] * 4 + [11.0] * 16, 8, 10 / 11),
        ([20.0] * 4 + [0.0] * 16, 8, "loss of that year under 1 % of the budget"),
        ([0.9] * 20, 4, "loss of that year under 1 % of the budget"),
        ([0.09] * 20, 4, "loss under .1 % of the budget"),
    ],
)
def test_refill_of_next_to_nothing_is_not_told(loss: list[float], after: int, expected: float | str) -> None:
    found = value_or_reason(f"refill_{after}", books(np.array(loss), 10, events=(SAID, LEFT)), books())
    assert found == (expected if isinstance(expected, str) else pytest.approx(expected))


def test_ratios_to_next_to_nothing_are_not_told() -> None:
    run = books(0.9, 0, 99.5, 0.9, (SAID, LEFT))
    assert value_or_reason("cut_per_loss_8", run, books()) == "share of income lost under 1 %"
    assert value_or_reason("staff_per_budget_8", run, books()) == "cut of the budget under 1 %"


def test_a_light_body_has_no_money() -> None:
    run, twin = books(events=(SAID, LEFT)), books()
    run.yearly_budget = 0.0
    assert value_or_reason("staff_cut_4", run, twin) == "light organization without money of its own"


def test_an_act_that_does_not_take_place_has_no_consequences() -> None:
    threat = (4, Event("threat", USA))  # of the leaver, with and without the shock
    run = books(
        events=((0, Event("no_effect", USA, details={"reason": "no_member"})), threat, (5, Event("announce", GBR)))
    )
    for quantity in ("followers", "follower:GBR", "back_4", "refill_4", "staff_cut_4"):
        assert value_or_reason(quantity, run, books(events=(threat,))) == "no act took place"


def test_followers_are_told_of_three_whole_years() -> None:
    events = (SAID, LEFT, (12, Event("announce", GBR)), (13, Event("announce", ISR)))
    run = books(events=events)
    assert value_or_reason("followers", run, books()) == 1
    assert value_or_reason("follower:GBR", run, books()) == 1
    assert value_or_reason("follower:ISR", run, books()) == 0
    assert value_or_reason("followers", books(events=events[:2], quarters=13), books(quarters=13)) == 0
    assert value_or_reason("followers", books(events=events[:2], quarters=12), books(quarters=12)) == "run too short"
    assert value_or_reason("followers", books(events=(*events, (12, DEATH))), books()) == "organization died"
    assert value_or_reason("followers", books(events=(*events, (14, DEATH))), books()) == 1


def test_returns_are_told_from_the_effect_on() -> None:
    back = (7, Event("return", USA))
    run = books(events=(SAID, LEFT, back))
    assert [value_or_reason(f"back_{after}", run, books()) for after in (4, 5, 17, 18)] == [0, 1, 1, "run too short"]
    assert value_or_reason("back_4", books(events=(SAID, (1, Event("return", USA)))), books()) == "nobody left"
    assert value_or_reason("back_4", books(events=(SAID,)), books()) == "run too short", "its notice still runs"
    assert value_or_reason("back_4", books(events=(SAID, LEFT, (6, DEATH))), books()) == "organization died"
    assert value_or_reason("back_4", books(events=(SAID, LEFT, back, (8, DEATH))), books()) == 0


def test_a_notice_that_outlasts_the_run_is_no_exit_without_loss() -> None:
    assert value_or_reason("refill_4", books(events=(SAID,)), books()) == "run too short"
    assert value_or_reason("refill_4", books(events=(SAID, LEFT)), books()) == "loss under .1 % of the budget"


def test_a_scenario_of_ones_own_is_compared(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SCENARIO)
    cells = ["followers,0", "back_4,0", "back_30,0", "refill_4,0", "budget_cut_4,0.1", "staff_per_budget_4,0.5"]
    (tmp_path / "t.csv").write_text(HEAD + "".join(f"a,own.yaml,O001,{cell},,,no,,\n" for cell in cells))
    found = compare_episodes(observations(tmp_path / "t.csv"), 2, workers=1)
    assert [entry["quantity"] for entry in found] == [cell.split(",")[0] for cell in cells]
    assert [entry["runs"] for entry in found] == [2] * 6
    assert (found[2]["told"], found[2]["reason"]) == (0, "run too short")
    assert found[4]["mean"] > 0.02, "the largest payer of the richest body left"


def test_a_run_lasts_as_long_as_its_scenario(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SCENARIO.replace("quarters: 20", "quarters: 50"))
    (tmp_path / "t.csv").write_text(HEAD + "a,own.yaml,O001,back_44,1,,,,,\n")
    always = ("membership.return_rate=1", "membership.new_party_return_rate=1", "vitality.death_log_odds=-12")
    (entry,) = compare_episodes(observations(tmp_path / "t.csv"), 1, workers=1, overrides=always)
    assert (entry["told"], entry["mean"]) == (1, 1.0)


def test_the_command_passes_overrides_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.yaml").write_text(SCENARIO)
    (tmp_path / "t.csv").write_text(HEAD + "a,own.yaml,O001,followers,0,,,,,\n")
    arguments = ["validate", "--episodes", str(tmp_path / "t.csv"), "--out", str(tmp_path / "out"), "--workers", "1"]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--set", "quarters=3", "--json"])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    assert found["overrides"] == ["quarters=3"]
    assert found["episodes"][0]["reason"] == "run too short"
    assert json.loads((tmp_path / "out" / "episodes.json").read_text()) == found


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--only", "14"], "leave it out beside --episodes"),
     (["--keep", "--set", "quarters=100"], "only the known episodes, as they are, are kept"),
     (["--set", "quartes=3"], "episodes.csv:2: ")],
)  # fmt: skip
def test_options_that_do_not_fit_are_refused(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["validate", "--episodes", "known", *options, "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_cut_begins_when_a_twentieth_less_is_spent_than_in_the_twin() -> None:
    run, twin = books(events=(SAID, LEFT)), books()
    run.series["spending"] = np.array([100.0, 96.0, 94.0, *[90.0] * 17])
    assert value_or_reason("cut_begins", run, twin) == 2
    run.series["spending"] = np.full(20, 96.0)
    assert value_or_reason("cut_begins", run, twin) == 20
