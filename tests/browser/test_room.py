"""A full room: sixty pages on one server. Takes minutes, and its limits are those of two idle cores."""

import asyncio
import sys
import time
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from tests.browser.app_server import Server, running
from tests.browser.room import Visitor
from viz.page_state import DEFAULT_SCENARIO, REPLICATES, change_scenario
from viz.worker_runs import carry_out

PAGES = 60
CLASS = 30
ENTRY = 400.0
ROUNDS = 10
ANSWER = 0.050
SAME = 3.0
FIRST, ALL = 1.0, 15.0
MEGABYTES = 2.0
CHANGES = 7
BESIDES = 0.100
"""Seconds that server and way to the page may take beside the model."""

pytestmark = pytest.mark.long


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as found:
        yield found


def measured(text: str) -> None:
    """Say a figure where `pytest -s` shows it."""
    sys.stdout.write(f"{text}\n")


def memory(server: Server) -> float:
    """Megabytes that the server itself holds."""
    return float(psutil.Process(server.process.pid).memory_full_info().uss / 1e6)


async def entered(server: Server, count: int) -> list[Visitor]:
    """Pages that are open and have their run, its twin and all replicates."""
    visitors = []
    for _ in range(count):
        visitors.append(await Visitor(server.address).__aenter__())
    for visitor in visitors:
        await visitor.until(lambda one=visitor: one.state("catalogue", "status").get("done") == REPLICATES, ENTRY)
    return visitors


async def left(visitors: list[Visitor]) -> None:
    for visitor in visitors:
        await visitor.__aexit__()


async def played(visitor: Visitor, place: int) -> list[float]:
    """Seconds of the server's answers to a page that plays: it says its quarter about once a second."""
    found = []
    await asyncio.sleep(place / PAGES)
    for round_ in range(ROUNDS):
        before = visitor.times("catalogue", "address")
        started = time.monotonic()
        await visitor.show(quarter=1 + (round_ + place) % 58)
        await visitor.until(lambda known=before: visitor.times("catalogue", "address") > known)
        found.append(time.monotonic() - started)
        await asyncio.sleep(max(0.0, 1 - found[-1]))
    return found


def test_sixty_pages_play_and_each_is_answered_at_once(server: Server) -> None:
    async def room() -> tuple[list[float], float]:
        one = await entered(server, 1)
        before = memory(server)
        others = await entered(server, PAGES - 1)
        grown = (memory(server) - before) / len(others)
        answers = await asyncio.gather(*(played(visitor, place) for place, visitor in enumerate(one + others)))
        await left(one + others)
        return [second for found in answers for second in found], grown

    answers, grown = asyncio.run(room())
    measured(f"p95 of {len(answers)} answers {np.quantile(answers, 0.95) * 1000:.0f} ms, {grown:.2f} MB a page")
    assert np.quantile(answers, 0.95) <= ANSWER
    assert grown <= MEGABYTES


def test_thirty_press_run_on_one_story(server: Server) -> None:
    async def room() -> list[float]:
        visitors = await entered(server, CLASS)
        answers = await asyncio.gather(*(chosen(visitor, name="who-2025", do="scenario") for visitor in visitors))
        await left(visitors)
        return answers

    answers = asyncio.run(room())
    measured(f"same story: first {min(answers):.2f} s, all {max(answers):.2f} s")
    assert max(answers) <= SAME


def test_thirty_press_run_on_different_worlds(server: Server) -> None:
    async def room() -> tuple[list[float], int]:
        visitors = await entered(server, CLASS)
        answers = await asyncio.gather(
            *(chosen(visitor, do="key", key="seed", value=1000 + place) for place, visitor in enumerate(visitors))
        )
        queued = sum(visitor.times("catalogue", "status") > 12 for visitor in visitors)
        await left(visitors)
        return answers, queued

    answers, queued = asyncio.run(room())
    measured(f"different worlds: first {min(answers):.2f} s, all {max(answers):.2f} s, {queued} saw the queue move")
    assert min(answers) <= FIRST
    assert max(answers) <= ALL
    assert queued >= CLASS // 2


def test_a_changed_parameter_shows_its_run_as_soon_as_the_model_has_it(server: Server) -> None:
    values = [0.3 + 0.01 * place for place in range(CHANGES + 1)]

    async def room() -> list[float]:
        visitor = await Visitor(server.address).__aenter__()
        await visitor.say(do="replicates", count=1)
        answers = []
        for value in values:
            await visitor.until(lambda: visitor.state("catalogue", "status").get("done") == 1, ENTRY)
            answers.append(await chosen(visitor, do="parameter", path="funding.appeal", value=value))
        await left([visitor])
        return answers[1:]

    answers = asyncio.run(room())
    models = [model_seconds(value) for value in values][1:]
    measured(f"changed parameter: {np.median(answers):.3f} s, the model alone {np.median(models):.3f} s")
    assert np.median(answers) <= np.median(models) + BESIDES


def model_seconds(value: float) -> float:
    """Seconds that the model takes for the run of a changed parameter."""
    experiment = change_scenario(DEFAULT_SCENARIO, {"parameters": {"funding": {"appeal": value}}})
    started = time.monotonic()
    carry_out(experiment, 0, "run")
    return time.monotonic() - started


async def chosen(visitor: Visitor, **message: object) -> float:
    """Seconds from a choice to its run in the player."""
    before = visitor.times("land", "run")
    started = time.monotonic()
    await visitor.say(**message)
    await visitor.until(lambda: visitor.times("land", "run") > before)
    return time.monotonic() - started
