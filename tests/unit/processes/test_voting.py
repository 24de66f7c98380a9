"""Spatial votes under each rule, pressure and obstruction, computed by hand."""

import numpy as np
import pytest

from abm.processes.base import Proposal
from abm.state import World
from tests.worlds_small import Luck, proposed, small_world

PLAIN = {"margin": 0.1, "moderation": 0.0, "proposal_noise": 0.2, "pressure": 0.0, "hedging": 0.0, "step": 0.1,
         "objection_threshold": 1.5}  # fmt: skip
RULES = ("majority", "two_thirds", "consensus", "weighted", "veto")


def assembly(places: list[float], **fields: object) -> World:
    """Five bodies at the origin, one for each rule, all meeting now; S0 sets every agenda and stands at 1."""
    count = len(places)
    agenda = np.zeros((count, 5))
    agenda[0] = 1.0
    plain = {
        "position": np.column_stack([places, np.zeros(count)]), "agenda": agenda, "voting_rule": np.arange(5.0),
        "session": 0.0, "weighted_power": 1 / count,
    }  # fmt: skip
    return small_world(count, 5, **(plain | fields))  # type: ignore[arg-type]


def passed(proposal: Proposal) -> list[bool]:
    return (proposal.fields["passed"] > 0).tolist()


@pytest.mark.parametrize(
    ("places", "fields", "threshold", "outcome"),
    [
        # Gains from moving to 1 are 2x - 1: 1, .6, .4, -3, 0: three for, one against, one abstains (within .1).
        ([1, 0.8, 0.7, -1, 0.5], {}, 5.0, [1, 1, 1, 1, 1]),
        ([1, 0.8, 0.7, -1, 0.5], {}, 1.5, [1, 1, 0, 1, 1]),  # a loss of 3 breaks the consensus
        ([1, 0.8, 0.7, -1, -1], {}, 5.0, [1, 0, 1, 1, 1]),  # three against two: no two-thirds majority
        ([1, 0.8, -1, -1, 0.5], {}, 5.0, [0, 0, 0, 0, 0]),  # a tie
        ([1, 0.8, 0.7, -1, 0.5], {"weighted_power": [[0.1], [0.1], [0.1], [0.6], [0.1]]}, 5.0, [1, 1, 1, 0, 1]),
        ([1, 0.8, 0.7, -1, 0.5], {"veto": [[0], [0], [0], [1], [0]]}, 5.0, [1, 1, 1, 1, 0]),
        ([1, 0.8, 0.7, -1, 0.5], {"veto": [[0], [0], [0], [0], [1]]}, 5.0, [1, 1, 1, 1, 1]),  # abstaining is no veto
        ([1, 0.8, -1, -1, 0.5], {"suspended": [[0], [0], [1], [0], [0]]}, 5.0, [1, 1, 1, 1, 1]),
        ([1, 0.8, -1, -1, 0.5], {"present": [[1], [1], [0], [0], [1]]}, 1.5, [1, 1, 1, 1, 1]),
    ],
)
def test_rules(places: list[float], fields: dict[str, object], threshold: float, outcome: list[int]) -> None:
    world = assembly(places, **fields)
    values = PLAIN | {"objection_threshold": threshold}
    proposal = proposed("voting", world, Luck(world, organizations=0.5), **values)
    assert dict(zip(RULES, passed(proposal), strict=True)) == dict(zip(RULES, map(bool, outcome), strict=True))
    tabled = float(proposal.fields["tabled"][0])
    np.testing.assert_array_equal(proposal.fields["passed"], tabled * np.array(outcome))
    shift = 0.1 * tabled * np.column_stack([outcome, np.zeros(5)])
    np.testing.assert_allclose(proposal.fields["organization_position"], shift)


def test_wins_are_counted_for_those_who_voted() -> None:
    """The majority carries 1: S0 to S2 win, S3 loses, S4 abstains and wins nothing; the suspended S2 is not counted."""
    world = assembly([1, 0.8, 0.7, -1, 0.5], voting_rule=0.0, suspended=[[0], [0], [1], [0], [0]])
    fields = proposed("voting", world, Luck(world), **PLAIN).fields
    all_ = float(fields["tabled"].sum())
    assert fields["votes_cast"].tolist() == [all_, all_, 0, all_, all_]
    assert fields["votes_won"].tolist() == [all_, all_, 0, 0, 0]


@pytest.mark.parametrize(
    "fields",
    [{"session": 1.0}, {"alive": 0.0}, {"known": 0.0}, {"zombie": 1.0}],
)
def test_some_bodies_do_not_meet(fields: dict[str, object]) -> None:
    proposal = proposed("voting", assembly([1, 0.8, 0.7], **fields), **PLAIN)
    assert not proposal.fields["tabled"].any()
    assert not proposal.fields["organization_position"].any()
    assert not proposal.fields["votes_cast"].any()


@pytest.mark.parametrize(("pressure", "carried"), [(0.0, False), (0.5, True)])
def test_trusted_power_presses_a_vote(pressure: float, carried: bool) -> None:
    """S1 loses .2 by the proposal of S0, whom it trusts and who holds .9 of the world: .5 x -.2 + .5 x .88 = .34."""
    world = assembly([1, 0.4], capability=[0.9, 0.1], trust=[[1, 0], [1, 1]])
    assert passed(proposed("voting", world, **(PLAIN | {"pressure": pressure})))[0] is carried


@pytest.mark.parametrize(("strength", "carried"), [(0.0, True), (1.0, False)])
def test_outsider_obstructs_through_those_who_lean_on_it(strength: float, carried: bool) -> None:
    """S2 is no member; S0 and S1 trust it, and it holds .8 of the world: their gains fall by .8."""
    world = assembly(
        [1, 0.8, 0], capability=[0.1, 0.1, 0.8], trust=[[1, 0, 1], [0, 1, 1], [0, 0, 1]],
        member=[[1], [1], [0]], present=[[1], [1], [0]], obstruction=[[0], [0], [strength]],
    )  # fmt: skip
    values = PLAIN | {"obstruction_pressure": 1.5}
    assert passed(proposed("voting", world, **values))[0] is carried


def test_lost_trust_in_a_power_turns_votes_away_from_it() -> None:
    """S1 trusted S0 by 1 and now by .5; S0 holds .8 and stands 2 away: its votes move by .5 x .8 x 2 = .8."""
    world = assembly([2, 0], capability=[0.8, 0.2], rest_trust=[[1, 0], [1, 1]], trust=[[1, 0], [0.5, 1]])
    voting = proposed("voting", world, **(PLAIN | {"hedging": 1.0})).fields["voting_position"]
    np.testing.assert_allclose(voting, [[2, 0], [-0.8, 0]])


def test_authors_are_drawn_by_influence() -> None:
    """Influence .7 and .3: luck of .69 lets S0 write, .71 lets S1; a majority of one carries either."""
    for luck, place in ((0.69, 1.0), (0.71, -1.0)):
        world = assembly([1, -1, 0], agenda=[[0.7], [0.3], [0]], suspended=[[0], [0], [0]], voting_rule=0.0)
        values = PLAIN | {"proposal_noise": 0.0, "margin": 2.0}
        neutral = proposed("voting", world, Luck(world, organizations=luck), **values)
        assert not neutral.fields["passed"].any()  # gains and losses of 1 and 3 against a margin of 2
        world.position[1 if place > 0 else 0] = [10 * place, 0]
        carried = proposed("voting", world, Luck(world, organizations=luck), **(values | {"margin": 0.1}))
        assert np.sign(carried.fields["organization_position"][0, 0]) == place
