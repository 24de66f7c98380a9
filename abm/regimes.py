"""Regimes: what kind of order a run ends in, from measures by the thresholds of one table.

A first version: effects are differences from the no-shock twin at the end of the run, and the thresholds below are
stated assumptions, not yet quantiles of the twin. A run belongs to a regime by its weakest criterion, 0 not at all, 1
at the threshold or beyond; it is labelled by the strongest membership of at least one half, else continuity.
"""

from collections.abc import Mapping
from typing import NamedTuple

REGIMES = (
    "continuity", "hollowing_out", "reform", "recentring", "minilateral", "two_camps", "selective_hegemony",
    "fragmentation", "unravelling",
)  # fmt: skip


class Criterion(NamedTuple):
    """`effect` of a measure that counts fully at `threshold` and not at all at `origin`."""

    measure: str
    threshold: float
    origin: float = 0.0


THRESHOLDS: dict[str, tuple[Criterion, ...]] = {
    "hollowing_out": (Criterion("shocked.effectiveness", -0.10), Criterion("shocked.commitment", -0.05)),
    "reform": (Criterion("shocked.position_shift", 0.15), Criterion("shocked.legitimacy", 0.01, -0.01)),
    "recentring": (Criterion("shocked.leader_changed", 0.6), Criterion("shocked.budget", 0.0, -0.06)),
    "minilateral": (Criterion("clubs", 4.0),),
    "two_camps": (Criterion("trust_gap", 0.12), Criterion("trust_spread", 0.02)),
    "selective_hegemony": (Criterion("focus_saving", 4e8), Criterion("focus_wins", 0.0, -0.05)),
    "fragmentation": (Criterion("members", -4.0), Criterion("trust_spread", 0.02)),
    "unravelling": (Criterion("members", -15.0), Criterion("legitimacy", -0.10)),
}
"""Criteria of every regime but continuity, which is what is left."""


def degree(criterion: Criterion, effect: float) -> float:
    """Return how far an effect meets a criterion, 0 to 1."""
    span = criterion.threshold - criterion.origin
    return min(1.0, max(0.0, (effect - criterion.origin) / span))


def memberships(effects: Mapping[str, float]) -> dict[str, float]:
    """Return how far a run with these effects belongs to each regime, 0 to 1; a missing measure counts as no effect."""
    found = {
        name: min(degree(criterion, effects.get(criterion.measure, criterion.origin)) for criterion in criteria)
        for name, criteria in THRESHOLDS.items()
    }
    return {"continuity": 1 - max(found.values()), **found}


def label(effects: Mapping[str, float]) -> str:
    """Return the regime of a run: the strongest membership of at least one half, else continuity."""
    found = memberships(effects)
    best = max(REGIMES[1:], key=lambda name: found[name])
    return best if found[best] >= 0.5 else "continuity"
