"""Regimes by chance: thresholds from what chance makes, labels and memberships where the answer is known."""

import pytest

from abm.regime_by_chance import CHANCE, THRESHOLDS, Threshold, degree, falls, holds, label, memberships, rises
from abm.regimes import REGIMES

FAR = 10.0


def effects(name: str, times: float = 1.0) -> dict[str, float]:
    """Effects that meet the criteria of one regime fully, or `times` as much."""
    return {one.measure: times * one.threshold for one in THRESHOLDS[name]}


def test_no_effect_is_continuity() -> None:
    assert memberships({}) == {"continuity": 1.0, **dict.fromkeys(REGIMES[1:], 0.0)}
    assert label({}) == "continuity"


@pytest.mark.parametrize("name", REGIMES[1:])
def test_a_regime_takes_all_its_criteria(name: str) -> None:
    found = effects(name)
    assert memberships(found)[name] == 1
    assert memberships(found)[label(found)] == 1
    for one in THRESHOLDS[name]:
        beyond = FAR * (one.origin - one.threshold)  # away from the threshold, past the origin
        assert memberships(found | {one.measure: one.origin + beyond})[name] == 0, one.measure


def test_what_two_quiet_worlds_show_counts_as_nothing() -> None:
    assert degree(rises("clubs"), CHANCE["clubs", "world", 0.95]) == 0
    assert degree(falls("shocked.effectiveness"), CHANCE["shocked.effectiveness", "body", 0.005]) == 1
    assert degree(holds("shocked.budget"), CHANCE["shocked.budget", "world", 0.05]) == 1
    assert degree(holds("shocked.budget"), CHANCE["shocked.budget", "body", 0.005]) == 0


def test_degree_is_in_proportion_between_origin_and_threshold() -> None:
    assert degree(Threshold("x", -4.0, -2.0), -3.0) == pytest.approx(0.5)
    assert degree(Threshold("x", 4.0, 2.0), 2.5) == pytest.approx(0.25)


def test_unravelling_takes_a_multiple_and_wins_among_equals() -> None:
    bulk = effects("unravelling") | effects("fragmentation") | {"memberships_kept": -1e6}
    assert memberships(bulk)["fragmentation"] == memberships(bulk)["unravelling"] == 1
    assert label(bulk) == "unravelling"
    assert falls("memberships_kept", 5.0).threshold == 5 * falls("memberships_kept").threshold


def test_thresholds_can_be_scaled() -> None:
    some = effects("minilateral")
    assert label(some) == "minilateral"
    assert label(some, scale=1.33) == "continuity"
    assert memberships(some, scale=0.75)["minilateral"] == 1


def test_chance_has_no_side() -> None:
    for (measure, whose, quantile), value in CHANCE.items():
        other = CHANCE[measure, whose, round(1 - quantile, 3)]
        assert value == pytest.approx(-other, rel=0.15, abs=1e-9), measure
