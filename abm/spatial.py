"""Distances in the two-dimensional space of positions (UN ideal-point units), and positions of governments in it."""

import numpy as np

from abm.state.fields import Array

AGREEMENT_PER_UNIT = 1 / 4.31
"""Fall in roll-call agreement per ideal point of distance: the scale of the two-dimensional positions (derived)."""


def distances(position: Array, organization_position: Array) -> Array:
    """Return Euclidean distances; shape (state, organization)."""
    squared = np.square(position[:, :1] - organization_position[:, 0])
    squared += np.square(position[:, 1:] - organization_position[:, 1])
    return np.sqrt(squared)


def lengths(vectors: Array) -> Array:
    """Return Euclidean lengths; `vectors` (..., axis), shape (...)."""
    return np.asarray(np.hypot(vectors[..., 0], vectors[..., 1]))


def government_position(home: Array, swing: Array, turn: Array, turn_size: float) -> Array:
    """Return positions of governments; shape (state, axis).

    Parties differ along the line from the world's centre to the state's `home`; the more sovereigntist one stands
    `turn_size * swing` further out. `turn` is the party in office minus the first one (-2, 0 or 2).
    """
    outward = home - home.mean(axis=0)
    outward = outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    return home + outward * (turn_size * swing * turn / 2)[:, None]


def pair_distances(position: Array) -> Array:
    """Return distances between states; shape (state, state)."""
    return distances(position, position)
