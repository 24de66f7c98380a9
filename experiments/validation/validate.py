"""`abm validate`: every trial in parallel, every pattern scored on the model and on both null models."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.runs.parallel import spread
from experiments.storage.kept_answers import Checkpoint
from experiments.validation.pattern_verdicts import Pattern, PatternEstimate
from experiments.validation.patterns.registry import FULL_REPLICATES, PATTERNS, TRIALS
from experiments.validation.readings import Reading, Readings, scenario

MODELS = ("model", "n0", "n1")
Found = dict[str, list[Readings]]
"""Readings of every trial, in the order of replicates."""


def replicates_of(trial: str, full: bool) -> int:
    """Return the number of replicates of a trial."""
    return FULL_REPLICATES if full else TRIALS[trial].quick


def read(name: str, number: int, overrides: tuple[str, ...]) -> Readings | str:
    """Carry out one replicate of a trial; return what went wrong where it raised."""
    try:
        return TRIALS[name].trial(number, overrides)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def failed_reading(error: Exception, *_: Any) -> str:
    """Return what went wrong with a replicate that ended its process."""
    return f"{type(error).__name__}: {error}"


def collect(
    counts: Mapping[str, int],
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    overrides: tuple[str, ...] = (),
    memory: Checkpoint | None = None,
) -> tuple[Found, list[dict[str, Any]]]:
    """Return the readings of some trials, and those that failed; `counts` are replicates.

    The result does not depend on `workers`, nor on what `memory` holds of an earlier call that was ended.
    """
    tasks = [(name, number, overrides) for name, count in counts.items() for number in range(count)]
    found: Found = {name: [] for name in counts}
    failed = []
    for (name, number, _), reading in zip(
        tasks, spread(read, tasks, workers, progress, memory, failed_reading), strict=True
    ):
        if isinstance(reading, str):
            failed.append({"trial": name, "run": number, "error": reading})
        else:
            found[name].append(reading)
    return found, failed


def validate(
    patterns: Sequence[Pattern],
    full: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    overrides: tuple[str, ...] = (),
    memory: Checkpoint | None = None,
) -> dict[str, Any]:
    """Return the `--json` object: every pattern with value, interval, verdicts, and how it was found.

    `memory` keeps readings as they come, so that a call that is ended goes on where it was.
    `overrides` (`PATH=VALUE`) are put on every experiment. Raises ConfigError where one leads nowhere.
    """
    started = time.perf_counter()
    scenario("base", *overrides)  # refused here rather than in a worker
    names = [name for name in TRIALS if any(pattern.trial == name for pattern in patterns)]
    found, failed = collect({name: replicates_of(name, full) for name in names}, workers, progress, overrides, memory)
    return {
        "quick": not full,
        "patterns": [score_pattern(pattern, found[pattern.trial]) for pattern in patterns],
        "failed_runs": failed,
        "seconds": round(time.perf_counter() - started, 1),
    }


def evaluate(
    overrides: Mapping[str, Any], quick: bool = True, workers: int | None = None, memory: Checkpoint | None = None
) -> dict[str, float]:
    """Return the value of every pattern by its number under overrides (path -> value), NaN where there is none."""
    texts = tuple(f"{path}={json.dumps(value)}" for path, value in overrides.items())
    entries = validate(PATTERNS, not quick, workers, None, texts, memory)["patterns"]
    return {str(entry["id"]): float("nan") if entry["value"] is None else entry["value"] for entry in entries}


def score_pattern(pattern: Pattern, readings: Sequence[Readings]) -> dict[str, Any]:
    """Return one pattern's entry of the `--json` object."""
    estimates = {name: _estimate(pattern, [reading[name] for reading in readings]) for name in MODELS}
    verdicts = {name: _verdict(pattern, name, estimates) for name in MODELS}
    model = estimates["model"]
    low, high = (np.nan, np.nan) if model is None else model.interval()
    return {
        "id": pattern.id, "name": pattern.name, "target": pattern.target,
        "band": None if pattern.band is None else list(pattern.band),
        "value": _value(model), "low": _number(low), "high": _number(high),
        "verdict": "not_tested" if model is None else verdicts["model"],
        "role": pattern.role, "evidence_role": pattern.evidence_role,
        "n0": verdicts["n0"], "n1": verdicts["n1"],
        "discriminates": verdicts == {"model": "in", "n0": "out", "n1": "out"},
        "replicates": len(readings),
        "n0_value": _value(estimates["n0"]), "n1_value": _value(estimates["n1"]),
        "parts": [_part(pattern, estimates, place) for place in range(len(pattern.parts))],
        "population": pattern.population, "rule": pattern.rule, "notes": pattern.cause,
        "interval": "95 %, percentiles of resampled replicates",
    }  # fmt: skip


def _estimate(pattern: Pattern, readings: Sequence[Reading | None]) -> PatternEstimate | None:
    """Return the estimate of a model, None where it has nothing of the kind."""
    given = [reading for reading in readings if reading is not None]
    return pattern.estimate(given) if given else None


def _verdict(pattern: Pattern, name: str, estimates: Mapping[str, PatternEstimate | None]) -> str:
    """Return "in" or "out"; a null model that cannot show a pattern does not meet it."""
    own = estimates[name]
    others = [other for key, other in estimates.items() if key != name and other is not None]
    return "in" if own is not None and pattern.judge(own, others) else "out"


def _part(pattern: Pattern, estimates: Mapping[str, PatternEstimate | None], index: int) -> dict[str, Any]:
    """Return one statistic of a pattern, for all models."""
    model = estimates["model"]
    low, high = (np.nan, np.nan) if model is None else model.interval(index)
    values = {name: _value(estimates[name], index) for name in MODELS}
    return {"name": pattern.parts[index], "low": _number(low), "high": _number(high), **values}


def _value(estimate: PatternEstimate | None, index: int = 0) -> float | None:
    """Return a statistic as a plain number."""
    return None if estimate is None else _number(estimate.point[index])


def _number(value: float) -> float | None:
    """Return a number of six digits, None where there is none."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
