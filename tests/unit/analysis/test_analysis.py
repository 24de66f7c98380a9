"""Analyses against functions whose sensitivities, boxes and spreads are known, and on a small sweep as a whole."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.config.errors import ConfigError
from abm.rng import stream
from experiments.analysis.convergence import by_point, convergence, replicates_needed
from experiments.analysis.phase_diagram import cell, cuts, pairs_that_matter, phase_table
from experiments.analysis.samples import Samples, as_numbers, read_samples
from experiments.analysis.scenario_discovery import boxes, scores
from experiments.analysis.sensitivity import DUMMY, ranking, sensitivity
from experiments.analysis.sweep_analysis import analysis_of, analyze_sweep
from experiments.analysis.write_analysis import analyze
from experiments.cli import main
from experiments.report.analysis import analysis_page, plates
from experiments.storage.atomic import FolderError
from experiments.sweeps.study import points, read_study, unit_points_of

OUTCOME = "clubs"
PATHS = ("legitimacy.blame_weight", "legitimacy.peer_rate", "legitimacy.memory_rate")
Function = Callable[[Any], Any]


def made_up(design: dict[str, Any], function: Function, noise: float = 0.0, replicates: int = 1) -> Samples:
    """Return samples whose outcome OUTCOME is a function of the unit coordinates (point, factor), with noise."""
    factors = {path: {"low": 0.0, "high": high} for path, high in zip(PATHS, (1.0, 0.5, 1.0), strict=True)}
    study = read_study({"scenario": "base", "design": design, "factors": factors})
    plan = points(study)
    sampled = design["method"] not in ("grid", "oat")
    places = unit_points_of(study) if sampled else plan.to_numpy(float) * [1.0, 2.0, 1.0]
    index = pd.MultiIndex.from_product([plan.index, range(replicates)], names=["point", "replicate"])
    values = np.repeat(np.asarray(function(places), float), replicates)
    values += noise * stream((1, 0), "test").standard_normal(len(values))
    labels = pd.Series(np.where(values > 0.5, "reform", "continuity"), index)
    frame = pd.DataFrame({OUTCOME: values, "regime.reform": (labels == "reform").astype(float)}, index)
    return Samples(Path(), study, plan, plan.astype(float), frame, labels, (OUTCOME, "regime.reform"), 0)


def index_of(samples: Samples, index: str) -> dict[str, tuple[float, float, float]]:
    table = sensitivity(samples)
    rows = table[(table["outcome"] == OUTCOME) & (table["index"] == index)]
    return {str(row["factor"]): (row["value"], row["low"], row["high"]) for _, row in rows.iterrows()}


def test_sobol_indices_are_those_of_an_additive_function() -> None:
    samples = made_up({"method": "sobol", "samples": 512}, lambda x: 3 * x[:, 0] + x[:, 1])
    for index in ("S1", "ST"):
        found = index_of(samples, index)
        for path, true in zip(PATHS, (0.9, 0.1, 0.0), strict=True):
            value, low, high = found[path]
            assert value == pytest.approx(true, abs=0.03)
            assert low <= value <= high


def test_total_indices_hold_what_two_factors_do_together() -> None:
    design = {"method": "sobol", "samples": 512, "second_order": True}
    samples = made_up(design, lambda x: (x[:, 0] - 0.5) * (x[:, 1] - 0.5))
    first, total = index_of(samples, "S1"), index_of(samples, "ST")
    assert abs(first[PATHS[0]][0]) < 0.05 < 0.9 < total[PATHS[0]][0]
    assert index_of(samples, f"S2 with {PATHS[1]}")[PATHS[0]][0] == pytest.approx(1.0, abs=0.05)


def test_a_missing_point_costs_its_group_only() -> None:
    whole = made_up({"method": "sobol", "samples": 256}, lambda x: 3 * x[:, 0] + x[:, 1])
    whole.values.iloc[7] = np.nan
    assert index_of(whole, "ST")[PATHS[0]][0] == pytest.approx(0.9, abs=0.05)
    table = sensitivity(whole)
    assert set(table.loc[table["index"] == "ST", "points"]) == {255 * 5}


def test_elementary_effects_are_the_slopes() -> None:
    samples = made_up({"method": "morris", "samples": 12}, lambda x: 3 * x[:, 0] - x[:, 1])
    found = index_of(samples, "mu_star")
    assert [found[path][0] for path in PATHS] == pytest.approx([3.0, 1.0, 0.0], abs=1e-9)
    assert [index_of(samples, "sigma")[path][0] for path in PATHS] == pytest.approx([0.0] * 3, abs=1e-9)


def test_slices_and_trees_find_what_matters_and_leave_out_what_does_nothing() -> None:
    samples = made_up({"method": "lhs", "samples": 160}, lambda x: 3 * x[:, 0] + x[:, 1])
    found = index_of(samples, "pawn")
    assert found[PATHS[0]][1] > found[PATHS[1]][2] - 0.1
    assert found[PATHS[0]][1] > found[DUMMY][2]
    table = scores(samples)
    rows = table[table["outcome"] == OUTCOME].set_index("factor")["value"]
    assert rows.sum() == pytest.approx(1)
    assert rows[PATHS[0]] > 0.8 > 0.3 > rows[PATHS[1]] > rows[DUMMY]
    order = ranking(table, OUTCOME)
    assert order[0] == PATHS[0]
    assert DUMMY not in order


def test_the_box_of_a_regime_is_found() -> None:
    samples = made_up({"method": "lhs", "samples": 400}, lambda x: ((x[:, 0] > 0.6) & (x[:, 1] < 0.5)).astype(float))
    rows = boxes(samples).set_index("factor")
    assert set(rows["regime"]) == {"reform"}
    assert rows.loc[PATHS[0], "low"] == pytest.approx(0.6, abs=0.06)
    assert rows.loc[PATHS[1], "high"] == pytest.approx(0.25, abs=0.04)  # half of its range
    assert (rows["density"] > 0.85).all()
    assert (rows["coverage"] > 0.85).all()
    assert (rows.loc[list(PATHS[:2]), "p"] < 0.01).all()


def worded(actors: tuple[str, ...], seed: int = 1) -> Samples:
    """Samples of 400 points in which the regime holds where the actor is CHN or USA and blame is above a half."""
    draws = stream((seed, 0), "test", "words")
    study = read_study({
        "scenario": "who-2025", "design": {"method": "random", "samples": 400},
        "factors": {"shocks.0.actor": {"values": list(actors)}, PATHS[0]: {"low": 0.0, "high": 1.0}},
    })  # fmt: skip
    plan = points(study).assign(**{"shocks.0.actor": draws.choice(actors, 400), PATHS[0]: draws.random(400)})
    index = pd.MultiIndex.from_product([plan.index, [0]], names=["point", "replicate"])
    flags = (plan["shocks.0.actor"].isin(["CHN", "USA"]) & (plan[PATHS[0]] > 0.5)).to_numpy(float)
    labels = pd.Series(np.where(flags, "reform", "continuity"), index)
    frame = pd.DataFrame({OUTCOME: flags, "regime.reform": flags}, index)
    return Samples(Path(), study, plan, as_numbers(plan), frame, labels, (OUTCOME, "regime.reform"), 0)


@pytest.mark.parametrize("actors", [("BRA", "CHN", "DEU", "FRA", "GBR", "IND", "JPN", "USA"), ("CHN", "RUS", "USA")])
def test_the_box_of_words_holds_words(actors: tuple[str, ...]) -> None:
    rows = boxes(worded(actors)).set_index("factor")
    assert set(rows.index) == {"shocks.0.actor", PATHS[0]}
    assert rows.loc["shocks.0.actor", "words"] == "CHN, USA"
    assert rows.loc["shocks.0.actor", "all_words"] == ", ".join(actors)
    assert rows.loc[PATHS[0], "low"] == pytest.approx(0.5, abs=0.05)
    assert (rows[["coverage", "density"]] > 0.95).all(axis=None)


def test_tables_pages_and_planes_show_the_words() -> None:
    samples = worded(("BRA", "CHN", "DEU", "FRA", "GBR", "IND", "JPN", "USA"))
    found = analysis_of(samples)
    ((pair, cells),) = found.phases.items()
    axis = "xy"[pair.index("shocks.0.actor")]
    assert cells[f"{axis}_word"].nunique() == 8
    assert cells[[f"{axis}_low", f"{axis}_high"]].isna().all(axis=None)
    images = dict(plates(found))
    for text in (images["boxes"], images["phases-1"], analysis_page(found)):
        assert "CHN" in text
        assert "1.50" not in text


def test_planes_hold_all_runs_and_their_means() -> None:
    samples = made_up({"method": "lhs", "samples": 200}, lambda x: x[:, 0])
    assert pairs_that_matter(samples, sensitivity(samples))[0][0] == PATHS[0]
    table = phase_table(samples, PATHS[0], PATHS[1])
    assert table["runs"].sum() == 200
    means = table[OUTCOME]
    assert ((table["x_low"] - 1e-9 <= means) & (means <= table["x_high"] + 1e-9)).all()
    assert set(table.loc[table["x_low"] > 0.5, "regime"]) == {"reform"}
    assert set(table.loc[table["x_high"] < 0.5, "regime"]) == {"continuity"}


def test_cells_of_few_values_lie_around_them() -> None:
    edges = cuts(pd.Series([0.0, 4.0, 4.0, 2.0]), 6)
    assert edges.tolist() == [-1.0, 1.0, 3.0, 5.0]
    assert cell(np.array([0.0, 2.0, 4.0, np.nan]), edges).tolist() == [0, 1, 2, -1]


def test_intervals_narrow_as_statistics_says() -> None:
    samples = made_up({"method": "lhs", "samples": 60}, lambda x: 2 * x[:, 0], noise=0.5, replicates=24)
    table = convergence(samples)
    rows = table[table["outcome"] == OUTCOME].set_index("replicates")
    assert rows.loc[24, "half_width"] == pytest.approx(1.714 * 0.5 / np.sqrt(24), rel=0.06)  # t(23), 95 %
    assert rows.loc[24, "relative_deviation"] == 1.0
    found = replicates_needed(samples, table).set_index("outcome").loc[OUTCOME]
    assert found["stable_from"] < 12
    # 2 x uniform has the standard deviation .577, half of it is .289: 1.8 x .5 / sqrt(n) falls below at about 10
    assert 7 <= found["needed"] <= 13


def test_points_are_compared_replicate_by_replicate() -> None:
    samples = made_up({"method": "oat", "levels": 3}, lambda x: x[:, 0])
    doubled = samples.values.reset_index().assign(replicate=1)
    doubled[OUTCOME] += 5.0  # the luck of another replicate, the same at every point
    both = pd.concat([samples.values, doubled.set_index(["point", "replicate"])]).sort_index()
    frame = by_point(
        Samples(Path(), samples.study, samples.points, samples.inputs, both, samples.labels, (OUTCOME,), 0)
    )
    rows = frame.set_index("point")
    assert (rows["high"] - rows["low"]).min() > 10
    assert (rows["less_first_high"] - rows["less_first_low"]).max() == pytest.approx(0, abs=1e-9)
    assert rows.loc[0, "less_first"] == 0
    assert "legitimacy.blame_weight" in rows


def test_a_sweep_is_read_with_effects_followers_and_refill(swept: Path) -> None:
    samples = read_samples(swept)
    assert (len(samples.means), samples.replicates, samples.compares) == (4, 3, True)
    assert {"shocked.effectiveness", "followers"} <= set(samples.outcomes)
    assert list(samples.inputs) == ["legitimacy.blame_weight", "shocks.1.notice_quarters"]
    assert "12 runs with twins" in samples.basis
    assert read_samples(swept, ["clubs"]).outcomes == ("clubs",)
    with pytest.raises(ConfigError, match="did you mean clubs"):
        read_samples(swept, ["club"])


def test_the_command_writes_page_tables_and_figures(
    swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["analyze", str(swept), "--out", str(tmp_path), "--outcome", "shocked.legitimacy"])
    assert not stop.value.code
    assert "analysis.html" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "analysis").iterdir()}
    assert {"points.csv", "convergence.csv", "replicates.csv", "convergence.svg", "phases-1.svg"} <= names
    text = (tmp_path / "analysis.html").read_text()
    assert "12 runs with twins; effects against the twin in the last quarter" in text
    assert "src=" not in text
    frame = pd.read_csv(tmp_path / "analysis" / "points.csv")
    expected = analyze_sweep(swept, ["shocked.legitimacy"]).points
    assert frame["mean"].to_numpy() == pytest.approx(expected["mean"].to_numpy())


def test_every_figure_says_what_it_rests_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = made_up({"method": "lhs", "samples": 64}, lambda x: x[:, 0], noise=0.1, replicates=4)
    monkeypatch.setattr("experiments.analysis.sweep_analysis.read_samples", lambda *_: samples)
    _, files = analyze(tmp_path, out=tmp_path)
    figures = [path for path in files if path.suffix == ".svg"]
    assert {path.stem for path in figures} >= {"sensitivity", "boxes", "phases-1", "convergence"}
    for path in figures:
        caption = " ".join(re.findall(r'class="caption">([^<]*)<', path.read_text()))
        assert "lhs design of 64 points, 256 runs with twins" in caption


def test_where_there_is_no_sweep_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="no sweep"):
        analyze(tmp_path)
