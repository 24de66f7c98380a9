"""Trial of deaths: does an exit kill? The same world with and without exits from organizations and clubs."""

import copy
from typing import NamedTuple

import numpy as np

from abm.simulation import Simulation
from abm.state.world import Array, Integers, World
from abm.worlds.synthetic import published_population
from experiments.validation.readings import SEED, Readings, scenario

BEFORE, WATCHED, EVERY = 30, 40, 5
"""Quarters before the exits, quarters in which deaths are counted, and one organization in how many is left."""


class Withdrawals(NamedTuple):
    """Pairs of rows: who leaves what."""

    states: Integers
    bodies: Integers


def deaths(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Count deaths in ten years of organizations that a great power leaves and of clubs that their founder leaves.

    Beside them: the same organizations and clubs with nobody leaving, and the clubs with their largest other member
    leaving. Founders of the organizations of the start are not known to the model; clubs are founded in the run. The
    nulls' deaths know nothing of exits.
    """
    experiment = scenario("base", "world.start=2015Q1", f"quarters={BEFORE + WATCHED}", *overrides)
    simulation = Simulation(experiment, (SEED, number), published_population(number))
    simulation.run(quarters=BEFORE)
    world = simulation.world
    power, founders, others = great_power_exits(world, number), _founders(world), _others(world)
    left = {"stay": (), "left": (power, founders), "other": (others,)}
    dead = {name: gone_after(copy.deepcopy(simulation), departures) for name, departures in left.items()}
    model = {"bodies": float(len(power.bodies)), "clubs": float(len(founders.bodies))}
    for name, gone in dead.items():
        model[f"bodies_{name}"] = float(gone[power.bodies].sum())
        model[f"clubs_{name}"] = float(gone[founders.bodies].sum())
    return {"model": model, "n0": None, "n1": None}


def great_power_exits(world: World, number: int) -> Withdrawals:
    """Return the United States leaving every fifth organization of the start that it can leave."""
    usa = world.state_codes.index("USA")
    chosen = np.arange(number % EVERY, world.built, EVERY)
    chosen = chosen[(world.member[usa, chosen] > 0) & (world.exit_form[chosen] < 2) & (world.in_scope[chosen] > 0)]
    return Withdrawals(np.full(len(chosen), usa), chosen)


def _founders(world: World) -> Withdrawals:
    """Return every founder leaving its living clubs."""
    clubs = np.flatnonzero((world.founder >= 0) & (world.alive > 0))
    founder = world.founder[clubs].astype(int)
    led = world.member[founder, clubs] > 0
    return Withdrawals(founder[led], clubs[led])


def _others(world: World) -> Withdrawals:
    """Return, for the same clubs, the largest member that did not found it leaving."""
    founder, clubs = _founders(world)
    weight = world.member[:, clubs] * world.capability[:, None]
    weight[founder, np.arange(len(clubs))] = 0.0
    return Withdrawals(weight.argmax(axis=0), clubs)


def gone_after(simulation: Simulation, departures: tuple[Withdrawals, ...]) -> Array:
    """Return 1 for every organization that is gone at the end; a slot used again counts as gone, (organization,)."""
    world = simulation.world
    founded, notice = world.founded.copy(), world.notice.copy()
    for states, bodies in departures:
        notice[states, bodies] = 0
    world.notice = notice
    simulation.run()
    now = slice(0, len(founded))
    return ((world.alive[now] == 0) | (world.founded[now] != founded)) * 1.0
