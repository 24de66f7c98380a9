"""Regimes: stated thresholds, degrees and labels where the answer is known."""

from typing import Any

import numpy as np
import pytest

from abm import regimes
from abm.regimes import IN_POINTS, REGIMES, SURE, WAYS, at_least, at_most, certain, degree, label_of, memberships

SIGNALS = sorted({one.signal for ways in WAYS.values() for way in ways for one in way})


def judged(scale: float = 1.0, **signals: float) -> dict[str, float]:
    """Return memberships of one time; signals that are not given are 0."""
    some = dict.fromkeys(SIGNALS, 0.0) | signals
    found = memberships({name: np.array([value]) for name, value in some.items()}, scale)
    return {name: float(values[0]) for name, values in found.items()}


def met(way: Any, times: float = 1.0) -> dict[str, float]:
    """Return signals that are `times` the threshold where something has to be at least there, and 0 elsewhere."""
    return {one.signal: times * one.threshold * (one.side == "at least") for one in way}


def test_no_signal_is_continuity() -> None:
    assert judged() == {"continuity": 1.0, **dict.fromkeys(REGIMES[1:], 0.0)}
    assert label_of(judged()) == "continuity"


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, ways in WAYS.items() for place in range(len(ways))]
)
def test_a_way_takes_all_its_criteria(name: str, place: int) -> None:
    way = WAYS[name][place]
    assert judged(**met(way))[name] == pytest.approx(0.5)
    assert judged(**met(way, 2.0))[name] == 1
    for one in way:
        missing = 0.0 if one.side == "at least" else 2 * one.threshold
        assert judged(**met(way, 2.0) | {one.signal: missing})[name] == 0, one.signal


def test_degree_at_the_threshold_is_a_half() -> None:
    values = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 9.0])
    np.testing.assert_allclose(degree(at_least("x", 2.0), values), [0, 0, 0.25, 0.5, 0.75, 1, 1])
    np.testing.assert_allclose(degree(at_most("x", 2.0), values), [1, 1, 1, 0.5, 0, 0, 0])


def test_leaving_in_groups_is_fragmentation_and_without_them_unravelling() -> None:
    assert label_of(judged(left_by_others=0.5, segregation=0.3)) == "fragmentation"
    assert label_of(judged(left_by_others=0.5, segregation=0.02)) == "unravelling"
    assert label_of(judged(left_by_others=0.12, segregation=0.02)) == "continuity"
    assert label_of(judged(left_by_others=0.02, segregation=0.3)) == "two_camps"


def test_of_equal_ones_the_farther_wins() -> None:
    both = judged(left_by_others=0.9, segregation=0.9, trust_gap=0.9)
    assert both["fragmentation"] == both["two_camps"] == 1
    assert label_of(both) == "fragmentation"


def test_where_others_leave_in_bulk_clubs_do_not_name_the_order() -> None:
    many = {"births_more": 50.0, "births_ratio": 9.0}
    assert label_of(judged(left_by_others=0.11, segregation=0.3, **many)) == "fragmentation"
    assert label_of(judged(left_by_others=0.09, segregation=0.3, **many)) == "minilateral"
    assert label_of(judged(left_by_others=0.26, segregation=0.0, hollowed=1.0)) == "unravelling"


def test_selective_hegemony_is_for_few() -> None:
    assert label_of(judged(saved=0.3)) == "selective_hegemony"
    assert judged(saved=0.3, actors_too_many=1)["selective_hegemony"] == 0


def test_thresholds_can_be_scaled() -> None:
    some = {"hollowed": 0.35}
    assert label_of(judged(**some)) == "hollowing_out"
    assert label_of(judged(scale=1.33, **some)) == "continuity"


def test_a_regime_is_certain_from_five_deviations_of_placebos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regimes, "SPREAD", {"hollowed": 0.1, "gained": 0.01, "led_by_another": 0.0})
    quiet = dict.fromkeys([*SIGNALS, *IN_POINTS.values()], 0.0)
    assert certain("hollowing_out", quiet | {"hollowed": SURE * 0.1})
    assert not certain("hollowing_out", quiet | {"hollowed": 0.49})
    taken = {"taken_over": 0.9, "led_by_another": 0.9}
    assert certain("recentring", quiet | taken | {"gained": 0.05})
    assert not certain("recentring", quiet | taken | {"gained": 0.04}), "nine tenths of next to nothing"


def test_of_two_ways_into_a_regime_the_farther_has_to_exceed_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regimes, "SPREAD", {"trust_gap": 0.25 / SURE, "segregation": 0.05 / SURE})
    quiet = dict.fromkeys([*SIGNALS, *IN_POINTS.values()], 0.0)
    assert certain("two_camps", quiet | {"trust_gap": 0.3, "segregation": 0.04})
    assert not certain("two_camps", quiet | {"trust_gap": 0.24, "segregation": 0.06})


def test_every_signal_of_a_way_has_its_spread_among_placebos() -> None:
    assert {IN_POINTS.get(name, name) for name in SIGNALS} <= set(regimes.SPREAD)
    assert regimes.SPREAD["left_by_others"] < 0.01
