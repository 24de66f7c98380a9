"""The base of all parameter classes of processes: frozen values with unit, range, meaning and source."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo


class Parameters(BaseModel):
    """Parameters of one process: immutable, without unknown keys, every value within its range."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def parameter(
    default: float, *, low: float, high: float, doc: str, source: str, unit: str = "1", role: str = "specification"
) -> Any:
    """Declare a number of a Parameters class.

    `low` and `high` bound it (inclusive); `unit` is "1" for pure numbers; `source` is a key of the bibliography
    or "assumption"; `role` is the kind of evidence behind it: specification, calibration or structural.
    """
    extra: JsonDict = {"unit": unit, "source": source, "role": role}
    return Field(default, ge=low, le=high, description=doc, json_schema_extra=extra)


def choice(default: str, *, doc: str, source: str) -> Any:
    """Declare a structural alternative of a Parameters class; its Literal annotation lists the values."""
    extra: JsonDict = {"unit": "choice", "source": source, "role": "structural"}
    return Field(default, description=doc, json_schema_extra=extra)


def bounds(field: FieldInfo) -> tuple[float, float]:
    """Return the lowest and highest value of a number in a Parameters class, infinite where it has no bound."""
    found = {name: getattr(rule, name) for rule in field.metadata for name in ("ge", "le") if hasattr(rule, name)}
    return float(found.get("ge", "-inf")), float(found.get("le", "inf"))
