"""From readings to a value with its interval and a verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from abm.rng import stream
from abm.state.world import Array, Mask
from experiments.validation.readings import SEED, Reading

RESAMPLES, LEVEL, SURE = 2000, 0.95, 0.95
"""Resamples of replicates; coverage of intervals; share of resamples in which an order must hold."""


@dataclass
class PatternEstimate:
    """Statistics of a pattern, the value first: `point` (statistic,), `samples` (resample, statistic)."""

    point: Array
    samples: Array

    def interval(self, index: int = 0) -> tuple[float, float]:
        """Return the percentile interval of a statistic over resamples of replicates."""
        tail = 100 * (1 - LEVEL) / 2
        low, high = np.nanpercentile(self.samples[:, index], [tail, 100 - tail])
        return float(low), float(high)

    def share(self, holds: Callable[[Array], Mask]) -> float:
        """Return the share of resamples for which `holds`, given the statistics (resample, statistic), is true."""
        return float(np.mean(holds(self.samples)))


Judge = Callable[[PatternEstimate, Sequence[PatternEstimate]], bool]
"""Verdict of an estimate; the estimates of the other two models stand beside it."""


@dataclass(frozen=True)
class Pattern:
    """One pattern: what is known, where it is looked for, and when it is met.

    `columns` turns a reading into numbers, `statistic` their sums over replicates (..., column) into statistics (...,
    statistic), named by `parts`. Replicates with a NaN in a column, such as those in which an organization dies that is
    looked at, count nothing. `role` is what the pattern is to this model, `evidence_role` what it is in the evidence;
    `cause` says why it may be missed.
    """

    id: int
    name: str
    target: str
    band: tuple[float, float] | None
    role: str
    evidence_role: str
    trial: str
    parts: tuple[str, ...]
    columns: Callable[[Reading], Sequence[float]]
    statistic: Callable[[Array], Array]
    population: str
    rule: str
    judge: Judge
    cause: str = ""

    def estimate(self, readings: Sequence[Reading]) -> PatternEstimate:
        """Return the statistics of all readings and of resamples of them."""
        rows = np.array([self.columns(reading) for reading in readings], float)  # (replicate, column)
        told = np.isfinite(rows).all(axis=1)
        rows = rows[told] if told.any() else rows
        random = stream((SEED, self.id), "resamples")
        weights = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), RESAMPLES)
        return PatternEstimate(self.statistic(rows.sum(axis=0)), self.statistic(weights @ rows))


def within(low: float, high: float) -> Judge:
    """Return the verdict that the value lies in a band."""
    return lambda estimate, _: bool(low <= estimate.point[0] <= high)


def ratio(above: Array, below: Array, least: float = 1e-12) -> Array:
    """Return a quotient of sums; `least` stands for smaller divisors."""
    return np.asarray(above / np.maximum(below, least))
