"""Episodes: what was observed after an exit, beside what the model gives for the same scenario.

Each scenario runs with its twin as long as its rows need. A row compares the observed value with the runs' 5th to 95th
percentile. A run that does not tell a quantity says why, and is left out. Replicates take the rows of the ensemble, so
that these percentiles are of what is not known. Where an observation holds noise, they hold the same noise.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abm.config.reader import ConfigError
from abm.outcomes import FOLLOWING_QUARTERS
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.runs.parallel import spread
from experiments.storage.kept_answers import Checkpoint
from experiments.validation.coverage import log_score, with_noise, with_null_scores
from experiments.validation.episode_quantities import Told, value_or_reason
from experiments.validation.observations import Observation, check_code, parts
from experiments.validation.readings import SEED, scenario
from experiments.validation.simulated_accounts import all_books

QUICK_REPLICATES, FULL_REPLICATES = 32, 256
RARE = 0.05
SLACK = 4
"""Quarters in which money may be late to fall."""


class Wanted(NamedTuple):
    """What is wanted of a scenario: quantities by code of the organization, in so many quarters."""

    scenario: str
    bodies: dict[str, tuple[str, ...]]
    quarters: int


def compare_episodes(
    rows: Sequence[Observation],
    replicates: int,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    overrides: Sequence[str] = (),
    memory: Checkpoint | None = None,
) -> list[dict[str, Any]]:
    """Return every observation with the model's mean, 5th and 95th percentile, and whether it lies within.

    `overrides` are texts `PATH=VALUE` put on top of every scenario. Raises ConfigError naming the row whose scenario
    does not load, does not aim at its organization, or cannot have its follower.
    """
    groups = grouped(rows, overrides)
    tasks = [(group, number, overrides) for group in groups for number in range(replicates)]
    found: dict[tuple[str, ...], list[Told]] = {}
    for told in spread(observed_rows, tasks, workers, progress, memory):
        for name, body, quantity, value in told:
            found.setdefault((name, body, quantity), []).append(value)
    compared = [compare_observation(row, found[row.scenario, row.organization, row.quantity]) for row in rows]
    return with_null_scores(rows, compared)


def grouped(rows: Sequence[Observation], overrides: Sequence[str] = ()) -> list[tuple[Wanted, ...]]:
    """Return what is wanted of each scenario, those with the same twin together.

    Raises ConfigError for the first row that does not fit its scenario.
    """
    built = _checked_scenarios(rows, overrides)
    groups: dict[tuple[str, Path], list[Wanted]] = {}
    for name, simulation in built.items():
        own = [row for row in rows if row.scenario == name]
        bodies: dict[str, tuple[str, ...]] = {}
        for row in own:
            bodies[row.organization] = (*bodies.get(row.organization, ()), row.quantity)
        wanted = Wanted(name, bodies, max(_quarters(row, simulation) for row in own))
        twin = simulation.experiment.twin().model_copy(update={"quarters": 1})
        groups.setdefault((twin.digest(), twin.folder), []).append(wanted)
    return [tuple(group) for group in groups.values()]


def _quarters(row: Observation, simulation: Simulation) -> int:
    """Return how many quarters have to be run for an observation: a notice, what it counts, and SLACK."""
    world, first = simulation.world, simulation.first_acts[row.organization]
    body = world.organization_codes.index(row.organization)
    told = [getattr(shock, "notice_quarters", 0) for shock in simulation.experiment.shocks]
    notice = max([int(world.notice_rule[body]), *(each for each in told if isinstance(each, int))])
    counted = re.search(r"_([0-9]+)$", row.quantity)
    after = max(FOLLOWING_QUARTERS, int(counted[1]) if counted else 0)
    return min(first - world.start + notice + after + SLACK, simulation.experiment.quarters)


def _checked_scenarios(rows: Iterable[Observation], overrides: Sequence[str]) -> dict[str, Simulation]:
    """Return the scenarios of observations by name, each built once.

    Raises ConfigError for the first row that does not fit its scenario.
    """
    built: dict[str, Simulation] = {}
    for row in rows:
        if row.scenario not in built:
            try:
                built[row.scenario] = Simulation(scenario(row.scenario, *overrides), (SEED, 0))
            except ConfigError as error:
                raise ConfigError(f"{row.place}: {error}") from error
        _check_codes(row, built[row.scenario])
    return built


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


def observe(group: Sequence[Wanted], number: int, overrides: Sequence[str] = ()) -> dict[tuple[str, str, str], Told]:
    """Run scenarios and their common twin once; return what they tell of each quantity, or why they do not.

    The answer is by scenario, code of the organization and quantity.
    """
    every = {body for wanted in group for body in wanted.bodies}
    still = scenario(group[0].scenario, *overrides)
    twin = all_books(still.twin(), number, every, still, max(wanted.quarters for wanted in group))
    told: dict[tuple[str, str, str], Told] = {}
    for name, bodies, quarters in group:
        experiment = scenario(name, *overrides)
        run = all_books(experiment, number, bodies, experiment, quarters)
        for body, quantities in bodies.items():
            for quantity in quantities:
                told[name, body, quantity] = value_or_reason(quantity, run[body], twin[body].of_first(quarters))
    return told


def observed_rows(group: Sequence[Wanted], number: int, overrides: Sequence[str]) -> list[list[Any]]:
    """Return what `observe` does as plain rows: scenario, organization, quantity and what is told."""
    return [[*place, value] for place, value in observe(group, number, overrides).items()]


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
    """Return why runs give no answer, and in how many of them if not in all; None if every run gives one."""
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
