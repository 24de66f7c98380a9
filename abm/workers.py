"""What worker processes have in common: they end with the process that started them, however it ends."""

import os
import signal
import threading
from multiprocessing import parent_process
from typing import Any


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
