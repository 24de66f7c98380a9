"""`sweep.plot`: the figures of a sweep."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from abm.calendar import parse_quarter
from abm.config.errors import ConfigError
from abm.intervals import mean_range
from abm.measures import MEASURES
from experiments.analysis.phase_diagram import pairs_that_matter, phase_table
from experiments.analysis.samples import Samples, read_samples
from experiments.analysis.scenario_discovery import AVAILABLE, MISSING, boxes
from experiments.analysis.sensitivity import LEAST_POINTS, sensitivity
from experiments.plots.axes import (
    Figures,
    Grid,
    draw_interval,
    label_amounts,
    label_years,
    one_axes,
    panels,
    shorten,
    years,
)
from experiments.plots.result_plots import check_names
from experiments.report.analysis_figures import INDICES, box_limit, colour_of, placed, regime_colour, title_of_outcome
from experiments.report.scenario_figures import amount
from experiments.report.svg import CATEGORIES, INK, QUIET, RUN, SEQUENTIAL, SOFT, TWIN, mix
from experiments.sweeps.read_sweep import Sweep

DARK = 0.6
"""Share of the way to the darkest colour from which a number stands out in white."""
SCALES = {"S1": "share of the variance", "mu_star": "change of the outcome over the range", "pawn": "distance, 0 to 1"}
"""What the axis of an index says, by the first index of its method."""
LEVELS = 8
"""Values of a factor that have a line of their own."""


class SweepPlots(Figures):
    """Figures of a sweep. Each returns its matplotlib axes, which the caller may change and save.

    Outcomes are effects in the last quarter (run less twin), outcomes of `abm.outcomes`, or orders as
    `regime.<name>`. Factors are the paths of the study, such as `membership.additivity`. All methods raise ConfigError
    for one that the sweep does not have.
    """

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep

    def outcome(self, outcome: str, factor: str, ax: Axes | None = None) -> Axes:
        """Draw an outcome over a factor: a dot for each replicate, and the mean with its 90 % interval by value."""
        samples = self._samples(outcome)
        values = samples.values[outcome].dropna()
        x = self._inputs(samples, factor).reindex(values.index.get_level_values("point")).to_numpy(float)
        ax = one_axes(ax, 6.0, 3.6)
        ax.plot(x, values.to_numpy(float), ".", color=TWIN, alpha=0.5, markersize=4, label="one replicate")
        if len(known := np.unique(x[np.isfinite(x)])) <= LEVELS:
            rows = np.array([mean_range(values.to_numpy(float)[x == value]) for value in known])
            ax.fill_between(known, rows[:, 1], rows[:, 2], color=RUN, alpha=0.2, linewidth=0)
            ax.plot(known, rows[:, 0], "o-", color=RUN, label="mean and its 90 % interval")
            ax.legend(fontsize=8, frameon=False)
        if words := samples.words.get(factor):
            ax.set_xticks(range(len(words)), list(words), fontsize=8)
        ax.set_xlabel(factor, fontsize=9)
        ax.set_title(_title(outcome), fontsize=10, loc="left")
        label_amounts(ax, outcome)
        return ax

    def trajectories(self, measure: str, factor: str, ax: Axes | None = None) -> Axes:
        """Draw a measure over time, the median of runs with the shock for each value of a factor."""
        column = f"factor:{factor}"
        frame = self._sweep.series([measure])
        check_names([measure], list(frame.columns), "measure")
        check_names([factor], [name.removeprefix("factor:") for name in map(str, frame.columns)], "factor")
        frame = frame[~frame["twin"].astype(bool)]
        values = list(pd.unique(frame[column].dropna()))
        if len(values) > LEVELS:
            frame = frame.assign(**{column: pd.qcut(frame[column].astype(float), 4).astype(str)})
            values = list(pd.unique(frame.sort_values(column)[column]))
        ax = one_axes(ax, 7.0, 3.6)
        for place, value in enumerate(values):
            rows = frame[frame[column] == value].groupby("quarter")[measure].median()
            x = years([parse_quarter(str(quarter)) for quarter in rows.index])
            ax.plot(x, rows.to_numpy(), color=mix((place + 1) / len(values), SEQUENTIAL), label=f"{value}")
        ax.legend(title=factor, title_fontsize=8, fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        ax.set_title(f"{title_of_outcome(measure)}: median of runs with the shock", fontsize=10, loc="left")
        label_amounts(ax, measure)
        label_years(ax)
        return ax

    def sensitivity(self, outcomes: Sequence[str] = (), *, columns: int = 2) -> Grid:
        """Draw which factors move outcomes, by the method of the design, each index with its 90 % interval.

        `outcomes` are those that analyses take unless some are named. Returns axes, shape (outcome,). Raises
        ConfigError for a design without a method, or too few points for it.
        """
        table = sensitivity(self._samples(*outcomes))
        if table.empty:
            raise ConfigError("this design has too few points for indices, or is one that has none")
        names = list(pd.unique(table["outcome"]))
        grid = panels(len(names), columns, 3.9, 0.9 + 0.3 * table["factor"].nunique())
        for ax, name in zip(grid, names, strict=True):
            rows = table[table["outcome"] == name]
            kinds = [index for index in INDICES if index in set(rows["index"])]
            best = rows[rows["index"] == kinds[-1]].sort_values("value", ascending=False)
            factors = list(best["factor"])
            for row in rows[rows["index"].isin(kinds)].to_dict("records"):
                y = factors.index(row["factor"]) + 0.2 * (kinds.index(row["index"]) - (len(kinds) - 1) / 2)
                draw_interval(ax, [row["value"], row["low"], row["high"]], y, colour_of(str(row["index"])))
            ax.set_yticks(range(len(factors)), [shorten(factor, 34) for factor in factors], fontsize=7)
            ax.set_ylim(len(factors) - 0.5, -0.5)
            ax.axvline(0, color=SOFT, linewidth=1)
            ax.set_title(title_of_outcome(str(name)), fontsize=9, loc="right")  # it has room above the factors
            ax.set_xlabel(SCALES[kinds[0]], fontsize=8)
        for index in kinds:
            grid[0].plot([], [], "o", color=colour_of(index), label=INDICES[index])
        grid[0].figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
        return grid

    def phase_diagram(
        self, outcome: str = "regime", x: str | None = None, y: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw an outcome over the plane of two factors, by default the likeliest order, pale where unsure.

        `x` and `y` are the two factors that matter most unless they are named. A cell holds the share of its runs in
        the likeliest order, or the mean of the outcome, the darker the further it is from 0.
        """
        samples = self._samples(*([] if outcome == "regime" else [outcome]))
        if x is None or y is None:
            pairs = pairs_that_matter(samples, sensitivity(samples))
            if not pairs:
                raise ConfigError("a phase diagram needs two factors that vary")
            x, y = pairs[0]
        check_names([x, y], list(samples.inputs.columns), "factor that varies")
        cells = placed(phase_table(samples, x, y))
        regimes = sorted(set(cells["regime"])) if outcome == "regime" else []
        ax = one_axes(ax, 6.4, 4.4)
        values = np.zeros(len(cells)) if regimes else np.abs(cells[outcome].to_numpy(float))
        shares = (values - np.nanmin(values)) / (float(np.nanmax(values) - np.nanmin(values)) or 1.0)
        for row, share in zip(cells.to_dict("records"), shares, strict=True):
            colour = regime_colour(row["regime"], regimes) if regimes else mix(np.nan_to_num(share), SEQUENTIAL)
            said = f"{row['regime_share']:.0%}" if regimes else amount(row[outcome])
            _cell(ax, row, colour, 0.15 + 0.75 * row["regime_share"] if regimes else 0.9, said, dark=share > DARK)
        marks = [Patch(color=regime_colour(name, regimes), label=name.replace("_", " ")) for name in regimes]
        if regimes:
            ax.legend(handles=marks, fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        ax.autoscale_view()
        ax.grid(visible=False)
        for factor, ticks in ((x, ax.set_xticks), (y, ax.set_yticks)):
            if words := samples.words.get(factor):
                ticks(range(len(words)), [shorten(word, 14) for word in words])
        ax.set_xlabel(x, fontsize=9)
        ax.set_ylabel(y, fontsize=9)
        title = "Likeliest order, and its share of runs" if regimes else _title(outcome)
        ax.set_title(title, fontsize=10, loc="left")
        return ax

    def boxes(self, labels: pd.Series | None = None, *, columns: int = 2) -> Grid:
        """Draw scenario discovery: in which part of each factor's range an order lies (PRIM), a panel for each order.

        `labels` (index point and replicate) name other conditions to look for. Returns axes, shape (order,). Raises
        ConfigError where no order has a box, or without the extra `ema`.
        """
        samples = self._samples() if labels is None else self._samples().labelled(labels)
        table = boxes(samples)
        if table.empty:
            why = f"no part of the ranges holds one order more often than the rest, or runs are under {LEAST_POINTS}"
            raise ConfigError(f"no order has a box here: {why if AVAILABLE else MISSING}")
        found = list(table.groupby("regime", sort=False))
        most = max(len(rows) for _, rows in found)
        grid = panels(len(found), columns, 3.8, 1.2 + 0.5 * most)
        for ax, (regime, rows) in zip(grid, found, strict=True):
            for place, row in enumerate(rows.to_dict("records")):
                ax.barh(place, 1, color=QUIET, height=0.45)
                low, high = _part(row)
                ax.barh(place, high - low, left=low, color=CATEGORIES[0], height=0.45)
                ax.text(0, place - 0.32, f"{row['factor']}: {box_limit(row)}", fontsize=8, va="bottom")
            ax.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.9))
            ax.axis("off")
            first = rows.iloc[0]
            sure = f"density {first['density']:.2f} (all: {first['share']:.2f}), coverage {first['coverage']:.2f}"
            ax.set_title(f"{str(regime).replace('_', ' ')}\n{sure}", fontsize=9, loc="left")
        marks = [Patch(color=CATEGORIES[0], label="the box"), Patch(color=QUIET, label="range of the factor")]
        grid[0].figure.legend(handles=marks, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
        return grid

    def _samples(self, *outcomes: str) -> Samples:
        """Return the samples of the sweep as it is stored now."""
        return read_samples(self._sweep.folder, outcomes)

    def _inputs(self, samples: Samples, factor: str) -> pd.Series:
        """Return the values of a factor by point, words as numbers."""
        check_names([factor], list(samples.inputs.columns), "factor that varies")
        return samples.inputs[factor]


def _title(outcome: str) -> str:
    """Return an outcome in words; of a measure it is what the shock changes."""
    words = title_of_outcome(outcome)
    changed = outcome.removeprefix("shocked.") in MEASURES
    return f"{words}: change against the twin, last quarter" if changed else words


def _cell(ax: Axes, row: Mapping[Any, Any], colour: str, alpha: float, said: str, *, dark: bool) -> None:
    """Draw a cell of a plane with a number inside, white where the cell is dark."""
    left, low = float(row["x_low"]), float(row["y_low"])
    wide, high = float(row["x_high"]) - left, float(row["y_high"]) - low
    ax.add_patch(Rectangle((left, low), wide, high, facecolor=colour, alpha=alpha, edgecolor="white"))
    ink = "white" if dark else INK
    ax.text(left + wide / 2, low + high / 2, said, ha="center", va="center", fontsize=8, color=ink)


def _part(row: Mapping[Any, Any]) -> tuple[float, float]:
    """Return from where to where a box reaches, as shares of the factor's range, or of its words."""
    if row["words"]:
        inside, every = (len(str(row[name]).split(", ")) for name in ("words", "all_words"))
        return 0.0, inside / every
    low, high, start, end = (float(row[name]) for name in ("low", "high", "range_low", "range_high"))
    return (low - start) / (end - start), (high - start) / (end - start)
