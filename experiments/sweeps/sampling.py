"""Designs: which points of a unit cube are looked at, and how they become values of factors."""

import itertools
import math
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from abm.rng import stream
from abm.state.world import Array

SAMPLED = ("lhs", "sobol", "morris", "random")


class Levels(NamedTuple):
    """A factor: a range, linear or logarithmic, of whole numbers or not; or a few values."""

    low: float
    high: float
    values: tuple[Any, ...]
    log: bool
    whole: bool

    def at(self, share: float) -> Any:
        """Return the value at a share, 0 to 1, of the way from the lower to the upper end."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.whole and self.log:
            return int(min(math.floor(self.low * ((self.high + 1) / self.low) ** share), self.high))
        if self.whole:
            return int(min(self.low + math.floor(share * (self.high - self.low + 1)), self.high))
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return float(self.low + share * (self.high - self.low))

    def spread(self, count: int) -> list[Any]:
        """Return the values, or `count` of a range from end to end, each once."""
        if self.values:
            return list(self.values)
        steps = [step / (count - 1) for step in range(count)]
        if self.whole:
            found = [round(self._replace(whole=False).at(step)) for step in steps]
            return list(dict.fromkeys(found))
        return [self.at(step) for step in steps]


class Scheme(NamedTuple):
    """How points are chosen: `method` of `experiments.sweeps.study.Design` with its sizes and its seed."""

    method: str
    samples: int
    levels: int
    second_order: bool
    seed: int

    def generator(self) -> np.random.Generator:
        """Return the design's own stream of random numbers."""
        return stream((self.seed, 0), "design", self.method)

    def chosen(self, total: int) -> list[int]:
        """Return rows of a list drawn without replacement, all of them where `samples` is larger; a longer draw
        begins with the shorter one.
        """
        return [int(row) for row in self.generator().permutation(total)[: self.samples]]


def size_of(scheme: Scheme, factors: Sequence[Levels]) -> int:
    """Return how many points a design has at most, without laying it out."""
    levels, count = [len(factor.spread(scheme.levels)) for factor in factors], len(factors)
    if scheme.method == "grid":
        return math.prod(levels)
    if scheme.method == "oat":
        return 1 + sum(levels)
    groups = {"sobol": 2 * count + 2 if scheme.second_order and count > 1 else count + 2, "morris": count + 1}
    return scheme.samples * groups.get(scheme.method, 1)


def lay_out(scheme: Scheme, factors: Sequence[Levels], centre: Sequence[Any]) -> list[list[Any]]:
    """Return the points of a design, each a list of values by factor; `centre` holds the scenario's own values."""
    if scheme.method == "grid":
        return [list(point) for point in itertools.product(*(factor.spread(scheme.levels) for factor in factors))]
    if scheme.method == "oat":
        return _one_at_a_time(scheme, factors, centre)
    shares = unit_points(scheme, factors)
    return [[factor.at(float(share)) for factor, share in zip(factors, row, strict=True)] for row in shares]


def unit_points(scheme: Scheme, factors: Sequence[Levels]) -> Array:
    """Return sampled points, each coordinate from 0 to 1; shape (point, factor). Raises ValueError for a grid."""
    size, generator = len(factors), scheme.generator()
    problem = {"num_vars": size, "names": [f"x{row}" for row in range(size)], "bounds": [[0.0, 1.0]] * size}
    if scheme.method == "lhs":
        draw = import_module("scipy.stats").qmc.LatinHypercube  # heavy imports, here and below, needed for these only
        return np.asarray(draw(size, rng=generator).random(scheme.samples))
    if scheme.method == "random":
        return generator.random((scheme.samples, size))
    if scheme.method == "sobol":
        sample = import_module("SALib.sample.sobol").sample
        return np.asarray(sample(problem, scheme.samples, calc_second_order=scheme.second_order, seed=generator))
    if scheme.method == "morris":
        sample = import_module("SALib.sample.morris").sample
        return np.asarray(sample(problem, scheme.samples, num_levels=scheme.levels, seed=generator))
    raise ValueError(f"the points of a {scheme.method} design are not sampled")


def _one_at_a_time(scheme: Scheme, factors: Sequence[Levels], centre: Sequence[Any]) -> list[list[Any]]:
    """Return the centre, then each factor's levels with the others at the centre."""
    found = [list(centre)]
    for place, factor in enumerate(factors):
        for value in factor.spread(scheme.levels):
            if value != centre[place]:
                found.append([*centre[:place], value, *centre[place + 1 :]])
    return found
