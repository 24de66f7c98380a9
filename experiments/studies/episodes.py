"""Experiments made of shocks that a study composes, and what one run of them leaves in the bodies concerned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.measures import names
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.runs.money import Flows, follow
from experiments.runs.outcomes import FOLLOWING_QUARTERS, refill

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


@dataclass
class Trace:
    """A finished run and the money of the bodies that its target's shocks aim at."""

    simulation: Simulation
    flows: Flows

    @cached_property
    def shocked_means(self) -> dict[str, Array]:
        """Means of body measures over the shocked bodies by name; shape (quarter,)."""
        return dict(zip(names("body"), self.simulation.body_means(shocked=True).T, strict=True))

    @cached_property
    def system(self) -> dict[str, Array]:
        """System measures by name; shape (quarter,)."""
        return dict(zip(names("system"), np.array(self.simulation.record.system).T, strict=True))

    def followers(self) -> int:
        """Return how many exits other states announce from shocked bodies within twelve quarters of the first act."""
        record, aims = self.simulation.record, self.flows.aims
        actors = self.simulation.actors
        found = {
            (event.actor, event.code)
            for quarter, event in record.events
            if event.kind == "announce"
            and event.code in aims
            and not actors[event.actor]
            and 0 <= quarter - aims[event.code] <= FOLLOWING_QUARTERS
        }
        return len(found)


def trace(experiment: Experiment, number: int, target: Experiment | None = None) -> Trace:
    """Return one finished replicate; `target` says where measures look."""
    simulation = Simulation(experiment, (experiment.seed, number), target=target)
    return Trace(simulation, follow(simulation))


def pair(experiment: Experiment, number: int) -> tuple[Trace, Trace]:
    """Return one finished replicate and its twin."""
    return trace(experiment, number), trace(experiment.twin(), number, experiment)


def refills(run: Trace, twin: Trace, after: int) -> dict[str, tuple[float, float]]:
    """Return refill after `after` quarters and the loss (USD a year) of each body that lost money."""
    flows = run.flows
    leavers = np.array([float(donor in flows.actors) for donor in flows.donors])
    found = {}
    for code, budget in flows.budgets.items():
        outcome = refill(flows.by_body[code], twin.flows.by_body[code], leavers, budget, after)
        if outcome is not None:
            lost = (twin.flows.by_body[code] - flows.by_body[code]) @ leavers
            found[code] = (outcome[0], 4 * float(lost.max()))
    return found


def weighted_refill(run: Trace, twin: Trace, after: int) -> float:
    """Return refill of all bodies together: the mean over bodies weighted by what each lost; NaN without a loss."""
    found = refills(run, twin, after)
    lost = sum(loss for _, loss in found.values())
    return sum(value * loss for value, loss in found.values()) / lost if lost else float("nan")
