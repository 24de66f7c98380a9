"""Sessions that come and go for a while: `uv run python -m tests.browser.come_and_go [--minutes 10] [--pause 0]`.

Four pages at once open, ask for a run, and close; every fifth is lost without a word. The cards of stories are left
out, since their runs fill the cache. The server's own memory and handles (open files, sockets, threads) are told after
a first round and at the end. Returns 1 where they have grown by more than 30 MB or 10 handles.
"""

import argparse
import asyncio
import sys
import time
from typing import NamedTuple
from urllib.parse import quote

import psutil

from tests.browser.app_server import Server, running
from tests.browser.room import Visitor
from tests.browser.test_room import memory

KEPT = 5
"""Seconds for which this server keeps the session of a lost connection; the real one takes ten minutes."""
IMPATIENT = (
    f"from viz import gallery, server; server.SETTINGS['SOLARA_KERNEL_CULL_TIMEOUT'] = '{KEPT}s'; "
    "gallery.Gallery.start = lambda _self: None; "
)
AT_ONCE = 4
LOST = 5
"""Every so many pages one is lost."""
FIRST = 0.3
"""Share of the time that belongs to the first round."""
MEGABYTES, HANDLES = 30.0, 10
WORLDS = 20
"""Seeds of the worlds that pages ask for, in turn: the cache soon holds them all."""


class Held(NamedTuple):
    """What the server holds: megabytes, open files and sockets, threads."""

    megabytes: float
    files: int
    threads: int


def held(server: Server) -> Held:
    """What the server holds now."""
    process = psutil.Process(server.process.pid)
    return Held(memory(server), process.num_fds(), process.num_threads())


def world(number: int) -> str:
    """The query of a small world."""
    synthetic = '"world":{"source":"synthetic","states":20,"organizations":8}'
    return "config=" + quote(f'{{"seed":{number % WORLDS},{synthetic},"quarters":8}}')


async def visit(server: Server, number: int) -> None:
    """Open a page, wait for its run, move a slider, look at a later quarter, and go."""
    visitor = await Visitor(server.address, world(number)).__aenter__()
    await visitor.until(lambda: visitor.state("catalogue", "status").get("waiting") is False)
    await visitor.show(quarter=5)
    await visitor.say(do="view", language="zh" if number % 2 else "en")
    await visitor.until(lambda: "quarter=5" in visitor.state("catalogue", "address"))
    if number % LOST:
        await visitor.close_tab()
    else:
        visitor.lose()


async def rounds(server: Server, seconds: float, first: int, pause: float) -> int:
    """Have pages come and go for a while, with a pause between; return how many there were, the first is `first`."""
    end, count = time.monotonic() + seconds, first
    while time.monotonic() < end:
        await asyncio.gather(*(visit(server, count + place) for place in range(AT_ONCE)))
        count += AT_ONCE
        await asyncio.sleep(pause)
    await asyncio.sleep(3 * KEPT)  # those that were lost are given up
    return count - first


async def watched(server: Server, minutes: float, pause: float) -> tuple[int, Held, Held]:
    """How many pages came, and what the server held after the first round and at the end."""
    early = await rounds(server, 60 * minutes * FIRST, 0, pause)
    before = held(server)
    late = await rounds(server, 60 * minutes * (1 - FIRST), early, pause)
    return early + late, before, held(server)


def main() -> int:
    """Watch, print what was held, and return 1 where it has grown too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long pages come and go")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between one round of pages and the next")
    given = parser.parse_args()
    with running(before=IMPATIENT) as server:
        pages, before, after = asyncio.run(watched(server, given.minutes, given.pause))
    rows = zip(Held._fields, before, after, strict=True)
    table = "".join(f"| {name} | {one:.4g} | {other:.4g} |\n" for name, one, other in rows)
    head = "| Held by the server | Early | At the end |\n|---|---|---|\n"
    sys.stdout.write(f"{pages} pages in {given.minutes:g} minutes\n\n{head}{table}")
    grown = [other - one for one, other in zip(before, after, strict=True)]
    return int(grown[0] > MEGABYTES or max(grown[1:]) > HANDLES)


if __name__ == "__main__":
    sys.exit(main())
