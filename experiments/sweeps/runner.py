"""One run and its twin at one point of a design, carried out in whatever process is at hand, as rows for the store.

Whatever happens inside costs only the run in which it happens: an exception, a value that is no number and a run that
takes too long become failures.
"""

import pickle
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from threadpoolctl import threadpool_limits

from abm.calendar import format_quarter
from abm.config.experiment import Experiment
from abm.simulation import Simulation
from experiments.runs.money import follow
from experiments.sweeps.outcomes import Finished, pair_outcomes, run_outcomes, unfinite
from experiments.sweeps.tasks import RunRows, Task, TaskReport

GRACE = 1.0
"""Seconds that a run above its time limit has to reach the end of a quarter before its process is ended."""


class OutOfTimeError(Exception):
    """A run took longer than it may."""


@dataclass(frozen=True)
class Limit:
    """How long a run may take, in seconds; `hard` where the process may be ended for it."""

    seconds: float | None = None
    hard: bool = False

    @contextmanager
    def watching(self) -> Iterator[Callable[[], None]]:
        """Give a function that raises OutOfTimeError when time is up.

        A run that hangs within a quarter never calls it; a hard limit has the system end its process by an alarm,
        whatever it is at, and whoever runs the sweep starts another one.
        """
        until = time.monotonic() + (self.seconds or 0.0)

        def check() -> None:
            if self.seconds is not None and time.monotonic() > until:
                raise OutOfTimeError(f"took longer than {self.seconds:g} s")

        if self.seconds is not None and self.hard:
            signal.setitimer(signal.ITIMER_REAL, self.seconds + GRACE)
        try:
            yield check
        finally:
            if self.seconds is not None and self.hard:
                signal.setitimer(signal.ITIMER_REAL, 0.0)


NO_LIMIT = Limit()


class NotFiniteError(ArithmeticError):
    """A run gave values that are no numbers."""


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
    finished: dict[bool, Finished] = {}
    for twin in task.carried_out():
        began = time.perf_counter()
        try:
            if twin and not experiment.shocks and False in finished:
                finished[twin] = replace(finished[False], is_twin=True)
            else:
                finished[twin] = finished_run(experiment, task.replicate, twin, limit)
            finished[twin].seconds = time.perf_counter() - began
        except Exception as error:
            if twin in task.keys:
                report.failures.append(task.failure(twin, error))
    _store(task, finished, report)


def _store(task: Task, finished: Mapping[bool, Finished], report: TaskReport) -> None:
    """Add the rows of those runs that were wanted; the outcomes of the pair stand with the run, or with a late twin."""
    together = pair_outcomes(finished[False], finished[True]) if len(finished) == 2 else {}
    for twin, run in finished.items():
        if twin not in task.keys:
            continue
        carries = not twin or False not in task.keys
        outcomes = run_outcomes(run) | (together if carries else {})
        quarters = tuple(format_quarter(quarter) for quarter in run.simulation.record.quarters)
        report.runs.append(
            RunRows(
                task.keys[twin], task.point, task.replicate, twin, task.values, outcomes, tuple(run.series), quarters,
                np.array([*run.series.values()]).T, run.seconds,
            )
        )  # fmt: skip


def finished_run(experiment: Experiment, replicate: int, twin: bool, limit: Limit = NO_LIMIT) -> Finished:
    """Carry out one run. Raises OutOfTimeError, NotFiniteError, and whatever the model raises."""
    own = experiment.twin() if twin else experiment
    with limit.watching() as each_quarter:
        simulation = Simulation(own, (experiment.seed, replicate), target=experiment)
        run = Finished(simulation, follow(simulation, each_quarter), twin)
    wrong = unfinite(run)
    if wrong:
        raise NotFiniteError(wrong)
    return run
