"""Long runs: `uv run python -m tests.endurance --runs 20000` sweeps a small world and watches memory and open files.

A line for each twentieth of the sweep. It fails where the last fifth takes over a tenth more memory than the second
fifth, or more files are open at the end than then.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from experiments.sweeps.scheduler import Progress
from experiments.sweeps.sweep import run_sweep

PAGE = resource.getpagesize()


def main() -> int:
    """Sweep, watch, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20000)
    options = parser.parse_args()
    study = {
        "scenario": "us-exit-2026", "world": {"source": "synthetic", "states": 8, "organizations": 4}, "quarters": 6,
        "replicates": 1, "design": {"method": "random", "samples": max(20, options.runs // 2)},
        "factors": {"legitimacy.blame_weight": {"low": 0.0, "high": 3.0}},
    }  # fmt: skip
    seen: list[tuple[int, float, int]] = []
    began = time.monotonic()

    def watch(state: Progress) -> None:
        if state.done >= len(seen) * state.total / 20:
            seen.append((state.done, memory(), len(list(Path("/proc/self/fd").iterdir()))))
            done, megabytes, files = seen[-1]
            print(f"{done} runs, {time.monotonic() - began:.0f} s, {megabytes:.0f} MB, {files} files open", flush=True)

    with tempfile.TemporaryDirectory(prefix="endurance-") as place:
        summary = run_sweep(study, Path(place) / "sweep", workers=0, progress=watch)
    early, late = seen[4:8], seen[16:]
    grown = max(megabytes for _, megabytes, _ in late) / max(megabytes for _, megabytes, _ in early) - 1
    leaked = max(files for *_, files in late) - max(files for *_, files in early)
    print(f"{summary.done} runs done, {summary.failed} failed; memory {grown:+.1%}, files {leaked:+d}")
    return int(summary.failed > 0 or grown > 0.1 or leaked > 0)


def memory() -> float:
    """Megabytes that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * PAGE / 1e6


if __name__ == "__main__":
    sys.exit(main())
