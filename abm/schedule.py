"""The order of a quarter, in one place, and how a quarter runs.

A phase holds one or more processes that see the same world; it checks and commits what they propose. Two writers of
one field in a phase are an error when the plan is built.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from abm.config.errors import ConfigError
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.rng import Draws, Seed
from abm.state.world import FIELDS, Event, World, check, found

PHASES: tuple[tuple[str, str], ...] = (
    ("acts", "1 politics and shocks: scheduled shocks act"),
    ("politics", "1 politics and shocks: elections, governments"),
    ("departures", "1 politics and shocks: notices run, exits take effect"),
    ("distances", "1 politics and shocks: where everyone stands"),
    ("billing", "2 funding: dues, arrears, suspended votes"),
    ("funding", "2 funding: gifts, rescue, income"),
    ("operations", "3 operations: budget, staff, expertise, effectiveness"),
    ("vitality", "3 operations: sleep and death of organizations"),
    ("voting", "4 voting: resolutions and adopted positions"),
    ("legitimacy", "5 legitimacy: views and blame"),
    ("commitment", "6 membership: loyalty and neglect"),
    ("voice", "6 membership: threats"),
    ("membership", "6 membership: exit, review, return"),
    ("response", "6 membership: organizations respond"),
    ("deals", "6 membership: bilateral deals"),
    ("clubs", "7 clubs: founding, growth, decline"),
    ("leadership", "8 leadership: money, posts, agenda"),
    ("trust", "9 trust"),
)
"""The phases of a quarter in order; 10, the record, is taken after the last."""


class PlanError(ConfigError):
    """Processes that cannot run together: an unknown phase or field, or two writers of a field in one phase."""


@dataclass(frozen=True)
class Step:
    """One process in the plan with its parameters and its draws."""

    process: Process
    values: Parameters
    draws: Draws


def plan(
    processes: Sequence[Process], values: Mapping[str, Parameters], seed: Seed, world: World
) -> list[tuple[str, list[Step]]]:
    """Return the phases of a quarter in order, each with its steps. Raises PlanError."""
    state_ids = world.state_ids
    organization_ids = world.organization_ids
    order: dict[str, list[Step]] = {name: [] for name, _ in PHASES}
    for process in processes:
        step = Step(process, values[process.name], Draws(seed, process.name, state_ids, organization_ids))
        if process.phase.startswith("after "):
            order = _inserted(order, step)
        elif process.phase in order:
            order[process.phase].append(step)
        else:
            raise PlanError(f"{process.name} stands in an unknown phase {process.phase!r}; known are {list(order)}")
    for phase, steps in order.items():
        _check_writers(phase, steps)
    return [(phase, steps) for phase, steps in order.items() if steps]


def _inserted(order: Mapping[str, list[Step]], step: Step) -> dict[str, list[Step]]:
    """Return the phases with one of its own for a process that runs "after" another phase."""
    after = step.process.phase.removeprefix("after ")
    if after not in order:
        raise PlanError(f"{step.process.name} runs after an unknown phase {after!r}; known are {list(order)}")
    names = list(order)
    place = names.index(after) + 1
    while place < len(names) and any(other.process.phase == step.process.phase for other in order[names[place]]):
        place += 1  # behind those of the user's that stand there already
    names.insert(place, step.process.name)
    return {name: [step] if name == step.process.name else order[name] for name in names}


def _check_writers(phase: str, steps: Sequence[Step]) -> None:
    """Raise PlanError where two processes of a phase write one field, or one names a field that does not exist."""
    writers: dict[str, str] = {}
    for step in steps:
        for name in (*step.process.reads, *step.process.writes):
            if name not in FIELDS:
                raise PlanError(f"{step.process.name} names the field {name!r}, which the world does not have")
        for name in step.process.writes:
            if name in writers:
                raise PlanError(f"{writers[name]} and {step.process.name} both write {name} in phase {phase}")
            writers[name] = step.process.name


def commit(world: World, process: Process, proposal: Proposal, checked: bool = True) -> None:
    """Put what a process proposes into the world; raise ValueError for undeclared, misshapen or unbounded values."""
    for name, values in proposal.fields.items():
        if name not in process.writes:
            raise ValueError(f"{process.name} proposes {name} without declaring it")
        if checked:
            try:
                check(name, values, world)
            except ValueError as error:
                raise ValueError(f"{process.name} in quarter {world.quarter}: {error}") from error
        setattr(world, name, values)


def quarter(world: World, phases: Sequence[tuple[str, Sequence[Step]]], checked: bool = True) -> list[Event]:
    """Run one quarter in place: every phase proposes and commits; return its events. The clock moves on at the end."""
    events: list[Event] = []
    for _, steps in phases:
        proposals = [step.process.propose(world, step.values, step.draws) for step in steps]
        for step, proposal in zip(steps, proposals, strict=True):
            commit(world, step.process, proposal, checked)
            events += [_named(world, event) for event in proposal.events]
            for row in proposal.founded:
                born = Event("founded", int(row["founder"]), found(world, row), str(row["code"]))
                events.append(_named(world, born))
    return events


def _named(world: World, event: Event) -> Event:
    """Return the event with the code of its organization, before the row can go to another one."""
    row = event.organization
    return event._replace(code=world.organization_codes[row]) if row >= 0 else event
