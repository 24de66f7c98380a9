"""The 90 % t-interval of a mean over independent runs."""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from abm.state.world import Array

LEVEL = 0.9
MOST = 10_000
"""Largest number of replicates that is looked at."""


def _quantile(counts: Any) -> Any:
    """Return how many standard errors the interval reaches for so many runs; scipy is loaded when first asked."""
    return importlib.import_module("scipy.special").stdtrit(np.asarray(counts) - 1, 0.5 + LEVEL / 2)


def half_width(deviation: float, count: int) -> float:
    """Return half of the interval of a mean over `count` runs, two or more, with a standard deviation."""
    return float(_quantile(count) * deviation / np.sqrt(count))


def replicates_for(deviation: float, half: float) -> float:
    """Return the least number of runs whose interval reaches no farther than `half`; NaN beyond MOST."""
    counts = np.arange(2, MOST + 1)
    enough = _quantile(counts) * deviation / np.sqrt(counts) <= half
    return float(counts[enough.argmax()]) if enough.any() else float("nan")


def mean_interval(values: Sequence[float] | Array) -> tuple[float, float, float]:
    """Return the mean of the values that are not NaN and the ends of its interval; NaN where too few values give any.

    A single value has a mean but no interval.
    """
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    if not known.size:
        return float("nan"), float("nan"), float("nan")
    mean = float(known.mean())
    half = half_width(known.std(ddof=1), known.size) if known.size > 1 else float("nan")
    return mean, mean - half, mean + half


def mean_range(values: Sequence[float] | Array) -> tuple[float, float, float]:
    """Return `mean_interval`, with a single value standing for both ends of its own."""
    mean, low, high = mean_interval(values)
    return (mean, mean, mean) if np.isnan(low) else (mean, low, high)
