"""The server: Solara's application on loopback, guarded by checks of every request, with the run queue beside it."""

import errno
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import uvicorn

from viz.class_votes import answer_phone
from viz.first_screen import FirstScreen
from viz.gallery import Gallery
from viz.page_files import page_files
from viz.page_state import PageState
from viz.run_queue import RunQueue
from viz.security_headers import FILE_HEADERS
from viz.solara_page import First, is_page, rewriting, without_compression
from viz.worker_runs import Part

SESSIONS = 100
FIRST: tuple[Part, ...] = ("run", "twin")
LARGEST_MESSAGE = 600_000
"""Bytes of one websocket message; an uploaded config is at most a third of it."""
LARGEST_REQUEST = 10_000
SETTINGS = {
    "SOLARA_APP": "viz.app",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_ASSETS_PROXY": "true",  # from the package of assets
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",  # what that package lacks is fetched from nowhere
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_THEME_TITLE": "multilateral-abm",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_VARIANT": "light",
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",
    "SOLARA_KERNEL_MAX_PER_SESSION": str(SESSIONS),
    "SOLARA_STATE_AUTO_REMOUNT": "true",
    "SOLARA_SESSION_HTTP_ONLY": "false",  # Solara's own page reads it
}
"""Solara reads its settings from the environment when it is imported; these hold whatever is set outside."""
HIDDEN = re.compile(r"/(resourcez|_solara/api/evict|_solara/auth|jupyter/api/kernels/[^/]*$)")
"""Pages of Solara that are not for visitors."""
CLOSING = re.compile(r"/_solara/api/close/[\w-]+")
VOTING = re.compile(r"/vote/[A-Za-z]{1,12}")
"""What a page may post to: the end of its session, and a vote."""
MESSAGE = re.compile(r'"msg_type"\s*:\s*"(\w+)"')
ALLOWED_MESSAGES = frozenset({"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"})
"""Messages of a page. There is no console: nothing is executed, completed or inspected."""
KEPT_BY_BROWSERS = "/abm/"
"""Under this path are the files of `viz.page_files`."""
PREFIX_HEADERS = (b"script-name", b"x-script-name")
"""Solara would keep the prefix of one such request for all later ones; `serve` is told the prefix instead."""
ALLOWED_TARGETS = frozenset({"solara.control", "jupyter.widget.control"})
"""What a page may open a channel to; widgets are made by the server alone."""

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Guard:
    """Lets through what comes from the server's own page, in small pieces, for a limited number of sessions."""

    def __init__(
        self, application: Application, hosts: frozenset[str], sessions: Callable[[], int],
        first: First = lambda _query: None,
    ) -> None:  # fmt: skip
        """Guard an application; `hosts` are the names (with port) it answers to, `sessions` says how many are open.

        `first` says what the page that a query asks for shows before it has a session.
        """
        self._application, self._hosts, self._sessions, self._first = application, hosts, sessions, first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal is None:
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[1]})
        else:
            await _refuse(send, *refusal)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on: the page is rewritten, messages are looked at, all else passes as it is."""
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in PREFIX_HEADERS]
        scope = {**scope, "headers": headers, "path": "/" + scope["path"].lstrip("/")}
        if is_page(scope):
            await self._application(without_compression(scope), receive, rewriting(scope, send, self._first))
        elif scope["path"].startswith(KEPT_BY_BROWSERS):
            await _send_file(scope, send)
        elif scope["type"] == "websocket":
            await self._application(scope, _checked(receive, send), send)
        elif VOTING.fullmatch(scope["path"]):
            await answer_phone(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return why a request is refused: status and words; None where it is not."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get("host", "").lower() not in self._hosts:
            return 421, "unknown host"
        origin = headers.get("origin")
        foreign = origin is not None and origin.lower().partition("://")[2] not in self._hosts
        if foreign or (scope["type"] == "websocket" and origin is None):
            return 403, "foreign origin"
        if scope["type"] == "websocket":
            return (503, "too many sessions") if self._sessions() >= SESSIONS else None
        if HIDDEN.match(scope["path"]):
            return 404, "not found"
        if scope["method"] not in ("GET", "HEAD") and not any(
            known.fullmatch(scope["path"]) for known in (CLOSING, VOTING)
        ):
            return 405, "method not allowed"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_REQUEST or len(scope.get("query_string", b"")) > 20_000:
            return 413, "too large"
        return None


async def _send_file(scope: Scope, send: Send) -> None:
    """Send a file of the page, which a browser may keep for good, since its name changes with it."""
    found = page_files().get(scope["path"].removeprefix(KEPT_BY_BROWSERS))
    if found is None:
        await _refuse(send, 404, "not found")
        return
    packed = b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b"")
    body = found.packed if packed else found.plain
    headers = [(b"content-type", found.kind.encode()), (b"content-length", str(len(body)).encode()),
               (b"cache-control", b"public, max-age=31536000, immutable"), (b"vary", b"accept-encoding"),
               *FILE_HEADERS]  # fmt: skip
    headers += [(b"content-encoding", b"gzip")] if packed else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})


def _checked(receive: Receive, send: Send) -> Receive:
    """Return a receiver that ends the connection at a message that is none of a page's."""

    async def checked() -> dict[str, Any]:
        message = await receive()
        if message["type"] == "websocket.receive" and not acceptable(message):
            await send({"type": "websocket.close", "code": 1008, "reason": "unknown message"})
            return {"type": "websocket.disconnect", "code": 1008}
        return message

    return checked


def acceptable(message: Mapping[str, Any]) -> bool:
    """Return whether a websocket message is one that the page's own code sends."""
    text = message.get("text") or bytes(message.get("bytes") or b"").decode("utf-8", errors="replace")
    kinds = set(MESSAGE.findall(text))
    if not kinds or not kinds <= ALLOWED_MESSAGES:
        return False
    targets = set(re.findall(r'"target_name"\s*:\s*"([^"]*)"', text))
    return targets <= ALLOWED_TARGETS


async def _refuse(send: Send, status: int, words: str) -> None:
    """Answer a request with a refusal."""
    body = f"{words}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def application(hosts: frozenset[str], queue: RunQueue, gallery: Gallery, prefix: str = "") -> Application:
    """Return the guarded application of this process; `prefix` is the path under which a proxy shows it."""
    os.environ.update(SETTINGS | {"SOLARA_ROOT_PATH": prefix})
    starlette = import_module("solara.server.starlette")  # reads the settings when it is imported
    contexts = import_module("solara.server.kernel_context").contexts
    import_module("viz.app").use_queue(queue, gallery)
    return Guard(starlette.app, hosts, lambda: len(contexts), FirstScreen(queue, gallery))


def names_of(host: str, port: int) -> frozenset[str]:
    """Return the names under which a browser may call the server."""
    names = {"localhost", "127.0.0.1", "[::1]", host.lower()}
    names |= {socket.gethostname().lower(), _own_address()} if host in ("0.0.0.0", "::") else set()
    return frozenset(f"{name}:{port}" for name in names if name)


def _own_address() -> str:
    """Return the address of this machine in its network, "" where it has none; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def bind_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any free one. Raises OSError with EADDRINUSE where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(200)
    except OSError as error:
        found.close()
        raise OSError(error.errno or errno.EADDRINUSE, os.strerror(error.errno or 0), f"{host}:{port}") from None
    return found


def warm(queue: RunQueue) -> None:
    """Run the world that a page without an address shows, so that the workers are up and the first page is full."""
    experiment = PageState().experiment
    for part in FIRST:
        queue.request(experiment, experiment.digest(), 0, part, lambda _key, _finished: None)


def serve(
    host: str, port: int, ready: Callable[[str], None], allowed: Sequence[str] = (), prefix: str = "",
    shelf: Path | None = None,
) -> None:  # fmt: skip
    """Serve until interrupted. `ready` is called with the address once pages can be opened.

    `allowed` are further names, with port where it is not the usual one, under which browsers may call the server.
    `prefix` is the path under which a proxy shows it; the proxy takes it away from what it asks for.
    Recordings lie on the `shelf` (see `RunQueue`).
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # uvicorn raises it again; what is open is closed first
    listening = bind_socket(host, port)
    number = int(listening.getsockname()[1])
    queue = RunQueue(shelf=shelf)
    gallery = Gallery(queue)
    try:
        hosts = names_of(host, number) | frozenset(name.lower() for name in allowed)
        guarded = application(hosts, queue, gallery, prefix.rstrip("/"))
        config = uvicorn.Config(
            guarded, log_level="warning", access_log=False, ws_max_size=LARGEST_MESSAGE, loop="asyncio",
            timeout_graceful_shutdown=1, server_header=False,
        )  # fmt: skip
        shown = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host
        warm(queue)
        gallery.start()
        ready(f"http://{shown}:{number}/")
        server = uvicorn.Server(config)
        log, still = logging.getLogger("uvicorn.error"), lambda _record: not server.should_exit
        log.addFilter(still)  # a request that is cut off by the end is no error
        try:
            server.run(sockets=[listening])
        finally:
            log.removeFilter(still)
    finally:
        queue.close()
        listening.close()
