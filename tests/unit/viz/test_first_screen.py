"""The first screen before a session: what the page brings along, and the files that browsers keep."""

import asyncio
import gzip
import json
import re
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.viz.test_session import Plain
from viz.first_screen import FirstScreen
from viz.gallery import Gallery
from viz.page_files import module, name_of, page_files
from viz.page_state import PageState
from viz.run_queue import RunQueue
from viz.server import Guard
from viz.session import PageSession
from viz.solara_page import rewrite_page

SOLARA = """<html><head>
<link href="/x/main8.css" rel="stylesheet"></link><link href="/x/fonts.css" rel="stylesheet"></link></head>
<body><script type="x-template"></script><div id="app"></div>
<script src="/x/solara-vuetify-app8.min.js"></script></body>"""
HOST = "localhost:1"


@pytest.fixture
def first() -> FirstScreen:
    queue = RunQueue(1)
    found = FirstScreen(queue, Gallery(queue))
    queue.close()
    return found


def test_the_first_screen_is_what_the_session_shows(first: FirstScreen) -> None:
    shown = SimpleNamespace(**{name: Plain() for name in ("stage", "player", "sidebar", "board")})
    session = PageSession(RunQueue(1), shown, PageState(scenario="who-2025"), nullcontext)
    session.queue.close()
    brought = first("scenario=who-2025")
    assert brought is not None
    for name in ("values", "stories", "phases"):
        assert brought[name] == getattr(shown.stage, name)
    assert brought["findings"] == {}


@pytest.mark.parametrize("query", ["lesson=vacuum&tab=lessons", "presentation=1"])
def test_a_lesson_and_a_presentation_begin_without_it(first: FirstScreen, query: str) -> None:
    assert first(query) is None


def test_the_page_brings_the_first_screen_and_solara_waits_for_it() -> None:
    page = rewrite_page(SOLARA, "", {"said": "</script><b>"})
    body = page[page.index("<body>") :]
    assert body.index("abmStart(") < body.index('id="app"') < body.index('<script type="abm/later" src="/x/solara')
    told = re.search(r"abmStart\((.*?)\);</script>", page)
    assert told
    assert json.loads(told[1]) == {"said": "</script><b>"}
    assert '<script type="x-template">' in page
    assert "fonts.css" not in page
    assert "abmStart(" not in rewrite_page(SOLARA, "", None)
    for name in ("page.css", "page.js", "words-en.js"):
        assert f'"abm/{name_of(name)}"' in page


def answer(path: str, **headers: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """What the server answers to a request for a file."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = {"host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {"type": "http", "path": path, "method": "GET", "query_string": b"",
             "headers": [(name.encode(), value.encode()) for name, value in named.items()]}  # fmt: skip
    asyncio.run(Guard(None, frozenset({HOST}), lambda: 0)(scope, None, send))  # type: ignore[arg-type]
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_files_are_kept_by_browsers_and_compressed_for_those_that_take_it() -> None:
    for name, file in page_files().items():
        status, headers, body = answer(f"/abm/{name}", accept_encoding="gzip, br")
        assert (status, headers[b"content-encoding"]) == (200, b"gzip")
        assert b"immutable" in headers[b"cache-control"]
        assert gzip.decompress(body) == file.plain
        status, headers, body = answer(f"/abm/{name}")
        assert (b"content-encoding" in headers, body) == (False, file.plain)
        assert answer(f"//abm/{name}")[0] == 200  # a link with one slash too many
    assert answer("/abm/../server.py")[0] == 404
    assert answer("/abm/")[0] == 404


def test_a_widget_is_also_a_module_of_its_own() -> None:
    for name in ("Stage", "Player", "Sidebar", "Board"):
        assert module(name).count("export default { render };") == 1
