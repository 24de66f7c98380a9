"""What is mended in Solara's page on its way out: its language, and what it says when the server is gone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from viz.permalink import language_of

Send = Callable[[dict[str, Any]], Awaitable[None]]
LOST = (
    "The server does not answer. This page goes on by itself as soon as it is back. · "
    "服务器没有响应。一旦恢复，本页会自动继续。"
)
MENDS = {
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
"""Texts of Solara's page and what stands in their place."""


def mended(page: str, query: str) -> str:
    """Return Solara's page with its language and with words that people understand."""
    for text, better in MENDS.items():
        page = page.replace(text, better.replace("{lost}", LOST).replace("{language}", language_of(query)))
    return page


def is_page(scope: Mapping[str, Any]) -> bool:
    """Return whether a request is for the page itself."""
    return bool(scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET")


def asked_plainly(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request for the page without compression, which could not be mended."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
    return {**scope, "headers": headers}


def patched(scope: Mapping[str, Any], send: Send) -> Send:
    """Return a sender that mends the page on its way out."""
    held: list[dict[str, Any]] = []
    body = bytearray()

    async def mending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            held.append(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        start = held.pop()
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        query = bytes(scope.get("query_string", b"")).decode("latin-1")
        page = mended(body.decode("utf-8"), query).encode("utf-8")
        headers += [(b"content-length", str(len(page)).encode()), *POLICY]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": page})

    return mending


POLICY = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
)
