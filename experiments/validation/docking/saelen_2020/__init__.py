"""Sælen, Hovi, Sprinz and Underdal 2020: what an exit from the Paris Agreement does to what others contribute.

Their agents pledge and contribute by reciprocity, confidence and ambition, and the outcome is a temperature. Here the
outcome is the share of the problem that members still cover: what the leaver withdraws, and what others withdraw then.
"""

from importlib.resources import files

import numpy as np

from abm.calendar import parse_quarter
from abm.config.reader import load_experiment
from abm.recording import FieldValues
from abm.simulation import Simulation
from abm.state.world import Array

TREATY, LEAVER = "Paris Agreement", "USA"
CONFIG = files(__package__) / "config.yaml"
NONE = ("commitment.reciprocity_weight=0", "commitment.conditionality=0", "membership.reciprocity_log_odds=0")
STRONG = ("commitment.reciprocity_weight=0.8", "commitment.conditionality=0.8")
DEFAULT = (
    "membership.contagion_log_odds=3.348", "commitment.legitimacy_elasticity=0.5", "commitment.example_weight=0.3",
)  # fmt: skip
"""What the config switches off, at its defaults: examples that others follow, and faith in the organization."""
TWO_TERMS = "shocks.back.announced=2025Q1"


def here(full: bool) -> dict[str, tuple[float, float]]:
    """Return what others withdraw, relative to the leaver: by strength of reciprocity and length of the absence."""
    one, other = quantities(8 if full else 2), quantities(8 if full else 2, *DEFAULT)
    return {key: (one[key], other[key]) for key in one}


def quantities(count: int, *rules: str) -> dict[str, float]:
    """Return the quantities of one set of rules, means over `count` runs."""
    short, long = losses(count, *rules), losses(count, TWO_TERMS, *rules)
    none, strong = losses(count, TWO_TERMS, *rules, *NONE), losses(count, TWO_TERMS, *rules, *STRONG)
    return {
        "none": none[1] / long[0],
        "reciprocity": (strong[1] - none[1]) / long[0],
        "length": (long[1] - short[1]) / long[0],
        "knock_on": long[1] / long[0] - 1,
    }


def losses(count: int, *settings: str) -> Array:
    """Return what the leaver and what all others cover less than without the exit, mean over runs; shape (2,).

    Each is a mean over the quarters from the announcement on, as a share of the problem.
    """
    experiment = load_experiment(str(CONFIG), settings)
    announced = parse_quarter("2017Q2") - parse_quarter(experiment.world.start)
    found = []
    for number in range(count):
        luck = (experiment.seed, number)
        run, twin = Simulation(experiment, luck), Simulation(experiment.twin(), luck, target=experiment)
        found.append((covered(twin) - covered(run))[announced:].mean(axis=0))
    return np.asarray(np.mean(found, axis=0))


def covered(simulation: Simulation) -> Array:
    """Run a simulation; return the share of the treaty's problem that the leaver and all others cover, (quarter, 2)."""
    column = simulation.world.organization_codes.index(TREATY)
    leaver = simulation.world.state_codes.index(LEAVER)
    shares = FieldValues({"covered": lambda snapshot: snapshot.world.coverage[:, column]})
    simulation.run([shares])
    by_state = shares.values["covered"]
    own = by_state[:, leaver]
    return np.column_stack([own, by_state.sum(axis=1) - own])
