"""Lists of points in CSV files: a head of paths, then a row for each point."""

import csv
import io
import re

Value = bool | int | float | str
WHOLE = re.compile(r"[+-]?\d+")
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def listed_points(text: str) -> list[dict[str, Value]]:
    """Return the points of a CSV text by path; a blank cell leaves the scenario's own value.

    Numbers and true or false are read as such. Everything else stays text, also what other programs take for a missing
    value (NA, nan, null). Raises ValueError, which names the line, for a table that cannot be read.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        paths = [cell.strip() for cell in next(lines, [])]
        _check_head(paths)
        found: list[dict[str, Value]] = []
        blank = 0
        for row in lines:
            if not row:
                blank += 1
                continue
            if len(row) != len(paths):
                raise ValueError(f"line {lines.line_num} has {len(row)} cells, the first line {len(paths)}")
            if len(paths) == 1:  # where there is one column, a blank line between others is a blank cell
                found += [{} for _ in range(blank)]
            blank = 0
            cells = {path: cell.strip() for path, cell in zip(paths, row, strict=True)}
            found.append({path: _value(cell) for path, cell in cells.items() if cell})
    except csv.Error as error:
        raise ValueError(f"line {lines.line_num}: {error}") from None
    return found


def _check_head(paths: list[str]) -> None:
    """Raise ValueError where the first line does not name the columns."""
    if any(";" in path or "\t" in path for path in paths):
        separator = "semicolons" if ";" in "".join(paths) else "tabs"
        raise ValueError(f"its cells are separated by {separator}; save it with commas, and with points in numbers")
    if "" in paths or len(set(paths)) < len(paths):
        raise ValueError("its first line must name every column, each once")


def _value(cell: str) -> Value:
    """Return what a cell holds."""
    if cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    if WHOLE.fullmatch(cell):
        return int(cell)
    return float(cell) if DECIMAL.fullmatch(cell) else cell
