"""Votes from phones: a presented lesson has a code, and under it a page without scripts on which a class answers.

The page is `/vote/CODE`. A phone that votes again changes its vote; a new question starts from nothing. Nothing is
kept of a voter but a random cookie.
"""

import secrets
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from threading import RLock
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment

from viz.security_headers import VOTE_HEADERS
from viz.words import words

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters of a code: none that is taken for a digit."""
LENGTH = 5
MOST_VOTERS = 500
MOST_ROOMS = 200
LARGEST_VOTE = 200
COOKIE = "abm-voter"
PAGE = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>{{ texts["vote.title"] }}</title>
<style>body{font:20px/1.4 sans-serif;margin:0 auto;padding:16px;max-width:34em;color:#1b2733}
button{display:block;width:100%;margin:10px 0;padding:14px;font:inherit;text-align:left;background:#f4f2ec;
border:2px solid #8796a5;border-radius:8px}button[aria-pressed=true]{border-color:#004f7c;background:#d6ebe5}
</style></head>
<body><h1>{{ texts["vote.title"] }}</h1>{% if answers %}<p>{{ question }}</p><form method="post">
{% for answer in answers %}<button name="answer" value="{{ loop.index0 }}" \
aria-pressed="{{ 'true' if loop.index0 == own else 'false' }}">{{ answer }}</button>
{% endfor %}</form>{% if own is not none %}<p role="status">{{ texts["vote.done"] }}</p>{% endif %}
{% else %}<p>{{ texts["vote.wait"] }}</p>{% endif %}</body></html>
"""
_TEMPLATE = Environment(autoescape=True).from_string(PAGE)
HEADERS = (*VOTE_HEADERS, (b"cache-control", b"no-store"))

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class Room:
    """One presented lesson: what it asks, and who answered what."""

    told: Callable[[], None]
    step: str = ""
    question: str = ""
    answers: tuple[str, ...] = ()
    language: str = "en"
    votes: dict[str, int] = field(default_factory=dict)

    def counts(self) -> list[int]:
        """Return the votes for each answer."""
        given = list(self.votes.values())
        return [given.count(place) for place in range(len(self.answers))]


class Rooms:
    """The rooms of a server by their codes; any thread may use them."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._lock = RLock()

    def enter(self, told: Callable[[], None]) -> str:
        """Open a room and return its code, "" where there are too many; `told` is called after each vote."""
        with self._lock:
            if len(self._rooms) >= MOST_ROOMS:
                return ""
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            if code in self._rooms:
                return self.enter(told)
            self._rooms[code] = Room(told)
            return code

    def leave(self, code: str) -> None:
        """Close a room."""
        with self._lock:
            self._rooms.pop(code, None)

    def ask(self, code: str, step: str, question: str, answers: Sequence[str], language: str) -> None:
        """Ask a room; votes for another step are dropped."""
        with self._lock:
            room = self._rooms.get(code)
            if room is None:
                return
            if room.step != step:
                room.votes.clear()
            room.step, room.question, room.answers, room.language = step, question, tuple(answers), language

    def counts(self, code: str) -> list[int]:
        """Return the votes for each answer of the step that is asked; none for a room that is not there."""
        with self._lock:
            room = self._rooms.get(code)
            return room.counts() if room else []

    def vote(self, code: str, voter: str, answer: int) -> bool:
        """Take a vote, in the place of an earlier one of the same voter; False where it cannot be one."""
        with self._lock:
            room = self._rooms.get(code)
            full = room is not None and voter not in room.votes and len(room.votes) >= MOST_VOTERS
            if room is None or full or not 0 <= answer < len(room.answers):
                return False
            room.votes[voter] = answer
        room.told()
        return True

    def page(self, code: str, voter: str) -> str | None:
        """Return what a phone sees, None where there is no such room."""
        with self._lock:
            room = self._rooms.get(code)
            if room is None:
                return None
            return _TEMPLATE.render(
                language=room.language, texts=words(room.language), question=room.question, answers=room.answers,
                own=room.votes.get(voter),
            )  # fmt: skip


ROOMS = Rooms()
"""Those of this process."""


async def answer_phone(scope: Mapping[str, Any], receive: Receive, send: Send, rooms: Rooms = ROOMS) -> None:
    """Answer a request for `/vote/CODE`: show the question, or take a vote and show it again."""
    code = str(scope["path"]).rpartition("/")[2].upper()
    voter, fresh = _voter(scope)
    if scope["method"] == "POST":
        await to_thread(rooms.vote, code, voter, _answer(await _body(receive)))  # a page may be at work
        headers = [(b"location", scope["path"].rpartition("/")[2].encode("latin-1"))]
        await _send(send, 303, "", headers + _cookie(voter, fresh))
        return
    page = rooms.page(code, voter)
    if page is None:
        await _send(send, 404, words("en")["vote.none"] + "\n" + words("zh")["vote.none"] + "\n", [])
    else:
        await _send(send, 200, page, _cookie(voter, fresh), "text/html")


def _voter(scope: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the voter of a request, and whether it is a new one."""
    found = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    try:
        known = SimpleCookie(found).get(COOKIE)
    except CookieError:
        known = None
    return (known.value[:40], False) if known is not None and known.value else (secrets.token_urlsafe(16), True)


def _cookie(voter: str, fresh: bool) -> list[tuple[bytes, bytes]]:
    """Return the header that gives a new voter its cookie."""
    text = f"{COOKIE}={voter}; HttpOnly; SameSite=Strict; Max-Age=14400"
    return [(b"set-cookie", text.encode("latin-1"))] if fresh else []


async def _body(receive: Receive) -> bytes:
    """Return the body of a request, as much of it as a vote can have."""
    body = b""
    while len(body) <= LARGEST_VOTE:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body[:LARGEST_VOTE]


def _answer(body: bytes) -> int:
    """Return the answer of a form, -1 where there is none."""
    found = parse_qs(body.decode("latin-1")).get("answer", [""])[0]
    return int(found) if found.isascii() and found.isdigit() and len(found) < 3 else -1


async def _send(
    send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]], kind: str = "text/plain"
) -> None:
    """Send an answer."""
    body = text.encode("utf-8")
    named = [(b"content-type", f"{kind}; charset=utf-8".encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*named, *HEADERS, *headers]})
    await send({"type": "http.response.body", "body": body})
