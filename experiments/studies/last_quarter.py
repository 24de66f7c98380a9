"""Where runs end: one number a measure in the last quarter, and what a shock changes of it.

Scenarios that look at the same parts of the world share a twin; see `comparisons`.
"""

from collections.abc import Sequence
from typing import Any

from abm.config.experiment import Experiment
from abm.recording import Comparison, Recording
from experiments.studies.episodes import run_of

Numbers = dict[str, float]


def ends(run: Recording) -> Numbers:
    """Return all measures in the last quarter: of the system, means over organizations and shocked ones, networks."""
    return run.last() | run.network


def changes(run: Numbers, twin: Numbers) -> Numbers:
    """Return run minus twin by measure."""
    return {name: value - twin[name] for name, value in run.items() if name in twin}


def comparisons(scenarios: Sequence[Experiment], number: int) -> list[Comparison]:
    """Return one replicate of each scenario beside its twin; all have the same world, parameters and seed.

    Scenarios share a twin where `Simulation.looked_at` is the same. Raises ValueError where twins differ in more.
    """
    if len({scenario.twin().digest() for scenario in scenarios}) != 1:
        raise ValueError("scenarios of one point must differ in their shocks only")
    twins: dict[tuple[Any, ...], Recording] = {}
    found = []
    for scenario in scenarios:
        run = run_of(scenario, number)
        looked_at = run.simulation.looked_at
        if looked_at not in twins:
            twins[looked_at] = run_of(scenario.twin(), number, scenario)
        found.append(Comparison(run, twins[looked_at]))
    return found


def effects(scenarios: Sequence[Experiment], number: int) -> list[Numbers]:
    """Return what each scenario's shocks change in one replicate; see `comparisons`."""
    return [pair.effects for pair in comparisons(scenarios, number)]
