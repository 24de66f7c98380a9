"""Mutants: makes small wrong changes to the code, one at a time, and sees whether a test notices.

`uv run python -m tests.mutants --count 200` works in a copy of the last commit, never in the tree itself. It first runs
each test file once, to see which tests pass, how long each takes and which lines it runs. Then every mutant meets the
tests that run its line, direct and quick ones first, until one fails. A row is written for each as it comes; the same
command goes on where it stopped. Each test run is a fork of this process, which has the large packages loaded already.
All seconds are those of the processor, so that a busy machine changes no verdict. A newer commit is taken where the
folders `tree` and `reach` of the work folder are removed; rows stay, as a change that was caught once still is.
"""

import argparse
import csv
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.mutants.changes import Mutant, drawn, mutants
from tests.mutants.reach import Reach, forked, groups, mapped

ROOT = Path(__file__).resolve().parents[2]
LOADED = (
    "numpy", "pandas", "scipy.stats", "scipy.optimize", "networkx", "pydantic", "hypothesis", "yaml", "rich", "jinja2",
    "SALib", "anyio", "platformdirs", "xdist.plugin", "pytest_benchmark.plugin", "asyncio", "multiprocessing.pool",
)  # fmt: skip
FIRST = ("transcription", "test_odd", "contract/test_fields", "contract/test_processes", "contract/test_measures",
         "contract/test_reads", "property/test_symmetry", "property/test_runs", "unit/processes", "unit/shocks",
         "unit/state", "unit/config", "unit/data", "unit/worlds", "unit/test_")  # fmt: skip
"""Tests that look at the model itself; `--tests` adds or takes others."""
SLOW = ("unit/test_workers",)
"""Tests of processes that wait for one another; they look at nothing else."""
COLUMNS = ("file", "line", "kind", "before", "after", "verdict", "by", "seconds", "key")


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
    parser.add_argument(
        "--most",
        type=float,
        default=900.0,
        help="most seconds of the processor for one mutant",
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends forks and puts the mutant back, too
    options.work.mkdir(parents=True, exist_ok=True)
    work = options.work.resolve()
    tree = copied(options.tree, work / "tree")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # no thread may be alive when this process forks
    for name in LOADED:
        import_module(name)
    gc.collect()
    gc.freeze()
    chosen = drawn(all_mutants(tree, options.only), options.count, options.seed)
    reaches = mapped(tree, work / "reach", tuple(options.tests), SLOW, partial(print, flush=True))
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


def forget_survivors(kept: Path) -> None:
    """Keep only the rows of mutants that were caught, or found to be equivalent."""
    with kept.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["verdict"] in ("caught", "equivalent")]
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
                verdict, by, seconds = judged(mutant, reaches, tree, most)
                values = (mutant.path, mutant.line, mutant.kind, mutant.before, mutant.after, verdict, by,
                          f"{seconds:.0f}", mutant.key)  # fmt: skip
                rows[mutant.key] = {name: str(value) for name, value in zip(COLUMNS, values, strict=True)}
                writer.writerow(rows[mutant.key])
                file.flush()
    return [rows[mutant.key] for mutant in chosen]


def judged(mutant: Mutant, reaches: list[Reach], tree: Path, most: float) -> tuple[str, str, float]:
    """What became of a mutant, by which test, in how many seconds of the processor.

    It is "caught" with the test that failed first, or "survived", "undecided", or "unreached".
    """
    path, spent = tree / mutant.path, 0.0
    source, times = path.read_bytes(), path.stat()
    met = False
    try:
        path.write_bytes(mutant.applied(source))
        for seconds, tests in groups(mutant, reaches):
            met = True
            if spent + seconds > most:
                return "undecided", "time was up", spent
            done = forked(tree, ["-x", *tests], 20 + 8 * seconds)
            spent += done.seconds
            if done.late or done.first:
                return "caught", done.first or "time", spent
    finally:
        path.write_bytes(source)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # so that its compiled form is taken again
    return "survived" if met else "unreached", "", spent


if __name__ == "__main__":
    main()
