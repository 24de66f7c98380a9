"""What runs are reduced to: one reading a trial, for the model and for both null models on the same world.

A trial is a function of the number of the replicate; it runs inside a worker and gives back plain numbers only.
"""

import argparse
import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.events import Event
from abm.measures import Snapshot
from abm.membership_network import modularity
from abm.recording import Watcher
from abm.rng import stream
from abm.simulation import Simulation
from abm.state.world import Integers, World
from abm.worlds.synthetic import published_population
from experiments.validation.demography import Demography, PopulationCounts
from experiments.validation.nulls import NullWorld

SEED = 161803
"""Seed of all validation runs; other than those of calibration."""
POPULATION_QUARTERS, MODULARITY_YEARS = 160, 20
SCENARIOS = Path(__file__).parent / "scenarios"
Reading = dict[str, Any]
Readings = dict[str, Reading | None]
"""By "model", "n0", "n1"; None for a null model that has nothing of the kind."""
Trial = Callable[[int, tuple[str, ...]], Readings]
"""Number of the replicate, and overrides `PATH=VALUE` of every experiment in it."""


def options_of_rows(about: str | None, rows: int) -> argparse.ArgumentParser:
    """Return the options of a command that runs rows of the ensemble; with its help and their usual number."""
    reader = argparse.ArgumentParser(description=about)
    reader.add_argument("--rows", type=int, default=rows, help="rows of the ensemble")
    reader.add_argument("--workers", type=int, default=None, help="processes (default: one per core)")
    return reader


def scenario(name: str, *overrides: str) -> Experiment:
    """Return an experiment of the validation's own or of the shipped scenarios."""
    own = SCENARIOS / f"{name}.yaml"
    return load_experiment(own if own.exists() else name, overrides)


def population(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Run a population of the published sizes and ages for 40 years without a shock, and beside it both nulls."""
    experiment = scenario("base", "world.start=2015Q1", f"quarters={POPULATION_QUARTERS}", *overrides)
    simulation = Simulation(experiment, (SEED, number), published_population(number))
    start = copy.deepcopy(simulation.world)
    reading = _populate(simulation)
    nulls = {name: _null_population(start, name, number) for name in ("n0", "n1")}
    return {"model": reading, **nulls}


def _populate(simulation: Simulation) -> Reading:
    """Return the counts of a run, its modularity by year, and sleepers among survivors."""
    world, demography, levels = simulation.world, Demography(), YearlyModularity()
    simulation.run((demography, levels))
    asleep = world.zombie[: world.built]
    survivors = {name: [float(asleep[rows].sum()), float(len(rows))] for name, rows in _economic(world).items()}
    return {**demography.counts.reading(), **_levels(levels.found), "survivors": survivors}


class YearlyModularity(Watcher):
    """Takes the modularity at the start and after each of the first MODULARITY_YEARS years."""

    def begin(self, simulation: Simulation) -> None:
        """Take the start."""
        self.found = [_modularity(simulation.world)]

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Take the modularity at the end of a year."""
        past = snapshot.world.quarter + 1 - snapshot.world.start
        if past % 4 == 0 and past <= 4 * MODULARITY_YEARS:
            self.found.append(_modularity(snapshot.world))


def _economic(world: World) -> dict[str, Integers]:
    """Return the living organizations of the start: those of economic issue areas, and all."""
    economic = {"trade", "finance", "development", "energy"}
    own = np.array([world.issues[int(issue)] in economic for issue in world.issue[: world.built]])
    alive = world.in_scope[: world.built] > 0
    return {"economic": np.flatnonzero(own & alive), "all": np.flatnonzero(alive)}


def _modularity(world: World) -> tuple[float, float]:
    """Return the modularity of shared memberships in all organizations and in those below 150 members."""
    return modularity(world, 0, float("inf")), modularity(world, 0)


def _levels(levels: list[tuple[float, float]]) -> Reading:
    """Return start, lowest and highest modularity over the years, all organizations first."""
    table = np.array(levels)  # (year, kind)
    return {
        "modularity_start": table[0].tolist(),
        "modularity_range": (table.max(axis=0) - table.min(axis=0)).tolist(),
    }


def _null_population(world: World, name: str, number: int) -> Reading:
    """Return the same counts for a null model; nothing of it sleeps."""
    null, counts, shadow = NullWorld.of(world, name == "n1"), PopulationCounts(), copy.copy(world)
    random = stream((SEED, number), name)
    levels = [_modularity(world)]
    for past in range(POPULATION_QUARTERS):
        members, age = null.members.sum(axis=0), (world.start + past - world.founded[: world.built]) / 4
        counts.add_exposure(members, age, null.alive, null.exitable)
        left, died = null.step(random)
        counts.exits += float(left.sum())
        counts.count_deaths(members, age, died)
        if past % 4 == 3 and past < 4 * MODULARITY_YEARS:
            shadow.member, shadow.alive = null.members, null.alive
            levels.append(_modularity(shadow))
    return {**counts.reading(), **_levels(levels)}
