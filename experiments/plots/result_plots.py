"""`result.plot`: the figures of one scenario."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from abm.calendar import parse_quarter
from abm.config.errors import ConfigError, nearest
from abm.events import BOTH
from experiments.plots import world_plots
from experiments.plots.axes import (
    Figures,
    Grid,
    draw_band,
    draw_interval,
    label_amounts,
    label_years,
    one_axes,
    panels,
    scale_of,
    shorten,
    years,
)
from experiments.report.curves import title_of
from experiments.report.orders_figure import words_of
from experiments.report.refills_figure import HIGH, LOW, OTHERS, SHOWN, known_refills, leading, parts
from experiments.report.result_page import AROUND, MONEY, WORK
from experiments.report.result_view import View
from experiments.report.scenario_figures import title_of_measure
from experiments.report.svg import CATEGORIES, INK, LOSS, RUN, SOFT, TWIN
from experiments.report.timeline import rows as timeline_rows
from experiments.runs.result import HEADLINE, Result

TIMELINE_TITLE = "What happens when, in run 0 (larger: more at once; pale: also without the shock)"
ORDERS_TITLE = "Share of runs in each order, over the three years before"
BAND = " (median; band: 5th to 95th percentile of runs)"


class ResultPlots(Figures):
    """Figures of a result. Each returns its matplotlib axes, which the caller may change and save.

    Figures of one panel take the axes to draw on as `ax`; the others make a figure and return an array of axes. The
    numbers are those of the report: medians and bands over runs, effects against the twin with 90 % intervals.
    """

    def __init__(self, result: Result) -> None:
        self._view = View(result)
        self._result = result

    def trajectories(self, measures: Sequence[str] | None = None, *, columns: int = 2) -> Grid:
        """Draw measures over time: median and 5th to 95th percentile of runs, and of their twins (dashed).

        `measures` are names of `series`, by default money, work and the world around. Dotted lines mark announcements.
        Returns axes, shape (measure,). Raises ConfigError for a measure that the result does not hold.
        """
        view = self._view
        bands = view.bands(self._chosen(measures))
        names = [name for name in self._chosen(measures) if (name, False) in bands]
        x = years([parse_quarter(quarter) for quarter in view.quarters])
        grid = panels(len(names), columns)
        for ax, name in zip(grid, names, strict=True):
            if (name, True) in bands:
                draw_band(ax, x, bands[name, True], TWIN, "twin: same world, no shock", dashed=True)
            draw_band(ax, x, bands[name, False], RUN, ("with the shock" if view.shocks else "runs") + BAND)
            self._mark_announcements(ax)
            ax.set_title(title_of(view, name), fontsize=10, loc="left")
            label_amounts(ax, name)
            label_years(ax)
        grid[0].figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
        return grid

    def effects(self, measures: Sequence[str] | None = None) -> Grid:
        """Draw what the shock changes by the last quarter: mean and 90 % interval of run less twin.

        Measures of one scale share a panel. Returns axes, shape (scale,). Raises ConfigError for a measure without an
        effect, and where the result has no twins.
        """
        frame = self._result.effects
        if frame.empty:
            raise ConfigError("effects need twins: run the scenario with twin=True")
        names = list(measures) if measures is not None else [name for name in HEADLINE if name in frame.index]
        check_names(names, frame.index, "measure")
        scales = list(dict.fromkeys(scale_of(name) for name in names))
        groups = [[name for name in names if scale_of(name) == scale] for scale in scales]
        grid = panels(len(groups), 1, 7.0, 0.7)
        grid[0].figure.set_size_inches(7.5, 0.9 * len(groups) + 0.32 * len(names))
        grid[0].get_gridspec().set_height_ratios([len(group) + 1 for group in groups])
        for ax, group in zip(grid, groups, strict=True):
            rows = frame.loc[group, ["mean", "low", "high"]].to_numpy(float)
            for row, values in enumerate(rows):
                draw_interval(ax, values, row, RUN)
            ax.axvline(0, color=SOFT, linewidth=1)
            ax.set_yticks(range(len(group)), [title_of_measure(name) for name in group], fontsize=8)
            ax.set_ylim(len(group) - 0.5, -0.5)
            label_amounts(ax, group[0], along=True)
            if not scale_of(group[0]):
                ax.set_xlabel("1: the whole scale", fontsize=8)
        grid[0].set_title("Effect in the last quarter, against the twin; bars: 90 % interval", fontsize=10, loc="left")
        return grid

    def refill(self, ax: Axes | None = None) -> Axes:
        """Draw who replaces the money that is lost, donor by donor, as a share of the loss.

        Bars hold the four quarters after money falls, diamonds stand for the third year. What donors give less than in
        the twin lies left of 0. Raises ConfigError where no organization lost money.
        """
        entries = known_refills(self._view)[:SHOWN]
        if not entries:
            raise ConfigError("no organization lost enough money, for long enough, to speak of a refill")
        donors = leading(entries)
        colours = dict(zip(donors, CATEGORIES, strict=False))
        ax = one_axes(ax, 7.5, 1.4 + 0.34 * len(entries))
        for row, entry in enumerate(entries):
            for donor, share, start in parts(entry, donors):
                fill, edge = (colours.get(donor, OTHERS), "none") if share > 0 else ("none", LOSS)
                ax.barh(row, abs(share), left=start, height=0.6, color=fill, edgecolor=edge)
            if (later := entry.get("after_12_quarters")) is not None:
                ax.plot([np.clip(later, LOW, HIGH)], [row], "D", color=INK, markersize=4)
        ax.set_yticks(
            range(len(entries)), [shorten(self._view.name(entry["organization"])) for entry in entries], fontsize=8
        )
        ax.set(ylim=(len(entries) - 0.4, -0.6), xlim=(LOW, HIGH))
        ax.xaxis.set_major_locator(MultipleLocator(0.5))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_title("Share of the loss that others replace within a year", fontsize=10, loc="left")
        for donor, colour in colours.items():
            ax.bar(0, 0, color=colour, label=self._view.name(donor))
        ax.bar(0, 0, color=OTHERS, label="other donors")
        ax.scatter([], [], marker="s", facecolors="none", edgecolors=LOSS, label="give less than in the twin")
        ax.plot([], [], "D", color=INK, markersize=4, label="in the third year")
        ax.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        return ax

    def orders(self, ax: Axes | None = None) -> Axes:
        """Draw the share of runs in each order over time. Raises ConfigError where the result has no twins."""
        found = self._result.outcomes.get("orders_over_time") or {}
        shares = {name: row for name, row in (found.get("shares") or {}).items() if any(row)}
        if not shares:
            raise ConfigError("orders need twins: run the scenario with twin=True, for three years at least")
        quarters = [parse_quarter(quarter) for quarter in found["quarters"]]
        x = years([*quarters, quarters[-1] + 1])  # the last quarter has its width, too
        ax = one_axes(ax, 7.0, 3.2)
        colours = (*CATEGORIES, OTHERS, SOFT)
        labels = [words_of(name) for name in shares]
        ax.stackplot(
            x, [[*row, row[-1]] for row in shares.values()], labels=labels, colors=colours, alpha=0.85, step="post"
        )
        ax.set(ylim=(0, 1), xlim=(x[0], x[-1]))
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_title(ORDERS_TITLE, fontsize=10, loc="left")
        ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        label_years(ax)
        return ax

    def timeline(self, ax: Axes | None = None) -> Axes:
        """Draw what happens when in run 0: a row for each kind of thing, discs by the number of events a quarter."""
        view = self._view
        kept = [(row, view.story[row.holds(view.story)]) for row in timeline_rows(view)]
        kept = [(row, events) for row, events in kept if len(events)]
        ax = one_axes(ax, 7.5, 1.0 + 0.3 * len(kept))
        for place, (row, events) in enumerate(kept):
            counts = events.groupby("when").size()
            shocked = events[events["occurs"] != BOTH].groupby("when").size().reindex(counts.index).fillna(0)
            alpha = np.where(view.compares & (shocked.to_numpy() == 0), 0.35, 1.0)
            size = 14 + 12 * (counts.to_numpy() - 1)
            ax.scatter(years(list(counts.index)), np.full(len(counts), place), size, row.colour, alpha=alpha)  # type: ignore[arg-type]
        ax.set_yticks(range(len(kept)), [row.title for row, _ in kept], fontsize=8)
        ax.set_ylim(len(kept) - 0.5, -0.5)
        ax.set_title(TIMELINE_TITLE, fontsize=10, loc="left")
        label_years(ax)
        return ax

    def map(self, theme: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the world map of a theme: followers, trust or influence, by default the first that there is.

        A world of drawn states is not on the map: then the states with the largest values have bars.
        """
        return world_plots.draw_map(self._view, theme, ax)

    def network(self, *, legend: bool = True) -> Grid:
        """Draw states and organizations of run 0 in the first and in the last quarter. Returns axes, shape (2,)."""
        return world_plots.draw_networks(self._view, legend=legend)

    def _chosen(self, measures: Sequence[str] | None) -> list[str]:
        """Return the measures to draw. Raises ConfigError for one that the result does not hold."""
        known = list(self._result.series["measure"].unique())
        if measures is None:
            prefix = "shocked." if self._view.shocked and self._view.shocks else ""
            wanted = [*(prefix + name for name in (*MONEY, *WORK)), *AROUND]
            return [name for name in wanted if name in known]
        check_names(measures, known, "measure")
        return list(measures)

    def _mark_announcements(self, ax: Axes) -> None:
        """Draw a dotted line where an act of the scenario is announced."""
        shocks = self._result.experiment.shocks
        for quarter in sorted({parse_quarter(shock.announced) for shock in shocks})[:12]:
            ax.axvline(quarter / 4, color=SOFT, linewidth=0.8, linestyle=":")


def check_names(names: Sequence[str], known: Sequence[str] | pd.Index, what: str) -> None:
    """Raise ConfigError for the first name that is not known, with the nearest one that is."""
    for name in names:
        if name not in list(known):
            raise ConfigError(f"{name!r} is no {what} here{nearest(name, [str(one) for one in known])}")
