"""Every parameter moves something: at its low, at its high and at each other choice, an event or a measure changes."""

import pytest

from tests.liveness import (
    NEEDS,
    PATHS,
    SLEEPERS,
    Usual,
    alternatives,
    idle_in_shipped_scenarios,
    idle_values,
    lively,
    moves,
)
from tests.worlds_small import cut_tables


@pytest.mark.parametrize("path", PATHS)
def test_parameter_moves_something(path: str) -> None:
    assert len(alternatives(path)) >= 1
    assert idle_values(path) == []


def test_run_moves_nothing_against_itself() -> None:
    """The measuring stick: equal runs are equal, so that what moves is moved by the parameter."""
    usual = Usual(lively(), cut_tables())
    assert not moves(usual, lively(), cut_tables())
    assert moves(usual, lively().with_values({"trust.habit_rate": 0.31}), cut_tables())


def test_every_need_is_one_of_a_parameter() -> None:
    assert set(NEEDS) <= set(PATHS)
    assert set(SLEEPERS) <= set(PATHS)


@pytest.mark.long
@pytest.mark.parametrize("path", [path for path in PATHS if path not in SLEEPERS])
def test_parameter_moves_a_shipped_scenario(path: str) -> None:
    """On the real world, at one of its ends or more, in one of the shipped scenarios."""
    assert len(idle_in_shipped_scenarios(path)) < len(alternatives(path, usual=False))
