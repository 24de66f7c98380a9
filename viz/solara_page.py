"""Changes to the HTML page that Solara serves: its language, what it says when the server is gone, the first screen.

The first screen comes with the page and is drawn at once. Solara's own scripts and styles follow it.
"""

import gzip
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader

from viz.page_files import name_of
from viz.permalink import language_of
from viz.security_headers import page_headers
from viz.words import words

Send = Callable[[dict[str, Any]], Awaitable[None]]
First = Callable[[str], Mapping[str, Any] | None]
"""What the stage shows of the page that a query asks for, before there is a session; None for nothing."""
DISCONNECTED = (
    "The server does not answer. This page goes on by itself as soon as it is back. · "
    "服务器没有响应。一旦恢复，本页会自动继续。"
)
REPLACEMENTS = {
    "<html>": '<html lang="{language}">',
    ", maximum-scale=1, user-scalable=no, minimal-ui": "",
    ">Server\n                disconnected.</v-progress-circular>": (
        '></v-progress-circular><p class="abm-lost" role="alert">{lost}</p>'
    ),
    "Could not restore session. Please refresh.": "{lost}",
    "Refresh now": "Reload · 重新载入",
    "Please refresh the page": "The page was restarted · 页面已重启",
    "App is disconnected, and may not function properly. Please refresh the page.": "{lost}",
    "Restoring session…": "Starting again … · 正在恢复……",
}
"""Texts of Solara's page -> what replaces them."""


LATER = {
    r"<script(?=[^>]*>)(?![^>]*type=)": '<script type="abm/later"',
    r'(<link href="[^"]*/main\d+\.css")': r"""\1 media="print" onload="this.media='all'" """,
    r'<link href="[^"]*/fonts\.css"[^>]*></link>': "",
}
"""Patterns of what Solara loads -> what waits for the first screen instead; its letters and icons are not used."""
FOLLOWING = re.compile(r'<script type="abm/later" src="([^"]*solara-vuetify[^"]*)"')
SHELL = Environment(loader=PackageLoader("viz", "stage"), autoescape=True)


def rewrite_page(page: str, query: str, first: Mapping[str, Any] | None = None) -> str:
    """Return Solara's page with its language set, its messages in plain words, and the first screen before it."""
    language = language_of(query)
    for text, better in REPLACEMENTS.items():
        page = page.replace(text, better.replace("{lost}", DISCONNECTED).replace("{language}", language))
    for pattern, better in LATER.items():
        page = re.sub(pattern, better, page)
    texts = words(language)
    early = SHELL.get_template("early.html").render(
        style=name_of("page.css"), script=name_of("page.js"), words=name_of(f"words-{language}.js"),
        title=texts["title.short"], first=None if first is None else _in_script(first),
    )  # fmt: skip
    follows = "".join(f'<link rel="preload" as="script" href="{one}">\n' for one in FOLLOWING.findall(page))
    style, _, body = early.partition("<!-- body -->")
    return page.replace("</head>", f"{style}{follows}</head>", 1).replace('<div id="app"', f'{body}<div id="app"', 1)


def _in_script(value: Mapping[str, Any]) -> str:
    """Return a value as JSON that may stand in a script."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def is_page(scope: Mapping[str, Any]) -> bool:
    """Return whether a request is for the page itself."""
    return bool(scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET")


def without_compression(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request for the page without compression, which could not be rewritten."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
    return {**scope, "headers": headers}


def rewriting(scope: Mapping[str, Any], send: Send, first: First) -> Send:
    """Return a sender that rewrites the page before it is sent, compressed where the browser takes that."""
    held: list[dict[str, Any]] = []
    body = bytearray()

    async def rewritten(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            held.append(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        start = held.pop()
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        query = bytes(scope.get("query_string", b"")).decode("latin-1")
        page = rewrite_page(body.decode("utf-8"), query, first(query)).encode("utf-8")
        asked = dict(scope["headers"])
        if b"gzip" in asked.get(b"accept-encoding", b""):
            page = gzip.compress(page, 5)
            headers.append((b"content-encoding", b"gzip"))
        host = asked.get(b"host", b"").decode("latin-1")
        headers += [(b"content-length", str(len(page)).encode()), *page_headers(host)]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": page})

    return rewritten
