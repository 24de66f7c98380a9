"""An interval that grows: shown from four pairs on, with how many there are of how many, until all are there."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.unit.viz.test_session import PATIENCE, Idle, Widgets, page, queue, wait
from viz.run_queue import RunQueue

__all__ = ["queue"]  # a fixture


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until something holds, and return whether it does."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


@pytest.fixture
def growing(queue: RunQueue) -> Iterator[tuple[Widgets, Callable[..., None]]]:
    """A page whose runs come when they are told to: numbers stand for pairs, 0 for the first run with its twin."""
    first, widgets = page(queue)
    wait(first, widgets)
    first.close()
    workers = Idle()
    idle = RunQueue(20, workers)
    session, widgets = page(idle)
    experiment, digest = session.state.experiment, session.state.digest

    def come(*numbers: int) -> None:
        for number in numbers:
            for part in ("pair",) if number else ("run", "twin", "pair"):
                finished = queue.cached(experiment, digest, min(number, 1), part)  # type: ignore[arg-type]
                until(lambda wanted=(number, part): wanted in workers.under_way)  # type: ignore[misc]
                workers.under_way[number, part].set_result(finished)

    yield widgets, come
    session.close()
    idle.close()


def test_the_band_grows_from_four_pairs_on_and_says_how_many_there_are(
    growing: tuple[Widgets, Callable[..., None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz.session.PAUSE", 0.01)
    widgets, come = growing
    board, player, stage = widgets.board, widgets.player, widgets.stage
    come(0)
    assert until(lambda: board.outcome.get("judged") == 1)
    assert (stage.findings["runs"], stage.findings["of"]) == (1, 8)
    assert {row["low"][0] for row in board.outcome["measures"]} == {None}  # one run has no interval
    come(1, 2)
    assert until(lambda: widgets.sidebar.status["done"] == 3)
    widgets.say(do="view", language="zh")  # all is shown anew
    assert (board.outcome["count"], player.replicates, stage.findings["runs"]) == (1, [], 1)
    come(3)
    assert until(lambda: stage.findings["runs"] == 4)
    assert (len(player.replicates), player.of, stage.findings["of"]) == (3, 8, 8)
    assert (board.outcome["count"], board.outcome["of"]) == (4, 8)
    assert None not in {row["low"][0] for row in board.outcome["measures"]}
    come(4, 5, 6, 7)
    assert until(lambda: stage.findings["runs"] == 8)
    assert (board.outcome["count"], len(player.replicates), widgets.sidebar.status["done"]) == (8, 7, 8)


def test_four_pairs_are_shown_at_once_further_ones_are_gathered_and_the_last_shows_all(
    growing: tuple[Widgets, Callable[..., None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz.session.PAUSE", 3600.0)
    widgets, come = growing
    come(0, 1, 2, 3)
    assert until(lambda: len(widgets.player.replicates) == 3)
    come(4, 5)
    assert until(lambda: widgets.sidebar.status["done"] == 6)
    assert len(widgets.player.replicates) == 3
    come(6, 7)
    assert until(lambda: widgets.board.outcome["count"] == 8)
    assert len(widgets.player.replicates) == 7
