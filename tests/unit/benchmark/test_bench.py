"""The figures of `abm bench` measure what they say."""

import numpy as np
import pytest

from abm.config.reader import load_experiment
from abm.processes.legitimacy import Legitimacy
from abm.rng import Draws
from abm.simulation import Simulation
from experiments.benchmark import scaling, speed
from experiments.benchmark.reference_loops import Lists, moved_views

SMALL = {"extends": "us-exit-2026", "world": {"source": "synthetic", "states": 12, "organizations": 6}, "quarters": 16}


@pytest.mark.parametrize("rivals", ["listen", "rally"])
def test_loops_and_arrays_agree(rivals: str) -> None:
    experiment = load_experiment(SMALL, [f"legitimacy.rivals={rivals}", "legitimacy.blame_weight=2"])
    simulation = Simulation(experiment, (1, 0))
    values, blamed = experiment.values_of(Legitimacy), 0
    while not simulation.finished:
        simulation.step()
        world = simulation.world
        draws = Draws((1, 0), "legitimacy", world.state_ids, world.organization_ids)
        arrays = Legitimacy().propose(world, values, draws).fields["legitimacy"]
        np.testing.assert_allclose(np.array(moved_views(Lists(world), values)), arrays, rtol=0, atol=1e-9)
        blamed += bool(world.exited.any())
    assert blamed > 0


def test_the_keys_are_those_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    small = load_experiment(SMALL)
    monkeypatch.setattr(speed, "load_experiment", lambda *_: small)
    monkeypatch.setattr(speed, "SIZES", ((12, 6),))
    monkeypatch.setattr(
        speed, "measure_growth", lambda *size: dict(zip(("states", "organizations"), size, strict=True))
    )
    found = speed.bench(rounds=2, sweep=False)
    assert {"run_ms", "quarter_ms", "ratio_transcription", "sweep_runs_per_s", "growth"} <= set(found)
    assert found["run_ms"] > 16 * 0.5 * found["quarter_ms"] > 0
    assert found["ratio_transcription"] > 0
    assert found["growth"] == [{"states": 12, "organizations": 6}]


def test_memory_is_that_of_this_process() -> None:
    before = scaling.peak_mb()
    held = np.ones(60_000_000)
    assert held.sum() == 60_000_000
    assert scaling.peak_mb() > before + 200 or before > 700  # a larger one may have been held before
