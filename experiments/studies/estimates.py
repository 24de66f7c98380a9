"""Means with their intervals."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from abm.intervals import mean_range
from abm.rng import stream
from abm.state.world import Array

TAIL = 0.05
"""Chance left on each side of an interval: 90 % intervals everywhere."""
RESAMPLES = 1000
KEPT_QUANTILE = 1.6449
"""Standard deviations that 90 % reach. Kept tables and dated predictions, which carry a digest, were made with it.

`abm.intervals.wilson` is exact: it would change the fourth digit of 3 % of their intervals.
"""


class Estimate(NamedTuple):
    """A number with the ends of its 90 % interval; both are the number itself where one value alone is known."""

    value: float
    low: float
    high: float

    def said(self, digits: int = 2) -> str:
        """Return the estimate as text."""
        return f"{self.value:.{digits}f} (90 % interval {self.low:.{digits}f} to {self.high:.{digits}f})"


def estimate(values: Sequence[float] | Array) -> Estimate:
    """Return the mean of independent values with its t-interval; NaN are left out, and nothing at all is NaN."""
    return Estimate(*mean_range(values))


def share(hits: int, count: int) -> Estimate:
    """Return a share with its 90 % Wilson interval; NaN where nothing was counted."""
    if not count:
        return Estimate(*[float("nan")] * 3)
    z = KEPT_QUANTILE
    part = hits / count
    centre = (part + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * (part * (1 - part) / count + z**2 / (4 * count**2)) ** 0.5
    return Estimate(part, max(0.0, centre - half), min(1.0, centre + half))


def ratio_of_means(above: Sequence[float] | Array, below: Sequence[float] | Array, seed: int = 1) -> Estimate:
    """Return mean(above) / mean(below) over replicates with a bootstrap interval (pairs drawn with replacement)."""
    top, bottom = np.asarray(above, float), np.asarray(below, float)
    rows = stream((seed, 0), "bootstrap").integers(len(top), size=(RESAMPLES, len(top)))
    drawn = top[rows].mean(axis=1) / bottom[rows].mean(axis=1)
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL])
    return Estimate(float(top.mean() / bottom.mean()), float(low), float(high))


def slope(values: Array, at: Sequence[float]) -> Estimate:
    """Return the mean slope of `values` (replicate, place) against `at` (place,), one line a replicate."""
    return estimate(np.polyfit(np.asarray(at, float), values.T, 1)[0])
