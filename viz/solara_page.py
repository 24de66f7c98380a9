"""Changes to the HTML page that Solara serves: its language, and what it says when the server is gone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from viz.permalink import language_of

Send = Callable[[dict[str, Any]], Awaitable[None]]
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


def rewrite_page(page: str, query: str) -> str:
    """Return Solara's page with its language set and its messages in plain words."""
    for text, better in REPLACEMENTS.items():
        page = page.replace(text, better.replace("{lost}", DISCONNECTED).replace("{language}", language_of(query)))
    return page


def is_page(scope: Mapping[str, Any]) -> bool:
    """Return whether a request is for the page itself."""
    return bool(scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET")


def without_compression(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request for the page without compression, which could not be rewrite_page."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
    return {**scope, "headers": headers}


def rewriting(scope: Mapping[str, Any], send: Send) -> Send:
    """Return a sender that rewrites the page before it is sent."""
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
        page = rewrite_page(body.decode("utf-8"), query).encode("utf-8")
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        policy = CONTENT_POLICY.format(channels=f"ws://{host} wss://{host}").encode("latin-1")
        headers += [(b"content-length", str(len(page)).encode()), *SECURITY_HEADERS]
        headers += [(b"content-security-policy", policy)]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": page})

    return rewritten


CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' {channels}; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'self'"
)
"""What the page may load: its own server only. Solara's templates and widgets are compiled in the page."""
SECURITY_HEADERS = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
)
