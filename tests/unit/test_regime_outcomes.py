"""Outcomes of a trajectory: the year in which a regime is entered, whether it healed, and whether it exceeds chance."""

import math

import numpy as np
import pytest

from abm.regime_outcomes import entered, healed, is_certain
from abm.regime_trajectory import Trajectory
from tests.unit.test_regime_trajectory import way_of

HEALED, LASTING, NONE = [0.0] * 4 + [0.62] * 12 + [0.0] * 20, [0.0] * 12 + [0.5] * 20, [0.0] * 24


def ways(*lefts: list[float]) -> list[Trajectory]:
    """Return trajectories of runs whose others' seats are given up so far."""
    return [way_of(left) for left in lefts]


def test_years_are_counted_to_the_end_of_the_quarter_in_which_a_regime_is_entered() -> None:
    """The spells begin in the twelfth and the eighteenth quarter, which end three and four and a half years on."""
    found = [entered(way) for way in ways(HEALED, LASTING, NONE)]
    np.testing.assert_allclose(found, [3.0, 4.5, math.nan])


def test_a_run_is_healed_that_ends_in_continuity_after_another_regime() -> None:
    assert [healed(way) for way in ways(HEALED, LASTING, NONE)] == [1, 0, 0]


def test_a_regime_is_certain_or_not_and_continuity_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    np.testing.assert_allclose([is_certain(way) for way in ways(LASTING, NONE)], [1.0, math.nan])
    monkeypatch.setattr("abm.regimes.SPREAD", {"left_by_others": 0.2})
    np.testing.assert_allclose([is_certain(way) for way in ways(LASTING, NONE)], [0.0, math.nan])
