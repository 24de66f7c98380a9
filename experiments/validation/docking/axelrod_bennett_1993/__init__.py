"""Axelrod and Bennett 1993: alignments as minima of an energy landscape.

The propensities and sizes of the 17 European states of 1936 are printed in the article, which could not be had. They
are not made up here. What is made again is the theory, on the 17 largest states of the built-in world: propensities
are agreement in votes relative to its mean, sizes are shares of capability.
"""

from importlib.resources import files

import numpy as np

from abm.config.reader import load_experiment
from abm.simulation import Simulation
from abm.state.world import Array

STATES = 17
CONFIG = files(__package__) / "config.yaml"


def here(full: bool) -> dict[str, tuple[float, float]]:
    """Return the number of configurations, rises of energy along descents, minima, and how camps lie in the lowest."""
    simulation = Simulation(load_experiment(str(CONFIG)), (1, 0))
    world = simulation.world
    largest = np.sort(np.argsort(-world.capability, kind="stable")[:STATES])
    agreement = world.agreement[np.ix_(largest, largest)]
    mean = agreement[~np.eye(STATES, dtype=bool)].mean()
    weights = pulls(agreement - mean, world.capability[largest])
    sides = configurations(STATES)
    energies = energy(sides, weights)
    minima = sides[stable(sides, weights)]
    lowest = sides[energies.argmin()]
    camps = world.camp[largest]
    return {
        "configurations": (float(len(sides)), np.nan),
        "rises": (float(rises(sides[:: 1 if full else 64], weights)), np.nan),
        "minima": (float(len(minima)), np.nan),
        "camps": (together(lowest, camps), np.nan),
    }


def pulls(propensity: Array, size: Array) -> Array:
    """Return size times size times propensity for each pair, nothing on the diagonal; shape (state, state)."""
    found = size[:, None] * size[None, :] * propensity
    np.fill_diagonal(found, 0.0)
    return np.asarray(found)


def configurations(count: int) -> Array:
    """Return all divisions into two sides, -1 and 1, the last state on side 1; shape (configuration, state)."""
    bits = (np.arange(2 ** (count - 1))[:, None] >> np.arange(count - 1)) & 1
    return np.column_stack([2.0 * bits - 1, np.ones(len(bits))])


def energy(sides: Array, weights: Array) -> Array:
    """Return the energy of divisions: the weights of all pairs that are apart; shape (configuration,)."""
    return np.asarray(weights.sum() / 2 - np.einsum("ci,ij,cj->c", sides, weights, sides) / 2) / 2


def stable(sides: Array, weights: Array) -> Array:
    """Return whether no state gains by changing sides alone; shape (configuration,)."""
    return np.asarray((sides * (sides @ weights) >= 0).all(axis=1))


def rises(sides: Array, weights: Array) -> int:
    """Return how often the energy rises when the most frustrated state of each division changes sides."""
    frustration = -sides * (sides @ weights)
    worst = frustration.argmax(axis=1)
    moves = frustration[np.arange(len(sides)), worst] > 0
    after = sides.copy()
    after[np.arange(len(sides)), worst] *= -1
    return int((energy(after[moves], weights) > energy(sides[moves], weights) + 1e-15).sum())


def together(sides: Array, camps: Array) -> float:
    """Return the share of pairs of western and rival states that stand on different sides, NaN without any."""
    west, rival = sides[camps > 0], sides[camps < 0]
    return float((west[:, None] != rival[None, :]).mean()) if len(west) and len(rival) else float("nan")
