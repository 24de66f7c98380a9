"""One page: what is chosen, the runs asked for, and what its three widgets show. No session knows of another."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import RLock
from typing import Any, Protocol

from abm.config.experiment import Experiment
from abm.config.reader import ConfigError
from viz import messages
from viz.claims_board import board
from viz.controls import catalogue, values
from viz.lesson_view import lesson_page
from viz.outcome import outcome
from viz.page_state import REPLICATES, Choice
from viz.permalink import written
from viz.run_queue import Key, Pool, PoolFullError, Ticket
from viz.runs import Finished, Part, occurrences_of
from viz.words import words

STAGE_FIELDS = ("view", "table", "colour", "mode", "quarter", "selected", "presentation")
logger = logging.getLogger(__name__)


class Widgets(Protocol):
    """The three widgets of a page: any objects that have their traits."""

    stage: Any
    desk: Any
    board: Any


class Session:
    """State of one page. Messages come in the server's threads, runs in the pool's; a lock keeps them apart."""

    def __init__(
        self,
        pool: Pool,
        widgets: Widgets,
        choice: Choice,
        entered: Callable[[], AbstractContextManager[Any]],
        problem: str = "",
    ) -> None:
        """Show a choice and ask for its runs.

        `entered` opens the page's own context, in which its widgets can be changed from other threads; `problem` is
        what was wrong with the link.
        """
        self.pool, self.widgets, self.choice = pool, widgets, choice
        self.problem = problem
        self.answers: dict[tuple[str, int], int] = {}
        self.replicates = REPLICATES
        self._entered = entered
        self._lock = RLock()
        self._closed = False
        self._flight = 0
        self._tickets: dict[tuple[str, int, str], Ticket] = {}
        self._finished: dict[tuple[int, str], Finished] = {}
        self._failed = False
        widgets.desk.on_msg(self._message)
        widgets.board.on_msg(self._message)
        widgets.stage.observe(self._stage_changed, names=list(STAGE_FIELDS))
        with self._lock:  # runs of the cache come at once
            self._translate()
            self._start()
            self._show()

    # what comes from the page

    def _message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Do what a message of the page asks for; whatever is wrong with it is said on the page."""
        with self._lock:
            if self._closed:
                return
            try:
                messages.handle(self, content)
            except (ConfigError, messages.MessageError) as error:
                self.say(str(error))

    def _stage_changed(self, change: Any) -> None:
        """Note what the user did on the stage: it belongs into the link."""
        with self._lock:
            if self._closed or getattr(self.choice, change["name"]) == change["new"]:
                return
            self.choice = replace(self.choice, **{change["name"]: change["new"]})
            self.widgets.desk.address = written(self.choice)
            if change["name"] == "quarter":
                self._show_outcome()

    def choose(self, **changes: Any) -> None:
        """Take over other values; ask for runs where they need any. Raises ConfigError and changes nothing then."""
        old, new = self.choice, replace(self.choice, **changes)
        if new.quarter >= new.experiment.quarters:
            new = replace(new, quarter=new.experiment.quarters - 1)
        runs = new.digest != old.digest
        second = new.second != old.second or runs
        _ = new.compared
        self.choice, self.problem = new, ""
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
            self.pool.take_back([ticket] if ticket else [])
            self._finished.pop((number, "pair"), None)
        for number in range(old, count):
            self._ask("first", self.choice.experiment, self.choice.digest, number, "pair")
        self.widgets.stage.replicates = self._band()
        self._show_status()
        self._show_outcome()

    def say(self, message: str) -> None:
        """Show a message of what cannot be done."""
        self.problem = message
        self._show_status()

    def close(self) -> None:
        """Forget the page: runs that only it wanted are dropped."""
        with self._lock:
            self._closed = True
            self.pool.take_back(list(self._tickets.values()))
            self._tickets.clear()
            self._finished.clear()

    # what is shown

    def _translate(self) -> None:
        """Give all widgets the words of the language."""
        language = self.choice.language
        texts = words(language)
        self.widgets.stage.words = texts
        self.widgets.stage.language = language
        self.widgets.desk.words = texts
        self.widgets.desk.catalogue = catalogue(language)
        self.widgets.board.words = texts
        self.widgets.board.claims = [
            claim | {key: claim[key][language] for key in ("title", "conditions")} for claim in board()
        ]

    def _show(self) -> None:
        """Show what is chosen."""
        stage, desk = self.widgets.stage, self.widgets.desk
        with stage.hold_sync():
            for name in STAGE_FIELDS:
                setattr(stage, name, getattr(self.choice, name))
        shown = values(self.choice)
        desk.values = shown
        self.widgets.board.values = {"scenario": shown["scenario"], "dates": shown["dates"]}
        desk.address = written(self.choice)
        self.show_lesson()
        self._show_status()
        self._show_outcome()

    def show_lesson(self) -> None:
        """Show the step of the lesson, with its reveal where the question is answered."""
        answer = self.answers.get((self.choice.lesson, self.choice.step))
        self.widgets.desk.lesson = lesson_page(self.choice, answer, self.widgets.board.outcome)

    def _show_status(self) -> None:
        """Say what is under way: place in the queue, replicates done, or what went wrong."""
        first = self._tickets.get(("first", 0, "run"))
        waits = first is not None and (0, "run") not in self._finished
        done = sum((number, part) in self._finished for number, part in self._wanted() if part == "pair")
        self.widgets.desk.status = {
            "waiting": waits and not self._failed,
            "ahead": self.pool.ahead(first) if waits and first is not None else 0,
            "done": done,
            "of": self.replicates,
            "failed": self._failed,
            "problem": self.problem,
        }

    def _show_outcome(self) -> None:
        """Show the outcome in the quarter of the stage; the old one stays until a new run is there."""
        first = self._finished.get((0, "run"))
        if first is None:
            return
        last = len(first.run.series) - 1 if first.run else 0
        self.widgets.board.outcome = outcome(self._finished, min(self.choice.quarter, last))

    # runs

    def _wanted(self) -> list[tuple[int, Part]]:
        """Return the parts of runs that the page wants, the most urgent first."""
        pairs: list[tuple[int, Part]] = [(number, "pair") for number in range(self.replicates)]
        return [(0, "run"), (0, "twin"), *pairs]

    def _start(self) -> None:
        """Ask for the run, its twin and further replicates; what was asked for before is taken back."""
        self.pool.take_back(list(self._tickets.values()))
        self._tickets.clear()
        self._finished = {}
        self._failed = False
        self._flight += 1
        experiment = self.choice.experiment
        digest = self.choice.digest
        for number, part in self._wanted():
            self._ask("first", experiment, digest, number, part)
        self._ask_second()

    def _ask_second(self) -> None:
        """Ask for the run of the scenario to compare with."""
        old = self._tickets.pop(("second", 0, "run"), None)
        self.pool.take_back([old] if old is not None else [])
        compared = self.choice.compared
        if compared is None:
            self.widgets.stage.second = b""
            return
        self._ask("second", compared, compared.digest(), 0, "run")

    def _ask(self, place: str, experiment: Experiment, digest: str, number: int, part: Part) -> None:
        """Ask the pool for one part."""
        flight, second = self._flight, self.choice.second

        def answer(_key: Key, finished: Finished | None) -> None:
            self._answer(flight, second, place, number, part, finished)

        try:
            self._tickets[place, number, part] = self.pool.request(experiment, digest, number, part, answer)
        except PoolFullError:
            self._failed = True
            self.problem = words(self.choice.language)["status.full"]

    def _answer(self, flight: int, second: str, place: str, number: int, part: Part, finished: Finished | None) -> None:
        """Show a run that has come, unless the page has moved on."""
        with self._lock:
            stale = flight != self._flight or (place == "second" and second != self.choice.second)
            if self._closed or stale:
                return
            try:
                with self._entered():
                    self._show_run(place, number, part, finished)
            except Exception:  # the page may be gone by now; the pool's thread has others to serve
                logger.exception("a run could not be shown")

    def _show_run(self, place: str, number: int, part: Part, finished: Finished | None) -> None:
        """Put a run on the stage."""
        stage = self.widgets.stage
        if finished is None:
            self._failed = True
            self.problem = words(self.choice.language)["status.failed"]
        elif place == "second":
            stage.second = finished.packed
        else:
            self._finished[number, part] = finished
            self._put(stage, number, part, finished)
        self._show_outcome()
        self._show_status()
        if self.choice.lesson:
            self.show_lesson()

    def _put(self, stage: Any, number: int, part: Part, finished: Finished) -> None:
        """Give the stage the bytes of one part."""
        with stage.hold_sync():
            if part != "pair":
                stage.occurs = occurrences_of(self._finished.get((0, "run")), self._finished.get((0, "twin")))
            if part == "run":
                stage.run = finished.packed
                twin = self._finished.get((0, "twin"))
                stage.twin = twin.packed if twin else b""
                stage.replicates = self._band()
            elif part == "twin":
                stage.twin = finished.packed if (0, "run") in self._finished else b""
            elif (0, "run") in self._finished:
                stage.replicates = self._band()

    def _band(self) -> list[bytes]:
        """Return the bytes of further replicates, in order; the first is on the stage itself."""
        return [self._finished[key].packed for key in sorted(self._finished) if key[1] == "pair" and key[0]]

    def queue_moved(self) -> None:
        """Say the new place in the queue, if the page still waits."""
        with self._lock:
            waits = not self._closed and not self._finished and bool(self._tickets)
            if waits:
                with self._entered():
                    self._show_status()
