"""Worker processes: one thread each, Ctrl-C left to the main process, and an end with it however it ends."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


class Workers(ProcessPoolExecutor):
    """A pool of fresh processes, each with one thread."""

    def __init__(self, count: int | None = None, start: str = "spawn") -> None:
        """Take `count` processes, one per core by default; they start in the way `start` (of multiprocessing)."""
        for name in ONE_THREAD:  # read by the libraries of the workers when they start
            os.environ.setdefault(name, "1")
        super().__init__(count or os.cpu_count(), mp_context=get_context(start), initializer=begin_worker)

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give work to the pool, which may start a process for it."""
        with starting_workers():
            return super().submit(fn, *args, **kwargs)

    def end(self, wait: bool = True) -> None:
        """End all processes at once, whatever they are at; what has not begun is dropped."""
        for process in list((self._processes or {}).values()):
            process.kill()
        self.shutdown(wait=wait, cancel_futures=True)

    def __exit__(self, kind: type[BaseException] | None, *about: object) -> None:
        """Wait for the processes to end; where the block ends by an error, end them at once."""
        if kind is None:
            self.shutdown()
        else:
            self.end()

    def as_they_come[T](self, function: Callable[..., T], tasks: Iterable[tuple[Any, ...]]) -> Iterator[T]:
        """Yield `function(*task)` of every task in the order in which they end."""
        for future in as_completed([self.submit(function, *task) for task in tasks]):
            yield future.result()


@contextmanager
def starting_workers() -> Iterator[None]:
    """Hold Ctrl-C back while workers start: they inherit this and leave it to the main process from birth on."""
    if not hasattr(signal, "pthread_sigmask"):  # not on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
