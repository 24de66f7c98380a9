"""Austerity after grace, expertise lost fast and regrown slowly, weakness passed on: computed by hand."""

import numpy as np
import pytest

from abm.processes.operations import OperationsParameters, forecast
from abm.state.world import RULES, SIZES, World
from tests.worlds_small import START, after, proposed, small_world

STILL = {
    "money_weight": 0.0, "expertise_weight": 0.0, "cohesion_weight": 0.0, "coverage_weight": 0.0,
    "dependence_weight": 0.0,
    "reform_weight": 0.0, "effect_rate": 1.0,
}  # fmt: skip


def body(**fields: object) -> World:
    """One body with a budget of 100 and ample reserves."""
    plain = {
        "has_budget": 1.0,
        "initial_budget": 100.0,
        "budget": 100.0,
        "income": 100.0,
        "reserves": 1000.0,
        "target_reserves": 1000.0,
    }
    return small_world(2, 1, **(plain | fields))  # type: ignore[arg-type]


def test_austerity_begins_after_the_grace() -> None:
    """Income 80 of 100: two quarters out of reserves, then the budget moves halfway each quarter."""
    world, table = body(income=80.0), []
    for _ in range(5):
        world = after("operations", world, grace=2, austerity_rate=0.5)
        table.append(
            [float(value[0]) for value in (world.spending, world.reserves, world.budget, world.short_quarters)]
        )
    expected = [[100, 980, 100, 1], [100, 960, 100, 2], [100, 940, 90, 3], [90, 930, 85, 4], [85, 925, 82.5, 5]]
    np.testing.assert_allclose(table, expected)


def test_money_of_a_member_that_has_announced_its_exit_is_not_counted_on() -> None:
    """40 of 100 from the leaver, half of it not counted on: after the grace the budget moves halfway to 80."""
    world = body(notice=[[3], [-1]], paid=[[30.0], [60.0]], voluntary=[[10.0], [0.0]])
    values = {"grace": 0, "austerity_rate": 0.5, "prudence": 0.5}
    later = after("operations", world, **values)
    assert (later.budget[0], later.spending[0], later.short_quarters[0]) == pytest.approx((90, 100, 1))
    still = after("operations", world, **(values | {"prudence": 0.0}))
    assert (still.budget[0], still.short_quarters[0]) == pytest.approx((100, 0))


def test_a_budget_counts_on_what_lasts_of_rescue_and_of_a_bad_year() -> None:
    """Of 30 in rescue half is counted on, and of 20 that a bad year takes: forecast 85 - 15 + 10 = 80."""
    world = body(income=85.0, voluntary=[[60.0], [0.0]], rescue=[[30.0], [0.0]], luck=0.75)
    values = {"grace": 0, "austerity_rate": 0.5, "passing_counted": 0.5, "shortfall_borne": 0.0}
    assert after("operations", world, **values).budget[0] == pytest.approx(90)
    assert after("operations", world, **(values | {"passing_counted": 1.0})).budget[0] == pytest.approx(92.5)


@pytest.mark.parametrize(("foresight", "measured", "expected"), [(1.0, 0.0, 76), (0.5, 0.0, 88), (1.0, 1.0, 100)])
def test_a_budget_does_not_count_on_what_donors_will_not_give(
    foresight: float, measured: float, expected: float
) -> None:
    """S0 gives 60 of the 100 and says that it will give .6 of that next year; accounts say so only afterwards."""
    path = np.ones((2, SIZES["year"]))
    path[0, 1:] = 0.6
    gifts = [[60.0], [40.0]]
    world = body(voluntary=gifts, initial_voluntary=gifts, income=100.0, purse_path=path, measured=measured)
    plain = OperationsParameters(foresight=foresight, prudence=0.0)
    np.testing.assert_allclose(forecast(world, plain), expected)


def test_a_small_shortfall_is_borne() -> None:
    world = body(income=96.0)
    values = {"grace": 0, "austerity_rate": 1.0}
    assert after("operations", world, **values, shortfall_borne=0.05).budget[0] == 100
    assert after("operations", world, **values, shortfall_borne=0.03).budget[0] == pytest.approx(96)


def test_who_lives_on_dues_freezes_at_once_and_cuts_when_it_meets() -> None:
    """20 of 100 are missing: 10 are saved and 10 taken out of reserves, until the session in the third quarter."""
    world, table = body(income=80.0, initial_assessed=90.0, session=START % 4 + 2), []
    for _ in range(4):
        world = after("operations", world, freeze=0.5, austerity_rate=1.0, grace=0)
        world.quarter += 1
        table.append([float(value[0]) for value in (world.spending, world.reserves, world.budget)])
    np.testing.assert_allclose(table, [[90, 990, 100], [90, 980, 100], [90, 970, 80], [80, 970, 80]])
    other = after("operations", body(income=80.0, initial_assessed=90.0), dues_budgets="grace", grace=0, freeze=0.0)
    assert (other.spending[0], other.budget[0]) == pytest.approx((100, 84))


def test_empty_reserves_bind_at_once() -> None:
    later = after("operations", body(income=80.0, reserves=10.0), grace=2)
    assert (later.spending[0], later.reserves[0]) == pytest.approx((90, 0))


@pytest.mark.parametrize(("reserves", "budget"), [(1000.0, 90.0), (900.0, 80.0)])
def test_budget_rises_only_when_reserves_are_full(reserves: float, budget: float) -> None:
    later = after("operations", body(budget=80.0, reserves=reserves), austerity_rate=0.5)
    assert later.budget[0] == pytest.approx(budget)
    assert later.reserves[0] == pytest.approx(reserves + 20)


def test_staff_follow_the_budget_by_their_elasticity() -> None:
    world = body(budget=81.0, income=81.0, elasticity=0.5)
    values = {"staff_rate": 1.0, "cash_pressure": 1.0, "austerity_rate": 0.0}
    assert after("operations", world, **values).staff[0] == pytest.approx(0.9)
    world.reserves = np.zeros(1)  # short of cash: twice the elasticity
    assert after("operations", world, **values).staff[0] == pytest.approx(0.81)


@pytest.mark.parametrize(("scale", "largest", "staff"), [(1.0, 4.0, 0.9**4), (1.0, 1.5, 0.9**3), (0.5, 1.5, 0.9**2)])
def test_an_elasticity_of_two_is_scaled_and_limited(scale: float, largest: float, staff: float) -> None:
    world = body(budget=81.0, income=81.0, elasticity=2.0)
    values = {"staff_rate": 1.0, "staff_elasticity_scale": scale, "largest_staff_elasticity": largest}
    assert after("operations", world, **values).staff[0] == pytest.approx(staff)


def test_expertise_is_lost_fast_and_regrown_slowly() -> None:
    world, seen = small_world(2, 1, expert_share=[[0.4], [0.6]], participation=[[0], [1]]), []
    for quarter in range(4):
        if quarter == 2:
            world.participation = np.ones((2, 1))
        world = after("operations", world, expertise_loss_rate=0.5, expertise_growth_rate=0.03)
        seen.append(float(world.expertise[0]))
    np.testing.assert_allclose(seen, [0.8, 0.7, 0.709, 0.71773])


@pytest.mark.parametrize("lost", [0.5, 0.25])
def test_effectiveness_joins_its_causes(lost: float) -> None:
    """Two fifths of the experts gone (half of it at once: .8), half the money missing: .8^.5 x .5^(.4 x (1 - lost))."""
    world = body(expert_share=[[0.4], [0.6]], participation=[[0], [1]], budget=50.0, technical=1.0)
    values = STILL | {"money_weight": 0.4, "expertise_weight": 0.5, "expertise_loss_rate": 0.5}
    later = after("operations", world, **values, technical_discount=lost)
    assert later.effectiveness[0] == pytest.approx(0.8**0.5 * 0.5 ** (0.4 * (1 - lost)))
    assert later.money_effect[0] == pytest.approx(0.4 * (1 - lost) * np.log(0.5))
    assert later.expertise_effect[0] == pytest.approx(0.5 * np.log(0.8))


@pytest.mark.parametrize(
    ("fields", "parameter", "expected"),
    [
        ({"capacity": 0.7}, {}, 0.7),
        ({"distance": 1.0, "reference_spread": 0.5}, {"cohesion_weight": 0.2}, np.exp(-0.1)),
        ({"commitment": [[0], [0.8]], "initial_coverage": 0.8}, {"coverage_weight": 0.3}, 0.5**0.3),
        ({"reformed": 1.0}, {"reform_weight": 0.1}, np.exp(0.1)),
    ],
)
def test_each_cause_alone(fields: dict[str, object], parameter: dict[str, float], expected: float) -> None:
    later = after("operations", body(**fields), **(STILL | parameter))
    assert later.effectiveness[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rule", "fields", "blocked"),
    [
        ("consensus", {}, [0.4, 0.5, 0]),  # S2 objects to O0; S1, which wholly trusts S2, objects for it in O1
        ("consensus", {"participation": [[1, 1, 1], [1, 1, 1], [0, 0, 1]]}, [0.2, 0.5, 0]),  # S2 takes no part in O0
        ("consensus", {"suspended": [[0, 0, 0], [0, 1, 0], [0, 0, 0]]}, [0.4, 0.25, 0]),  # S1 has no vote in O1
        ("veto", {"veto": [[1, 1, 1], [0, 0, 0], [0, 0, 0]]}, [0.1, 0.25, 0]),  # only S0, which half trusts S2, can
        ("two_thirds", {"veto": 1.0}, [0, 0, 0]),
    ],
)
def test_an_objection_blocks_what_needs_consent(rule: str, fields: dict[str, object], blocked: list[float]) -> None:
    """S2, of capability .5, obstructs O0 at .4 and, from outside, O1 at 1: effectiveness e^(-2 x what is blocked)."""
    plain = {
        "voting_rule": RULES.index(rule), "capability": [0.25, 0.25, 0.5],
        "participation": [[1, 1, 1], [1, 1, 1], [1, 0, 1]],
        "trust": [[1, 0, 0.5], [0, 1, 1], [0, 0, 0]], "obstruction": [[0, 0, 0], [0, 0, 0], [0.4, 1, 0]],
    }  # fmt: skip
    world = small_world(3, 3, **(plain | fields))  # type: ignore[arg-type]
    np.testing.assert_allclose(world.blocked, blocked)
    later = after("operations", world, **(STILL | {"obstruction_weight": 2.0}))
    np.testing.assert_allclose(later.effectiveness, np.exp(-2 * np.array(blocked)))


def test_effectiveness_follows_with_inertia() -> None:
    later = after("operations", body(capacity=0.5), **(STILL | {"effect_rate": 0.25}))
    assert later.effectiveness[0] == pytest.approx(1 - 0.25 * 0.5)


def test_weakness_passes_along_dependence_and_strength_does_not() -> None:
    """O1 depends by half on O0 at .64, O2 by half on O3, which is dead, O0 by half on O4, which thrives."""
    depends = np.zeros((5, 5))
    depends[1, 0] = depends[2, 3] = depends[0, 4] = 0.5
    world = small_world(2, 5, effectiveness=[0.64, 1, 1, 1, 1.5], alive=[1, 1, 1, 0, 1], dependence=depends)
    fields = proposed("operations", world, **(STILL | {"dependence_weight": 1.0})).fields
    np.testing.assert_allclose(fields["effectiveness"][:3], [1, np.exp(-0.18), np.exp(-0.5)])


def test_no_budget_counts_on_less_than_nothing() -> None:
    """All members are on notice and all that is given passes: what is left out twice is left out once."""
    world = small_world(
        2, 1, has_budget=1.0, initial_budget=10.0, budget=10.0, voluntary=5.0, rescue=5.0, income=15.0, notice=3.0,
        reserves=100.0,
    )  # fmt: skip
    p = OperationsParameters(prudence=1.0, passing_counted=0.0)
    np.testing.assert_array_equal(forecast(world, p), [0.0])
