"""Regimes: the nine orders, what each takes, and how far a world belongs to it.

A regime is judged by signals, each a comparison of a run with its twin (`abm.regime_trajectory`), against stated
thresholds. What counts as much is a matter of substance and is decided here. Whether chance alone makes a signal is
another matter: it is certain from `SURE` times its spread among placebos, the exits of states that do not matter (table
`data/placebos.csv`, made by `abm study thresholds --full`).

A criterion is half met at its threshold. One that asks for at least the threshold is fully met at twice the threshold;
one that asks for at most the threshold is fully met up to half of it. A world belongs to a regime as far as it meets
the weakest criterion of the best way there, 0 to 1. Its label is the strongest membership of at least one half, or else
continuity. Of equal ones the later in REGIMES wins, which is farther from where the world stood. Where others leave in
bulk, that is the label, even if clubs or camps stand out more.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from abm.state.world import Array

REGIMES = (
    "continuity", "hollowing_out", "reform", "recentring", "minilateral", "two_camps", "selective_hegemony",
    "fragmentation", "unravelling",
)  # fmt: skip
LOSSES = ("fragmentation", "unravelling")
"""Regimes in which others leave; if one is reached, it is the label, whatever else happens."""
PLACEBOS = Path(__file__).parent / "data" / "placebos.csv"
SURE = 5.0
"""Standard deviations among placebos from which on a signal is certain."""
IN_POINTS = {"taken_over": "gained", "saved": "money_saved"}
"""Signals relative to what the actors had, each with the absolute signal by which its certainty is judged."""
THIRD = 1 / 3


class Criterion(NamedTuple):
    """A signal that is at least, or at most, at a threshold."""

    signal: str
    side: Literal["at least", "at most"]
    threshold: float


def at_least(signal: str, threshold: float) -> Criterion:
    """Return the criterion that a signal reaches a threshold."""
    return Criterion(signal, "at least", threshold)


def at_most(signal: str, threshold: float) -> Criterion:
    """Return the criterion that a signal stays below a threshold."""
    return Criterion(signal, "at most", threshold)


WAYS: dict[str, tuple[tuple[Criterion, ...], ...]] = {
    "hollowing_out": ((at_least("hollowed", THIRD),),),
    "reform": ((at_least("reformed", THIRD),),),
    "recentring": ((at_least("taken_over", THIRD), at_least("led_by_another", THIRD)),),
    "minilateral": (
        (at_least("births_more", 5.0), at_least("births_ratio", 1.0)),
        (at_least("club_weight", THIRD),),
    ),
    "two_camps": (
        (at_least("trust_gap", 0.2),),
        (at_least("segregation", 0.1), at_most("left_by_others", 0.1)),
    ),
    "selective_hegemony": (
        (
            at_least("saved", 0.1),
            at_most("wins_lost", 0.05),
            at_most("influence_lost", 0.1),
            at_most("actors_too_many", 0.5),
        ),
    ),
    "fragmentation": ((at_least("left_by_others", 0.1), at_least("segregation", 0.1)),),
    "unravelling": ((at_least("left_by_others", 0.25), at_most("segregation", 0.1)),),
}
"""Ways into every regime except continuity, which is what is left; a way takes all its criteria.

Hollowing-out: organizations do much less, or their members comply much less. Reform: organizations hold other positions
while they do as much and are seen as before. Recentring: one other power, a state or a bloc, holds a third more of
what the leavers held, and other states lead. Minilateral: clubs are born twice as often, or weigh much in an area. Two
camps: trust or seats divide into groups. Selective hegemony: few actors pay less, win as often and keep their
influence. Fragmentation: others leave, and those who stay together are groups. Unravelling: many leave, and no groups.
"""


def degree(criterion: Criterion, signal: Array) -> Array:
    """Return how far a signal meets a criterion, 0 to 1; shape as given."""
    times = np.asarray(signal, float) / criterion.threshold
    return np.clip(times / 2 if criterion.side == "at least" else 1.5 - times, 0.0, 1.0)


def memberships(signals: Mapping[str, Array], scale: float = 1.0) -> dict[str, Array]:
    """Return how far a world belongs to each regime, 0 to 1, at each time of the signals; shape (time,).

    `scale` multiplies all thresholds, to show how much depends on them.
    """

    def weakest(way: tuple[Criterion, ...]) -> Array:
        found = [degree(one._replace(threshold=scale * one.threshold), signals[one.signal]) for one in way]
        return np.asarray(np.min(found, axis=0), float)

    others = {name: np.asarray(np.max([weakest(way) for way in ways], axis=0), float) for name, ways in WAYS.items()}
    return {"continuity": np.asarray(1 - np.max(list(others.values()), axis=0), float), **others}


def label_of(found: Mapping[str, float]) -> str:
    """Return the regime of the strongest membership of at least one half, else continuity; LOSSES before others."""
    for names in (LOSSES, REGIMES[1:]):
        best = max(reversed(names), key=lambda name: found[name])
        if found[best] >= 0.5:
            return best
    return "continuity"


def placebos(table: Path = PLACEBOS) -> dict[str, float]:
    """Return the standard deviation of each signal among placebos."""
    with table.open(encoding="utf-8", newline="") as file:
        return {row["signal"]: float(row["deviation"]) for row in csv.DictReader(file)}


SPREAD = placebos()


def certain(regime: str, signals: Mapping[str, float]) -> bool:
    """Return whether a regime exceeds chance: each signal that its best way asks to be high is certain."""
    one = {name: np.array([value]) for name, value in signals.items()}
    best = max(WAYS[regime], key=lambda way: min(float(degree(part, one[part.signal])[0]) for part in way))
    judged = [IN_POINTS.get(part.signal, part.signal) for part in best if part.side == "at least"]
    return all(signals[name] >= SURE * SPREAD.get(name, 0.0) for name in judged)
