"""Each command that writes, on a full disk, beside a stranger's file and behind a link: one sentence, nothing lost."""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

from experiments.claims import assess
from experiments.cli import app, main
from tests.kills.commands import WORLD, WRITING, Writing, few_runs, half_done, left_over, prepared
from viz import static_page

pytestmark = pytest.mark.long  # limits and deaths of whole processes, which the processes of a quick suite share
ALONE = {name: command for name, command in WRITING.items() if "with workers" not in name}
FULL = ALONE | {
    "export sweep": Writing(("export", "whole", "--format", "json", "--out", "tables"), "tables"),
    "export gexf": Writing(("export", "one", "--format", "gexf", "--out", "gexf"), "gexf"),
}
REFUSING = FULL | {
    "episodes": Writing(("validate", "--episodes", "known", "--out", "episodes"), "episodes"),
    "a study of its own": Writing(("study", "thresholds", *WORLD, "--out", "thresholds"), "thresholds"),
}
COSTLY = ("study", "claims")
DISKS = [
    pytest.param(name, room, marks=[pytest.mark.long] if name in COSTLY else [])
    for name in FULL
    for room in (0, 3000)
    if (name, room) != ("page", 3000)
]
"""Bytes that a file may have: none, and so few that some files fit. The page is dear once its first files are there."""
STRANGERS = {"page": ("index.html", "page.js"), "analyze": ("analysis.html", "analysis/notes.txt"),
             "sweep": ("notes.txt", "keys.parquet")}  # fmt: skip
"""Files in the way of commands that share their folder; others are stopped by any file."""
COMPUTES = {
    "run": "experiments.runs.run_experiment.run_experiment",
    "sweep": "experiments.sweeps.sweep.Scheduler",
    "validate": "experiments.validation.validate.validate",
    "study": "experiments.studies.gains.run",
    "claims": "experiments.claims.assess.assess",
    "compare": "experiments.report.scenario_table.compare",
    "export csv": "experiments.runs.stored.Stored.result",
    "export graphml": "experiments.runs.stored.Stored.result",
    "export gexf": "experiments.runs.stored.Stored.result",
    "export sweep": "experiments.sweeps.read_sweep.Sweep.runs",
    "export world": "abm.data.world_tables.read_tables",
    "analyze": "experiments.analysis.write_analysis.analyze_sweep",
    "page": "viz.static_page.story_data",
    "episodes": "experiments.validation.episodes.compare_episodes",
    "a study of its own": "experiments.studies.thresholds.run",
}
"""What each command must not have begun where it is refused."""


def call(arguments: Sequence[str]) -> int:
    """Run the command in this process and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what some of the commands read."""
    folder, before = tmp_path_factory.mktemp("inputs"), Path.cwd()
    os.chdir(folder)
    try:
        prepared(lambda arguments: pytest.fail("not made") if call(arguments) else None, folder)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def place(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder to work in, with a folder for temporary files; claims and the page carry out few runs."""
    folder = tmp_path / "place"
    shutil.copytree(inputs, folder)
    (folder / "tmp").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    monkeypatch.setattr(assess, "QUICK", assess.QUICK)  # to have them back
    monkeypatch.setattr(static_page, "write_folder", static_page.write_folder)
    few_runs()
    return folder


def tree(folder: Path) -> dict[str, Any]:
    """Everything below a folder: links with their targets, files with their content."""
    paths = sorted(path for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "tmp")
    return {
        path.relative_to(folder).as_posix(): path.readlink() if path.is_symlink() else path.read_bytes()
        for path in paths
        if path.is_symlink() or path.is_file()
    }


@contextmanager
def room_for(count: int) -> Iterator[None]:
    """Have the system refuse to write more bytes than that to any file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def one_sentence(said: str) -> str:
    """The message of a command, which is one line and its last."""
    lines = [line for line in said.splitlines() if line.startswith("abm: ")]
    assert "Traceback" not in said
    assert len(lines) == 1
    assert said.endswith(f"{lines[0]}\n")
    return lines[0]


def test_all_commands_that_write_a_folder_are_tried() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    writing = {
        name for name, command in commands.items() if {"out", "export"} & {option.name for option in command.params}
    }
    assert writing == {command.arguments[0] for command in FULL.values()}
    assert set(COMPUTES) == set(REFUSING)


@pytest.mark.parametrize(("name", "room"), DISKS)
def test_a_full_disk(place: Path, capsys: pytest.CaptureFixture[str], name: str, room: int) -> None:
    command, own = FULL[name], {path.name for path in place.iterdir()}
    before = tree(place)
    with room_for(room):
        code = call(command.arguments)
    assert code == 5
    assert "too large; choose another place" in one_sentence(capsys.readouterr().err)
    assert half_done(place / command.out, command.resumes) == []
    assert command.resumes or name == "analyze" or not (place / command.out).exists()
    assert [path for path in left_over(place, own) if "/tmp/pymp-" not in path] == []  # that is the interpreter's own
    assert before.items() <= tree(place).items()
    if room == 0 and name != "page":  # what it left is not in the way
        assert call(command.arguments) == 0
        assert half_done(place / command.out, command.resumes) == []
        assert left_over(place, own) == []


@pytest.mark.parametrize("name", [name for name in FULL if name not in (*COSTLY, "page")])
def test_a_link_in_the_place_of_its_own_file_is_not_followed(
    place: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    command, elsewhere = FULL[name], place / "elsewhere"
    assert call(command.arguments) == 0
    capsys.readouterr()
    plain = [path for path in sorted((place / command.out).iterdir()) if path.is_file() and path.name[0] != "."]
    own = plain[0]
    own.rename(elsewhere)
    own.symlink_to(elsewhere)
    before = tree(place)
    assert call(command.arguments) == 2
    assert own.name in one_sentence(capsys.readouterr().err)
    assert tree(place) == before


@pytest.mark.parametrize("way", ["a file", "a link", "a link to a file", "a link to a folder"])
@pytest.mark.parametrize("name", REFUSING)
def test_what_is_a_strangers_is_refused_before_anything_is_computed(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, way: str
) -> None:
    for stranger in STRANGERS.get(name, ("notes.txt",)):
        out, elsewhere = place / REFUSING[name].out, place / "elsewhere"
        shutil.rmtree(elsewhere, ignore_errors=True)
        if way == "a link to a folder":
            out.symlink_to(elsewhere)
            (elsewhere / stranger).parent.mkdir(parents=True)
            (elsewhere / stranger).write_text("mine")
        else:
            (out / stranger).parent.mkdir(parents=True)
            elsewhere.mkdir()
            (elsewhere / "mine").write_text("mine")
            if way == "a file":
                (out / stranger).write_text("mine")
            else:
                (out / stranger).symlink_to(elsewhere / ("mine" if way == "a link to a file" else "nowhere"))
        before = tree(place)
        monkeypatch.setattr(COMPUTES[name], lambda *_, **__: pytest.fail("it began to compute"))
        assert call(REFUSING[name].arguments) == 2
        message = one_sentence(capsys.readouterr().err)
        assert "other content" in message or "is a link" in message
        assert tree(place) == before
        shutil.rmtree(out) if not out.is_symlink() else out.unlink()
