"""Sweeps made again: all runs or some, in a temporary folder, compared row by row; and single runs by their key."""

import pickle
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from abm.config.experiment import digest_of
from abm.config.reader import STUDY_KEYS, ConfigError
from experiments.reproduction.reproduction import Progress, Reproduction, added_since, changed_since, difference
from experiments.reproduction.trust import finder
from experiments.runs.fingerprint import sources_digest
from experiments.runs.first_difference import first_difference
from experiments.storage.folders import temporary
from experiments.sweeps.executors import open_executor
from experiments.sweeps.read_sweep import Sweep, open_sweep, sweep_digest
from experiments.sweeps.run_pair import Limit, run_tasks
from experiments.sweeps.scheduler import Progress as SweepProgress
from experiments.sweeps.scheduler import Scheduler, SweepSummary
from experiments.sweeps.shards import Writer
from experiments.sweeps.study import checked_points, points, values_at
from experiments.sweeps.sweep import begin_folder, plan_tasks, storable
from experiments.sweeps.tasks import Task, TaskReport

KEYS = ("point", "replicate", "twin")
NOT_COMPARED = ("key", "seconds", "status")


def reproduce_sweep(
    folder: Path,
    *,
    sample: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    trust: bool = False,
) -> Reproduction:
    """Carry out the stored runs of a sweep again, or `sample` of its pairs evenly spread, and compare every value.

    Checked besides: the digest of the stored tables against the manifest, the config against its digest, and the points
    against the study. Raises FolderError where there is no sweep.
    """
    sweep = runnable(folder, trust)
    found, warnings = [*_manifest_differences(sweep)], changed_since(sweep.manifest)
    warnings += added_since(_config(sweep), sweep.study.experiment)
    try:
        plan = checked_points(sweep.study)
    except ConfigError as error:
        return Reproduction([*found, difference("manifest", f"its study is refused: {error}")], warnings)
    found += _plan_differences(sweep, plan)
    if found and found[-1]["table"] == "plan":
        return Reproduction(found, warnings)
    tasks = plan_tasks(sweep.study, plan)
    if sweep.manifest["sources"] == sources_digest():
        found += _key_differences(sweep, tasks)
    tasks = _spread(_stored_only(tasks, sweep.runs()), sample)
    with temporary("reproduce") as place:
        again = _rerun_tasks(sweep, plan, tasks, place / "again", workers, progress)
        found += _row_differences(sweep, again, {(task.point, task.replicate) for task in tasks})
        return Reproduction(found, warnings, len(again.runs()) if tasks else 0)


def runnable(folder: str | Path, trust: bool) -> Sweep:
    """Return a stored sweep that can be run again. Raises UntrustedError where it names code and there is no trust."""
    sweep = open_sweep(folder)
    if not sweep.manifest["study"].get("processes"):
        return sweep
    return open_sweep(folder, finder(folder, sweep.study.experiment, trust))


def _manifest_differences(sweep: Sweep) -> Iterator[dict[str, object]]:
    """Yield where the manifest and what is stored contradict each other."""
    said, digest = sweep.manifest.get("digest"), sweep_digest(sweep.folder)
    if said is not None and said != digest:
        text = f"digest is {said} there, but the stored tables give {digest}: they were changed"
        yield difference("manifest", text, key="digest", stored=said, again=digest)
    said, digest = sweep.manifest.get("config_digest"), digest_of(_config(sweep))
    if said != digest:
        text = f"config_digest is {said} there, but the config in it gives {digest}: one of them was changed"
        yield difference("manifest", text, key="config_digest", stored=said, again=digest)


def _config(sweep: Sweep) -> dict[str, object]:
    """Return the config at the centre of a sweep's design, as it was written."""
    return {key: value for key, value in sweep.manifest["study"].items() if key not in STUDY_KEYS}


def _plan_differences(sweep: Sweep, plan: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the first point that is not the one that the study lays out."""
    first = first_difference(sweep.points().reset_index(), storable(plan).reset_index(), ["point"])
    if first is not None:
        yield difference("plan", f"the points are not those of the study: {first.pop('text')}", **first)


def _key_differences(sweep: Sweep, tasks: list[Task]) -> Iterator[dict[str, object]]:
    """Yield the first run whose content key is not the one that config, point and seed give."""
    rows = [(task.point, task.replicate, twin, key) for task in tasks for twin, key in task.keys.items()]
    again = pd.DataFrame(rows, columns=[*KEYS, "key"])
    first = first_difference(sweep.keys(), again, KEYS)
    if first is not None:
        yield difference("keys", f"the content keys are not those of the study: {first.pop('text')}", **first)


def _stored_only(tasks: list[Task], runs: pd.DataFrame) -> list[Task]:
    """Return the tasks of which something is stored: those that failed are not tried again."""
    stored = set(zip(runs["point"], runs["replicate"], strict=True))
    return [task for task in tasks if (task.point, task.replicate) in stored]


def _spread(tasks: list[Task], sample: int | None) -> list[Task]:
    """Return `sample` tasks evenly spread over all, or all."""
    if sample is None or sample >= len(tasks):
        return tasks
    return [tasks[row] for row in np.unique(np.linspace(0, len(tasks) - 1, sample).round().astype(int))]


def _rerun_tasks(
    sweep: Sweep, plan: pd.DataFrame, tasks: list[Task], folder: Path, workers: int | None, progress: Progress | None
) -> Sweep:
    """Return a sweep of these tasks, carried out in a fresh folder."""

    def report(state: SweepProgress) -> None:
        if progress is not None:
            progress(state.done, state.total)

    folder.mkdir(parents=True)
    begin_folder(folder, sweep.study, plan, tasks)
    summary = SweepSummary(folder, sum(len(task.keys) for task in tasks), 0)
    if tasks:
        with open_executor("local", workers) as pool:
            Scheduler(sweep.study, pool, Limit(None, pool.hard), Writer(folder), summary, report).run(deque(tasks))
    return open_sweep(folder)


def _row_differences(sweep: Sweep, again: Sweep, places: set[tuple[int, int]]) -> Iterator[dict[str, object]]:
    """Yield the first differing row of runs and of series, over the given points and replicates."""
    if not places:
        return
    for name, keys in (("runs", KEYS), ("series", (*KEYS, "quarter"))):
        frames = []
        for each in (sweep, again):
            frame = each.runs() if name == "runs" else each.series()
            inside = pd.MultiIndex.from_frame(frame[["point", "replicate"]]).isin(sorted(places))
            frames.append(frame[inside].drop(columns=[column for column in NOT_COMPARED if column in frame]))
        first = first_difference(frames[0], frames[1], keys)
        if first is not None:
            first["run"] = first.get("replicate")
            yield difference(name, first.pop("text"), **first)


def rerun_stored(folder: str | Path, key: str, time_limit: float | None = None, trust: bool = False) -> TaskReport:
    """Run the planned run with a content key (or an unambiguous beginning of one) again and return the report on it.

    Nothing is stored, and a run that hangs within a quarter is not ended. Raises ConfigError for an unknown key.
    """
    sweep = runnable(folder, trust)
    keys = sweep.keys().drop_duplicates("key")
    found = keys[keys["key"].str.startswith(key)]
    if len(found) != 1:
        raise ConfigError(f"{len(found)} runs of {folder} have a key that begins with {key!r}; give the key of one")
    place = found.iloc[0]
    point, replicate, twin = int(place["point"]), int(place["replicate"]), bool(place["twin"])
    task = Task(point, replicate, values_at(points(sweep.study), point), {twin: str(place["key"])}, alone=True)
    return run_tasks(pickle.dumps(sweep.study.experiment), [task], Limit(time_limit))
