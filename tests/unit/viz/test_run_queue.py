"""The queue: equal requests share one run, first runs go first, what nobody wants is not carried out."""

import os
import signal
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from abm.config.reader import load_experiment
from abm.workers import Workers
from viz import run_queue, worker_runs
from viz.packed_run import unpack
from viz.run_queue import NICE, QueueFullError, RunKey, RunQueue, give_way
from viz.worker_runs import Finished, NoLongerWantedError, Part, carry_out

EXPERIMENT = load_experiment("base")
PATIENCE = 60
SMALL = ("world.source=synthetic", "world.states=12", "world.organizations=6", "quarters=4")


class Held(Executor):
    """Carries out nothing before it is told to."""

    def __init__(self) -> None:
        self.under_way: list[tuple[Future[Any], tuple[Any, ...]]] = []

    def submit(self, _call: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.under_way.append((future, arguments))
        return future

    def finish(self, size: int = 10, error: Exception | None = None) -> tuple[Any, ...]:
        future, arguments = self.under_way.pop(0)
        if error is None:
            future.set_result(Finished(b"x" * size, None, None, (), (), (), ()))
        else:
            future.set_exception(error)
        return arguments[1:3]


class Answers:
    """What came back, and a wait for it."""

    def __init__(self, count: int = 1) -> None:
        self.found: list[tuple[RunKey, Finished | None]] = []
        self._event, self._count = Event(), count

    def __call__(self, key: RunKey, finished: Finished | None) -> None:
        self.found.append((key, finished))
        if len(self.found) >= self._count:
            self._event.set()

    def wait(self) -> list[tuple[RunKey, Finished | None]]:
        assert self._event.wait(PATIENCE)
        return self.found


@pytest.fixture
def held() -> Held:
    return Held()


def test_equal_requests_share_one_run_and_later_ones_the_cache(held: Held) -> None:
    queue, answers = RunQueue(2, held), Answers(30)
    for _ in range(30):
        queue.request(EXPERIMENT, "a", 0, "run", answers)
    assert len(held.under_way) == 1
    held.finish()
    assert {key for key, _ in answers.wait()} == {RunKey("a", 0, "run")}
    again = Answers()
    queue.request(EXPERIMENT, "a", 0, "run", again)
    assert again.wait()[0][1] is answers.found[0][1]
    assert (queue.carried_out, held.under_way) == (1, [])
    queue.close()


def test_a_run_and_its_twin_are_not_run_again_for_their_pair(tmp_path: Path) -> None:
    experiment = load_experiment("who-2025", [*SMALL])
    parts: list[Part] = ["run", "twin", "pair"]
    run, twin, pair = (carry_out(experiment, 0, part, tmp_path) for part in parts)
    assert [file.name.rpartition("-")[2] for file in tmp_path.iterdir()] == ["twin"]  # for all that share it
    assert pair == replace(carry_out(experiment, 0, "pair"), run=pair.run, twin=pair.twin)
    for one, other in ((run.run, pair.run), (twin.twin, pair.twin)):
        assert one is not None
        assert other is not None
        assert np.array_equal(one.series, other.series, equal_nan=True)
    carry_out(experiment, 0, "run", tmp_path)
    (left,) = tmp_path.glob("*-run")
    taken = worker_runs.take_from_shelf(left, stays=True)
    assert taken is not None
    taken.events.clear()
    worker_runs.leave_on_shelf(left, taken)  # what lies there is what the pair is made of
    changed = carry_out(experiment, 0, "pair", tmp_path)
    assert changed.run is not None
    assert changed.run.story == ()


def test_only_so_many_recordings_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_runs, "MOST_LEFT", 2)
    for seed in range(4):
        carry_out(load_experiment("who-2025", [*SMALL, f"seed={seed}"]), 0, "twin", tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_twins_go_before_replicates_and_first_runs_beside_them(held: Held) -> None:
    queue, answers = RunQueue(1, held), Answers(9)
    parts: list[Part] = ["pair", "twin", "run"]
    for seed in (1, 2, 3):
        experiment = EXPERIMENT.with_values({"seed": seed})
        for part in parts:
            queue.request(experiment, experiment.digest(), 0, part, answers)
    order = [held.finish() for _ in range(9)]
    assert [one for one in order if one == (0, "run")] == [(0, "run")] * 3
    later = [one for one in order if one != (0, "run")]
    assert later[1:] == [(0, "twin")] * 3 + [(0, "pair")] * 2  # the first one found the worker idle
    assert len(answers.wait()) == 9
    queue.close()


def test_a_pair_waits_for_its_run_and_its_twin_and_goes_first_then(held: Held) -> None:
    queue, answers = RunQueue(2, held), Answers(6)
    digest = EXPERIMENT.digest()
    queue.request(EXPERIMENT, digest, 0, "run", answers)
    queue.request(EXPERIMENT, digest, 0, "twin", answers)
    for number in range(4):
        queue.request(EXPERIMENT, digest, number, "pair", answers)

    def under_way() -> list[tuple[int, Part]]:
        return [arguments[1:3] for _, arguments in held.under_way]

    assert under_way() == [(0, "run"), (0, "twin"), (1, "pair")]
    assert held.finish() == (0, "run")
    assert held.finish() == (0, "twin")
    assert under_way() == [(1, "pair"), (0, "pair")]  # which takes both from the shelf
    assert [held.finish() for _ in range(4)] == [(1, "pair"), (0, "pair"), (2, "pair"), (3, "pair")]
    answers.wait()
    queue.request(EXPERIMENT, "by itself", 0, "pair", Answers())
    assert under_way() == [(0, "pair")]
    queue.close()


def test_replicates_have_workers_of_their_own(held: Held) -> None:
    queue, answers = RunQueue(2, held), Answers()
    for number in (0, 1, 2):
        queue.request(EXPERIMENT, "a", number, "pair", answers)
    assert len(held.under_way) == 2
    for digest in "bcd":
        queue.request(EXPERIMENT, digest, 0, "run", answers)
    assert len(held.under_way) == 4
    queue.close()


def test_workers_of_replicates_give_way() -> None:
    with Workers(1) as worker:
        assert worker.submit(os.nice, 0).result() == os.nice(0)
        worker.submit(give_way).result()
        worker.submit(give_way).result()
        assert worker.submit(os.nice, 0).result() == max(os.nice(0), NICE)


def test_the_queue_is_known_and_moves(held: Held) -> None:
    queue, answers, moves = RunQueue(1, held), Answers(3), Answers()
    tickets = [queue.request(EXPERIMENT, digest, 0, "run", answers) for digest in "abc"]
    queue.watchers.add(lambda: moves(tickets[2].key, None))
    assert [queue.ahead(ticket) for ticket in tickets] == [0, 1, 2]
    held.finish()
    assert queue.ahead(tickets[2]) == 1
    assert moves.wait()
    queue.close()


def test_what_nobody_wants_any_more_is_not_carried_out(held: Held) -> None:
    queue, kept = RunQueue(1, held), Answers()
    tickets = [queue.request(EXPERIMENT, digest, 0, "run", Answers()) for digest in "ab"]
    queue.request(EXPERIMENT, "b", 0, "run", kept)
    dropped = queue.request(EXPERIMENT, "c", 0, "run", Answers())
    queue.take_back([tickets[1], dropped])
    held.finish()
    assert len(held.under_way) == 1
    held.finish()
    assert kept.wait()[0][0] == RunKey("b", 0, "run")
    assert held.under_way == []
    queue.close()


def test_stories_that_share_a_twin_run_it_once(held: Held) -> None:
    queue, answers = RunQueue(2, held), Answers(2)
    story = load_experiment("us-exit-2026", [*SMALL, "quarters=8"])
    for mode in ("bargain", "decouple"):
        moved = story.with_values({"shocks.0.mode": mode})
        queue.request(moved, moved.digest(), 0, "twin", answers)
    assert len(held.under_way) == 1
    held.finish()
    answers.wait()
    again = story.with_values({"shocks.0.notice_quarters": 1})
    assert queue.cached(again, again.digest(), 0, "twin") is answers.found[0][1]
    assert queue.cached(again, again.digest(), 1, "twin") is None
    queue.close()


def test_a_run_that_nobody_waits_for_is_ended(held: Held) -> None:
    queue, kept = RunQueue(1, held), Answers()
    ticket = queue.request(EXPERIMENT, "a", 0, "pair", Answers())
    line = held.under_way[0][1][4]
    assert not line.poll()
    queue.take_back([ticket])
    assert line.poll(PATIENCE)
    queue.request(EXPERIMENT, "a", 0, "pair", kept)  # wanted after all, before its worker has ended it
    held.finish(error=NoLongerWantedError())
    assert len(held.under_way) == 1
    assert not held.under_way[0][1][4].poll()
    held.finish()
    assert kept.wait()[0][1] is not None
    assert queue.carried_out == 1
    queue.close()


def test_a_run_of_the_server_makes_room_for_a_visitor(held: Held) -> None:
    queue, card, visitor = RunQueue(1, held), Answers(), Answers()
    queue.request(EXPERIMENT, "card", 3, "pair", card, behind=1)
    line = held.under_way[0][1][4]
    queue.request(EXPERIMENT, "visitor", 1, "pair", visitor)
    assert line.poll(PATIENCE)
    held.finish(error=NoLongerWantedError())
    assert [held.finish(), held.finish()] == [(1, "pair"), (3, "pair")]
    assert [visitor.wait()[0][0].digest, card.wait()[0][0].digest] == ["visitor", "card"]
    queue.close()


def test_a_run_ends_at_once_where_it_is_not_wanted() -> None:
    here, there = Pipe()
    here.send_bytes(b"stop")
    with pytest.raises(NoLongerWantedError):
        carry_out(load_experiment("who-2025", [*SMALL]), 0, "pair", line=there)


def test_a_run_is_shown_as_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_runs, "GROWTH", 3)
    queue, answers = RunQueue(1, ThreadPoolExecutor(1)), Answers()
    grown, whole = [], Event()
    experiment = load_experiment("who-2025", [*SMALL, "quarters=11"])

    def growth(packed: bytes) -> None:
        grown.append(packed)
        if len(grown) == 2:
            whole.set()

    queue.request(experiment, experiment.digest(), 0, "run", answers, growth=growth)
    finished = answers.wait()[0][1]
    assert finished is not None
    assert whole.wait(PATIENCE)
    headers, numbers = zip(*map(unpack, [*grown, finished.packed]), strict=True)
    assert [(one["quarters"], one["of"]) for one in headers] == [(3, 11), (6, 11), (11, 11)]  # at 9 it is about to end
    for part, end in ((numbers[0], 3), (numbers[1], 6)):
        for name in ("series", "state.memberships", "life", "leader"):
            own, all_of_it = part[name], numbers[2][name]
            cut = all_of_it[:, :end] if name == "series" else all_of_it[:end]
            assert np.array_equal(own, cut, equal_nan=True), name
    queue.close()


def test_a_run_that_fails_is_answered_and_not_kept(held: Held) -> None:
    queue, answers = RunQueue(1, held), Answers()
    queue.request(EXPERIMENT, "a", 0, "run", answers)
    held.finish(error=ValueError("no"))
    assert answers.wait()[0][1] is None
    assert queue.cached(EXPERIMENT, "a", 0, "run") is None
    queue.close()


def test_the_cache_drops_what_was_not_asked_for_longest(held: Held) -> None:
    queue = RunQueue(1, held, cache_bytes=250)
    for digest in "abc":
        answers = Answers()
        queue.request(EXPERIMENT, digest, 0, "run", answers)
        held.finish(size=100)
        answers.wait()
        queue.cached(EXPERIMENT, "a", 0, "run")
    assert [queue.cached(EXPERIMENT, digest, 0, "run") is not None for digest in "abc"] == [True, False, True]
    queue.close()


def test_a_full_queue_refuses(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_queue, "MAXIMAL_WAITING", 3)
    queue = RunQueue(1, held)
    for digest in "abcd":
        queue.request(EXPERIMENT, digest, 0, "run", Answers())
    with pytest.raises(QueueFullError):
        queue.request(EXPERIMENT, "e", 0, "run", Answers())
    assert len(held.under_way) == 1
    queue.close()


def test_what_stands_behind_waits_and_is_taken_along(held: Held) -> None:
    queue = RunQueue(1, held)
    answers = Answers(5)
    queue.request(EXPERIMENT, "first", 0, "run", answers)
    queue.request(EXPERIMENT, "second card", 0, "run", answers, behind=2)
    queue.request(EXPERIMENT, "card", 7, "pair", answers, behind=1)
    queue.request(EXPERIMENT, "visitor", 7, "pair", answers)
    queue.request(EXPERIMENT, "second card", 0, "run", answers)  # a visitor wants it now
    order = []
    for _ in range(4):
        order.append(held.finish())
        time.sleep(0.02)
    assert order == [(0, "run"), (0, "run"), (7, "pair"), (7, "pair")]
    assert [key.digest for key, _ in answers.wait()][-1] == "card"
    queue.close()


def test_runs_whose_workers_die_are_tried_again_and_later_ones_find_new_workers() -> None:
    """A worker that is killed, by the system for its memory or by anyone, costs visitors nothing but time."""
    crew = Workers(1)
    queue, experiment = RunQueue(1, crew), load_experiment("base", [*SMALL, "quarters=120"])
    try:
        worker = crew.submit(os.getpid).result()
        for number in (1, 2):
            answers = Answers()
            queue.request(experiment, experiment.digest(), number, "run", answers)
            if number == 1:
                time.sleep(0.2)
                os.kill(worker, signal.SIGKILL)
            ((_, finished),) = answers.wait()
            assert finished is not None
    finally:
        queue.close()


def test_a_run_that_ends_its_workers_every_time_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    class Dying(Held):
        def submit(self, _call: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
            future = super().submit(_call, *arguments)
            future.set_exception(BrokenProcessPool("a worker died"))
            return future

    queue, answers = RunQueue(1, dying := Dying()), Answers()
    queue.request(EXPERIMENT, EXPERIMENT.digest(), 0, "run", answers)
    assert answers.wait()[0][1] is None
    assert len(dying.under_way) == run_queue.TRIES
    assert "try 3 of 3" in caplog.text
    assert "Traceback" not in caplog.text  # it is the system's fault, or the run's: no place in the code says more
    queue.close()


def test_a_request_is_whole_before_an_interrupt_is_answered(tmp_path: Path) -> None:
    class Interrupted(Held):
        def submit(self, _call: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
            os.kill(os.getpid(), signal.SIGINT)
            return super().submit(_call, *arguments)

    queue, answers = RunQueue(1, held := Interrupted(), shelf=tmp_path / "shelf"), Answers()
    with pytest.raises(KeyboardInterrupt):
        queue.request(EXPERIMENT, "a", 0, "run", answers)
    held.finish()
    assert answers.wait()
    (tmp_path / "shelf").mkdir()
    queue.close()
    assert not list(tmp_path.iterdir())
