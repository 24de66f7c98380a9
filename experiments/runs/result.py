"""What a run leaves: tables and outcomes, with the digests that tell whether it was made again."""

import hashlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from abm.config.experiment import Experiment
from experiments.runs.fingerprint import sources_digest

TABLES = ("series", "organizations", "states", "events", "memberships")
KEYS = {
    "series": ["run", "twin", "quarter", "measure"],
    "organizations": ["run", "twin", "quarter", "code"],
    "states": ["run", "twin", "quarter", "code"],
    "events": ["run", "twin", "quarter", "kind", "actor", "organization", "detail"],
    "memberships": ["run", "twin", "quarter", "state", "organization"],
}
PACKAGES = ("multilateral-abm", "numpy", "pandas", "mesa", "networkx", "pydantic", "pyarrow")


@dataclass
class Result:
    """Tables and outcomes of an experiment. `failed` lists runs that raised: run, twin, error, traceback."""

    experiment: Experiment
    series: pd.DataFrame
    organizations: pd.DataFrame
    states: pd.DataFrame
    events: pd.DataFrame
    memberships: pd.DataFrame
    outcomes: dict[str, Any]
    wall_seconds: float = 0.0
    failed: list[dict[str, Any]] = field(default_factory=list)

    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield name and table, in the order of TABLES."""
        for name in TABLES:
            yield name, getattr(self, name)


def table_digest(name: str, table: pd.DataFrame) -> str:
    """Return the SHA-256 of the values of a table, columns and rows sorted."""
    ordered = table[sorted(table.columns)].sort_values(KEYS[name], kind="stable")
    digest = hashlib.sha256()
    for column in ordered.columns:
        values = ordered[column].to_numpy()
        digest.update(column.encode())
        if values.dtype.kind in "fiub":
            digest.update(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes())
        else:
            digest.update("\x1f".join(map(str, values)).encode())
    return digest.hexdigest()


def ensemble_name(experiment: Experiment) -> str | None:
    """Return the name of the ensemble that the replicates of an experiment draw from, None where it is off."""
    return None if experiment.ensemble == "off" else experiment.ensemble


def ensemble_rows(experiment: Experiment) -> list[int]:
    """Return the row of the ensemble that each replicate takes; 0 is the point default."""
    return [experiment.ensemble_row(number) for number in range(experiment.replicates)]


def manifest(result: Result) -> dict[str, Any]:
    """Return what is needed to make the result again, and what tells whether it was."""
    experiment = result.experiment
    return {
        "config": experiment.resolved(),
        "config_digest": experiment.digest(),
        "provenance": {path: layer for path, layer in experiment.provenance.items() if layer != "default"},
        "seed": experiment.seed,
        "ensemble": {"name": ensemble_name(experiment), "rows": ensemble_rows(experiment)},
        "tables": {name: table_digest(name, table) for name, table in result.tables()},
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "sources": sources_digest(),
        "wall_seconds": round(result.wall_seconds, 2),
        "failed_runs": result.failed,
    }
