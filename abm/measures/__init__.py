"""Measures: what is recorded of a world each quarter, each with unit, range, direction and meaning.

There are three kinds, after what they describe: organizations (one number per organization), states (one number per
state) and the system (one number). Measures of organizations also become system measures, as means over organizations
that are alive and whose members are known; over the organizations that shocks aim at they are called `shocked.<name>`.
NaN marks what does not apply, such as the budget of a light organization, and is left out of means.
"""

import numpy as np

from abm.measures import bodies, states, system
from abm.measures.base import MEASURES, Measure, Snapshot, Start
from abm.state.world import Array

__all__ = [
    "MEASURES",
    "Measure",
    "Snapshot",
    "Start",
    "bodies",
    "means",
    "names",
    "rows",
    "scalars",
    "states",
    "system",
]


def names(kind: str) -> tuple[str, ...]:
    """Return the names of measures of a kind: body, state or system."""
    return tuple(name for name, measure in MEASURES.items() if measure.kind == kind)


def rows(kind: str, snapshot: Snapshot) -> Array:
    """Return all measures of organizations or states; shape (measure, organization) or (measure, state)."""
    return np.array([measure.function(snapshot) for measure in MEASURES.values() if measure.kind == kind], float)


def scalars(snapshot: Snapshot, before: Array | None = None) -> Array:
    """Return all system measures; shape (measure,). `before` holds those of the quarter before, where there is one."""
    stands = before is not None and (snapshot.world.quarter + 1) % 4 != 0
    system_measures = (measure for measure in MEASURES.values() if measure.kind == "system")
    return np.array([
        before[place] if stands and measure.yearly and before is not None else measure.function(snapshot)
        for place, measure in enumerate(system_measures)
    ], float)  # fmt: skip


def means(values: Array, counted: Array) -> Array:
    """Return means of measures over counted organizations, NaN entries left out; shape (..., measure).

    `values` has shape (..., measure, organization), `counted` (..., organization) with 1 for organizations that count.
    """
    weight = counted[..., None, :] * ~np.isnan(values)
    total = weight.sum(axis=-1)
    return np.where(total > 0, (np.nan_to_num(values) * weight).sum(axis=-1) / np.maximum(total, 1), 0.0)
