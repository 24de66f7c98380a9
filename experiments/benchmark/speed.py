"""Speed on this machine: start-up, a whole run, the same as loops, growth with size, and a stored sweep."""

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from abm.config.reader import Experiment, load_experiment
from experiments.benchmark.scaling import (
    LARGE_SIZES,
    SCENARIO,
    SIZES,
    floor_ms,
    measure_growth,
    timed_runs,
    worker_start,
)
from experiments.storage.folders import temporary
from experiments.sweeps.scheduler import Progress
from experiments.sweeps.sweep import run_sweep

SWEEP = {
    "scenario": SCENARIO, "replicates": 2, "design": {"method": "lhs", "samples": 10},
    "factors": {"membership.contagion_log_odds": {"low": 0.0, "high": 6.0}},
}  # fmt: skip
FIRST_RESULT = ("run", "base", "--quarters", "1", "--replicates", "1", "--workers", "1")
MAIN_JOB = ("run", SCENARIO)
TRANSCRIPTION = "tests.transcription.comparing"
"""The model as loops, agent by agent. It belongs to the tests, which hold every process against it."""


def bench(
    *, rounds: int = 7, jobs: bool = True, large: bool = False, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Return the speed of this machine, with the keys that scripts read; about a minute and a half.

    `run_ms`: median time of one run of us-exit-2026 on the real world, 60 quarters with all measures, made from its
    tables, one core. `quarter_ms`: median time of a quarter in these runs. `floor_ratio`: that over the time in which
    the same process reads every array of the world once and writes those that a quarter replaces.
    `ratio_transcription`: time of a quarter of the real world as plain loops over its time as arrays; None where the
    transcription is not at hand, as it is in a clone. `startup_s`: processor time of a worker until it can begin a run.
    `first_result_s` and `main_job_s`: seconds from the command to the end of a run of one quarter, and of us-exit-2026
    with its replicates, counterfactuals and report. `sweep_runs_per_s`: runs of a small sweep that are computed and
    stored per second by all cores, once all work.
    `growth`: quarters of synthetic worlds by size, with the peak memory of a process that does nothing else;
    `large` adds larger ones, which take minutes. Without `jobs` what starts processes of its own is None, but growth.
    `load`: processes that wanted a core before all this, by core; far above 0 all times are too long.
    `say(text)` is told what is measured next.
    """
    experiment, load = load_experiment(SCENARIO), os.getloadavg()[0] / (os.cpu_count() or 1)
    with threadpool_limits(limits=1):
        say("a whole run")
        run_ms, quarter_ms = timed_runs(experiment, rounds)
        floor = floor_ms(experiment)
        say("a quarter as loops")
        ratio = ratio_of_loops(load_experiment("base"))
    found: dict[str, Any] = {
        "scenario": SCENARIO, "rounds": rounds, "run_ms": run_ms, "quarter_ms": quarter_ms,
        "floor_ratio": quarter_ms / floor, "ratio_transcription": ratio, "load": round(load, 2),
    }  # fmt: skip
    measures: dict[str, Callable[[], float]] = {
        "startup_s": worker_start,
        "first_result_s": lambda: command_seconds(FIRST_RESULT),
        "main_job_s": lambda: command_seconds(MAIN_JOB),
        "sweep_runs_per_s": stored_rate,
    }
    for name, measure in measures.items():
        say(name)
        found[name] = measure() if jobs else None
    say("growth")
    sizes = (*SIZES, *LARGE_SIZES) if large else SIZES
    return found | {"growth": [measure_growth(states, bodies) for states, bodies in sizes]}


def ratio_of_loops(experiment: Experiment, quarters: int = 1) -> float | None:
    """Return how many times longer the first quarters take as loops than as arrays, None without the loops.

    The experiment must have no shocks but such as name states and organizations by their codes.
    """
    try:
        loops: Any = importlib.import_module(TRANSCRIPTION)
    except ModuleNotFoundError:
        return None
    notes = loops.Notes()
    loops.compared(experiment, (experiment.seed, 0), None, notes).run(quarters=quarters)
    return float(notes.loops / notes.arrays)


def command_seconds(arguments: Sequence[str]) -> float:
    """Return the seconds that `abm` takes for a command that writes a folder."""
    with temporary("bench") as folder:
        command = [sys.executable, "-c", "from experiments.cli import main; main()", *arguments]
        began = time.perf_counter()
        subprocess.run([*command, "--out", str(Path(folder) / "result")], check=True, capture_output=True)
        return time.perf_counter() - began


def stored_rate() -> float:
    """Return runs per second of a small sweep on the real world, from the first that is stored to the last."""
    seen: list[tuple[float, int]] = []

    def note(progress: Progress) -> None:
        if progress.done and (not seen or progress.done > seen[-1][1]):
            seen.append((time.perf_counter(), progress.done))

    with temporary("bench") as folder:
        run_sweep(SWEEP, folder / "sweep", progress=note)
    (began, first), (ended, last) = seen[0], seen[-1]
    return (last - first) / (ended - began)
