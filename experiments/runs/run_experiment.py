"""Runs of one experiment: every replicate with its no-shock twin, in parallel, joined into one result."""

import os
import time
import traceback
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.calendar import format_quarter, parse_quarter
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.simulation import rehearse
from abm.workers import NothingFinishedError, Workers
from experiments.runs.outcomes_over_replicates import summaries
from experiments.runs.progress_bar import Advance, reporting
from experiments.runs.result import Result, ensemble_name
from experiments.runs.run_with_twin import Replicate, run_replicate


def run_experiment(
    source: str | Path | Mapping[str, Any] | Experiment,
    overrides: Sequence[str] = (),
    *,
    twin: bool = True,
    workers: int | None = None,
    progress: Advance | bool | None = None,
) -> Result:
    """Run an experiment and return its result; nothing is written.

    `source` is the name of a scenario, a file, a mapping as a file holds it, or an experiment; `overrides` are settings
    such as "replicates=4". `twin` also runs each replicate without the shock, which effects need. `workers` are
    processes, by default as many as there are cores and replicates; the result does not depend on them. `progress` is
    True for a bar, in a terminal or a notebook, or a function that is called with the replicates done and all of them,
    at the start and after each. Raises ConfigError for a config that cannot be run, before the first replicate, and
    NothingFinishedError where every run failed, whatever became of the twins.
    """
    started = time.perf_counter()
    experiment = load_experiment(source, overrides)
    rehearse(experiment)
    total = experiment.replicates
    count = min(total, workers if workers is not None else os.cpu_count() or 1)
    found: list[Replicate] = []
    label = "replicates" + " with twins" * twin
    with reporting(label, progress) as advance, closing(_replicates(experiment, twin, count)) as replicates:
        advance(0, total)
        for replicate in replicates:
            found.append(replicate)
            advance(len(found), total)
    found.sort(key=lambda replicate: replicate.number)
    result = _joined(experiment, found)
    result.wall_seconds = time.perf_counter() - started
    return result


def _replicates(experiment: Experiment, twin: bool, workers: int) -> Generator[Replicate]:
    """Yield replicates as they finish."""
    if workers <= 1:
        yield from (run_replicate(experiment, number, twin) for number in range(experiment.replicates))
        return
    with Workers(workers) as pool:
        tasks = [(experiment, number, twin) for number in range(experiment.replicates)]
        yield from pool.as_they_come(run_replicate, tasks, lost_replicate)


def lost_replicate(error: Exception, experiment: Experiment, number: int, twin: bool) -> Replicate:
    """Return what is left of a replicate that ends its process."""
    said = {"error": f"{type(error).__name__}: {error}", "traceback": "".join(traceback.format_exception(error))}
    failed = [{"run": number, "twin": flag, **said} for flag in (False, True)[: 1 + twin]]
    return Replicate(number, failed=failed)


def _joined(experiment: Experiment, replicates: Sequence[Replicate]) -> Result:
    """Join replicates into one result with its outcomes."""
    failed = [failure for replicate in replicates for failure in replicate.failed]
    runs = [columns for replicate in replicates for columns in replicate.tables]
    if all(any(not row["twin"] for row in replicate.failed) for replicate in replicates):
        raise NothingFinishedError(f"every run failed; the first one: {failed[0]['error']}\n{failed[0]['traceback']}")
    tables = join_tables(runs)
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


def join_tables(runs: Sequence[Mapping[str, Mapping[str, NDArray[Any]]]]) -> dict[str, pd.DataFrame]:
    """Return the tables of all runs, one below the other, by name; `runs` hold columns by table."""
    return {
        name: pd.DataFrame({column: np.concatenate([run[name][column] for run in runs]) for column in table})
        for name, table in runs[0].items()
    }


def _outcomes(experiment: Experiment, replicates: Sequence[Replicate]) -> dict[str, Any]:
    """Return the `--json` object, except for failures and the folder."""
    found = [replicate.findings for replicate in replicates if replicate.findings is not None]
    known = next(replicate for replicate in replicates if replicate.findings is not None)
    return {
        "scenario": experiment.title,
        "config_digest": experiment.digest(),
        "seed": experiment.seed,
        "replicates": experiment.replicates,
        "ensemble": ensemble_name(experiment),
        "quarters": experiment.quarters,
        "start": format_quarter(parse_quarter(experiment.world.start)),
        "actors": list(known.actors),
        "first_acts": {code: format_quarter(quarter) for code, quarter in known.first_acts.items()},
        **summaries(found, known.donors),
    }
