"""`comparison.plot`: the figures of scenarios side by side."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from abm.calendar import parse_quarter
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
from experiments.report.result_view import View
from experiments.report.scenario_comparison import ScenarioComparison
from experiments.report.scenario_figures import COMPARED, choose_rows, title_of_measure
from experiments.report.svg import CATEGORIES, SOFT

UNITS = {"followers": "exits a run", "regime": "share of runs", "refill": "share of the loss", "money": "USD"}
"""What an axis says of a quantity that is no effect, by its kind."""


class ComparisonPlots(Figures):
    """Figures of scenarios side by side. Each returns its matplotlib axes, which the caller may change and save."""

    def __init__(self, comparison: ScenarioComparison) -> None:
        self._comparison = comparison

    def effects(self, measures: Sequence[str] = COMPARED, *, columns: int = 2) -> Grid:
        """Draw each quantity with its interval, a panel for each and a row for each scenario.

        `measures` are the effects to draw; beside them stand orders that some run ends in, followers, refill
        and what is saved.
        Returns axes, shape (quantity,). Raises ConfigError where `measures` names no effect of the results.
        """
        table = self._comparison.table
        if measures is not COMPARED:
            check_names(measures, list(table.loc[table["kind"] == "effect", "quantity"]), "effect")
        blocks = list(choose_rows(table, tuple(measures)).groupby(["kind", "quantity"], sort=False))
        names = list(self._comparison.results)
        grid = panels(len(blocks), columns, 3.9, 0.8 + 0.3 * len(names))
        for ax, ((kind, quantity), rows) in zip(grid, blocks, strict=True):
            for row in rows.to_dict("records"):
                place = names.index(row["scenario"])
                draw_interval(ax, [row["value"], row["low"], row["high"]], place, CATEGORIES[place % len(CATEGORIES)])
            ax.axvline(0, color=SOFT, linewidth=1)
            ax.xaxis.set_major_locator(MaxNLocator(4))
            ax.set_yticks(range(len(names)), [shorten(name, 24) for name in names], fontsize=8)
            ax.set_ylim(len(names) - 0.5, -0.5)
            words = title_of_measure(str(quantity)) if kind == "effect" else f"{kind}: {quantity}".replace("_", " ")
            ax.set_title(shorten(words, 46), fontsize=9, loc="left")
            label_amounts(ax, str(quantity), along=True)
            if kind != "effect":
                ax.set_xlabel(UNITS[str(kind)], fontsize=8)
        return grid

    def trajectories(self, measure: str, ax: Axes | None = None) -> Axes:
        """Draw the difference that each shock makes to a measure over time: median of run less twin, with its band.

        The band reaches from the 5th to the 95th percentile of runs. Raises ConfigError for an unknown measure.
        """
        ax = one_axes(ax, 7.0, 3.8)
        for place, (name, result) in enumerate(self._comparison.results.items()):
            view = View(result)
            check_names([measure], list(result.series["measure"].unique()), "measure")
            rows = view.effect_bands(measure)
            x, colour = (
                years([parse_quarter(quarter) for quarter in view.quarters]),
                CATEGORIES[place % len(CATEGORIES)],
            )
            ax.fill_between(x, rows[:, 0], rows[:, 2], color=colour, alpha=0.15, linewidth=0)
            ax.plot(x, rows[:, 1], color=colour, linewidth=1.8, label=name)
        ax.axhline(0, color=SOFT, linewidth=1)
        ax.set_title(f"{title_of_measure(measure)}: difference from the twin", fontsize=10, loc="left")
        ax.legend(fontsize=8, frameon=False)
        label_amounts(ax, measure)
        label_years(ax)
        return ax

    def orders(self, ax: Axes | None = None) -> Axes:
        """Draw the share of runs in each order, a bar for each scenario."""
        rows = self._comparison.table.query("kind == 'regime'")
        wide = rows.pivot_table(index="scenario", columns="quantity", values="value", sort=False)
        wide = wide.loc[list(self._comparison.results), (wide > 0).any()]
        ax = one_axes(ax, 7.0, 1.2 + 0.4 * len(wide))
        left = wide.iloc[:, 0] * 0.0
        for place, name in enumerate(wide):
            label = str(name).replace("_", " ")
            ax.barh(range(len(wide)), wide[name], left=left, color=CATEGORIES[place % len(CATEGORIES)], label=label)
            left = left + wide[name]
        ax.set_yticks(range(len(wide)), [shorten(str(one), 30) for one in wide.index], fontsize=8)
        ax.set(xlim=(0, 1), ylim=(len(wide) - 0.4, -0.6))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        ax.set_title("Share of runs in each order", fontsize=10, loc="left")
        return ax
