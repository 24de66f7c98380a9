"""Where two tables, or two trees of plain values, first differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

ABSENT = "nothing"
NEAR = 1e-9
"""Share of a number, or of 1 for a smaller one, by which another processor's rounding may move it."""
LAST_DIGIT = 2.0**-15
"""The same for numbers stored in single precision, which hold 16 binary digits."""
ROUNDING = 1e-4
"""Differences below this share of a number are told by their size: another processor or library rounds otherwise."""


def first_difference(left: pd.DataFrame, right: pd.DataFrame, keys: Sequence[str]) -> dict[str, Any] | None:
    """Return the first row, in the order of `keys`, in which two tables differ; None where they are equal.

    The answer holds the row's keys, the `column` that differs with the values `stored` (left) and `again` (right),
    how many rows differ, and a `text` that says so. Rows that only one table has differ in no column. `near` is True
    where all that differs is numbers, by rounding.
    """
    columns = sorted(left.columns.union(right.columns))
    for column in columns:
        if column not in left or column not in right:
            which = "the new table" if column not in left else "the stored table"
            return {"column": column, "text": f"only {which} has a column {column}"}
    one, two = (_ordered(frame, keys) for frame in (left, right))
    rows = min(len(one), len(two))
    differing = {name: _unlike(one[name].iloc[:rows], two[name].iloc[:rows]) for name in columns}
    unlike = np.logical_or.reduce(list(differing.values())) if rows else np.zeros(0, bool)
    if not unlike.any():
        return None if len(one) == len(two) else _only_one(one, two, rows, keys)
    index = int(unlike.argmax())
    if any(differing[name][index] for name in keys):
        return _only_one(one, two, index, keys)
    column = next(name for name in columns if differing[name][index])
    found = {name: plain(one[name].iloc[index]) for name in keys}
    stored, again = plain(one[column].iloc[index]), plain(two[column].iloc[index])
    where = ", ".join(f"{name} {value}" for name, value in found.items())
    text = f"at {where}: {column} is {stored}, in the new run {again} ({int(unlike.sum())} of {rows} rows differ"
    largest = max(_relative(one[name].iloc[:rows][unlike], two[name].iloc[:rows][unlike]) for name in columns)
    text += f", by at most {largest:.1g} of a number's size)" if largest < ROUNDING else ")"
    near = len(one) == len(two) and all(_near(one[name], two[name]) for name in columns)
    return {
        **found,
        "column": column,
        "stored": stored,
        "again": again,
        "text": text,
        **({"near": True} if near else {}),
    }


def _near(one: pd.Series, two: pd.Series) -> bool:
    """Return whether two columns are equal but for rounding."""
    differing = _unlike(one, two)
    left, right = one.to_numpy()[differing], two.to_numpy()[differing]
    if not differing.any() or left.dtype.kind != "f" or right.dtype.kind != "f":
        return not differing.any()
    slack = NEAR if left.dtype == np.float64 else LAST_DIGIT
    return bool((np.abs(left - right) <= slack * np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))).all())


def trees_near(left: Any, right: Any) -> bool:
    """Return whether two trees of plain values are equal but for rounding of their numbers."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(trees_near(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(trees_near, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return left == right or abs(left - right) <= NEAR * max(1.0, abs(left), abs(right))
    return bool(left == right)


def _relative(one: pd.Series, two: pd.Series) -> float:
    """Return the largest difference of two columns relative to the numbers' size; infinite where texts differ."""
    left, right = one.to_numpy(), two.to_numpy()
    differing = _unlike(one, two)
    if not differing.any():
        return 0.0
    if left.dtype.kind != "f" or right.dtype.kind != "f":
        return np.inf
    gap, size = np.abs(left - right)[differing], np.maximum(np.abs(left), np.abs(right))[differing]
    return float(np.nan_to_num(gap / size, nan=np.inf).max())


def tree_difference(left: Any, right: Any, path: str = "") -> tuple[str, Any, Any] | None:
    """Return path and both values where two trees of plain values first differ, None where they are equal."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        pairs = [(str(key), left.get(key, ABSENT), right.get(key, ABSENT)) for key in {**left, **right}]
    elif isinstance(left, list | tuple) and isinstance(right, list | tuple) and len(left) == len(right):
        pairs = [(str(index), *pair) for index, pair in enumerate(zip(left, right, strict=True))]
    else:
        return None if left == right else (path or "all", left, right)
    found = (tree_difference(one, two, f"{path}.{key}" if path else key) for key, one, two in pairs)
    return next((first for first in found if first is not None), None)


def plain(value: Any) -> Any:
    """Return a value of a table as JSON takes it; NaN becomes None."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _ordered(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return a table sorted by its keys, and by the rest where keys are alike."""
    rest = [name for name in sorted(frame.columns) if name not in keys]
    return frame.sort_values([*keys, *rest], kind="stable").reset_index(drop=True)


def _unlike(one: pd.Series, two: pd.Series) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return where two columns differ; two missing values are alike."""
    left, right = one.to_numpy(), two.to_numpy()
    return (left != right) & ~(pd.isna(one).to_numpy() & pd.isna(two).to_numpy())


def _only_one(one: pd.DataFrame, two: pd.DataFrame, index: int, keys: Sequence[str]) -> dict[str, Any]:
    """Return the row that stands in one table only: the one that comes first in order."""
    rows = [frame[list(keys)].iloc[[index]] for frame in (one, two) if index < len(frame)]
    both = pd.concat(rows).sort_values(list(keys), kind="stable")
    row = {name: plain(both[name].iloc[0]) for name in keys}
    stored = index < len(one) and bool((one[list(keys)].iloc[index] == both.iloc[0]).all())
    where = ", ".join(f"{name} {value}" for name, value in row.items())
    held = "is in the stored table only" if stored else "is in the new run only"
    return {**row, "text": f"the row {where} {held} ({len(one)} rows stored, {len(two)} anew)"}
