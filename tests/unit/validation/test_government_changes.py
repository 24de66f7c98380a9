"""Changes of government: the record's table, elections counted in a run, and rates of made-up rows by hand."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.data.world_tables import read_tables
from abm.simulation import Simulation
from experiments.studies.calibration_targets import TARGETS
from experiments.validation import government_changes
from experiments.validation.elections import Elections, changes_a_year, record, recorded_rows
from experiments.validation.government_changes import counted, summary
from experiments.validation.readings import SEED, scenario

WORLD = ("world.source=synthetic", "world.states=6", "world.organizations=3", "quarters=40")


def test_the_record_names_states_and_their_source(root: Path) -> None:
    table = record()
    assert len(table) >= 30
    assert table.index.is_unique
    assert set(table.index) <= set(read_tables().states["code"])
    assert (table["changed"] <= table["elections"]).all()
    assert ((table["until"] - table["since"] + 1) * 4 <= government_changes.QUARTERS).all()
    with (root / "abm/data/bibliography.csv").open(encoding="utf-8", newline="") as file:
        assert set(table["source"]) <= {row["key"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0.0), (1.0, 1.0)])
def test_elections_are_counted_and_those_that_change_the_government(probability: float, share: float) -> None:
    settings = (*WORLD, "ensemble=off", "politics.contested_swing=-1", f"politics.turnover_probability={probability}")
    simulation, elections = Simulation(scenario("base", *settings), (SEED, 0)), Elections()
    simulation.run((elections,))
    assert (elections.held >= 1).all()
    assert (elections.changed == share * elections.held).all()


def test_calibration_counts_changes_per_year_and_state_of_the_record() -> None:
    """Australia 2 and Austria 1 in ten years; Afghanistan is not in the record, and its three do not count."""
    elections = Elections()
    elections.changed = np.array([2.0, 3.0, 1.0])
    codes = ("AUS", "AFG", "AUT")
    assert recorded_rows(codes) == {"AUS": 0, "AUT": 2}
    assert changes_a_year(elections, codes, 10) == pytest.approx(0.15)
    assert np.isnan(changes_a_year(elections, ("AFG", "XYZ", "XYY"), 10))


def test_the_target_of_calibration_is_the_rate_of_the_record() -> None:
    table, target = record(), TARGETS["turnover"]
    rate = table["changed"].sum() / (table["until"] - table["since"] + 1).sum()
    assert target.value == round(rate, 3)
    assert target.low < rate < target.high


def test_rates_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"AUS": (2001, 2010, 3, 1, 0), "AUT": (2001, 2010, 2, 2, 1)}
    names = ["since", "until", "elections", "changed", "between"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    monkeypatch.setattr(government_changes, "record", lambda: table)
    runs = [{"AUS": [4.0, 1.0], "AUT": [4.0, 0.0]}, {"AUS": [2.0, 1.0], "AUT": [2.0, 0.0]}]
    found = summary(runs, quarters=40)
    assert found["elections a year"]["record"] == 0.25
    assert found["elections a year"]["model"] == 0.3
    shares = found["share of elections that change the government"]
    assert shares["record"] == 0.6
    assert shares["model"] == pytest.approx((1 / 8 + 1 / 4) / 2, abs=1e-3)
    assert found["changes at elections a year"] == {"record": 0.15, "model": 0.05, "low": 0.05, "high": 0.05}
    assert found["changes between elections a year, in the record only"] == 0.05
    assert (found["states inside"], found["outside"]) == (1, "AUT")


@pytest.mark.long
def test_the_command_runs_with_workers(tmp_path: Path) -> None:
    """A module that is started by its path gives workers functions by its own name, which they can import."""
    said = subprocess.run(
        [sys.executable, "-m", "experiments.validation.government_changes", "--rows", "2", "--workers", "2"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "elections a year" in said.stdout


def test_states_that_the_world_does_not_have_are_left_out() -> None:
    assert counted(0, 4, WORLD) == {}
