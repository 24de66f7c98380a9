"""What decides a claim in the space: the few splits of parameters that separate where it holds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.rng import stream
from experiments.claims.conditions import Bound, NoSplit, Where
from experiments.claims.design_space import Dimension, triangular

Places = NDArray[np.float64]
Truth = NDArray[np.float64]
CUTS = tuple(np.arange(0.15, 0.86, 0.05))
PERMUTATIONS = 200
CHANCE = 0.05
"""A split counts where fewer than this share of shuffled truths gives as good a one over all factors."""
FEWEST = 5
"""Points on either side of a split."""


class Split(NamedTuple):
    """A split of the space: `holds_above` and `holds_below` are the shares on both sides of the cut of a factor."""

    factor: int
    cut: float
    gain: float
    holds_above: float
    holds_below: float


def best_split(places: Places, truth: Truth) -> Split | None:
    """Return the split that separates truth best (fall of variance), None where there are too few points."""
    best = None
    for cut in CUTS:
        above = places > cut  # (point, factor)
        number = above.sum(axis=0)
        rest = len(truth) - number
        enough = (number >= FEWEST) & (rest >= FEWEST)
        if not enough.any():
            continue
        inside = truth @ above / np.maximum(number, 1)
        outside = truth @ ~above / np.maximum(rest, 1)
        gain = np.where(enough, number * rest * (inside - outside) ** 2 / len(truth) ** 2, -1.0)
        index = int(gain.argmax())
        if best is None or gain[index] > best.gain:
            best = Split(index, float(cut), float(gain[index]), float(inside[index]), float(outside[index]))
    return best


def is_chance(places: Places, truth: Truth, split: Split, seed: int) -> bool:
    """Return whether shuffled truths give splits as good as this one too often: many factors, few points."""
    luck = stream((seed, 0), "claims", "conditions")
    better = 0
    for _ in range(PERMUTATIONS):
        other = best_split(places, luck.permutation(truth))
        better += other is not None and other.gain >= split.gain
    return better >= CHANCE * PERMUTATIONS


def deciding_splits(factors: Sequence[Dimension], places: Places, truth: Truth, seed: int) -> Where | NoSplit | None:
    """Return where a claim holds and where it does not, at most two splits deep; None where all points agree.

    `places` (point, factor) in [0, 1), `truth` (point,) the share of replicates in which it holds.
    """
    if len(truth) < 2 * FEWEST or truth.min() == truth.max():
        return None
    found: list[Bound] = []
    inside = np.ones(len(truth), bool)
    for _ in range(2):
        split = best_split(places[inside], truth[inside])
        if split is None or split.gain <= 0 or is_chance(places[inside], truth[inside], split, seed):
            break
        above = split.holds_above > split.holds_below
        found.append(_bound(factors[split.factor], split, above))
        inside = inside & ((places[:, split.factor] > split.cut) == above)
    if not found:
        return NoSplit()
    return Where(tuple(found), round(float(truth[inside].mean()), 5), int(inside.sum()))


def _bound(factor: Dimension, split: Split, above: bool) -> Bound:
    """Return the side of a split on which the claim holds more often."""
    worse, better = sorted(round(share, 5) for share in (split.holds_above, split.holds_below))
    if factor.choices:
        first = int(split.cut * len(factor.choices) + 0.5)
        named = factor.choices[first:] if above else factor.choices[:first]
        return Bound(factor.path, "is", named, better, worse)
    rises = factor.value(1.0) > factor.value(0.0)
    value = float(f"{factor.value(split.cut):.5g}")
    return Bound(factor.path, "above" if above == rises else "below", value, better, worse)


def under_triangular(places: Places, truth: Truth) -> tuple[float, float]:
    """Return the share under a triangular prior on the three factors that separate the claim best, and how many points
    of equal weight it rests on.

    A prior on factors that do not matter to it changes no share; weights on all of them would leave no point.
    """
    ranked = []
    for factor in range(places.shape[1]):
        split = best_split(places[:, [factor]], truth)
        ranked.append(split.gain if split else 0.0)
    chosen = np.argsort(ranked)[::-1][:3]
    weight = triangular(places[:, chosen]).prod(axis=1)
    return float(truth @ weight / weight.sum()), float(weight.sum() ** 2 / (weight**2).sum())
