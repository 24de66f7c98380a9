"""Sweeps: every run of a study carried out and stored; the same call goes on where an earlier one ended.

What is to be done is the plan minus the content keys that are stored, so that more replicates or points run only what
is new. Runs go out in chunks of about half a second and never more than there are workers; a chunk that is lost with
its worker is repeated run by run, until only the run that is to blame is left.
"""

import math
import pickle
import platform
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from experiments.design import Study, checked_points, read_study, values_at
from experiments.executors import Crew, crew
from experiments.files import FolderError, locked, write_json, write_table
from experiments.keys import Keys, sources_digest
from experiments.pairs import Limit, OutOfTimeError, run_tasks
from experiments.results import PACKAGES
from experiments.rows import Failure, Report, RunRows, Task
from experiments.shards import Writer
from experiments.store import open_sweep, sweep_digest

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


class WorkerLostError(Exception):
    """A run ended the process that carried it out, or was ended with it."""


def run_sweep(
    study: Study | str | Path | Mapping[str, Any],
    out: str | Path,
    *,
    workers: int | None = None,
    executor: str | Crew = "local",
    scheduler: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    time_limit: float | None = None,
) -> SweepSummary:
    """Carry out what is not stored of a study, in the folder `out`; return counts and the digest.

    `executor` is local, dask (with the address of its `scheduler`) or mpi, or a Crew of one's own; results do not
    depend on it. `time_limit` is in seconds for each run. Raises ConfigError for a bad study, FolderError where the
    folder holds something else or another sweep writes to it, OSError where the disk does not take it.
    """
    study, folder = read_study(study), Path(out)
    plan = checked_points(study)
    began = time.monotonic()
    check_sweep_folder(folder, study)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        check_sweep_folder(folder, study)
        writer = Writer(folder)
        stored = writer.stored()
        tasks = planned(study, plan)
        begin_folder(folder, study, plan, tasks)
        keys = {key for task in tasks for key in task.keys.values()}
        summary = SweepSummary(folder, len(keys), len(keys & stored))
        waiting = remaining(tasks, stored)
        if waiting:
            place = crew(executor, workers, scheduler) if isinstance(executor, str) else nullcontext(executor)
            with place as found:
                _Drive(study, found, Limit(time_limit, found.hard), writer, summary, progress).run(waiting)
        summary.seconds = time.monotonic() - began
        finish_folder(folder, summary)
    return summary


def planned(study: Study, plan: pd.DataFrame) -> list[Task]:
    """Return all runs of a study as tasks, with their content keys."""
    keys = Keys(study.experiment)
    found = []
    for point in plan.index:
        values = values_at(plan, point)
        replicates = int(values.get("replicates", study.experiment.replicates))
        for replicate in range(replicates):
            wanted = {twin: keys.of(values, replicate, twin) for twin in ((False, True) if study.twins else (False,))}
            found.append(Task(int(point), replicate, values, wanted, study.twins))
    return found


def remaining(tasks: list[Task], stored: set[str]) -> deque[Task]:
    """Return the tasks whose runs are not all stored; runs that two points have in common are made once."""
    seen = set(stored)
    found: deque[Task] = deque()
    for task in tasks:
        missing = {twin: key for twin, key in task.keys.items() if key not in seen}
        if missing:
            found.append(Task(task.point, task.replicate, task.values, missing, task.twins))
            seen |= set(missing.values())
    return found


def check_sweep_folder(folder: Path, study: Study) -> None:
    """Raise FolderError unless the folder is new, empty, or holds a sweep of the same study.

    Replicates, length and points may differ: their runs are added.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FolderError(f"{folder} is a file; choose another folder with --out")
    if not [path for path in folder.iterdir() if path.name != ".lock"]:
        return
    try:
        held = open_sweep(folder).manifest
    except FolderError:
        raise FolderError(f"{folder} holds other content; choose another folder with --out, or remove it") from None
    if held["sources"] != sources_digest():
        raise FolderError(f"{folder} was made by another version of the model; choose another folder with --out")
    if held["identity"] != identity(study):
        raise FolderError(f"{folder} holds another study; choose another folder with --out, or remove it")


def identity(study: Study) -> dict[str, Any]:
    """Return what stays the same in all sweeps that share a folder."""
    config = study.experiment.decisive()
    return {key: value for key, value in config.items() if key not in ("replicates", "quarters")}


def begin_folder(folder: Path, study: Study, plan: pd.DataFrame, tasks: list[Task]) -> None:
    """Write manifest, points and keys before the first run."""
    rows = [(key, task.point, task.replicate, twin) for task in tasks for twin, key in task.keys.items()]
    keys = pd.DataFrame(rows, columns=["key", "point", "replicate", "twin"])
    write_table(folder / "keys.parquet", pa.Table.from_pandas(keys, preserve_index=False))
    write_table(folder / "plan.parquet", pa.Table.from_pandas(plan.reset_index(), preserve_index=False))
    write_json(folder / "manifest.json", _manifest(study))


def _manifest(study: Study) -> dict[str, Any]:
    """Return what says how a sweep is made."""
    return {
        "scenario": study.scenario,
        "title": study.experiment.title,
        "study": study.resolved(),
        "identity": identity(study),
        "config_digest": study.experiment.digest(),
        "sources": sources_digest(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "finished": False,
    }


def finish_folder(folder: Path, summary: SweepSummary) -> None:
    """Write the digest of all that is stored into the manifest, and count failures into the summary."""
    summary.failed = len(open_sweep(folder).failures())
    summary.digest = sweep_digest(folder)
    held = open_sweep(folder).manifest
    counts = {"planned": summary.planned, "stored": summary.earlier + summary.done, "failed": summary.failed}
    write_json(folder / "manifest.json", held | {"finished": True, "runs": counts, "digest": summary.digest})


class _Drive:
    """Keeps workers busy with chunks of tasks and the store fed with what they return."""

    def __init__(
        self,
        study: Study,
        workers: Crew,
        limit: Limit,
        writer: Writer,
        summary: SweepSummary,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._packed = pickle.dumps(study.experiment)
        self._workers, self._limit, self._writer = workers, limit, writer
        self._summary, self._progress = summary, progress
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
                self._flush(SHARD_RUNS, SHARD_SECONDS)
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
        late = self._limit.seconds is not None and time.monotonic() - chunk.began > self._limit.seconds
        self._losses += 1
        if not late and self._losses > HOPELESS and not self._summary.done:
            raise RuntimeError(f"workers die before they finish anything; the last: {error}") from error
        first = chunk.tasks[0]
        if len(chunk.tasks) > 1:
            self._suspects += [Chunk([task]) for task in chunk.tasks]
        elif chunk.losses < RETRIES and not late:
            self._suspects.append(replace(chunk, losses=chunk.losses + 1))
        elif first.alone or chunk.proven:
            self._blame(chunk, late, error)
        else:
            self._halves[first.point, first.replicate] = Halves(first, [])
            self._suspects += [Chunk([half]) for half in first.halves()]

    def _blame(self, chunk: Chunk, late: bool, error: Exception) -> None:
        """Record that the runs of a chunk end their worker."""
        cause: Exception = WorkerLostError(f"the process ended while it was at this run: {error}")
        if late:
            cause = OutOfTimeError(f"took longer than {self._limit.seconds:g} s and did not end by itself")
        (task,) = chunk.tasks
        self._sort(chunk, Report(failures=[task.failure(twin, cause) for twin in task.keys]))

    def _sort(self, chunk: Chunk, report: Report) -> None:
        """Keep a report; those of halves when all are in. If all of them worked, the pair is tried once more."""
        first = chunk.tasks[0]
        if not first.alone:
            self._keep(report)
            return
        halves = self._halves[first.point, first.replicate]
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
