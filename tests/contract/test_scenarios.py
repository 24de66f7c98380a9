"""Every shipped scenario, quickly among few states: accounts, bounds, shares and ranges hold in every quarter."""

import pytest

from abm.calendar import parse_quarter
from abm.config.reader import load_experiment, shipped
from abm.recording import record
from abm.schedule import quarter
from abm.simulation import Simulation
from tests.bookkeeping import audited, outside, run_audited, scenario_run

NAMES = [config.name for config in shipped() if config.kind == "scenario"]
SHORT = 8


@pytest.mark.parametrize("name", NAMES)
def test_accounts_bounds_and_shares_hold(name: str) -> None:
    _, wrong = scenario_run(name, SHORT)
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_measures_stay_in_their_range(name: str) -> None:
    recording, _ = scenario_run(name, SHORT)
    assert len(recording.series.system) == SHORT
    assert outside(recording) == []


@pytest.mark.parametrize("name", NAMES)
def test_shocks_are_told_from_their_date_on(name: str) -> None:
    """Each shock due in the first quarters leaves a line in the story, none before it is announced."""
    recording, _ = scenario_run(name, SHORT)
    simulation = recording.simulation
    first = simulation.world.start
    for shock in load_experiment(name).shocks:
        delay = getattr(shock, "audit_quarters", 0)
        date = parse_quarter(shock.announced) + delay
        if shock.probability == 1 and shock.condition is None and date < first + SHORT:
            actor = simulation.world.state_codes.index(shock.actor) if shock.actor == "USA" else None
            told = [event for quarter, event in recording.events if quarter == date]
            assert [event for event in told if actor is None or event.actor == actor], shock


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_all_of_it_holds_to_the_end(name: str) -> None:
    recording, wrong = scenario_run(name)
    assert wrong == []
    assert outside(recording) == []


def test_return_leads_back_and_nowhere_else() -> None:
    """Coming back, the United States joins no body that it was no member of before, and no dead one."""
    simulation = Simulation(load_experiment("return-2029").model_copy(update={"quarters": 20}), (1, 0))
    world, usa = simulation.world, simulation.world.state_codes.index("USA")
    before = world.member[usa].copy()
    recording = record(simulation)
    assert not (world.member[usa, : world.built] > before).any()
    assert not (world.member.any(axis=0) & (world.alive == 0)).any()
    assert {event.kind for _, event in recording.events if event.actor == usa} >= {"announce", "exit", "return"}


def test_ledger_finds_what_is_wrong() -> None:
    """The checks themselves: lost dues, hidden income, a share too many and a field out of bounds are found."""
    experiment = load_experiment("base").model_copy(update={"quarters": 1})
    found = {}
    for name in ("kept_share", "arrears", "reserves", "posts_share", "credibility"):
        simulation = Simulation(experiment, (1, 0))
        ledger = audited(simulation)
        quarter(simulation.world, simulation.steps[: _after(simulation, "operations")])
        broken = getattr(simulation.world, name) * 1.01 + 1
        setattr(simulation.world, name, broken)
        ledger.after_funding(simulation.world)
        ledger.after_operations(simulation.world)
        ledger.after_quarter(simulation.world)
        found[name] = " ".join(ledger.wrong)
    assert "kept_share is in" in found["kept_share"]
    assert "due is not paid" in found["arrears"]
    assert "change of reserves" in found["reserves"]
    assert "more than all posts" in found["posts_share"]
    assert "credibility is in" in found["credibility"]


def test_ledger_finds_lost_dues() -> None:
    simulation = Simulation(load_experiment("base").model_copy(update={"quarters": 1}), (1, 0))
    simulation.world.kept_share = simulation.world.kept_share * 0.9
    assert any("received" in line for line in run_audited(simulation))


def _after(simulation: Simulation, name: str) -> int:
    return [step.process.name for step in simulation.steps].index(name) + 2
