"""Billing, arrears and Article 19, computed by hand."""

import numpy as np
import pytest

from tests.worlds_small import START, Luck, after, full_plan, poke, proposed, run_quarter, small_world

RATES = np.array([[100.0, 0.0], [60.0, 20.0], [40.0, 0.0]])
BY_HAND = {"neglect_elasticity": 1.0, "repayment_share": 0.25}


def test_accounts_of_a_quarter() -> None:
    """S0 complies by half and pays back, S1 withholds half from O0 and pays back in O1, S2 has lapsed."""
    world = small_world(
        dues_rate=RATES, commitment=[[0.4, 0.8], [0.8, 0.8], [0.8, 0.8]], withheld=[[0, 0], [0.5, 0], [0, 0]],
        fragile=[0, 0, 1], lapsing=[0, 0, 1], arrears=[[80, 0], [0, 40], [7, 0]],
    )  # fmt: skip
    fields = proposed("dues", world, Luck(world, states=0.999), **BY_HAND).fields
    np.testing.assert_allclose(fields["due"], RATES)
    np.testing.assert_allclose(fields["paid"], [[60, 0], [30, 30], [0, 0]])
    np.testing.assert_allclose(fields["arrears"], [[120, 0], [30, 30], [47, 0]])
    np.testing.assert_allclose(fields["assessed_income"], [90, 30])


def test_nobody_but_members_is_billed_and_compliance_above_rest_pays_no_more() -> None:
    world = small_world(dues_rate=RATES, member=[[0, 1], [1, 1], [1, 1]], commitment=1.0)
    fields = proposed("dues", world, **BY_HAND).fields
    np.testing.assert_allclose(fields["due"], [[0, 0], [60, 20], [40, 0]])
    np.testing.assert_allclose(fields["paid"], fields["due"])


def test_parent_bills_and_passes_on() -> None:
    world = small_world(
        dues_rate=[[100, 0], [60, 0], [40, 0]], parent=[-1, 0], parent_share=[0, 0.25], kept_share=[0.75, 1]
    )
    np.testing.assert_allclose(proposed("dues", world, **BY_HAND).fields["assessed_income"], [150, 50])


def test_arrears_stay_where_dues_have_ended() -> None:
    world = small_world(arrears=[[9, 0], [0, 0], [0, 0]], member=0.0)
    assert after("dues", world, **BY_HAND).arrears.tolist() == [[9, 0], [0, 0], [0, 0]]


def test_return_settles_old_arrears() -> None:
    world = small_world(dues_rate=RATES, arrears=[[80, 0], [0, 0], [0, 0]], settle=[[0.5, 0], [0, 0], [0, 0]])
    later = after("dues", world, **BY_HAND)
    assert later.paid[0, 0] == pytest.approx(140)
    assert later.arrears[0, 0] == pytest.approx(40)
    assert not later.settle.any()


@pytest.mark.parametrize(
    ("quarter", "arrears", "rule", "waived", "lost"),
    [
        (START, 800.0, 1, False, True),  # exactly two years: "equals or exceeds"
        (START, 799.99, 1, False, False),
        (START, 2000.0, 1, False, True),
        (START, 2000.0, 0, False, False),  # a body without such a rule
        (START, 2000.0, 1, True, False),  # beyond the state's control
        (START + 1, 2000.0, 1, False, False),  # judged once a year
    ],
)
def test_vote_is_lost_at_two_full_years(quarter: int, arrears: float, rule: int, waived: bool, lost: bool) -> None:
    world = small_world(
        dues_rate=100.0, arrears=[[arrears, 0], [0, 0], [0, 0]], suspends=rule, billed_this_year=400.0,
        billed_last_year=400.0, fragile=[waived, 0, 0], lapsing=[waived, 0, 0],
    )  # fmt: skip
    world.quarter = quarter
    proposal = proposed("dues", world, Luck(world, states=0.29), waiver_probability=0.3, recovery_rate=0.01)
    suspended = proposal.fields.get("suspended", world.suspended)
    np.testing.assert_array_equal(suspended, [[float(lost), 0], [0, 0], [0, 0]])
    assert [event.kind for event in proposal.events] == ["vote_lost"] * lost


def test_limit_is_what_was_billed_in_the_two_years() -> None:
    """A state billed for less than two years reaches the limit with less."""
    world = small_world(dues_rate=100.0, arrears=500.0, suspends=1.0, billed_this_year=400.0, billed_last_year=100.0)
    assert after("dues", world).suspended.all()
    world.billed_last_year = world.billed_last_year + 1
    assert not after("dues", world).suspended.any()


def test_vote_returns_with_payment() -> None:
    world = small_world(
        dues_rate=100.0, arrears=[[700, 0], [0, 0], [0, 0]], suspends=1.0, suspended=[[1, 0], [0, 0], [0, 0]],
        billed_this_year=400.0, billed_last_year=400.0,
    )  # fmt: skip
    proposal = proposed("dues", world)
    assert not proposal.fields["suspended"].any()
    assert [(event.kind, event.actor, event.organization) for event in proposal.events] == [("vote_regained", 0, 0)]


def test_who_left_regains_no_vote() -> None:
    world = small_world(
        dues_rate=100.0, arrears=[[700, 0], [0, 0], [0, 0]], suspends=1.0, suspended=[[1, 0], [0, 0], [0, 0]],
        billed_this_year=400.0, billed_last_year=400.0, member=[[0, 1], [1, 1], [1, 1]],
    )  # fmt: skip
    proposal = proposed("dues", world)
    assert not proposal.fields["suspended"].any()
    assert not proposal.events


def test_half_of_the_dues_withheld_is_half_of_them_owed_for_good() -> None:
    """Who withholds does not settle what it withheld: 20 quarters of half the dues are ten of the whole."""
    world = small_world(dues_rate=100.0, has_budget=1.0)
    poke(world, "withheld", np.s_[0, 0], 0.5)
    for _ in range(20):
        fields = proposed("dues", world).fields
        world.arrears = fields["arrears"]
    assert world.arrears[0, 0] == pytest.approx(1000)


def test_two_years_without_paying_cost_the_vote_in_the_ninth_quarter() -> None:
    world = small_world(dues_rate=100.0, suspends=1.0, billed_this_year=400.0, billed_last_year=400.0, has_budget=1.0)
    poke(world, "withheld", np.s_[0, 0], 1.0)
    steps, suspended, arrears = full_plan(world), [], []
    for _ in range(10):
        run_quarter(world, steps)
        suspended.append(world.suspended[0, 0])
        arrears.append(world.arrears[0, 0])
    assert suspended == [0] * 8 + [1] * 2
    np.testing.assert_allclose(arrears, 100.0 * np.arange(1, 11))
    assert world.suspended.sum() == 1


@pytest.mark.parametrize(("luck", "expected"), [(0.01, [1, 0, 0]), (0.5, [0, 1, 0])])
def test_only_fragile_states_lapse_and_recover(luck: float, expected: list[int]) -> None:
    """Yearly rates: .05 lapses with luck below .0127 in a quarter, .25 recovers below .0694."""
    world = small_world(fragile=[1, 1, 0], lapsing=[0, 1, 0])
    later = after("dues", world, Luck(world, states=luck), lapse_rate=0.05, recovery_rate=0.25)
    assert later.lapsing.tolist() == expected
