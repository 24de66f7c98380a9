"""Each command that reads a folder, given a stranger's: one sentence, or the names as text; nothing else is written."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from experiments.sweeps.read_sweep import open_sweep
from tests.contract.test_faults_of_commands import call, inputs, one_sentence, place, tree

__all__ = ["inputs", "place"]
HOSTILE = "\x1b[2J\x00\x07\u202e/../../up/<script>alert(1)</script>&" + "long" * 2000
UNSEEN = ("\x1b", "\x00", "\x07", "\u202e")
RESULT = {
    "compare": ("compare", "one", "strange", "--out", "answer"),
    "export csv": ("export", "strange", "--format", "csv", "--out", "answer"),
    "export json": ("export", "strange", "--format", "json", "--out", "answer"),
    "export graphml": ("export", "strange", "--format", "graphml", "--out", "answer"),
    "export gexf": ("export", "strange", "--format", "gexf", "--out", "answer"),
    "reproduce": ("reproduce", "strange", "--workers", "1"),
}
SWEEP = {
    "analyze": ("analyze", "strange", "--out", "answer"),
    "export": ("export", "strange", "--out", "answer"),
    "reproduce": ("reproduce", "strange", "--workers", "1", "--sample", "1"),
    "rerun": ("rerun", "strange", "KEY"),
}


def manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """What changes the manifest of a folder."""

    def spoil(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps(change(json.loads(path.read_text()))))

    return spoil


def garbage(pattern: str) -> Callable[[Path], None]:
    """What puts other bytes in the place of files."""

    def spoil(folder: Path) -> None:
        for path in folder.glob(pattern):
            path.write_bytes(b"PAR1 is not all that it takes")

    return spoil


def other_columns(pattern: str) -> Callable[[Path], None]:
    """What puts tables of somebody else in the place of files."""

    def spoil(folder: Path) -> None:
        for path in folder.glob(pattern):
            pd.DataFrame({"mine": [1]}).to_parquet(path)

    return spoil


def a_folder(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").mkdir()


def nested(folder: Path) -> None:
    (folder / "manifest.json").write_text("[" * 100_000)


def no_text(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\xfe{}")


ANY: dict[str, Callable[[Path], None]] = {
    "manifest is a list": manifest(lambda _: []),
    "manifest is a number": manifest(lambda _: 5),
    "manifest is a folder": a_folder,
    "manifest is deep": nested,
    "manifest is no text": no_text,
    "manifest of something else": manifest(lambda _: {"name": "package", "version": "1"}),
}
STRANGE_RESULTS = ANY | {
    "config is a number": manifest(lambda held: held | {"config": 5}),
    "config is empty": manifest(lambda held: held | {"config": {}}),
    "nothing but a config": manifest(lambda held: {"config": held["config"]}),
    "tables are garbage": garbage("*.parquet"),
    "tables are others": other_columns("*.parquet"),
}
STRANGE_SWEEPS = ANY | {
    "study is a list": manifest(lambda held: held | {"study": []}),
    "study is empty": manifest(lambda held: held | {"study": {}}),
    "nothing but a study": manifest(lambda held: {"study": held["study"]}),
    "folder is a number": manifest(lambda held: held | {"folder": 5}),
    "plan is garbage": garbage("plan.parquet"),
    "plan is another": other_columns("plan.parquet"),
    "keys are garbage": garbage("keys.parquet"),
    "keys are others": other_columns("keys.parquet"),
    "shards are garbage": garbage("shards/*.parquet"),
    "shards are others": other_columns("shards/*.parquet"),
}


UNREAD = (
    ("export", "study is empty"), ("rerun", "plan is garbage"), ("rerun", "plan is another"),
    ("rerun", "shards are garbage"), ("rerun", "shards are others"),
)  # fmt: skip
"""What a command does without."""


def refused(place: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> int:
    """Call a command on the folder `strange` and return its exit code; for 2 it must say why in a sentence."""
    before = tree(place)
    code = call(arguments)
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    if code == 2:
        assert "strange" in one_sentence(said.err)
    assert {name: held for name, held in tree(place).items() if code or not name.startswith("answer/")} == before
    return code


@pytest.mark.parametrize("strange", STRANGE_RESULTS)
@pytest.mark.parametrize("name", RESULT)
def test_a_strange_result_is_refused(place: Path, capsys: pytest.CaptureFixture[str], name: str, strange: str) -> None:
    shutil.copytree(place / "two", place / "strange")
    STRANGE_RESULTS[strange](place / "strange")
    assert refused(place, capsys, RESULT[name]) in (2, *[4] * (name == "reproduce"))


@pytest.mark.parametrize("strange", STRANGE_SWEEPS)
@pytest.mark.parametrize("name", SWEEP)
def test_a_strange_sweep_is_refused(place: Path, capsys: pytest.CaptureFixture[str], name: str, strange: str) -> None:
    shutil.copytree(place / "whole", place / "strange")
    key = open_sweep(place / "whole").keys()["key"].iloc[0]
    STRANGE_SWEEPS[strange](place / "strange")
    arguments = tuple(key if word == "KEY" else word for word in SWEEP[name])
    expected = (0,) if (name, strange) in UNREAD else (2, *[4] * (name == "reproduce"))
    assert refused(place, capsys, arguments) in expected


@pytest.mark.parametrize("name", RESULT)
def test_hostile_names_are_text(place: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    strange = place / "strange"
    shutil.copytree(place / "one", strange)
    for path in strange.glob("*.parquet"):
        table = pd.read_parquet(path)
        texts = [column for column in ("name", "code", "state", "organization") if column in table]
        table.assign(**{column: table[column] + HOSTILE for column in texts}).to_parquet(path)
    Path("answer").mkdir()
    in_the_way = Path("answer") / HOSTILE.replace("/", "").replace("\0", "")[:100]
    in_the_way.touch()
    if name != "reproduce":  # which writes nothing
        assert call(RESULT[name]) == 2
        message = one_sentence(capsys.readouterr().err)
        assert not [mark for mark in UNSEEN if mark in message]
    in_the_way.unlink()
    outcomes = json.loads((strange / "outcomes.json").read_text()) | {"scenario": HOSTILE}
    (strange / "outcomes.json").write_text(json.dumps(outcomes))
    before = tree(place)
    code = call(RESULT[name])
    said = capsys.readouterr()
    assert code == (4 if name == "reproduce" else 0)
    assert not [mark for mark in UNSEEN if mark in said.out + said.err]
    assert name != "compare" or "\ufffd" in said.out
    assert "Traceback" not in said.err
    after = tree(place)
    assert before.items() <= after.items()
    new = [path for path in after if path not in before]
    assert all(path.startswith("answer/") and path.count("/") == 1 and len(path) < 60 for path in new)
    for path in (place / "answer").glob("*.g*ml"):
        assert ElementTree.parse(path).getroot() is not None
    for path in (place / "answer").glob("*.html"):
        assert "<script" not in path.read_text(encoding="utf-8")
