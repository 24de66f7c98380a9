"""Every process declares the fields that it reads and writes: no more, no less, in worlds that reach every branch."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from abm.processes import PROCESSES
from abm.processes.base import Process, Proposal
from abm.schedule import commit
from abm.shocks.kinds import SHOCKS
from abm.simulation import Simulation
from abm.state.world import FIELDS, World, found
from tests.worlds_small import Luck, cut_experiment, cut_tables, small_world

OPTIONS: dict[str, Any] = {
    "clubs__intercept": -1.0,
    "membership__return_rate": 0.9,
    "voice__threat_rate": 0.05,
    "dues__lapse_rate": 0.5,
    "membership__intercept": -4.0,
    "membership__lobby_log_odds": 1.0,
    "membership__rival_log_odds": 1.0,
    "membership__contagion_form": "aligned",
    "politics__baseline": "moving",
    "funding__bandwagon": 0.5,
    "funding__pooling": 0.5,
    "funding__domestic_response": 0.3,
    "commitment__impunity_weight": 0.5,
    "vitality__death_log_odds": -1.0,
    "legitimacy__rivals": "rally",
    "legitimacy__recipient_weight": 0.5,
    "departures__lobby_response": 1.0,
    "departures__contagion_from": "announcement",
    "dues__lost_vote_demobilization": 0.5,
    "trust__label_weight": 0.1,
    "membership__decline_log_odds": 0.7,
    "funding__lobby_weight": 0.5,
    "funding__fund_quarters": 4.0,
}
"""Everything that is off or rare at the defaults."""


class Watched(World):
    """A world that notes which of its fields are looked at."""

    seen: set[str] = set()  # noqa: RUF012 - one notebook for all of them

    def __getattribute__(self, name: str) -> Any:
        if name in FIELDS:
            Watched.seen.add(name)
        return super().__getattribute__(name)


def watched(world: World) -> World:
    """Return a view of the world that notes what is looked at; the arrays are the same."""
    view = copy.copy(world)
    view.__class__ = Watched
    return view


def looked_at(process: Process, world: World, values: Any, draws: Any) -> tuple[set[str], Any]:
    """Return the fields that a process reads and does not write itself, and its proposal."""
    view = watched(world)
    Watched.seen.clear()
    proposal = process.propose(view, values, draws)
    return Watched.seen - set(process.writes), proposal


def every_shock() -> Iterator[dict[str, Any]]:
    """One shock of every kind by each of two states, the second with what the first has at its default."""
    given = {"organizations": ["WHO", "UNFCCC", "IPCC", "WTO"], "issue_area": "climate-environment"}
    first = given | {"actor": "USA", "announced": "2025Q1", "government": "internationalist", "audit_quarters": 1}
    second = first | {"actor": "CHN", "announced": "2025Q3", "government": "sovereigntist", "demand": [0.5, 0.5]}
    for kind, model in SHOCKS.items():
        for values in (first, second):
            yield {name: value for name, value in values.items() if name in model.model_fields} | {"kind": kind}


@pytest.fixture(scope="module")
def touched() -> dict[str, tuple[set[str], set[str]]]:
    """What each process reads and writes over ten quarters, at the defaults and with everything switched on."""
    touched: dict[str, tuple[set[str], set[str]]] = {name: (set(), set()) for name in PROCESSES}
    for options in ({}, OPTIONS):
        experiment = cut_experiment(quarters=10, shocks=list(every_shock()), **options)
        simulation = Simulation(experiment, (3, 0), cut_tables())
        for _ in range(experiment.quarters):
            for _, steps in simulation.phases:
                for step in steps:
                    fields, proposal = looked_at(step.process, simulation.world, step.values, step.draws)
                    read, written = touched[step.process.name]
                    read |= fields
                    written |= set(proposal.fields)
                    commit(simulation.world, step.process, proposal)
                    for row in proposal.founded:
                        found(simulation.world, row)
            simulation.world.quarter += 1
    return touched


@pytest.mark.parametrize("name", PROCESSES)
def test_declared_fields_are_those_touched(name: str, touched: dict[str, tuple[set[str], set[str]]]) -> None:
    process, (read, written) = PROCESSES[name], touched[name]
    assert sorted(read - set(process.reads)) == [], "read and not declared"
    assert sorted(set(process.reads) - read) == [], "declared and never read"
    assert written == set(process.writes)


@pytest.mark.parametrize("name", PROCESSES)
def test_reads_stand_in_the_order_of_the_fields(name: str) -> None:
    order = list(FIELDS)
    reads = [order.index(field) for field in PROCESSES[name].reads]
    assert reads == sorted(reads)
    assert not set(PROCESSES[name].reads) & set(PROCESSES[name].writes)


class Careless(Process):
    """Reads what it does not declare, once as a mean over members."""

    name, phase, writes = "careless", "trust", ("trust",)

    def propose(self, world: World, values: Any, draws: Any) -> Proposal:
        return Proposal({"trust": world.trust * world.members.any() * world.credibility})


def test_undeclared_reads_are_found() -> None:
    world = small_world()
    fields, proposal = looked_at(Careless(), world, None, Luck(world))
    assert fields == {"member", "credibility"}
    assert set(proposal.fields) == {"trust"}
