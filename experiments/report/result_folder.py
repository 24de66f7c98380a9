"""The folder of a result: written beside its place and put there in one rename, so that nothing is left half-done."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from experiments.report import write_report
from experiments.runs.result import Result, manifest
from experiments.storage.atomic import FolderError, write_json, write_table

__all__ = ["FolderError", "check_folder", "held_digest", "replacing", "write_result"]


def check_folder(folder: Path, digest: str) -> None:
    """Raise FolderError unless the folder is new, empty, or holds a result of the same config.

    Raises PermissionError where it could not be made.
    """
    if not folder.exists():
        parent = next(place for place in folder.absolute().parents if place.exists())
        if not os.access(parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(parent))
        return
    if not folder.is_dir():
        raise FolderError(f"{folder} is a file; choose another folder with --out")
    if not any(folder.iterdir()):
        return
    if held_digest(folder) != digest:
        raise FolderError(f"{folder} holds other content; choose another folder with --out, or remove it")


def check_names(folder: Path, own: Collection[str]) -> None:
    """Raise FolderError unless the folder is new, empty, or holds files and folders of these names only."""
    if folder.exists() and (not folder.is_dir() or any(path.name not in own for path in folder.iterdir())):
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
        fresh.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.replace(old / "result")
            fresh.replace(folder)
            shutil.rmtree(old)
        else:
            fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_result(result: Result, folder: Path) -> None:
    """Write manifest, tables, outcomes and report into a folder, in one rename.

    Raises FolderError where the folder holds other content and OSError where the disk does not take it.
    """
    check_folder(folder, result.experiment.digest())
    result.outcomes["out"] = str(folder)
    with replacing(folder) as fresh:
        for name, table in result.tables():
            write_table(fresh / f"{name}.parquet", pa.Table.from_pandas(table, preserve_index=False))
        write_json(fresh / "outcomes.json", result.outcomes)
        write_json(fresh / "manifest.json", manifest(result))
        write_report(result, fresh / "report.html")
