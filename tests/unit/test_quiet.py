"""When a world without a shock is quiet, by either set of limits."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.events import Event
from abm.measures import names
from abm.quiet import MOVES, QUIET, QUIET_IN_THE_MEAN, quiet
from abm.recording import MoneyFlows, Recording, Series, record
from abm.simulation import Simulation
from abm.state.derived import taken_by_purses
from tests.worlds_small import cut_experiment, cut_tables

START = 8100


def still(income: float, *, effectiveness: float = 1.0, exits: int = 0, founded: int = 0) -> Recording:
    """Return two years in which income falls from 1,000 a year; donors gave 100 a quarter, and one now gives less."""
    world: Any = SimpleNamespace(
        start=START, quarter=START + 8,
        initial_voluntary=np.array([[50.0, 10.0], [40.0, 0.0]]), purse_path=np.array([[1, 1, 0.8], [1, 1, 1]]),
    )  # fmt: skip
    simulation: Any = SimpleNamespace(world=world)
    series, events = Series(), [(START, Event("founded"))] * founded + [(START, Event("exit"))] * exits
    series.quarters = [START + place for place in range(8)]
    made = Recording(simulation, series, events, MoneyFlows(), np.ones(2))
    made.measures = {"effectiveness": np.array([1.0, effectiveness]), "total_income": np.array([1000.0, income])}
    return made


def in_the_mean(measure: str, level: float) -> Recording:
    """Return a year of three organizations whose measure ends at a level, all else at rest.

    The third is dead. A purse takes 20 of the 100 of the first one's budget; the second has none.
    """
    world: Any = SimpleNamespace(
        start=START, quarter=START + 4, built=3, members_known=np.ones(3), has_budget=np.array([1.0, 0, 1]),
        initial_budget=np.array([100.0, 0, 100]), initial_voluntary=np.array([[40.0, 0, 0]]),
        purse_path=np.array([[1, 0.5]]),
    )  # fmt: skip
    simulation: Any = SimpleNamespace(world=world)
    values = np.ones((len(names("body")), 4))
    values[names("body").index("income")] = [0.8, np.nan, 0, 0]
    values[names("body").index(measure), :2] = [level, np.nan if measure == "income" else level]
    values[:, 2:] = 9.0  # dead, and not built with the world
    series = Series()
    series.quarters = [START + place for place in range(4)]
    series.bodies, series.alive = [values] * 4, [np.array([1.0, 1, 0, 1])] * 4
    return Recording(simulation, series, [], MoneyFlows(), np.ones(3))


def test_what_purses_take_is_by_organization() -> None:
    """The first donor gives a fifth less than 50 and 10 a quarter."""
    assert taken_by_purses(still(0).simulation.world).tolist() == pytest.approx([10, 2])


@pytest.mark.parametrize(
    ("run", "calm"),
    [
        (still(1000), 1),
        (still(903), 1),  # 48 a year are taken by a purse, 49 are lost otherwise: 4.9 %
        (still(901), 0),
        (still(2000), 1),
        (still(1000, effectiveness=0.961), 1),
        (still(1000, effectiveness=0.959), 0),
        (still(1000, effectiveness=1.5), 1),
        (still(1000, exits=6), 1),
        (still(1000, exits=7), 0),
        (still(1000, founded=4), 1),
        (still(1000, founded=5), 0),
    ],
)
def test_a_quiet_run_neither_loses_nor_stirs(run: Recording, calm: float) -> None:
    assert quiet(run) == calm


@pytest.mark.parametrize(
    ("measure", "level", "calm"),
    [
        ("effectiveness", 1.0, 1),
        ("effectiveness", 0.951, 1),
        ("effectiveness", 0.949, 0),
        ("legitimacy", 1.049, 1),
        ("legitimacy", 1.051, 0),
        ("income", 0.8, 1),  # what the purse takes
        ("income", 0.849, 1),
        ("income", 0.851, 0),
        ("income", 0.749, 0),
    ],
)
def test_the_mean_living_organization_of_a_quiet_run_stays_near_rest(measure: str, level: float, calm: float) -> None:
    assert quiet(in_the_mean(measure, level), QUIET_IN_THE_MEAN) == calm


@pytest.mark.parametrize("kind", ["exit", "founded"])
def test_most_exits_and_clubs_are_the_same_in_both_sets(kind: str) -> None:
    run = in_the_mean("legitimacy", 1.0)
    most = QUIET_IN_THE_MEAN["exits_a_year" if kind == "exit" else "births_a_year"]
    assert most == QUIET["exits_a_year" if kind == "exit" else "births_a_year"]
    for more, calm in ((0, 1), (1, 0)):
        assert quiet(replace(run, events=[(START, Event(kind))] * (int(most) + more)), QUIET_IN_THE_MEAN) == calm


def test_each_limit_is_set_to_something_that_a_run_has() -> None:
    assert QUIET.keys() | QUIET_IN_THE_MEAN.keys() == MOVES.keys()
    run = record(Simulation(cut_experiment(quarters=4), (1, 0), cut_tables()))
    assert all(np.isfinite(function(run)) for function in MOVES.values())
