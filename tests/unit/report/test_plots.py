"""Figures of results, sweeps and comparisons: what they draw is what the tables and the report say."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from abm.config.errors import ConfigError
from experiments.plots.world_plots import rings
from experiments.report.network import FEW, first_and_last, ties_of
from experiments.report.refills_figure import SHOWN, known_refills
from experiments.report.result_view import View
from experiments.report.scenario_comparison import compare_scenarios
from experiments.report.world_map import shapes
from experiments.runs.result import Result
from experiments.sweeps.read_sweep import open_sweep
from experiments.sweeps.sweep import run_sweep


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def result(results: Callable[[str], Result]) -> Result:
    return results("real")


def line(ax: Axes, label: str) -> np.ndarray[Any, Any]:
    """The heights of a line whose label starts with some words."""
    (found,) = (one for one in ax.get_lines() if str(one.get_label()).startswith(label))
    return np.asarray(found.get_ydata(), float)


def test_trajectories_are_the_medians_of_the_series(result: Result) -> None:
    (ax,) = result.plot.trajectories(["shocked.budget"])
    rows = result.series[(result.series["measure"] == "shocked.budget")]
    for twin, label in ((False, "with the shock"), (True, "twin")):
        medians = rows[rows["twin"] == twin].groupby("quarter")["value"].median()
        np.testing.assert_allclose(line(ax, label), medians.to_numpy())
    (band,) = (one for one in ax.collections if one.get_facecolor()[0][2] > 0.6)
    assert band.get_paths()[0].get_extents().y0 >= rows["value"].min() - 1e-12


def test_effects_are_those_of_the_outcomes(result: Result) -> None:
    names = ["shocked.legitimacy", "clubs"]
    axes = result.plot.effects(names)
    assert len(axes) == 2  # two units
    for ax, name in zip(axes, names, strict=True):
        (dot,) = (one for one in ax.get_lines() if one.get_marker() == "o")
        assert dot.get_xdata()[0] == result.outcomes["effects"][name]["mean"]


def test_refill_bars_add_up_to_the_refill(result: Result) -> None:
    ax = result.plot.refill()
    entries = known_refills(View(result))[:SHOWN]
    assert entries
    for row, entry in enumerate(entries):
        bars = [bar for bar in ax.patches if abs(bar.get_y() + 0.3 - row) < 1e-9]
        total = sum(bar.get_width() if bar.get_x() >= -1e-12 else -bar.get_width() for bar in bars)
        assert total == pytest.approx(entry["after_4_quarters"])


def test_orders_are_drawn_to_the_end_of_the_last_quarter(result: Result) -> None:
    ax = result.plot.orders()
    found = result.outcomes["orders_over_time"]
    drawn = ax.collections[0].get_paths()[0].get_extents()
    assert drawn.x1 - drawn.x0 == pytest.approx(len(found["quarters"]) / 4)
    assert ax.get_xlim() == pytest.approx((drawn.x0, drawn.x1))


def test_the_map_has_every_state_and_the_network_every_tie(result: Result) -> None:
    ax = result.plot.map("influence")
    assert len(ax.collections) == len(shapes()["shapes"]) + 2  # other land, markers
    before, _ = result.plot.network()
    view = View(result)
    drawn = ties_of(view, first_and_last(view)[0]).drawn
    ties = [one for one in before.collections if isinstance(one, PathCollection) and len(one.get_offsets()) <= 1]
    assert sum(len(one.get_paths()) for one in ties) == len(drawn)


def test_rings_of_a_path() -> None:
    (one, two) = rings("M0,1 2,3 4,5ZM6,7 8,9 1,2Z")
    assert one.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert two.shape == (3, 2)


NEEDS = {
    "no shock": {"refill": "lost enough"},
    "no twin": {"effects": "need twins", "orders": "need twins"},
    "one quarter": {"refill": "lost enough"},
}


@pytest.mark.parametrize("case", sorted(NEEDS))
def test_every_result_has_figures_or_says_why_not(results: Callable[[str], Result], case: str) -> None:
    plot = results(case).plot
    for name in ("trajectories", "effects", "refill", "orders", "timeline", "map", "network"):
        if (why := NEEDS[case].get(name)) is not None:
            with pytest.raises(ConfigError, match=why):
                getattr(plot, name)()
        else:
            np.ravel(np.array([getattr(plot, name)()], object))[0].figure.canvas.draw()
            assert pyplot.get_fignums()
        pyplot.close("all")


def test_an_unknown_measure_is_answered_with_the_nearest(result: Result) -> None:
    with pytest.raises(ConfigError, match=r"shocked\.budgte.*did you mean shocked\.budget"):
        result.plot.trajectories(["shocked.budgte"])
    with pytest.raises(ConfigError, match="unknown theme"):
        result.plot.map("weather")


def test_figures_of_a_sweep(swept: Path) -> None:
    plot = open_sweep(swept).plot
    ax = plot.outcome("shocked.legitimacy", "legitimacy.blame_weight")
    dots = next(one for one in ax.get_lines() if one.get_marker() == ".")
    effects = open_sweep(swept).effects()["shocked.legitimacy"]
    np.testing.assert_allclose(np.sort(np.asarray(dots.get_ydata(), float)), np.sort(effects.to_numpy()))
    plane = plot.phase_diagram("shocked.legitimacy", "legitimacy.blame_weight", "shocks.1.notice_quarters")
    assert plane.patches
    lines = plot.trajectories("shocked.legitimacy", "shocks.1.notice_quarters").get_lines()
    assert [one.get_label() for one in lines] == ["0.0", "4.0"] or len(lines) == 2
    with pytest.raises(ConfigError, match="no factor"):
        plot.outcome("shocked.legitimacy", "legitimacy.persistence")
    with pytest.raises(ConfigError, match="too few points"):
        plot.sensitivity()
    by_replicate = pd.Series(np.where(effects.index.get_level_values("replicate") % 2, "odd", "even"), effects.index)
    with pytest.raises(ConfigError, match="no part of the ranges holds one order more often"):
        plot.boxes(by_replicate)


def test_indices_say_their_scale(tmp_path: Path) -> None:
    study = {
        "scenario": "who-2025",
        "world": {"source": "synthetic", "states": 8, "organizations": 4},
        "quarters": 4,
        "replicates": 1,
        "design": {"method": "morris", "samples": 2},
        "factors": {"legitimacy.blame_weight": {"low": 0, "high": 3}, "legitimacy.peer_rate": {"low": 0, "high": 0.5}},
    }
    run_sweep(study, tmp_path / "sweep", workers=0)
    (ax,) = open_sweep(tmp_path / "sweep").plot.sensitivity(["shocked.legitimacy"])
    assert ax.get_xlabel() == "change of the outcome over the range"
    assert {text.get_text() for text in ax.get_yticklabels()} == set(study["factors"])


def test_a_plane_is_darkest_where_the_change_is_largest(swept: Path) -> None:
    factors = ("legitimacy.blame_weight", "shocks.1.notice_quarters")
    ax = open_sweep(swept).plot.phase_diagram("shocked.legitimacy", *factors)
    light = [sum(patch.get_facecolor()[:3]) for patch in ax.patches]
    values = [abs(float(text.get_text().replace("\u2212", "-"))) for text in ax.texts]
    assert np.argmin(light) == np.argmax(values)
    assert np.argmax(light) == np.argmin(values)
    assert ax.get_title(loc="left").endswith("change against the twin, last quarter")


def test_axes_say_what_one_is(result: Result) -> None:
    axes = result.plot.trajectories(["shocked.budget", "shocked.commitment", "shocked.members"])
    assert [ax.get_ylabel() for ax in axes] == ["relative to rest", "scale 0 to 1", "states"]
    (ax,) = result.plot.trajectories(["mean_trust_in_actor"])
    assert ax.get_title(loc="left") == "Trust in the United States"
    axes = result.plot.effects(["shocked.budget", "mean_trust", "clubs"])
    assert [ax.get_xlabel() for ax in axes] == ["relative to rest", "1: the whole scale", "organizations"]


def test_a_small_world_shows_all_ties_and_names(results: Callable[[str], Result]) -> None:
    view = View(results("two states"))
    seats = first_and_last(view)[0]
    assert len(seats) <= FEW
    assert len(ties_of(view, seats).drawn) == len(seats)
    before, _ = results("two states").plot.network()
    assert {view.name(code) for code in seats["organization"]} <= {text.get_text() for text in before.texts}


def test_figures_of_scenarios_side_by_side(result_folders: list[Path]) -> None:
    comparison = compare_scenarios({"all": result_folders[0], "WHO": result_folders[1]})
    rows = comparison.table
    assert set(rows["scenario"]) == {"all", "WHO"}
    axes = comparison.plot.effects(["mean_trust"])
    assert axes[0].get_title(loc="left") == "Mean trust"
    dots = [one.get_xdata()[0] for one in axes[0].get_lines() if one.get_marker() == "o"]
    assert dots == list(rows.loc[rows["quantity"] == "mean_trust", "value"])
    units = {ax.get_title(loc="left").partition(":")[0]: ax.get_xlabel() for ax in axes}
    assert units["followers"] == "exits a run"
    assert units["regime"] == "share of runs"
    assert axes[0].get_xlabel() == "scale −1 to 1"
    ax = comparison.plot.trajectories("mean_trust")
    last = pd.Series({name: line(ax, name)[-1] for name in ("all", "WHO")})
    for name, one in comparison.results.items():
        series = one.series[
            (one.series["measure"] == "mean_trust") & (one.series["quarter"] == one.series["quarter"].max())
        ]
        wide = series.pivot_table(index="run", columns="twin", values="value")
        assert last[name] == pytest.approx((wide[False] - wide[True]).median())


def test_results_show_themselves_in_a_line_and_in_html(result: Result, swept: Path) -> None:
    assert repr(result).startswith("<Result 'The exit from 66")
    assert "2 runs with twins" in repr(result)
    assert set(dir(result.plot)) == {"trajectories", "effects", "refill", "orders", "timeline", "map", "network"}
    assert all(name in repr(result.plot) for name in dir(result.plot))
    assert "shocked.effectiveness" in result._repr_html_()
    assert "24 of 24 runs stored" in repr(open_sweep(swept))
    assert "legitimacy.blame_weight" in open_sweep(swept)._repr_html_()


def test_matplotlib_is_not_loaded_by_a_run() -> None:
    code = (
        "import sys, abm; small = ['world.source=synthetic', 'quarters=1', 'replicates=1'];"
        "abm.run_experiment('who-2025', small, workers=1); repr(abm.Result); dir(abm);"
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
