"""Gifts, gaps and rescue, computed by hand."""

import numpy as np
import pytest

from abm.processes.funding import FundingParameters, slacks
from abm.state.world import SIZES, World
from tests.worlds_small import Luck, after, proposed, small_world

PLAIN = {
    "adjustment_rate": 1.0, "appeal": 1.0, "dues_appeal": 0.0, "fading_rate": 0.0, "slack_share": 0.1,
    "slack_of_gdp": 0.0,
    "rescue_rate": 1.0, "distance_weight": 0.0, "private_share": 0.0, "gap_threshold": 0.0, "memory_rate": 0.0,
}  # fmt: skip
GIFTS = np.array([[100.0, 100.0], [50.0, 50.0], [50.0, 50.0]])


def donors(**fields: object) -> World:
    """Three donors, two bodies of 200; the first gives half of each."""
    return small_world(
        **{"has_budget": 1.0, "initial_voluntary": GIFTS, "voluntary": GIFTS, "initial_budget": 200.0, "budget": 200.0,
           "income_memory": 200.0, **fields}  # type: ignore[arg-type]
    )  # fmt: skip


def test_at_rest_nothing_moves() -> None:
    fields = proposed("funding", donors(), **PLAIN).fields
    np.testing.assert_allclose(fields["voluntary"], GIFTS)
    np.testing.assert_allclose(fields["income"], [200, 200])
    for name in ("rescue", "redirected", "private_income", "funding_gap"):
        assert not fields[name].any(), name


@pytest.mark.parametrize(
    ("policy", "appeal", "rescue"),
    [
        # One gap of 100: two donors with a slack of 10 each give 20.
        ([0, 1], 1.0, [[0, 0], [10, 0], [10, 0]]),
        # Two gaps of 100 share the same slack: 5 from each donor to each body.
        ([0, 0], 1.0, [[0, 0], [5, 5], [5, 5]]),
        # A small appeal stays within the slack: .12 of 100, in halves.
        ([0, 1], 0.12, [[0, 0], [6, 0], [6, 0]]),
    ],
)
def test_slack_is_shared_by_all_gaps(policy: list[float], appeal: float, rescue: list[list[float]]) -> None:
    world = donors(voluntary_allowed=[policy, [1, 1], [1, 1]])
    fields = proposed("funding", world, **(PLAIN | {"appeal": appeal})).fields
    np.testing.assert_allclose(fields["rescue"], rescue, atol=1e-9)
    np.testing.assert_allclose(fields["funding_gap"], 100 * (1 - np.array(policy)))
    np.testing.assert_allclose(fields["income"], 200 - 100 * (1 - np.array(policy)) + np.sum(rescue, axis=0))
    np.testing.assert_allclose(fields["voluntary"], GIFTS * world.voluntary_allowed)  # saved, not moved


def test_who_leans_on_an_obstructor_gives_less_where_it_obstructs() -> None:
    """S2, of capability .2, obstructs O0 at .8. S0 trusts it by half, S1 not at all."""
    world = donors(
        capability=[0.5, 0.3, 0.2],
        trust=[[0, 0, 0.5], [0, 0, -0.4], [0, 0, 0]],
        obstruction=[[0, 0], [0, 0], [0.8, 0]],
    )
    fields = proposed("funding", world, **(PLAIN | {"obstruction_weight": 2.0})).fields
    left = np.array([[np.exp(-2 * 0.5 * 0.2 * 0.8), 1], [1, 1], [1, 1]])
    np.testing.assert_allclose(fields["voluntary"], GIFTS * left)


def test_who_leaves_or_stays_away_rescues_nobody() -> None:
    """S0 is gone, S1 has given notice: S2 alone is asked, and has 10 to spare."""
    notice = [[-1, -1], [3, -1], [-1, -1]]
    world = donors(voluntary_allowed=[[0, 1], [1, 1], [1, 1]], notice=notice)
    np.testing.assert_allclose(proposed("funding", world, **PLAIN).fields["rescue"], [[0, 0], [0, 0], [10, 0]])


def test_appeals_fade() -> None:
    world = donors(voluntary_allowed=[[0, 1], [1, 1], [1, 1]])
    values = PLAIN | {"slack_share": 1.0, "fading_rate": 0.1}
    given = []
    for _ in range(3):
        world = after("funding", world, **values)
        given.append(world.rescue.sum())
    np.testing.assert_allclose(given, 100 * np.exp([0, -0.1, -0.2]))


def test_lost_dues_are_asked_for_less() -> None:
    """A gap of 100, 60 of it dues: asked are .5 x 40 + .1 x 60 = 26."""
    world = small_world(
        has_budget=1.0, initial_budget=200.0, income_memory=200.0, initial_assessed=100.0, assessed_income=40.0,
        initial_voluntary=[[40, 40], [60, 60], [0, 0]], voluntary=[[40, 40], [60, 60], [0, 0]],
        voluntary_allowed=[[0, 1],
        [1, 1], [1, 1]],
        other_income=[0, 60],
    )  # fmt: skip
    values = PLAIN | {"appeal": 0.5, "dues_appeal": 0.1, "slack_share": 1.0}
    np.testing.assert_allclose(proposed("funding", world, **values).fields["rescue"], [[0, 0], [26, 0], [0, 0]])


def test_gifts_follow_views_with_inertia() -> None:
    world = donors(legitimacy=0.64)
    values = PLAIN | {"adjustment_rate": 0.25, "legitimacy_elasticity": 0.5}
    np.testing.assert_allclose(proposed("funding", world, **values).fields["voluntary"], GIFTS * 0.95)


def test_cut_money_stops_at_once() -> None:
    world = donors(voluntary_allowed=[[0.4, 1], [1, 1], [1, 1]])
    values = PLAIN | {"adjustment_rate": 0.1}
    assert proposed("funding", world, **values).fields["voluntary"][0].tolist() == pytest.approx([40, 100])


def test_foundations_fill_small_salient_gaps_within_their_means() -> None:
    """Of a gap of 100 of 200 they would take 80, have 30, care half, and half of it is too much for them: 7.5."""
    world = donors(voluntary_allowed=[[0, 1], [1, 1], [1, 1]], philanthropic_appeal=0.5)
    values = PLAIN | {"appeal": 0.0, "private_share": 0.8, "private_cap": 30.0}
    fields = proposed("funding", world, **values).fields
    np.testing.assert_allclose(fields["private_income"], [7.5, 0])
    np.testing.assert_allclose(fields["income"], [107.5, 200])


@pytest.mark.parametrize(
    ("response", "added", "withdrawn"),
    [(0.0, 7.5, 0.0), (0.1, 17.5, 0), (-0.05, 2.5, 0), (-0.2, 0, 12.5), (-0.5, 0, 24)],
)
def test_firms_of_a_leaver_withdraw_what_they_give_at_most(response: float, added: float, withdrawn: float) -> None:
    """S0 takes 100 out of O0; of the 24.375 that others would add half is given, and of that 16 in 26: 7.5.

    What the firms of S0 withdraw is first taken from that, then from the 24 that they give themselves.

    Those of S1, and those of S0 in O1, go on giving. All is part of an other income of 60.
    """
    world = donors(
        voluntary_allowed=[[0, 1], [1, 1], [1, 1]], philanthropic_appeal=0.5, other_income=60.0,
        private_at_rest=[[24, 24], [30, 0], [0, 0]], income_memory=260.0, private_withdrawn=0.0,
    )  # fmt: skip
    values = PLAIN | {"appeal": 0.0, "private_share": 0.8, "private_cap": 24.375}
    later = after("funding", world, **(values | {"domestic_response": response}))
    np.testing.assert_allclose(later.private_income, [added, 0], atol=1e-12)
    np.testing.assert_allclose(later.private_withdrawn, [withdrawn, 0], atol=1e-12)
    np.testing.assert_allclose(later.income, [160 + added - withdrawn, 260])
    np.testing.assert_allclose(later.private_money, [54 + added - withdrawn, 24])


def test_what_is_withdrawn_is_missing_and_ends_with_the_organization() -> None:
    """Withdrawn 12 of 60 leave a gap of 12; a dead organization has neither."""
    fields = proposed("funding", donors(other_income=60.0, income_memory=260.0, private_withdrawn=12.0), **PLAIN).fields
    np.testing.assert_allclose(fields["funding_gap"], 12)
    dead = donors(other_income=0.0, private_withdrawn=12.0, private_at_rest=24.0, alive=0.0)
    assert after("funding", dead, **PLAIN).private_withdrawn.tolist() == [0, 0]
    assert after("funding", dead, **PLAIN).private_money.tolist() == [0, 0]


def test_savings_move_only_where_a_shock_says_so() -> None:
    """S0 saves 100 of gifts and 30 of dues in O0; half of both goes to O1."""
    world = donors(
        voluntary_allowed=[[0, 1], [1, 1], [1, 1]], dues_rate=[[30, 0], [0, 0], [0, 0]],
        member=[[0, 1], [1, 1], [1, 1]],
        participation=[[0, 1], [1, 1], [1, 1]], party_at_exit=[[1, 0], [0, 0], [0, 0]],
        redirection=[[0, 0.5], [0, 0], [0, 0]],
    )  # fmt: skip
    fields = proposed("funding", world, **PLAIN).fields
    np.testing.assert_allclose(fields["redirected"], [[0, 65], [0, 0], [0, 0]])
    assert fields["income"][1] == pytest.approx(265)


def test_nobody_moves_more_than_it_saves() -> None:
    """S1 saves 50 in O0 and wants to move .8 of it to each: it moves a half to each."""
    world = donors(voluntary_allowed=[[1, 1], [0, 1], [1, 1]], redirection=[[0, 0], [0.8, 0.8], [0, 0]])
    moved = proposed("funding", world, **PLAIN).fields["redirected"]
    np.testing.assert_allclose(moved, [[0, 0], [25, 25], [0, 0]])


def test_lower_income_becomes_the_normal_one() -> None:
    world = donors(voluntary_allowed=[[0, 1], [1, 1], [1, 1]])
    values = PLAIN | {"appeal": 0.0, "memory_rate": 0.1}
    first = after("funding", world, **values)
    assert first.income_memory.tolist() == pytest.approx([190, 200])
    assert after("funding", first, **values).funding_gap.tolist() == pytest.approx([90, 0])


def test_bloc_pools_its_slack() -> None:
    """S1 and S2 form a bloc; S2 cannot give to O0, but all its slack of 10 is pooled by GDP, which is S1's."""
    world = donors(
        voluntary_allowed=[[0, 1], [1, 1], [1, 1]],
        participation=[[1, 1], [1, 1], [0, 1]],
        bloc=[-1, 0, 0],
        gdp=[1e12, 1e12, 1.0],
    )
    alone = proposed("funding", world, **PLAIN).fields["rescue"]
    pooled = proposed("funding", world, **(PLAIN | {"pooling": 1.0})).fields["rescue"]
    assert alone[1, 0] == pytest.approx(10)
    assert pooled[1, 0] == pytest.approx(20)


def test_a_climate_moves_all_gifts_and_chance_those_of_one_organization() -> None:
    """In four donors z sums to 2 x .5 x 4 / 2 = 2 standard deviations; half of a year's mood is left a year later."""
    world = small_world(4, 2, initial_voluntary=50.0, voluntary=50.0, has_budget=1.0, income_memory=200.0)
    moods = {"climate_spread": 0.05, "chance_spread": 0.2, "persistence": 0.0}
    luck = Luck(world, normals=1.0, organization_normals=[1.0, -0.5])
    first = after("funding", world, luck, **(PLAIN | moods))
    np.testing.assert_allclose(first.climate, 0.1)
    np.testing.assert_allclose(first.chance, [0.2, -0.1])
    np.testing.assert_allclose(first.voluntary, np.tile([65, 50], (4, 1)))
    np.testing.assert_allclose(first.income, [260, 200])
    assert not first.funding_gap.any(), "nobody appeals for what a bad year takes"
    kept = after("funding", first, Luck(world), **(PLAIN | moods | {"persistence": 0.5**4, "adjustment_rate": 0.0}))
    np.testing.assert_allclose(kept.chance, [0.1, -0.05])
    np.testing.assert_allclose(kept.voluntary, np.tile([57.5, 50], (4, 1)))


def test_the_worst_year_leaves_a_least_part_and_what_is_usual_comes_back() -> None:
    """O0 has a chance of -4 x .5: a fifth of gifts and rescue is left. In the usual year after it all is there."""
    world = small_world(2, 2, initial_voluntary=50.0, voluntary=50.0, rescue=20.0, has_budget=1.0, income_memory=200.0)
    values = PLAIN | {"chance_spread": 0.5, "persistence": 0.0, "least_luck": 0.2, "rescue_rate": 0.0}
    worst = after("funding", world, Luck(world, organization_normals=[-4.0, 0.0]), **values)
    for given in (worst.voluntary / 50, worst.rescue / 20, worst.luck):
        np.testing.assert_allclose(given, [[0.2, 1], [0.2, 1]])
    usual = after("funding", worst, **(values | {"adjustment_rate": 0.0, "least_luck": 0.5}))
    np.testing.assert_allclose(usual.voluntary, 50)
    np.testing.assert_allclose(usual.rescue, 20)


def test_a_purse_falls_at_once_and_to_all() -> None:
    """S0 gives .8 this year after all of it before; with no inertia or with full inertia, its gifts are the same."""
    path = np.ones((3, SIZES["year"]))
    path[0] = 0.8
    for rate in (0.0, 1.0):
        later = after("funding", donors(purse_path=path), **(PLAIN | {"adjustment_rate": rate, "appeal": 0.0}))
        np.testing.assert_allclose(later.voluntary, GIFTS * np.array([[0.8], [1], [1]]))
        np.testing.assert_allclose(later.willingness, [0.8, 1, 1])
        again = after("funding", later, **(PLAIN | {"adjustment_rate": rate, "appeal": 0.0}))
        np.testing.assert_allclose(again.voluntary, later.voluntary)


def test_measured_years_are_not_drawn() -> None:
    world = donors(measured=np.arange(SIZES["year"]) < 1)
    moods = PLAIN | {"climate_spread": 0.05, "persistence": 0.0}
    assert not after("funding", world, Luck(world, normals=1.0), **moods).climate.any()
    world.quarter += 4
    assert after("funding", world, Luck(world, normals=1.0), **moods).climate.all()


@pytest.mark.parametrize(("retreat", "given"), [(0.0, 8.0), (1.0, 0.0), (0.2, 4.0)])
def test_who_gives_less_has_less_to_spare(retreat: float, given: float) -> None:
    """S1 gives 80 of 100 and could add a tenth of that, less `retreat` times the 20 that it takes back."""
    able = slacks(donors(willingness=[1, 0.8, 1.2]), FundingParameters(**(PLAIN | {"retreat": retreat})))
    np.testing.assert_allclose(able, [20, given, 12])


def test_rescue_depends_on_the_organization_and_on_what_its_donors_care_for() -> None:
    """Of two gaps of 100 the first asks for e^.5 as much; the donors of the second care half as much again."""
    world = small_world(
        3, 2, 2, has_budget=1.0, initial_voluntary=GIFTS, voluntary=GIFTS, income_memory=200.0,
        voluntary_allowed=[[0, 0], [1, 1], [1, 1]], solicitation=[0.5, 0.0], issue=[0, 1], salience=[[1.0, 1.5]] * 3,
    )  # fmt: skip
    values = PLAIN | {"appeal": 0.2, "appeal_spread": 1.0, "slack_share": 1.0}
    rescue = proposed("funding", world, **values).fields["rescue"]
    np.testing.assert_allclose(rescue.sum(axis=0), [20 * np.exp(0.5), 30])


def test_donors_share_what_they_can_add_however_much_is_asked() -> None:
    world = donors(voluntary_allowed=[[0, 0], [1, 1], [1, 1]], solicitation=[3.0, 3.0])
    rescue = proposed("funding", world, **(PLAIN | {"slack_share": 0.03})).fields["rescue"]
    assert rescue.sum() == pytest.approx(0.03 * 200)
    rescue = proposed("funding", world, **(PLAIN | {"slack_share": 1.0, "largest_appeal": 0.5})).fields["rescue"]
    assert rescue.sum() == pytest.approx(0.5 * 200)


def test_conditional_donors_give_less_where_others_withdraw() -> None:
    """A quarter of all gifts is withdrawn: the others give the square root of three quarters."""
    world = donors(voluntary_allowed=[[0, 1], [1, 1], [1, 1]])
    gifts = proposed("funding", world, **(PLAIN | {"conditional_giving": 0.5})).fields["voluntary"]
    np.testing.assert_allclose(gifts, GIFTS * [[0, 1], [1, 1], [1, 1]] * np.sqrt(0.75))
