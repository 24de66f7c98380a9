"""Speed on this machine: a whole run, a quarter, a rule as loops, growth with size, and a stored sweep."""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from threadpoolctl import threadpool_limits

from abm.config.reader import Experiment, load_experiment
from abm.processes.legitimacy import Legitimacy
from abm.rng import Draws
from abm.simulation import Simulation
from experiments.benchmark.reference_loops import Lists, moved_views
from experiments.benchmark.scaling import SCENARIO, SIZES, measure_growth, timed_runs
from experiments.storage.folders import temporary
from experiments.sweeps.sweep import run_sweep

SWEEP = {
    "scenario": SCENARIO, "replicates": 2, "design": {"method": "lhs", "samples": 10},
    "factors": {"membership.contagion_log_odds": {"low": 0.0, "high": 6.0}},
}  # fmt: skip


def bench(*, rounds: int = 7, sweep: bool = True, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Return the speed of this machine, with the keys that scripts read; about half a minute.

    `run_ms`: median time of one run of us-exit-2026 on the real world, 60 quarters with all measures, made from its
    tables, one core. `quarter_ms`: median time of a quarter in these runs. `ratio_transcription`: time of the rule of
    legitimacy as loops per state in plain Python over its time as arrays, same world, same process.
    `sweep_runs_per_s`: runs of a small sweep that are computed and stored per second by all cores, start included.
    `growth`: quarters of synthetic worlds by size, with the peak memory of a process that does nothing else.
    `load`: processes that wanted a core before all this, by core; far above 0 all times are too long.
    `say(text)` is told what is measured next.
    """
    experiment, load = load_experiment(SCENARIO), os.getloadavg()[0] / (os.cpu_count() or 1)
    with threadpool_limits(limits=1):
        say("a whole run")
        run_ms, quarter_ms = timed_runs(experiment, rounds)
        say("a rule as loops")
        ratio = ratio_of_loops(experiment)
    say("growth")
    growth = [measure_growth(states, bodies) for states, bodies in SIZES]
    say("a sweep")
    return {
        "scenario": SCENARIO, "rounds": rounds, "run_ms": run_ms, "quarter_ms": quarter_ms,
        "ratio_transcription": ratio, "sweep_runs_per_s": stored_rate() if sweep else None, "growth": growth,
        "load": round(load, 2),
    }  # fmt: skip


def ratio_of_loops(experiment: Experiment, quarters: int = 8, rounds: int = 5) -> float:
    """Return how many times longer the rule of legitimacy takes as loops than as arrays, after some quarters."""
    simulation = Simulation(experiment, (experiment.seed, 0))
    simulation.run(quarters=quarters)
    world, values = simulation.world, experiment.values_of(Legitimacy)
    draws = Draws((experiment.seed, 0), Legitimacy.name, world.state_ids, world.organization_ids)
    held, process = Lists(world), Legitimacy()
    loops = _median_time(lambda: moved_views(held, values), rounds)
    arrays = _median_time(lambda: process.propose(world, values, draws), 20 * rounds)
    return loops / arrays


def _median_time(do: Callable[[], object], rounds: int) -> float:
    """Return the median time of doing something, in seconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def stored_rate() -> float:
    """Return runs per second of a small sweep on the real world, from its start until all is stored."""
    with temporary("bench") as folder:
        began = time.perf_counter()
        summary = run_sweep(SWEEP, folder / "sweep")
        return float(summary.done / (time.perf_counter() - began))
