"""Patterns on constructed readings: each is in where it should be, and out where it should not."""

from typing import Any

import numpy as np
import pytest

from experiments.validation.demography import PopulationCounts
from experiments.validation.model_trials.cuts import CUTS
from experiments.validation.pattern_verdicts import Pattern
from experiments.validation.patterns.registry import PATTERNS, TRIALS
from experiments.validation.validate import score_pattern

BY_ID = {pattern.id: pattern for pattern in PATTERNS}
EXIT = {"followers": 0, "nearness": 0.0, "far": 0.0, "back": 0.0}
NAMES = ("unesco-1984", "unesco-2017", "paris-2017", "who-2020")


def verdict(number: int, readings: list[dict[str, Any]], n0: Any = None, n1: Any = None) -> dict[str, Any]:
    """Return the entry of a pattern for some readings of the model and, the same in all replicates, of the nulls."""
    return score_pattern(BY_ID[number], [{"model": reading, "n0": n0, "n1": n1} for reading in readings])


def population(**changes: Any) -> dict[str, Any]:
    """Return the reading of a population that meets every pattern about it."""
    reading = {
        "exits": 4.0, "memberships": 10_000.0,
        "deaths_by_size": [14.0, 12.0, 5.0, 5.0, 2.0], "years_by_size": [1000.0] * 5,
        "deaths_by_age": [6.0, 13.0, 12.0, 11.0, 6.0], "years_by_age": [1000.0] * 5,
        "modularity_start": [0.06, 0.1], "modularity_range": [0.008, 0.01],
        "survivors": {"economic": [42.0, 100.0], "all": [10.0, 300.0]},
    }  # fmt: skip
    return reading | changes


def exits(**changes: dict[str, float]) -> dict[str, Any]:
    """Return the reading of episodes with nothing but the changes."""
    return {name: EXIT | changes.get(name.replace("-", "_"), {}) for name in NAMES}


def cuts(**changes: float) -> dict[str, Any]:
    """Return the reading of four equal cuts that lose a fifth and get half of it back."""
    cut = {"lost_share": 0.2, "budget_cut": 0.1, "staff_cut": 0.05} | {f"refill_{k}": 0.5 for k in (4, 8, 12)}
    return {name: cut | changes for name, _ in CUTS}


def test_there_are_sixteen_in_order_and_each_has_its_trial() -> None:
    assert [pattern.id for pattern in PATTERNS] == list(range(1, 17))
    assert {pattern.trial for pattern in PATTERNS} == set(TRIALS)
    assert {p.id for p in PATTERNS if p.role == "calibrate"} == {1, 4, 11}
    assert {p.id for p in PATTERNS if p.role == "verify"} == {9, 16}
    assert {p.id for p in PATTERNS if p.role == "specify"} == {5, 8, 10, 14}


@pytest.mark.parametrize(
    ("number", "low", "high"),
    [(1, 0.0002, 0.001), (4, 0.006, 0.015), (5, 4, 15), (7, 0.34, 0.5), (9, 0.8, 1.2), (11, 0.3, 0.7), (13, 0, 0.009),
     (14, 0.1, 0.2), (15, 0.3, 0.9), (16, 6, 8)],
)  # fmt: skip
def test_bands_are_those_of_the_evidence(number: int, low: float, high: float) -> None:
    assert BY_ID[number].band == (low, high)


@pytest.mark.parametrize(
    ("number", "met", "missed"),
    [
        (1, {}, {"exits": 11.0}),
        (4, {}, {"deaths_by_size": [1.0] * 5}),
        (5, {}, {"deaths_by_size": [40.0, 12.0, 5.0, 5.0, 2.0]}),
        (6, {}, {"deaths_by_age": [14.0, 13.0, 12.0, 11.0, 6.0]}),
        (7, {}, {"survivors": {"economic": [0.0, 100.0], "all": [0.0, 300.0]}}),
        (13, {}, {"modularity_range": [0.0091, 0.001]}),
    ],
)
def test_populations(number: int, met: dict[str, Any], missed: dict[str, Any]) -> None:
    assert verdict(number, [population(**met)] * 40)["verdict"] == "in"
    assert verdict(number, [population(**missed)] * 40)["verdict"] == "out"


def test_the_value_is_the_ratio_of_sums_and_the_interval_spans_the_replicates() -> None:
    entry = verdict(1, [population(exits=2.0), population(exits=6.0)] * 20)
    assert entry["value"] == pytest.approx(0.0004)
    assert 0.0002 < entry["low"] < 0.0004 < entry["high"] < 0.0006
    assert entry["replicates"] == 40


def test_a_hump_that_luck_could_make_is_none() -> None:
    few = {"deaths_by_age": [0.0, 1.0, 0.0, 0.0, 0.0], "years_by_age": [10.0] * 5}
    other = {"deaths_by_age": [1.0, 0.0, 0.0, 0.0, 0.0], "years_by_age": [10.0] * 5}
    assert verdict(6, [population(**few)] * 3 + [population(**other)] * 2)["verdict"] == "out"


def test_followers_are_met_where_they_are_likelier_than_under_both_others() -> None:
    often = [exits(unesco_2017={"followers": 1}), exits(unesco_2017={"followers": 1}, paris_2017={"followers": 1})] * 20
    entry = verdict(2, often, n0=exits(), n1=exits(who_2020={"followers": 1}))
    assert entry["value"] == pytest.approx(0.5)
    assert (entry["verdict"], entry["n0"], entry["n1"], entry["discriminates"]) == ("in", "out", "out", True)
    assert verdict(2, [exits()] * 40, n0=exits(), n1=exits())["verdict"] == "out"
    assert verdict(2, often, n0=often[0], n1=exits())["verdict"] == "out"


def test_followers_must_be_near_outside_mutual_obligation_only() -> None:
    near = exits(unesco_2017={"followers": 2, "nearness": 1.8}, paris_2017={"followers": 1, "far": 1.0})
    assert verdict(3, [near] * 5)["verdict"] == "in"
    far = exits(unesco_2017={"followers": 2, "nearness": 1.2})
    assert verdict(3, [far] * 5)["value"] == pytest.approx(0.6)
    assert verdict(3, [far] * 5)["verdict"] == "out"


def test_returns_are_counted_over_exits_that_took_effect() -> None:
    back = exits(unesco_2017={"back": 1.0}, paris_2017={"back": 1.0}, who_2020={"back": 1.0})
    entry = verdict(11, [back, exits()] * 10)
    assert entry["value"] == pytest.approx(1 / 3)
    assert entry["verdict"] == "in"


def test_refill_must_rise_from_dues_to_appeal_to_salient_cause_and_fade() -> None:
    good = cuts()
    for name, first in (("unesco-1984", 0.1), ("unesco-2011", 0.5), ("unrwa-2018", 1.1)):
        good[name] = good[name] | {"refill_4": first}
    assert verdict(8, [good] * 5)["verdict"] == "in"
    lasting = good | {"unrwa-2018": good["unrwa-2018"] | {"refill_8": 1.2}}
    assert verdict(8, [lasting] * 5)["verdict"] == "out"
    assert verdict(8, [cuts()] * 5)["verdict"] == "out"


def test_a_budget_falls_by_what_is_lost_and_not_refilled() -> None:
    entry = verdict(9, [cuts()] * 5, n0=cuts(budget_cut=0.0), n1=cuts())
    assert entry["value"] == pytest.approx(1)
    assert (entry["verdict"], entry["n0"], entry["n1"], entry["discriminates"]) == ("in", "out", "in", False)
    gone = cuts() | {"who-2025": cuts()["who-2025"] | {"refill_12": float("nan"), "budget_cut": 5.0}}
    assert verdict(9, [gone] * 5)["value"] == pytest.approx(1), "a leaver that is back tells nothing"


def test_a_body_that_died_tells_nothing_of_money() -> None:
    """Not in the refills, not in the cut per loss of any model, not in the staff that go."""
    nothing = dict.fromkeys(cuts()["who-2025"], float("nan"))
    dead = cuts() | {"unesco-1984": nothing}
    alone, beside = verdict(8, [cuts()] * 5), verdict(8, [cuts()] * 5 + [dead] * 3)
    assert [part["model"] for part in beside["parts"]] == [part["model"] for part in alone["parts"]]
    entry = verdict(9, [cuts()] * 5 + [dead], n0=dead, n1=dead)
    assert [entry["value"], entry["n0_value"]] == pytest.approx([1, 1])
    alive = {"usual": cuts()["who-2025"], "poor": cuts(staff_cut=0.08)["who-2025"]}
    assert verdict(10, [alive] * 5 + [{"usual": nothing, "poor": nothing}])["verdict"] == "in"
    twice = {"first_loss": 0.1, "second_loss": 0.06}
    assert verdict(15, [twice] * 5 + [dict.fromkeys(twice, float("nan"))])["value"] == pytest.approx(0.6)


@pytest.mark.parametrize(("poor", "expected"), [(0.08, "in"), (0.04, "out")])
def test_staff_go_faster_where_there_are_no_reserves(poor: float, expected: str) -> None:
    usual, without = cuts()["who-2025"], cuts(staff_cut=poor)["who-2025"]
    assert verdict(10, [{"usual": usual, "poor": without}] * 5)["verdict"] == expected


@pytest.mark.parametrize(("left", "founder", "expected"), [(10.0, 12.0, "in"), (20.0, 12.0, "out"), (10.0, 8.0, "out")])
def test_only_founders_kill(left: float, founder: float, expected: str) -> None:
    reading = {"bodies_stay": 10.0, "bodies_left": left, "clubs_stay": 8.0, "clubs_left": founder, "clubs_other": 8.0}
    assert verdict(12, [reading] * 30)["verdict"] == expected


def test_the_second_exit_bites_less_and_accounting_does_not_know_it() -> None:
    same = {"first_loss": 0.1, "second_loss": 0.1}
    entry = verdict(15, [{"first_loss": 0.1, "second_loss": 0.06}] * 5, n1=same)
    assert entry["value"] == pytest.approx(0.6)
    assert entry["discriminates"]
    assert verdict(15, [same] * 5)["verdict"] == "out"


@pytest.mark.parametrize(
    ("lost", "wrong", "late", "expected"), [(7, 0, 0, "in"), (9, 0, 0, "out"), (7, 1, 0, "out"), (7, 0, 1, "out")]
)
def test_votes_are_lost_by_the_exact_rule(lost: float, wrong: float, late: float, expected: str) -> None:
    assert verdict(16, [{"votes_lost": lost, "wrong": wrong, "late": late}] * 5)["verdict"] == expected


def test_swing_of_agreement() -> None:
    assert verdict(14, [{"swing": 0.15}] * 3)["verdict"] == "in"
    assert verdict(14, [{"swing": 0.25}] * 3)["verdict"] == "out"


def test_a_tally_counts_by_size_and_age() -> None:
    tally = PopulationCounts()
    members, age, alive = np.array([5.0, 30, 150, 9]), np.array([3.0, 12, 90, 4]), np.array([1.0, 1, 1, 0])
    tally.add_exposure(members, age, alive, np.array([1.0, 1, 0, 1]))
    tally.count_deaths(members, age, np.array([1.0, 0, 1, 0]))
    reading = tally.reading()
    assert reading["memberships"] == pytest.approx(35 / 4)
    assert reading["years_by_size"] == [0.25, 0, 0.25, 0, 0.25]
    assert reading["deaths_by_size"] == [1, 0, 0, 0, 1]
    assert reading["deaths_by_age"] == [1, 0, 0, 0, 1]


def test_every_pattern_says_where_it_is_looked_for_and_why_it_may_miss() -> None:
    for pattern in PATTERNS:
        assert isinstance(pattern, Pattern)
        assert pattern.population
        assert pattern.rule
        assert len(set(pattern.parts)) == len(pattern.parts)
