"""Trials and the command on small worlds: readings have what patterns need, the page stands alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.simulation import Simulation
from abm.worlds.synthetic import published_population
from experiments.cli import main
from experiments.report.validation import page, strip
from experiments.validation import published_validation, readings
from experiments.validation import validate as validation
from experiments.validation.model_trials import cuts, deaths_after_exit, votes
from experiments.validation.model_trials.followers import percentiles
from experiments.validation.patterns.registry import PATTERNS, Plan
from experiments.validation.readings import SEED, scenario
from experiments.validation.validate import collect, score_pattern
from tests.worlds_small import among_few_states


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make trials of populations short."""
    monkeypatch.setattr(readings, "POPULATION_QUARTERS", 8)
    monkeypatch.setattr(readings, "MODULARITY_YEARS", 1)
    monkeypatch.setattr(deaths_after_exit, "BEFORE", 1)
    monkeypatch.setattr(deaths_after_exit, "WATCHED", 2)


@pytest.mark.usefixtures("short")
def test_a_population_is_read_for_the_model_and_both_nulls() -> None:
    found = readings.population(0)
    for reading in found.values():
        assert reading is not None
        assert sum(reading["years_by_size"]) == pytest.approx(sum(reading["years_by_age"]))
        assert sum(reading["years_by_size"]) == pytest.approx(2 * 334, rel=0.05)
        assert reading["modularity_range"][0] >= 0
    starts = [reading["modularity_start"] for reading in found.values() if reading]
    assert starts[0] == starts[1] == starts[2], "all three start from the same world"
    for pattern in PATTERNS:
        if pattern.trial == "population":
            assert score_pattern(pattern, [found])["verdict"] in ("in", "out")


@pytest.mark.usefixtures("short")
def test_deaths_are_told_by_what_is_left() -> None:
    reading = deaths_after_exit.deaths(1)["model"]
    assert reading is not None
    assert reading["bodies"] > 5
    assert reading["bodies_stay"] <= reading["bodies"]


def test_who_is_left_really_loses_the_member() -> None:
    simulation = Simulation(scenario("base", "world.start=2015Q1", "quarters=2"), (SEED, 0), published_population(0))
    usa = simulation.world.state_codes.index("USA")
    power = deaths_after_exit.great_power_exits(simulation.world, 0)
    assert simulation.world.member[usa, power.bodies].all()
    deaths_after_exit.gone_after(simulation, (power,))
    assert simulation.world.member[usa, power.bodies].mean() < 0.2, "some may be joined again at once"


def test_percentiles_rise_with_agreement() -> None:
    world = Simulation(scenario("unesco-2017", "quarters=4"), (SEED, 0)).world
    found = percentiles(world, "UNESCO")
    names = {world.state_codes[row]: value for row, value in found.items()}
    assert "USA" not in names
    assert names["ISR"] > 0.97 > 0.5 > names["CUB"]
    assert np.mean(list(found.values())) == pytest.approx(0.5, abs=0.01)


def test_votes_wrongly_lost_or_kept_are_counted() -> None:
    billed = [np.array([1.0, 1, 1, 1])] * 8
    owed, fragile, member = np.array([8.0, 8, 8, 3]), np.array([0.0, 0, 1, 0]), np.ones(4)
    lost = np.array([1.0, 0, 0, 1])
    assert votes.votes_against_rule(owed, billed, lost, fragile, member) == 2, (
        "one kept against the rule, one lost against it"
    )
    assert votes.votes_against_rule(owed, billed[:7], lost, fragile, member) == 0


def test_workers_change_nothing() -> None:
    one, two = (collect({"turn": 2}, workers) for workers in (1, 2))
    assert one == two
    assert len(one[0]["turn"]) == 2


def test_a_run_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def sometimes(number: int, _: tuple[str, ...]) -> readings.Readings:
        if number == 1:
            raise ValueError("no such luck")
        return {"model": {"swing": 0.15}, "n0": None, "n1": None}

    monkeypatch.setattr(validation, "TRIALS", {"turn": Plan(sometimes, 3)})
    (swing,) = (pattern for pattern in PATTERNS if pattern.id == 14)
    found = validation.validate([swing], workers=1)
    assert found["failed_runs"] == [{"trial": "turn", "run": 1, "error": "ValueError: no such luck"}]
    assert found["patterns"][0]["replicates"] == 2
    monkeypatch.setattr(validation, "TRIALS", {"turn": Plan(lambda *_: sometimes(1, ()), 2)})
    (entry,) = validation.validate([swing], workers=1)["patterns"]
    assert (entry["verdict"], entry["value"]) == ("not_tested", None)


def test_patterns_are_evaluated_under_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    (swing,) = (pattern for pattern in PATTERNS if pattern.id == 14)
    monkeypatch.setattr(validation, "PATTERNS", (swing,))
    monkeypatch.setattr(validation, "TRIALS", {"turn": Plan(votes.turn, 1)})
    assert validation.evaluate({}, workers=1)["14"] > 0.1
    assert validation.evaluate({"politics.turn_size": 0.0}, workers=1)["14"] == pytest.approx(0, abs=0.02)


def test_the_command_writes_a_page_and_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["validate", "--only", "14", "--out", str(tmp_path / "out"), "--workers", "1", "--json"]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    (entry,) = found["patterns"]
    assert found["quick"] is True
    assert entry["id"] == 14
    assert entry["verdict"] == "in"
    assert entry["discriminates"] is True
    html = (tmp_path / "out" / "validation.html").read_text()
    assert "http" not in html.replace("http://www.w3.org", "").replace("http-equiv", "")
    assert html.count("<figure>") == 1
    assert json.loads((tmp_path / "out" / "validation.json").read_text())["patterns"] == found["patterns"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "17"], "there is no pattern '17'"),
        (["--keep"], "only a full run of all patterns, as they are, is kept"),
        (["--episodes", "none.csv"], "no such table"),
        (["--set", "membership.intercpt=1"], "intercept"),
    ],
)
def test_wrong_use_is_one_message(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["validate", *arguments, "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_full_run_is_kept_compactly_and_stands_beside_a_quick_one(tmp_path: Path) -> None:
    (swing,) = (pattern for pattern in PATTERNS if pattern.id == 14)
    entry: dict[str, Any] = score_pattern(swing, [{"model": {"swing": 0.15}, "n0": None, "n1": None}])
    found = published_validation.with_provenance(
        {"patterns": [entry], "quick": False, "seconds": 1.0}, full=True, only=None
    )
    published_validation.write_published(found, tmp_path / "new" / "published_validation.json")
    held = json.loads((tmp_path / "new" / "published_validation.json").read_text())
    assert held["command"] == "abm validate --full"
    assert len(held["sources"]) == 64
    assert held["patterns"][0]["value"] == pytest.approx(0.15)
    assert "0.15 in" in page(found | {"quick": True}, held)


def test_a_dead_body_has_no_cuts() -> None:
    """Half of all bodies die in a year, large ones too, so that none is left when cuts and losses are taken."""
    small = ("vitality.decision_staff=1000000", "vitality.decision_members=2")
    settings = ("vitality.death_log_odds=0", "vitality.staff_log_odds=0", *small)
    with among_few_states():
        found, twice = (trial(0, settings)["model"] for trial in (cuts.cuts, cuts.twice))
    assert found is not None
    assert all(np.isnan(list(reading.values())).all() for reading in found.values())
    assert twice is not None
    assert all(np.isnan(list(twice.values())))


@pytest.mark.parametrize("published", [None, {"value": None}, {"value": 0.4}])
def test_a_figure_is_drawn_of_what_could_not_be_told(published: dict[str, float | None] | None) -> None:
    numbers = dict.fromkeys(("value", "low", "high", "n0_value", "n1_value", "band"))
    drawn = strip({"name": "Deaths", "verdict": "out", "n0": "out", "n1": "out", **numbers}, published)
    assert drawn.startswith("<svg")
    assert ("published" in drawn) == (published == {"value": 0.4})
