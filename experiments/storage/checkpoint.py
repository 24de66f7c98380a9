"""Answers of a long computation, kept in a file as they come: what is there is not computed again."""

import pickle
from collections.abc import Hashable
from pathlib import Path
from typing import Any


class Remembered:
    """A file that grows by one answer at a time; a last one that was only half written is left out.

    Only a file that this class wrote may be opened: pickles can hold code.
    """

    def __init__(self, path: Path, mark: str) -> None:
        """Read what is there; a file with another `mark` (what the answers depend on) is begun anew. Raises OSError."""
        self.path = path
        self.found: dict[Hashable, Any] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        end = self._read(mark) if path.is_file() else 0
        with path.open("r+b" if end else "wb") as file:
            file.truncate(end)
            file.seek(end)
            if not end:
                pickle.dump(mark, file)

    def _read(self, mark: str) -> int:
        """Take over what is whole; return where it ends, 0 for another mark."""
        with self.path.open("rb") as file:
            end = 0
            try:
                if pickle.load(file) != mark:
                    return 0
                end = file.tell()
                while True:
                    key, value = pickle.load(file)
                    self.found[key] = value
                    end = file.tell()
            except (EOFError, pickle.UnpicklingError):
                return end

    def add(self, key: Hashable, value: Any) -> None:
        """Keep one more answer. Raises OSError."""
        self.found[key] = value
        with self.path.open("ab") as file:
            pickle.dump((key, value), file)

    def forget(self) -> None:
        """Remove the file: all that was to be computed is done."""
        self.path.unlink(missing_ok=True)
