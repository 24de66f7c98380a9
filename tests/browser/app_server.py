"""The server of the browser demonstration as tests use it: a process of its own on a free port."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PATIENCE = 60.0
"""Seconds for whatever the page has to do on a busy machine."""
NO_CARDS = "from viz.gallery import Gallery; Gallery.start = lambda self: None; "
"""For tests that do not look at cards: a server carries out their six stories whenever it has nothing else to do."""
COLD = "from viz import server; server.warm = lambda queue: None; "
"""For tests that do not open the page without an address: a server carries out its run as it starts."""
FEW_RUNS = "from viz import first_screen, session; session.REPLICATES = first_screen.REPLICATES = 2; "
"""For tests that do not ask of how many runs a band is."""
FEW_WORKERS = "from functools import partial; from viz import server; server.RunQueue = partial(server.RunQueue, 1); "
"""For tests of few runs: a worker takes longer to start than to carry out some."""
START = "import sys; from experiments.cli import main; sys.argv[0] = 'abm'; main()"


@dataclass
class Server:
    """A server that runs: its address, its process, and how long it took to listen."""

    address: str
    process: subprocess.Popen[str]
    seconds: float


@contextmanager
def running(port: int = 0, before: str = "", options: tuple[str, ...] = ()) -> Iterator[Server]:
    """Start `abm view`, and end it and its workers afterwards; `before` is code that its process carries out first."""
    started = time.monotonic()
    command = [sys.executable, "-c", before + START, "view", "--port", str(port), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield Server(found[0], process, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        if process.stdout is not None:
            process.stdout.close()
