"""The progress bar of commands that know how much there is to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def advancing(what: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the error stream, or nothing; give what moves it on, called with what is done and in all."""
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
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
