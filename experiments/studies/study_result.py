"""What every study is given and gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.runs.parallel import Task, spread
from experiments.storage.kept_answers import Checkpoint


@dataclass(frozen=True)
class Size:
    """How large a study is made: full or quick, on how many processes, with which overrides `PATH=VALUE` on top.

    `memory` keeps answers as they come, so that a study that was ended goes on where it stopped.
    """

    full: bool = False
    workers: int | None = None
    overrides: tuple[str, ...] = ()
    progress: Callable[[int, int], None] | None = None
    memory: Checkpoint | None = None

    def of[Value](self, *, quick: Value, full: Value) -> Value:
        """Return the value for this size."""
        return full if self.full else quick

    def spread[Value](self, function: Callable[..., Value], tasks: Sequence[Task]) -> list[Value]:
        """Return `function(*task)` for every task; see `experiments.runs.parallel.spread`."""
        return spread(function, tasks, self.workers, self.progress, self.memory)


@dataclass(frozen=True)
class Report:
    """What a study found: numbers by name, and the digests of the configs that it ran."""

    results: dict[str, Any]
    digests: dict[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    """Sentences for a person."""
