"""The progress bar of whatever knows how much there is to do, in a terminal and in a notebook."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

type Advance = Callable[[int, int], None]
"""Called with what is done and with what there is in all."""


@contextmanager
def advancing(what: str, quiet: bool) -> Iterator[Advance]:
    """Give what moves a bar on the error stream on; the first call shows it.

    In a notebook the bar stands below the cell and goes when the cell is done.
    """
    console, rich = import_module("rich.console"), import_module("rich.progress")  # not needed for a help text
    columns = (
        rich.TextColumn("{task.description}"), rich.BarColumn(24), rich.MofNCompleteColumn(), rich.TimeElapsedColumn(),
        rich.TextColumn("left"), rich.TimeRemainingColumn(),
    )  # fmt: skip
    progress = rich.Progress(*columns, console=console.Console(stderr=True), transient=True, disable=quiet)
    task = progress.add_task(what, total=None)

    def advance(done: int, total: int) -> None:
        progress.start()
        progress.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        if progress.live.is_started:
            progress.stop()


@contextmanager
def reporting(what: str, progress: Advance | bool | None) -> Iterator[Advance]:
    """Give what takes note of progress: the caller's own function, a bar for True, and nothing for False or None."""
    if callable(progress):
        yield progress
    elif progress:
        with advancing(what, quiet=False) as advance:
            yield advance
    else:
        yield lambda done, total: None
