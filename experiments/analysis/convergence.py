"""Means over replicates: their intervals at each point, how these narrow, and from when on the variance is stable.

The number of replicates is justified by the stability of variance (Angus and Hassani-Mahmooei 2015): the standard
deviation over the first n replicates, as a share of that over all, stays within TOLERANCE from the stated n on.
"""

from typing import Any

import numpy as np
import pandas as pd

from abm.intervals import half_width, mean_interval, replicates_for
from abm.state.world import Array
from experiments.analysis.samples import Samples

POINT_COLUMNS = ("point", "outcome", "runs", "mean", "low", "high", "less_first", "less_first_low", "less_first_high")
COLUMNS = ("outcome", "replicates", "half_width", "relative_deviation")
SUMMARY = ("outcome", "points", "replicates", "half_width", "between_points", "stable_from", "needed")
LEAST = 3
TOLERANCE = 0.1


def by_point(samples: Samples) -> pd.DataFrame:
    """Return a row for each point and outcome: mean and 90 % t-interval, and the difference from the first point.

    Replicate r meets the same luck at every point, so that differences from the first point (the centre of a design
    that moves one factor at a time) are taken replicate by replicate. Columns POINT_COLUMNS, then a factor each.
    """
    found: list[dict[str, Any]] = []
    first = int(samples.points.index[0])
    tables = {name: samples.by_replicate(name) for name in samples.outcomes}
    for name, table in tables.items():
        for point, row in table.iterrows():
            pairs = np.asarray(row - table.loc[first], float) if first in table.index else np.empty(0)
            cells = (point, name, int(row.notna().sum()), *mean_interval(row.to_numpy(float)), *mean_interval(pairs))
            found.append(dict(zip(POINT_COLUMNS, cells, strict=True)))
    frame = pd.DataFrame(found, columns=list(POINT_COLUMNS)).sort_values(["point", "outcome"], ignore_index=True)
    return frame.join(samples.points, on="point")


def convergence(samples: Samples) -> pd.DataFrame:
    """Return how far replicates narrow the interval, columns COLUMNS; empty below LEAST replicates.

    `half_width` is half the 90 % t-interval of a point's mean over the first n replicates, `relative_deviation` the
    standard deviation over the first n as a share of that over all; both are root mean squares over points.
    """
    found: list[dict[str, Any]] = []
    for outcome in samples.outcomes:
        table = _by_replicate(samples, outcome)
        whole = _deviation(table) if table.shape[1] >= LEAST else 0.0
        for count in range(2, table.shape[1] + 1) if whole > 0 else ():
            spread = _deviation(table[:, :count])
            cells = (outcome, count, half_width(spread, count), spread / whole)
            found.append(dict(zip(COLUMNS, cells, strict=True)))
    return pd.DataFrame(found, columns=list(COLUMNS))


def replicates_needed(samples: Samples, table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each outcome: from how many replicates on variance is stable, and how many tell points apart.

    `stable_from` is the smallest n from which on the relative deviation stays within TOLERANCE of 1; NaN where that is
    only so at the last one, which it always is. `between_points` is the standard deviation of the points' means;
    `needed` the number of replicates whose interval is half as wide as that to either side.
    """
    found: list[dict[str, Any]] = []
    for outcome, rows in table.groupby("outcome", sort=False):
        counts = rows["replicates"].to_numpy(int)
        off = np.abs(rows["relative_deviation"].to_numpy(float) - 1) > TOLERANCE
        stable = int(counts[off.nonzero()[0][-1] + 1]) if off.any() else int(counts[0])
        last = float(rows["half_width"].iloc[-1])
        between = float(samples.means[str(outcome)].std(ddof=1)) if len(samples.means) > 1 else np.nan
        spread = last / half_width(1.0, int(counts[-1]))
        cells = (
            outcome, len(samples.means), int(counts[-1]), last, between,
            float(stable) if stable < counts[-1] else np.nan, _needed(spread, between),
        )  # fmt: skip
        found.append(dict(zip(SUMMARY, cells, strict=True)))
    return pd.DataFrame(found, columns=list(SUMMARY))


def _needed(spread: float, between: float) -> float:
    """Return the number of replicates whose interval reaches half of `between` to either side; NaN where none does."""
    if not between > 1e-9 * spread:  # points differ by rounding, or not at all
        return float("nan")
    return replicates_for(spread, between / 2)


def _by_replicate(samples: Samples, outcome: str) -> Array:
    """Return an outcome by point and replicate, points that miss one left out; shape (point, replicate)."""
    return np.asarray(samples.by_replicate(outcome).dropna().to_numpy(float))


def _deviation(table: Array) -> float:
    """Return the root mean square over points of the standard deviation over replicates."""
    return float(np.sqrt(np.square(table.std(axis=1, ddof=1)).mean())) if len(table) else 0.0
