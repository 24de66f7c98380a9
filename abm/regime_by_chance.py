"""The second opinion on regimes: effects in the last quarter beyond the difference between two unrelated quiet worlds.

The regime of a run is that of `abm.regimes`; this one is shown beside it. The table `data/chance_quantiles.csv` has
quantiles of the differences between two quiet replicates after 15 years, for the world's figure (a system measure, or a
mean over organizations) and for single organizations. `abm study thresholds --full` makes it anew.

An effect (shock minus twin in the last quarter) counts for nothing up to the .05 or .95 quantile of worlds: two quiet
worlds show it as well. It counts fully from the .005 or .995 quantile on, and in proportion in between. For a mean over
organizations these outer quantiles are those of single organizations, so that the mean organization stands where chance
alone puts one in two hundred. For one number per world they are quantiles of worlds. A run belongs to a regime as far
as it meets the weakest criterion.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from abm.regimes import label_of

TABLE = Path(__file__).parent / "data" / "chance_quantiles.csv"
COMMON, RARE = 0.05, 0.005
"""How often chance alone exceeds what counts for nothing, and what counts fully."""
COLLAPSE = 5.0
"""Multiple of the rare loss of memberships that makes an unravelling (a stated choice)."""


class Threshold(NamedTuple):
    """`effect` of a measure that counts fully at `threshold` and not at all at `origin`."""

    measure: str
    threshold: float
    origin: float = 0.0


def chance(table: Path = TABLE) -> dict[tuple[str, str, float], float]:
    """Return the quantiles of chance by measure, by what they describe ("world" or "body") and by quantile."""
    with table.open(encoding="utf-8", newline="") as file:
        return {
            (row["measure"], row["of"], float(row["quantile"])): float(row["value"]) for row in csv.DictReader(file)
        }


CHANCE = chance()


def rare(measure: str, quantile: float) -> float:
    """Return the quantile of single organizations where the measure has any, else that of worlds."""
    return CHANCE.get((measure, "body", quantile), CHANCE[measure, "world", quantile])


def rises(measure: str) -> Threshold:
    """Return the criterion that a measure ends higher than by chance."""
    return Threshold(measure, rare(measure, 1 - RARE), CHANCE[measure, "world", 1 - COMMON])


def falls(measure: str, times: float = 1.0) -> Threshold:
    """Return the criterion that a measure ends lower than by chance; it is fully met at `times` the rare fall."""
    return Threshold(measure, times * rare(measure, RARE), CHANCE[measure, "world", COMMON])


def holds(measure: str) -> Threshold:
    """Return the criterion that a measure ends no lower than by chance."""
    return Threshold(measure, CHANCE[measure, "world", COMMON], rare(measure, RARE))


THRESHOLDS: dict[str, tuple[Threshold, ...]] = {
    "hollowing_out": (falls("shocked.effectiveness"), falls("shocked.commitment")),
    "reform": (rises("shocked.position_shift"), holds("shocked.legitimacy"), holds("shocked.effectiveness")),
    "recentring": (rises("shocked.leader_changed"), holds("shocked.leader_share"), holds("shocked.budget")),
    "minilateral": (rises("clubs"),),
    "two_camps": (rises("trust_gap"), rises("trust_spread")),
    "selective_hegemony": (rises("actor_saving"), holds("actor_wins"), holds("actor_agenda_share")),
    "fragmentation": (rises("modularity_excess"), falls("memberships_kept")),
    "unravelling": (falls("memberships_kept", COLLAPSE), falls("legitimacy")),
}
"""Criteria of every regime but continuity, which is what is left.

Hollowing-out: organizations do less and members comply less. Reform: adopted positions move while what organizations
do and how they are seen do not fall. Recentring: other states lead, as strongly as the former ones, and the money is
there. Minilateral: more clubs. Two camps: trust divides between the camps. Selective hegemony: the leaver pays less but
wins as many resolutions and has as much influence; vetoes are never lost. Fragmentation: memberships are lost, and what
is left falls into groups beyond what the numbers of memberships imply. Unravelling: memberships and respect are lost in
bulk.
"""


def degree(criterion: Threshold, effect: float) -> float:
    """Return how far an effect meets a criterion, 0 to 1."""
    span = criterion.threshold - criterion.origin
    if span == 0:
        return float(effect >= criterion.threshold)
    return min(1.0, max(0.0, (effect - criterion.origin) / span))


def memberships(effects: Mapping[str, float], scale: float = 1.0) -> dict[str, float]:
    """Return how far a run with these effects belongs to each regime, 0 to 1; a missing measure counts as no effect.

    `scale` multiplies all thresholds, to show how much depends on them.
    """
    found = {
        name: min(degree(criterion, effects.get(criterion.measure, 0.0) / scale) for criterion in criteria)
        for name, criteria in THRESHOLDS.items()
    }
    return {"continuity": 1 - max(found.values()), **found}


def unmeasured(effects: Mapping[str, float]) -> set[str]:
    """Return the measures that effects lack and on which a membership depends: no other criterion rules it out."""
    return {
        criterion.measure
        for criteria in THRESHOLDS.values()
        if all(degree(one, effects[one.measure]) > 0 for one in criteria if one.measure in effects)
        for criterion in criteria
        if criterion.measure not in effects
    }


def label(effects: Mapping[str, float], scale: float = 1.0) -> str:
    """Return the regime of a run with these effects; `scale` as for `memberships`."""
    return label_of(memberships(effects, scale))
