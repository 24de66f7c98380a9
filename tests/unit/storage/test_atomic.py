"""Files that are there whole or not at all, however their writing ends."""

import os
from pathlib import Path

import pytest

from experiments.storage.atomic import write_whole


@pytest.mark.parametrize("end", [OSError, KeyboardInterrupt, MemoryError])
def test_a_file_whose_writing_ends_early_stays_as_it_was(
    end: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(handle: int) -> None:
        raise end

    write_whole(tmp_path / "page.css", b"old")
    monkeypatch.setattr(os, "fsync", ended)
    with pytest.raises(end):
        write_whole(tmp_path / "page.css", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"page.css": b"old"}
