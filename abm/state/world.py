"""The world at one time: its declared arrays, which are replaced whole and never written into, its labels and clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Self

import numpy as np

from abm.state.derived import DEPENDENTS, Derived, with_values
from abm.state.fields import (
    EXIT_FORMS,
    FIELDS,
    KINDS,
    RULES,
    SIZES,
    Array,
    Field,
    Integers,
    Mask,
)  # fmt: skip

__all__ = [
    "EXIT_FORMS", "FIELDS", "KINDS", "RULES", "SIZES", "Array", "Field", "Integers", "Mask", "World",
    "add_organization", "check", "complaint", "fits", "free_slots", "grow",
]  # fmt: skip
SLOTS = 4
"""Fewest rows by which a world grows when an organization is founded and none is free."""
SLOTS_PER_ROW = 1 / 32
"""Rows by which a large world grows, as a share of those it has."""
AXES: dict[str, tuple[int, ...]] = {
    name: tuple(axis for axis, dimension in enumerate(declared.dims) if dimension == "organization")
    for name, declared in FIELDS.items()
    if "organization" in declared.dims
}
"""The axes of organizations of every field that has any."""


@dataclass
class World(Derived):
    """One world at one time.

    `world.member = array` replaces a field: it freezes the array, so that nobody can write into it, and forgets what
    was derived from the old one. Nothing derived can be out of date.
    """

    quarter: int = 0
    start: int = 0
    state_codes: tuple[str, ...] = ()
    state_names: tuple[str, ...] = ()
    organization_codes: tuple[str, ...] = ()
    organization_names: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    state_ids: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    slot_keys: tuple[str, ...] = ()  # streams of clubs: issue, founder's draw id, quarter; "" if never used
    organization_ids: Integers = field(default_factory=lambda: np.empty(0, np.int64))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIELDS and value is not self.__dict__.get(name):
            self.put(name, value)
        else:
            object.__setattr__(self, name, value)

    def put(self, name: str, array: Array) -> None:
        """Put another array in the place of a field's."""
        array.setflags(write=False)
        values = self.__dict__
        for dependent in DEPENDENTS.get(name, ()):
            values.pop(dependent, None)
        values[name] = array

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():  # arrays come out of a pickle writable
            setattr(self, name, value)

    @property
    def built(self) -> int:
        """Return the number of organizations built with the world; later rows are slots for founded ones."""
        return len(self.organization_ids)

    @property
    def sizes(self) -> dict[str, int]:
        """Return the lengths of the dimensions state, organization, issue and axis."""
        return {"state": len(self.gdp), "organization": len(self.issue), "issue": len(self.issues), **SIZES}

    def size(self, dimension: str) -> int:
        """Return the length of a dimension."""
        return self.sizes[dimension]

    def changed(self, **fields: Any) -> Self:
        """Return a copy with other values of some fields; the rest is shared."""
        return replace(self, **fields)


def fits(name: str, values: Array, shape: tuple[int, ...]) -> bool:
    """Return whether values of a field have this shape, are finite and within bounds, rounding forgiven."""
    if values.shape != shape or not values.size:
        return values.shape == shape
    least, most = FIELDS[name].bounds
    low, high = float(np.minimum.reduce(values, axis=None)), float(np.maximum.reduce(values, axis=None))
    if least <= low and high <= most and high - low < inf:
        return True
    slack = 1e-9 * max(1.0, abs(low), abs(high))
    return low >= least - slack and high <= most + slack and high - low < inf


def complaint(name: str, values: Array, shape: tuple[int, ...]) -> str:
    """Return in words why values of a field do not fit."""
    if values.shape != shape:
        return f"{name} has shape {values.shape}, must be {shape}"
    return f"{name} is in [{values.min():g}, {values.max():g}], must be finite and in {list(FIELDS[name].bounds)}"


def check(name: str, values: Array, world: World) -> None:
    """Raise ValueError when `values` has a wrong shape for the field `name`, is not finite or leaves its bounds."""
    sizes = world.sizes
    shape = tuple(sizes[dimension] for dimension in FIELDS[name].dims)
    if not fits(name, values, shape):
        raise ValueError(complaint(name, values, shape))


def grow(world: World, slots: int) -> None:
    """Append `slots` empty organization rows to every array of the world, filled as declared."""
    for name, axes in AXES.items():
        setattr(world, name, _grown(getattr(world, name), axes, slots, FIELDS[name].fill))
    world.organization_codes += ("",) * slots
    world.organization_names += ("",) * slots
    world.slot_keys += ("",) * slots


def _grown(values: Array, axes: tuple[int, ...], slots: int, fill: float) -> Array:
    """Return the array of a field with `slots` more organizations, all of them `fill`."""
    for axis in axes:
        shape = (*values.shape[:axis], slots, *values.shape[axis + 1 :])
        values = np.concatenate([values, np.full(shape, fill)], axis=axis)
    return values


def free_slots(world: World) -> Integers:
    """Return the rows of slots without a living organization."""
    return world.built + np.flatnonzero(world.alive[world.built :] == 0)


def add_organization(world: World, row: Mapping[str, Any]) -> int:
    """Give a new organization the first free slot, or a new one where none is free; return its row.

    `row` maps fields to the values of the new row (others take their fill), "code" to its name and "key" to that of its
    random streams.
    """
    if not free_slots(world).size:
        grow(world, max(SLOTS, round(SLOTS_PER_ROW * len(world.alive))))
    index = int(free_slots(world)[0])
    for name, axes in AXES.items():
        values = getattr(world, name)
        renewed = _with_row(values, axes, index, row.get(name, FIELDS[name].fill))
        if renewed is not values:
            setattr(world, name, renewed)
    world.organization_codes = _replaced(world.organization_codes, index, str(row["code"]))
    world.organization_names = _replaced(world.organization_names, index, str(row["code"]))
    world.slot_keys = _replaced(world.slot_keys, index - world.built, str(row["key"]))
    return index


def _with_row(values: Array, axes: tuple[int, ...], index: int, value: Any) -> Array:
    """Return the array of a field with `value` for an organization; itself where that stands there already."""
    if values.ndim == 1:
        return values if values[index] == value else with_values(values, np.array([index]), value)
    places = [(slice(None),) * axis + (index,) for axis in axes]
    if all((values[place] == value).all() for place in places):
        return values
    values = values.copy()
    for place in places:
        values[place] = value
    return values


def _replaced(labels: tuple[str, ...], index: int, label: str) -> tuple[str, ...]:
    """Return the labels with another one at a place."""
    return (*labels[:index], label, *labels[index + 1 :])
