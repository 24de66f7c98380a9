"""Twins that are the same at several points are run once, and stored as if each had been run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.simulation import Simulation
from experiments.sweeps import twins
from experiments.sweeps.read_sweep import open_sweep
from experiments.sweeps.sweep import run_sweep

WORLD = {"source": "synthetic", "states": 12, "organizations": 5}
STUDY: dict[str, Any] = {"scenario": "us-exit-2026", "world": WORLD, "quarters": 6, "seed": 5, "replicates": 2}


def runs_made(monkeypatch: pytest.MonkeyPatch, folder: Path, **factors: list[object]) -> int:
    """Carry out a grid in this process; return how many simulations were run."""
    made, whole = [], Simulation.running

    def counted(simulation: Simulation, *arguments: Any, **keys: Any) -> Iterator[int]:
        made.append(simulation)
        return whole(simulation, *arguments, **keys)

    monkeypatch.setattr(Simulation, "running", counted)
    twins.forget()
    levels = {path.replace("__", "."): {"values": values} for path, values in factors.items()}
    run_sweep(STUDY | {"design": {"method": "grid"}, "factors": levels}, folder, workers=0)
    return len(made)


def rows(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    sweep = open_sweep(folder)
    order = ["point", "replicate", "twin"]
    series = sweep.series().sort_values([*order, "quarter"]).reset_index(drop=True)
    return sweep.runs().sort_values(order).drop(columns="seconds").reset_index(drop=True), series


def test_a_twin_that_no_factor_touches_is_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factors: dict[str, list[object]] = {
        "shocks__0__mode": ["bargain", "decouple"],
        "shocks__0__notice_quarters": [2, 4],
    }
    assert runs_made(monkeypatch, tmp_path / "once", **factors) == 2 * 4 + 2
    monkeypatch.setattr(twins, "KEPT", 0)
    assert runs_made(monkeypatch, tmp_path / "each", **factors) == 2 * 4 + 2 * 4
    for one, other in zip(rows(tmp_path / "once"), rows(tmp_path / "each"), strict=True):
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    "factors",
    [
        {"membership__contagion_log_odds": [0.0, 3.0]},  # another world
        {"shocks__1__announced": ["2025Q4", "2026Q1"]},  # other quarters from which followers count
        {"shocks__0__actor": ["USA", "CHN"]},  # other states that measures look at
    ],
)
def test_twins_that_differ_are_all_run(
    factors: dict[str, list[object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runs_made(monkeypatch, tmp_path / "out", **factors) == 2 * 2 * 2
