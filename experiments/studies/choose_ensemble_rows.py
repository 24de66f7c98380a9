"""The choice of rows of the ensemble from draws of points, in an order in which the first ones stand for all."""

import numpy as np

from abm.rng import stream
from abm.state.world import Array

LOOKED_AT = 300
"""Draws among which each row is chosen."""


def even_rows(draws: Array, first: Array, count: int, seed: int) -> Array:
    """Return `count` different points of some draws (draw, parameter), in such an order that first margins are even.

    Draws may repeat a point; it is chosen once at most, and counts in the margins as often as it was drawn. Each next
    point is, of LOOKED_AT draws of points not chosen, that with which the margins of those chosen so far, `first`
    (parameter,) included, differ least from those of all draws (Cramér-von Mises). `first` is not returned. Raises
    ValueError where fewer than `count` points are different.
    """
    draw = stream((seed, 0), "ensemble")
    ordered = np.sort(draws, axis=0)
    of_draw = np.unique(draws, axis=0, return_inverse=True)[1].ravel()
    if of_draw.max() + 1 < count:
        raise ValueError(f"{count} different points are wanted of {of_draw.max() + 1}")
    chosen, taken = np.array([_places(ordered, first[None])[0]]), list[int]()
    places = _places(ordered, draws)
    for size in range(2, count + 2):
        left = np.flatnonzero(~np.isin(of_draw, of_draw[taken]))
        looked = draw.permutation(left)[:LOOKED_AT]
        held = np.broadcast_to(chosen, (len(looked), *chosen.shape))
        sets = np.sort(np.concatenate([held, places[looked, None]], axis=1), axis=1)  # (looked at, row, parameter)
        even = (2 * np.arange(1, size + 1) - 1) / (2 * size)
        best = int(looked[((sets - even[:, None]) ** 2).sum(axis=(1, 2)).argmin()])
        chosen, taken = np.concatenate([chosen, places[best, None]]), [*taken, best]
    return draws[taken]


def _places(ordered: Array, points: Array) -> Array:
    """Return where points stand among ordered values, 0 to 1, in the middle of equal ones; shape (point, parameter)."""
    columns = []
    for column, values in zip(ordered.T, points.T, strict=True):
        below, to = (np.searchsorted(column, values, side) for side in ("left", "right"))
        columns.append((below + np.maximum(to, below + 1)) / 2)
    return np.array(columns).T / (len(ordered) + 1)
