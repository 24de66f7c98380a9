"""How fast the page is, in one table: `uv run python -m tests.browser.measure [--pages 60] [--minutes 1]`.

Figures are those of an idle machine with two cores; the limits are those of a class that plays with the page. A server
that has just started prepares the other stories for some minutes; figures are taken when it is at rest.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import psutil
from playwright.sync_api import Page, Playwright, ViewportSize, sync_playwright

from tests.browser.app_server import Server, running
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.room import Visitor
from tests.browser.test_room import entered, left, memory, played
from viz.page_state import DEFAULT_SCENARIO, REPLICATES
from viz.words import words

LAPTOP: ViewportSize = {"width": 1366, "height": 768}
BINARY = 2
"""Kind of a frame of a web socket whose payload is told in base64."""
PATIENCE = 180_000.0
QUIET = 3
"""Seconds without work after which a server is at rest."""
LONGEST = 600.0
"""Seconds after which it is measured as it is."""
DONE = words("en")["status.done"].format(of=REPLICATES)
BAND = """(done) => document.querySelector(".abm-stage .growing")
  || document.querySelector(".abm-status .done")?.textContent === done"""
"""Whether an interval of some or of all runs is there."""
MOVES = (0.35, 0.45, 0.55, 0.6)
SLIDE = """(value) => {
  const slider = document.querySelector("[data-path='funding.appeal']");
  slider.value = value;
  for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, { bubbles: true }));
}"""
ACTS = ("2028Q1", "2029Q1", "2027Q1")
STEPS = 59
SEEN = """async (count) => {
  const range = document.querySelector(".player .track input"), found = [];
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  await frame();
  for (let turn = 1; turn <= count; turn++) {
    const start = performance.now();
    range.value = (turn * STRIDE) % 60;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await frame();
    found.push(performance.now() - start);
  }
  return found;
}"""
"""Milliseconds from a moved quarter until its frame has been painted."""


class Figure(NamedTuple):
    """What was measured, how much it was, and how much it may be."""

    what: str
    found: float
    most: float
    unit: str

    def __str__(self) -> str:
        """Write a row of the table."""
        verdict = "yes" if self.found <= self.most else "**no**"
        return f"| {self.what} | {self.found:.3g} {self.unit} | {self.most:g} {self.unit} | {verdict} |"


def at_rest(server: Server) -> None:
    """Wait until neither the server nor its workers have computed anything for a while."""
    main = psutil.Process(server.process.pid)
    until, quiet, before = time.monotonic() + LONGEST, 0, 0.0
    while quiet < QUIET and time.monotonic() < until:
        time.sleep(1)
        spent = sum(sum(process.cpu_times()[:2]) for process in (main, *main.children(recursive=True)))
        quiet, before = (quiet + 1 if spent - before < 0.1 else 0), spent


def done(page: Page) -> None:
    """Wait until all replicates are there."""
    page.wait_for_selector(f".abm-status .done:text-is('{DONE}')", timeout=PATIENCE)


def opened(page: Page, address: str) -> float:
    """Seconds until the question and Play are there, and Play plays."""
    started = time.monotonic()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".abm-stage .play", timeout=PATIENCE)
    page.click(".abm-stage .play")
    page.wait_for_function("() => Number(document.querySelector('[data-key=stage-quarter]').value) > -1")
    return time.monotonic() - started


def session_bytes(page: Page, address: str) -> tuple[float, float]:
    """Megabytes of a visit until all replicates are there: files, which a browser keeps, and what the session tells."""
    files: list[float] = []
    told: list[float] = []

    def framed(event: dict[str, Any]) -> None:
        data = event["response"]
        told.append(len(data["payloadData"]) * (0.75 if data["opcode"] == BINARY else 1))

    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.dataReceived", lambda event: files.append(event["encodedDataLength"]))
    client.on("Network.webSocketFrameReceived", framed)
    page.goto(address)
    done(page)
    return sum(files) / 1e6, sum(told) / 1e6


def moved(page: Page, act: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds from an act to the first number of its run, to its first band, of few runs, and to the whole one."""
    page.evaluate("() => { window.before = document.querySelector('.player .panel .numbers').textContent; }")
    started = time.monotonic()
    act()
    page.wait_for_function(
        "() => document.querySelector('.player .panel .numbers')?.textContent !== window.before", timeout=PATIENCE
    )
    number = time.monotonic() - started
    page.wait_for_function("(done) => document.querySelector('.abm-status .done')?.textContent !== done", arg=DONE)
    page.wait_for_function(BAND, arg=DONE, timeout=PATIENCE)
    few = time.monotonic() - started
    done(page)
    return number, few, time.monotonic() - started


def slider(page: Page, address: str) -> tuple[float, ...]:
    """Median seconds from a moved slider to the first number of its run, to its first band, and to the whole one."""
    page.goto(f"{address}?tab=parameters&quarter=20")
    done(page)
    found = [moved(page, partial(page.evaluate, SLIDE, value)) for value in MOVES]
    return tuple(np.median(found, axis=0).tolist())


def shock(page: Page, address: str) -> tuple[float, ...]:
    """The same from a further act of the leaver; its counterfactual stays the same."""
    page.goto(f"{address}?tab=shock&quarter=20")
    done(page)
    page.select_option("[data-part=kind]", "obstruct")
    found = []
    for date in ACTS:
        page.select_option("[data-part=announced]", date)
        found.append(moved(page, partial(page.click, "[data-key=add]")))
    return tuple(np.median(found, axis=0).tolist())


def frames(page: Page, address: str, view: str, stride: int) -> float:
    """The 95th percentile of milliseconds from a quarter to its picture; a stride of 1 steps, a longer one scrubs."""
    page.goto(f"{address}?view={view}")
    done(page)
    return float(np.quantile(page.evaluate(SEEN.replace("STRIDE", str(stride)), STEPS), 0.95))


def growth(page: Page, address: str, minutes: float) -> float:
    """Megabytes by which the scripts' memory grows while the page plays, after a first round."""
    page.goto(address)
    done(page)
    client = page.context.new_cdp_session(page)
    page.click(".player .play")
    held = []
    for wait in (20.0, 60 * minutes):
        end = time.monotonic() + wait
        while time.monotonic() < end:
            page.wait_for_timeout(500)
            if page.locator(".player .play").get_attribute("title") != "Pause":
                page.click(".player .play")
        client.send("HeapProfiler.collectGarbage")
        held.append(client.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
    return float(held[1] - held[0])


def room(server: Server, pages: int) -> tuple[float, float]:
    """The 95th percentile of the milliseconds of answers to pages that play at once, and megabytes a page."""

    async def full() -> tuple[list[float], float]:
        one = await entered(server, 1)
        before = memory(server)
        others = await entered(server, pages - 1)
        grown = (memory(server) - before) / len(others)
        visitors: list[Visitor] = one + others
        answers = await asyncio.gather(*(played(visitor, place) for place, visitor in enumerate(visitors)))
        await left(visitors)
        return [second for found in answers for second in found], grown

    answers, grown = asyncio.run(full())
    return 1000 * float(np.quantile(answers, 0.95)), grown


def in_a_browser(playwright: Playwright, server: Server, minutes: float) -> list[Figure]:
    """Return what one visitor sees."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

    def page() -> Page:
        return browser.new_context(viewport=LAPTOP).new_page()

    files, told = session_bytes(page(), server.address)
    at_rest(server)
    opening = float(np.median([opened(page(), server.address) for _ in range(3)]))
    number, few, whole = slider(page(), server.address)
    at_rest(server)
    _, few_shock, whole_shock = shock(page(), server.address)
    at_rest(server)
    found = [
        Figure("opening: question and Play are there, and it plays", opening, 2, "s"),
        Figure("files of the page, which a browser keeps", files, 2, "MB"),
        Figure("a session over the wire", told, 2, "MB"),
        Figure("slider to its first number", number, 0.6, "s"),
        Figure("slider to its first band, of few runs", few, 3, "s"),
        Figure("slider to the whole band", whole, 3, "s"),
        Figure("moved shock to its first band", few_shock, 3, "s"),
        Figure("moved shock to the whole band", whole_shock, 3, "s"),
        *(
            Figure(f"{what} ({view}), p95", frames(page(), server.address, view, stride), 33, "ms")
            for view in ("map", "network", "series")
            for what, stride in (("step", 1), ("scrub", 17))
        ),
        Figure(f"growth while it plays for {minutes:g} minutes", growth(page(), server.address, minutes), 1, "MB"),
    ]
    browser.close()
    return found


def main() -> int:
    """Measure, print the table, and return 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60, help="pages in the full room; 0 leaves it out")
    parser.add_argument("--minutes", type=float, default=1.0, help="minutes of play for the growth of memory")
    chosen = parser.parse_args()
    with running() as server:
        with sync_playwright() as playwright:
            found = in_a_browser(playwright, server, chosen.minutes)
        if chosen.pages:
            answers, grown = room(server, chosen.pages)
            found.append(Figure(f"answers to {chosen.pages} pages that play, p95", answers, 50, "ms"))
            found.append(Figure("memory of the server for each further page", grown, 2, "MB"))
    rows = ["| What | Found | At most | Kept |", "|---|---|---|---|", *map(str, found)]
    sys.stdout.write(f"{DEFAULT_SCENARIO}, {REPLICATES} replicates\n\n" + "\n".join(rows) + "\n")
    return int(any(figure.found > figure.most for figure in found))


if __name__ == "__main__":
    sys.exit(main())
