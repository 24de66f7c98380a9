"""The 90 % t-interval of a mean over independent runs."""

import numpy as np
from scipy.special import stdtrit

LEVEL = 0.9
MOST = 10_000
"""Largest number of replicates that is looked at."""


def half_width(deviation: float, count: int) -> float:
    """Return half of the interval of a mean over `count` runs, two or more, with a standard deviation."""
    return float(stdtrit(count - 1, 0.5 + LEVEL / 2) * deviation / np.sqrt(count))


def replicates_for(deviation: float, half: float) -> float:
    """Return the least number of runs whose interval reaches no farther than `half`; NaN beyond MOST."""
    counts = np.arange(2, MOST + 1)
    enough = stdtrit(counts - 1, 0.5 + LEVEL / 2) * deviation / np.sqrt(counts) <= half
    return float(counts[enough.argmax()]) if enough.any() else float("nan")
