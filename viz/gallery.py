"""The gallery: what the cards of a few shipped stories say, run by a server in the background as it starts."""

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any

from viz.outcome import LEAST, rounded
from viz.page_state import REPLICATES, shipped_experiment
from viz.run_queue import RunKey, RunQueue
from viz.story_numbers import findings
from viz.worker_runs import Finished, Part

CARDS = ("us-exit-2026", "aid-freeze-2025", "return-2029", "total-exit", "china-exit", "placebo-small-state")
"""Stories with a card: what happened, then a return, then extremes and a placebo to doubt by."""


class Gallery:
    """Findings of the stories with cards, each as far as its runs have come: told by few runs, and by all."""

    def __init__(self, queue: RunQueue, stories: tuple[str, ...] = CARDS) -> None:
        """Take note of the stories; `start` asks for their runs."""
        self.queue, self.stories = queue, stories
        self.cards: Mapping[str, Any] = {}
        self.watchers: set[Callable[[Mapping[str, Any]], None]] = set()
        self._finished: dict[str, dict[tuple[int, str], Finished]] = {name: {} for name in stories}
        self._lock = RLock()

    def start(self, replicates: int = REPLICATES) -> None:
        """Ask for the runs of all stories, behind whatever visitors ask for."""
        for place, name in enumerate(self.stories, start=1):
            experiment = shipped_experiment(name)
            pairs: list[tuple[int, Part]] = [(number, "pair") for number in range(replicates)]
            parts: list[tuple[int, Part]] = [(0, "run"), (0, "twin"), *pairs]
            for number, part in parts:
                answer = self._answer(name, number, part, replicates)
                self.queue.request(experiment, experiment.digest(), number, part, answer, behind=place)

    def _answer(self, name: str, number: int, part: Part, replicates: int) -> Callable[[RunKey, Finished | None], None]:
        """Return what takes a finished run; watchers are told when a story has few runs, and when it is complete."""

        def take(_key: RunKey, finished: Finished | None) -> None:
            with self._lock:
                if finished is None:
                    return
                found = self._finished[name]
                found[number, part] = finished
                count = sum(one == "pair" for _, one in found)
                if part != "pair" or count not in (LEAST, replicates):
                    return
                self.cards = {**self.cards, name: card(found, replicates)}
                for watcher in list(self.watchers):  # told one after the other, so that the last word is the newest
                    watcher(self.cards)

        return take


def card(finished: Mapping[tuple[int, str], Finished], of: int) -> dict[str, Any]:
    """Return what a card shows of finished runs of `of` pairs."""
    return dict(rounded(findings(finished) | {"bonds": {}, "of": of}))
