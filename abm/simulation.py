"""One run: a world and its plan, stepped quarter by quarter before the eyes of observers.

A simulation keeps nothing of what happens; `abm.recording` holds the observers that do.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from abm.calendar import parse_quarter
from abm.config.experiment import Experiment
from abm.config.plugins import find_process
from abm.data.tables import Tables, ranked_codes, read_tables
from abm.measures import Snapshot
from abm.processes import PROCESSES
from abm.processes.acts import Acts
from abm.processes.base import Process
from abm.rng import Seed
from abm.schedule import plan, quarter
from abm.shocks.effects import DatedAct, dated
from abm.shocks.kinds import Act, actors, select
from abm.shocks.targets import organizations_standing_in, states_standing_in, world_names
from abm.state.world import Array, Event, World
from abm.worlds.initialize import build, tables_of

CHECK_EVERY = 20
"""Quarters from one check of all committed values to the next; what is not finite stays so until it is found."""


class Observer(Protocol):
    """Whoever watches a run, to take something down or to end it by raising an error."""

    def begin(self, simulation: "Simulation") -> None:
        """Look at a simulation before its first quarter that is watched."""

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Look at the world at the end of a quarter, and at what happened in it; `world.quarter` is that quarter."""


class Simulation:
    """A run of an experiment with one seed. `step` runs a quarter; `run` all that are left."""

    def __init__(
        self,
        experiment: Experiment,
        seed: Seed,
        tables: Tables | None = None,
        target: Experiment | None = None,
    ) -> None:
        """Build the world and the plan.

        `target` is the experiment whose shocks say which bodies and states measures look at (the run with shocks, for
        its twin); the experiment itself by default.
        """
        self.experiment = experiment
        self.tables = tables_of(experiment) if tables is None else tables
        self.world = build(experiment, seed, self.tables)
        schedule = acts_of(experiment, self.world)
        aimed = schedule if target is None else acts_of(target, self.world)
        self.shocked, self.focus = aims(self.world, aimed)
        self.actors = np.zeros_like(self.focus)
        self.actors[[act.actor for act in aimed]] = 1.0
        self.first_acts = first_acts(self.world, aimed)
        self.leavers = leavers(self.world, aimed)
        processes = [Acts(schedule) if process is Acts else process() for process in PROCESSES.values()]
        processes += own_processes(experiment)
        values = {process.name: experiment.values_of(process) for process in processes}
        self.phases = plan(processes, values, seed, self.world)
        self._start_position = self.world.organization_position
        self._start_leader = self.world.agenda.argmax(axis=0)

    @property
    def finished(self) -> bool:
        """Return whether the last quarter has been run."""
        return self.world.quarter >= self.world.start + self.experiment.quarters

    def snapshot(self) -> Snapshot:
        """Return the world as measures see it."""
        return Snapshot(self.world, self.focus, self._start_position, self._start_leader)

    def step(self, observers: Sequence[Observer] = ()) -> list[Event]:
        """Run one quarter, show it to the observers, and return its events."""
        world = self.world
        age = world.quarter - world.start
        checked = age % CHECK_EVERY == 0 or age == self.experiment.quarters - 1
        events = quarter(world, self.phases, checked)
        snapshot = self.snapshot()
        for observer in observers:
            observer.after_quarter(snapshot, events)
        world.quarter += 1
        return events

    def run(self, observers: Sequence[Observer] = (), quarters: int | None = None) -> None:
        """Run all quarters that are left, or so many of them, before the eyes of observers."""
        for observer in observers:
            observer.begin(self)
        last = self.world.start + self.experiment.quarters
        last = last if quarters is None else min(last, self.world.quarter + quarters)
        while self.world.quarter < last:
            self.step(observers)


def own_processes(experiment: Experiment) -> list[Process]:
    """Return the user's processes in the order of the config, each to run after the phase that the config names."""
    found = []
    for entry in experiment.processes:
        process = find_process(entry.use, experiment.folder)()
        process.phase = f"after {entry.after}"  # type: ignore[misc]
        found.append(process)
    return found


def acts_of(experiment: Experiment, world: World) -> list[DatedAct]:
    """Return the dated acts of an experiment's shocks, in order."""
    if not experiment.shocks:
        return []
    drawn = experiment.world.source == "synthetic"
    own = (world.state_codes, world.organization_codes[: world.built])
    names = world_names(experiment.world.folder, own if drawn else ((), ()))
    acts: list[DatedAct] = []
    for number, shock in enumerate(experiment.shocks):
        who = actors(shock.actor, names)
        bodies = select(shock.organizations, names) if isinstance(shock, Act) else ()
        if drawn:
            states_by_size, bodies_by_size = ranked_codes(read_tables())
            who = states_standing_in(who, states_by_size, own[0])
            bodies = organizations_standing_in(bodies, bodies_by_size, own[1]) if bodies else ()
        rows_ = [world.organization_codes.index(code) for code in bodies] if isinstance(shock, Act) else [-1]
        until = None if shock.until is None else parse_quarter(shock.until)
        states = [world.state_codes.index(code) for code in who]
        acts += dated(number, shock, parse_quarter(shock.announced), until, states, rows_)
    return sorted(acts, key=lambda act: (act.quarter, act.number))


def first_acts(world: World, acts: Sequence[DatedAct]) -> dict[str, int]:
    """Return the quarter of the first act on each organization that shocks aim at, by code."""
    first: dict[str, int] = {}
    for act in acts:
        if act.organization >= 0:
            first.setdefault(world.organization_codes[act.organization], act.quarter)
    return first


def leavers(world: World, acts: Sequence[DatedAct]) -> dict[str, tuple[int, ...]]:
    """Return the rows of the states that act on each organization that shocks aim at, by its code."""
    found: dict[str, set[int]] = {}
    for act in acts:
        if act.organization >= 0:
            found.setdefault(world.organization_codes[act.organization], set()).add(act.actor)
    return {code: tuple(sorted(states)) for code, states in found.items()}


def aims(world: World, acts: Sequence[DatedAct]) -> tuple[Array, Array]:
    """Return which bodies shocks aim at, and which states act (the largest where none does); masks of 0 and 1.

    A review aims at all that it looks at, a freeze at all bodies unless some are named.
    """
    shocked, focus = np.zeros(world.built), np.zeros(len(world.gdp))
    for act in acts:
        focus[act.actor] = 1.0
        if act.organization >= 0:
            shocked[act.organization] = 1.0
    if not acts:
        focus[int(world.capability.argmax())] = 1.0
    return shocked, focus
