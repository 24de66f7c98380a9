"""The first screen of a page before there is a session: what the stage shows, as far as the runs are there."""

from collections.abc import Mapping
from typing import Any

from viz.controls import stories, values
from viz.gallery import CARDS, Gallery
from viz.outcome import outcome, told
from viz.page_state import REPLICATES, PageState
from viz.permalink import read_link
from viz.phases import phases
from viz.run_queue import RunQueue, wanted_parts
from viz.worker_runs import Finished

SHARED = ("scenario", "dates", "title", "changed", "presentation", "lesson", "digest")
KEPT = 64


def shared_values(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values of the controls that stage and board need, too."""
    return {key: shown[key] for key in SHARED}


def stories_with_cards(language: str) -> list[dict[str, Any]]:
    """Return the shipped stories, each with whether it has a card."""
    return [story | {"card": story["name"] in CARDS} for story in stories(language)]


class FirstScreen:
    """Says what the stage shows of the page that a query asks for."""

    def __init__(self, queue: RunQueue, gallery: Gallery) -> None:
        """Take what is known from the queue's cache and the gallery."""
        self._queue, self._gallery = queue, gallery
        self._findings: dict[tuple[str, int], Mapping[str, Any]] = {}

    def __call__(self, query: str) -> dict[str, Any] | None:
        """Return the traits of the stage but its words; None where the page begins without it."""
        state, _ = read_link(query)
        if state.lesson or state.presentation:
            return None
        return {
            "values": shared_values(values(state)), "findings": self._said(state), "status": {},
            "stories": stories_with_cards(state.language), "cards": dict(self._gallery.cards), "phases": phases(state),
        }  # fmt: skip

    def _said(self, state: PageState) -> Mapping[str, Any]:
        """Return the findings of the finished runs of a state."""
        parts = [(one, self._queue.cached(state.experiment, state.digest, *one)) for one in wanted_parts(REPLICATES)]
        finished: dict[tuple[int, str], Finished] = {one: found for one, found in parts if found is not None}
        key = (state.digest, len(finished))
        if key not in self._findings:
            if len(self._findings) >= KEPT:
                self._findings.clear()
            self._findings[key] = outcome(told(finished, REPLICATES), REPLICATES).get("findings", {})
        return self._findings[key]
