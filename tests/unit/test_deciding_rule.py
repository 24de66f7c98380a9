"""Which rule decides an exit: the one without which it would be less than half as likely. Computed by hand."""

import numpy as np
import pytest

from abm.deciding_rule import UNDECIDED, Chances, alone, quarterly, together

ALIKE = {"affinity": 0.0, "example": 0.0, "distance": 0.0}


def decider(log_odds: float, acts: float = 0.0, dropped: bool = False, invited: float = 0.0, **terms: float) -> str:
    """Return what decides one exit of these yearly log-odds."""
    chances = Chances(np.array([log_odds]), np.array([acts]), np.array([dropped]), np.array([invited]))
    (rule,) = chances.deciding({name: np.array([value]) for name, value in (ALIKE | terms).items()})
    return rule


def test_probability_of_an_exit() -> None:
    """At even odds a year .159 a quarter; an act of .5 and an invitation of .5 take half of what stays each."""
    even = 1 - 0.5**0.25
    assert quarterly(np.zeros(1))[0] == pytest.approx(even)
    one = alone(np.zeros(1), np.array([0.5]), np.array([False]))
    assert one[0] == pytest.approx(1 - (1 - even) / 2)
    assert together(one, np.array([0.5]))[0] == pytest.approx(1 - (1 - even) / 4)
    assert alone(np.zeros(1), np.zeros(1), np.array([True]))[0] == 1
    assert quarterly(np.array([1e9]))[0] == 1


@pytest.mark.parametrize(
    ("terms", "rule"),
    [
        ({}, UNDECIDED),
        ({"distance": np.log(2) - 0.01}, UNDECIDED),  # without it a bit more than half as likely
        ({"distance": np.log(2) + 0.01}, "distance"),
        ({"distance": -5.0}, UNDECIDED),
        ({"distance": 1.0, "example": 2.0}, "example"),
        ({"distance": 2.0, "example": 1.0}, "distance"),
        ({"affinity": 1.0, "example": 4.0}, "affinity"),  # it is part of the example, and says who follows
        ({"affinity": 0.5, "example": 4.0}, "example"),
        ({"affinity": -1.0, "example": 2.0}, "example"),
        ({"affinity": 1.0, "example": 4.0, "distance": 2.0}, "distance"),
    ],
)
def test_log_odds_decide_that_at_least_double_a_rare_exit(terms: dict[str, float], rule: str) -> None:
    assert decider(-12.0, **terms) == rule


def test_acts_reviews_and_allies_decide_where_the_own_chance_is_small() -> None:
    assert decider(-6.0, acts=0.3) == "act"
    assert decider(-6.0, dropped=True) == "review"
    assert decider(-6.0, invited=0.3) == "ally"
    assert decider(-6.0, acts=0.3, invited=0.6) == "ally", ".3 of .72 would be left, and .6 without the act"
    assert decider(-6.0, acts=0.5, invited=0.5) == UNDECIDED, "either alone would do"
    assert decider(0.0, invited=0.1) == UNDECIDED, "it would have left anyhow"
    assert decider(-6.0, dropped=True, acts=0.6) == UNDECIDED


def test_each_exit_has_its_own() -> None:
    chances = Chances(np.full(3, -9.0), np.array([0.0, 0.2, 0.0]), np.zeros(3, bool), np.array([0.0, 0.0, 0.1]))
    terms = {name: np.zeros(3) for name in ALIKE} | {"distance": np.array([3.0, 0, 0])}
    assert chances.deciding(terms) == ["distance", "act", "ally"]
