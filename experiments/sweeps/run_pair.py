"""One run and its twin at one point of a design, carried out in whatever process is at hand, as rows for the store.

Whatever happens inside costs only the run in which it happens: an exception, a non-finite value (NaN or inf) and
a run that takes too long become failures.
"""

import pickle
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from threadpoolctl import threadpool_limits

from abm.calendar import format_quarter
from abm.comparison import Comparison
from abm.config.experiment import Experiment
from abm.events import Event
from abm.measures import Snapshot
from abm.outcomes import outcomes_of_pair, outcomes_of_run, unfinite
from abm.recording import Recording, Watcher, record
from abm.simulation import Simulation
from experiments.sweeps.tasks import RunRows, Task, TaskReport
from experiments.sweeps.twins import run_once

GRACE = 1.0
"""Seconds that a run above its time limit has to reach the end of a quarter before its process is ended."""


class OutOfTimeError(Exception):
    """A run took longer than it may."""


@dataclass(frozen=True)
class Clock(Watcher):
    """Ends a run that takes longer than `seconds` (None: never) by OutOfTimeError, at the end of a quarter."""

    seconds: float | None
    began: float

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Look at the time."""
        if self.seconds is not None and time.monotonic() > self.began + self.seconds:
            raise OutOfTimeError(f"took longer than {self.seconds:g} s")


@dataclass(frozen=True)
class Limit:
    """How long a run may take, in seconds; `hard` where the process may be ended for it."""

    seconds: float | None = None
    hard: bool = False

    @contextmanager
    def watching(self) -> Iterator[Clock]:
        """Give the observer that ends a run when time is up.

        It is not called in a run that hangs within a quarter; a hard limit has the system end its process by an alarm,
        whatever it is at, and whoever runs the sweep starts another one.
        """
        if self.seconds is not None and self.hard:
            signal.setitimer(signal.ITIMER_REAL, self.seconds + GRACE)
        try:
            yield Clock(self.seconds, time.monotonic())
        finally:
            if self.seconds is not None and self.hard:
                signal.setitimer(signal.ITIMER_REAL, 0.0)


NO_LIMIT = Limit()


class NotFiniteError(ArithmeticError):
    """A run gave non-finite values (NaN or inf)."""


def run_tasks(packed: bytes, tasks: Sequence[Task], limit: Limit = NO_LIMIT) -> TaskReport:
    """Carry out tasks of the experiment that was packed by `pickle`; the limit is for each run."""
    report, began = TaskReport(), time.perf_counter()
    with threadpool_limits(limits=1):  # products split over threads would round otherwise
        for task in tasks:
            _run_pair(_experiment(packed), task, limit, report)
    report.seconds = time.perf_counter() - began
    return report


@lru_cache(maxsize=2)
def _experiment(packed: bytes) -> Experiment:
    """Return the experiment of a study, unpacked once in each process."""
    return pickle.loads(packed)


def _run_pair(centre: Experiment, task: Task, limit: Limit, report: TaskReport) -> None:
    """Add what comes of a run and its twin to a report.

    Both are carried out even where one is stored already: their common outcomes need both.
    """
    experiment = centre.with_values(task.values)
    runs: dict[bool, Recording] = {}
    seconds: dict[bool, float] = {}
    for twin in task.carried_out():
        began = time.perf_counter()
        try:
            if twin and not experiment.shocks and False in runs:
                runs[twin] = replace(runs[False], is_twin=True)
            else:
                runs[twin] = finished_run(experiment, task.replicate, twin, limit)
            seconds[twin] = time.perf_counter() - began
        except Exception as error:
            if twin in task.keys:
                report.failures.append(task.failure(twin, error))
    _store(task, runs, seconds, report)


def _store(task: Task, runs: Mapping[bool, Recording], seconds: Mapping[bool, float], report: TaskReport) -> None:
    """Add the rows of those runs that were wanted; the outcomes of the pair stand with the run, or with a late twin."""
    together = outcomes_of_pair(Comparison(runs[False], runs[True])) if len(runs) == 2 else {}
    for twin, run in runs.items():
        if twin not in task.keys:
            continue
        carries = not twin or False not in task.keys
        outcomes = outcomes_of_run(run) | (together if carries else {})
        quarters = tuple(format_quarter(quarter) for quarter in run.quarters)
        report.runs.append(
            RunRows(
                task.keys[twin], task.point, task.replicate, twin, task.values, outcomes, tuple(run.measures), quarters,
                np.array([*run.measures.values()]).T, seconds[twin], run.simulation.ensemble_row,
            )
        )  # fmt: skip


def finished_run(experiment: Experiment, replicate: int, twin: bool, limit: Limit = NO_LIMIT) -> Recording:
    """Carry out one run. Raises OutOfTimeError, NotFiniteError, and whatever the model raises."""
    own = experiment.twin() if twin else experiment
    with limit.watching() as clock:
        seed = (experiment.seed, replicate)
        simulation = Simulation(own, seed, target=experiment)
        carried_out = partial(record, simulation, clock, is_twin=twin)
        run = run_once(simulation, seed, carried_out) if twin else carried_out()
    wrong = unfinite(run)
    if wrong:
        raise NotFiniteError(wrong)
    return run
