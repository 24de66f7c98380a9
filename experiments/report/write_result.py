"""The folder of a result: manifest, tables, outcomes and report, written in one rename."""

from pathlib import Path

import pyarrow as pa

from experiments.report import write_report
from experiments.runs.data_dictionary import with_units
from experiments.runs.result import Result, manifest
from experiments.storage.atomic import write_json, write_table
from experiments.storage.folders import check_folder, replacing


def check_result_folder(folder: Path, digest: str) -> None:
    """Raise FolderError unless the folder is new, empty, or holds only a result of the config with this digest."""
    check_folder(folder, _by(digest))


def write_result(result: Result, folder: str | Path) -> None:
    """Write manifest, tables, outcomes and report into a folder, in one rename.

    Raises FolderError where the folder holds other content and OSError where the disk does not take it.
    """
    by, folder = _by(result.experiment.digest()), Path(folder)
    check_folder(folder, by)
    result.outcomes["out"] = str(folder)
    with replacing(folder, by) as fresh:
        stored = result.stored()
        for name, table in stored.items():
            rows = with_units(name, pa.Table.from_pandas(table, preserve_index=False))
            write_table(fresh / f"{name}.parquet", rows)
        write_json(fresh / "outcomes.json", result.outcomes)
        write_json(fresh / "manifest.json", manifest(result, stored))
        write_report(result, fresh / "report.html")


def _by(digest: str) -> str:
    """Return the mark of results of a config."""
    return f"abm run, config {digest}"
