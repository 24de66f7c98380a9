"""Answers of a long computation, kept in a file as they come: what is there is not computed again."""

import json
from pathlib import Path
from typing import Any

from experiments.storage.atomic import FolderError

Key = tuple[str | int, ...]
HEAD = "checkpoint of"


class Checkpoint:
    """A file that grows by one answer at a time; a last one that was only half written is left out.

    Keys and answers are plain values, written as a line of JSON each: reading a file runs no code.
    """

    def __init__(self, path: Path, mark: str) -> None:
        """Read what is there; a file with another `mark` (what the answers depend on) is begun anew.

        Raises FolderError where the file is not a checkpoint, and OSError.
        """
        self.path = path
        self.found: dict[Key, Any] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        end = self._read(mark) if path.is_file() else 0
        with path.open("r+b" if end else "wb") as file:
            file.truncate(end)
            file.seek(end)
            if not end:
                file.write(_line({HEAD: mark}))

    def _read(self, mark: str) -> int:
        """Take over what is whole; return where it ends, 0 for another mark."""
        with self.path.open("rb") as file:
            head = _parsed(file.readline())
            if not isinstance(head, dict) or HEAD not in head:
                raise FolderError(f"{self.path} holds other content; move it away, or choose another --out")
            if head[HEAD] != mark:
                return 0
            end = file.tell()
            for line in file:
                if (entry := _parsed(line)) is None:
                    break
                self.found[tuple(entry[0])] = entry[1]
                end += len(line)
            return end

    def add(self, key: Key, value: Any) -> None:
        """Keep one more answer. Raises OSError."""
        self.found[key] = value
        with self.path.open("ab") as file:
            file.write(_line([key, value]))

    def forget(self) -> None:
        """Remove the file: all that was to be computed is done."""
        self.path.unlink(missing_ok=True)


def _line(value: Any) -> bytes:
    """Return a value as a line of JSON."""
    return json.dumps(value).encode() + b"\n"


def _parsed(line: bytes) -> Any:
    """Return what a whole line holds, None for one that is none."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
