"""The cards of stories: they say what the runs say, as soon as there are four, and again when all are there."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from abm.config.reader import load_experiment
from tests.worlds_small import among_few_states
from viz import gallery as gallery_of
from viz.gallery import CARDS, Gallery
from viz.page_state import scenarios
from viz.run_queue import RunQueue

PATIENCE = 120


def test_a_card_is_told_by_four_runs_and_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_of, "shipped_experiment", lambda name: load_experiment(name, ["quarters=16"]))
    queue, done, told = RunQueue(2, ThreadPoolExecutor(2)), Event(), []

    def hear(cards: object) -> None:
        card = dict(cards)["who-2025"]  # type: ignore[call-overload]
        told.append((card["runs"], card["of"]))
        if len(told) == 2:
            done.set()

    gallery = Gallery(queue, ("who-2025",))
    gallery.watchers.add(hear)
    with among_few_states():
        gallery.start(5)
        assert done.wait(PATIENCE)
        queue.close()
    assert told == [(4, 5), (5, 5)]
    assert gallery.cards["who-2025"]["case"]["code"] == "WHO"
    assert gallery.cards["who-2025"]["headline"]


def test_cards_are_six_shipped_stories() -> None:
    assert len(set(CARDS)) == 6
    assert set(CARDS) <= scenarios()
