"""Von Borzyskowski and Vabulas 2019: the published logit of exits, and the probabilities that it predicts.

`config.yaml` switches everything off that this model adds to it. Its equation is then fitted to the model's own
log-odds in the built-in world, a quarter after the United States announced its exit from the WHO.
"""

from importlib.resources import files

import numpy as np

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.processes.membership import exit_log_odds
from abm.published import MEAN_DISTANCE, MEDIAN_MEMBERS
from abm.simulation import Simulation
from abm.state.world import Array

BODY = "WHO"


def here(full: bool) -> dict[str, tuple[float, float]]:
    """Return coefficients, probabilities and followers: under the published rules, and under the default ones."""
    own = load_experiment(str(files(__package__) / "config.yaml"))
    default = own.model_copy(update={"parameters": load_experiment("base").parameters})
    one, other = quantities(own), quantities(default)
    return {key: (one[key], other[key]) for key in one}


def quantities(experiment: Experiment) -> dict[str, float]:
    """Return the quantities of one set of rules."""
    simulation = Simulation(experiment, (experiment.seed, 0))
    simulation.step()
    world, p = simulation.world, simulation.drawn.values_of("membership")
    log_odds = exit_log_odds(world, p, np.zeros(3))
    pairs = world.may_leave & (world.exit_form != 2)
    follows = np.zeros_like(pairs)
    follows[:, world.organization_codes.index(BODY)] = True
    fitted = fit(world.distance_from_members[pairs], follows[pairs], world.counted_members, pairs, log_odds[pairs])
    intercept, distance, contagion, size = fitted
    mean = intercept + distance * MEAN_DISTANCE + size * np.log(MEDIAN_MEMBERS)
    chances = probability(log_odds)
    return {
        "intercept": intercept, "distance": distance, "contagion": contagion, "size": size,
        "probability": float(probability(mean)), "probability_after": float(probability(mean + contagion)),
        "rate": float(chances[pairs & ~follows].mean()), "followers": float(chances[pairs & follows].sum()),
    }  # fmt: skip


def fit(apart: Array, follows: Array, members: Array, pairs: Array, log_odds: Array) -> Array:
    """Return intercept and coefficients of the published equation, fitted to log-odds by least squares."""
    size = np.log(np.maximum(np.broadcast_to(members, pairs.shape)[pairs], 1))
    columns = np.column_stack([np.ones(len(apart)), apart, follows.astype(float), size])
    return np.asarray(np.linalg.lstsq(columns, log_odds, rcond=None)[0])


def probability(log_odds: Array | float) -> Array:
    """Return yearly probabilities from log-odds; shape as given."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(log_odds))))
