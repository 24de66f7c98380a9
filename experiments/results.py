"""What a run leaves: tables in memory, and the folder that holds them."""

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.experiment import Experiment

TABLES = ("series", "organizations", "states", "events", "memberships")
KEYS = {
    "series": ["run", "twin", "quarter", "measure"],
    "organizations": ["run", "twin", "quarter", "code"],
    "states": ["run", "twin", "quarter", "code"],
    "events": ["run", "twin", "quarter", "kind", "actor", "organization", "detail"],
    "memberships": ["run", "twin", "quarter", "state", "organization"],
}
PACKAGES = ("multilateral-abm", "numpy", "pandas", "mesa", "networkx", "pydantic", "pyarrow")


class FolderError(Exception):
    """A result folder that must not be written: it holds something else."""


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


def manifest(result: Result) -> dict[str, Any]:
    """Return what is needed to make the result again, and what tells whether it was."""
    experiment = result.experiment
    return {
        "config": experiment.resolved(),
        "config_digest": experiment.digest(),
        "provenance": {path: layer for path, layer in experiment.provenance.items() if layer != "default"},
        "seed": experiment.seed,
        "tables": {name: table_digest(name, table) for name, table in result.tables()},
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "wall_seconds": round(result.wall_seconds, 2),
        "failed_runs": result.failed,
    }


def check_folder(folder: Path, digest: str) -> None:
    """Raise FolderError unless the folder is new, empty, or holds a result of the same config."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FolderError(f"{folder} is a file; choose another folder with --out")
    if not any(folder.iterdir()):
        return
    if held_digest(folder) != digest:
        raise FolderError(f"{folder} holds other content; choose another folder with --out, or remove it")


def held_digest(folder: Path) -> str | None:
    """Return the config digest of the result in a folder, None where there is none."""
    try:
        held = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(held.get("config_digest")) if isinstance(held, Mapping) else None


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give a fresh folder beside `folder`, and put it in its place when all is written; nothing is left half-done."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield fresh
        os.chmod(fresh, 0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            os.replace(folder, old / "result")
            os.replace(fresh, folder)
            shutil.rmtree(old)
        else:
            os.replace(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_result(result: Result, folder: Path) -> None:
    """Write manifest, tables, outcomes and report into a folder, in one rename.

    Raises FolderError where the folder holds other content and OSError where the disk does not take it.
    """
    from_digest = result.experiment.digest()
    check_folder(folder, from_digest)
    result.outcomes["out"] = str(folder)
    with replacing(folder) as fresh:
        for name, table in result.tables():
            table.to_parquet(fresh / f"{name}.parquet", compression="zstd", index=False)
        _write_json(fresh / "outcomes.json", result.outcomes)
        _write_json(fresh / "manifest.json", manifest(result))
        from experiments.report import write_report

        write_report(result, fresh / "report.html")


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write values as indented JSON; NaN is not allowed in it."""
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
