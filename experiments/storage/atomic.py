"""Files that are there whole or not at all, and folders that one process at a time writes to."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

try:
    import fcntl
except ImportError:  # not on Windows: there nothing tells two sweeps of one folder apart
    fcntl = None  # type: ignore[assignment]

PARTIAL = ".partial"


class FolderError(FileExistsError):
    """A folder that must not be written, or does not hold what is wanted."""


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold a folder for writing; the system lets go of it however the process ends.

    Raises FolderError while another process holds it.
    """
    with (folder / ".lock").open("a") as file:
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderError(f"another sweep is writing to {folder}; wait for it, or choose another --out") from None
        yield


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if the power fails. Raises OSError."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        partial.unlink(missing_ok=True)
        with partial.open("xb") as file:  # never through a link
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:  # Ctrl-C too
        partial.unlink(missing_ok=True)
        raise


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet so that it is there whole or not at all. Raises OSError."""
    sink = pa.BufferOutputStream()
    texts = [field.name for field in table.schema if _is_text(field.type)]
    numbers = [field.name for field in table.schema if pa.types.is_floating(field.type)]  # bytes of like place together
    pq.write_table(table, sink, compression="zstd", use_dictionary=texts, use_byte_stream_split=numbers)
    write_whole(path, sink.getvalue().to_pybytes())


def _is_text(kind: pa.DataType) -> bool:
    """Return whether a column holds texts, which repeat."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write values as JSON so that they are there whole or not at all. Raises OSError."""
    write_whole(path, (json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())
