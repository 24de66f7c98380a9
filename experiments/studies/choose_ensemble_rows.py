"""The choice of rows of the ensemble from a set of points, in an order in which the first ones stand for all."""

import numpy as np

from abm.rng import stream
from abm.state.world import Array

LOOKED_AT = 300
"""Points among which each row is chosen."""


def even_rows(points: Array, first: Array, count: int, seed: int) -> Array:
    """Return `count` of some points (point, parameter) in such an order that the margins of the first ones are even.

    Each next one is, of LOOKED_AT drawn points, that with which the margins of those chosen so far, `first`
    (parameter,) included, differ least from those of all points (Cramér-von Mises). `first` is not returned.
    """
    draw = stream((seed, 0), "ensemble")
    ordered = np.sort(points, axis=0)
    chosen, taken = np.array([_places(ordered, first[None])[0]]), list[int]()
    places = _places(ordered, points)
    for size in range(2, count + 2):
        looked = draw.permutation(np.setdiff1d(np.arange(len(points)), taken))[:LOOKED_AT]
        held = np.broadcast_to(chosen, (len(looked), *chosen.shape))
        sets = np.sort(np.concatenate([held, places[looked, None]], axis=1), axis=1)  # (looked at, row, parameter)
        even = (2 * np.arange(1, size + 1) - 1) / (2 * size)
        best = int(looked[((sets - even[:, None]) ** 2).sum(axis=(1, 2)).argmin()])
        chosen, taken = np.concatenate([chosen, places[best, None]]), [*taken, best]
    return points[taken]


def _places(ordered: Array, points: Array) -> Array:
    """Return where points stand among ordered values, 0 to 1; shape (point, parameter)."""
    columns = [np.searchsorted(column, values) for column, values in zip(ordered.T, points.T, strict=True)]
    return (np.array(columns).T + 0.5) / (len(ordered) + 1)
