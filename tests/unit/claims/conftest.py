"""The large exit and its twin, and pairs in which nothing, or one thing only, is different."""

from dataclasses import replace

import pytest

from experiments.claims.claim import Case
from experiments.claims.trace_pairs import Pair, pair_up, trace


@pytest.fixture(scope="session")
def pair() -> Pair:
    """Return the large exit on the built-in world and its twin."""
    experiment = Case("us-exit-2026").experiment({})
    return pair_up(experiment, trace(experiment, 0), trace(experiment.twin(), 0))


@pytest.fixture(scope="session")
def unmoved(pair: Pair) -> Pair:
    """Return a pair in which nothing happened: the twin beside itself."""
    return replace(pair, run=pair.twin)
