"""Clubs: who proposes, who joins, who stays, and what attention is lost; computed by hand."""

from typing import Any

import numpy as np
import pytest

from abm.processes.base import Proposal
from abm.state.world import World, add_organization
from tests.worlds_small import START, Luck, after, poke, proposed, small_world

PLAIN = {
    "intercept": 0.0, "dissatisfaction_log_odds": 0.0, "power_log_odds": 0.0, "opening_log_odds": 0.0,
    "own_crowding": 0.0,
    "camp_crowding": 0.0, "capability_log_odds": 0.0, "acceptance": 5.0, "trust_log_odds": 0.0, "benefit_log_odds": 0.0,
    "good": 1.0, "distance_decay": 0.5, "cost": 0.3, "crowd_cost": 0.0, "exclusive_probability": 0.5,
    "exclusion_log_odds": 0.0, "leaders_probability": 0.0, "exclusive_distrust": 0.0,
}  # fmt: skip


def club(members: list[int], founder: int = 0, **fields: Any) -> World:
    """Return a world of four states and one body, and one club founded a year ago that meets now."""
    world = small_world(4, 1, **fields)
    inside = np.array(members, float)
    row = {
        "code": "club",
        "key": "k",
        "alive": 1.0,
        "members_known": 1.0,
        "founder": founder,
        "member": inside,
        "participation": inside,
    }
    add_organization(world, row | {"founded": START - 4, "session": 0.0, "issue": 0.0})
    return world


def founders(proposal: Proposal) -> list[int]:
    return [int(row["founder"]) for row in proposal.founded]


@pytest.mark.parametrize(
    ("fields", "values", "log_odds"),
    [
        ({}, {}, 0.0),
        ({"legitimacy": 0.6}, {"dissatisfaction_log_odds": 3.0}, 1.2),
        ({"agenda_share": 0.05}, {"power_log_odds": 3.0}, 0.6),
        ({"salience": 4.0}, {}, np.log(4) / 2),
    ],
)
def test_probability_of_a_proposal(fields: dict[str, Any], values: dict[str, float], log_odds: float) -> None:
    """Four states alike: each proposes if its luck lies below the logistic of its log-odds, none if above."""
    world = small_world(4, 2, **fields)
    p = 1 / (1 + np.exp(-log_odds))
    assert founders(proposed("clubs", world, Luck(world, states=p * (1 - 1e-9)), **(PLAIN | values))) == [0, 1, 2, 3]
    assert founders(proposed("clubs", world, Luck(world, states=p * (1 + 1e-9)), **(PLAIN | values))) == []


def test_departure_leaves_an_opening() -> None:
    """S0 left a body where a quarter of the experts were its own: .25 x 4 = 1 for everybody, 3 more for S0 itself."""
    gone = [[0], [1], [1], [1]]
    world = small_world(4, 1, member=gone, participation=gone, party_at_exit=[[1], [0], [0], [0]])
    p = 1 / (1 + np.exp(-1.0))
    values = PLAIN | {"opening_log_odds": 4.0}
    assert len(founders(proposed("clubs", world, Luck(world, states=p * (1 - 1e-9)), **values))) == 4
    assert founders(proposed("clubs", world, Luck(world, states=p * (1 + 1e-9)), **values)) == []
    values = PLAIN | {"opening_log_odds": 4.0, "dissatisfaction_log_odds": 3.0}
    assert founders(proposed("clubs", world, Luck(world, states=p * (1 + 1e-9)), **values)) == [0]


def test_issue_areas_take_turns() -> None:
    world = small_world(4, 1, 4)
    for quarter in range(4):
        world.quarter = START + quarter
        found_ = proposed("clubs", world, Luck(world, states=0.4), **PLAIN).founded
        assert {row["issue"] for row in found_} == {quarter}


def test_founders_are_those_who_gain() -> None:
    """S0 founds at 0; the good of four quarters of the world is 1, falls by exp(-d/2) and costs .3: S3 at 3 is out.

    Without S3 the good is sqrt(3/4): S2 at 2 gains .866 x .368 = .319 > .3 and stays.
    """
    world = small_world(4, 1, position=[[0, 0], [0, 0], [2, 0], [3, 0]])
    proposal = proposed("clubs", world, Luck(world, states=[0.1, 0.9, 0.9, 0.9]), **PLAIN)
    (row,) = proposal.founded
    assert row["member"].tolist() == [1, 1, 1, 0]
    assert row["organization_position"].tolist() == [0, 0]
    assert row["agenda_share"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert (row["exclusive"], row["founded"], row["issue"]) == (1, START, 0)
    assert row["code"] == "issue-0/S0/2025Q1"


def test_club_of_fewer_than_three_is_not_founded() -> None:
    world = small_world(4, 1, position=[[0, 0], [0, 0], [3, 0], [3, 0]])
    assert proposed("clubs", world, Luck(world, states=0.4), **(PLAIN | {"distance_decay": 3.0})).founded == []


def test_members_better_off_outside_leave_and_those_better_off_inside_join() -> None:
    """S2 at 3 gains exp(-1.5) x sqrt(3/4) = .19 < .3 and leaves; S3 at 0 would gain and joins, once a year."""
    world = club([1, 1, 1, 0], position=[[0, 0], [0, 0], [3, 0], [0, 0]])
    values = PLAIN | {"intercept": -20.0}
    later = after("clubs", world, Luck(world, states=0.2), **values)
    assert later.member[:, 1].tolist() == later.participation[:, 1].tolist() == [1, 1, 0, 1]
    world.quarter += 1
    assert np.array_equal(after("clubs", world, Luck(world, states=0.2), **values).member, world.member)


def test_whoever_leaves_a_club_gives_up_its_posts_its_notice_and_its_threat() -> None:
    world = club([1, 1, 1, 0], position=[[0, 0], [0, 0], [3, 0], [0, 0]], vacancy=0.1)
    poke(world, "posts_share", np.s_[:, 1], 0.2)
    poke(world, "notice", np.s_[:, 1], 3.0)
    poke(world, "threat", np.s_[:, 1], 2.0)
    later = after("clubs", world, Luck(world, states=0.9), **(PLAIN | {"intercept": -20.0}))
    assert later.posts_share[:, 1] == pytest.approx([0.2, 0.2, 0, 0.2])
    assert later.vacancy[:2] == pytest.approx([0.1, 0.2])
    assert later.notice[:, 1].tolist() == [3, 3, -1, 3]
    assert later.threat[:, 1].tolist() == [2, 2, -1, 2]


@pytest.mark.parametrize(("closed", "trust", "joins"), [(0, 0.0, 1), (1, 0.0, 0), (1, 0.5, 1)])
def test_exclusive_club_admits_by_consent_only(closed: float, trust: float, joins: float) -> None:
    world = club([1, 1, 1, 0])
    poke(world, "exclusive", 1, closed)
    poke(world, "trust", np.s_[:, 0], trust)
    later = after("clubs", world, Luck(world, states=0.2), **(PLAIN | {"intercept": -20.0}))
    assert later.member[3, 1] == joins


def test_young_clubs_take_attention_from_other_bodies_of_their_area() -> None:
    """Three quarters of the world in a club a year old with a half-life of a year: exp(-.4 x .75 x .5)."""
    world = club([1, 1, 1, 0])
    values = PLAIN | {"intercept": -20.0, "attention_weight": 0.4, "novelty_half_life": 1.0}
    fields = proposed("clubs", world, Luck(world, states=0.9), **values).fields
    assert fields["attention"][:2].tolist() == pytest.approx([np.exp(-0.15), 1])


def test_crowding_falls_on_founders_and_their_camp() -> None:
    world = club([1, 1, 1, 0], camp=[1, 1, -1, -1])
    values = PLAIN | {"own_crowding": 1.0, "camp_crowding": 0.5}
    for state, log_odds in enumerate([-1.5, -0.5, 0.0, 0.0]):
        p = 1 / (1 + np.exp(-log_odds))
        for factor, proposes in ((1 - 1e-9, True), (1 + 1e-9, False)):
            found_ = founders(proposed("clubs", world, Luck(world, states=p * factor), **values))
            assert (state in found_) is proposes


def test_outsiders_of_a_large_club_found_one_of_their_own() -> None:
    """A club of half the world's capability: e^2 in the odds of those outside, none of those inside."""
    world = club([1, 1, 0, 0])
    values = PLAIN | {"exclusion_log_odds": 4.0, "least_members": 2.0}
    p = 1 / (1 + np.exp(-2.0))
    assert founders(proposed("clubs", world, Luck(world, states=p * (1 - 1e-9)), **values)) == [2, 3]
    assert founders(proposed("clubs", world, Luck(world, states=p * (1 + 1e-9)), **values)) == []


FAR = [[0.0, 0.0], [0.0, 0.0], [3.0, 0.0], [3.0, 0.0]]


@pytest.mark.parametrize(("probability", "lead_share", "leads"), [(0.0, 0.2, 0), (1.0, 0.2, 1), (0.5, 1.0, 0)])
def test_large_states_may_found_a_leaders_club(probability: float, lead_share: float, leads: int) -> None:
    """With luck .2: a probability of 1 x min(1, .25 / .2) is above, one of .5 x .25 is not."""
    world = small_world(4, 1, sovereigntism=1.0)
    values = PLAIN | {"leaders_probability": probability, "lead_share": lead_share}
    rows = proposed("clubs", world, Luck(world, states=0.2), **values).founded
    assert [row["transactional"] for row in rows] == [leads] * 4


def test_far_states_join_a_leaders_club_if_their_governments_ask_what_it_brings() -> None:
    """S2 and S3 stand at 3: at half sovereigntism a good of e^-.75 = .47 > .3, in a deep club one of e^-1.5 = .22."""
    world = small_world(4, 1, position=FAR, sovereigntism=[0.5, 0.5, 0.5, 0.0], founding=[[2], [0], [0], [0]])
    values = PLAIN | {"transactional_log_odds": 0.0}
    (leaders,) = proposed("clubs", world, Luck(world, states=0.9), **values).founded
    assert leaders["member"].tolist() == [1, 1, 1, 0]
    poke(world, "founding", (0, 0), 1.0)
    with pytest.raises(ValueError, match="not enough values"):  # two are too few for a deep one
        (_,) = proposed("clubs", world, Luck(world, states=0.9), **values).founded


def test_sovereigntists_accept_a_leaders_club_more_readily() -> None:
    """Odds of -1 + 4 x (.75 - .5) = 0 for S1 to S3: they join below one half; at .5 the odds stay at -1."""
    values = PLAIN | {"acceptance": -1.0, "transactional_log_odds": 4.0}
    for sovereigntism, lot, joins in ((0.75, 0.49, True), (0.75, 0.51, False), (0.5, 0.49, False)):
        world = small_world(4, 1, sovereigntism=sovereigntism, founding=[[2], [0], [0], [0]])
        luck = Luck(world, states=[0.9, lot, lot, lot])
        assert bool(proposed("clubs", world, luck, **(values | {"intercept": -20.0})).founded) == joins


def test_shock_has_a_club_proposed_once_whatever_the_turn() -> None:
    world = small_world(4, 1, founding=[[0], [1], [0], [0]])
    world.quarter = START + 1  # not the turn of the only issue area
    proposal = proposed("clubs", world, Luck(world, states=0.9), **PLAIN)
    assert founders(proposal) == [1]
    assert not proposal.fields["founding"].any()


def test_club_that_too_few_join_is_told() -> None:
    world = small_world(4, 1, founding=[[0], [1], [0], [0]])
    values = PLAIN | {"acceptance": -5.0, "intercept": -20.0}
    proposal = proposed("clubs", world, Luck(world, states=0.9), **values)
    assert founders(proposal) == []
    assert [(event.kind, event.actor, event.details) for event in proposal.events] == [
        ("no_effect", 1, {"reason": "too_few_join"})
    ]


@pytest.mark.parametrize(("trust", "closed"), [(0.0, 0.0), (-0.3, 1.0)])
def test_doors_close_as_camps_lose_trust(trust: float, closed: float) -> None:
    """A probability of .1 + 1 x .3: with luck .2 exclusive, at rest open."""
    between = np.eye(4)
    between[0, 3] = between[3, 0] = trust
    world = small_world(4, 1, camp=[1, 0, 0, -1], trust=between)
    values = PLAIN | {"exclusive_probability": 0.1, "exclusive_distrust": 1.0}
    rows = proposed("clubs", world, Luck(world, states=0.2), **values).founded
    assert [row["exclusive"] for row in rows] == [closed] * 4
