"""The progress bar of commands that know how much there is to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def advancing(what: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what moves a bar on the error stream on, called with what is done and in all; the first call shows it."""
    from rich.console import Console  # not needed for a help text
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    progress = Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet)
    task = progress.add_task(what, total=None)

    def advance(done: int, total: int) -> None:
        progress.start()
        progress.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        if progress.live.is_started:
            progress.stop()
