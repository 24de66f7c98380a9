"""Time and memory of the model by size of its world, apart from all that a sweep needs."""

import importlib
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from abm.config.reader import Experiment, load_experiment
from abm.events import Event
from abm.measures import Snapshot
from abm.recording import Series, Watcher
from abm.simulation import Simulation
from abm.state.world import FIELDS
from abm.workers import Workers

SCENARIO = "us-exit-2026"
SIZES = ((50, 35), (100, 70), (200, 140), (400, 280))
"""Numbers of states and organizations of the synthetic worlds whose growth is measured."""
LARGE_SIZES = ((1000, 500), (2000, 1000))
"""Those that are measured on request."""
GROWTH_QUARTERS = 8


class Laps(Watcher):
    """Takes the time of every quarter with whatever observers came before it; `seconds` one entry per quarter."""

    def begin(self, simulation: Simulation) -> None:
        """Start the watch."""
        self.seconds: list[float] = []
        self._last = time.perf_counter()

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Note the time since the last quarter."""
        now = time.perf_counter()
        self.seconds.append(now - self._last)
        self._last = now


def timed_runs(experiment: Experiment, rounds: int) -> tuple[float, float]:
    """Return the median time of a run and of a quarter in milliseconds."""
    runs: list[float] = []
    quarters: list[float] = []
    for number in range(rounds + 1):  # the first one warms up and does not count
        began = time.perf_counter()
        simulation = Simulation(experiment, (experiment.seed, number))
        laps = Laps()
        simulation.run((Series(), laps))
        quarters += laps.seconds
        runs.append(time.perf_counter() - began)
    return 1000 * statistics.median(runs[1:]), 1000 * statistics.median(quarters[experiment.quarters :])


def floor_ms(experiment: Experiment, rounds: int = 50) -> float:
    """Return the milliseconds that a quarter would take if it did nothing but read and write, the least of some rounds.

    Every array of the world is read once, and those that some process replaces are written once.
    """
    simulation = Simulation(experiment, (experiment.seed, 0))
    simulation.run(quarters=4)
    replaced = {name for step in simulation.steps for name in step.process.writes}
    arrays = {name: getattr(simulation.world, name) for name in FIELDS}
    copies = {name: array.copy() for name, array in arrays.items() if name in replaced}
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        for name, array in arrays.items():
            if name in copies:
                np.copyto(copies[name], array)
            else:
                np.maximum.reduce(array, axis=None, initial=0.0)
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def measure_growth(states: int, organizations: int) -> dict[str, float]:
    """Return the median time of a quarter and the peak memory of a synthetic world, in a process of its own."""
    with Workers(1) as pool:
        quarter_ms, peak_mb = pool.submit(_growth, states, organizations).result()
    return {"states": states, "organizations": organizations, "quarter_ms": quarter_ms, "peak_mb": peak_mb}


def _growth(states: int, organizations: int) -> tuple[float, float]:
    """Return median time of a quarter (milliseconds) and peak memory of this process (MB)."""
    world = {"source": "synthetic", "states": states, "organizations": organizations}
    experiment = load_experiment({"extends": SCENARIO, "world": world, "quarters": GROWTH_QUARTERS})
    with threadpool_limits(limits=1):
        _, quarter_ms = timed_runs(experiment, 1)
    return quarter_ms, peak_mb()


def worker_start() -> float:
    """Return the processor time of a worker until it can begin a run, in seconds; the least of three."""
    with Workers(1) as first:  # the process from which workers are forked stands after this
        first.submit(begun).result()
    times = []
    for _ in range(3):
        with Workers(1) as worker:
            times.append(worker.submit(begun).result())
    return min(times)


def begun() -> float:
    """Return the processor time of this process when it has loaded what a run of a sweep needs."""
    importlib.import_module("experiments.sweeps.run_pair")
    return time.process_time()


def peak_mb() -> float:
    """Return the largest memory that this process has held, MB."""
    try:  # Linux: starts anew with the program, while the other one is handed on by the process that started this one
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.partition("VmHWM:")[2].split()[0]) / 2**10
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
