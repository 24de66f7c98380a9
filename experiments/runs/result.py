"""What a run leaves: tables and outcomes, with the digests that tell whether it was made again."""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
ROUNDED = ("organizations", "states")
"""Tables whose files hold numbers in single precision; the others keep every digit."""
BINARY_DIGITS = 16
"""Binary digits that those files keep: five decimal ones, and whole numbers up to 65,536 as they are."""
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

    def stored(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name with the digits that their files hold."""
        return {name: as_stored(name, table) for name, table in self.tables()}


def as_stored(name: str, table: pd.DataFrame, before: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a table with the digits that its file holds, or with those of the file `before` that was read back.

    Files of versions before 0.3 hold double precision throughout.
    """
    doubles = table.select_dtypes("float64").columns
    if name not in ROUNDED or (before is not None and (before.reindex(columns=doubles).dtypes == "float64").all()):
        return table
    return table.assign(**{column: _rounded(table[column].to_numpy()) for column in doubles})


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return numbers rounded to BINARY_DIGITS, in single precision; shape as given."""
    parts, exponents = np.frexp(values.astype(np.float32))
    return np.ldexp(np.rint(parts * 2.0**BINARY_DIGITS) / np.float32(2.0**BINARY_DIGITS), exponents)


def table_digest(name: str, table: pd.DataFrame) -> str:
    """Return the SHA-256 of the values of a table as it is, columns and rows sorted."""
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


def manifest(result: Result, stored: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what is needed to make the result again, and what tells whether it was; `stored` are its stored tables."""
    experiment = result.experiment
    return {
        "config": experiment.resolved(),
        "config_digest": experiment.digest(),
        "provenance": {path: layer for path, layer in experiment.provenance.items() if layer != "default"},
        "seed": experiment.seed,
        "ensemble": {"name": ensemble_name(experiment), "rows": ensemble_rows(experiment)},
        "tables": {name: table_digest(name, table) for name, table in stored.items()},
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "sources": sources_digest(),
        "wall_seconds": round(result.wall_seconds, 2),
        "failed_runs": result.failed,
    }
