"""Which tests run which lines, and in which order they meet a mutant."""

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.changes import Mutant

ROOT = Path(__file__).resolve().parents[2]
LOADED_EARLY = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Hypothesis is loaded before its plugin is, which changes nothing."""
MOST_TOGETHER = 6.0
"""Seconds of tests that run together."""
FEW_WORLDS = "tests/mutants/few_worlds.py"
INDIRECT = 20.0
"""Seconds of tests of the same files that do not run the line themselves."""
DECLARATIONS = ("tests/test_odd", "tests/contract")
"""Tests that look at what is declared: parameters, fields, measures, processes."""
ABSENT = 30.0
"""How many times its seconds of the processor a process may take by the clock, on a busy machine."""

Lines = dict[str, list[int]]
"""Lines that run, by file."""


@dataclass
class Reach:
    """What the tests of one file do in the unchanged code; seconds are those of the processor."""

    file: str
    seconds: float = 0.0
    loading: Lines = field(default_factory=dict)
    tests: dict[str, tuple[float, Lines]] = field(default_factory=dict)
    failing: list[str] = field(default_factory=list)

    def meets(self, mutant: Mutant) -> bool:
        """Whether loading this file or any of its tests runs a line of the mutant's statement."""
        return runs(self.loading, mutant) or any(runs(lines, mutant) for _, lines in self.tests.values())


def runs(lines: Lines, mutant: Mutant) -> bool:
    """Whether these lines are some of the mutant's statement."""
    first, last = mutant.lines
    return any(first <= line <= last for line in lines.get(mutant.path, ()))


def groups(mutant: Mutant, reaches: list[Reach]) -> Iterator[tuple[float, list[str]]]:
    """Tests that meet a mutant, in groups with their seconds.

    Those that run its line come in three ranks: near ones, which look at it directly; the few worlds of the
    transcription; all others, quick ones first. Then come quick ones of the same files, which may share something made
    of it. What runs only when a file is loaded is a declaration: all tests come, near are those of declarations.
    """
    seeing = [reach for reach in reaches if reach.meets(mutant)]
    declared = not any(runs(lines, mutant) for reach in seeing for _, lines in reach.tests.values())
    found = []
    for reach in seeing:
        near = is_near(mutant.path, reach.file) or (declared and reach.file.startswith(DECLARATIONS))
        for test, (seconds, lines) in reach.tests.items():
            rank = 0 if near else 1 if reach.file == FEW_WORLDS else 2
            rank = rank if declared or runs(lines, mutant) else 3
            if test not in reach.failing:
                found.append((rank, seconds, test))
    group: list[str] = []
    total, left, last = 0.0, INDIRECT, 0
    for rank, seconds, test in sorted(found):
        left -= seconds * (rank == 3)
        if left < 0:
            break
        if group and (rank != last or total + seconds > MOST_TOGETHER):
            yield total, group
            group, total = [], 0.0
        last = rank
        group.append(test)
        total += seconds
    if group:
        yield total, group


def is_near(path: str, test_file: str) -> bool:
    """Whether a test file looks at a file by its name, or is one of a package other than that of the processes."""
    changed, looking = Path(path), Path(test_file)
    stem, package = changed.stem.rstrip("s"), changed.parent.name
    return stem in looking.stem or (package not in ("abm", "processes") and package == looking.parent.name)


def mapped(
    tree: Path, folder: Path, wanted: tuple[str, ...], unwanted: tuple[str, ...], tell: Callable[[str], None]
) -> list[Reach]:
    """The reach of every test file, from a file each if it was found before."""
    folder.mkdir(exist_ok=True)
    tests = [path.relative_to(tree).as_posix().removeprefix("tests/") for path in tree.glob("tests/**/test_*.py")]
    files = [f"tests/{name}" for name in sorted(tests) if name.startswith(wanted) and not name.startswith(unwanted)]
    found = []
    for file in [*files, *([FEW_WORLDS] if (tree / FEW_WORLDS).exists() else [])]:
        kept = folder / (file.replace("/", "+") + ".json")
        if not kept.exists():
            done = forked(tree, [file], 1800, watched=True)
            reach = {"file": file, "seconds": done.seconds, "failing": done.failing}
            reach |= {name: done.told[name] for name in ("loading", "tests") if name in done.told}
            kept.write_text(json.dumps(reach), encoding="utf-8")
            tell(f"{done.seconds:6.1f} s {file} {done.failing or ''}")
        found.append(Reach(**json.loads(kept.read_text(encoding="utf-8"))))
    return found


@dataclass
class Done:
    """What a fork found: the first failure, or "" ; whether its time was up; what else it told."""

    first: str
    seconds: float
    late: bool = False
    failing: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)


def forked(tree: Path, arguments: list[str], limit: float, watched: bool = False) -> Done:
    """What pytest finds in a fork that may take so many seconds of the processor."""
    answer = tree.parent / "answer.json"
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 5))
        try:
            in_child(tree, arguments, answer, watched)
        except BaseException:
            traceback.print_exc()
        os._exit(0)
    late, ends = False, time.monotonic() + 60 + ABSENT * limit
    try:
        while (state := os.wait4(child, os.WNOHANG))[0] == 0:
            if not late and time.monotonic() > ends:
                late = True
                ended(child)
            time.sleep(0.02)
    except KeyboardInterrupt:
        ended(child)
        raise
    _, status, used = state
    seconds = used.ru_utime + used.ru_stime
    late = late or (os.WIFSIGNALED(status) and seconds >= limit)
    if not answer.exists():
        return Done("" if late else "the process died", seconds, late)
    told = json.loads(answer.read_text(encoding="utf-8"))
    return Done(told["first"], seconds, False, told["failing"], told)


def ended(child: int) -> None:
    """Kill a fork and all that it started."""
    with contextlib.suppress(ProcessLookupError):  # it has no group of its own yet
        os.killpg(child, signal.SIGKILL)


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


class Watch:
    """A plugin that keeps every line below a folder that runs, of each test and of what is before the first."""

    def __init__(self, tree: Path) -> None:
        self.before, self.top = f"{tree}/", f"{tree}/abm/"
        self.loading: dict[str, set[int]] = {}
        self.tests: dict[str, tuple[float, dict[str, set[int]]]] = {}
        self.now = self.loading
        sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "mutants")
        sys.monitoring.register_callback(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE, self.ran)
        sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE)

    def ran(self, code: Any, line: int) -> Any:
        if code.co_filename.startswith(self.top):
            self.now.setdefault(code.co_filename.removeprefix(self.before), set()).add(line)
        return sys.monitoring.DISABLE  # until the next test

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.now = {}
        sys.monitoring.restart_events()
        began = sum(os.times()[:4])
        try:
            return (yield)
        finally:
            self.tests[item.nodeid] = sum(os.times()[:4]) - began, self.now
            self.now = {}

    def told(self) -> dict[str, Any]:
        """All that was kept, as JSON can hold it."""
        tests = {test: (round(seconds, 3), listed(lines)) for test, (seconds, lines) in self.tests.items()}
        return {"loading": listed(self.loading), "tests": tests}


def listed(lines: dict[str, set[int]]) -> Lines:
    """Lines in their order."""
    return {path: sorted(here) for path, here in lines.items()}


def in_child(tree: Path, arguments: list[str], answer: Path, watched: bool) -> None:
    """Run pytest on the copy, in silence, and write down what it found.

    What is compiled is kept of the unchanged code only: a watched run writes it, all later ones read it.
    """
    silence = os.open(answer.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(tree)
    shutil.rmtree(tree / ".pytest_cache", ignore_errors=True)
    os.environ |= {"PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
    if not watched:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = not watched
    sys.path[:] = [str(tree), *(part for part in sys.path if Path(part).resolve() != ROOT)]
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "abm", "experiments", "viz")]:
        del sys.modules[name]
    notes = Notes()
    watch = Watch(tree) if watched else None
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", "--tb=line", *LOADED_EARLY]
    code = pytest.main([*options, *arguments], plugins=[notes, watch] if watch else [notes])
    failing = list(dict.fromkeys(notes.failing))
    first = failing[0] if failing else "" if code == 0 else f"pytest ends with {int(code)}"
    told = {"first": first, "failing": failing} | (watch.told() if watch else {})
    answer.write_text(json.dumps(told), encoding="utf-8")
