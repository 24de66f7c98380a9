"""Sessions on the real server: a limit to them, a closed tab frees its own at once, a lost connection after a while."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import sync_playwright
from websockets.exceptions import ConnectionClosed, InvalidStatus

from experiments.cli.view import SHELF
from tests.browser.app_server import COLD, FEW_RUNS, FEW_WORKERS, NO_CARDS, PATIENCE, Server, running
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.room import Visitor
from viz.server import SETTINGS

LIMIT = 2
KEPT = 3.0
"""Seconds for which the server of this test keeps the session of a lost connection; the real one takes minutes."""
AT_ONCE = 2.0
LIMITED = NO_CARDS + COLD + FEW_RUNS + FEW_WORKERS + f"from viz import server; server.SESSIONS = {LIMIT}; "
IMPATIENT = LIMITED + f"server.SETTINGS['SOLARA_KERNEL_CULL_TIMEOUT'] = '{KEPT:.0f}s'; "
SMALL = quote('{"world":{"source":"synthetic","states":12,"organizations":6},"quarters":4}')

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(before=IMPATIENT) as found:
        yield found


def visitor(server: Server) -> Visitor:
    return Visitor(server.address, f"config={SMALL}")


async def admitted(server: Server, patience: float) -> float:
    """Seconds until the server takes one more page, which leaves again."""
    started = time.monotonic()
    while True:
        try:
            one = await visitor(server).__aenter__()
        except (InvalidStatus, ConnectionClosed):
            assert time.monotonic() - started < patience, "no page is let in"
            await asyncio.sleep(0.1)
        else:
            await one.close_tab()
            return time.monotonic() - started


def test_more_pages_than_the_limit_are_refused_and_a_closed_tab_makes_room_at_once(server: Server) -> None:
    async def room() -> float:
        pages = [await visitor(server).__aenter__() for _ in range(LIMIT)]
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            await visitor(server).__aenter__()
        await pages[0].close_tab()
        seconds = await admitted(server, PATIENCE)
        await pages[1].close_tab()
        return seconds

    assert asyncio.run(room()) < min(AT_ONCE, KEPT)


def test_a_lost_connection_is_kept_for_a_while_and_then_freed(server: Server) -> None:
    async def room() -> float:
        pages = [await visitor(server).__aenter__() for _ in range(LIMIT)]
        pages[0].lose()
        await asyncio.sleep(KEPT / 3)
        with pytest.raises((InvalidStatus, ConnectionClosed)):  # it may come back: nobody takes its place yet
            await visitor(server).__aenter__()
        seconds = await admitted(server, PATIENCE)
        await pages[1].close_tab()
        return seconds

    assert asyncio.run(room()) < KEPT + 2 * AT_ONCE
    assert SETTINGS["SOLARA_KERNEL_CULL_TIMEOUT"] == "10m"


def test_a_server_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running(before=IMPATIENT) as found:
        assert list(tmp_path.glob(f".{SHELF}.abm-*"))
        assert found.process.poll() is None
    assert list(tmp_path.glob(f".{SHELF}.abm-*")) == []


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_tab_that_the_browser_closes_makes_room() -> None:
    with running(before=LIMITED) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for _ in range(LIMIT + 1):  # the last finds room only if the ones before have gone
            page = browser.new_page()
            page.goto(f"{server.address}?config={SMALL}")
            assert page.wait_for_selector(".abm-status .done", timeout=1000 * PATIENCE) is not None
            page.goto("about:blank")
            page.close()
        browser.close()
