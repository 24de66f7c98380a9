"""One table in memory: arrays of one length by the names of their columns."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Table:
    """Columns by name: numbers as arrays of floats or integers, texts as arrays of objects.

    Like a data frame without an index, which would take longer to load than a world takes to build; `abm.data.frames`
    makes one of it.
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        """Take columns of one length; what is no array becomes one."""
        self._columns = {name: np.asarray(values) for name, values in columns.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self._columns)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def where(self, mask: NDArray[np.bool_]) -> "Table":
        """Return the rows that a mask marks."""
        return Table({name: values[mask] for name, values in self._columns.items()})

    def replaced(self, **columns: Any) -> "Table":
        """Return the table with some columns replaced."""
        return Table({**self._columns, **columns})

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield every row, its values by column."""
        for values in zip(*(column.tolist() for column in self._columns.values()), strict=True):
            yield dict(zip(self._columns, values, strict=True))


def texts(values: Any) -> NDArray[Any]:
    """Return texts as an array of objects."""
    found = np.empty(len(values), object)
    found[:] = [*values]
    return found


def number(table: Any, name: str, blank: float = np.nan) -> NDArray[np.float64]:
    """Return a column as decimal numbers, with something in the place of blanks; of a data frame, too."""
    values = np.asarray(table[name], float)
    return np.where(np.isnan(values), blank, values)


def text(table: Any, name: str) -> NDArray[Any]:
    """Return a column as texts; of a data frame, too."""
    return np.asarray(table[name], object)
