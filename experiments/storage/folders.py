"""The one rule for "may I write here", kept by every command that writes a folder at once.

A sweep, which adds to its folder for hours, asks instead whether it holds the same study: `sweep.check_sweep_folder`.

A command leaves a record in each folder that it writes: which command, and the SHA-256 of each of its files. It may
take the place of a new or empty folder, and of one that holds nothing but what the same command wrote, unchanged.
Anything else, such as a file that was edited or added, or a link, is refused by name: what is not the command's own is
never removed or overwritten. The new folder is written beside its place and put there by one rename.
"""

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from experiments.storage.atomic import FolderError, write_json, write_whole

RECORD = ".written.json"
"""File with the record: `by` and `files`, path below the folder -> SHA-256."""
COMING = "coming"
"""Key of the record with files that are about to be written, as in `files`."""
SHOWN, ENOUGH = 3, 1000
"""Names of foreign files that a message lists, and after how many of them none is looked for any more."""


def check_folder(folder: Path, by: str) -> None:
    """Raise FolderError unless a folder is new, empty, or holds only what `by` wrote, unchanged.

    `by` names the command and what it was given. Raises PermissionError where the folder could not be made.
    """
    folder = folder.absolute()
    if not folder.exists():
        parent = around(folder)
        if not os.access(parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(parent))
    _refuse(folder, _foreign(folder, by))


@contextmanager
def replacing(folder: Path, by: str) -> Iterator[Path]:
    """Give a fresh folder, and put it in the place of `folder` when all is written; nothing is left half-done.

    Files that are already there with the same content count as the command's own. Raises FolderError as
    `check_folder` does; OSError where the disk does not take it.
    """
    folder = folder.resolve()  # a link to a folder stays a link
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(folder.parent, folder.name, restored=folder) as scratch:
        fresh, previous = scratch / "fresh", scratch / "previous"
        fresh.mkdir()
        yield fresh
        files = _digests(fresh)
        _refuse(folder, _foreign(folder, by, files))
        write_json(fresh / RECORD, {"by": by, "files": files})
        fresh.chmod(0o755)
        if folder.exists():
            folder.replace(previous)
        fresh.replace(folder)


def write_beside(path: Path, content: bytes) -> None:
    """Write one file into a folder that holds other things too. Raises FolderError where it is not the command's own.

    It may take the place of an earlier one that is recorded in the folder and unchanged. What is coming is recorded
    first, so that a process that ends in between leaves nothing that looks like somebody else's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    record = _record(path.parent)
    files = dict(record.get("files", {}))
    digest = hashlib.sha256(content).hexdigest()
    coming = dict(record.get(COMING, {}))
    if _strange(path, record, digest):
        _refuse(path.parent, [path.name])
    write_json(path.parent / RECORD, {**record, "files": files, COMING: coming | {path.name: digest}})
    write_whole(path, content)
    left = {name: expected for name, expected in coming.items() if name != path.name}
    write_json(path.parent / RECORD, {**record, "files": files | {path.name: digest}, COMING: left})


def check_beside(paths: Sequence[Path]) -> None:
    """Raise FolderError where `write_beside` would: one of the files is there, and is not the command's own, unchanged.

    For commands that compute for long before they write.
    """
    for folder in dict.fromkeys(path.parent for path in paths):
        around(folder.absolute() / "any")
        record = _record(folder)
        _refuse(folder, [path.name for path in paths if path.parent == folder and _strange(path, record)])


def around(path: Path) -> Path:
    """Return the nearest folder around a path that is there. Raises FolderError where that is a file."""
    parent = next(place for place in path.parents if os.path.lexists(place))
    if not parent.is_dir():
        raise FolderError(f"{parent} is a file; choose another folder with --out")
    return parent


def written_files(folder: Path) -> list[Path]:
    """Return the files that a command wrote into a folder, in order."""
    return sorted(folder / name for name in _record(folder).get("files", {}))


@contextmanager
def temporary(name: str) -> Iterator[Path]:
    """Give an empty folder that is removed afterwards; those left by processes that were killed are removed before."""
    with _scratch(Path(tempfile.gettempdir()), name) as scratch:
        yield scratch


def _foreign(folder: Path, by: str, fresh: Mapping[str, str] | None = None) -> list[str]:
    """Return what stands in a folder and is neither `by`'s own, unchanged, nor equal to the `fresh` files.

    Only what may be the command's own is read, and no more than ENOUGH names are returned: the folder may be any.
    """
    if not os.path.lexists(folder):
        return []
    if not folder.is_dir():
        raise FolderError(f"{folder} is a file; choose another folder with --out")
    record = _record(folder)
    own: Mapping[str, str] = record.get("files", {}) if record.get("by") == by else {}

    def strange(name: str) -> bool:
        expected = [files[name] for files in (own, fresh or {}) if name in files]
        return name != RECORD and (not expected or _seal(folder / name) not in expected)

    return sorted(islice(filter(strange, _inside(folder)), ENOUGH))


def _strange(path: Path, record: Mapping[str, Any], fresh: str = "") -> bool:
    """Return whether a file is there that is neither in the record, unchanged, nor has the digest `fresh`."""
    if not os.path.lexists(path):
        return False
    known = (fresh, record.get("files", {}).get(path.name), record.get(COMING, {}).get(path.name))
    return path.is_symlink() or not path.is_file() or _digest(path) not in known


def _refuse(folder: Path, foreign: list[str]) -> None:
    """Raise FolderError where a folder holds anything foreign."""
    if foreign:
        at_least = "at least " * (len(foreign) == ENOUGH)
        more = f" and {at_least}{len(foreign) - SHOWN} more" if len(foreign) > SHOWN else ""
        raise FolderError(
            f"{folder} holds other content, which this command did not write or which was changed since: "
            f"{', '.join(foreign[:SHOWN])}{more}; choose another folder, or move that away"
        )


def _record(folder: Path) -> dict[str, Any]:
    """Return the record of a folder, empty where there is none."""
    try:
        held = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(held, dict) or not isinstance(held.get("files"), dict):
        return {}
    return held if isinstance(held.get(COMING, {}), dict) else {}


def _digests(folder: Path) -> dict[str, str]:
    """Return path below a folder -> SHA-256 of each file; "" for links and empty folders."""
    return {name: _seal(folder / name) for name in sorted(_inside(folder))}


def _inside(folder: Path) -> Iterator[str]:
    """Yield the paths below a folder of all files, links, which are not followed, and empty folders."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted((*folders, *files)):
            path = Path(place) / name
            if path.is_symlink() or not path.is_dir() or not any(path.iterdir()):
                yield path.relative_to(folder).as_posix()


def _seal(path: Path) -> str:
    """Return the SHA-256 of a file, "" for anything else."""
    return _digest(path) if path.is_file() and not path.is_symlink() else ""


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _scratch(parent: Path, name: str, restored: Path | None = None) -> Iterator[Path]:
    """Give a hidden folder that says whose it is, and remove it afterwards."""
    _clean(parent, name, restored)
    scratch = Path(tempfile.mkdtemp(prefix=f".{name}.abm-{_host()}-{os.getpid()}-", dir=parent))
    try:
        yield scratch
    finally:
        _remove(scratch, restored)


def _clean(parent: Path, name: str, restored: Path | None) -> None:
    """Remove the hidden folders of this user's dead processes of this machine."""
    begins = f".{name}.abm-{_host()}-"
    for left in [path for path in parent.iterdir() if path.name.startswith(begins)]:
        found = re.fullmatch(r"(\d+)-\w+", left.name.removeprefix(begins))
        if found and not left.is_symlink() and left.is_dir() and _mine(left) and not _alive(int(found[1])):
            _remove(left, restored)


def _remove(scratch: Path, restored: Path | None) -> None:
    """Remove a hidden folder; where its process ended between two renames, the folder that was there is put back."""
    previous = scratch / "previous"
    if restored is not None and previous.is_dir() and not os.path.lexists(restored):
        previous.replace(restored)
    shutil.rmtree(scratch, ignore_errors=True)


def _mine(path: Path) -> bool:
    """Return whether a path belongs to this user; never where the system does not say."""
    return hasattr(os, "getuid") and path.lstat().st_uid == os.getuid()


def _alive(process: int) -> bool:
    """Return whether there is a process of this number, whoever's it is."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _host() -> str:
    """Return the name of this machine as part of a file's name."""
    return re.sub(r"\W", "_", platform.node())
