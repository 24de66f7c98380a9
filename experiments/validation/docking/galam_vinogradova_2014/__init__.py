"""Galam and Vinogradova 2014: what the dissolution of one of two global alliances leaves behind.

First their model, with the bonds of their figure 4: three countries of the Soviet side repel each other, three of the
Western side attract each other, and one in between is drawn to these. The caption gives the signs; strengths of 1 are
an assumption. Then this model: all members leave NATO at once (`config.yaml`).
"""

from importlib.resources import files
from itertools import product

import numpy as np

from abm.config.reader import load_experiment
from abm.simulation import Simulation
from abm.state.world import Array, Mask

SOVIET, WESTERN, BETWEEN = (0, 1, 2), (3, 4, 5), 6
PULL = 2.0
"""Strength of what an alliance adds to a bond, enough to outweigh it: the published condition of stability."""
ALLIANCE, OTHER = "NATO", "SCO"
CONFIG = files(__package__) / "config.yaml"


def here(full: bool) -> dict[str, tuple[float, float]]:
    """Return what their model and this one say of the coalitions before and after one alliance dissolves."""
    whole, broken = optima(1.0), optima(0.0)
    inner, outer = trust_lost(6 if full else 1)
    return {
        "stable": (float(len(whole)), np.nan),
        "held": (_side(whole, BETWEEN, SOVIET[0]), np.nan),
        "unstable": (float(len({tuple(one[list(SOVIET)]) for one in broken}) - 1), np.nan),
        "turned": (_side(broken, BETWEEN, WESTERN[0]), np.nan),
        "kept": (_side(broken, WESTERN[1], WESTERN[0]), np.nan),
        "trust_members": (inner, np.nan),
        "trust_others": (outer, np.nan),
    }


def bonds() -> Array:
    """Return the signs of the bonds before any alliance; shape (country, country)."""
    found = np.zeros((7, 7))
    for group, sign in ((SOVIET, -1.0), ((*WESTERN, BETWEEN), 1.0)):
        found[np.ix_(group, group)] = sign
    np.fill_diagonal(found, 0.0)
    return found


def optima(weight: float) -> Array:
    """Return the best divisions, the first Western country on side 1; `weight` 1 is a whole Soviet alliance, 0 none.

    Shape (division, country). An alliance adds to the bonds of those that belong to the same one, and takes from the
    bonds of those that belong to opposite ones. The country in between belongs to the Soviet one.
    """
    belongs = np.array([weight, weight, weight, -1.0, -1.0, -1.0, weight])
    total = bonds() + PULL * np.outer(belongs, belongs)
    np.fill_diagonal(total, 0.0)
    sides = np.array([side for side in product((-1.0, 1.0), repeat=7) if side[WESTERN[0]] == 1.0])
    gains = np.einsum("ci,ij,cj->c", sides, total, sides)
    return np.asarray(sides[np.isclose(gains, gains.max())])


def _side(divisions: Array, one: int, other: int) -> float:
    """Return the share of divisions in which two countries stand on the same side."""
    return float((divisions[:, one] == divisions[:, other]).mean())


def trust_lost(count: int) -> tuple[float, float]:
    """Return the trust among members of the dissolved alliance, and of the other one, less that without the end."""
    experiment = load_experiment(str(CONFIG))
    found = []
    for number in range(count):
        luck = (experiment.seed, number)
        run, twin = Simulation(experiment, luck), Simulation(experiment.twin(), luck, target=experiment)
        groups = [run.world.member[:, run.world.organization_codes.index(code)] > 0 for code in (ALLIANCE, OTHER)]
        run.run()
        twin.run()
        found.append([among(run, group) - among(twin, group) for group in groups])
    inner, outer = np.mean(found, axis=0)
    return float(inner), float(outer)


def among(simulation: Simulation, group: Mask) -> float:
    """Return mean trust between the states of a group."""
    rows = np.flatnonzero(group)
    trust = simulation.world.trust[np.ix_(rows, rows)]
    return float(trust[~np.eye(len(rows), dtype=bool)].mean())
