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
) -> list[Value]:
    """Return `function(*task)` for every task, in the order of tasks; the result does not depend on `workers`.

    A task that raises stops all. `progress(done, total)` and `each(place, value)` are called as tasks finish, in order.
    """
    count = min(len(tasks), workers if workers is not None else os.cpu_count() or 1)
    found: list[Value] = []
    for value in _values(function, tasks, count):
        found.append(value)
        if each is not None:
            each(len(found) - 1, value)
        if progress is not None:
            progress(len(found), len(tasks))
    return found


def _values[Value](function: Callable[..., Value], tasks: Iterable[tuple[Any, ...]], workers: int) -> Iterator[Value]:
    """Yield values in the order of tasks."""
    if workers <= 1:
        with threadpool_limits(limits=1):  # products split over threads would round otherwise
            for task in tasks:
                yield function(*task)
        return
    with Workers(workers) as pool:
        yield from pool.map(function, *zip(*tasks, strict=True))
