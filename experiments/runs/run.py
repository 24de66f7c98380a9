"""Runs of one experiment: every replicate with its no-shock twin, in parallel, joined into one result."""

import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from abm.calendar import format_quarter, parse_quarter
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.recording import Recording, record
from abm.simulation import Simulation
from abm.workers import Workers
from experiments.runs.outcomes import Findings, findings, summaries
from experiments.runs.result import Result
from experiments.runs.tables import frames_of, labelled, memberships_of


@dataclass
class Replicate:
    """What a worker gives back of one replicate: tables and outcomes of its runs, or what went wrong.

    `actors` and `donors` are codes of states, the last donor private money; `first_acts` holds the quarter of the first
    act on each organization that shocks aim at, by code. All are empty where no run finished.
    """

    number: int
    frames: list[dict[str, pd.DataFrame]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    findings: Findings | None = None
    actors: tuple[str, ...] = ()
    donors: tuple[str, ...] = ()
    first_acts: dict[str, int] = field(default_factory=dict)


def run_experiment(
    source: str | Path | Mapping[str, Any] | Experiment,
    overrides: Sequence[str] = (),
    *,
    twin: bool = True,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Run an experiment and return its result; nothing is written.

    `workers` are processes, by default as many as there are cores and replicates; the result does not depend on
    them. `progress(done, total)` is called after each replicate. Raises ConfigError for a bad config.
    """
    started = time.perf_counter()
    experiment = load_experiment(source, overrides)
    total = experiment.replicates
    count = min(total, workers if workers is not None else os.cpu_count() or 1)
    found: list[Replicate] = []
    for replicate in _replicates(experiment, twin, count):
        found.append(replicate)
        if progress is not None:
            progress(len(found), total)
    found.sort(key=lambda replicate: replicate.number)
    result = _joined(experiment, found)
    result.wall_seconds = time.perf_counter() - started
    return result


def _replicates(experiment: Experiment, twin: bool, workers: int) -> Iterator[Replicate]:
    """Yield replicates as they finish."""
    if workers <= 1:
        yield from (run_replicate(experiment, number, twin) for number in range(experiment.replicates))
        return
    with Workers(workers) as pool:
        tasks = [(experiment, number, twin) for number in range(experiment.replicates)]
        yield from pool.as_they_come(run_replicate, tasks)


def run_replicate(experiment: Experiment, number: int, twin: bool) -> Replicate:
    """Run one replicate and, where there are shocks, its twin; a run that raises costs only itself."""
    replicate = Replicate(number)
    runs: dict[bool, Recording] = {}
    with threadpool_limits(limits=1):  # products split over threads would round otherwise
        for is_twin in (False, True) if twin else (False,):
            try:
                if is_twin and not experiment.shocks and runs:
                    runs[is_twin] = replace(runs[False], is_twin=True)
                    replicate.frames.append({
                        name: frame.assign(twin=True) for name, frame in replicate.frames[0].items()
                    })  # fmt: skip
                else:
                    runs[is_twin], frames = _run(experiment, number, is_twin)
                    replicate.frames.append(frames)
            except Exception as error:
                replicate.failed.append({
                    "run": number, "twin": is_twin, "error": f"{type(error).__name__}: {error}",
                    "traceback": traceback.format_exc(),
                })  # fmt: skip
        for run in list(runs.values())[:1]:
            replicate.findings = findings(number, runs.get(False), runs.get(True))
            replicate.actors, replicate.donors = run.actors, run.money.donors
            replicate.first_acts = run.simulation.first_acts
    return replicate


def _run(experiment: Experiment, number: int, is_twin: bool) -> tuple[Recording, dict[str, pd.DataFrame]]:
    """Carry out one run; return its recording and its tables."""
    own = experiment.twin() if is_twin else experiment
    simulation = Simulation(own, (experiment.seed, number), target=experiment)
    start = memberships_of(simulation.world)
    recording = record(simulation, is_twin=is_twin)
    frames = frames_of(recording, number)
    seats = [start, memberships_of(simulation.world)] if number == 0 else [start.iloc[:0]]
    frames["memberships"] = labelled(pd.concat(seats, ignore_index=True), number, is_twin)
    return recording, frames


def _joined(experiment: Experiment, replicates: Sequence[Replicate]) -> Result:
    """Join replicates into one result with its outcomes."""
    failed = [failure for replicate in replicates for failure in replicate.failed]
    frames = [frame for replicate in replicates for frame in replicate.frames]
    if not frames:
        raise RuntimeError(f"every run failed; the first one: {failed[0]['error']}\n{failed[0]['traceback']}")
    tables = {name: pd.concat([frame[name] for frame in frames], ignore_index=True) for name in frames[0]}
    outcomes = _outcomes(experiment, replicates)
    outcomes["failed_runs"] = [{key: row[key] for key in ("run", "twin", "error")} for row in failed]
    return Result(
        experiment,
        series=tables["series"],
        organizations=tables["organizations"],
        states=tables["states"],
        events=tables["events"],
        memberships=tables["memberships"],
        outcomes=outcomes,
        failed=failed,
    )


def _outcomes(experiment: Experiment, replicates: Sequence[Replicate]) -> dict[str, Any]:
    """Return the `--json` object, except for failures and the folder."""
    found = [replicate.findings for replicate in replicates if replicate.findings is not None]
    known = next(replicate for replicate in replicates if replicate.findings is not None)
    return {
        "scenario": experiment.title,
        "config_digest": experiment.digest(),
        "seed": experiment.seed,
        "replicates": experiment.replicates,
        "quarters": experiment.quarters,
        "start": format_quarter(parse_quarter(experiment.world.start)),
        "actors": list(known.actors),
        "first_acts": {code: format_quarter(quarter) for code, quarter in known.first_acts.items()},
        **summaries(found, known.donors),
    }
