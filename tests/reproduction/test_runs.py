"""The same config and seed give the same tables: in one or two workers, in another process, run after run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.simulation import Simulation
from experiments.report.write_result import write_result
from experiments.reproduction.reproduce_result import reproduce
from experiments.runs import run_with_twin
from experiments.runs.result import ROUNDED, TABLES, Result, as_stored, table_digest
from experiments.runs.run_experiment import run_experiment

SMALL = {
    "extends": "us-exit-2026",
    "world": {"source": "synthetic", "states": 24, "organizations": 12},
    "quarters": 12,
    "replicates": 3,
    "seed": 5,
}


def digests(result: Result) -> dict[str, str]:
    """Return the digest of every table."""
    return {name: table_digest(name, table) for name, table in result.tables()}


@pytest.fixture(scope="module")
def result() -> Result:
    return run_experiment(SMALL, workers=1)


def test_two_workers_give_the_same_tables(result: Result) -> None:
    assert digests(run_experiment(SMALL, workers=2)) == digests(result)


def test_another_process_with_other_hashes_gives_the_same_tables(result: Result, tmp_path: Path) -> None:
    code = (
        "import json; from experiments.runs.run_experiment import run_experiment\n"
        "from experiments.runs.result import table_digest\n"
        f"r = run_experiment({SMALL!r}, workers=1)\n"
        "print(json.dumps({n: table_digest(n, t) for n, t in r.tables()}))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "77", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert json.loads(done.stdout) == digests(result)


def test_another_seed_gives_other_tables(result: Result) -> None:
    other = digests(run_experiment(SMALL, ["seed=6"], workers=1))
    assert all(other[name] != digest for name, digest in digests(result).items() if name != "memberships")


def test_more_replicates_keep_the_first_ones(result: Result) -> None:
    more = run_experiment(SMALL, ["replicates=4"], workers=1)
    pd.testing.assert_frame_equal(more.series[more.series["run"] < 3].reset_index(drop=True), result.series)


def test_the_twin_equals_a_run_of_the_config_without_shocks(result: Result) -> None:
    alone = run_experiment({**SMALL, "shocks": []}, workers=1, twin=False)
    columns = ["run", "quarter", "code"]
    twin = result.organizations[result.organizations["twin"]].drop(columns=["twin", "shocked"])
    other = alone.organizations.drop(columns=["twin", "shocked"])
    focus = [name for name in twin if name.startswith("focus_")]
    left, right = (frame.drop(columns=focus).sort_values(columns).reset_index(drop=True) for frame in (twin, other))
    pd.testing.assert_frame_equal(left, right, check_exact=True)


def test_without_a_shock_run_and_twin_are_the_same() -> None:
    still = run_experiment({**SMALL, "shocks": []}, workers=1)
    assert all(effect["mean"] == 0 for effect in still.outcomes["effects"].values())
    assert still.outcomes["regimes"]["continuity"] == 1.0


def test_a_folder_holds_what_the_manifest_says(result: Result, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_result(result, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in TABLES:
        assert table_digest(name, pd.read_parquet(folder / f"{name}.parquet")) == manifest["tables"][name]
    again = load_experiment(manifest["config"])
    assert again.digest() == manifest["config_digest"] == result.experiment.digest()
    write_result(result, folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_files_of_organizations_and_states_keep_five_digits_and_the_others_all(result: Result) -> None:
    for (name, table), held in zip(result.tables(), result.stored().values(), strict=True):
        for column in table.select_dtypes("float64"):
            values, kept = table[column].to_numpy(), held[column].to_numpy()
            assert kept.dtype == (np.float32 if name in ROUNDED else np.float64)
            np.testing.assert_allclose(kept, values, rtol=1.01 * 2.0**-16 if name in ROUNDED else 0, err_msg=column)
            assert table_digest(name, as_stored(name, held)) == table_digest(name, held), (
                "rounding twice changes nothing"
            )


def test_a_failing_run_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Simulation):
        """Raises in replicate 1 with shocks; its twin has none."""

        def __init__(self, experiment: Experiment, seed: tuple[int, int], *rest: Any, **more: Any) -> None:
            if seed[1] == 1 and experiment.shocks:
                raise FloatingPointError("for the test")
            super().__init__(experiment, seed, *rest, **more)

    monkeypatch.setattr(run_with_twin, "Simulation", Failing)
    partial = run_experiment(SMALL, workers=1)
    assert [(row["run"], row["twin"]) for row in partial.outcomes["failed_runs"]] == [(1, False)]
    assert set(partial.series.loc[~partial.series["twin"], "run"]) == {0, 2}


def test_a_result_of_which_every_twin_failed_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Failing(Simulation):
        """Raises in twins."""

        def __init__(self, experiment: Experiment, seed: tuple[int, int], *rest: Any, **more: Any) -> None:
            if not experiment.shocks:
                raise FloatingPointError("for the test")
            super().__init__(experiment, seed, *rest, **more)

    monkeypatch.setattr(run_with_twin, "Simulation", Failing)
    write_result(run_experiment(SMALL, workers=1), tmp_path / "out")
    assert reproduce(tmp_path / "out", workers=1).equal


def test_outcomes_have_the_promised_keys(result: Result) -> None:
    promised = {
        "scenario", "config_digest", "seed", "replicates", "quarters", "regimes", "effects", "followers", "refill",
        "failed_runs",
    }  # fmt: skip
    assert promised <= set(result.outcomes)
    json.dumps(result.outcomes, allow_nan=False)
    assert sum(result.outcomes["regimes"].values()) == pytest.approx(1)
    for effect in result.outcomes["effects"].values():
        assert effect["low"] <= effect["mean"] <= effect["high"]
    for row in result.outcomes["refill"]:
        assert set(row) >= {"organization", "after_4_quarters", "after_12_quarters", "by"}
