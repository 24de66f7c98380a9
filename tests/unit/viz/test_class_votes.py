"""Votes from phones: one a phone, for the question that is asked, and nothing for whoever has no business there."""

import asyncio
import re
from typing import Any

import pytest

from viz.class_votes import COOKIE, MOST_ROOMS, MOST_VOTERS, Rooms, answer_phone
from viz.server import Guard

HOST = "school.example:8765"


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


def asked(rooms: Rooms, told: Any = lambda: None) -> str:
    code = rooms.enter(told)
    rooms.ask(code, "money 1", "Who pays <b>?", ["Nobody", "Others & more"], "en")
    return code


def request(
    rooms: Rooms, code: str, body: str = "", cookie: str = "", **headers: str
) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of the answer to a phone, through the guard of the server."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode()}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def no_other(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError("a vote is not for Solara")

    given = {"host": HOST, **({"cookie": cookie} if cookie else {}), **headers}
    scope = {
        "type": "http", "path": f"/vote/{code}", "method": "POST" if body else "GET", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    guard = Guard(no_other, frozenset({HOST}), lambda: 0)
    refusal = guard.refusal(scope)
    if refusal is not None:
        return refusal[0], refusal[1], {}
    asyncio.run(answer_phone(scope, receive, send, rooms))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], sent[1]["body"].decode(), found


def voter(headers: dict[str, str]) -> str:
    return headers["set-cookie"].partition(";")[0]


def test_a_phone_sees_the_question_escaped_and_its_vote_counts_once(rooms: Rooms) -> None:
    told: list[int] = []
    code = asked(rooms, lambda: told.append(1))
    status, page, headers = request(rooms, code.lower())
    assert (status, voter(headers).split("=")[0]) == (200, COOKIE)
    assert "Who pays &lt;b&gt;?" in page
    assert "Others &amp; more" in page
    assert "script" not in page
    for answer in ("0", "1", "1"):
        assert request(rooms, code, f"answer={answer}", voter(headers))[0] == 303
    assert rooms.counts(code) == [0, 1]
    request(rooms, code, "answer=1")
    assert (rooms.counts(code), len(told)) == ([0, 2], 4)
    page = request(rooms, code, cookie=voter(headers))[1]
    assert re.findall('aria-pressed="true">([^<]+)<', page) == ["Others &amp; more"]


def test_a_new_question_begins_at_nothing_and_the_same_one_does_not(rooms: Rooms) -> None:
    code = asked(rooms)
    assert rooms.vote(code, "one", 0)
    asked_again = ("money 1", "Who pays <b>?", ["Nobody", "Others & more"], "zh")
    rooms.ask(code, *asked_again)
    assert rooms.counts(code) == [1, 0]
    rooms.ask(code, "money 2", "And then?", ["a", "b", "c"], "en")
    assert rooms.counts(code) == [0, 0, 0]


@pytest.mark.parametrize("body", ["answer=2", "answer=-1", "answer=x", "answer=", "other=1", "answer=²"])
def test_what_is_no_answer_counts_for_nothing(rooms: Rooms, body: str) -> None:
    code = asked(rooms)
    request(rooms, code, body)
    assert rooms.counts(code) == [0, 0]


def test_nobody_votes_elsewhere(rooms: Rooms) -> None:
    code = asked(rooms)
    assert request(rooms, "ZZZZZ")[0] == 404
    assert request(rooms, code, "answer=1", origin="http://evil.example")[0] == 403
    assert request(rooms, code, "answer=1", host="evil.example")[0] == 421
    assert rooms.counts(code) == [0, 0]
    rooms.leave(code)
    assert request(rooms, code)[0] == 404
    assert rooms.counts(code) == []


def test_rooms_and_voters_are_limited(rooms: Rooms) -> None:
    code = asked(rooms)
    assert all(rooms.vote(code, str(place), 0) for place in range(MOST_VOTERS))
    assert not rooms.vote(code, "one more", 1)
    assert rooms.vote(code, "0", 1)
    assert rooms.counts(code) == [MOST_VOTERS - 1, 1]
    codes = [rooms.enter(lambda: None) for _ in range(MOST_ROOMS)]
    assert codes[-1] == ""
    assert len(set(codes)) == MOST_ROOMS
