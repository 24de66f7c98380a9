"""Runs in which each process is set beside its transcription before it may propose."""

import copy
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, get_args

import numpy as np

from abm.config.experiment import Experiment
from abm.data.world_tables import Tables
from abm.processes.base import Process, Proposal
from abm.rng import Draws, Seed
from abm.schedule import PROCESSES, Step
from abm.simulation import Simulation, acts_of
from abm.state.world import FIELDS, World
from tests.liveness import limits
from tests.transcription import scheduled_shocks as section_7_1
from tests.transcription.reading import Luck, Outcome, Seen, Told

TOLERANCE = 1e-9
SCALES = {"USD": 1e3, "USD/quarter": 1e3}
"""Size below which a difference is judged by this size: 1 but for money, where sums of millions are taken away."""
Write = Callable[[Seen, Any, Luck], Outcome]
TRANSCRIPTIONS: dict[str, Write] = {
    name: getattr(import_module(f"tests.transcription.{name}"), name)
    for name in PROCESSES
    if name != "scheduled_shocks"
}
"""Of each process the function of its name in the module of its name; `scheduled_shocks` needs the acts, too."""


class Notes:
    """What a run's comparisons found: disagreements, what happened at all, and seconds that either text took."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.moved: set[tuple[str, str]] = set()
        self.events: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.loops = self.arrays = 0.0


class Compared(Process):
    """A process beside its transcription: proposes what the process proposes, and notes where they differ."""

    def __init__(self, process: Process, write: Write, luck: Luck, notes: Notes, probe: bool) -> None:
        self.process, self.write, self.luck, self.notes, self.probe = process, write, luck, notes, probe
        self.name, self.writes = process.name, process.writes  # type: ignore[misc]

    def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
        began = time.thread_time()
        expected = self.write(Seen(world), values, self.luck)
        self.notes.loops += time.thread_time() - began
        if self.probe:
            self.notes.seen |= set(visible(self.process, world, values, draws, self.notes.seen))
        began = time.thread_time()
        proposal = self.process.propose(world, values, draws)
        self.notes.arrays += time.thread_time() - began
        found = differences(world, self.process, expected, proposal)
        self.notes.wrong += [f"{self.name} in {world.quarter}: {what}" for what in found]
        self.notes.moved |= {
            (self.name, name) for name, new in proposal.fields.items() if not np.array_equal(new, getattr(world, name))
        }
        self.notes.events.update(event.kind for event in proposal.events)
        return proposal


def visible(process: Process, world: World, values: Any, draws: Draws, seen: set[str]) -> Iterator[str]:
    """Yield the parameters, but those already seen, that change the proposal by more than the tolerance if moved."""
    unseen = [key for key in process.parameters.model_fields if f"{process.name}.{key}" not in seen]
    usual = process.propose(world, values, copy.deepcopy(draws)) if unseen else Proposal()
    for key in unseen:
        field = process.parameters.model_fields[key]
        path, ends = f"{process.name}.{key}", limits(field)
        here = getattr(values, key)
        choices = ends or get_args(field.annotation)
        for other in choices:
            moved = values.model_copy(update={key: nudged(here, other, field.annotation is int) if ends else other})
            again = process.propose(world, moved, copy.deepcopy(draws))
            if any(differences(world, process, as_outcome(again), usual)):
                yield path
                break


def nudged(here: float, end: float, whole: bool) -> float:
    """A number moved a fifth of the way to an end of its range; a whole one by one at least."""
    step = (end - here) / 5
    return here + int(np.sign(step)) * max(1, round(abs(step))) if whole else here + step


def as_outcome(proposal: Proposal) -> Outcome:
    """A proposal as if a transcription had made it."""
    told = [(event.kind, event.actor, event.organization) for event in proposal.events]
    return Outcome(dict(proposal.fields), told, [dict(row) for row in proposal.founded])


def differences(world: World, process: Process, expected: Outcome, proposal: Proposal) -> Iterator[str]:
    """Yield what a proposal and its transcription do not share."""
    for name in sorted({*process.writes, *expected.fields}):
        old = getattr(world, name)
        yield from apart(name, np.asarray(expected.fields.get(name, old), float), proposal.fields.get(name, old))
    told = Counter((event.kind, event.actor, event.organization) for event in proposal.events)
    if told != Counter(expected.events):
        yield f"events {sorted((told - Counter(expected.events)).elements())} for {missing(expected.events, told)}"
    yield from births(world, expected.founded, list(proposal.founded))


def missing(events: list[Told], told: Counter[Told]) -> list[Told]:
    return sorted((Counter(events) - told).elements())


def apart(name: str, expected: np.ndarray, found: np.ndarray) -> Iterator[str]:
    """Yield the largest difference of a field beyond 1e-9 of the values' own size, or of its unit's scale."""
    if expected.shape != found.shape:
        yield f"{name} has shape {found.shape} for {expected.shape}"
        return
    scale = SCALES.get(FIELDS[name.removeprefix("new ")].unit, 1.0)
    gap = np.abs(expected - found) / np.maximum(scale, np.abs(expected))
    if gap.size and not gap.max() <= TOLERANCE:
        place = np.unravel_index(gap.argmax(), gap.shape)
        yield f"{name}[{', '.join(map(str, place))}] is {found[place]!r} for {expected[place]!r}"


def births(world: World, expected: list[dict[str, Any]], found: list[Any]) -> Iterator[str]:
    """Yield what differs between organizations to be founded: their keys, then every field of a row."""
    if [row["key"] for row in expected] != [row["key"] for row in found]:
        yield f"founds {[row['key'] for row in found]} for {[row['key'] for row in expected]}"
        return
    for one, other in zip(expected, found, strict=True):
        for name, declared in FIELDS.items():
            if "organization" in declared.dims and declared.dims.count("organization") == 1:
                shape = [world.size(dimension) for dimension in declared.dims if dimension != "organization"]
                rows = [np.broadcast_to(np.asarray(row.get(name, declared.fill), float), shape) for row in (one, other)]
                yield from apart(f"new {name}", *rows)


def compared(
    experiment: Experiment, seed: Seed, tables: Tables | None, notes: Notes, probe: bool = False
) -> Simulation:
    """A simulation all of whose processes are compared; `probe` notes which parameters they could tell apart."""
    simulation = Simulation(experiment, seed, tables)
    world = simulation.world
    ids = world.state_ids.tolist(), world.organization_ids.tolist()
    writes = TRANSCRIPTIONS | {"scheduled_shocks": of_shocks(experiment, world)}

    def beside(step: Step) -> Step:
        name = step.process.name
        return Step(
            Compared(step.process, writes[name], Luck(seed, step.process.stream or name, *ids), notes, probe),
            step.values,
            step.draws,
        )

    simulation.steps = [beside(step) for step in simulation.steps]
    return simulation


def of_shocks(experiment: Experiment, world: World) -> Write:
    """The transcription of `scheduled_shocks`; shocks name states of the world by code, and bodies by code or kind."""
    planned = []
    for number, shock in enumerate(experiment.shocks):
        actors = [world.state_codes.index(code) for code in shock.actor]
        bodies = [world.organization_codes.index(code) for code in named(shock)] or selected(experiment, world, number)
        planned += section_7_1.deeds(number, shock, actors, bodies)
    return lambda w, v, luck: section_7_1.scheduled_shocks(w, v, luck, planned)


def named(shock: Any) -> tuple[str, ...]:
    """The bodies that a shock names by code."""
    chosen = getattr(shock, "organizations", None)
    return chosen.names if chosen and chosen.by == "codes" else ()


def selected(experiment: Experiment, world: World, number: int) -> list[int]:
    """The bodies that stand for another selection, or -1 for a shock on none."""
    acts = [act for act in acts_of(experiment, world) if act.number == number]
    return [act.organization for act in acts if act.actor == acts[0].actor and not act.ends]
