"""Executors of runs: processes of this machine, workers of a Dask cluster, ranks of an MPI job.

All are `concurrent.futures.Executor`s. A cluster run by SLURM is reached by Dask. Start its scheduler and workers with
dask-jobqueue (not needed here otherwise), then give the scheduler's address to `abm sweep`:

    from dask_jobqueue import SLURMCluster
    cluster = SLURMCluster(cores=1, processes=1, memory="2GB", walltime="08:00:00")
    cluster.scale(200)
    print(cluster.scheduler_address)      # abm sweep STUDY --out DIR --executor dask --scheduler ADDRESS

or start them by hand: `dask scheduler`, then `dask worker ADDRESS --nthreads 1 --nworkers 8` on each machine. With MPI
the first rank leads and the others run: `mpiexec -n 9 python -m mpi4py.futures $(which abm) sweep STUDY --out DIR
--executor mpi`.
"""

import importlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from abm.config.errors import ConfigError
from abm.workers import WorkerLostError, Workers, starting_workers

KINDS = ("local", "dask", "mpi")
WAIT_SECONDS = 600
"""Time to wait for the first worker of a cluster."""


class ExecutorPool(NamedTuple):
    """An executor with its number of workers; `hard` says that a worker that is ended is replaced."""

    executor: Executor
    workers: int
    hard: bool


class WorkerProcesses(Executor):
    """Worker processes, each in a pool of its own: one that dies affects only its own runs."""

    def __init__(self, workers: int) -> None:
        """Make one pool for each worker; its process starts with its first task."""
        self._pools = [Workers(1) for _ in range(workers)]
        self._free = list(self._pools)

    def process_ids(self) -> list[int]:
        """Return the ids of the processes that have been started and not replaced."""
        return [process.pid for pool in self._pools for process in pool.processes if process.pid]

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give work to a free worker. Raises IndexError where none is free; the future, WorkerLostError."""
        pool, outcome = self._free.pop(), Future[T]()
        outcome.set_running_or_notify_cancel()
        with starting_workers():  # until the callback is there, so that an interrupt leaves no lock taken
            inner = pool.submit(fn, *args, **kwargs)
            inner.add_done_callback(partial(self._done, pool, pool.processes, outcome))
        return outcome

    def _done[T](self, pool: Workers, processes: list[BaseProcess], outcome: Future[T], inner: Future[T]) -> None:
        """Take a worker back, and hand on what it returned or raised."""
        self._free.append(pool)
        error = CancelledError() if inner.cancelled() else inner.exception()
        if isinstance(error, BrokenProcessPool):
            processes[0].join(1)
            outcome.set_exception(WorkerLostError(processes[0].exitcode))
        elif error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(inner.result())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all workers at once, busy or not."""
        for pool in self._pools:
            pool.end(wait)


@contextmanager
def open_executor(kind: str, workers: int | None = None, scheduler: str | None = None) -> Iterator[ExecutorPool]:
    """Open the executor of a kind (local, dask, mpi) and end it afterwards. Raises ConfigError where it is missing.

    There are as many `workers` as cores by default; with 0 everything runs in this process, which suits a debugger. A
    Dask scheduler at an address has its own workers; give a number if more of them are still to come.
    """
    count = workers or os.cpu_count() or 1
    if kind == "local" and workers == 0:
        with ThreadPoolExecutor(1) as thread:
            yield ExecutorPool(thread, 1, hard=False)
    elif kind == "local":
        processes = WorkerProcesses(count)
        try:
            yield ExecutorPool(processes, count, hard=True)
        finally:
            processes.shutdown()
    elif kind == "dask":
        with _dask(workers if scheduler else count, scheduler) as found:
            yield found
    elif kind == "mpi":
        with _library("mpi4py.futures", "mpi").MPIPoolExecutor(workers) as ranks:
            yield ExecutorPool(ranks, max(1, ranks.num_workers), hard=False)
    else:
        raise ConfigError(f"unknown executor {kind!r}; there are {', '.join(KINDS)}")


@contextmanager
def _dask(workers: int | None, scheduler: str | None) -> Iterator[ExecutorPool]:
    """Give a Dask cluster: the one at an address, or one of this machine."""
    distributed = _library("distributed", "dask")
    settings = {"distributed.scheduler.allowed-failures": 0}  # the sweep itself repeats what a dead worker was at
    with _library("dask", "dask").config.set(settings):
        cluster: Any = scheduler or distributed.LocalCluster(workers, threads_per_worker=1, dashboard_address=None)
        try:
            with distributed.Client(cluster, timeout=20) as client:
                client.wait_for_workers(1, timeout=WAIT_SECONDS)
                threads = client.nthreads()
                if max(threads.values()) > 1:
                    raise ConfigError(f"{scheduler} needs workers with one thread each: dask worker ... --nthreads 1")
                yield ExecutorPool(client.get_executor(pure=False), workers or len(threads), hard=True)
        except OSError as error:
            raise ConfigError(f"no Dask scheduler answers at {scheduler}: {error}") from None
        finally:
            if scheduler is None:
                cluster.close()


def _library(name: str, extra: str) -> Any:
    """Return a module that comes with an extra. Raises ConfigError where it is not installed."""
    try:
        return importlib.import_module(name)
    except (ImportError, RuntimeError) as error:
        raise ConfigError(f"--executor {extra} needs `uv sync --extra {extra}`: {error}") from None
