"""Documents that tell what to do are carried out word for word, in a copy of the project.

A block of code follows the sentence that says where it goes; blocks of `bash` are commands, and a block of `text` after
them is what they print, with `…` for what is left out. CONTRIBUTING.md holds recipes, the pages of the documentation
tutorials and guides.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<language>\w*)\n(?P<code>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(
    r"(?:New file `(?P<new>[^`]+)`[^`:]*|At the end of `(?P<end>[^`]+)`"
    r"|In\s+`(?P<path>[^`]+)`,\s+(?P<how>after|before|replace)\s+the\s+line\s+(?P<start>that\s+starts\s+with\s+)?"
    r"(?P<ticks>`+) ?(?P<line>[^\n]+?) ?(?P=ticks)(?:\s+by)?):\s*\Z"
)
COPIED = (
    "abm",
    "configs",
    "experiments",
    "viz",
    "tests",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "pyproject.toml",
    "LICENSE",
    "CITATION.cff",
)
UV = """
uv() {
    case "$2" in
        abm) python -c 'from experiments.cli import main; main()' "${@:3}" ;;
        pytest) python -m pytest -p no:cacheprovider "${@:3}" ;;
        *) "${@:2}" ;;
    esac
}
"""
"""Makes of `uv run` a call of the interpreter that runs this test, so that nothing is installed."""


class Edit(NamedTuple):
    """Lines for a file: a new file, or lines at its end, or beside or instead of the one line that `line` finds."""

    path: str
    how: str
    line: str
    whole: bool
    code: str


class Recipe(NamedTuple):
    """The edits of a recipe in their order, and its commands."""

    edits: list[Edit]
    commands: list[str]


def edit(place: re.Match[str], code: str) -> Edit:
    """Return the edit that a sentence and a block ask for."""
    if place["new"] or place["end"]:
        return Edit(place["new"] or place["end"], "new" if place["new"] else "end", "", True, code)
    return Edit(place["path"], place["how"], place["line"], not place["start"], code)


def recipe(text: str) -> Recipe:
    """Return what a section asks for; a block without a place is an error."""
    edits, commands, done = [], [], 0
    for block in BLOCK.finditer(text):
        before, done = text[done : block.start()], block.end()
        if block["language"] == "bash":
            commands.append(block["code"])
            continue
        place = PLACE.search(before)
        assert place, f"nothing says where this goes:\n{block['code']}"
        edits.append(edit(place, block["code"]))
    return Recipe(edits, commands)


def recipes(text: str) -> dict[str, Recipe]:
    """Return all recipes of a text by name."""
    parts = re.split(r"^## Add (.+)$", text, flags=re.MULTILINE)
    return {name: recipe(section) for name, section in zip(parts[1::2], parts[2::2], strict=True)}


def apply(one: Edit, folder: Path) -> None:
    """Carry out an edit; fails where the line that it names is not there exactly once."""
    path = folder / one.path
    if one.how == "new":
        assert not path.exists(), one.path
        path.parent.mkdir(exist_ok=True)
        path.write_text(one.code, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    if one.how == "end":
        path.write_text(text + one.code, encoding="utf-8")
        return
    lines = text.splitlines(keepends=True)
    fits = [line.strip() == one.line or (not one.whole and line.strip().startswith(one.line)) for line in lines]
    assert sum(fits) == 1, f"{one.path} has {sum(fits)} lines of: {one.line}"
    row = fits.index(True)
    lines[row : row + 1] = {
        "after": [lines[row], one.code], "before": [one.code, lines[row]], "replace": [one.code],
    }[one.how]  # fmt: skip
    path.write_text("".join(lines), encoding="utf-8")


def call(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block of commands in a copy of the project."""
    shell = shutil.which("bash")
    assert shell, "the commands are written for bash"
    python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [shell, "-e", "-c", UV + command],
        cwd=folder,
        env=os.environ | {"PATH": python, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


def run(command: str, folder: Path) -> str:
    """Run a block of commands in a copy of the project and return what it prints; fails where a command fails."""
    done = call(command, folder)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def follow(text: str, folder: Path) -> int:
    """Do what a page says, in its order, and return the number of blocks that were carried out.

    Fails where something cannot be done, or does not print what the page shows. A command whose shown answer begins
    with `abm:` has to fail.
    """
    blocks, done, printed = list(BLOCK.finditer(text)), 0, ""
    for number, block in enumerate(blocks):
        before, done = text[done : block.start()], block.end()
        language, code = block["language"], block["code"]
        if language == "bash":
            later = blocks[number + 1]["code"] if blocks[number + 1 :] else ""
            answer = call(code, folder)
            printed = answer.stdout + answer.stderr
            assert (answer.returncode == 0) != later.startswith("abm: "), f"{code}\n{printed[-6000:]}"
        elif language == "text":
            assert missing(code, printed) == [], printed
        elif language:
            place = PLACE.search(before)
            assert place, f"nothing says where this goes:\n{code}"
            apply(edit(place, code), folder)
    return len(blocks)


def missing(shown: str, printed: str) -> list[str]:
    """Return the lines of a shown answer that no printed line agrees with; `…` stands for anything."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    wanted = [" ".join(line.split()) for line in shown.splitlines() if line.strip()]
    patterns = {line: re.compile(".*".join(re.escape(part.strip()) for part in line.split("…"))) for line in wanted}
    return [line for line, pattern in patterns.items() if not any(pattern.search(one) for one in lines)]


def copied(folder: Path) -> Path:
    """Return a copy of the project that git knows."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder
