"""One run: a world and its plan, stepped quarter by quarter while observers watch.

A simulation keeps no record of what happens; the observers in `abm.recording` do.
"""

from collections.abc import Iterator, Sequence
from copy import copy, deepcopy
from typing import Protocol, Self

import numpy as np

from abm.config.experiment import Experiment
from abm.data.world_tables import Tables
from abm.events import Event
from abm.measures import Snapshot, Start
from abm.processes.base import Process
from abm.processes.scheduled_shocks import ScheduledShocks
from abm.rng import Seed
from abm.schedule import PROCESSES, inserted, plan, quarter
from abm.shocks.targets import DatedAct, actors_on, aims, dated_acts, deeds, first_acts
from abm.state.world import World
from abm.worlds.initialize import build, tables_of


class Observer(Protocol):
    """An object that watches a run, to record it or to end it by raising an error."""

    def begin(self, simulation: "Simulation") -> None:
        """Look at a simulation before the first quarter that is watched."""

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Look at the world at the end of a quarter, and at what happened in it; `world.quarter` is that quarter."""


class Simulation:
    """A run of an experiment with one seed. `step` runs one quarter; `run` runs all that are left."""

    def __init__(
        self,
        experiment: Experiment,
        seed: Seed,
        tables: Tables | None = None,
        target: Experiment | None = None,
    ) -> None:
        """Build the world and the plan.

        `target` is the experiment whose shocks decide which organizations and states measures cover: for a twin, that
        of the run with shocks; by default the experiment itself. `drawn` is the experiment with the parameters from
        the replicate's row of the ensemble.
        """
        self.experiment = experiment
        self.ensemble_row = experiment.ensemble_row(seed[1])
        self.drawn = experiment.in_row(seed[1])
        self.tables = tables_of(experiment) if tables is None else tables
        self.world = build(self.drawn, seed, self.tables)
        schedule = acts_of(experiment, self.world)
        aimed = schedule if target is None else acts_of(target, self.world)
        self.shocked, self.focus = aims(self.world, aimed)
        self.actors = np.zeros_like(self.focus)
        self.actors[[act.actor for act in deeds(aimed)]] = 1.0
        self.first_acts = first_acts(self.world, aimed)
        self.actors_on = actors_on(self.world, aimed)
        shocks = ScheduledShocks(schedule)
        shipped = [shocks if process is ScheduledShocks else process() for process in PROCESSES.values()]
        processes = inserted(shipped, own_processes(experiment))
        values = {process.name: self.drawn.values_of(process) for process in processes}
        self.steps = plan(processes, values, seed, self.world)
        self._start = Start.of(self.world)

    @property
    def finished(self) -> bool:
        """Return whether the last quarter has been run."""
        return self.world.quarter >= self.world.start + self.experiment.quarters

    @property
    def looked_at(self) -> tuple[object, ...]:
        """Return what is recorded because of the shocks: whom they aim at, who acts on what, and since when.

        Twins of one experiment and seed that agree on this are the same run, whatever their shocks.
        """
        masks = (mask.tobytes() for mask in (self.shocked, self.focus, self.actors))
        return (*masks, *self.first_acts.items(), *self.actors_on.items())

    def snapshot(self) -> Snapshot:
        """Return the world as measures see it."""
        aimed = self.shocked if self.shocked.any() else np.ones_like(self.shocked)
        return Snapshot(self.world, self.focus, self._start, aimed)

    def step(self, observers: Sequence[Observer] = ()) -> list[Event]:
        """Run one quarter, show it to the observers, and return its events."""
        world = self.world
        events = quarter(world, self.steps)
        snapshot = self.snapshot()
        for observer in observers:
            observer.after_quarter(snapshot, events)
        world.quarter += 1
        return events

    def run(self, observers: Sequence[Observer] = (), quarters: int | None = None) -> None:
        """Run all quarters that are left, or that many of them, while observers watch."""
        for _ in self.running(observers, quarters):
            pass

    def stopped(self) -> Self:
        """Return this run as one that was asked for no more quarters than it has had; it stays as this one goes on.

        Arrays of the world are shared, since nobody writes into them; random streams are copies.
        """
        kept, had = copy(self), {"quarters": self.world.quarter - self.world.start}
        kept.world, kept.steps = self.world.changed(), deepcopy(self.steps)
        kept.experiment, kept.drawn = (one.model_copy(update=had) for one in (self.experiment, self.drawn))
        return kept

    def running(self, observers: Sequence[Observer] = (), quarters: int | None = None) -> Iterator[int]:
        """Do the same, and yield each quarter once it has been run."""
        for observer in observers:
            observer.begin(self)
        last = self.world.start + self.experiment.quarters
        last = last if quarters is None else min(last, self.world.quarter + quarters)
        while self.world.quarter < last:
            self.step(observers)
            yield self.world.quarter - 1


def own_processes(experiment: Experiment) -> list[tuple[Process, str]]:
    """Return the user's processes in the order of the config, each with the name of the process that it follows."""
    return [(process(), after) for process, after in experiment.own_processes()]


def acts_of(experiment: Experiment, world: World) -> list[DatedAct]:
    """Return the dated acts of an experiment's shocks, in order."""
    return dated_acts(experiment.shocks, experiment.world.names(), world) if experiment.shocks else []


def rehearse(experiment: Experiment) -> None:
    """Build the world and the plan of an experiment's first run without running it.

    Raises ConfigError for anything that a run would refuse: dues of a state that is not a member, or processes that
    cannot run together.
    """
    Simulation(experiment, (experiment.seed, 0))
