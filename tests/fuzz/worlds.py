"""Small worlds run with everything checked in every quarter: bounds, finiteness, accounts, what membership carries."""

import traceback
from functools import cache
from itertools import combinations
from pathlib import Path

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.data.world_tables import Tables
from abm.rng import Seed
from abm.schedule import PROCESSES
from abm.simulation import Simulation
from tests.bookkeeping import audited_recording, outside
from tests.liveness import LIVELY, SHOCKS, limits
from tests.transcription.drawing import drawn
from tests.worlds_small import cut_experiment, cut_tables

QUARTERS = 16

RATES = {
    f"{name}.{key}": (int if field.annotation is int else float)(limits(field)[1])
    for name, process in PROCESSES.items()
    for key, field in process.parameters.model_fields.items()
    if limits(field) and "/quarter" in str((field.json_schema_extra or {}).get("unit", ""))  # type: ignore[union-attr]
}
"""Every rate by path, with the highest value of its range."""


def wrong_in(experiment: Experiment, seed: Seed, tables: Tables | None = None) -> list[str]:
    """What does not hold in any quarter of a run; its traceback if it fails."""
    try:
        recording, wrong = audited_recording(Simulation(experiment, seed, tables))
    except Exception:
        return [traceback.format_exc()]
    return wrong + outside(recording)


def wrong_in_world(number: int) -> list[str]:
    """What does not hold in the random world of a number: synthetic, or a cut-out of the real one."""
    experiment, tables = drawn(number, QUARTERS)
    return wrong_in(experiment, (number, 0), tables)


def wrong_in_pair(one: str, other: str) -> list[str]:
    """What does not hold in a lively world with two rates at their highs."""
    return wrong_in(lively().with_values({one: RATES[one], other: RATES[other]}), (1, 0), cut_tables())


@cache
def lively() -> Experiment:
    """The lively world that pairs of rates are tried in."""
    return cut_experiment(quarters=14, shocks=SHOCKS).with_values(LIVELY)


def pairs() -> list[tuple[str, str]]:
    """All pairs of rates."""
    return list(combinations(RATES, 2))


def wrong_in_config(path: Path) -> list[str]:
    """What does not hold in a run of a config that `abm check` accepts."""
    experiment = load_experiment(str(path))
    return wrong_in(experiment, (experiment.seed, 0))
