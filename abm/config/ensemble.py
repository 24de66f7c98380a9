"""The ensemble: what is not known is drawn from rows of parameter values that the record does not rule out.

`abm/data/ensemble.csv` has a column for each parameter that is not known well, by its path, and a line for each row
after the first: row 0 is the point default. Replicate r of a run, and of its twin, takes row r modulo the number of
rows. Whatever a config, an option or a factor sets holds in every row.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from abm.config.errors import KeyPath
from abm.config.layers import Layer, merge, untitled
from abm.config.sections import SECTIONS
from abm.data.reading import data_folder
from abm.parameters import Parameters

CALIBRATED = "calibrated"
"""The name of the shipped ensemble."""
FILE = "ensemble.csv"
NEVER_DRAWN = "synthetic"
"""The section that no row may hold: a world is drawn once for all replicates."""

type Row = Mapping[str, Mapping[str, float]]
"""Values by section and name."""


@cache
def rows() -> tuple[Row, ...]:
    """Return the rows of the shipped ensemble, the point default (which sets nothing) first.

    Raises ValueError for a column that is not a parameter, and for a value outside its range.
    """
    with (data_folder() / FILE).open(encoding="utf-8", newline="") as file:
        return ({}, *(row_of(line) for line in csv.DictReader(file)))


def row_of(line: Mapping[str, str]) -> Row:
    """Return one line of the table by section and name, as numbers; raises ValueError as `rows` does."""
    found: dict[str, dict[str, float]] = {}
    for path, text in line.items():
        section, _, name = path.partition(".")
        if section == NEVER_DRAWN or name not in SECTIONS[section].model_fields:
            raise ValueError(f"{FILE}: {path} is not a parameter that can be drawn")
        whole = SECTIONS[section].model_fields[name].annotation is int
        found.setdefault(section, {})[name] = int(text) if whole else float(text)
    for section, values in found.items():
        SECTIONS[section].model_validate(values)
    return found


@cache
def drawn_paths() -> frozenset[str]:
    """Return the paths of all parameters that the ensemble draws."""
    return frozenset(f"{section}.{name}" for section, values in rows()[-1].items() for name in values)


def in_row(parameters: Any, row: int, held: Collection[str]) -> Any:
    """Return all sections of parameters with the values of a row, except for those whose paths are `held`."""
    changed: dict[str, Parameters] = {}
    for section, values in rows()[row].items():
        free = {name: value for name, value in values.items() if f"{section}.{name}" not in held}
        if free:
            changed[section] = getattr(parameters, section).model_copy(update=free)
    return parameters.model_copy(update=changed)


def held_in(layer: Layer) -> tuple[str, ...]:
    """Return the paths of those parameters of the ensemble that a layer sets.

    All that it writes; where it says itself which are `held`, those and all that it writes another value than the
    default of. So base.yaml, and an experiment with everything explicit, set nothing by writing a default.
    """
    written, said = dict(_written(layer.values.get("parameters"))), layer.values.get("held")
    if said is None:
        return tuple(sorted(written))
    listed = said if isinstance(said, tuple) else ()
    return tuple(sorted({*map(str, listed), *(path for path, value in written.items() if value != _default(path))}))


def extend(base: Layer, own: Layer) -> Layer:
    """Return what a config extends with the config's own values over it; what either sets is held.

    A config that states shocks takes over neither title nor description, since these tell of other shocks.
    """
    merged = merge(untitled(base) if "shocks" in own.values else base, own)
    if isinstance(own.values.get("held", ()), tuple):  # anything else is refused as it stands
        merged.values["held"] = tuple(sorted({*held_in(base), *held_in(own)}))
    return merged


def holding(layer: Layer, keys: KeyPath) -> Layer:
    """Return a layer in which the parameters at and below some keys are held too."""
    written = dict(_written(layer.values.get("parameters")))
    below = ".".join(map(str, keys[1:]))
    set_ = {path for path in written if f"{path}.".startswith(f"{below}.") or not below}
    return Layer(layer.values | {"held": tuple(sorted({*held_in(layer), *set_}))}, layer.origins)


def _written(sections: Any) -> Iterator[tuple[str, Any]]:
    """Yield path and value of the parameters of the ensemble in the section `parameters` of a config."""
    for section, values in sections.items() if isinstance(sections, dict) else ():
        for name, value in values.items() if isinstance(values, dict) else ():
            if f"{section}.{name}" in drawn_paths():
                yield f"{section}.{name}", value


def _default(path: str) -> Any:
    """Return the default of a parameter of the ensemble."""
    section, _, name = path.partition(".")
    return SECTIONS[section].model_fields[name].default
