"""Betrayal in three forms, habit, clubs, deals and credibility; computed by hand."""

import numpy as np
import pytest

from abm.state.world import World, add_organization
from tests.worlds_small import START, after, small_world

PLAIN = {
    "habit_rate": 0.4, "habit_weight": 0.0, "betrayal_weight": 1.0, "betrayal_half_life": 1000.0, "club_weight": 0.0,
    "rivalry": 1.0, "deal_weight": 0.0, "credibility_recovery": 0.0,
}  # fmt: skip
FADED = 0.5 ** (0.25 / 1000)


def members(**fields: object) -> World:
    """Two states, two bodies; a quarter of the experts are S0's; S1 complies by .8 and is neutral: loss .1 a body."""
    plain = {"expert_share": [[0.25] * 2, [0.75] * 2], "commitment": 0.8, "initial_trust": 0.0, "trust": 0.0}
    return small_world(2, 2, **(plain | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "batch", "single"),
    [("concave", 1 - np.exp(-0.2), 1 - np.exp(-0.1)), ("linear", 0.2, 0.1), ("convex", 0.04, 0.01)],
)
def test_batch_against_staggered(form: str, batch: float, single: float) -> None:
    """Two exits at once betray less (concave), as much (linear) or more (convex) than one after the other."""
    values = PLAIN | {"betrayal_form": form}
    at_once = after("trust", members(announced=[[1, 1], [0, 0]]), **values)
    assert at_once.betrayal[1, 0] == pytest.approx(batch)
    assert at_once.betrayal[0].tolist() == [0, 0]
    assert at_once.trust[1, 0] == pytest.approx(-batch)
    world = after("trust", members(announced=[[1, 0], [0, 0]]), **values)
    assert world.betrayal[1, 0] == pytest.approx(single)
    world.announced = np.array([[0.0, 1.0], [0.0, 0.0]])
    world.trust = np.zeros((2, 2))  # as if trust were restored, so that both exits meet the same listener
    staggered = after("trust", world, **values).betrayal[1, 0]
    assert staggered == pytest.approx(single * FADED + single)
    assert np.sign(staggered - batch * FADED) == {"concave": 1, "linear": 1, "convex": -1}[form]


@pytest.mark.parametrize(("trust", "share"), [(1.0, 1.0), (0.0, 0.5), (-1.0, 0.0)])
def test_friends_are_betrayed_more(trust: float, share: float) -> None:
    world = members(announced=[[1, 1], [0, 0]], trust=trust)
    later = after("trust", world, **(PLAIN | {"betrayal_form": "linear"}))
    assert later.betrayal[1, 0] == pytest.approx(0.4 * share)


def test_who_is_no_member_loses_nothing() -> None:
    world = members(announced=[[1, 1], [0, 0]], member=[[1, 1], [1, 0]])
    later = after("trust", world, **(PLAIN | {"betrayal_form": "linear"}))
    assert later.betrayal[1, 0] == pytest.approx(0.1)


@pytest.mark.parametrize(("weight", "trust"), [(0.2, -0.2), (-0.1, 0.1), (0.0, 0.0)])
def test_a_lost_vote_labels_a_state_among_those_who_sit_with_it(weight: float, trust: float) -> None:
    world = small_world(
        3, 2, suspended=[[1, 0], [0, 0], [0, 0]], member=[[1, 0], [1, 1], [0, 1]], initial_trust=0.0, trust=0.0
    )
    later = after("trust", world, **(PLAIN | {"label_weight": weight}))
    assert later.trust[:, 0] == pytest.approx([0, trust, 0])
    assert later.trust[:, 1:] == pytest.approx(0)


def test_betrayal_is_forgotten_by_half_lives() -> None:
    world = small_world(2, 1, betrayal=[[0, 0], [0.8, 0]])
    for _ in range(8):
        world = after("trust", world, **(PLAIN | {"betrayal_half_life": 1.0}))
    assert world.betrayal[1, 0] == pytest.approx(0.2)


def test_voting_habit_follows_agreement_once_a_year() -> None:
    """Apart by 1 in the votes, where they stood together: agreement falls by 1 / 4.31, habit by .4 of it."""
    world = small_world(2, 1, voting_position=[[0, 0], [1, 0]], initial_trust=0.0, trust=0.0)
    values = PLAIN | {"habit_weight": 1.5}
    assert after("trust", world, **values).voting_habit.min() == 1
    world.quarter = START + 3
    later = after("trust", world, **values)
    assert later.agreement[0, 1] == pytest.approx(1 - 1 / 4.31)
    assert later.voting_habit[0, 1] == pytest.approx(1 - 0.4 / 4.31)
    assert later.trust[0, 1] == pytest.approx(-1.5 * 0.4 / 4.31)


def test_shared_clubs_bind_and_rival_ones_part() -> None:
    """S0, S1 in one club, S2, S3 in another of the same area: tanh(1) with partners, tanh(-1) across."""
    world = small_world(4, 1, initial_trust=0.0, trust=0.0)
    world.quarter = START + 3
    for number, inside in enumerate(([1.0, 1, 0, 0], [0.0, 0, 1, 1])):
        seats = {"member": np.array(inside), "alive": 1.0, "founder": 2 * number, "issue": 0.0}
        add_organization(world, {"code": f"club {number}", "key": f"{number}"} | seats)
    later = after("trust", world, **(PLAIN | {"club_weight": 0.5}))
    tie = np.tanh(1.0)
    np.testing.assert_allclose(later.club_tie[0], [0, tie, -tie, -tie])
    np.testing.assert_allclose(later.trust[0], [0, tie / 2, -tie / 2, -tie / 2])


def test_deals_and_rest() -> None:
    world = small_world(2, 1, initial_trust=0.3, trust=0.0, deals=[[0, 0.5], [0, 0]])
    later = after("trust", world, **(PLAIN | {"deal_weight": 0.2}))
    np.testing.assert_allclose(later.trust, [[0.3, 0.4], [0.3, 0.3]])


def test_trust_stays_between_its_bounds() -> None:
    world = small_world(2, 1, initial_trust=[[0, 0.9], [-0.9, 0]], betrayal=[[0, 0], [0.8, 0]], deals=[[0, 1], [0, 0]])
    later = after("trust", world, **(PLAIN | {"deal_weight": 0.5}))
    assert later.trust[0, 1] == 1, "0.9 and 0.5 for the deal"
    assert later.trust[1, 0] == -1, "-0.9 less what is remembered of 0.8"


def test_credibility_recovers() -> None:
    later = after("trust", small_world(2, 1, credibility=[0.6, 1]), **(PLAIN | {"credibility_recovery": 0.25}))
    assert later.credibility.tolist() == pytest.approx([0.7, 1])
