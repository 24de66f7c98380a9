"""Many small tasks on all cores: each is run in a fresh process with one thread and gives back numbers only."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from threadpoolctl import threadpool_limits

from abm.workers import Workers


def spread[Value](
    function: Callable[..., Value],
    tasks: Sequence[tuple[Any, ...]],
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    each: Callable[[int, Value], None] | None = None,
    lost: Callable[..., Value] | None = None,
) -> list[Value]:
    """Return `function(*task)` for every task, in the order of tasks; the result does not depend on `workers`.

    A task that raises stops all, and so does one that ends its process twice, unless `lost(error, *task)` answers for
    it. `progress(done, total)` and `each(place, value)` are called as tasks finish, in order.
    """
    count = min(len(tasks), workers if workers is not None else os.cpu_count() or 1)
    found: list[Value] = []
    for value in _values(function, tasks, count, lost):
        found.append(value)
        if each is not None:
            each(len(found) - 1, value)
        if progress is not None:
            progress(len(found), len(tasks))
    return found


def _values[Value](
    function: Callable[..., Value],
    tasks: Iterable[tuple[Any, ...]],
    workers: int,
    lost: Callable[..., Value] | None,
) -> Iterator[Value]:
    """Yield values in the order of tasks."""
    if workers <= 1:
        with threadpool_limits(limits=1):  # products split over threads would round otherwise
            for task in tasks:
                yield function(*task)
        return
    numbered = [(place, function, *task) for place, task in enumerate(tasks)]
    answer = None if lost is None else (lambda error, place, _, *task: (place, lost(error, *task)))
    early: dict[int, Value] = {}
    following = 0
    with Workers(workers) as pool:
        for place, value in pool.as_they_come(_placed, numbered, answer):
            early[place] = value
            while following in early:
                yield early.pop(following)
                following += 1


def _placed[Value](place: int, function: Callable[..., Value], *task: Any) -> tuple[int, Value]:
    """Return the place of a task with its value."""
    return place, function(*task)
