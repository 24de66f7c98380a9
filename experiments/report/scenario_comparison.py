"""Scenarios side by side, for Python: results or result folders, their table, and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.report.scenario_figures import choose_rows
from experiments.report.scenario_table import compare_results
from experiments.runs.display import PlotAccessor, shown_html, shown_text
from experiments.runs.result import Result
from experiments.runs.stored import Stored, read_result, stored_of


@dataclass(frozen=True, repr=False)
class ScenarioComparison:
    """Several scenarios side by side, with figures (`plot`).

    `table` has a row for each scenario and quantity. Its columns are `scenario`, `runs`, `kind` (effect, regime,
    followers, refill), `quantity`, `value`, `low`, `high`, `interval` (what the interval is), and `less_first` with its
    ends. That is the difference from the first scenario, run by run; NaN where replicates are not the same draws.
    `results` are by scenario.
    """

    table: pd.DataFrame
    results: Mapping[str, Result]
    plot = PlotAccessor("experiments.plots.comparison_plots:ComparisonPlots")

    def __repr__(self) -> str:
        """Return one line that names the scenarios."""
        return shown_text("ScenarioComparison", ", ".join(self.results), [f"{len(self.table)} rows"])

    def _repr_html_(self) -> str:
        """Return the headline rows as HTML, a column for each scenario, for notebooks."""
        rows = choose_rows(self.table)
        wide = rows.pivot_table(index=["kind", "quantity"], columns="scenario", values="value", sort=False)
        notes = ["All rows with intervals: .table. Figures: see comparison.plot."]
        caption = "Means over runs; effects are those in the last quarter, run less twin"
        return shown_html("Scenarios side by side", list(self.results), {caption: wide}, notes)


def compare_scenarios(
    results: Mapping[str, Result | str | Path] | Sequence[Result | str | Path],
) -> ScenarioComparison:
    """Compare results, or folders that `abm run` wrote; a mapping names the scenarios.

    Means over organizations and refill are over the organizations that all scenarios have in common. Raises ConfigError
    for fewer than two results, for a folder without a result, and for results without twins.
    """
    named = results if isinstance(results, Mapping) else dict.fromkeys(range(len(results)))
    given = results.values() if isinstance(results, Mapping) else results
    stored = [_stored(one, name if isinstance(name, str) else None) for name, one in zip(named, given, strict=True)]
    table = compare_results(stored)
    names = list(pd.unique(table["scenario"]))
    return ScenarioComparison(table, {name: one.result() for name, one in zip(names, stored, strict=True)})


def _stored(one: Result | str | Path, name: str | None) -> Stored:
    """Return a result or the result in a folder, under a name."""
    found = stored_of(one) if isinstance(one, Result) else read_result(Path(one))
    return found if name is None else found.named(name)
