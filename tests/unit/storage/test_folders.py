"""The rule for "may I write here": what is not a command's own is neither removed nor overwritten, whatever happens."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.storage import folders
from experiments.storage.atomic import FolderError
from experiments.storage.folders import (
    ENOUGH,
    check_beside,
    check_folder,
    replacing,
    temporary,
    write_beside,
    written_files,
)

BY = "abm something"


def write(folder: Path, by: str = BY, **files: str) -> None:
    with replacing(folder, by) as fresh:
        for name, text in (files or {"one": "1", "two": "2"}).items():
            (fresh / name).write_text(text)
        (fresh / "deep").mkdir()
        (fresh / "deep" / "three").write_text("3")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}


def edit(folder: Path) -> None:
    (folder / "one").write_text("mine")


def add(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")


def add_below(folder: Path) -> None:
    (folder / "deep" / "notes.txt").write_text("mine")


def add_empty(folder: Path) -> None:
    (folder / "figures").mkdir()


def link(folder: Path) -> None:
    (folder.parent / "elsewhere").write_text("1")
    (folder / "one").unlink()
    (folder / "one").symlink_to(folder.parent / "elsewhere")


def link_to_a_folder(folder: Path) -> None:
    (folder.parent / "away").mkdir()
    (folder.parent / "away" / "kept").write_text("mine")
    (folder / "away").symlink_to(folder.parent / "away")


def lose_the_record(folder: Path) -> None:
    (folder / ".written.json").unlink()


def test_new_and_empty_folders_and_those_of_the_same_command_are_written(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty", "new"):
        write(tmp_path / name, one="1")
    write(tmp_path / "new", one="another")
    assert contents(tmp_path / "new") == {"one": "another", "three": "3"}
    assert [path.name for path in written_files(tmp_path / "new")] == ["three", "one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "new"]


@pytest.mark.parametrize("change", [edit, add, add_below, add_empty, link, link_to_a_folder, lose_the_record])
def test_what_is_not_the_commands_own_is_left_alone(tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = tmp_path / "out"
    write(folder)
    change(folder)
    before, around = contents(folder), contents(tmp_path)
    with pytest.raises(FolderError, match="other content"):
        check_folder(folder, BY)
    with pytest.raises(FolderError, match="other content"):
        write(folder, one="new")
    assert (contents(folder), contents(tmp_path)) == (before, around)


def test_a_large_folder_of_somebody_else_is_refused_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with `--out /usr`."""
    for number in range(ENOUGH + 5):
        (tmp_path / f"{number:05d}").touch()
    looked_at: list[str] = []
    inside = folders._inside
    monkeypatch.setattr(folders, "_inside", lambda place: (looked_at.append(name) or name for name in inside(place)))
    monkeypatch.setattr(folders, "_digest", lambda path: pytest.fail(f"{path} was read"))
    with pytest.raises(FolderError, match="00000, 00001, 00002 and at least 997 more"):
        check_folder(tmp_path, BY)
    assert len(looked_at) == ENOUGH


@pytest.mark.parametrize("below", ["out", "deep/out"])
def test_a_folder_below_a_file_is_refused_at_once(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="file is a file; choose another folder"):
        check_folder(tmp_path / "file" / below, BY)
    with pytest.raises(FolderError, match="file is a file; choose another folder"):
        check_beside([tmp_path / "file" / below])


def test_a_folder_of_another_command_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "out")
    with pytest.raises(FolderError, match="one"):
        write(tmp_path / "out", "abm other", one="new")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FolderError, match="is a file"):
        check_folder(tmp_path / "file", BY)


def test_equal_files_need_no_record(tmp_path: Path) -> None:
    write(tmp_path / "out")
    lose_the_record(tmp_path / "out")
    write(tmp_path / "out")
    assert contents(tmp_path / "out") == {"one": "1", "two": "2", "three": "3"}


def test_a_link_to_a_folder_stays_one(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    write(tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert contents(tmp_path / "disk") == {"one": "1", "two": "2", "three": "3"}


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path / "out")
    with pytest.raises(OSError, match="full"), replacing(tmp_path / "out", BY):
        raise OSError("full")
    assert contents(tmp_path / "out")["one"] == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_page_among_other_things_is_replaced_only_where_it_is_unchanged(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    for text in (b"1", b"2", b"2"):
        write_beside(tmp_path / "page.html", text)
    (tmp_path / "page.html").write_text("edited")
    with pytest.raises(FolderError, match=r"page\.html"):
        write_beside(tmp_path / "page.html", b"3")
    assert contents(tmp_path) == {"data": "mine", "page.html": "edited"}


@pytest.mark.parametrize("stranger", ["other", "edited", "link", "folder"])
def test_a_page_that_could_not_be_written_is_refused_before_it_is_made(tmp_path: Path, stranger: str) -> None:
    page, other = tmp_path / "page.html", tmp_path / "other.html"
    write_beside(other, b"1")
    if stranger == "edited":
        write_beside(page, b"1")
    check_beside([page, other])
    if stranger == "link":
        page.symlink_to(other)
    elif stranger == "folder":
        page.mkdir()
    else:
        page.write_text("mine")
    for refused in (lambda: check_beside([other, page]), lambda: write_beside(page, b"2")):
        with pytest.raises(FolderError, match=r"other content.*: page\.html;"):
            refused()
    assert other.read_text() == "1"


def killed(code: str, *arguments: Path) -> None:
    """Run Python code that ends its own process at once."""
    begin = (
        "import os, pathlib, signal, sys\n"
        "from experiments.storage.folders import replacing, temporary\n"
        "places = [pathlib.Path(text) for text in sys.argv[1:]]\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", begin + code, *map(str, arguments)], check=False).returncode == -9


def test_what_killed_processes_leave_is_removed(tmp_path: Path) -> None:
    code = "with replacing(places[0], 'abm something') as fresh:\n    (fresh / 'one').write_text('half')\n    die()\n"
    killed(code, tmp_path / "out")
    strange = tmp_path / f".out.abm-another_machine-{os.getpid()}-x"
    strange.mkdir()
    assert len(list(tmp_path.iterdir())) == 2
    write(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == [strange.name, "out"]


def test_a_kill_between_two_renames_loses_nothing(tmp_path: Path) -> None:
    write(tmp_path / "out")
    code = (
        "real = pathlib.Path.replace\n"
        "def replace(self, target):\n    real(self, target)\n    self == places[0] and die()\n"
        "pathlib.Path.replace = replace\n"
        "with replacing(places[0], 'abm something') as fresh:\n    (fresh / 'one').write_text('new')\n"
    )
    killed(code, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(OSError, match="full"), replacing(tmp_path / "out", BY):
        raise OSError("full")
    assert contents(tmp_path / "out") == {"one": "1", "two": "2", "three": "3"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_temporary_folders_of_killed_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    killed("with temporary('bench') as place:\n    die()\n")
    assert len(list(tmp_path.iterdir())) == 1
    with temporary("bench") as place:
        assert list(tmp_path.iterdir()) == [place]
    assert not list(tmp_path.iterdir())
