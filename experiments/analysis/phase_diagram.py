"""Phase diagrams: an outcome and the likeliest regime over the plane of two factors."""

from itertools import combinations

import numpy as np
import pandas as pd

from abm.state.world import Array, Integers
from experiments.analysis.samples import Flags, Samples
from experiments.analysis.sensitivity import ranking

CELLS = 6
"""Cells along a factor, at most; fewer where there are few points."""
RUNS_A_CELL = 4
MOST_PAIRS = 3


def pairs_that_matter(samples: Samples, table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of the factors that matter most over all outcomes, by their mean rank; first the best pair.

    `table` is what `sensitivity` and `scores` give; without it the factors count in order.
    """
    names = [str(name) for name in samples.inputs]
    ranks = dict.fromkeys(names, 0.0)
    for outcome in samples.outcomes:
        order = ranking(table, outcome) or names
        for index, name in enumerate(order):
            ranks[name] = ranks.get(name, 0.0) + index
    best = sorted(names, key=lambda name: ranks[name])[:3]
    return list(combinations(best, 2))[:MOST_PAIRS]


def phase_table(samples: Samples, one: str, two: str) -> pd.DataFrame:
    """Return a row for each cell of the plane of two factors: its limits, runs, likeliest regime, mean outcomes.

    Columns: `x`, `x_low`, `x_high`, `x_word`, the same for y (x is factor `one`), `runs`, `regime`, `regime_share`, and
    one for each outcome. A factor that takes words has a cell for each, and no limits. Cells without runs are left out.
    """
    places = samples.values.index.get_level_values("point")
    inputs = samples.inputs.reindex(places)
    edges = {name: _edges(samples, name) for name in (one, two)}
    at = {name: cell(inputs[name].to_numpy(float), edges[name]) for name in (one, two)}
    rows = []
    for x in range(len(edges[one]) - 1):
        for y in range(len(edges[two]) - 1):
            inside = (at[one] == x) & (at[two] == y)
            if inside.any():
                limits = _limits(samples, "x", one, x, edges[one]) | _limits(samples, "y", two, y, edges[two])
                rows.append(limits | _cell_row(samples, inside))
    return pd.DataFrame(rows)


def _edges(samples: Samples, name: str) -> Array:
    """Return the edges of a factor's cells; a cell for each word where it takes words."""
    if name in samples.words:
        return np.arange(len(samples.words[name]) + 1, dtype=float) - 0.5
    return cuts(samples.inputs[name], _cells(samples))


def _limits(samples: Samples, axis: str, name: str, place: int, edges: Array) -> dict[str, object]:
    """Return number, limits and word of a cell along an axis."""
    words = samples.words.get(name)
    low, high = (np.nan, np.nan) if words else (float(edges[place]), float(edges[place + 1]))
    word = words[place] if words else ""
    return {axis: place, f"{axis}_low": low, f"{axis}_high": high, f"{axis}_word": word}


def _cell_row(samples: Samples, inside: Flags) -> dict[str, object]:
    """Return what runs inside a cell say."""
    means = samples.values.loc[inside][list(samples.outcomes)].mean()
    found: dict[str, object] = {"runs": int(inside.sum()), "regime": "", "regime_share": np.nan}
    if samples.compares:
        counts = samples.labels.loc[inside].value_counts(sort=False).sort_index()
        found |= {"regime": str(counts.idxmax()), "regime_share": float(counts.max() / counts.sum())}
    return found | {str(name): float(value) for name, value in means.items()}


def _cells(samples: Samples) -> int:
    """Return how many cells along a factor the runs can fill."""
    return int(np.clip(np.sqrt(len(samples.means) * max(samples.replicates, 1) / RUNS_A_CELL), 2, CELLS))


def cuts(values: pd.Series, count: int) -> Array:
    """Return edges of cells of equal width; of a factor with few values, halfway between these."""
    known = np.sort(values.dropna().unique())
    if len(known) <= count:
        middles = (known[1:] + known[:-1]) / 2
        first, last = known[0], known[-1]
        reach = (known[1] - known[0]) / 2 if len(known) > 1 else 0.5
        return np.concatenate([[first - reach], middles, [last + reach]])
    return np.linspace(known[0], known[-1], count + 1)


def cell(values: Array, edges: Array) -> Integers:
    """Return the cell in which each value lies, -1 for NaN."""
    found = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isfinite(values), found, -1)
