"""Reading one file of a world's tables and holding every cell to the schema in `columns.csv`."""

import csv
import difflib
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from abm.config.errors import bearable
from abm.data.table import Table, texts

type Floats = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.int64]
type Cells = list[str]

REQUIRED_FILES = ("states", "organizations", "membership", "contributions")
OPTIONAL_FILES = ("revenues", "purses", "private", "dependence", "lists", "alliances", "basis")
REFERENCE_FILES = ("kinds", "issues", "groups")
MAY_BE_EMPTY = (*OPTIONAL_FILES, "membership", "contributions")
ALWAYS, NEVER = -(10**9), 10**9
DISTANCE_OF_NO_AGREEMENT = 4.31
"""Distance in ideal-point units at which two states would never agree: the unit of the built-in scaling."""
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-\d{2})?|Q([1-4]))?")
_KEY_OF = {
    "state": ("states", "code"),
    "organization": ("organizations", "code"),
    "issue": ("issues", "issue_area"),
    "family": ("kinds", "family"),
}


class TablesError(Exception):
    """A table that cannot be used; the message names file, line, column, what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        """Keep the message on one line of bearable length, whatever a table holds."""
        super().__init__(bearable(message))


@dataclass(frozen=True)
class Column:
    """The declaration of one column: `type` is text, number, integer, flag, date, choice or a key's name."""

    table: str
    name: str
    key: bool
    required: bool
    type: str
    low: float
    high: float
    allowed: tuple[str, ...]
    unit: str
    meaning: str


@dataclass(frozen=True)
class Sheet:
    """The text of one file: its cells by column, and the line on which each row ends."""

    path: Path
    cells: dict[str, Cells]
    lines: list[int]

    def refuse(self, column: str, row: int, what: str) -> TablesError:
        """Return the error for one cell."""
        key = next(iter(self.cells.values()))[row]
        return TablesError(f"{self.path}, line {self.lines[row]} ({key}), column {column}: {what}")


def data_folder() -> Path:
    """Return the folder of the shared reference tables; the built-in world lies in its `real`."""
    return Path(str(resources.files(__package__)))


@cache
def schema() -> dict[str, tuple[Column, ...]]:
    """Return the declared columns of every table, in order."""
    declared: dict[str, tuple[Column, ...]] = {}
    cells = read_sheet(data_folder() / "columns.csv").cells
    for row in zip(*cells.values(), strict=True):
        cell = dict(zip(cells, row, strict=True))
        column = Column(
            cell["table"],
            cell["column"],
            cell["key"] == "1",
            cell["required"] == "1",
            cell["type"],
            float(cell["low"] or "-inf"),
            float(cell["high"] or "inf"),
            tuple(cell["allowed"].split()),
            cell["unit"],
            cell["meaning"],
        )
        declared[column.table] = (*declared.get(column.table, ()), column)
    return declared


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file as text; raise TablesError where it is missing, empty, ragged or not UTF-8."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(reader.line_num, row) for row in reader if any(row)]
    except FileNotFoundError as error:
        needed = ", ".join(f"{name}.csv" for name in REQUIRED_FILES)
        raise TablesError(f"{path}: file is missing; a world needs {needed}") from error
    except UnicodeDecodeError as error:
        raise TablesError(f"{path}: is not UTF-8 text; save it as CSV with UTF-8 encoding") from error
    except (csv.Error, OSError) as error:
        raise TablesError(f"{path}: cannot be read as CSV: {error}") from error
    if not rows:
        raise TablesError(f"{path}: is empty; the first line must name the columns")
    header = rows[0][1]
    if len(set(header)) < len(header):
        raise TablesError(f"{path}, line 1: a column is named twice; keep one")
    for line, row in rows:
        if len(row) != len(header):
            raise TablesError(
                f"{path}, line {line}: has {len(row)} cells, the header {len(header)} columns; "
                "put text with commas in quotes"
            )
    columns = zip(*(row for _, row in rows[1:]), strict=True) if len(rows) > 1 else ([] for _ in header)
    return Sheet(path, dict(zip(header, map(list, columns), strict=True)), [line for line, _ in rows[1:]])


def read_table(folder: Path, table: str, known: Mapping[str, Table]) -> Table:
    """Read one table, hold it to the schema, and return it with all declared columns in their order.

    Blank text is "", a blank number NaN, a blank flag 0. References are looked up in the tables `known` so
    far. An optional file that is missing gives no rows. Raises TablesError at the first thing wrong.
    """
    path, rules = folder / f"{table}.csv", schema()[table]
    if table in OPTIONAL_FILES and not path.exists():
        sheet = Sheet(path, {rule.name: [] for rule in rules}, [])
    else:
        sheet = read_sheet(path)
        _check_header(sheet, rules)
    if not sheet.lines and table not in MAY_BE_EMPTY:
        raise TablesError(f"{path}: has a header but no rows; add one row for each of the {table}")
    _check_keys(sheet, rules)
    return Table({rule.name: _column(sheet, rule, known) for rule in rules})


def _check_header(sheet: Sheet, rules: Sequence[Column]) -> None:
    valid = [rule.name for rule in rules]
    for name in sheet.cells:
        if name not in valid:
            raise TablesError(f"{sheet.path}, line 1: unknown column {name[:60]!r}; {_nearest(name[:60], valid)}")
    for rule in rules:
        if rule.required and rule.name not in sheet.cells:
            raise TablesError(f"{sheet.path}, line 1: column {rule.name!r} is missing; add {rule.meaning}")


def _check_keys(sheet: Sheet, rules: Sequence[Column]) -> None:
    names = [rule.name for rule in rules if rule.key and rule.name in sheet.cells]
    keys = list(zip(*(sheet.cells[name] for name in names), strict=True))
    if len(set(keys)) < len(keys):
        first = {key: row for row, key in reversed(list(enumerate(keys)))}
        row = next(row for row, key in enumerate(keys) if first[key] < row)
        raise sheet.refuse(" + ".join(names), row, f"{', '.join(keys[row])} stands twice; keep one row")


def _nearest(name: str, valid: Collection[str]) -> str:
    """Say which known name comes nearest, or list the first few."""
    same = [known for known in valid if known.lower() == name.strip().lower()]
    close = same or difflib.get_close_matches(name, valid, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(valid)[:8])} ..."


def _column(sheet: Sheet, rule: Column, known: Mapping[str, Table]) -> npt.NDArray[Any]:
    """Return one column converted to its type; raise TablesError at its first bad cell."""
    cells = sheet.cells.get(rule.name, [""] * len(sheet.lines))
    if rule.required and "" in cells:
        raise sheet.refuse(rule.name, cells.index(""), f"is blank; give {rule.meaning}")
    if rule.type in ("number", "integer", "flag"):
        return _numbers(sheet, rule, cells)
    if rule.type == "date":
        _check_dates(sheet, rule.name, cells)
    elif rule.type != "text":
        _check_choice(sheet, rule, cells, known)
    return texts(cells)


def _check_dates(sheet: Sheet, name: str, cells: Cells) -> None:
    for cell in dict.fromkeys(cells):
        if cell and _DATE.fullmatch(cell) is None:
            raise sheet.refuse(
                name, cells.index(cell), f"{cell!r} is not a date; write 1984, 1984Q3, 1984-12 or 1984-12-31"
            )


def _check_choice(sheet: Sheet, rule: Column, cells: Cells, known: Mapping[str, Table]) -> None:
    allowed, what = list(rule.allowed), rule.name
    if rule.type in _KEY_OF:
        table, key = _KEY_OF[rule.type]
        allowed, what = list(known[table][key]) if table in known else sheet.cells[key], rule.type
    unknown = set(cells).difference(allowed, [""])
    if unknown:
        row = next(place for place, cell in enumerate(cells) if cell in unknown)
        raise sheet.refuse(rule.name, row, f"unknown {what} {cells[row]!r}; {_nearest(cells[row], allowed)}")


def _numbers(sheet: Sheet, rule: Column, cells: Cells) -> npt.NDArray[np.float64 | np.int64]:
    """Return numbers, as integers where all are whole by declaration and none is blank."""
    blank = 0.0 if rule.type == "flag" else math.nan
    whole = rule.type != "number"
    values = np.array([blank if not cell else _number(cell) for cell in cells])
    wrong = np.isinf(values) | (np.array([cell != "" for cell in cells], dtype=bool) & np.isnan(values))
    wrong |= whole & (values > np.floor(values))
    if wrong.any():
        row = int(wrong.argmax())
        raise sheet.refuse(rule.name, row, f"{cells[row]!r} is not a {'whole ' if whole else ''}number")
    outside = (values < rule.low) | (values > rule.high)
    if outside.any():
        row = int(outside.argmax())
        raise sheet.refuse(rule.name, row, f"{cells[row]} lies outside {rule.low:g} to {rule.high:g}")
    return values.astype(np.int64) if whole and not np.isnan(values).any() else values.astype(float)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.inf


def read_agreement(folder: Path, states: Table) -> Floats:
    """Return voting agreement (states, states) from agreement.csv, else from the distance of positions.

    Votes say nothing about a state that turned after them: its rows follow from distance, too.
    """
    path = folder / "agreement.csv"
    near = agreement_by_distance(states)
    if not path.exists():
        return near
    turned = states["turned"] == 1
    return np.where(turned[:, None] | turned[None, :], near, read_votes(path, list(states["code"])))


def agreement_by_distance(states: Table) -> Floats:
    """Return the agreement that the distance of positions implies, shape (states, states)."""
    position = np.column_stack([states["position_1"], states["position_2"]]).astype(float)
    distance: Floats = np.linalg.norm(position[:, None] - position[None], axis=2)  # (states, states)
    return np.clip(1 - distance / DISTANCE_OF_NO_AGREEMENT, 0, 1)


def read_votes(path: Path, codes: list[str]) -> Floats:
    """Return the agreement in a file, shape (states, states) in the order of `codes`; blanks are its mean."""
    sheet = read_sheet(path)
    first, *columns = sheet.cells
    square = np.full((len(codes), len(codes)), np.nan)
    row, column = _places(path, sheet.cells[first], codes), _places(path, columns, codes)
    square[np.ix_(row, column)] = _per_mille(sheet)
    both = np.where(np.isnan(square), square.T, square)
    differ = np.argwhere(np.abs(both - both.T) > 0)
    if len(differ):
        a, b = (codes[place] for place in differ[0])
        raise TablesError(f"{path}, {a} and {b}: two different values; give one of them")
    np.fill_diagonal(both, np.nan)
    given = both[~np.isnan(both)]
    both = np.where(np.isnan(both), given.mean() if given.size else 0.5, both)
    np.fill_diagonal(both, 1.0)
    return both


def _places(path: Path, names: Sequence[str], codes: Sequence[str]) -> list[int]:
    """Return the row of each named state; raise TablesError for one unknown or named twice."""
    place = {code: row for row, code in enumerate(codes)}
    for name in names:
        if name not in place:
            raise TablesError(f"{path}: unknown state {name!r}; {_nearest(name, codes)}")
    if len(set(names)) < len(names):
        raise TablesError(f"{path}: a state is named twice; keep one")
    return [place[name] for name in names]


def _per_mille(sheet: Sheet) -> Floats:
    """Return the cells of agreement.csv as shares, blank = NaN, shape (rows, columns) of the file."""
    _, *columns = sheet.cells
    whole = Column("agreement", "", False, False, "number", 0, 1000, (), "", "")
    shares = [_numbers(sheet, replace(whole, name=name), sheet.cells[name]) / 1000 for name in columns]
    return np.array(shares, dtype=float).T


def quarters_of(cells: Cells, quarter_of_year: int, blank: int) -> Indices:
    """Return quarter indices (year * 4 + quarter - 1); a year alone is its quarter 0..3 as told."""
    index = {cell: _quarter(cell, quarter_of_year, blank) for cell in set(cells)}
    return np.array([index[cell] for cell in cells], dtype=np.int64)


def _quarter(cell: str, quarter_of_year: int, blank: int) -> int:
    match = _DATE.fullmatch(cell)
    if match is None:
        return blank
    year, month, quarter = match.groups()
    within = (int(month) - 1) // 3 if month else int(quarter) - 1 if quarter else quarter_of_year
    return int(year) * 4 + within
