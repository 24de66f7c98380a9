"""Tables of a world as pandas data frames, for what needs more than columns: drawing worlds, writing, analysis."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from abm.data.table import Table, texts
from abm.data.world_tables import Tables


@dataclass(frozen=True, eq=False)
class Frames:
    """The same as `abm.data.world_tables.Tables`, in data frames."""

    states: pd.DataFrame
    organizations: pd.DataFrame
    membership: pd.DataFrame
    contributions: pd.DataFrame
    agreement: npt.NDArray[np.float64]
    revenues: pd.DataFrame
    purses: pd.DataFrame
    private: pd.DataFrame
    dependence: pd.DataFrame
    lists: dict[str, tuple[str, ...]]
    alliances: pd.DataFrame
    issues: pd.DataFrame
    kinds: pd.DataFrame
    groups: pd.DataFrame
    basis: pd.DataFrame

    def tables(self) -> Tables:
        """Return the tables that a world is built from."""
        parts: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        found: dict[str, Any] = {
            name: _table(part) if isinstance(part, pd.DataFrame) else part for name, part in parts.items()
        }
        return Tables(**found)


def framed(tables: Tables) -> Frames:
    """Return tables as data frames; they may be written to."""
    parts: dict[str, Any] = {field.name: getattr(tables, field.name) for field in fields(tables)}
    found: dict[str, Any] = {name: frame(part) if isinstance(part, Table) else part for name, part in parts.items()}
    return Frames(**found)


def frame(table: Table) -> pd.DataFrame:
    """Return one table as a data frame."""
    return pd.DataFrame({
        name: pd.Series(table[name], dtype=str) if table[name].dtype == object else pd.Series(table[name].copy())
        for name in table.columns
    })  # fmt: skip


def _table(of: pd.DataFrame) -> Table:
    """Return a data frame as a table."""
    return Table({
        str(name): column.to_numpy() if column.dtype.kind in "fiub" else texts(column.tolist())
        for name, column in of.items()
    })  # fmt: skip
