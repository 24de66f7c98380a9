"""Files of a folder that somebody else may have written: read as what they are said to be, or refused by name."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.storage.atomic import FolderError


def object_in(path: Path) -> dict[str, Any]:
    """Return the object that a JSON file holds, an empty one where the file is missing or holds none."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # the last of lists in lists without end
        return {}
    return held if isinstance(held, dict) else {}


def schema_of(path: Path, columns: Collection[str]) -> pa.Schema:
    """Return the schema of a Parquet file. Raises FolderError where it is none, or lacks one of the columns."""
    try:
        found = pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise FolderError(f"{path} cannot be read: {_said(error)}") from None
    lacking = [name for name in columns if name not in found.names]
    if lacking:
        raise FolderError(f"{path} has no column {lacking[0]}")
    return found


def table_in(path: Path, columns: Collection[str], only: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table of a Parquet file that must have these columns, all of it or `only` some columns.

    Raises FolderError as `schema_of` does.
    """
    schema_of(path, columns)
    try:
        return pd.read_parquet(path, columns=None if only is None else list(only))
    except (OSError, pa.ArrowException) as error:
        raise FolderError(f"{path} cannot be read: {_said(error)}") from None


def _said(error: Exception) -> str:
    """Return the first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
