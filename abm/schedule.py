"""The order of a quarter: which process runs when, and why there; and how a quarter runs.

A process sees the world as the one before it left it. What it proposes is checked and committed before the next runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from abm.config.errors import ConfigError
from abm.events import Event, recorded
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.processes.clubs import Clubs
from abm.processes.commitment import Commitment
from abm.processes.deals import Deals
from abm.processes.dues import Dues
from abm.processes.exits import Exits
from abm.processes.funding import Funding
from abm.processes.leadership import Leadership
from abm.processes.legitimacy import Legitimacy
from abm.processes.membership import Membership
from abm.processes.operations import Operations
from abm.processes.politics import Politics
from abm.processes.response import Response
from abm.processes.scheduled_shocks import ScheduledShocks
from abm.processes.trust import Trust
from abm.processes.vitality import Vitality
from abm.processes.voice import Voice
from abm.processes.voting import Voting
from abm.rng import Draws, Seed
from abm.state.world import FIELDS, World, add_organization, complaint, fits

SCHEDULE: dict[str, tuple[tuple[type[Process], str], ...]] = {
    "1 politics and shocks": (
        (
            ScheduledShocks,
            "First, so that a shock dated q acts in q and all that follows in the quarter answers it.",
        ),
        (Politics, "After shocks, which may change governments; positions give the distances that all others use."),
        (Exits, "Before dues are billed: from its effect on, an exit owes none."),
    ),
    "2 funding": (
        (Dues, "Before voluntary money: the gap to be closed is what dues leave open."),
        (Funding, "Before operations: spending needs income."),
    ),
    "3 operations": (
        (Operations, "Spends what has come in."),
        (Vitality, "Judges what operations left; the dead neither meet nor are judged."),
    ),
    "4 voting": ((Voting, "Before legitimacy, which judges where the organization has moved."),),
    "5 legitimacy": ((Legitimacy, "Before commitment, voice and membership, which act on views."),),
    "6 membership": (
        (Commitment, "Neglect is the quietest answer to a view; from here on answers get louder."),
        (Voice, "Threats come before exits."),
        (Membership, "Exit is the loudest answer; returns are drawn with it."),
        (Response, "Answers the exits announced this quarter."),
        (Deals, "Deals replace what leavers lost, while their exits are fresh."),
    ),
    "7 clubs": ((Clubs, "Clubs fill the gaps that exits leave, once it is known who has announced one."),),
    "8 leadership": ((Leadership, "Shares out influence when all money and seats of the quarter are known."),),
    "9 trust": ((Trust, "Last: it remembers the announcements of the whole quarter."),),
}
"""The processes in order, by numbered stage, each with the reason for its place; recording comes last."""

PROCESSES: dict[str, type[Process]] = {process.name: process for turns in SCHEDULE.values() for process, _ in turns}
"""The processes by name, in order."""


class PlanError(ConfigError):
    """Processes that cannot run together: an unknown place or field, or two with the same name."""


@dataclass(frozen=True)
class Step:
    """One process in the plan with its parameters and its draws."""

    process: Process
    values: Parameters
    draws: Draws


def inserted(processes: Sequence[Process], own: Iterable[tuple[Process, str]]) -> list[Process]:
    """Return the processes together with a user's own, each right after the process named with it.

    Several after the same one keep the order given. Raises PlanError for an unknown name.
    """
    order, last = list(processes), dict[str, str]()
    for process, after in own:
        names = [other.name for other in order]
        if after not in names:
            raise PlanError(f"{process.name} is to run after {after!r}, which does not exist; known are {names}")
        order.insert(names.index(last.get(after, after)) + 1, process)
        last[after] = process.name
    return order


def plan(processes: Sequence[Process], values: Mapping[str, Parameters], seed: Seed, world: World) -> list[Step]:
    """Return the steps of a quarter, one for each process in the order given. Raises PlanError."""
    names = [process.name for process in processes]
    for process in processes:
        if names.count(process.name) > 1:
            raise PlanError(f"two processes have the name {process.name!r}")
        for field in process.writes:
            if field not in FIELDS:
                raise PlanError(f"{process.name} writes the field {field!r}, which the world does not have")
    ids = world.state_ids, world.organization_ids
    return [
        Step(process, values[process.name], Draws(seed, process.stream or process.name, *ids)) for process in processes
    ]


def commit(world: World, process: Process, proposal: Proposal) -> None:
    """Write what a process proposes into the world.

    Raises ValueError for values that are undeclared, have the wrong shape or are out of bounds.
    """
    for name, values in proposal.fields.items():
        if name not in process.writes:
            raise ValueError(f"{process.name} proposes {name} without declaring it")
        before = getattr(world, name)
        if values is before:
            continue
        if not fits(name, values, before.shape):
            raise ValueError(f"{process.name} in quarter {world.quarter}: {complaint(name, values, before.shape)}")
        world.put(name, values)


def quarter(world: World, steps: Sequence[Step]) -> list[Event]:
    """Run one quarter in place, process by process: each proposal is committed before the next; return the events.

    The caller advances the clock.
    """
    events: list[Event] = []
    for step in steps:
        proposal = step.process.propose(world, step.values, step.draws)
        commit(world, step.process, proposal)
        events += [_recorded(world, step.process, event) for event in proposal.events]
        for row in proposal.founded:
            born = Event("founded", int(row["founder"]), add_organization(world, row))
            events.append(_recorded(world, step.process, born))
    return events


def _recorded(world: World, process: Process, event: Event) -> Event:
    """Return a checked event with the code of its organization, before another one can take over the row."""
    row = event.organization
    return recorded(event, world.organization_codes[row] if row >= 0 else "", process.event_kinds)
