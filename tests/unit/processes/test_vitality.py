"""Sleep, death and replacement; computed by hand."""

from typing import Any

import numpy as np
import pytest

from abm.state.world import World, add_organization
from tests.worlds_small import Luck, after, poke, proposed, small_world

PLAIN = {
    "death_log_odds": -2.0, "members_log_odds": -0.35, "staff_log_odds": -0.3, "inactivity_log_odds": 4.0,
    "zombie_threshold": 0.5, "zombie_quarters": 2, "decision_members": 2.0, "usual_staff": 100.0,
}  # fmt: skip


def quarterly(log_odds: float) -> float:
    return 1 - (1 - 1 / (1 + np.exp(-log_odds))) ** 0.25


@pytest.mark.parametrize(
    ("fields", "log_odds"),
    [
        ({}, -2 - 0.35 * np.log(3 / 20)),
        ({"staff_size": 200.0}, -2 - 0.35 * np.log(3 / 20) - 0.3 * np.log(10)),
        ({"staff_size": 0.0, "staff": 0.04}, -2 + 2.4 - 0.35 * np.log(3 / 20) - 0.3 * np.log(5)),
        ({"council_size": 5.0}, -2 - 0.35 * np.log(5 / 20)),
        ({"effectiveness": 0.6}, -2 - 0.35 * np.log(3 / 20)),
        ({"effectiveness": 0.4}, -2 + 0.8 - 0.35 * np.log(3 / 20)),
        ({"attention": 0.25}, -2 + 2 - 0.35 * np.log(3 / 20)),
        ({"staff": 0.04}, -2 + 2.4 - 0.35 * np.log(3 / 20) - 0.3 * np.log(0.05)),
    ],
)
def test_quarterly_probability_of_death(fields: dict[str, Any], log_odds: float) -> None:
    world = small_world(3, 2, **fields)
    for factor, alive in ((1 - 1e-9, 0), (1 + 1e-9, 1)):
        luck = Luck(world, organizations=[quarterly(log_odds) * factor, 0.999])
        assert after("vitality", world, luck, **PLAIN).alive.tolist() == [alive, 1]


def test_nothing_is_left_of_a_dead_body() -> None:
    world = small_world(
        3, 2, voluntary=1.0, rescue=1.0, notice=2.0, threat=2.0, budget=9.0, vacancy=0.1, other_income=3.0,
        private_income=1.0
    )  # fmt: skip
    proposal = proposed("vitality", world, Luck(world, organizations=[0.0, 0.999]), **PLAIN)
    later = after("vitality", world, Luck(world, organizations=[0.0, 0.999]), **PLAIN)
    for name in ("member", "participation", "voluntary", "rescue", "posts_share"):
        assert not getattr(later, name)[:, 0].any(), name
        assert getattr(later, name)[:, 1].all(), name
    for name in ("alive", "budget", "vacancy", "other_income", "private_income"):
        assert (getattr(later, name)[0], getattr(later, name)[1] > 0) == (0, True), name
    np.testing.assert_array_equal(later.notice, [[-1, 2]] * 3)
    np.testing.assert_array_equal(later.threat, [[-1, 2]] * 3)
    assert [(event.kind, event.organization) for event in proposal.events] == [("death", 0)]


def test_dues_of_a_dead_child_stay_with_its_parent() -> None:
    world = small_world(3, 2, parent=[-1, 0], parent_share=[0, 0.3], kept_share=[0.7, 1])
    later = after("vitality", world, Luck(world, organizations=[0.999, 0.0]), **PLAIN)
    assert later.kept_share[0] == pytest.approx(1)
    assert later.parent_share.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("fields", "rule", "decided"),
    [
        ({"staff_size": 1000.0}, {}, True),
        ({"staff_size": 999.0}, {}, False),
        ({"staff_size": 2000.0, "staff": 0.49}, {}, False),  # what was cut is no longer large
        ({"staff_size": 2000.0}, {"decision_staff": 1e6}, False),
        ({}, {"decision_members": 1.0}, True),  # all three states belong
        ({"council_size": 3.0}, {"decision_members": 1.0}, True),
        ({"council_size": 3.0}, {"decision_members": 1.1}, False),
    ],
)
def test_large_or_universal_body_ends_by_decision_only(
    fields: dict[str, Any], rule: dict[str, Any], decided: bool
) -> None:
    world = small_world(3, 2, **fields)
    if "council_size" in fields:
        poke(world, "member", np.s_[2, :], 0.0)
    chance = 1 - (1 - 0.0016) ** 0.25
    for factor, alive in ((1 - 1e-9, 0), (1 + 1e-9, int(decided))):
        luck = Luck(world, organizations=[chance * factor, 0.999])
        rules = PLAIN | {"decision_rate": 0.0016} | rule
        assert after("vitality", world, luck, **rules).alive.tolist() == [alive, 1]


@pytest.mark.parametrize(
    ("founder", "founded", "members", "fate"),
    [
        (0.0, 8000, [1, 1, 0], "replaced"),
        (0.0, 8000, [1, 0, 0], "death"),
        (0.0, 7000, [1, 1, 1], "death"),
        (-1.0, 8000, [1, 1, 1], "death"),  # they sat in both from the start: nobody moved
    ],
)
def test_body_whose_members_moved_to_a_club_is_replaced(
    founder: float, founded: float, members: list[float], fate: str
) -> None:
    world = small_world(3, 2, founded=[7780, founded], founder=[-1, founder])
    poke(world, "member", np.s_[:, 1], members)
    rules = PLAIN | {"least_members": 0}
    event, *_ = proposed("vitality", world, Luck(world, organizations=[0.0, 0.999]), **rules).events
    assert event.kind == fate


@pytest.mark.parametrize(("members", "least", "alive"), [(2, 2, 1), (1, 2, 0), (1, 0, 1), (0, 2, 0)])
def test_body_that_nobody_shares_dissolves(members: int, least: int, alive: float) -> None:
    world = small_world(3, 2)
    poke(world, "member", np.s_[members:, 0], 0.0)
    rules = PLAIN | {"least_members": least}
    assert after("vitality", world, Luck(world, organizations=0.999), **rules).alive.tolist() == [alive, 1]


def test_quiet_body_falls_asleep_and_wakes() -> None:
    world, states, told = small_world(3, 1, effectiveness=0.49), [], []
    for quarter in range(5):
        if quarter == 3:
            world.effectiveness = np.ones(1)
        luck = Luck(world, organizations=0.999)
        told += [(quarter, event.kind) for event in proposed("vitality", world, luck, **PLAIN).events]
        world = after("vitality", world, luck, **PLAIN)
        states.append(float(world.zombie[0]))
    assert states == [0, 1, 1, 0, 0]
    assert told == [(1, "zombie")]


def club(members: list[float]) -> World:
    world = small_world(3, 1)
    add_organization(
        world,
        {"code": "club", "key": "k", "alive": 1.0, "members_known": 1.0, "founder": 0.0, "member": np.array(members)},
    )
    return world


@pytest.mark.parametrize(("members", "alive"), [([1, 1, 0], 1), ([1, 0, 0], 0)])
def test_club_ends_without_a_second_member(members: list[float], alive: float) -> None:
    world = club(members)
    assert after("vitality", world, Luck(world, organizations=0.999), **PLAIN).alive[1] == alive


def test_body_with_unknown_members_does_not_die_by_lot() -> None:
    world = small_world(3, 2, members_known=0.0)
    assert after("vitality", world, Luck(world, organizations=0.0), **PLAIN).alive.tolist() == [1, 1]
