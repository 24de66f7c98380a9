"""The writing of a sweep's folder, a shard at a time; `experiments.sweeps.read_sweep` says what it holds."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.runs.data_dictionary import with_units
from experiments.storage.atomic import PARTIAL, write_table
from experiments.sweeps.tasks import FACTOR, PLACE, Failure, RunRows

OWN = re.compile(r"[a-z]+-\d{6,}\.parquet")
"""The names of shards."""


class Writer:
    """Adds shards to a folder that is held by `lock`."""

    def __init__(self, folder: Path) -> None:
        """Clear away what an earlier end left half-written."""
        self._folder = folder
        for name in ("shards", "failures"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for partial in half_written(folder):
            partial.unlink()
        for series in shards(folder, "series"):
            if not partner(series).exists():
                series.unlink()
        for runs in shards(folder, "runs"):
            if not _readable(runs) or not _readable(partner(runs)):
                runs.replace(runs.with_suffix(".broken"))

    def stored(self) -> set[str]:
        """Return the keys of all runs that are stored."""
        files = shards(self._folder, "runs")
        return {key for file in files for key in pq.read_table(file, columns=["key"])["key"].to_pylist()}

    def add(self, runs: Sequence[RunRows]) -> None:
        """Write finished runs as one more shard: series first, since the runs make them count."""
        if runs:
            number = _next(self._folder / "shards")
            write_table(self._folder / "shards" / f"series-{number:06d}.parquet", _series_table(runs))
            write_table(self._folder / "shards" / f"runs-{number:06d}.parquet", _runs_table(runs))

    def add_failures(self, failures: Sequence[Failure]) -> None:
        """Write failed runs, with the command that reruns each."""
        if failures:
            rows = [{**vars(failure), "command": f"abm rerun {self._folder} {failure.key}"} for failure in failures]
            number = _next(self._folder / "failures")
            write_table(self._folder / "failures" / f"failures-{number:06d}.parquet", pa.Table.from_pylist(rows))


def half_written(folder: Path) -> list[Path]:
    """Return what an earlier end left of the sweep's own files; the user's own have other names."""
    whole = ("keys.parquet", "plan.parquet", "manifest.json", "shards/runs-*.parquet", "shards/series-*.parquet",
             "failures/failures-*.parquet")  # fmt: skip
    return [path for name in whole for path in folder.glob(name + PARTIAL)]


def shards(folder: Path, kind: str) -> list[Path]:
    """Return a sweep's own shards of a kind (runs or series) in order; the user's own files have other names."""
    return sorted(path for path in (folder / "shards").glob(f"{kind}-*.parquet") if OWN.fullmatch(path.name))


def partner(shard: Path) -> Path:
    """Return the shard of runs that belongs to one of series, or the other way round."""
    kind, _, number = shard.name.partition("-")
    return shard.with_name(f"{'runs' if kind == 'series' else 'series'}-{number}")


def _readable(shard: Path) -> bool:
    """Return whether a file is whole Parquet."""
    try:
        pq.read_metadata(shard)
    except (OSError, pa.ArrowInvalid):
        return False
    return True


def _next(folder: Path) -> int:
    """Return the number of the next shard; no earlier one of any kind has it."""
    numbers = (re.fullmatch(r"(?:runs|series|failures)-(\d+)\..*", file.name) for file in folder.iterdir())
    return max((int(found[1]) for found in numbers if found), default=0) + 1


def _factor_columns(runs: Sequence[RunRows]) -> dict[str, list[Any]]:
    """Return the factors' values of runs as columns; whole numbers as decimal ones where both occur."""
    paths = dict.fromkeys(path for run in runs for path in run.factors)
    return {FACTOR + path: uniform([run.factors.get(path) for run in runs]) for path in paths}


def uniform(values: Sequence[Any]) -> list[Any]:
    """Return values of one type: all numbers as floats, all truths as they are, the rest as texts."""
    values = [None if value != value else value for value in values]  # a blank is no number
    present = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in present):
        return list(values)
    if all(isinstance(value, int | float) for value in present):
        return [None if value is None else float(value) for value in values]
    return [None if value is None else str(value) for value in values]


def _place_columns(runs: Sequence[RunRows]) -> dict[str, list[Any]]:
    """Return what says which run a row belongs to, as columns."""
    return {name: [getattr(run, name) for run in runs] for name in PLACE}


def _runs_table(runs: Sequence[RunRows]) -> pa.Table:
    """Return a row for each run: place, status, factors, outcomes, row of the ensemble, seconds."""
    columns: dict[str, Any] = _place_columns(runs) | {"status": ["done"] * len(runs)} | _factor_columns(runs)
    columns |= {name: [run.outcomes[name] for run in runs] for name in runs[0].outcomes}
    columns |= {name: [getattr(run, name) for run in runs] for name in ("ensemble_row", "seconds")}
    return with_units("sweep.runs", pa.table(columns))


def _series_table(runs: Sequence[RunRows]) -> pa.Table:
    """Return a row for each quarter of each run: place, quarter, whether it is the last, factors, measures."""
    counts = [len(run.quarters) for run in runs]
    each = pa.table(_place_columns(runs) | _factor_columns(runs)).take(np.repeat(np.arange(len(runs)), counts))
    last = np.zeros(sum(counts), bool)
    last[np.cumsum(counts) - 1] = True
    table = each.append_column("quarter", pa.array([quarter for run in runs for quarter in run.quarters]))
    table = table.append_column("last", pa.array(last))
    names = list(dict.fromkeys(name for run in runs for name in run.measures))
    for name in names:
        parts = [
            run.values[:, run.measures.index(name)] if name in run.measures else np.full(count, np.nan)
            for run, count in zip(runs, counts, strict=True)
        ]
        table = table.append_column(name, pa.array(np.concatenate(parts)))
    return with_units("sweep.series", table)
