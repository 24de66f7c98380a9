"""Experiments made of shocks that a study composes, and their runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.recording import Recording, record
from abm.simulation import Simulation

Shock = Mapping[str, Any]


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
