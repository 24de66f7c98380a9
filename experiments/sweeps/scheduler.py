"""The scheduler of a sweep: hands chunks of tasks to workers and stores what they return.

A chunk takes about half a second, and there are never more chunks under way than workers. When a worker dies, its chunk
is bisected: first every task is tried alone, then every run of the task, until the run that ends its worker is found.
"""

import math
import pickle
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from abm.workers import NothingFinishedError, WorkerLostError, done_first, uninterrupted
from experiments.sweeps.executors import ExecutorPool
from experiments.sweeps.run_pair import GRACE, Limit, OutOfTimeError, run_tasks
from experiments.sweeps.shards import Writer
from experiments.sweeps.study import Study
from experiments.sweeps.tasks import Failure, RunRows, Task, TaskReport

CHUNK_SECONDS = 0.5
SHARD_RUNS = 100
SHARD_SECONDS = 15.0
RETRIES = 1
"""How often a run whose worker died is tried again: workers are also ended from outside."""
MOST_LOSSES = 12
"""A sweep gives up when more workers than this die before the first result."""


class Progress(NamedTuple):
    """How far a sweep is: runs of the plan, those stored (earlier ones included), those that failed; seconds so far."""

    total: int
    done: int
    earlier: int
    failed: int
    seconds: float


@dataclass
class SweepSummary:
    """A sweep in numbers: counts of runs, the digest of the folder, and seconds (`run_seconds` summed over workers)."""

    folder: Path
    planned: int
    earlier: int
    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    run_seconds: float = 0.0
    workers: int = 1
    digest: str = ""


@dataclass
class Chunk:
    """Tasks that go to a worker together; `losses` counts how often its worker died.

    `runs_work_alone` says that the runs of its only task were tried one by one and none ended its worker.
    """

    tasks: list[Task]
    losses: int = 0
    runs_work_alone: bool = False
    began: float = field(default_factory=time.monotonic)


class Bisection(NamedTuple):
    """A task whose runs are tried one by one, with the reports on those that are done."""

    task: Task
    reports: list[TaskReport]


class Scheduler:
    """Hands chunks of tasks to workers and what they return to the writer of the folder."""

    def __init__(
        self,
        study: Study,
        pool: ExecutorPool,
        limit: Limit,
        writer: Writer,
        summary: SweepSummary,
        progress: Callable[[Progress], None] | None = None,
        shard_runs: int = SHARD_RUNS,
    ) -> None:
        self._packed = pickle.dumps(study.experiment)
        self._pool, self._limit, self._writer = pool, limit, writer
        self._summary, self._progress, self._shard_runs = summary, progress, shard_runs
        self._runs: list[RunRows] = []
        self._failures: list[Failure] = []
        self._began = self._written = time.monotonic()
        self._chunk_size, self._losses = 1, 0
        self._retries: deque[Chunk] = deque()
        self._bisections: dict[tuple[int, int], Bisection] = {}
        summary.workers = pool.workers

    def run(self, tasks: deque[Task]) -> None:
        """Carry out all tasks; what is finished is stored even if this is interrupted."""
        busy: dict[Future[TaskReport], Chunk] = {}
        try:
            while tasks or self._retries or busy:
                while len(busy) < self._pool.workers and (tasks or self._retries):
                    chunk = self._retries.popleft() if self._retries else self._next(tasks)
                    chunk.began = time.monotonic()
                    with uninterrupted():
                        busy[self._pool.executor.submit(run_tasks, self._packed, chunk.tasks, self._limit)] = chunk
                for future in done_first(busy):
                    self._receive(future, busy.pop(future))
                self._write(self._shard_runs, SHARD_SECONDS)
        finally:
            self._write()

    def _next(self, tasks: deque[Task]) -> Chunk:
        """Return the next chunk of tasks that have not been tried."""
        return Chunk([tasks.popleft() for _ in range(min(self._chunk_size, len(tasks)))])

    def _receive(self, future: Future[TaskReport], chunk: Chunk) -> None:
        """Take over the report on a chunk; bisect a chunk whose worker died."""
        try:
            report = future.result()
        except Exception as error:  # the worker is gone: what the model raises is in the report
            self._bisect(chunk, error)
            return
        self._summary.run_seconds += report.seconds
        self._chunk_size = max(1, math.ceil(CHUNK_SECONDS * len(chunk.tasks) / max(report.seconds, 1e-6)))
        self._accept(chunk, report)

    def _accept(self, chunk: Chunk, report: TaskReport) -> None:
        """Add a report to the next shard; the reports of a bisected task when all its runs are done.

        If all of them worked alone, the task is tried once more as a whole.
        """
        first = chunk.tasks[0]
        bisection = self._bisections.get((first.point, first.replicate))
        if not first.alone or bisection is None:
            self._add(report)
            return
        bisection.reports.append(report)
        if len(bisection.reports) < len(bisection.task.keys):
            return
        if any(each.failures for each in bisection.reports):
            for each in bisection.reports:
                self._add(each)
        else:  # no single run ended the worker
            self._retries.append(Chunk([bisection.task], runs_work_alone=True))

    def _add(self, report: TaskReport) -> None:
        """Add finished and failed runs to the next shard, and report progress."""
        self._runs += report.runs
        self._failures += report.failures
        self._summary.done += len(report.runs)
        self._summary.failed += len(report.failures)
        if self._progress is not None:
            summary = self._summary
            done = summary.earlier + summary.done
            seconds = time.monotonic() - self._began
            self._progress(Progress(summary.planned, done, summary.earlier, summary.failed, seconds))

    def _bisect(self, chunk: Chunk, error: Exception) -> None:
        """Try the tasks of a chunk whose worker died one by one, then run by run; fail the one that is left.

        A single task is first repeated as it is, since workers are also ended from outside. Raises NothingFinishedError
        where workers keep dying before anything is finished.
        """
        timed_out = self._timed_out(chunk, error)
        self._losses += 1
        if not timed_out and self._losses > MOST_LOSSES and not self._summary.done:
            raise NothingFinishedError(f"workers die before they finish anything; the last: {error}") from error
        first = chunk.tasks[0]
        if len(chunk.tasks) > 1:
            self._retries += [Chunk([task]) for task in chunk.tasks]
        elif chunk.losses < RETRIES and not timed_out:
            self._retries.append(replace(chunk, losses=chunk.losses + 1))
        elif len(first.carried_out()) == 1 or chunk.runs_work_alone:
            self._fail(chunk, timed_out, error)
        else:
            self._bisections[first.point, first.replicate] = Bisection(first, [])
            self._retries += [Chunk([part]) for part in first.split()]

    def _timed_out(self, chunk: Chunk, error: Exception) -> bool:
        """Return whether a worker was ended at its run's time limit; a remote one counts if the run took that long."""
        if self._limit.seconds is None or isinstance(error, WorkerLostError):
            return isinstance(error, WorkerLostError) and error.alarmed
        return time.monotonic() - chunk.began > self._limit.seconds + GRACE

    def _fail(self, chunk: Chunk, timed_out: bool, error: Exception) -> None:
        """Record the runs of a chunk's only task as failed."""
        if timed_out:
            error = OutOfTimeError(f"took longer than {self._limit.seconds:g} s and did not end by itself")
        (task,) = chunk.tasks
        self._accept(chunk, TaskReport(failures=[task.failure(twin, error) for twin in task.keys]))

    def _write(self, runs: int = 0, seconds: float = 0.0) -> None:
        """Write a shard if at least `runs` runs are waiting or the last one is `seconds` old."""
        if len(self._runs) < runs and time.monotonic() - self._written < seconds:
            return
        self._writer.add(self._runs)
        self._writer.add_failures(self._failures)
        self._runs, self._failures, self._written = [], [], time.monotonic()
