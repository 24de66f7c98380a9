"""The server of the demonstration: closed to others, ended without a trace, behind a proxy, back after it was lost."""

import json
import signal
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import psutil
import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.browser.app_server import COLD, FEW_RUNS, FEW_WORKERS, NO_CARDS, PATIENCE, Server, running
from tests.browser.chromium import IN_CHROMIUM
from tests.browser.proxy import proxied
from tests.browser.tab import emptied
from viz.solara_page import DISCONNECTED

SMALL = 'config={"world":{"source":"synthetic","states":20,"organizations":8},"quarters":8}'
LISTENING = 8.0
"""Seconds from the command to listening, on a machine with nothing else to do."""
ENDING = 10.0
"""Seconds after which no worker of a killed server is left."""

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def proxy() -> Iterator[socket.socket]:
    """Where the proxy of the server listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


def place(proxy: socket.socket) -> str:
    return f"localhost:{proxy.getsockname()[1]}"


@pytest.fixture(scope="module")
def server(proxy: socket.socket) -> Iterator[Server]:
    before, options = NO_CARDS + COLD + FEW_RUNS + FEW_WORKERS, ("--allow-host", place(proxy), "--prefix", "/teach")
    with running(before=before, options=options) as found:
        yield found


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    tab.set_default_timeout(1000 * PATIENCE)
    with emptied(tab):
        yield tab


def opened(page: Page, server: Server, more: str = "") -> Page:
    page.goto(f"{server.address}?{quote(SMALL, safe='=&')}{more}")
    page.wait_for_selector(".abm-status .done")
    return page


def answer(server: Server, path: str, method: str = "GET", **headers: str) -> int:
    """Status of a request with headers of one's own."""
    parts = urlsplit(server.address)
    connection = HTTPConnection("127.0.0.1", parts.port or 80, timeout=PATIENCE)
    connection.request(method, path, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_server_answers_its_own_page_only(server: Server) -> None:
    own = urlsplit(server.address).netloc
    assert answer(server, "/", Host=own) == 200
    assert answer(server, "/", Host="evil.example") == 421
    assert answer(server, "/", Host=own, Origin="http://evil.example") == 403
    assert answer(server, "/resourcez", Host=own) == 404
    assert answer(server, "/resourcez?verbose", Host=own) == 404
    assert answer(server, "/", "POST", Host=own) == 405
    assert answer(server, "/static/..%2f..%2f..%2fapp.py", Host=own) == 404
    assert answer(server, "/../../../../etc/passwd", Host=own) == 404


def test_foreign_pages_and_consoles_get_no_channel(server: Server) -> None:
    own = urlsplit(server.address).netloc
    channel = f"ws://{own}/jupyter/api/kernels/00000000-test/channels?session_id=1"
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        connect(channel, origin="http://evil.example").recv(timeout=PATIENCE)
    with connect(channel, origin=f"http://{own}") as talk:
        talk.send(json.dumps({"header": {"msg_type": "execute_request", "msg_id": "1", "session": "1"},
                              "channel": "shell", "parent_header": {}, "metadata": {},
                              "content": {"code": "open('/etc/passwd')", "silent": False}}))  # fmt: skip
        with pytest.raises(ConnectionClosed):
            list(talk)  # until the server ends it


def test_workers_end_with_a_server_that_is_killed() -> None:
    with running() as found:
        workers = psutil.Process(found.process.pid).children(recursive=True)
        assert workers
        found.process.kill()
        _, alive = psutil.wait_procs(workers, timeout=ENDING)
    assert alive == []


SLOW = """
import asyncio
from viz import server
async def slow(scope, send):
    print("asked", flush=True)
    await asyncio.sleep(60)
server._send_file = slow
"""
"""A server that takes long to send a file."""


def test_ctrl_c_while_a_file_is_asked_for_leaves_no_traceback() -> None:
    with running(before=NO_CARDS + COLD + SLOW) as found:
        place = urlsplit(found.address)
        with socket.create_connection((place.hostname or "", place.port or 80)) as asking:
            asking.sendall(f"GET /abm/page.js HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
            assert found.process.stdout is not None
            assert found.process.stdout.readline() == "asked\n"
            found.process.send_signal(signal.SIGINT)
            said = found.process.stdout.read()
    assert said == "abm: interrupted; the page is closed\n"
    assert found.process.returncode == 130


def test_the_page_works_behind_a_proxy_under_a_path(page: Page, proxy: socket.socket, server: Server) -> None:
    with proxied(proxy, urlsplit(server.address).port or 80, "/teach"):
        page.goto(f"http://{place(proxy)}/teach/?{quote(SMALL, safe='=&')}")
        page.wait_for_selector(".abm-status .done")
        page.click("#tab-tab-shock")
        page.wait_for_function("location.href.includes('/teach/?') && location.search.includes('tab=shock')")
        assert answer(server, "/", Host="elsewhere.example") == 421


@pytest.mark.long
def test_the_server_is_up_soon() -> None:
    with running() as found:
        assert found.seconds < LISTENING


@pytest.mark.long
def test_a_lost_server_is_said_in_both_languages_and_the_page_goes_on_when_it_is_back(page: Page) -> None:
    with running() as first:
        port = urlsplit(first.address).port or 0
        opened(page, first, "&language=zh&view=network")
    expect(page.locator(".abm-lost").first).to_be_visible(timeout=1000 * PATIENCE)
    assert page.locator(".abm-lost").first.inner_text() == DISCONNECTED
    with running(port):
        expect(page.locator(".abm-lost").first).to_be_hidden(timeout=1000 * PATIENCE)
        page.wait_for_selector(".abm-status .done")
        expect(page.locator("h1")).to_contain_text("多边机构")
        assert "view=network" in page.url
