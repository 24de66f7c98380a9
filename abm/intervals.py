"""Intervals: of one number per run, as an effect or an outcome, and of shares.

Of numbers: the mean with its 90 % t-interval, and the range of the runs.
"""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.9
NORMAL = 1.645
"""Standard deviations on either side of a normal mean that hold LEVEL of the values."""
REACH = (
    6.313751514675037, 2.9199855803537242, 2.3533634348018233, 2.1318467863266495, 2.0150483733330233,
    1.9431802805153042, 1.8945786050900062, 1.8595480375308973, 1.833112932656237, 1.8124611228116756,
    1.7958848187040433, 1.782287555649319, 1.7709333959868725, 1.761310135774891, 1.753050355692572,
)  # fmt: skip
"""Quantiles of Student's t at LEVEL, for two runs, three, and so on."""
Share = tuple[float, float, float]
"""A share with the ends of its 90 % interval."""
MOST = 10_000
"""Largest number of replicates that is tried."""


def _quantile(counts: Any) -> Any:
    """Return how many standard errors the interval extends to either side, for each number of runs.

    Few runs do not need scipy, which takes longer to load than such runs take.
    """
    if isinstance(counts, int) and counts - 2 < len(REACH):
        return REACH[counts - 2]
    return importlib.import_module("scipy.special").stdtrit(np.asarray(counts) - 1, 0.5 + LEVEL / 2)


def half_width(deviation: float, count: int) -> float:
    """Return half the width of the interval of a mean over `count` (two or more) runs of this standard deviation."""
    return float(_quantile(count) * (deviation / np.sqrt(count)))


def interval(values: ArrayLike) -> tuple[float, float | None, float | None]:
    """Return the mean of one number per run with the ends of its 90 % t-interval, None for a single run."""
    numbers = np.asarray(values, float)
    mean = float(numbers.mean())
    if len(numbers) < 2:
        return mean, None, None
    half = half_width(float(numbers.std(ddof=1)), len(numbers))
    return mean, mean - half, mean + half


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Return mean, low and high (the 90 % t-interval of the mean), p05 and p95 (percentiles over runs).

    Runs in which the number does not apply (NaN) are left out; everything is None where it applies in none.
    """
    numbers = np.asarray(values, float)
    numbers = numbers[~np.isnan(numbers)]
    if not numbers.size:
        return dict.fromkeys(("mean", "low", "high", "p05", "p95"))
    mean, low, high = interval(numbers)
    p05, p95 = (float(np.quantile(numbers, share)) for share in (0.05, 0.95))
    return {"mean": mean, "low": low, "high": high, "p05": p05, "p95": p95}


def replicates_for(deviation: float, half: float) -> float:
    """Return the smallest number of runs whose interval is at most `half` to either side; NaN beyond MOST."""
    counts = np.arange(2, MOST + 1)
    enough = _quantile(counts) * deviation / np.sqrt(counts) <= half
    return float(counts[enough.argmax()]) if enough.any() else float("nan")


def mean_interval(values: ArrayLike) -> tuple[float, float, float]:
    """Return the mean of the values that are not NaN and the ends of its interval; NaN where there are too few values.

    A single value has a mean but no interval.
    """
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    if not known.size:
        return float("nan"), float("nan"), float("nan")
    mean, low, high = interval(known)
    return mean, float("nan") if low is None else low, float("nan") if high is None else high


def mean_range(values: ArrayLike) -> tuple[float, float, float]:
    """Return `mean_interval`; a single value is both ends of its own interval."""
    mean, low, high = mean_interval(values)
    return (mean, mean, mean) if np.isnan(low) else (mean, low, high)


def wilson(holds: float, count: float, level: float = LEVEL) -> Share:
    """Return a share with its Wilson interval; (NaN, 0, 1) where nothing was counted."""
    if count <= 0:
        return float("nan"), 0.0, 1.0
    z = float(importlib.import_module("scipy.special").ndtri(0.5 + level / 2))
    share = holds / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return share, max(0.0, float(centre - half)), min(1.0, float(centre + half))
