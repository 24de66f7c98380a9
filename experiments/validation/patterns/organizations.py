"""Patterns of organizations: 4 to 7, 12 and 13."""

from collections.abc import Sequence

import numpy as np

from abm.state.world import Array
from experiments.validation.demography import AGE_WORDS, SIZE_WORDS
from experiments.validation.pattern_verdicts import SURE, Pattern, PatternEstimate, ratio, within
from experiments.validation.readings import Reading

POPULATION = "334 organizations of the published sizes and ages, 40 years without a shock"
MARGIN, WIDEST = 1.15, 0.3
"""No rise: the interval ends below 1.15, half of the widest interval allowed above 1."""


def _deaths(kind: str) -> Sequence[str]:
    """Return the names of deaths and years by size or age."""
    return f"deaths_by_{kind}", f"years_by_{kind}"


def _by(kind: str, reading: Reading) -> list[float]:
    """Return deaths, then years, by class."""
    return [number for name in _deaths(kind) for number in reading[name]]


def _hazards(sums: Array) -> Array:
    """Return deaths a year by class; (..., 2 x class) to (..., class)."""
    half = sums.shape[-1] // 2
    return ratio(sums[..., :half], sums[..., half:], 1e-9)


def _by_size(sums: Array) -> Array:
    """Return the rate of the smallest over that of the largest (no death counts as half of one), and all rates."""
    half = sums.shape[-1] // 2
    floored = np.concatenate([np.maximum(sums[..., :half], 0.5), sums[..., half:]], axis=-1)
    rates = _hazards(floored)
    return np.concatenate([(rates[..., 0] / rates[..., -1])[..., None], _hazards(sums)], axis=-1)


def _by_age(sums: Array) -> Array:
    """Return the rate at 5 to 19 years over that in the first five, and all rates."""
    half = sums.shape[-1] // 2
    young = ratio(np.maximum(sums[..., 0], 0.5), sums[..., half], 1e-9)
    middle = ratio(sums[..., 1] + sums[..., 2], sums[..., half + 1] + sums[..., half + 2], 1e-9)
    return np.concatenate([(middle / young)[..., None], _hazards(sums)], axis=-1)


def _hump(estimate: PatternEstimate, _: Sequence[PatternEstimate]) -> bool:
    """Return whether the peak is not in the first five years, in nearly all resamples."""
    return bool(estimate.share(lambda samples: samples[:, 1:].argmax(axis=1) > 0) >= SURE)


def _exit_deaths(reading: Reading) -> list[float]:
    """Return deaths of organizations and of clubs by whether they stayed whole, were left, or lost another member."""
    names = ("bodies_stay", "bodies_left", "clubs_stay", "clubs_left", "clubs_other")
    return [reading[name] for name in names]


def _exit_ratios(sums: Array) -> Array:
    """Return deaths with an exit over deaths without: a great power's, a founder's, a club's largest other member's."""
    rows = [ratio(sums[..., 1], sums[..., 0], 0.5)] + [ratio(sums[..., k], sums[..., 2], 0.5) for k in (3, 4)]
    return np.stack(rows, axis=-1)


def _only_founders(estimate: PatternEstimate, _: Sequence[PatternEstimate]) -> bool:
    """Return whether a great power's exit kills no more than staying and a founder's does."""
    (low, high), (founder, _high) = estimate.interval(0), estimate.interval(1)
    return high <= MARGIN and high - low <= WIDEST and founder > 1


BODY_PATTERNS = (
    Pattern(
        4, "Death rate", ".98 % of organizations a year", (0.006, 0.015), "calibrate", "calibrate", "population",
        ("deaths an organization and year",),
        lambda reading: [sum(reading["deaths_by_size"]), sum(reading["years_by_size"])],
        lambda sums: ratio(sums[..., :1], sums[..., 1:2]),
        POPULATION, "the value lies in the band", within(0.006, 0.015),
    ),
    Pattern(
        5, "Death by size", "below 10 members about 8 times 100 and more", (4, 15), "specify", "validate", "population",
        ("rate below 10 members over rate from 100", *(f"rate at {words} members" for words in SIZE_WORDS)),
        lambda reading: _by("size", reading), _by_size,
        POPULATION, "the ratio lies in the band", within(4, 15),
        "Size enters the rule as staff, which rises with members; published rates by size are 1.38, 1.15, .46, .47, "
        ".16 % a year.",
    ),
    Pattern(
        6, "Death by age", "a hump at 5 to 20 years", None, "validate", "validate", "population",
        ("rate at 5-19 years over rate at 0-4", *(f"rate at {words} years" for words in AGE_WORDS)),
        lambda reading: _by("age", reading), _by_age,
        POPULATION, f"the peak is not in the first five years in {SURE:.0%} of resamples", _hump,
        "No rule has age in it; small organizations die first, so that rates fall with the time under observation.",
    ),
    Pattern(
        7, "Sleepers among survivors", "alive : zombie = 58 : 42", (0.34, 0.50), "validate", "validate", "population",
        ("share of zombies among surviving economic bodies", "the same among all bodies"),
        lambda reading: [*reading.get("survivors", {}).get("economic", (0, 1)),
                         *reading.get("survivors", {}).get("all", (0, 1))],
        lambda sums: np.stack([ratio(sums[..., 0], sums[..., 1]), ratio(sums[..., 2], sums[..., 3])], axis=-1),
        "economic organizations (trade, finance, development, energy) among " + POPULATION + "; the source has "
        "regional economic organizations over several decades",
        "the value lies in the band", within(0.34, 0.50),
        "Every relation is written against rest, so an undisturbed organization stays as active as it was: nothing in "
        "the rules lets an organization fall asleep without a loss.",
    ),
    Pattern(
        12, "Deaths after an exit", "no rise for a great power that is no founder, a rise for founders", None,
        "validate", "validate", "deaths",
        ("deaths after a great power's exit over deaths without",
         "clubs' deaths after their founder's exit over deaths without",
         "clubs' deaths after the exit of their largest other member over deaths without"),
        _exit_deaths, _exit_ratios,
        "334 organizations of the published sizes, one in five left by the United States, and clubs of the first 7.5 "
        "years, left by their founders; ten years, against the same world with nobody leaving",
        f"the 95 % interval ends below {MARGIN} and is no wider than {WIDEST} for the great power, and lies above 1 "
        "for founders",
        _only_founders,
        "Founders of the organizations of the start are not known; a founder's exit can be tried on clubs only.",
    ),
    Pattern(
        13, "Modularity of shared memberships", "range of .009 or less in 20 years (level .055-.064)", (0, 0.009),
        "validate", "validate", "population",
        ("range in 20 years, all bodies", "range, bodies below 150 members", "level at the start, all bodies",
         "level, bodies below 150 members"),
        lambda reading: [*reading["modularity_range"], *reading["modularity_start"], 1.0],
        lambda sums: sums[..., :4] / sums[..., 4:],
        POPULATION + ", its first 20", "the mean range lies in the band", within(0, 0.009),
    ),
)  # fmt: skip
