"""Which fields each process looks at and which it writes, noted while lively runs of a small world reach every branch.

The ODD has it as a table.
"""

import dataclasses
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from abm.processes.base import Process, Proposal
from abm.schedule import PROCESSES, commit
from abm.shocks.kinds import SHOCKS
from abm.simulation import Simulation
from abm.state.world import FIELDS, World, add_organization
from tests.worlds_small import cut_experiment, cut_tables

OPTIONS: dict[str, Any] = {
    "clubs__intercept": -1.0,
    "membership__return_rate": 0.9,
    "voice__threat_rate": 0.05,
    "dues__lapse_rate": 0.5,
    "membership__intercept": -4.0,
    "membership__lobby_log_odds": 1.0,
    "membership__rival_log_odds": 1.0,
    "membership__distance_from": "position",
    "politics__baseline": "moving",
    "funding__bandwagon": 0.5,
    "funding__pooling": 0.5,
    "funding__domestic_response": 0.3,
    "commitment__impunity_weight": 0.5,
    "commitment__rally_weight": 0.5,
    "operations__obstruction_weight": 0.5,
    "vitality__death_log_odds": -1.0,
    "legitimacy__rivals": "rally",
    "legitimacy__recipient_weight": 0.5,
    "exits__lobby_response": 1.0,
    "exits__contagion_from": "announcement",
    "dues__lost_vote_demobilization": 0.5,
    "trust__label_weight": 0.1,
    "membership__decline_log_odds": 0.7,
    "funding__lobby_weight": 0.5,
    "funding__fund_quarters": 4.0,
}
"""Everything that is off or rare at the defaults."""


class Touched(NamedTuple):
    """The fields that a process reads, and those that it writes."""

    read: set[str]
    written: set[str]


class Watched(World):
    """A world that notes which of its fields are looked at."""

    seen: set[str] = set()  # noqa: RUF012 - one notebook for all of them

    def __getattribute__(self, name: str) -> Any:
        if name in FIELDS:
            Watched.seen.add(name)
        return super().__getattribute__(name)


def watched(world: World) -> World:
    """Return a view of the world that notes what is looked at; the arrays are the same, nothing is derived yet."""
    view = dataclasses.replace(world)
    view.__class__ = Watched
    return view


def reads_of(look: Callable[[World], object], world: World) -> set[str]:
    """Return the fields that a function looks at."""
    view = watched(world)
    Watched.seen.clear()
    look(view)
    return set(Watched.seen)


def looked_at(process: Process, world: World, values: Any, draws: Any) -> tuple[set[str], Proposal]:
    """Return the fields that a process looks at, and its proposal."""
    proposals: list[Proposal] = []
    fields = reads_of(lambda view: proposals.append(process.propose(view, values, draws)), world)
    return fields, proposals[0]


def every_shock() -> Iterator[dict[str, Any]]:
    """One shock of every kind by each of two states, the second with what the first has at its default."""
    given = {"organizations": ["WHO", "UNFCCC", "IPCC", "WTO"], "issue_area": "climate-environment"}
    first = given | {
        "actor": "USA",
        "announced": "2025Q1",
        "government": "internationalist",
        "audit_quarters": 1,
        "position": [1.0, 0.0],
        "action": "suspend",
    }
    second = first | {
        "actor": "CHN",
        "announced": "2025Q3",
        "government": "sovereigntist",
        "demand": [0.5, 0.5],
        "action": "expel",
    }
    for kind, model in SHOCKS.items():
        for values in (first, second):
            yield {name: value for name, value in values.items() if name in model.model_fields} | {"kind": kind}


@cache
def touched() -> dict[str, Touched]:
    """What each process reads and writes over ten quarters, at the defaults and with everything switched on."""
    notes = {name: Touched(set(), set()) for name in PROCESSES}
    for options in ({}, OPTIONS):
        experiment = cut_experiment(quarters=10, shocks=list(every_shock()), **options)
        simulation = Simulation(experiment, (3, 0), cut_tables())
        for _ in range(experiment.quarters):
            for step in simulation.steps:
                fields, proposal = looked_at(step.process, simulation.world, step.values, step.draws)
                notes[step.process.name].read.update(fields)
                notes[step.process.name].written.update(proposal.fields)
                commit(simulation.world, step.process, proposal)
                for row in proposal.founded:
                    add_organization(simulation.world, row)
            simulation.world.quarter += 1
    return notes
