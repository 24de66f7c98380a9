"""Spatial votes under each rule, pressure and obstruction, computed by hand."""

import numpy as np
import pytest

from abm.processes.base import Proposal
from abm.processes.voting import authors
from abm.state.world import World
from tests.worlds_small import Luck, poke, proposed, random_generator, small_world

PLAIN = {"margin": 0.1, "moderation": 0.0, "proposal_noise": 0.2, "pressure": 0.0, "hedging": 0.0, "step": 0.1,
         "objection_threshold": 1.5}  # fmt: skip
RULES = ("majority", "two_thirds", "consensus", "weighted", "veto")


def assembly(places: list[float], **fields: object) -> World:
    """Five bodies at the origin, one for each rule, all meeting now; S0 sets every agenda and stands at 1."""
    count = len(places)
    agenda = np.zeros((count, 5))
    agenda[0] = 1.0
    plain = {
        "position": np.column_stack([places, np.zeros(count)]), "agenda_share": agenda, "voting_rule": np.arange(5.0),
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
        ([1, 0.8, -1, -1, 0.5], {"participation": [[1], [1], [0], [0], [1]]}, 1.5, [1, 1, 1, 1, 1]),
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


def test_pressure_on_one_resolution_moves_the_weak_and_neutral() -> None:
    """S0 wants the move to 1. S1 to S3 lose .6 by it: S1 is a sure ally, S2 neutral, S3 as large as S0.

    Its leverage on S2 is .4^2 / .5 = .32 and on S3 .2: pressure of 2 and strength 1 adds .64 and .4. S2 turns, in the
    first resolution only.
    """
    trust = np.eye(4)
    trust[1, 0] = trust[0, 1] = 1.0
    world = assembly(
        [1, 0.2, 0.2, 0.2], capability=[0.4, 0.1, 0.1, 0.4], trust=trust, pressing=[[1.0], [0], [0], [0]],
        session=[0.0, 1, 1, 1, 1],
    )  # fmt: skip
    proposal = proposed("voting", world, Luck(world, organizations=0.5), **(PLAIN | {"margin": 0.01}))
    assert proposal.fields["votes_won"].tolist() == [0, 3, 2, 3]  # a tie in the first, three against one in the others
    np.testing.assert_array_equal(proposal.fields["pressing"][:, 0], 0)
    np.testing.assert_array_equal(proposal.fields["pressing"][:, 1:], world.pressing[:, 1:])


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_session_tables_as_many_resolutions_as_it_is_told(number: int) -> None:
    """Each moves the body at 0 to 1: S0 to S2 win, S3 loses, S4 abstains. Pressure turns S2 and S4 in the first."""
    world = assembly([1, 0.8, 0.7, -1, 0.5], voting_rule=0.0, session=[0.0, 1, 1, 1, 1])
    values = PLAIN | {"resolutions": number}
    fields = proposed("voting", world, Luck(world), **values).fields
    assert fields["tabled"].tolist() == fields["passed"].tolist() == [number, 0, 0, 0, 0]
    np.testing.assert_allclose(fields["organization_position"][0], [0.1 * number, 0])
    assert fields["votes_cast"].tolist() == [number] * 5
    assert fields["votes_won"].tolist() == [number, number, number, 0, 0]
    poke(world, "pressing", (3, 0), 1.0)  # S3 is two fifths of the world: by 2 x .16 / (.4 + .15) = .58 each
    poke(world, "capability", np.s_[:], [0.15, 0.15, 0.15, 0.4, 0.15])
    fields = proposed("voting", world, Luck(world), **values).fields
    assert fields["passed"].tolist() == [number - 1, 0, 0, 0, 0]  # gains of .42, .02, -.18: one for, three against
    assert fields["votes_won"].tolist() == [number - 1, number - 1, number, 1, 1]


def test_each_resolution_has_its_author_and_its_votes() -> None:
    """S0 at (1, 0) writes the first, S1 at (0, 1) the second: each loses the other's, S2 at (1, 1) wins with both."""
    world = assembly([1, 0, 1], agenda_share=[[0.7], [0.3], [0]], voting_rule=0.0, session=[0.0, 1, 1, 1, 1])
    poke(world, "position", np.s_[:, 1], [0, 1, 1])
    luck = Luck(world, states=[[0.5, 0.5], [0.27, 0.24], [0.5, 0.5]])
    uniforms = iter([np.broadcast_to([0.1, 0.5, 0.5], (5, 2, 3)), np.ones((5, 2))])
    luck.organizations = lambda *_: next(uniforms)  # type: ignore[method-assign]
    fields = proposed("voting", world, luck, **(PLAIN | {"resolutions": 2})).fields
    assert fields["passed"][0] == 2
    assert fields["votes_won"].tolist() == [1, 1, 2]
    np.testing.assert_allclose(fields["organization_position"][0], [0.1, 0.1])


@pytest.mark.parametrize(("part", "whom", "targets"), [(0.99, 0.49, [0]), (0.99, 0.51, [1]), (1.01, 0.0, [])])
def test_a_session_acts_on_whoever_stands_far(part: float, whom: float, targets: list[int]) -> None:
    """S0 stands 2 from the mean, S1 and S2 1: where the rate doubles with each unit, half of all acts hit S0."""
    world = assembly([0, 3, 3], session=[0.0, 1, 1, 1, 1])
    values = PLAIN | {"discipline_rate": 0.01, "discipline_distance": np.log(2), "discipline_strength": 0.7}
    together = 0.01 * 2**-0.62 * (4 + 2 + 2)
    luck = Luck(world, organizations=0.5)
    uniforms = iter([luck.organizations((), 3, 3), np.tile([part * together, whom], (5, 1))])
    luck.organizations = lambda *_: next(uniforms)  # type: ignore[method-assign]
    proposal = proposed("voting", world, luck, **values)
    assert [(event.actor, event.details["action"]) for event in proposal.events] == [(i, "censure") for i in targets]
    felt = np.zeros(3)
    felt[targets] = 0.7
    np.testing.assert_allclose(proposal.fields["grievance"][:, 0], felt)


def test_wins_are_counted_for_those_who_voted() -> None:
    """The majority carries 1: S0 to S2 win, S3 loses, S4 abstains and wins nothing; the suspended S2 is not counted."""
    world = assembly([1, 0.8, 0.7, -1, 0.5], voting_rule=0.0, suspended=[[0], [0], [1], [0], [0]])
    fields = proposed("voting", world, Luck(world), **PLAIN).fields
    all_ = float(fields["tabled"].sum())
    assert fields["votes_cast"].tolist() == [all_, all_, 0, all_, all_]
    assert fields["votes_won"].tolist() == [all_, all_, 0, 0, 0]


@pytest.mark.parametrize(
    "fields",
    [{"session": 1.0}, {"alive": 0.0}, {"members_known": 0.0}, {"zombie": 1.0}],
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
        member=[[1], [1], [0]], participation=[[1], [1], [0]], obstruction=[[0], [0], [strength]],
    )  # fmt: skip
    values = PLAIN | {"obstruction_pressure": 1.5}
    assert passed(proposed("voting", world, **values))[0] is carried


def test_lost_trust_in_a_power_turns_votes_away_from_it() -> None:
    """S1 trusted S0 by 1 and now by .5; S0 holds .8 and stands 2 away: its votes move by .5 x .8 x 2 = .8."""
    world = assembly([2, 0], capability=[0.8, 0.2], initial_trust=[[1, 0], [1, 1]], trust=[[1, 0], [0.5, 1]])
    voting = proposed("voting", world, **(PLAIN | {"hedging": 1.0})).fields["voting_position"]
    np.testing.assert_allclose(voting, [[2, 0], [-0.8, 0]])


def test_authors_are_drawn_by_influence() -> None:
    """Influence .7 and .3, a lot of .5 for S0, which waits .693 / .7: S1 at .27 waits longer, at .24 less.

    Where the body begins one state further on, S0 runs with S1's lot and S1 with S2's.
    """
    for lot, luck, place in ((0.27, 0.1, 1.0), (0.24, 0.1, -1.0), (0.8, 0.4, -1.0), (0.2, 0.4, 1.0)):
        world = assembly([1, -1, 0], agenda_share=[[0.7], [0.3], [0]], suspended=[[0], [0], [0]], voting_rule=0.0)
        values = PLAIN | {"proposal_noise": 0.0, "margin": 2.0}
        drawn = Luck(world, organizations=luck, states=[0.5, lot, 0.3])
        neutral = proposed("voting", world, drawn, **values)
        assert not neutral.fields["passed"].any()  # gains and losses of 1 and 3 against a margin of 2
        poke(world, "position", 1 if place > 0 else 0, [10 * place, 0])
        carried = proposed("voting", world, drawn, **(values | {"margin": 0.1}))
        assert np.sign(carried.fields["organization_position"][0, 0]) == place


def test_authors_write_as_often_as_they_have_influence() -> None:
    random = random_generator("authors")
    share = np.array([[0.6], [0.3], [0.1], [0.0]])
    ids = np.array([2, 0, 3, 1])
    found = [authors(share, ids, random.random((4, 3)), random.random((3, 1))) for _ in range(2000)]
    often = np.bincount(np.ravel(found), minlength=4) / 6000
    np.testing.assert_allclose(often, share[:, 0], atol=0.02)


def test_small_changes_of_influence_hardly_change_authors() -> None:
    """Where one of a hundred equal states loses its influence, the others write what they would have written."""
    random = random_generator("twins")
    lots, luck, ids = random.random((100, 3)), random.random((3, 40)), np.arange(100)
    before = np.full((100, 40), 0.01)
    after = before.copy()
    after[0] = 0.0
    one, other = authors(before, ids, lots, luck), authors(after, ids, lots, luck)
    assert (one != other)[one != 0].sum() == 0
    assert not (other == 0).any()
