"""Mutants: makes small wrong changes to the code, one at a time, and sees whether a test notices.

`uv run python -m tests.mutants --count 200` works in a copy of the last commit, never in the tree itself. It first runs
each test file once, to see that it passes, how long it takes and which lines it runs. Then every mutant meets the test
files that run its line, fast ones first, until one fails. A row is written for each as it comes; the same command goes
on where it stopped. Each test run is a fork of this process, which has the large packages loaded already.
"""

import argparse
import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.mutants.changes import Mutant, drawn, mutants

ROOT = Path(__file__).resolve().parents[2]
LOADED = ("numpy", "pandas", "scipy.stats", "scipy.optimize", "networkx", "pydantic", "hypothesis", "yaml", "rich")
FIRST = ("transcription", "test_odd", "contract/test_fields", "contract/test_processes", "contract/test_measures",
         "contract/test_reads", "property/test_symmetry", "property/test_runs", "unit/processes", "unit/shocks",
         "unit/state", "unit/config", "unit/data", "unit/worlds", "unit/test_")  # fmt: skip
"""Tests that look at the model itself; `--tests` adds or takes others."""
LOADED_EARLY = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Hypothesis is loaded before its plugin is, which changes nothing."""
CHEAP = 10.0
"""Seconds up to which test files run together."""
COLUMNS = ("file", "line", "kind", "before", "after", "verdict", "by", "seconds", "key")


@dataclass
class Reach:
    """What one test file does in the unchanged code."""

    file: str
    seconds: float
    lines: dict[str, list[int]]
    failing: list[str]

    def runs(self, mutant: Mutant) -> bool:
        """Whether it runs a line of the mutant's statement."""
        first, last = mutant.lines
        return any(first <= line <= last for line in self.lines.get(mutant.path, ()))


def main() -> None:
    """Read the options, run the mutants, print the survivors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=["abm/"], help="files or folders to change")
    parser.add_argument("--tests", nargs="*", default=FIRST, help="test files and folders, below tests/")
    parser.add_argument("--retry", action="store_true", help="try again what no test caught in an earlier call")
    parser.add_argument("--tree", type=Path, default=ROOT, help="repository whose last commit is tried")
    parser.add_argument("--work", type=Path, default=Path("results/mutants"), help="folder of copy, map and rows")
    parser.add_argument("--most", type=float, default=900.0, help="seconds for one mutant")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    work = options.work.resolve()
    tree = copied(options.tree, work / "tree")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # no thread may be alive when this process forks
    for name in LOADED:
        import_module(name)
    chosen = drawn(all_mutants(tree, options.only), options.count, options.seed)
    reaches = mapped(tree, work / "reach", tuple(options.tests))
    kept = work / "rows.csv"
    if options.retry:
        forget_survivors(kept)
    rows = tried(chosen, reaches, tree, kept, options.most)
    caught = sum(row["verdict"] == "caught" for row in rows)
    for row in rows:
        if row["verdict"] != "caught":
            print(f"{row['file']}:{row['line']}: {row['kind']}: {row['before']} -> {row['after']} ({row['verdict']})")
    print(f"{caught} of {len(rows)} mutants caught")


def copied(tree: Path, copy: Path) -> Path:
    """A clone of the tree's last commit."""
    if not copy.exists():
        subprocess.run(["git", "clone", "-q", "--local", str(tree), str(copy)], check=True)
    subprocess.run(["git", "checkout", "-q", "."], cwd=copy, check=True)
    return copy


def all_mutants(tree: Path, only: Iterable[str]) -> list[Mutant]:
    """All mutants of the files below the given ones."""
    files = sorted(
        path for name in only for path in ([tree / name] if name.endswith(".py") else tree.glob(f"{name}/**/*.py"))
    )
    return [m for path in files for m in mutants(path.relative_to(tree).as_posix(), path.read_bytes())]


def mapped(tree: Path, folder: Path, wanted: tuple[str, ...]) -> list[Reach]:
    """The reach of every test file, from a file each if it was found before."""
    folder.mkdir(exist_ok=True)
    tests = sorted(path.relative_to(tree).as_posix() for path in tree.glob("tests/**/test_*.py"))
    found = []
    for file in [file for file in tests if file.removeprefix("tests/").startswith(wanted)]:
        kept = folder / (file.replace("/", "+") + ".json")
        if not kept.exists():
            began = time.monotonic()
            answer = forked(tree, [file], 1800, watch=True) or {"failing": [file], "lines": {}}
            del answer["first"]
            kept.write_text(json.dumps({"file": file, "seconds": time.monotonic() - began} | answer))
            print(f"{time.monotonic() - began:6.1f} s {file} {answer['failing'] or ''}", flush=True)
        found.append(Reach(**json.loads(kept.read_text())))
    return found


def forget_survivors(kept: Path) -> None:
    """Keep only the rows of mutants that were caught."""
    with kept.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["verdict"] == "caught"]
    with kept.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def tried(chosen: list[Mutant], reaches: list[Reach], tree: Path, kept: Path, most: float) -> list[dict[str, str]]:
    """Rows of all mutants; those of an earlier call are read."""
    rows = {row["key"]: row for row in csv.DictReader(kept.open(encoding="utf-8"))} if kept.exists() else {}
    with kept.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if not rows:
            writer.writeheader()
        for mutant in chosen:
            if mutant.key not in rows:
                began = time.monotonic()
                verdict, by = judged(mutant, reaches, tree, most)
                values = (mutant.path, mutant.line, mutant.kind, mutant.before, mutant.after, verdict, by,
                          f"{time.monotonic() - began:.0f}", mutant.key)  # fmt: skip
                rows[mutant.key] = {name: str(value) for name, value in zip(COLUMNS, values, strict=True)}
                writer.writerow(rows[mutant.key])
                file.flush()
    return [rows[mutant.key] for mutant in chosen]


def judged(mutant: Mutant, reaches: list[Reach], tree: Path, most: float) -> tuple[str, str]:
    """What became of a mutant: "caught" and the test that failed first, "survived", "undecided", or "unreached"."""
    stem = Path(mutant.path).stem.rstrip("s")
    seeing = [reach for reach in reaches if reach.runs(mutant)]
    seeing.sort(key=lambda reach: (stem not in Path(reach.file).stem, reach.seconds))
    if not seeing:
        return "unreached", ""
    cheap = [reach for reach in seeing if reach.seconds <= CHEAP]
    groups = [group for group in [cheap, *([reach] for reach in seeing if reach.seconds > CHEAP)] if group]
    path = tree / mutant.path
    source = path.read_bytes()
    path.write_bytes(mutant.applied(source))
    ends = time.monotonic() + most
    try:
        for group in groups:
            deselected = [f"--deselect={test}" for reach in group for test in reach.failing]
            limit = min(60 + 8 * sum(reach.seconds for reach in group), ends - time.monotonic())
            answer = forked(tree, [*(reach.file for reach in group), "-x", *deselected], limit)
            if answer is None:
                return ("caught", "time") if time.monotonic() < ends else ("undecided", "time was up")
            if answer["first"]:
                return "caught", answer["first"]
    finally:
        path.write_bytes(source)
    return "survived", ""


def forked(tree: Path, arguments: list[str], limit: float, watch: bool = False) -> dict[str, Any] | None:
    """What pytest finds in a fork; None if it was not done within so many seconds."""
    answer = tree.parent / "answer.json"
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            in_child(tree, arguments, answer, watch)
        except BaseException:
            traceback.print_exc()
        os._exit(0)
    ends = time.monotonic() + limit
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > ends:
            with contextlib.suppress(ProcessLookupError):  # it has no group of its own yet
                os.killpg(child, signal.SIGKILL)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.05)
    if not answer.exists():
        return {"first": "the process died", "failing": [], "lines": {}}
    return json.loads(answer.read_text())


class Notes:
    """A plugin that keeps which tests fail."""

    def __init__(self) -> None:
        self.failing: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failing.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failing.append(report.nodeid)


def in_child(tree: Path, arguments: list[str], answer: Path, watch: bool) -> None:
    """Run pytest on the copy, in silence, and write down what it found."""
    silence = os.open(answer.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(tree)
    shutil.rmtree(tree / ".pytest_cache", ignore_errors=True)
    os.environ |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
    sys.dont_write_bytecode = True
    sys.path[:] = [str(tree), *(part for part in sys.path if Path(part).resolve() != ROOT)]
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "abm", "experiments", "viz")]:
        del sys.modules[name]
    lines: dict[str, set[int]] = {}
    if watch:
        note_lines(tree, lines)
    notes = Notes()
    code = pytest.main(
        ["-q", "-n", "0", "-p", "no:cacheprovider", "--tb=line", *LOADED_EARLY, *arguments], plugins=[notes]
    )
    failing = list(dict.fromkeys(notes.failing))
    first = failing[0] if failing else "" if code == 0 else f"pytest ends with {int(code)}"
    found = {"first": first, "failing": failing, "lines": {path: sorted(here) for path, here in lines.items()}}
    answer.write_text(json.dumps(found))


def note_lines(tree: Path, lines: dict[str, set[int]]) -> None:
    """Keep every line of the tree that runs from now on."""
    monitoring, top = sys.monitoring, f"{tree}/abm/"
    monitoring.use_tool_id(monitoring.COVERAGE_ID, "mutants")

    def ran(code: Any, line: int) -> Any:
        if code.co_filename.startswith(top):
            lines.setdefault(code.co_filename[len(str(tree)) + 1 :], set()).add(line)
        return monitoring.DISABLE

    monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, ran)
    monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)


if __name__ == "__main__":
    main()
