"""Commands that write, on small worlds, and what their folder must be whenever they are ended."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from experiments.claims import assess
from experiments.storage.folders import RECORD
from viz import static_page

WORLD = ("--set", "world.source=synthetic", "--set", "world.states=9", "--set", "world.organizations=5")
SMALL = (*WORLD, "--quarters", "6", "--replicates", "2", "--workers", "1")
STUDY = """
scenario: us-exit-2026
world: {source: synthetic, states: 9, organizations: 5}
quarters: 6
replicates: 2
design: {method: lhs, samples: 3}
factors:
  legitimacy.blame_weight: {low: 0.0, high: 3.0}
"""
UNEQUAL = ("report.html", "comparison.html", "claims.html", "outcomes.json", RECORD)
"""Files that tell when, or how fast, they were made."""
WHEN = ("date", "seconds", "wall_seconds")


@dataclass(frozen=True)
class Writing:
    """A command, the folder that it writes below the working folder, and whether it goes on where it was ended."""

    arguments: tuple[str, ...]
    out: str
    resumes: bool = False
    workers: bool = False

    def with_workers(self) -> "Writing":
        """The same with two workers."""
        return replace(self, arguments=(*self.arguments, "--workers", "2"), workers=True)


ALONE = {
    "run": Writing(("run", "us-exit-2026", *SMALL, "--out", "run"), "run"),
    "sweep": Writing(("sweep", "study.yaml", "--workers", "0", "--out", "swept"), "swept", resumes=True),
    "validate": Writing(("validate", "--only", "14", "--workers", "1", "--out", "validated"), "validated"),
    "study": Writing(("study", "gains", *WORLD, "--workers", "1", "--out", "studied"), "studied"),
    "claims": Writing(("claims", "--only", "C18", "--workers", "1", "--out", "claimed"), "claimed"),
}
WRITING = {
    **ALONE,
    **{f"{name} with workers": command.with_workers() for name, command in ALONE.items()},
    "compare": Writing(("compare", "one", "two", "--out", "compared"), "compared"),
    "export csv": Writing(("export", "one", "--format", "csv", "--out", "csv"), "csv"),
    "export graphml": Writing(("export", "one", "--format", "graphml", "--out", "graphml"), "graphml"),
    "export world": Writing(("export", "--world", "real", "--out", "world"), "world"),
    "analyze": Writing(("analyze", "whole", "--out", "analysis"), "analysis"),
    "page": Writing(("view", "--export", "page"), "page", resumes=True, workers=True),
}
"""By name."""


def few_runs() -> None:
    """Have claims and the export of the page carry out few runs: what they do, not how often, has to meet a signal."""
    assess.QUICK = assess.AssessmentSize(calibrated=2, points=2, space=1, without=1)
    page: Any = static_page
    page.write_folder = partial(static_page.write_folder, names=("who-2025",), replicates=2)


def prepared(call: Callable[[Sequence[str]], None], folder: Path) -> None:
    """Write what some commands read: two results, a study and its sweep."""
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    for name, scenario in (("one", "us-exit-2026"), ("two", "who-2025")):
        call(["run", scenario, *SMALL, "--out", name])
    call(["sweep", "study.yaml", "--workers", "0", "--out", "whole"])


def half_done(folder: Path, resumes: bool) -> list[str]:
    """What is wrong with a folder after its command was ended: files without a record, other content than recorded.

    A folder that the command goes on with may hold any whole files, but nothing half-written under a final name. Hidden
    folders are scratch, also inside: what the last kill left must be gone when the command has run (`left_over`).
    """
    if not folder.exists():
        return []
    if resumes:
        return [f"{path} is no JSON" for path in folder.rglob("*.json") if not is_json(path)]
    recorded: dict[str, set[str]] = {}
    for record in folder.rglob(RECORD):
        below = record.parent.relative_to(folder)
        held = json.loads(record.read_text(encoding="utf-8"))
        for name, digest in [*held["files"].items(), *held.get("coming", {}).items()]:
            recorded.setdefault((below / name).as_posix(), set()).add(digest)
    found = {name: digest for name, digest in digests(folder).items() if not name.startswith(".")}
    return [f"{name} differs from its record" for name, digest in found.items() if digest not in recorded.get(name, ())]


def is_json(path: Path) -> bool:
    """Whether a file holds JSON."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a folder but its record, by path."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != RECORD]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def lasting(folder: Path) -> dict[str, str]:
    """The digests that two runs of one command share: of JSON, those of all but dates and seconds.

    How a sweep is cut into shards depends on the time; its manifest has the digest of them all.
    """
    found = {name: digest for name, digest in digests(folder).items() if Path(name).name not in UNEQUAL}
    for name in list(found):
        if name.startswith("shards/") and (folder / "manifest.json").exists():
            del found[name]
        elif name.endswith(".json"):
            said = json.loads((folder / name).read_text(encoding="utf-8"))
            found[name] = hashlib.sha256(json.dumps(timeless(said)).encode()).hexdigest()
    return found


def timeless(said: Any) -> Any:
    """What a JSON file says but for when, and how fast, it was made."""
    if isinstance(said, dict):
        return {key: timeless(value) for key, value in said.items() if key not in WHEN}
    return [timeless(value) for value in said] if isinstance(said, list) else said


def left_over(folder: Path, own: set[str]) -> list[str]:
    """Hidden or half-written files and folders beside and below a command's own folder, and temporary ones."""
    hidden = [path.name for path in folder.iterdir() if path.name.startswith(".") and path.name not in own]
    below = [path for place in folder.iterdir() if place.name != "tmp" for path in place.rglob(".*")]
    hidden += [str(path) for path in below if path.is_dir()]
    partial = [str(path) for path in folder.rglob("*.partial")]
    temporary = [str(path) for path in (folder / "tmp").iterdir()]
    return hidden + partial + temporary


def in_folder(folder: Path) -> None:
    """Work in a folder, with its own temporary folder."""
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")
    (folder / "tmp").mkdir(exist_ok=True)
