"""Worker processes: one thread each, Ctrl-C left to the main process, and an end with it however it ends."""

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context, parent_process, resource_tracker, set_forkserver_preload
from multiprocessing.connection import wait as wait_for
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any
from weakref import WeakSet

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
MODEL = "abm.simulation"
"""What every worker needs."""
PATIENCE = 1.0
"""Seconds after the end of a process in which its pool takes notice, unless it waits for the rest of an answer."""
LATENCY = 0.1
"""Seconds until Ctrl-C is answered while work is waited for."""
MOST = 61 if sys.platform == "win32" else sys.maxsize
"""Processes that the system lets a pool wait for."""
START = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
_starting = threading.RLock()
"""Held while a thread starts workers: what they inherit belongs to the process as a whole."""


class WorkerLostError(Exception):
    """A worker process ended during a run.

    `alarmed` says that its hard time limit ended it; `killed`, that the system or somebody did, as for want of memory.
    """

    def __init__(self, exit_code: int | None) -> None:
        self.alarmed = exit_code == -getattr(signal, "SIGALRM", 0)
        self.killed = exit_code == -getattr(signal, "SIGKILL", 0)
        by = f"signal {-exit_code}" if exit_code is not None and exit_code < 0 else f"exit code {exit_code}"
        super().__init__(f"the process ended with {by} while it was at this run")


class NothingFinishedError(RuntimeError):
    """Of many runs not one gave a result."""


class Workers(ProcessPoolExecutor):
    """A pool of fresh processes, each with one thread; where one dies, new ones take the place of all."""

    def __init__(self, count: int | None = None) -> None:
        """Take `count` processes, one per core by default.

        They are forked from a process that has loaded the model and does nothing else; where the system has no such
        thing, each loads the model itself.
        """
        warm_up()
        self.count = min(count or os.cpu_count() or 1, MOST)
        self._successors: list[Workers] = []  # all of them: one collected by its own thread would wait for itself
        self._watched: WeakSet[BaseProcess] = WeakSet()
        self._closing = threading.Lock()
        super().__init__(self.count, mp_context=get_context(START), initializer=begin_worker)

    @property
    def processes(self) -> list[BaseProcess]:
        """The processes that have been started, without those whose place others have taken."""
        return list((self._newest()._processes or {}).values())

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give work to the pool, which may start a process for it.

        A process that dies takes along all that its pool is at: these futures raise BrokenProcessPool.
        """
        with starting_workers():
            try:
                return self._newest()._submit(fn, *args, **kwargs)
            except (BrokenProcessPool, EOFError, ConnectionError) as error:  # a process had ended before
                if not isinstance(error, BrokenProcessPool):  # that from which they are forked, which is still ending
                    time.sleep(PATIENCE)
                self._newest().shutdown(wait=False)  # it lets go of its pipes
                self._successors.append(Workers(self.count))
                return self._newest()._submit(fn, *args, **kwargs)

    def end(self, wait: bool = True) -> None:
        """End all processes at once, whatever they are at; what has not begun is dropped."""
        for process in self.processes:
            process.kill()
        self.shutdown(wait, cancel_futures=True)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; nor does any pool in the place of this one."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        for pool in self._successors:
            pool.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(self, kind: type[BaseException] | None, *about: object) -> None:
        """Wait for the processes to end; where the block ends by an error, end them at once."""
        if kind is None and not self._successors:
            self.shutdown()
        else:
            self.end()

    def as_they_come[T](
        self,
        function: Callable[..., T],
        tasks: Iterable[tuple[Any, ...]],
        lost: Callable[..., T] | None = None,
    ) -> Iterator[T]:
        """Yield `function(*task)` of every task in the order in which they end.

        What was under way when a process died is done once more, each task alone. A task whose process dies again is
        answered by `lost(error, *task)` if that is given; otherwise WorkerLostError is raised.
        """
        waiting, busy = deque(tasks), dict[Future[T], tuple[Any, ...]]()
        while waiting or busy:
            while waiting and len(busy) < 2 * self.count:  # few, so that few are done twice
                task = waiting.popleft()
                busy[self.submit(function, *task)] = task
            suspects = []
            for future in done_first(busy):
                task = busy.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    suspects.append(task)
                else:
                    yield future.result()
            for task in suspects:
                yield alone(function, task, lost)

    def _newest(self) -> "Workers":
        """Return this pool, or the one in its place."""
        return self._successors[-1] if self._successors else self

    def _submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give work to this very pool, and watch the processes that it starts."""
        future = super().submit(fn, *args, **kwargs)
        for process in set((self._processes or {}).values()) - set(self._watched):
            self._watched.add(process)
            pool = (self._processes, self._executor_manager_thread, self._result_queue, self._closing)
            threading.Thread(target=_watch, args=(process, *pool), daemon=True).start()
        return future


def _watch(
    process: BaseProcess,
    processes: dict[int, BaseProcess],
    reader: threading.Thread,
    results: Any,
    closing: threading.Lock,
) -> None:
    """See that nobody waits for the rest of an answer in the midst of which a process has died.

    The reader of a pool takes the end of an answer for granted as long as anybody could still write it, this process
    included.
    """
    wait_for([process.sentinel])
    reader.join(PATIENCE)
    if reader.is_alive():
        for other in list(processes.values()):
            other.kill()
        with closing:  # one of all that watch; and not by the pool as well, which closes what it finds
            writer, results._writer = results._writer, results._reader
            if writer is not results._reader:
                writer.close()


def done_first[T](busy: Collection[Future[T]]) -> set[Future[T]]:
    """Wait until some of the futures are done, and return those.

    Ctrl-C is answered only while none of their locks is taken: it would stay so, and workers could not be ended.
    """
    done = set[Future[T]]()
    while not done:
        with uninterrupted():
            done = wait(busy, timeout=LATENCY, return_when=FIRST_COMPLETED).done
    return done


def wait_until(event: threading.Event) -> None:
    """Wait for an event, as `done_first` does for futures."""
    while not event.is_set():
        with uninterrupted():
            event.wait(LATENCY)


def alone[T](function: Callable[..., T], task: tuple[Any, ...], lost: Callable[..., T] | None) -> T:
    """Return `function(*task)` from a process of its own, or what `lost` says of a task that ends its process."""
    with Workers(1) as worker:
        future = worker.submit(function, *task)
        (process,) = worker.processes
        done_first([future])
        if not isinstance(future.exception(), BrokenProcessPool):
            return future.result()
    # The exit code is asked for when the pool is done with the process: of two that ask at once, one is told 255.
    error = WorkerLostError(process.exitcode)
    if lost is None:
        raise error
    return lost(error, *task)


def warm_up() -> None:
    """Have the process from which workers are forked load the model, while this one goes on; once is enough."""
    for name in ONE_THREAD:  # read by the libraries of the workers when they start
        os.environ.setdefault(name, "1")
    if START != "forkserver":
        return
    set_forkserver_preload([MODEL])
    path = os.pathsep.join(
        str(Path(place).absolute()) for place in sys.path
    )  # it must load what this process would load
    resource_tracker.ensure_running()  # first, since it lets go of what starting_workers holds back
    with starting_workers(), _environment(PYTHONPATH=path, PYTHONSAFEPATH="1"):
        ensure_running()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def starting_workers() -> Iterator[None]:
    """Hold Ctrl-C back while workers start: they inherit this and leave it to the main process from birth on."""
    if not hasattr(signal, "pthread_sigmask"):  # not on Windows
        with uninterrupted(), _starting, _main_left_out():
            yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with uninterrupted(), _starting, _main_left_out():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Answer Ctrl-C, and SIGTERM where there is a handler of it, afterwards: what is begun here is not left half-done.

    It is for moments in which locks of several threads are taken. Other threads of this process take a signal even
    where this one has it blocked, and its handler is called in the main thread: so there is nothing to do in others.
    """
    came: list[tuple[Callable[..., Any], int, FrameType | None]] = []
    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {kind: signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)}

    def noted(number: int, frame: FrameType | None) -> None:
        came.append((before[signal.Signals(number)], number, frame))

    held = [kind for kind, handler in before.items() if callable(handler)]
    for kind in held:
        signal.signal(kind, noted)
    try:
        yield
    finally:
        for kind in held:
            signal.signal(kind, before[kind])
    for handler, number, frame in came[:1]:
        handler(number, frame)


@contextmanager
def _main_left_out() -> Iterator[None]:
    """Keep workers from importing the user's script: they need none of it, and without a guard it would run again."""
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)


def begin_worker() -> None:
    """Leave Ctrl-C to the main process, and end with it however it ends. To be called in the worker, first of all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    """Wait for the main process to end, then end this one."""
    parent.join()
    os._exit(1)
