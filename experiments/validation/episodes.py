"""Episodes: what was observed after an exit, beside what the model gives for the same scenario.

Each scenario runs with its twin to its end; a row compares the observed value with the runs' 5th to 95th percentile. A
run that does not tell a quantity says why, and is left out. Replicates take the rows of the ensemble, so that these
percentiles are of what is not known. Where an observation holds noise, the percentiles that it is compared with hold
the same noise.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from abm.config.reader import ConfigError
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.studies.parallel import spread
from experiments.validation.coverage import log_score, with_noise, with_null_scores
from experiments.validation.episode_quantities import Told, value_or_reason
from experiments.validation.observations import Observation, check_code, parts
from experiments.validation.organization_accounts import all_books
from experiments.validation.readings import SEED, scenario

QUICK_REPLICATES, FULL_REPLICATES = 32, 256
RARE = 0.05


def compare_episodes(
    rows: Sequence[Observation],
    replicates: int,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    overrides: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return every observation with the model's mean, 5th and 95th percentile, and whether it lies within.

    `overrides` are texts `PATH=VALUE` put on top of every scenario. Raises ConfigError naming the row whose scenario
    does not load, does not aim at its organization, or cannot have its follower.
    """
    _check_scenarios(rows, overrides)
    wanted: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        wanted.setdefault(row.scenario, {}).setdefault(row.organization, []).append(row.quantity)
    tasks = [(name, bodies, number, overrides) for name, bodies in wanted.items() for number in range(replicates)]
    found: dict[str, list[dict[tuple[str, str], Told]]] = {name: [] for name in wanted}
    for task, values in zip(tasks, spread(observe, tasks, workers, progress), strict=True):
        found[task[0]].append(values)
    compared = [
        compare_observation(row, [values[row.organization, row.quantity] for values in found[row.scenario]])
        for row in rows
    ]
    return with_null_scores(rows, compared)


def _check_scenarios(rows: Iterable[Observation], overrides: Sequence[str]) -> None:
    """Raise ConfigError for the first row that does not fit its scenario; each scenario is built once."""
    built: dict[str, Simulation] = {}
    for row in rows:
        if row.scenario not in built:
            try:
                built[row.scenario] = Simulation(scenario(row.scenario, *overrides), (SEED, 0))
            except ConfigError as error:
                raise ConfigError(f"{row.place}: {error}") from error
        _check_codes(row, built[row.scenario])


def _check_codes(row: Observation, simulation: Simulation) -> None:
    """Raise ConfigError where a row names no organization that the scenario aims at, or no state that could follow."""
    world = simulation.world
    check_code("organization", row.organization, world.organization_codes[: world.built], row.place)
    if row.organization not in simulation.first_acts:
        raise ConfigError(f"{row.place}: {row.scenario}: no shock of this scenario aims at {row.organization}")
    kind, rest = parts(row.quantity)
    if kind == "follower":
        check_code("state", rest[1:], world.state_codes, row.place)
        if simulation.actors[world.state_codes.index(rest[1:])]:
            raise ConfigError(f"{row.place}: {rest[1:]} acts in this scenario, so that it cannot be a follower")


def observe(
    name: str, bodies: Mapping[str, Iterable[str]], number: int, overrides: Sequence[str] = ()
) -> dict[tuple[str, str], Told]:
    """Run a scenario and its twin once; return the quantities of its organizations, or why the runs do not tell them.

    `bodies` holds quantities by code of the organization; the answer is by code and quantity.
    """
    experiment = scenario(name, *overrides)
    run, twin = (all_books(e, number, bodies, experiment) for e in (experiment, experiment.twin()))
    return {
        (body, quantity): value_or_reason(quantity, run[body], twin[body])
        for body, quantities in bodies.items()
        for quantity in quantities
    }


def compare_observation(row: Observation, values: Sequence[Told]) -> dict[str, Any]:
    """Return the entry of one observation.

    `low` and `high` are the percentiles that it is compared with, `model_low` and `model_high` those of the runs alone.
    """
    known = np.array([value for value in values if not isinstance(value, str)])
    own_low, own_high = _ends(row, known) if known.size else (None, None)
    low, high = _ends(row, with_noise(known, row.noise)) if known.size else (None, None)
    return {
        "episode": row.episode, "scenario": Path(row.scenario).stem, "organization": row.organization,
        "quantity": row.quantity, "kind": row.kind, "observed": row.observed,
        "observed_low": _plain(row.low), "observed_high": _plain(row.high),
        "mean": float(known.mean()) if known.size else None, "low": low, "high": high, "inside": _inside(row, known),
        "noise": row.noise, "model_low": own_low, "model_high": own_high,
        "log_score": log_score(row, known) if known.size else None,
        "runs": len(values), "told": int(known.size), "reason": _reason(values),
        "seen": row.seen, "source": row.source, "note": row.note,
    }  # fmt: skip


def _reason(values: Sequence[Told]) -> str | None:
    """Return why runs do not tell, and in how many of them where not in all; None where every run tells."""
    counts = Counter(value for value in values if isinstance(value, str)).most_common()
    among = [why if count == len(values) else f"{why} in {count} of {len(values)} runs" for why, count in counts]
    return "; ".join(among) or None


def _plain(value: float) -> float | None:
    """Return a bound as a plain number, None where there is none."""
    return value if np.isfinite(value) else None


def _ends(row: Observation, known: Array) -> tuple[float, float]:
    """Return the runs' 5th and 95th percentile.

    Those of whole numbers are values of runs, outward: at least one run in twenty lies at or beyond each.
    """
    methods = ("lower", "higher") if row.counted else ("linear", "linear")
    low, high = (float(np.percentile(known, q, method=m)) for q, m in zip((5, 95), methods, strict=True))  # type: ignore[call-overload]
    return low, high


def _inside(row: Observation, known: Array) -> bool | None:
    """Return whether the observation agrees with the runs, None where no run tells.

    What happens or does not agrees where at least one run in twenty does the same; a number where its range meets
    the runs' 5th to 95th percentile.
    """
    if not known.size:
        return None
    if row.happens:
        return bool((known == row.observed).mean() >= RARE)
    low, high = _ends(row, with_noise(known, row.noise))
    return bool(row.low <= high + 1e-9 and row.high >= low - 1e-9)
