"""How well runs cover what was observed: coverage and width of their intervals, and log scores beside two null models.

A log score is the natural logarithm of the probability that is given to what was observed: to its range, or to
RESOLUTION on either side of a number. The null models are `nothing` (nothing happens, give or take what did happen in
the other episodes) and `climatology` (what the other episodes have). All are smoothed alike, as if half a run more had
said so, so that no probability is nil.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import poisson

from abm.state.world import Array
from experiments.validation.observations import Observation, parts

RESOLUTION = 0.05
"""How exactly shares and ratios are worth knowing."""
NODES = ndtri((np.arange(32) + 0.5) / 32)
"""Standard normal numbers that stand for all."""
USUAL_FOLLOWERS = 0.2
"""Exits that a large organization sees in three years without any cause: .0004 for each of 170 members and year."""
USUAL_FOLLOWER = 0.0012
"""The same for one member."""
STATES = 193
TOTALS = ("all", "seen", "unseen")
CUTS = {"budget_cut": ("budget_cut",), "staff_cut": ("staff_cut",), "cuts": ("budget_cut", "staff_cut")}
"""Shares of a budget or of staff that are cut, scored apart from the ratios that stand beside them."""


def with_noise(values: Array, noise: float) -> Array:
    """Return values with normal noise of a standard deviation around each, as equally likely numbers."""
    return (values[:, None] + noise * NODES).ravel() if noise else values


def log_score(row: Observation, values: Array, count: int | None = None) -> float:
    """Return the log of the probability that equally likely values give to an observation.

    It is smoothed as that of `count` runs, as many as there are values by default.
    """
    low, high = row.low, row.high
    if row.counted:
        hits = float(((values >= low) & (values <= high)).sum())
    else:
        low, high = (low - RESOLUTION, high + RESOLUTION) if low == high else (low, high)
        width = float(np.hypot(_bandwidth(values), row.noise))
        hits = float((ndtr((high - values) / width) - ndtr((low - values) / width)).sum())
    return _smoothed(hits / len(values), len(values) if count is None else count)


def _bandwidth(values: Array) -> float:
    """Return the width of a normal kernel over values, by Silverman's rule; not below the resolution."""
    quartiles = np.percentile(values, [25, 75])
    spread = min(float(values.std()), float(quartiles[1] - quartiles[0]) / 1.34) if len(values) > 1 else 0.0
    return max(0.9 * spread * len(values) ** -0.2, RESOLUTION)


def _smoothed(probability: float, count: int) -> float:
    """Return the log of a probability as if half a run more had said yes, and half a run no."""
    return float(np.log((probability * count + 0.5) / (count + 1)))


def with_null_scores(rows: Sequence[Observation], compared: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries of observations with the log scores of both null models."""
    found = []
    for row, entry in zip(rows, compared, strict=True):
        others = np.array([other.observed for other in rows if _alike(row, other)])
        count = max(int(entry["told"]), 1)
        scores = dict(zip(("nothing", "climatology"), _null_scores(row, others, count), strict=True))
        found.append(entry | {f"log_score_{name}": value for name, value in scores.items()})
    return found


def _alike(row: Observation, other: Observation) -> bool:
    """Return whether an observation is of the same quantity in another episode; of followers, of their number."""
    kind, wanted = parts(other.quantity)[0], parts(row.quantity)[0]
    return other.episode != row.episode and kind == ("followers" if wanted == "follower" else wanted)


def _null_scores(row: Observation, others: Array, count: int) -> tuple[float, float]:
    """Return the log scores of `nothing` and of `climatology`, smoothed as those of `count` runs."""
    kind = parts(row.quantity)[0]
    mean = float(others.mean()) if others.size else 0.0
    if row.happens:
        usual, often = (USUAL_FOLLOWER, mean / STATES) if kind == "follower" else (0.0, mean)
        nothing, climate = (rate if row.observed else 1 - rate for rate in (usual, often))
    elif kind == "followers":
        nothing, climate = (_counted(row, rate) for rate in (USUAL_FOLLOWERS, mean))
    else:
        spread = float(np.sqrt(np.mean(others**2))) if others.size else 1.0
        still = log_score(row, spread * NODES, count)
        return still, log_score(row, others, count) if others.size else still
    return _smoothed(nothing, count), _smoothed(climate, count)


def _counted(row: Observation, rate: float) -> float:
    """Return the probability that a Poisson number of this mean lies in an observation's range."""
    return float(poisson.cdf(row.high, rate) - poisson.cdf(row.low - 1, rate))


def coverage(compared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the share of observations inside their intervals: all, seen, unseen and by what they are about.

    None where no run tells any.
    """
    of = {name: _share(rows) for name, rows in _groups(compared).items()}
    totals = {name: of.pop(name) for name in TOTALS}
    return totals | {"by_quantity": of}


def scores(compared: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return for all, seen, unseen, each kind and CUTS: counts, coverage, median widths and mean log scores.

    `width` is that of the intervals that observations are compared with, `model_width` that of the runs alone.
    """
    groups = _groups(compared)
    cuts = {name: [row for row in groups["all"] if parts(row["quantity"])[0] in of] for name, of in CUTS.items()}
    return {name: _scores(rows) for name, rows in (groups | cuts).items() if rows or name in TOTALS}


def _groups(compared: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the entries that runs tell: all, seen, unseen, and by what they are about."""
    told = [row for row in compared if row["inside"] is not None]
    marks = {"seen": "yes", "unseen": "no"}
    groups = {"all": told} | {name: [row for row in told if row["seen"] == mark] for name, mark in marks.items()}
    kinds = dict.fromkeys(row["kind"] for row in told)
    return groups | {kind: [row for row in told if row["kind"] == kind] for kind in kinds}


def _share(rows: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the share of entries inside their interval."""
    return float(np.mean([row["inside"] for row in rows])) if rows else None


def _scores(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return count, coverage, median width and mean log scores of some entries."""
    names = ("log_score", "log_score_nothing", "log_score_climatology")
    widths = {"width": ("low", "high"), "model_width": ("model_low", "model_high")}
    return {
        "count": len(rows),
        "inside": sum(row["inside"] for row in rows),
        "coverage": _share(rows),
        **{name: _median(row[high] - row[low] for row in rows) for name, (low, high) in widths.items()},
        **{name: float(np.mean([row[name] for row in rows])) if rows else None for name in names},
    }


def _median(values: Any) -> float | None:
    """Return the median, None of nothing."""
    known = list(values)
    return float(np.median(known)) if known else None
