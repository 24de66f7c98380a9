"""Which parameter moves anything, and in which scenario it can be seen."""

from typing import Any


def limits(field: Any) -> tuple[float, float] | None:
    """Return the range of a number of a Parameters class; None for a structural choice."""
    bounds = {type(limit).__name__: limit for limit in field.metadata}
    return (float(bounds["Ge"].ge), float(bounds["Le"].le)) if "Ge" in bounds else None
