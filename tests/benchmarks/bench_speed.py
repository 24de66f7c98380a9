"""Speed, beside the tests: `uv run pytest tests/benchmarks/bench_speed.py` prints it; the suite leaves it out."""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from threadpoolctl import threadpool_limits

from abm.config.reader import load_experiment
from abm.recording import record
from abm.simulation import Simulation


@pytest.mark.parametrize("scenario", ["base", "us-exit-2026"])
@pytest.mark.benchmark(min_rounds=7)
def test_a_default_run_of_the_full_world(benchmark: BenchmarkFixture, scenario: str) -> None:
    """One run of 60 quarters with all measures, one BLAS thread; the aim is 400 ms on an idle core."""
    experiment = load_experiment(scenario)

    def ready() -> tuple[tuple[Simulation], dict[str, object]]:
        return (Simulation(experiment, (1, 0)),), {}

    with threadpool_limits(limits=1):
        recording = benchmark.pedantic(record, setup=ready, rounds=9, warmup_rounds=1)
    assert np.isfinite(np.array(recording.series.system)).all()
