"""The docking table: what publications say, what comes out here, the difference, and why.

`abm validate --docking` prints it. A published number is compared with the one here; a published direction (`>0`, `<0`,
`=0`) with the sign of the number here. Nothing is fitted: where it does not agree, the table says so.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from experiments.validation.docking import (
    axelrod_bennett_1993,
    borzyskowski_vabulas_2019,
    galam_vinogradova_2014,
    hovi_2019,
    saelen_2020,
)

type Here = Callable[[bool], Mapping[str, tuple[float, float]]]
"""Computes quantities by their keys: the number here, and the one under the default rules, NaN for none."""

PUBLICATIONS: dict[str, Here] = {
    "borzyskowski_vabulas_2019": borzyskowski_vabulas_2019.here,
    "hovi_2019": hovi_2019.here,
    "saelen_2020": saelen_2020.here,
    "axelrod_bennett_1993": axelrod_bennett_1993.here,
    "galam_vinogradova_2014": galam_vinogradova_2014.here,
}
TOLERANCE = 0.05
"""Relative difference up to which a published number counts as met: that of its rounding to two digits."""
NOTHING = 0.02
"""Size up to which a number counts as none where a publication says that nothing changes."""


@dataclass(frozen=True)
class DockedRow:
    """One published quantity: what is published, what is here, and what is known of a difference.

    `published` is a number or a direction as text, empty where the publication gives nothing to compare with.
    """

    publication: str
    quantity: str
    unit: str
    published: str
    here: float
    default_rules: float
    difference: float
    agrees: bool | None
    source: str
    why: str


def docking_table(full: bool = False, only: Sequence[str] = ()) -> pd.DataFrame:
    """Return a row for each published quantity, with the fields of DockedRow; missing numbers are NaN.

    `full` takes more replicates where runs are made. `only` names some publications. Raises KeyError for an
    unknown one.
    """
    rows = [row for name in (only or PUBLICATIONS) for row in docked(name, PUBLICATIONS[name](full))]
    return pd.DataFrame([asdict(row) for row in rows])


def docked(name: str, found: Mapping[str, tuple[float, float]]) -> list[DockedRow]:
    """Return the rows of one publication; `found` holds the numbers here by key."""
    return [_row(name, line, *found.get(line["key"], (np.nan, np.nan))) for line in published(name)]


def published(name: str) -> list[dict[str, str]]:
    """Return the lines of a publication's `published.csv`: key, quantity, unit, published, source, why."""
    with (files("experiments.validation.docking") / name / "published.csv").open(encoding="utf-8") as text:
        return list(csv.DictReader(text))


def _row(name: str, line: Mapping[str, Any], here: float, default: float) -> DockedRow:
    """Return one row of the table."""
    said = str(line["published"])
    number = float(said) if said and said[0] not in "<>=" else np.nan
    return DockedRow(
        name, line["quantity"], line["unit"], said, here, default, here - number, agreement(said, here),
        line["source"], line["why"],
    )  # fmt: skip


def agreement(said: str, here: float) -> bool | None:
    """Return whether a number here is as published, None where there is nothing to compare."""
    if not said or not np.isfinite(here):
        return None
    if said[0] in "<>=":
        return {">": here > NOTHING, "<": here < -NOTHING, "=": abs(here) <= NOTHING}[said[0]]
    return bool(abs(here - float(said)) <= TOLERANCE * abs(float(said)))
