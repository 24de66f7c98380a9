"""Results that reports are written of: small, of every kind that a user can make."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import lru_cache

import pytest

from experiments.report.result_view import View
from experiments.runs.result import Result
from experiments.runs.run_experiment import run_experiment
from tests.worlds_small import among_few_states

SMALL = ("world.source=synthetic", "world.states=20", "world.organizations=10")
CASES: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "real": ("us-exit-2026", ("quarters=14", "replicates=2"), True),
    "no shock": ("base", (*SMALL, "quarters=8", "replicates=2"), True),
    "no twin": ("us-exit-2026", (*SMALL, "quarters=16", "replicates=2"), False),
    "one run": ("us-exit-2026", (*SMALL, "quarters=10", "replicates=1"), True),
    "one quarter": ("who-2025", (*SMALL, "quarters=1", "replicates=1"), True),
    "two states": ("us-exit-2026", ("world.source=synthetic", "world.states=2", "world.organizations=3", "quarters=8",
                                    "replicates=2"), True),
    "several actors": ("eu-exit", ("quarters=6", "replicates=1"), True),
    "births and deaths": ("us-exit-2026", ("quarters=60", "replicates=1"), False),
    "sanction": ("sanction-icc-2025", ("quarters=4", "replicates=2"), True),
}  # fmt: skip
WHOLE = {"real", "several actors"}
"""Cases that need states that other tests of scenarios leave out."""


@lru_cache(maxsize=len(CASES))
def result_of(name: str) -> Result:
    """Return the result of a case; it is run once."""
    scenario, overrides, twin = CASES[name]
    with nullcontext() if name in WHOLE else among_few_states():
        return run_experiment(scenario, overrides, twin=twin, workers=1)


@pytest.fixture(scope="session")
def results() -> Callable[[str], Result]:
    """Return results by the name of their case."""
    return result_of


@pytest.fixture(scope="session")
def real(results: Callable[[str], Result]) -> View:
    """Return the view of an exit in the real world: two runs of fourteen quarters, with twins."""
    return View(results("real"))
