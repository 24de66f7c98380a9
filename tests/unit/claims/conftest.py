"""The large exit and its twin, and the same exit in a world in which nothing happened."""

from copy import copy
from dataclasses import replace

import pytest

from abm.comparison import Comparison
from experiments.claims.claim import QUARTERS, Case
from experiments.claims.watched_fields import record_for_claims
from tests.worlds_small import among_few_states


@pytest.fixture(scope="session")
def pair() -> Comparison:
    """Return the large exit among few states and its twin."""
    experiment = Case("us-exit-2026").experiment({})
    with among_few_states():
        run, twin = (record_for_claims(one, 0, (QUARTERS,))[QUARTERS] for one in (experiment, experiment.twin()))
    return Comparison(run, twin)


@pytest.fixture(scope="session")
def unmoved(pair: Comparison) -> Comparison:
    """Return a pair in which nothing happened: what the twin left, looked at as what the exit left."""
    simulation = copy(pair.run.simulation)
    simulation.world = pair.twin.world
    return Comparison(replace(pair.twin, simulation=simulation, shocked=pair.run.shocked), pair.twin)
