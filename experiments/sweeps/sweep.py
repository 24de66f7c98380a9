"""Sweeps: every run of a study is carried out and stored; the same call resumes an interrupted sweep.

A call runs the plan minus the content keys that are stored, so that adding replicates or points runs only the new ones.
"""

import platform
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from experiments.runs.fingerprint import Keys, sources_digest, this_platform
from experiments.runs.progress_bar import reporting
from experiments.runs.result import PACKAGES
from experiments.storage.atomic import PARTIAL, FolderError, lock, write_json, write_table
from experiments.storage.folders import around
from experiments.sweeps.executors import ExecutorPool, open_executor
from experiments.sweeps.read_sweep import open_sweep, sweep_digest
from experiments.sweeps.run_pair import Limit
from experiments.sweeps.scheduler import SHARD_RUNS, Progress, Scheduler, SweepSummary
from experiments.sweeps.shards import Writer, uniform
from experiments.sweeps.study import Study, checked_points, read_study, values_at
from experiments.sweeps.tasks import Task

BEGUN = {".lock", "shards", "failures", "keys.parquet", "plan.parquet"}
"""What is there before the manifest is."""
__all__ = ["Progress", "SweepSummary", "check_sweep_folder", "run_sweep"]


def run_sweep(
    study: Study | str | Path | Mapping[str, Any],
    out: str | Path,
    *,
    workers: int | None = None,
    executor: str | ExecutorPool = "local",
    scheduler: str | None = None,
    progress: Callable[[Progress], None] | bool | None = None,
    time_limit: float | None = None,
    shard_runs: int = SHARD_RUNS,
) -> SweepSummary:
    """Carry out what is not stored of a study, in the folder `out`; return counts and the digest.

    `executor` is local, dask (with the address of its `scheduler`) or mpi, or an ExecutorPool; results depend neither
    on it nor on the number of `workers` (0: everything runs in this process). `progress` is True for a bar, in a
    terminal or a notebook, or a function that is called with how far the sweep is. `time_limit` is in seconds for each
    run. A shard holds `shard_runs` runs or the results of 15 s: no more is lost when the power fails. Raises
    ConfigError for a bad study, FolderError where the folder holds something else or another sweep writes to it,
    OSError where the disk does not take it.
    """
    study, folder = read_study(study), Path(out)
    plan = checked_points(study)
    began = time.monotonic()
    check_sweep_folder(folder, study)
    folder.mkdir(parents=True, exist_ok=True)
    with lock(folder), reporting("runs", progress is True) as advance:
        check_sweep_folder(folder, study)
        writer = Writer(folder)
        stored = writer.stored()
        tasks = plan_tasks(study, plan)
        begin_folder(folder, study, plan, tasks)
        keys = {key for task in tasks for key in task.keys.values()}
        summary = SweepSummary(folder, len(keys), len(keys & stored))
        waiting = remaining(tasks, stored)
        if waiting:
            place = open_executor(executor, workers, scheduler) if isinstance(executor, str) else nullcontext(executor)
            told = progress if callable(progress) else lambda now: advance(now.done + now.failed, now.total)
            with place as found:
                Scheduler(study, found, Limit(time_limit, found.hard), writer, summary, told, shard_runs).run(waiting)
        summary.seconds = time.monotonic() - began
        finish_folder(folder, summary)
    return summary


def plan_tasks(study: Study, plan: pd.DataFrame) -> list[Task]:
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
    """Return the tasks whose runs are not all stored; runs that two points have in common are made once.

    Where only shocks vary, those of one replicate come together: they share their twin.
    """
    seen = set(stored)
    found: deque[Task] = deque()
    for task in tasks:
        missing = {twin: key for twin, key in task.keys.items() if key not in seen}
        if missing:
            found.append(Task(task.point, task.replicate, task.values, missing, task.twins))
            seen |= set(missing.values())
    if all(path.partition(".")[0] == "shocks" for task in found for path in task.values):
        return deque(sorted(found, key=lambda task: task.replicate))
    return found


def check_sweep_folder(folder: Path, study: Study) -> None:
    """Raise FolderError unless the folder is new, empty, or holds a sweep of the same study.

    Replicates, length and points may differ: their runs are added.
    """
    if not folder.exists():
        around(folder.absolute())
        return
    if not folder.is_dir():
        raise FolderError(f"{folder} is a file; choose another folder with --out")
    links = sorted(name for name in (*BEGUN, "manifest.json") if (folder / name).is_symlink())
    if links:
        raise FolderError(f"{folder / links[0]} is a link, which a sweep does not follow; choose another --out")
    if _only_begun(folder):
        return
    try:
        held = open_sweep(folder).manifest
    except FolderError:
        raise FolderError(f"{folder} holds other content; choose another folder with --out, or remove it") from None
    if held["sources"] != sources_digest():
        raise FolderError(f"{folder} was made by another version of the model; choose another folder with --out")
    if held["identity"] != identity(study):
        raise FolderError(f"{folder} holds another study; choose another folder with --out, or remove it")


def _only_begun(folder: Path) -> bool:
    """Return whether a folder holds nothing, or what a sweep leaves that ended before its manifest was there."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    if any(name not in BEGUN and not name.endswith(PARTIAL) for name in found):  # no further: the folder may be any
        return False
    return (folder / ".lock").exists() or not any(folder.iterdir())


def identity(study: Study) -> dict[str, Any]:
    """Return what stays the same in all sweeps that share a folder."""
    config = study.experiment.identity()
    return {key: value for key, value in config.items() if key not in ("replicates", "quarters")}


def begin_folder(folder: Path, study: Study, plan: pd.DataFrame, tasks: list[Task]) -> None:
    """Write manifest, points and keys before the first run."""
    rows = [(key, task.point, task.replicate, twin) for task in tasks for twin, key in task.keys.items()]
    keys = pd.DataFrame(rows, columns=["key", "point", "replicate", "twin"])
    write_table(folder / "keys.parquet", pa.Table.from_pandas(keys, preserve_index=False))
    write_table(folder / "plan.parquet", pa.Table.from_pandas(storable(plan).reset_index(), preserve_index=False))
    write_json(folder / "manifest.json", _manifest(study))


def storable(plan: pd.DataFrame) -> pd.DataFrame:
    """Return points as a table holds them: a factor that takes words and numbers as words."""
    return plan.assign(**{str(path): uniform(plan[path].tolist()) for path in plan if plan[path].dtype == object})


def _manifest(study: Study) -> dict[str, Any]:
    """Return what says how a sweep is made."""
    return {
        "scenario": study.scenario,
        "title": study.experiment.title,
        "study": study.resolved(),
        "folder": str(study.experiment.folder),
        "identity": identity(study),
        "config_digest": study.experiment.digest(),
        "sources": sources_digest(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "platform": this_platform(),
        "finished": False,
    }


def finish_folder(folder: Path, summary: SweepSummary) -> None:
    """Write the digest of all that is stored into the manifest, and count failures into the summary."""
    summary.failed = len(open_sweep(folder).failures())
    summary.digest = sweep_digest(folder)
    held = open_sweep(folder).manifest
    counts = {"planned": summary.planned, "stored": summary.earlier + summary.done, "failed": summary.failed}
    write_json(folder / "manifest.json", held | {"finished": True, "runs": counts, "digest": summary.digest})
