"""Elections by the calendar, turns of position, governments by shock; computed by hand."""

import numpy as np
import pytest

from tests.worlds_small import START, Luck, after, proposed, small_world

PLAIN = {"turnover_probability": 0.4, "turn_size": 0.5, "mobilization_log_odds": 0.0, "mobilization_decay": 0.2}


def test_election_turns_a_government_below_its_probability() -> None:
    """S0 and S1 vote now, S2 next quarter; luck turns S0 only. It stands 1 out from the centre, its turn is .5 x .8."""
    world = small_world(
        3, 1, next_election=[START, START, START + 1], swing=0.8, party_gap=0.8, position=[[1, 0], [-1, 0], [0, 0]],
        home_position=[[1, 0], [-1, 0], [0, 0]], central_sovereigntism=0.5, sovereigntism=0.1,
    )  # fmt: skip
    proposal = proposed("politics", world, Luck(world, states=[0.39, 0.41, 0.0]), **PLAIN)
    later = after("politics", world, Luck(world, states=[0.39, 0.41, 0.0]), **PLAIN)
    assert later.party.tolist() == [1, -1, -1]
    assert later.sovereigntism.tolist() == pytest.approx([0.9, 0.1, 0.1])
    np.testing.assert_allclose(later.position, [[1.4, 0], [-1, 0], [0, 0]])
    assert later.government_age.tolist() == [0, 5, 5]
    assert later.next_election.tolist() == [START + 16, START + 16, START + 1]
    assert [(event.kind, event.actor) for event in proposal.events] == [("government", 0)]


def test_party_that_comes_back_stands_where_it_stood() -> None:
    world = small_world(
        2, 1, party=[1, -1], first_party=-1.0, swing=0.8, home_position=[[1, 0], [-1, 0]], position=[[1.4, 0], [-1, 0]],
        next_election=[START, START + 9],
    )  # fmt: skip
    later = after("politics", world, Luck(world, states=0.0), **PLAIN)
    np.testing.assert_allclose(later.position, [[1, 0], [-1, 0]])


def test_government_put_in_by_a_shock_takes_office_without_another_turn() -> None:
    world = small_world(2, 1, party=[1, -1], government_age=[-1, 4], next_election=[START, START + 9], party_gap=0.8)
    later = after("politics", world, Luck(world, states=0.0), **PLAIN)
    assert later.party.tolist() == [1, -1]
    assert later.sovereigntism.tolist() == pytest.approx([0.9, 0.5])  # the other government goes on
    assert later.government_age.tolist() == [0, 5]


@pytest.mark.parametrize(("luck", "turns"), [(0.64, True), (0.65, False)])
def test_mobilization_changes_the_odds_and_fades(luck: float, turns: bool) -> None:
    """Odds .4 / .6 times e^1 make a probability of .6444."""
    world = small_world(2, 1, mobilization=2.0, next_election=START, swing=0.1)
    later = after("politics", world, Luck(world, states=luck), **(PLAIN | {"mobilization_log_odds": 0.5}))
    assert (later.party > 0).all() == turns
    np.testing.assert_allclose(later.mobilization, 1.6)


@pytest.mark.parametrize(("contested", "parties"), [(0.0, [-1, 1]), (-1.0, [1, 1]), (0.3, [-1, -1])])
def test_elections_change_governments_only_where_parties_differ(contested: float, parties: list[float]) -> None:
    world = small_world(2, 1, next_election=START, swing=[0.0, 0.2])
    later = after("politics", world, Luck(world, states=0.0), **(PLAIN | {"contested_swing": contested}))
    assert later.party.tolist() == parties
    assert later.next_election.tolist() == [START + 16] * 2


def test_baseline_moves_gdp_and_shares() -> None:
    world = small_world(2, 1, growth=[0.0, 0.04], gdp=[1e12, 1e12])
    assert after("politics", world, **PLAIN).gdp.tolist() == [1e12, 1e12]
    later = after("politics", world, **(PLAIN | {"baseline": "moving"}))
    assert later.gdp.tolist() == pytest.approx([1e12, 1e12 * 1.04**0.25])
    assert later.capability.sum() == pytest.approx(1)
    assert later.capability[1] == pytest.approx(1.04**0.25 / (1 + 1.04**0.25))
