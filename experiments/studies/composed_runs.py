"""What a study composes: experiments made of shocks, their runs, and where these end beside a shared twin.

Scenarios that look at the same parts of the world share a twin; see `comparisons`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from abm.comparison import Comparison
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.recording import Recording, record
from abm.simulation import Simulation

Shock = Mapping[str, Any]
Numbers = dict[str, float]


def scene(
    shocks: Sequence[Shock], quarters: int, overrides: Sequence[str] = (), parameters: Mapping[str, Any] | None = None
) -> Experiment:
    """Return the built-in world with these shocks; `overrides` are texts `PATH=VALUE` on top."""
    config = {"extends": "base", "quarters": quarters, "shocks": list(shocks), "parameters": dict(parameters or {})}
    return load_experiment(config, overrides)


def shocks_of(*scenarios: str) -> list[dict[str, Any]]:
    """Return the shocks of shipped scenarios, joined, without their ids."""
    found = [shock for name in scenarios for shock in load_experiment(name).resolved()["shocks"]]
    return [{key: value for key, value in shock.items() if value is not None and key != "id"} for shock in found]


def run_of(experiment: Experiment, number: int, target: Experiment | None = None) -> Recording:
    """Return one replicate; `target` says where measures look (see `abm.simulation.Simulation`)."""
    return record(Simulation(experiment, (experiment.seed, number), target=target), is_twin=target is not None)


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
