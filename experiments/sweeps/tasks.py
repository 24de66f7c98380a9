"""The messages between a sweep and its workers: tasks, rows of finished runs, failures."""

import traceback
from dataclasses import dataclass, field, replace
from typing import Any

from abm.state.world import Array

PLACE = ("key", "point", "replicate", "twin")
"""Columns that say which run a row belongs to."""
FACTOR = "factor:"
"""Columns of factors begin with it."""


@dataclass(frozen=True)
class Task:
    """A run and its twin; `keys` holds the content keys of those that are wanted, the twin's under True.

    `twins` says whether there is a twin at all, `alone` that nothing is carried out but what is wanted.
    """

    point: int
    replicate: int
    values: dict[str, Any]
    keys: dict[bool, str]
    twins: bool = True
    alone: bool = False

    def carried_out(self) -> tuple[bool, ...]:
        """Return which runs are carried out, the twin's as True."""
        return tuple(sorted(self.keys)) if self.alone else (False, True) if self.twins else (False,)

    def split(self) -> list["Task"]:
        """Return the wanted runs as tasks of their own."""
        return [replace(self, keys={twin: key}, alone=True) for twin, key in self.keys.items()]

    def failure(self, twin: bool, error: BaseException) -> "Failure":
        """Return the failure of one of the wanted runs."""
        said, trace = f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error))
        return Failure(self.keys[twin], self.point, self.replicate, twin, said, trace)


@dataclass(frozen=True)
class RunRows:
    """A finished run for the store: its outcomes, and measures by quarter; `values` has shape (quarter, measure)."""

    key: str
    point: int
    replicate: int
    twin: bool
    factors: dict[str, Any]
    outcomes: dict[str, float]
    measures: tuple[str, ...]
    quarters: tuple[str, ...]
    values: Array
    seconds: float
    ensemble_row: int = 0


@dataclass(frozen=True)
class Failure:
    """A run that failed, and why."""

    key: str
    point: int
    replicate: int
    twin: bool
    error: str
    traceback: str


@dataclass
class TaskReport:
    """The finished and failed runs of a few tasks, and the `seconds` that they took."""

    runs: list[RunRows] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
