"""Runs of one experiment: every replicate with its no-shock twin, in parallel, joined into one result."""

import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from abm.calendar import format_quarter, parse_quarter
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.simulation import Simulation, rehearse
from abm.workers import Workers
from experiments.runs.money import Flows, before, follow, refills
from experiments.runs.outcomes import effect_summary, followers, last_effects, refill_summary, regime_summary
from experiments.runs.result import Result
from experiments.runs.tables import frames_of, labelled, memberships_of


@dataclass
class Run:
    """One finished run: its frames, and the money of the bodies that shocks aim at."""

    frames: dict[str, pd.DataFrame]
    money: Flows
    is_twin: bool


@dataclass
class Replicate:
    """A run, its twin, and the refill between them; or what went wrong."""

    number: int
    runs: list[Run]
    refills: list[dict[str, Any]]
    failed: list[dict[str, Any]]


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
    them. `progress(done, total)` is called at the start and after each replicate. Raises ConfigError for a config that
    cannot be run, before the first replicate.
    """
    started = time.perf_counter()
    experiment = load_experiment(source, overrides)
    rehearse(experiment)
    total = experiment.replicates
    count = min(total, workers if workers is not None else os.cpu_count() or 1)
    found: list[Replicate] = []
    if progress is not None:
        progress(0, total)
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
    replicate = Replicate(number, [], [], [])
    with threadpool_limits(limits=1):  # products split over threads would round otherwise
        _run_into(replicate, experiment, twin)
    if replicate.runs and not replicate.runs[0].is_twin:
        money = replicate.runs[0].money
        without = replicate.runs[1].money.by_body if len(replicate.runs) == 2 else before(money, experiment)
        replicate.refills = refills(money, without)
    return replicate


def _run_into(replicate: Replicate, experiment: Experiment, twin: bool) -> None:
    """Add the runs of a replicate to it, or what went wrong with them."""
    number = replicate.number
    for is_twin in (False, True) if twin else (False,):
        try:
            itself = is_twin and not experiment.shocks and replicate.runs
            replicate.runs.append(_as_twin(replicate.runs[0]) if itself else _run(experiment, number, is_twin))
        except Exception as error:
            replicate.failed.append({
                "run": number, "twin": is_twin, "error": f"{type(error).__name__}: {error}",
                "traceback": traceback.format_exc(),
            })  # fmt: skip


def _run(experiment: Experiment, number: int, is_twin: bool) -> Run:
    """Carry out one run and put its record into frames."""
    simulation = Simulation(experiment.twin() if is_twin else experiment, (experiment.seed, number), target=experiment)
    start = memberships_of(simulation.world)
    money = follow(simulation)
    frames = frames_of(simulation, number, is_twin)
    seats = [start, memberships_of(simulation.world)] if number == 0 else [start.iloc[:0]]
    frames["memberships"] = labelled(pd.concat(seats, ignore_index=True), number, is_twin)
    return Run(frames, money, is_twin)


def _as_twin(run: Run) -> Run:
    """Return a run without shocks as its own twin."""
    frames = {name: frame.assign(twin=True) for name, frame in run.frames.items()}
    return replace(run, frames=frames, is_twin=True)


def _joined(experiment: Experiment, replicates: Sequence[Replicate]) -> Result:
    """Join replicates into one result with its outcomes."""
    failed = [failure for replicate in replicates for failure in replicate.failed]
    runs = [run for replicate in replicates for run in replicate.runs]
    if not runs:
        raise RuntimeError(f"every run failed; the first one: {failed[0]['error']}\n{failed[0]['traceback']}")
    tables = {name: pd.concat([run.frames[name] for run in runs], ignore_index=True) for name in runs[0].frames}
    outcomes = _outcomes(experiment, tables, replicates, runs[0].money)
    outcomes["failed_runs"] = [{key: row[key] for key in ("run", "twin", "error")} for row in failed]
    tables["events"] = tables["events"].drop(columns="index")
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


def _outcomes(
    experiment: Experiment, tables: Mapping[str, pd.DataFrame], replicates: Sequence[Replicate], money: Flows
) -> dict[str, Any]:
    """Return the `--json` object, except for failures and the folder."""
    differences = last_effects(tables["series"])
    regimes, degrees = regime_summary(differences)
    found = [row for replicate in replicates for row in replicate.refills]
    count = tables["series"].loc[~tables["series"]["twin"], "run"].nunique()
    return {
        "scenario": experiment.title,
        "config_digest": experiment.digest(),
        "seed": experiment.seed,
        "replicates": experiment.replicates,
        "quarters": experiment.quarters,
        "start": format_quarter(parse_quarter(experiment.world.start)),
        "actors": list(money.actors),
        "regimes": regimes,
        "regime_memberships": degrees,
        "effects": effect_summary(differences),
        "followers": followers(tables["events"], money.aims, money.actors, max(count, 1)),
        "refill": refill_summary(found, money.donors),
    }
