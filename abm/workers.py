"""What worker processes have in common: they end with the process that started them, however it ends."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from typing import Any


@contextmanager
def starting_workers() -> Iterator[None]:
    """Hold Ctrl-C back while workers start: they inherit this and leave it to the main process from birth on."""
    if not hasattr(signal, "pthread_sigmask"):  # not on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_worker() -> None:
    """Leave Ctrl-C to the main process, and end with it however it ends. To be called in the worker, first of all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    """Wait for the main process to end, then end this one."""
    parent.join()
    os._exit(1)
