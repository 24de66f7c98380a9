"""What every test shares: the project's sources, fixed seeds, no skipped test under CI."""

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
COSTLY = ("tests/test_contributing.py", "tests/transcription/test_transcription.py", "tests/unit/report/test_report.py")

# One thread a process: two make a product 40 times slower on a busy machine. Read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
# Tests start hundreds of commands: without kept bytecode each would compile all that it imports, for two seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples in every run; no deadline, since a busy machine is not a broken one.
settings.register_profile("project", derandomize=True, deadline=None, database=None)
settings.load_profile("project")


INTERRUPT = signal.getsignal(signal.SIGINT)
"""What Ctrl-C does before any test."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Share the quick suite out over the cores; parts of it, and what measures time (`-m long`), run in one process."""
    whole = config.args == config.getini("testpaths") and config.option.markexpr == "not long"
    return min(os.cpu_count() or 1, 4) if whole else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files whose tests share what is costly first: tests go to workers in this order, and are taken from the end.

    So one process makes it for all of them.
    """
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in COSTLY)


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure under CI: what is not run there is run nowhere."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Give back the handler of Ctrl-C: a command that was interrupted in this process waits for a second one."""
    signal.signal(signal.SIGINT, INTERRUPT)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file that git tracks and that is there, relative to the top folder."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def trees(tracked: list[Path]) -> dict[Path, ast.Module]:
    """The syntax tree of every tracked Python file."""
    python = [path for path in tracked if path.suffix == ".py"]
    return {path: ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path)) for path in python}
