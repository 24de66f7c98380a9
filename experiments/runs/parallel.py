"""Many small tasks on all cores: each is run in a fresh process with one thread and gives back plain values only.

Answers are kept by function and task, so that a command that was ended goes on where it stopped: see `kept_beside`.
"""

import json
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from abm.workers import Workers
from experiments.runs.fingerprint import code_digest
from experiments.storage.kept_answers import Checkpoint

type Task = tuple[Any, ...]


def kept_beside(folder: Path, command: str) -> Checkpoint:
    """Return what an earlier call of a command, ended before its folder was written, has left beside the folder.

    Nothing is taken over where the code, the data or the configs are others by now. Raises as `Checkpoint` does.
    """
    folder = folder.resolve()
    return Checkpoint(folder.with_name(f"{folder.name}.readings"), f"{command} by {code_digest()}")


def spread[Value](
    function: Callable[..., Value],
    tasks: Sequence[Task],
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    memory: Checkpoint | None = None,
    lost: Callable[..., Value] | None = None,
) -> list[Value]:
    """Return `function(*task)` for every task, in the order of tasks; the result does not depend on `workers`.

    Tasks and answers are plain values (see `Checkpoint`); tuples of a task count as lists. What `memory` has is not
    computed again, and what comes is put there at once. A task that raises stops all, and so does one that ends its
    process twice, unless `lost(error, *task)` answers for it; such an answer is not kept for another call.
    `progress(done, total)` counts what was there before.
    """
    memory = Checkpoint() if memory is None else memory
    keys = [json.dumps([f"{function.__module__}.{function.__name__}", *task]) for task in tasks]
    new = {key: task for key, task in zip(keys, tasks, strict=True) if key not in memory.found}
    ahead = len(tasks) - len(new)
    if progress is not None and ahead:
        progress(ahead, len(tasks))
    with closing(answers_as_they_come(function, new, workers, lost)) as answers:
        for done, (key, value, lasting) in enumerate(answers, ahead + 1):
            memory.add(key, value, lasting)
            if progress is not None:
                progress(done, len(tasks))
    return [memory.found[key] for key in keys]


def answers_as_they_come[Value](
    function: Callable[..., Value],
    tasks: dict[str, Task],
    workers: int | None,
    lost: Callable[..., Value] | None,
) -> Generator[tuple[str, Value, bool]]:
    """Yield key, answer and whether it may be kept, as they come."""
    count = min(len(tasks), workers if workers is not None else os.cpu_count() or 1)
    if count <= 1:
        with threadpool_limits(limits=1):  # products split over threads would round otherwise
            for key, task in tasks.items():
                yield key, function(*task), True
        return
    answer = None if lost is None else (lambda error, key, _, *task: (key, lost(error, *task), False))
    with Workers(count) as pool:
        yield from pool.as_they_come(_answered, [(key, function, *task) for key, task in tasks.items()], answer)


def _answered[Value](key: str, function: Callable[..., Value], *task: Any) -> tuple[str, Value, bool]:
    """Return the answer to a task with its key."""
    return key, function(*task), True
