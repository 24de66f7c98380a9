"""Who is let in: Host and Origin, sizes, sessions, and messages that are none of a page's."""

import asyncio
import errno
import json
import socket
from typing import Any

import pytest

from viz.server import HIDDEN, SESSIONS, Guard, acceptable, bind_socket, names_of
from viz.solara_page import DISCONNECTED, rewrite_page

PORT = 8765
HOSTS = names_of("127.0.0.1", PORT)


def guard(sessions: int = 0) -> Guard:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})

    return Guard(application, HOSTS, lambda: sessions)


def scope(kind: str = "http", path: str = "/static/x", method: str = "GET", **headers: str) -> dict[str, Any]:
    named = {"host": f"localhost:{PORT}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return {"type": kind, "path": path, "method": method, "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()]}  # fmt: skip


def status(found: dict[str, Any], sessions: int = 0) -> int:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    asyncio.run(guard(sessions)(found, receive, send))
    return int(sent[0].get("status", sent[0].get("code", 0)))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (scope(), 200),
        (scope(host=f"127.0.0.1:{PORT}"), 200),
        (scope(host="evil.example"), 421),
        (scope(host=f"evil.example:{PORT}"), 421),
        (scope(host="localhost:1"), 421),
        (scope(origin=f"http://localhost:{PORT}"), 200),
        (scope(origin="http://evil.example"), 403),
        (scope(origin="null"), 403),
        (scope(path="/resourcez"), 404),
        (scope(path="/_solara/api/evict/abc", method="POST"), 404),
        (scope(path="/", method="POST"), 405),
        (scope(path="/", method="DELETE"), 405),
        (scope(path="/_solara/api/close/abc-1", method="POST"), 200),
        (scope(content_length="99999999"), 413),
        (scope(content_length="many"), 413),
        (scope("websocket", origin="http://evil.example"), 1008),
        (scope("websocket"), 1008),
    ],
)
def test_requests_are_let_in_or_refused(found: dict[str, Any], expected: int) -> None:
    assert status(found) == expected


def test_sessions_are_limited() -> None:
    page = scope("websocket", path="/jupyter/api/kernels/1/channels", origin=f"http://localhost:{PORT}")
    assert guard(SESSIONS - 1).refusal(page) is None
    assert guard(SESSIONS).refusal(page) == (503, "too many sessions")
    assert status(page, SESSIONS) == 1008


@pytest.mark.parametrize(
    ("kind", "target", "expected"),
    [
        ("comm_msg", None, True),
        ("comm_open", "solara.control", True),
        ("comm_open", "jupyter.widget", False),
        ("comm_open", "other", False),
        ("execute_request", None, False),
        ("complete_request", None, False),
        ("inspect_request", None, False),
        ("shutdown_request", None, False),
    ],
)
def test_messages_of_a_page_pass_and_a_console_does_not(kind: str, target: str | None, expected: bool) -> None:
    content = {"code": "1"} if target is None else {"target_name": target}
    text = json.dumps({"header": {"msg_type": kind}, "msg_type": kind, "content": content})
    assert acceptable({"text": text}) is expected
    assert acceptable({"bytes": b"\x00\x01" + text.encode()}) is expected
    assert not acceptable({"text": "{}"})


def test_a_bad_message_ends_the_connection() -> None:
    told: list[dict[str, Any]] = []

    async def application(_scope: Any, receive: Any, _send: Any) -> None:
        told.append(await receive())

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.receive", "text": '{"msg_type": "execute_request"}'}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    page = scope("websocket", origin=f"http://localhost:{PORT}")
    asyncio.run(Guard(application, HOSTS, lambda: 0)(page, receive, send))
    assert [message["type"] for message in told] == ["websocket.close", "websocket.disconnect"]


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use") as error:
            bind_socket("127.0.0.1", taken.getsockname()[1])
        assert error.value.errno == errno.EADDRINUSE


def test_the_page_is_mended() -> None:
    page = rewrite_page("<html>\n<p>Could not restore session. Please refresh.</p>", "a=1&language=zh")
    assert '<html lang="zh">' in page
    assert DISCONNECTED in page
    assert '<html lang="en">' in rewrite_page("<html>", "language=xx")


def test_close_is_not_hidden() -> None:
    assert HIDDEN.match("/_solara/api/close/1") is None


def test_further_hosts_are_let_in_by_name_only() -> None:
    further = Guard(lambda *_: None, HOSTS | {"teach.example:8443"}, lambda: 0)  # type: ignore[arg-type,return-value]
    assert further.refusal(scope(host="teach.example:8443")) is None
    assert further.refusal(scope(host="teach.example")) == (421, "unknown host")
    assert further.refusal(scope(host="teach.example:8443", origin="https://teach.example:8443")) is None


def test_no_request_chooses_the_prefix_of_the_page_and_the_page_says_what_it_may_load() -> None:
    seen: list[dict[str, Any]] = []

    async def application(found: Any, _receive: Any, send: Any) -> None:
        seen.append(found)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>"})

    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    page = scope(path="/")
    page["headers"] = [*page["headers"], (b"X-Script-Name", b"/elsewhere")]
    asyncio.run(Guard(application, HOSTS, lambda: 0)(page, None, send))  # type: ignore[arg-type]
    assert b"x-script-name" not in {name.lower() for name, _ in seen[0]["headers"]}
    policy = dict(told[0]["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert f"ws://localhost:{PORT}" in policy
    assert "http://" not in policy
