"""A page's session: its state, the runs that it asked for, and what its three widgets show. Sessions share nothing."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from threading import RLock, Timer
from typing import Any, Protocol

from abm.config.experiment import Experiment
from abm.config.reader import ConfigError
from viz import page_requests
from viz.claims_board import claim_rows
from viz.class_votes import ROOMS, Rooms
from viz.controls import catalogue, titled, values
from viz.first_screen import shared_values, stories_with_cards
from viz.lesson_view import lesson_page
from viz.outcome import LEAST, outcome, told
from viz.page_state import REPLICATES, PageState
from viz.permalink import query_of
from viz.phases import phases
from viz.question_quantities import evidence
from viz.refusals import reason
from viz.run_queue import QueueFullError, RunKey, RunQueue, Ticket, wanted_parts
from viz.words import words
from viz.worker_runs import Finished, Part, occurrences_of

PLAYER_FIELDS = ("view", "table", "colour", "mode", "quarter", "selected", "presentation")
PAUSE = 0.5
"""Seconds in which further replicates are gathered: each showing costs workers a part of their cores."""
logger = logging.getLogger(__name__)


class Widgets(Protocol):
    """The four widgets of a page: any objects that have their traits."""

    stage: Any
    player: Any
    sidebar: Any
    board: Any


class PageSession:
    """The session of one page. Messages arrive in the server's threads and runs in the queue's, under one lock."""

    def __init__(
        self,
        queue: RunQueue,
        widgets: Widgets,
        state: PageState,
        entered: Callable[[], AbstractContextManager[Any]],
        problem: str = "",
    ) -> None:
        """Show a state and ask for its runs.

        `entered` opens the page's own context, in which its widgets can be changed from other threads; `problem` is
        what was wrong with the link.
        """
        self.queue, self.widgets, self.state = queue, widgets, state
        self.problem = problem
        self.answers: dict[tuple[str, int], int] = {}
        self.rooms: Rooms = ROOMS
        self.room = ""
        self.replicates = REPLICATES
        self._entered = entered
        self._lock = RLock()
        self._closed = False
        self._flight = 0
        self._tickets: dict[tuple[str, int, str], Ticket] = {}
        self._finished: dict[tuple[int, str], Finished] = {}
        self._failed = False
        self._gathering: Timer | None = None
        for widget in (widgets.sidebar, widgets.board, widgets.stage):
            widget.on_msg(self._message)
        widgets.player.observe(self._player_changed, names=list(PLAYER_FIELDS))
        with self._lock:  # runs of the cache come at once
            self._translate()
            self._start()
            self._show()

    # what comes from the page

    def _message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Do what a message of the page asks for; show an error on the page if it cannot be done."""
        with self._lock:
            if self._closed:
                return
            try:
                page_requests.handle(self, content)
            except page_requests.MessageError as error:
                self.say(str(error))
            except ConfigError as error:
                texts = words(self.state.language)
                self.say(texts["problem.refused"].format(reason=reason(error, self.state.language)))

    def _player_changed(self, change: Any) -> None:
        """Take over what the user did in the player, which is part of the link."""
        with self._lock:
            if self._closed or getattr(self.state, change["name"]) == change["new"]:
                return
            self.state = replace(self.state, **{change["name"]: change["new"]})
            self.widgets.sidebar.address = query_of(self.state)

    def choose(self, **changes: Any) -> None:
        """Take over other values; ask for runs where they need any. Raises ConfigError and changes nothing then."""
        old, new = self.state, replace(self.state, **changes)
        if new.quarter >= new.experiment.quarters:
            new = replace(new, quarter=new.experiment.quarters - 1)
        runs = new.digest != old.digest
        second = new.second != old.second or runs
        _ = new.compared
        self.state, self.problem = new, ""
        if new.language != old.language:
            self._translate()
        if runs:  # first of all: the workers begin while the page is told
            self._start()
        elif second:
            self._ask_second()
        self._show()

    def want_replicates(self, count: int) -> None:
        """Ask for another number of replicates; those that are done stay."""
        old, self.replicates = self.replicates, count
        for number in range(count, old):
            ticket = self._tickets.pop(("first", number, "pair"), None)
            self.queue.take_back([ticket] if ticket else [])
            self._finished.pop((number, "pair"), None)
        for number in range(old, count):
            self._ask("first", self.state.experiment, self.state.digest, number, "pair")
        self.widgets.player.of, self.widgets.player.replicates = count, self._band()
        self._show_status()
        self._show_outcome()

    def say(self, message: str) -> None:
        """Show a message of what cannot be done."""
        self.problem = message
        self._show_status()

    def close(self) -> None:
        """Close the page and drop the runs that only it needs."""
        with self._lock:
            self._closed = True
            self.rooms.leave(self.room)
            self.queue.take_back(list(self._tickets.values()))
            self._tickets.clear()
            self._finished.clear()
            self._drop_gathering()

    # what is shown

    def _translate(self) -> None:
        """Give all widgets the words of the language."""
        language = self.state.language
        texts = words(language)
        for widget in (self.widgets.stage, self.widgets.player, self.widgets.sidebar, self.widgets.board):
            widget.words = texts
        self.widgets.player.language = language
        self.widgets.sidebar.catalogue = catalogue(language)
        self.widgets.stage.stories = stories_with_cards(language)
        self.widgets.board.claims = [
            claim | {key: claim[key][language] for key in ("title", "conditions")} for claim in claim_rows()
        ]

    def _show(self) -> None:
        """Show what is chosen."""
        player, sidebar = self.widgets.player, self.widgets.sidebar
        with player.hold_sync():
            for name in PLAYER_FIELDS:
                setattr(player, name, getattr(self.state, name))
        shown = values(self.state)
        sidebar.values = shown
        self.widgets.board.values = self.widgets.stage.values = shared_values(shown)
        self.widgets.stage.phases = phases(self.state)
        player.titles = {"run": shown["title"], "second": titled(self.state.second, self.state.language)}
        sidebar.address = query_of(self.state)
        self.show_lesson()
        self._show_status()
        self._show_outcome()

    def show_lesson(self) -> None:
        """Show the step of the lesson, with its reveal where the question is answered."""
        answer = self.answers.get((self.state.lesson, self.state.step))
        world, complete = (
            (evidence(self._finished), self._done() >= self.replicates) if self.state.lesson else (None, False)
        )
        page = lesson_page(self.state, answer, world, complete)
        self.widgets.sidebar.lesson = page
        self._ask_room(page)

    def _ask_room(self, page: Mapping[str, Any]) -> None:
        """Ask the phones of the room what a presented lesson asks; the room opens with the first question."""
        asks = self.state.presentation and bool(page.get("question")) and page["answer"] < 0
        if asks and not self.room:
            self.room = self.rooms.enter(self.show_votes)
        if self.room:
            step, answers = f"{self.state.lesson} {self.state.step}", page["answers"] if asks else ()
            self.rooms.ask(self.room, step, page.get("question", ""), answers, self.state.language)
            self._show_room(step)

    def _show_room(self, step: str) -> None:
        """Show the code of the room and its votes."""
        counts = self.rooms.counts(self.room)
        if counts or self.widgets.sidebar.room.get("step") != step:  # the votes stay beside the answer
            self.widgets.sidebar.room = {"code": self.room, "step": step, "counts": counts}

    def show_votes(self) -> None:
        """Show what phones have voted."""
        with self._lock:
            if not self._closed:
                with self._entered():
                    self._show_room(f"{self.state.lesson} {self.state.step}")

    def _show_status(self) -> None:
        """Show the place in the queue, the replicates done, or what went wrong."""
        first = self._tickets.get(("first", 0, "run"))
        waits = first is not None and (0, "run") not in self._finished
        self.widgets.stage.status = self.widgets.sidebar.status = {
            "waiting": waits and not self._failed,
            "ahead": self.queue.ahead(first) if waits and first is not None else 0,
            "done": self._done(),
            "of": self.replicates,
            "failed": self._failed,
            "problem": self.problem,
            "order": self.widgets.stage.findings.get("order", {}),
        }

    def _show_outcome(self) -> None:
        """Show the outcome; the old one stays until a new run is there."""
        if (0, "run") in self._finished:
            found = outcome(told(self._finished, self.replicates), self.replicates)
            self.widgets.board.outcome = found
            self.widgets.stage.findings = found["findings"]

    def _done(self) -> int:
        """Return how many whole pairs are there."""
        return sum((number, part) in self._finished for number, part in self._wanted() if part == "pair")

    # runs

    def _wanted(self) -> list[tuple[int, Part]]:
        """Return the parts of runs that the page wants, the most urgent first."""
        return wanted_parts(self.replicates)

    def _start(self) -> None:
        """Ask for the run, its twin and further replicates; what was asked for before is taken back."""
        old = list(self._tickets.values())
        self._tickets.clear()
        self._finished = {}
        self._failed = False
        self._drop_gathering()
        self._flight += 1
        experiment = self.state.experiment
        digest = self.state.digest
        for number, part in self._wanted():
            self._ask("first", experiment, digest, number, part)
        self._ask_second()
        self.queue.take_back(old)  # last: a twin under way may be that of the new run, too

    def _ask_second(self) -> None:
        """Ask for the run of the scenario to compare with."""
        old = self._tickets.pop(("second", 0, "run"), None)
        self.queue.take_back([old] if old is not None else [])
        compared = self.state.compared
        if compared is None:
            self.widgets.player.second = b""
            return
        self._ask("second", compared, compared.digest(), 0, "run")

    def _ask(self, place: str, experiment: Experiment, digest: str, number: int, part: Part) -> None:
        """Ask the queue for one part."""
        flight, second = self._flight, self.state.second

        def answer(_key: RunKey, finished: Finished | None) -> None:
            self._answer(flight, second, place, number, part, finished)

        growth = partial(self._grown, flight) if (place, part) == ("first", "run") else None
        try:
            self._tickets[place, number, part] = self.queue.request(
                experiment, digest, number, part, answer, growth=growth
            )
        except QueueFullError:
            self._failed = True
            self.problem = words(self.state.language)["status.full"]

    def _answer(self, flight: int, second: str, place: str, number: int, part: Part, finished: Finished | None) -> None:
        """Show a run that has come, unless the page has moved on."""
        with self._lock:
            if flight == self._flight and (place == "first" or second == self.state.second):
                self._tell(lambda: self._show_run(place, number, part, finished))

    def _grown(self, flight: int, packed: bytes) -> None:
        """Show the run as far as it has come, unless the page has moved on or has the whole run."""
        with self._lock:
            if flight == self._flight and (0, "run") not in self._finished:
                self._tell(lambda: self._put(packed))

    def _tell(self, show: Callable[[], None]) -> None:
        """Change the widgets from a thread of the queue, unless the page is closed."""
        if self._closed:
            return
        try:
            with self._entered():
                show()
        except Exception:  # the page may be gone by now; the queue's thread has others to serve
            logger.exception("a run could not be shown")

    def _show_run(self, place: str, number: int, part: Part, finished: Finished | None) -> None:
        """Show a run in the player."""
        if finished is None:
            self._failed = True
            self.problem = words(self.state.language)["status.failed"]
        elif place == "second":
            self.widgets.player.second = finished.packed
        else:
            self._finished[number, part] = finished
            if number and self._done() not in (LEAST, self.replicates):  # the first band comes at once, as the whole
                self._show_status()
                if self._done() > LEAST:
                    self._gather()
                return
        self._show_runs()

    def _gather(self) -> None:
        """Show further replicates after a pause, together with those that come meanwhile."""
        if self._gathering is None:
            self._gathering = Timer(PAUSE, self._gathered, (self._flight,))
            self._gathering.daemon = True
            self._gathering.start()

    def _gathered(self, flight: int) -> None:
        """Show what has been gathered, unless all of it has been shown or the page has moved on."""
        with self._lock:
            if self._gathering is not None and flight == self._flight:
                self._tell(self._show_runs)

    def _show_runs(self) -> None:
        """Show all runs that have come."""
        self._drop_gathering()
        if (0, "run") in self._finished:  # until it is there, the old one stays with all that belongs to it
            self._put(self._finished[0, "run"].packed)
        self._show_outcome()
        self._show_status()
        if self.state.lesson:
            self.show_lesson()

    def _drop_gathering(self) -> None:
        """Gather no longer: all is shown, or no longer wanted."""
        if self._gathering is not None:
            self._gathering.cancel()
        self._gathering = None

    def _put(self, packed: bytes) -> None:
        """Give the player the run, or as much of it as there is, with what has come beside it."""
        twin = self._finished.get((0, "twin"))
        player = self.widgets.player
        with player.hold_sync():
            player.occurs = occurrences_of(self._finished.get((0, "run")), twin)
            player.run = packed
            player.twin = twin.packed if twin else b""
            player.of, player.replicates = self.replicates, self._band()

    def _band(self) -> list[bytes]:
        """Return the bytes of further replicates that are shown, in order; the first is in the player itself."""
        found = told(self._finished, self.replicates)
        return [found[key].packed for key in sorted(found) if key[1] == "pair" and key[0]]

    def show_cards(self, cards: Mapping[str, Any]) -> None:
        """Show what the cards of stories say by now."""
        with self._lock:
            if not self._closed:
                with self._entered():
                    self.widgets.stage.cards = dict(cards)

    def queue_moved(self) -> None:
        """Show the new place in the queue if the page is still waiting."""
        with self._lock:
            waits = not self._closed and not self._finished and bool(self._tickets)
            if waits:
                with self._entered():
                    self._show_status()
