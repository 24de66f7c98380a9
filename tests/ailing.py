"""What workers do in tests that end badly; they load no more for it than they have."""

import os
import resource
import signal
from pathlib import Path

import numpy as np

ROOM = 64 << 20
"""Bytes that a worker gets beyond what it has, and far fewer than it asks for."""


def suffer(way: str) -> None:
    """End this process, or ask for more memory than the system gives it."""
    if way == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM, hard))
    try:
        np.ones(ROOM)  # eight bytes each
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def answer(folder: str, way: str, number: int) -> int:
    """A number, unless it is the third while the folder says that all is not well."""
    if number == 3 and (Path(folder) / "ailing").exists():
        suffer(way)
    return number
