"""Answers of a long computation, kept in a file as they come: what is there is not computed again."""

import json
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from experiments.storage.atomic import FolderError, write_whole

HEAD = "checkpoint of"


class Checkpoint:
    """Answers by key, in a file that grows by one line at a time; a last line that was only half written is left out.

    Answers are plain values: dictionaries by text, lists, texts, numbers (NaN too), None. Each is given back as it
    reads from its line of JSON, so that it is the same whether it was made now or before. Reading a file runs no code.
    A block (`with`) that ends well removes the file, since all is done; one that is ended leaves it.
    """

    def __init__(self, path: Path | None = None, mark: str = "") -> None:
        """Read what is there; a file with another `mark` (what the answers depend on) is begun anew.

        Without a path nothing outlives the process. Raises FolderError where the file is not a checkpoint, and OSError.
        """
        self.path, self._mark = path, mark
        self.found: dict[str, Any] = {}
        self._end = self._read(path) if path is not None and path.is_file() else 0
        self._file: BinaryIO | None = None

    def _read(self, path: Path) -> int:
        """Take over what is whole; return where it ends, 0 for another mark."""
        with path.open("rb") as file:
            head = _parsed(file.readline())
            if not isinstance(head, dict) or HEAD not in head:
                raise FolderError(f"{path} holds other content; move it away, or choose another --out")
            if head[HEAD] != self._mark:
                return 0
            end = file.tell()
            for line in file:
                if (entry := _parsed(line)) is None:
                    break
                self.found[entry[0]] = entry[1]
                end += len(line)
            return end

    def add(self, key: str, value: Any, lasting: bool = True) -> None:
        """Keep one more answer, in the file where it is a `lasting` one.

        Raises OSError, and TypeError for an answer that is no plain value.
        """
        line = _line([key, value])
        self.found[key] = _parsed(line)[1]
        if self.path is not None and lasting:
            self._file = self._file or self._opened(self.path)
            self._file.write(line)
            self._file.flush()

    def _opened(self, path: Path) -> BinaryIO:
        """Return the file, where what is whole ends; a new one is never made through a link, nor without its head."""
        if self._end:
            os.truncate(path, self._end)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _line({HEAD: self._mark}))
        return path.open("ab")

    def close(self) -> None:
        """Let go of the file; it stays."""
        if self._file is not None:
            with suppress(OSError):  # of a full disk, which `add` has told
                self._file.close()
        self._file = None

    def forget(self) -> None:
        """Remove the file: all that was to be computed is done."""
        self.close()
        if self.path is not None and (self._end or self.found):
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self.forget()
        else:
            self.close()
            if self.path is not None and self.found:
                error.add_note("what is computed is kept, and the same command goes on")


def _line(value: Any) -> bytes:
    """Return a value as a line of JSON."""
    return json.dumps(value).encode() + b"\n"


def _parsed(line: bytes) -> Any:
    """Return what a whole line holds, None for one that is none."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
