"""The gallery: its scripts, and their figures, which are kept because it takes minutes to make them.

`uv run python -m experiments.documentation.gallery [SCRIPT ...]` runs scripts in full, such as `one_shock`, or all of
them. It keeps their figures for the documentation, and a record of what made them.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from abm import __version__

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES, KEPT = ROOT / "experiments" / "examples", ROOT / "abm" / "docs" / "gallery"
RECORD = KEPT / "made.json"
LISTED = re.compile(r"^\| \[`(\w+\.py)`\]", re.MULTILINE)
FIGURE = re.compile(r'OUT / "(\w+\.png)"')
CELL = re.compile(r"^# %%(?P<prose> \[markdown\])?\n(?P<body>.*?)(?=^# %%|\Z)", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"^# ?", re.MULTILINE)


def scripts() -> list[Path]:
    """Return the scripts in the order in which their README lists them."""
    return [EXAMPLES / name for name in LISTED.findall((EXAMPLES / "README.md").read_text(encoding="utf-8"))]


def figures(script: Path) -> list[str]:
    """Return the names of the figures that a script saves."""
    return FIGURE.findall(script.read_text(encoding="utf-8"))


def section(script: Path) -> str:
    """Return a script as Markdown: its prose, its code, and each figure below the code that saves it."""
    parts = []
    for cell in CELL.finditer(script.read_text(encoding="utf-8")):
        body = cell["body"].strip()
        if cell["prose"]:
            parts.append(COMMENT.sub("", body))
        else:
            drawn = [f"![{Path(name).stem.replace('_', ' ')}](../gallery/{name})" for name in FIGURE.findall(body)]
            parts += [f"```python\n{body}\n```", *drawn]
    title, *rest = parts[0].split("\n", 1) + parts[1:]
    version = record().get(script.name, {"version": "none yet"})["version"]
    by = f"`{script.relative_to(ROOT).as_posix()}`; its figures are of version {version}."
    return "\n\n".join([f"#{title}", by, *rest, ""])


def run(script: Path, folder: Path) -> list[Path]:
    """Run a script as it stands, in a folder; return its figures. Raises CalledProcessError where it fails."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    subprocess.run([sys.executable, str(script)], cwd=folder, env=environment, check=True, capture_output=True)
    return [folder / "gallery" / "full" / name for name in figures(script)]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def record() -> dict[str, Any]:
    """Return by script what made its figures: `version`, digest of the `script`, digests of the `figures` by name."""
    found: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def keep(script: Path, made: Sequence[Path]) -> None:
    """Keep the figures that a script made, and record them."""
    for path in made:
        shutil.copy(path, KEPT / path.name)
    of = {"version": __version__, "script": digest(script), "figures": {path.name: digest(path) for path in made}}
    RECORD.write_text(json.dumps(record() | {script.name: of}, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def stale() -> Iterator[str]:
    """Yield the scripts that changed since their figures were made, and figures that are not as recorded."""
    known = record()
    for script in scripts():
        if script.name not in known or known[script.name]["script"] != digest(script):
            yield script.name
    recorded = {name: said for of in known.values() for name, said in of["figures"].items()}
    kept = {path.name: digest(path) for path in KEPT.glob("*.png")}
    yield from sorted(name for name in recorded | kept if recorded.get(name) != kept.get(name))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make and keep the figures of the scripts that are named, or of all."""
    known = {script.stem: script for script in scripts()}
    parser = argparse.ArgumentParser(description="Run scripts of the gallery in full and keep their figures.")
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", choices=[*known, []], help=", ".join(known))
    for name in parser.parse_args(arguments).scripts or known:
        with tempfile.TemporaryDirectory() as folder:
            keep(known[name], run(known[name], Path(folder)))


if __name__ == "__main__":
    main()
