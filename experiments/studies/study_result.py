"""What every study is given and gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Size:
    """How large a study is made: full or quick, on how many processes, with which overrides `PATH=VALUE` on top.

    `memory` is a file beside the study's folder in which a long study keeps readings as they come.
    """

    full: bool = False
    workers: int | None = None
    overrides: tuple[str, ...] = ()
    progress: Callable[[int, int], None] | None = None
    memory: Path | None = None

    def of[Value](self, *, quick: Value, full: Value) -> Value:
        """Return the value for this size."""
        return full if self.full else quick


@dataclass(frozen=True)
class Report:
    """What a study found: numbers by name, and the digests of the configs that it ran."""

    results: dict[str, Any]
    digests: dict[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    """Sentences for a person."""
