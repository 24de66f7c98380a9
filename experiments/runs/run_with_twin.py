"""One replicate of an experiment, a run and its no-shock twin: what a worker carries out."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from abm.config.experiment import Experiment
from abm.recording import Recording, record
from abm.simulation import Simulation
from experiments.runs.outcomes_over_replicates import Findings, findings
from experiments.runs.recording_columns import Columns, columns_of, label_rows, mark_occurrences, memberships_of, stack


@dataclass
class Replicate:
    """What a worker gives back of one replicate: tables and outcomes of its runs, or what went wrong.

    `actors` and `donors` are codes of states, the last donor private money; `first_acts` holds the quarter of the first
    act on each organization that shocks aim at, by code. All are empty where no run finished.
    """

    number: int
    tables: list[dict[str, Columns]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    findings: Findings | None = None
    actors: tuple[str, ...] = ()
    donors: tuple[str, ...] = ()
    first_acts: dict[str, int] = field(default_factory=dict)


def run_replicate(experiment: Experiment, number: int, twin: bool) -> Replicate:
    """Run one replicate and, where there are shocks, its twin; a run that raises costs only itself."""
    replicate = Replicate(number)
    runs: dict[bool, Recording] = {}
    with threadpool_limits(limits=1):  # products split over threads would round otherwise
        for is_twin in (False, True) if twin else (False,):
            try:
                if is_twin and not experiment.shocks and runs:
                    runs[is_twin] = replace(runs[False], is_twin=True)
                    replicate.tables.append(_as_twin(replicate.tables[0]))
                else:
                    runs[is_twin], tables = _run(experiment, number, is_twin)
                    replicate.tables.append(tables)
            except Exception as error:
                replicate.failed.append({
                    "run": number, "twin": is_twin, "error": f"{type(error).__name__}: {error}",
                    "traceback": traceback.format_exc(),
                })  # fmt: skip
        if len(runs) == 2:
            mark_occurrences([*runs.values()], [tables["events"] for tables in replicate.tables])
        for run in list(runs.values())[:1]:
            replicate.findings = findings(number, runs.get(False), runs.get(True))
            replicate.actors, replicate.donors = run.actors, run.money.donors
            replicate.first_acts = run.simulation.first_acts
    return replicate


def _run(experiment: Experiment, number: int, is_twin: bool) -> tuple[Recording, dict[str, Columns]]:
    """Carry out one run; return its recording and its tables."""
    own = experiment.twin() if is_twin else experiment
    simulation = Simulation(own, (experiment.seed, number), target=experiment)
    start = memberships_of(simulation.world)
    recording = record(simulation, is_twin=is_twin)
    tables = columns_of(recording, number)
    seats = stack([start, memberships_of(simulation.world)])
    if number > 0:  # the first replicate's are kept
        seats = {name: values[:0] for name, values in seats.items()}
    tables["memberships"] = label_rows(seats, number, is_twin)
    return recording, tables


def _as_twin(tables: Mapping[str, Columns]) -> dict[str, Columns]:
    """Return the tables of a run without shocks as those of its own twin."""
    return {name: columns | {"twin": np.ones_like(columns["twin"])} for name, columns in tables.items()}
