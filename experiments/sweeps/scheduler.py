"""The drive of a sweep: keeps workers busy with chunks of tasks, and the store fed with what they return.

Chunks take about half a second, and there are never more on the way than there are workers. A chunk that is lost with
its worker is repeated run by run, until only the run that is to blame is left.
"""

import math
import pickle
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from experiments.sweeps.executors import Crew, WorkerLostError
from experiments.sweeps.runner import GRACE, Limit, OutOfTimeError, run_tasks
from experiments.sweeps.shards import Writer
from experiments.sweeps.study import Study
from experiments.sweeps.tasks import Failure, Report, RunRows, Task

CHUNK_SECONDS = 0.5
SHARD_RUNS = 100
SHARD_SECONDS = 15.0
RETRIES = 1
"""How often a run whose worker died is tried again: workers are also ended from outside."""
HOPELESS = 12
"""Workers lost before the first result at which a sweep gives up."""


class Progress(NamedTuple):
    """How far a sweep is: runs of the plan, those stored (earlier ones included), those that failed; seconds so far."""

    total: int
    done: int
    earlier: int
    failed: int
    seconds: float


@dataclass
class SweepSummary:
    """What came of a sweep: counts of runs, the digest of the folder, and seconds (of runs: summed over workers)."""

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
    """Tasks that go to a worker together; `losses` counts how often a worker was lost with it.

    `proven` says that the runs of its only task each worked alone.
    """

    tasks: list[Task]
    losses: int = 0
    proven: bool = False
    began: float = field(default_factory=time.monotonic)


class Halves(NamedTuple):
    """A task whose runs are tried one by one, and what has come of them."""

    task: Task
    reports: list[Report]


class Drive:
    """Keeps workers busy with chunks of tasks and the store fed with what they return."""

    def __init__(
        self,
        study: Study,
        workers: Crew,
        limit: Limit,
        writer: Writer,
        summary: SweepSummary,
        progress: Callable[[Progress], None] | None = None,
        shard_runs: int = SHARD_RUNS,
    ) -> None:
        self._packed = pickle.dumps(study.experiment)
        self._workers, self._limit, self._writer = workers, limit, writer
        self._summary, self._progress, self._shard_runs = summary, progress, shard_runs
        self._runs: list[RunRows] = []
        self._failures: list[Failure] = []
        self._began = self._flushed = time.monotonic()
        self._chunk_size, self._losses = 1, 0
        self._suspects: deque[Chunk] = deque()
        self._halves: dict[tuple[int, int], Halves] = {}
        summary.workers = workers.workers

    def run(self, tasks: deque[Task]) -> None:
        """Carry out all tasks; what is finished is stored even if this is interrupted."""
        busy: dict[Future[Report], Chunk] = {}
        try:
            while tasks or self._suspects or busy:
                while len(busy) < self._workers.workers and (tasks or self._suspects):
                    chunk = self._suspects.popleft() if self._suspects else self._next(tasks)
                    chunk.began = time.monotonic()
                    busy[self._workers.executor.submit(run_tasks, self._packed, chunk.tasks, self._limit)] = chunk
                for future in wait(busy, return_when=FIRST_COMPLETED).done:
                    self._take(future, busy.pop(future))
                self._flush(self._shard_runs, SHARD_SECONDS)
        finally:
            self._flush()

    def _next(self, tasks: deque[Task]) -> Chunk:
        """Return the next chunk of tasks that have not been tried."""
        return Chunk([tasks.popleft() for _ in range(min(self._chunk_size, len(tasks)))])

    def _take(self, future: Future[Report], chunk: Chunk) -> None:
        """Take over what came of a chunk, or deal with its loss."""
        try:
            report = future.result()
        except Exception as error:  # the worker is gone: what the model raises is in the report
            self._lost(chunk, error)
            return
        self._summary.run_seconds += report.seconds
        self._chunk_size = max(1, math.ceil(CHUNK_SECONDS * len(chunk.tasks) / max(report.seconds, 1e-6)))
        self._sort(chunk, report)

    def _keep(self, report: Report) -> None:
        """Keep finished and failed runs for the next shard; tell how far the sweep is."""
        self._runs += report.runs
        self._failures += report.failures
        self._summary.done += len(report.runs)
        self._summary.failed += len(report.failures)
        if self._progress is not None:
            summary = self._summary
            done = summary.earlier + summary.done
            seconds = time.monotonic() - self._began
            self._progress(Progress(summary.planned, done, summary.earlier, summary.failed, seconds))

    def _lost(self, chunk: Chunk, error: Exception) -> None:
        """Repeat the tasks of a chunk whose worker died, one by one, then run by run; who is left alone is to blame."""
        late = self._late(chunk, error)
        self._losses += 1
        if not late and self._losses > HOPELESS and not self._summary.done:
            raise RuntimeError(f"workers die before they finish anything; the last: {error}") from error
        first = chunk.tasks[0]
        if len(chunk.tasks) > 1:
            self._suspects += [Chunk([task]) for task in chunk.tasks]
        elif chunk.losses < RETRIES and not late:
            self._suspects.append(replace(chunk, losses=chunk.losses + 1))
        elif len(first.carried_out()) == 1 or chunk.proven:
            self._blame(chunk, late, error)
        else:
            self._halves[first.point, first.replicate] = Halves(first, [])
            self._suspects += [Chunk([half]) for half in first.halves()]

    def _late(self, chunk: Chunk, error: Exception) -> bool:
        """Return whether a worker was ended for a run's time limit; of remote ones, whether it took long enough."""
        if self._limit.seconds is None or isinstance(error, WorkerLostError):
            return isinstance(error, WorkerLostError) and error.alarmed
        return time.monotonic() - chunk.began > self._limit.seconds + GRACE

    def _blame(self, chunk: Chunk, late: bool, error: Exception) -> None:
        """Record that the runs of a chunk end their worker."""
        if late:
            error = OutOfTimeError(f"took longer than {self._limit.seconds:g} s and did not end by itself")
        (task,) = chunk.tasks
        self._sort(chunk, Report(failures=[task.failure(twin, error) for twin in task.keys]))

    def _sort(self, chunk: Chunk, report: Report) -> None:
        """Keep a report; those of halves when all are in. If all of them worked, the pair is tried once more."""
        first = chunk.tasks[0]
        halves = self._halves.get((first.point, first.replicate))
        if not first.alone or halves is None:
            self._keep(report)
            return
        halves.reports.append(report)
        if len(halves.reports) < len(halves.task.keys):
            return
        if any(half.failures for half in halves.reports):
            for half in halves.reports:
                self._keep(half)
        else:  # whatever ended the worker did not come from these runs
            self._suspects.append(Chunk([halves.task], proven=True))

    def _flush(self, runs: int = 0, seconds: float = 0.0) -> None:
        """Store what is finished, if it is so many runs or so old."""
        if len(self._runs) < runs and time.monotonic() - self._flushed < seconds:
            return
        self._writer.add(self._runs)
        self._writer.add_failures(self._failures)
        self._runs, self._failures, self._flushed = [], [], time.monotonic()
