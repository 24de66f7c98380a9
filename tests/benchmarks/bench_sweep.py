"""Runner and store, beside the tests: `uv run pytest -s tests/benchmarks/bench_sweep.py` prints the figures."""

import resource
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from abm.outcomes import OUTCOMES
from abm.rng import stream
from experiments.sweeps import run_pair
from experiments.sweeps.read_sweep import Sweep
from experiments.sweeps.shards import Writer
from experiments.sweeps.sweep import run_sweep
from experiments.sweeps.tasks import RunRows

RUNS, QUARTERS, MEASURES, POINTS = 10_000, 20, 81, 500
FACTOR = "membership.contagion_log_odds"


def peak_gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def stored(folder: Path) -> None:
    """Store runs with made-up numbers of a real run's shape."""
    writer, draws = Writer(folder), stream((1, 0), "benchmark")
    measures = tuple(f"measure_{row}" for row in range(MEASURES))
    quarters = tuple(f"{2025 + row // 4}Q{row % 4 + 1}" for row in range(QUARTERS))
    for first in range(0, RUNS, 100):
        writer.add([
            RunRows(
                f"{run:064d}", run % POINTS, run // POINTS, False, {FACTOR: (run % POINTS) % 10},
                dict.fromkeys(OUTCOMES, 0.0), measures, quarters, draws.random((QUARTERS, MEASURES)), 0.1,
            )
            for run in range(first, first + 100)
        ])  # fmt: skip


def test_a_query_over_ten_thousand_runs_takes_less_than_a_second(tmp_path: Path) -> None:
    stored(tmp_path)
    writing = peak_gigabytes()
    began, spent = time.perf_counter(), time.process_time()
    table = Sweep(tmp_path).table(["quarter", f"factor:{FACTOR}", "measure_7"])
    means = table.group_by(["quarter", f"factor:{FACTOR}"]).aggregate([("measure_7", "mean")])
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    peaks = f"peak memory {writing:.2f} GB writing, {peak_gigabytes():.2f} GB in all"
    sys.stdout.write(f"\nquery over {RUNS} runs: {seconds:.2f} s ({spent:.2f} s of processors); {peaks}\n")
    assert isinstance(means, pa.Table)
    assert means.num_rows == QUARTERS * 10
    assert seconds < 1
    assert peak_gigabytes() < 1


def test_runner_and_store_take_less_than_a_twentieth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processor time of everything but the runs themselves, over that of the runs, at the full world's size."""
    runs: list[float] = []
    whole = run_pair.finished_run

    def timed(*arguments: Any) -> Any:
        began = time.thread_time()
        found = whole(*arguments)
        runs.append(time.thread_time() - began)
        return found

    monkeypatch.setattr(run_pair, "finished_run", timed)
    study = {"scenario": "us-exit-2026", "replicates": 24, "design": {"method": "list", "points": [{FACTOR: 2.0}]}}
    began = time.process_time()
    run_sweep(study, tmp_path / "full", workers=0)
    besides = (time.process_time() - began) / sum(runs) - 1
    sys.stdout.write(f"\n{len(runs)} runs: {sum(runs):.2f} s in runs, {besides:.1%} besides\n")
    assert besides < 0.05
