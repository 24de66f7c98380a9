"""The run queue: it carries out the runs that pages ask for in worker processes, and keeps finished ones in a cache.

Identical requests share one run. First runs have workers of their own, so that everyone in a full room soon sees a
first picture. Twins, further replicates, and what nobody waits for have others, which give way to them. Answers are
given in threads of the queue, never in those of the server.
"""

import heapq
import itertools
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import RLock
from typing import Any, NamedTuple
from weakref import finalize

from abm.config.experiment import Experiment
from abm.workers import Workers
from viz.runs import Finished, Part, carry_out

CACHE_BYTES = 300_000_000
WORKERS = 2
DELIVERERS = 8
MAXIMAL_WAITING = 2_000
BEHIND = 100_000
"""What is added to the place of requests for each step behind the others."""
LAST = 100
"""Place of what comes after all replicates of a page."""
NICE = 10
"""How much workers of replicates give way to those of first runs, as `nice` counts it."""
logger = logging.getLogger(__name__)


class RunKey(NamedTuple):
    """What decides a run: digest of the experiment, number of the replicate, and whether the run, its twin or both."""

    digest: str
    number: int
    part: Part


Answer = Callable[[RunKey, "Finished | None"], None]
"""Called with the run, or with nothing where it failed."""


@dataclass(order=True)
class _Job:
    """A run that is waiting or under way, with the requests for it."""

    urgency: tuple[int, int]
    key: RunKey = field(compare=False)
    experiment: Experiment = field(compare=False)
    wanted: dict[int, Answer] = field(default_factory=dict, compare=False)

    @property
    def later(self) -> bool:
        """Return whether it is for the workers that give way."""
        return self.key.part != "run" or self.urgency[0] >= BEHIND


@dataclass(frozen=True)
class Ticket:
    """A request that can be taken back. Nothing is left to take back where the answer was in the cache."""

    key: RunKey
    number: int


def _urgency(key: RunKey) -> int:
    """Return the place of a kind of run in the queue: first runs, then their twins, then further replicates.

    The pair of the first run and its twin comes last: then both are there already.
    """
    return {"run": 0, "twin": 1, "pair": 2}[key.part] + (key.number or LAST * (key.part == "pair"))


def wanted_parts(replicates: int) -> list[tuple[int, Part]]:
    """Return the parts that a story of so many replicates is told from, the most urgent first."""
    return [(0, "run"), (0, "twin"), *((number, "pair") for number in range(replicates))]


class QueueFullError(Exception):
    """More runs wait than the server accepts."""


def give_way() -> None:
    """Lower the priority of this worker, once."""
    if hasattr(os, "nice") and os.nice(0) < NICE:
        os.nice(NICE - os.nice(0))


def carry_out_later(experiment: Experiment, number: int, part: Part, shelf: Path) -> Finished:
    """Carry out a part in a worker that gives way."""
    give_way()
    return carry_out(experiment, number, part, shelf)


class RunQueue:
    """Runs experiments for all sessions of a server; any thread may use it."""

    def __init__(
        self, workers: int = WORKERS, executor: Executor | None = None, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """Start as many workers of each kind; `executor` stands in for the processes of both in tests."""
        self._executors = {later: executor or Workers(workers) for later in (False, True)}
        self._delivery = ThreadPoolExecutor(DELIVERERS, thread_name_prefix="answers")
        self._workers, self._room = workers, cache_bytes
        self._shelf = Path(mkdtemp(prefix="abm-view-"))
        self._emptied = finalize(self, rmtree, self._shelf, ignore_errors=True)
        self._lock = RLock()
        self._cache: OrderedDict[RunKey, Finished] = OrderedDict()
        self._cached_bytes = 0
        self._waiting: dict[bool, list[_Job]] = {False: [], True: []}
        self._jobs: dict[RunKey, _Job] = {}
        self._running: dict[RunKey, bool] = {}
        self._counter = itertools.count()
        self._telling = False
        self.carried_out = 0
        self.watchers: set[Callable[[], None]] = set()

    def request(
        self, experiment: Experiment, digest: str, number: int, part: Part, answer: Answer, *, behind: int = 0
    ) -> Ticket:
        """Request a run. `answer` is called from another thread, unless the request is taken back.

        A request `behind` others (1 or more) waits until nobody wants anything before it; one in front takes it along.

        Raises QueueFullError where too many runs are waiting.
        """
        key = RunKey(digest, number, part)
        with self._lock:
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
                heapq.heappush(self._waiting[job.later], job)
            elif not behind and job.urgency[0] >= BEHIND and key not in self._running:
                self._remove(job)
                job.urgency = (_urgency(key), ticket.number)
                heapq.heappush(self._waiting[job.later], job)
            job.wanted[ticket.number] = answer
            self._dispatch()
        return ticket

    def cached(self, digest: str, number: int, part: Part) -> Finished | None:
        """Return a finished run at once if it is still kept."""
        with self._lock:
            return self._cached(RunKey(digest, number, part))

    def take_back(self, tickets: Sequence[Ticket]) -> None:
        """Drop requests. A waiting run that no other request needs is not carried out."""
        with self._lock:
            for ticket in tickets:
                job = self._jobs.get(ticket.key)
                if job is None:
                    continue
                job.wanted.pop(ticket.number, None)
                if not job.wanted and ticket.key not in self._running:
                    del self._jobs[ticket.key]
                    self._remove(job)

    def ahead(self, ticket: Ticket) -> int:
        """Return how many runs come before a request: 0 when it is under way or done."""
        with self._lock:
            job = self._jobs.get(ticket.key)
            if job is None or ticket.key in self._running:
                return 0
            before = sum(later == job.later for later in self._running.values())
            return before + sum(other < job for other in self._waiting[job.later])

    def close(self) -> None:
        """End the workers; what waits is dropped."""
        with self._lock:
            for waiting in self._waiting.values():
                waiting.clear()
            self._jobs.clear()
        for executor in self._executors.values():
            executor.shutdown(wait=False, cancel_futures=True)
        self._delivery.shutdown(wait=False, cancel_futures=True)
        self._emptied()

    def _cached(self, key: RunKey) -> Finished | None:
        """Return a run of the cache and mark it as recently used."""
        if key in self._cache:
            self._cache.move_to_end(key)
        return self._cache.get(key)

    def _remove(self, job: _Job) -> None:
        """Take a job out of those that wait."""
        waiting = self._waiting[job.later]
        waiting.remove(job)
        heapq.heapify(waiting)

    def _dispatch(self) -> None:
        """Hand waiting runs to idle workers."""
        for later, waiting in self._waiting.items():
            while waiting and sum(one == later for one in self._running.values()) < self._workers:
                job = heapq.heappop(waiting)
                self._running[job.key] = later
                call = carry_out_later if later else carry_out
                future = self._executors[later].submit(
                    call, job.experiment, job.key.number, job.key.part, self._shelf
                )  # fmt: skip
                future.add_done_callback(lambda done, key=job.key: self._done(key, done))  # type: ignore[misc]

    def _done(self, key: RunKey, future: "Future[Finished]") -> None:
        """Keep a finished run, answer all requests for it, and start the next one."""
        failure = None if future.cancelled() else future.exception()
        finished = None if future.cancelled() or failure else future.result()
        if failure is not None:
            logger.error("run %s failed", key, exc_info=failure)
        with self._lock:
            self.carried_out += 1
            self._running.pop(key, None)
            job = self._jobs.pop(key, None)
            if finished is not None:
                self._keep(key, finished)
            self._dispatch()
        if job is not None:
            self._deliver(list(job.wanted.values()), key, finished)
        if any(self._waiting.values()) and not self._telling:
            self._telling = True
            self._hand_over(self._tell)

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
