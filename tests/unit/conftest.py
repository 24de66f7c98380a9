"""A few small results that the tests of this folder share, each made once."""

from pathlib import Path
from typing import Any

import pytest

from experiments.report.write_result import write_result
from experiments.runs.run_experiment import run_experiment
from experiments.sweeps.sweep import run_sweep

WORLD = {"source": "synthetic", "states": 12, "organizations": 6}
STUDY: dict[str, Any] = {
    "scenario": "us-exit-2026", "world": WORLD, "quarters": 8, "seed": 5, "replicates": 3,
    "design": {"method": "lhs", "samples": 4},
    "factors": {"legitimacy.blame_weight": {"low": 0.0, "high": 3.0}, "shocks.1.notice_quarters": {"values": [0, 4]}},
}  # fmt: skip


@pytest.fixture(scope="session")
def result_folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders of two scenarios on the same world and seed."""
    folders = []
    for name in ("us-exit-2026", "who-2025"):
        config = {"extends": name, "world": WORLD, "quarters": 8, "seed": 5, "replicates": 2}
        result = run_experiment(config, workers=1)
        result.outcomes["scenario"] = name
        folders.append(tmp_path_factory.mktemp("results") / name)
        write_result(result, folders[-1])
    return folders


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished sweep."""
    folder = tmp_path_factory.mktemp("sweeps") / "swept"
    run_sweep(STUDY, folder, workers=0)
    return folder
