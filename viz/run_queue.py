"""The run queue: it carries out the runs that pages ask for in worker processes, and keeps finished ones in a cache.

Identical requests share one run. First runs have workers of their own, so that everyone in a full room soon sees a
first picture. Twins, further replicates, and what nobody waits for have others, which give way to them. A pair whose
run or twin is asked for alone waits for it, and takes it from the shelf: nothing is run twice. A run that nobody waits
for any more is ended, and one of the server's own waits again where a visitor's would wait for it. Runs whose workers
died are tried again, by new workers. Answers are given in threads of the queue, never in those of the server.
"""

import itertools
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import RLock, Thread
from typing import Any, NamedTuple
from weakref import finalize

from abm.config.experiment import Experiment
from abm.workers import Workers, uninterrupted
from viz.worker_runs import Finished, NoLongerWantedError, Part, carry_out, twin_of

CACHE_BYTES = 300_000_000
WORKERS = 2
DELIVERERS = 8
MAXIMAL_WAITING = 2_000
TRIES = 3
"""How often a run is begun whose workers die: another's run may have been the cause."""
BEHIND = 100_000
"""What is added to the place of requests for each step behind the others."""
NICE = 10
"""How much workers of replicates give way to those of first runs, as `nice` counts it."""
logger = logging.getLogger(__name__)


class RunKey(NamedTuple):
    """What decides a run: digest of the experiment, number of the replicate, and whether the run, its twin or both.

    The digest of a twin is its key (`viz.worker_runs.twin_key`): experiments whose shocks leave it the same share it.
    """

    digest: str
    number: int
    part: Part


Answer = Callable[[RunKey, "Finished | None"], None]
"""Called with the run, or with nothing where it failed."""
Growth = Callable[[bytes], None]
"""Called with a run as the player reads it, as far as it has come."""


@dataclass(order=True)
class _Job:
    """A run that is waiting or under way, with the requests for it."""

    urgency: tuple[int, int]
    key: RunKey = field(compare=False)
    experiment: Experiment = field(compare=False)
    wanted: dict[int, Answer] = field(default_factory=dict, compare=False)
    watched: dict[int, Growth] = field(default_factory=dict, compare=False)
    line: tuple[Connection, Connection] | None = field(default=None, compare=False)
    """To the worker, which has the second end; None while it waits."""
    stopped: bool = field(default=False, compare=False)
    later: bool = field(default=False, compare=False)
    """Whether it is for the workers that give way."""
    died: int = field(default=0, compare=False)
    """How often its workers have died."""

    @property
    def behind(self) -> bool:
        """Return whether only the server itself wants it."""
        return self.urgency[0] >= BEHIND

    def stop(self) -> None:
        """Have the worker end it after the quarter that it is at."""
        if self.line is not None and not self.stopped:
            self.stopped = True
            with suppress(OSError):  # it has ended
                self.line[0].send_bytes(b"stop")


@dataclass(frozen=True)
class Ticket:
    """A request that can be taken back. Nothing is left to take back where the answer was in the cache."""

    key: RunKey
    number: int


def _urgency(key: RunKey) -> int:
    """Return the place of a kind of run in the queue: first runs, then their twins, then pairs by number."""
    return {"run": 0, "twin": 1, "pair": 2}[key.part] + key.number


def wanted_parts(replicates: int) -> list[tuple[int, Part]]:
    """Return the parts that a story of so many replicates is told from, the most urgent first."""
    return [(0, "run"), (0, "twin"), *((number, "pair") for number in range(replicates))]


class QueueFullError(Exception):
    """More runs wait than the server accepts."""


def give_way() -> None:
    """Lower the priority of this worker, once."""
    if hasattr(os, "nice") and os.nice(0) < NICE:
        os.nice(NICE - os.nice(0))


def carry_out_later(experiment: Experiment, number: int, part: Part, shelf: Path, line: Connection) -> Finished:
    """Carry out a part in a worker that gives way."""
    give_way()
    return carry_out(experiment, number, part, shelf, line)


class RunQueue:
    """Runs experiments for all sessions of a server; any thread may use it."""

    def __init__(
        self, workers: int = WORKERS, executor: Executor | None = None, cache_bytes: int = CACHE_BYTES,
        shelf: Path | None = None,
    ) -> None:  # fmt: skip
        """Start as many workers of each kind; `executor` stands in for the processes of both in tests.

        The `shelf` is a folder for recordings, some hundred MB, which is removed at the end; by default a temporary
        one, which stays where this process is killed.
        """
        self._executors = {later: executor or Workers(workers) for later in (False, True)}
        self._delivery = ThreadPoolExecutor(DELIVERERS, thread_name_prefix="answers")
        self._workers, self._room = workers, cache_bytes
        self._shelf = shelf or Path(mkdtemp(prefix="abm-view-"))
        self._emptied = finalize(self, rmtree, self._shelf, ignore_errors=True)
        self._lock = RLock()
        self._cache: OrderedDict[RunKey, Finished] = OrderedDict()
        self._cached_bytes = 0
        self._waiting: dict[bool, list[_Job]] = {False: [], True: []}
        self._jobs: dict[RunKey, _Job] = {}
        self._running: dict[RunKey, _Job] = {}
        self._twins: dict[tuple[str, int], str] = {}
        self._counter = itertools.count()
        self._telling = False
        self.carried_out = 0
        self.watchers: set[Callable[[], None]] = set()

    def request(
        self, experiment: Experiment, digest: str, number: int, part: Part, answer: Answer,
        *, behind: int = 0, growth: Growth | None = None,
    ) -> Ticket:  # fmt: skip
        """Request a run. `answer` is called from another thread, unless the request is taken back.

        A request `behind` others (1 or more) waits until nobody wants anything before it; one in front takes it along.
        `growth` is shown a run that is under way, from another thread; it may come after the answer.

        Raises QueueFullError where too many runs are waiting.
        """
        key = self._key(experiment, digest, number, part)
        with uninterrupted(), self._lock:
            ticket = Ticket(key, next(self._counter))
            found = self._cached(key)
            if found is not None:
                self._deliver([answer], key, found)
                return ticket
            job = self._jobs.get(key)
            if job is None:
                if sum(map(len, self._waiting.values())) >= MAXIMAL_WAITING:
                    raise QueueFullError
                job = _Job((_urgency(key) + BEHIND * behind, ticket.number), key, experiment)
                self._jobs[key] = job
                self._enqueue(job)
            elif not behind and job.behind:
                self._bring_forward(job, (_urgency(key), ticket.number))
            job.wanted[ticket.number] = answer
            if growth is not None:
                job.watched[ticket.number] = growth
            self._dispatch()
        return ticket

    def cached(self, experiment: Experiment, digest: str, number: int, part: Part) -> Finished | None:
        """Return a finished run at once if it is still kept."""
        key = self._key(experiment, digest, number, part)
        with self._lock:
            return self._cached(key)

    def take_back(self, tickets: Sequence[Ticket]) -> None:
        """Drop requests. A run that no other request needs is not carried out, or ended where it is under way."""
        with self._lock:
            for ticket in tickets:
                job = self._jobs.get(ticket.key)
                if job is None:
                    continue
                job.wanted.pop(ticket.number, None)
                job.watched.pop(ticket.number, None)
                if job.wanted:
                    continue
                if ticket.key in self._running:
                    job.stop()
                else:
                    del self._jobs[ticket.key]
                    self._waiting[job.later].remove(job)

    def ahead(self, ticket: Ticket) -> int:
        """Return how many runs come before a request: 0 when it is under way or done."""
        with self._lock:
            job = self._jobs.get(ticket.key)
            if job is None or ticket.key in self._running:
                return 0
            before = sum(one.later == job.later for one in self._running.values())
            return before + sum(other < job for other in self._waiting[job.later])

    def close(self) -> None:
        """End the workers; what waits is dropped."""
        with uninterrupted():
            with self._lock:
                for waiting in self._waiting.values():
                    waiting.clear()
                self._jobs.clear()
                for job in self._running.values():
                    job.wanted.clear()
                    job.stop()
            for executor in self._executors.values():
                executor.shutdown(wait=False, cancel_futures=True)
            self._delivery.shutdown(wait=False, cancel_futures=True)
            self._emptied()

    def _key(self, experiment: Experiment, digest: str, number: int, part: Part) -> RunKey:
        """Return what decides a part; that of a twin is known once its world has been built."""
        if part != "twin":
            return RunKey(digest, number, part)
        found = self._twins.get((digest, number)) or twin_of(experiment, number)
        if len(self._twins) >= MAXIMAL_WAITING:
            self._twins.clear()
        self._twins[digest, number] = found
        return RunKey(found, number, part)

    def _cached(self, key: RunKey) -> Finished | None:
        """Return a run of the cache and mark it as recently used."""
        if key in self._cache:
            self._cache.move_to_end(key)
        return self._cache.get(key)

    def _enqueue(self, job: _Job) -> None:
        """Have a job wait for its kind of workers."""
        job.later = job.key.part != "run" or job.behind
        self._waiting[job.later].append(job)

    def _bring_forward(self, job: _Job, urgency: tuple[int, int]) -> None:
        """Give a job of the server's own the place of a visitor's; one that is under way stays where it is."""
        if job.key not in self._running:
            self._waiting[job.later].remove(job)
            job.urgency = urgency
            self._enqueue(job)
        job.urgency = urgency

    def _dispatch(self) -> None:
        """Hand waiting runs to idle workers; the server's own make room for those of visitors."""
        for later, waiting in self._waiting.items():
            while sum(job.later == later for job in self._running.values()) < self._workers:
                next_one = min((job for job in waiting if not self._comes_in_parts(job)), default=None)
                if next_one is None:
                    break
                waiting.remove(next_one)
                self._submit(next_one)
        ended = sum(job.stopped for job in self._running.values() if job.later)
        asked = sum(not job.behind for job in self._waiting[True])
        own = [job for job in self._running.values() if job.behind and not job.stopped]
        for job in own[: max(0, asked - ended)]:
            job.stop()

    def _comes_in_parts(self, job: _Job) -> bool:
        """Return whether the run or the twin of a pair is still to come by itself, and in front of the pair."""
        digest, number, part = job.key
        twin = self._twins.get((digest, number), "")
        parts = (self._jobs.get(RunKey(digest, number, "run")), self._jobs.get(RunKey(twin, number, "twin")))
        return part == "pair" and any(other is not None and other < job for other in parts)

    def _submit(self, job: _Job) -> None:
        """Hand a run to a worker, and listen to what it sends."""
        job.line, job.stopped = Pipe(), False
        self._running[job.key] = job
        call = carry_out_later if job.later else carry_out
        task = (job.experiment, job.key.number, job.key.part, self._shelf, job.line[1])
        future = self._executors[job.later].submit(call, *task)
        if job.key.part == "run":
            Thread(target=self._listen, args=(job, job.line[0]), daemon=True).start()
        future.add_done_callback(lambda done: self._ended(job, done))

    def _listen(self, job: _Job, here: Connection) -> None:
        """Show a run that grows to those who watch it, until both ends of its line at the worker are closed."""
        with here, suppress(EOFError, OSError):
            while grown := here.recv_bytes():
                for growth in list(job.watched.values()):
                    growth(grown)

    def _ended(self, job: _Job, future: "Future[Finished]") -> None:
        """See to a run that has ended; in another thread where its pool broke, which holds its own lock meanwhile."""
        if not future.cancelled() and isinstance(future.exception(), BrokenProcessPool):
            self._hand_over(self._done, job, future)
        else:
            self._done(job, future)

    def _done(self, job: _Job, future: "Future[Finished]") -> None:
        """Keep a finished run, answer all requests for it, and start the next one."""
        key = job.key
        failure = None if future.cancelled() else future.exception()
        finished = None if future.cancelled() or failure else future.result()
        ended = isinstance(failure, NoLongerWantedError)
        died = isinstance(failure, BrokenProcessPool)
        job.died += died
        if died:
            logger.warning("a worker died at run %s, try %d of %d", key, job.died, TRIES)
        elif failure is not None and not ended:
            logger.error("run %s failed", key, exc_info=failure)
        with self._lock:
            self.carried_out += not ended
            self._running.pop(key, None)
            self._hang_up(job)
            again = bool(job.wanted) and (ended or (died and job.died < TRIES))  # someone wants it after all, or still
            if again:
                self._enqueue(job)
            else:
                self._jobs.pop(key, None)
            if finished is not None:
                self._keep(key, finished)
            self._dispatch()
        if not again:
            self._deliver(list(job.wanted.values()), key, finished)
        if any(self._waiting.values()) and not self._telling:
            self._telling = True
            self._hand_over(self._tell)

    def _hang_up(self, job: _Job) -> None:
        """Close the line to a worker; whoever listens closes this end."""
        if job.line is not None:
            job.line[1].close()
            if job.key.part != "run":
                job.line[0].close()
        job.line = None

    def _tell(self) -> None:
        """Tell all watchers that the queue has moved: one round at a time, in one thread, so that runs go first."""
        try:
            for watcher in list(self.watchers):
                watcher()
        finally:
            self._telling = False

    def _keep(self, key: RunKey, finished: Finished) -> None:
        """Put a run into the cache; drop the least recently used ones when it is full."""
        self._cache[key] = finished
        self._cached_bytes += finished.size()
        while self._cached_bytes > self._room and len(self._cache) > 1:
            _, dropped = self._cache.popitem(last=False)
            self._cached_bytes -= dropped.size()

    def _deliver(self, answers: Sequence[Answer], key: RunKey, finished: Finished | None) -> None:
        """Call back in the queue's own threads."""
        for answer in answers:
            self._hand_over(answer, key, finished)

    def _hand_over(self, call: Callable[..., None], *arguments: Any) -> None:
        """Call back in one of the queue's threads."""
        with suppress(RuntimeError):  # closed meanwhile
            self._delivery.submit(call, *arguments)
