"""Tables and numbers as documents show them."""

import re
from collections.abc import Iterable
from typing import Any


def number(value: Any) -> str:
    """Return a number as short text, texts and truth values as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.6g}"
    return re.sub(r"e([+-])0*", lambda found: "e" + found[1].replace("+", ""), text).replace("-", "−")


def table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table in Markdown."""
    heads = list(header)
    lines = [heads, ["---"] * len(heads), *([number(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
