"""The world as arrays: what it counts, what it measures, how it grows."""

import numpy as np
import pytest

from abm.state.world import SIZES, add_organization, free_slots, grow
from tests.worlds_small import small_world


def test_counted_bodies_are_alive_and_known() -> None:
    world = small_world(2, 4, alive=[1, 1, 0, 0], members_known=[1, 0, 1, 0])
    assert world.in_scope.tolist() == [1, 0, 0, 0]


def test_members_and_sizes() -> None:
    world = small_world(3, 2, 4, member=[[1, 0], [1, 1], [1, 0]])
    assert world.members.tolist() == [3, 1]
    assert [world.size(name) for name in ("state", "organization", "issue", "axis")] == [3, 2, 4, SIZES["axis"]]
    assert world.built == 2


def test_value_falls_with_distance() -> None:
    """All that there is belongs to S0 and S1 by halves: .6 x (1 + .5 + .5), less by e^(-.25 x 2) for S1 in O0."""
    world = small_world(2, 2, distance=[[0.0, 0.0], [2.0, 0.0]], distance_aversion=[0.5, 0.25])
    np.testing.assert_allclose(world.value, [[1.2, 1.2], [1.2 * np.exp(-0.5), 1.2]])


def test_slots_are_reused_before_the_world_grows() -> None:
    world = small_world(2, 1)
    assert free_slots(world).size == 0
    grow(world, 2)
    for number in range(3):
        row = {"code": f"c{number}", "key": f"k{number}", "alive": 1.0}
        assert add_organization(world, row) == 1 + number
    assert world.size("organization") > 3
    assert len(world.organization_codes) == len(world.alive) == world.built + len(world.slot_keys)
    assert world.built == 1


@pytest.mark.parametrize(("rows", "grown"), [(1, 5), (128, 132), (256, 264)])  # by 4, or by a row for each 32
def test_a_large_world_grows_by_more_rows_at_once(rows: int, grown: int) -> None:
    world = small_world(2, rows)
    assert add_organization(world, {"code": "c", "key": "k", "alive": 1.0}) == rows
    assert world.size("organization") == grown
    assert free_slots(world).tolist() == list(range(rows + 1, grown))


def test_founded_body_takes_given_values_and_declared_ones() -> None:
    world = small_world(2, 1)
    row = {"code": "c", "key": "k", "alive": 1.0, "member": np.array([1.0, 0.0]), "founder": 1.0}
    place = add_organization(world, row | {"organization_position": np.array([0.3, -0.3])})
    assert world.member[:, place].tolist() == [1, 0]
    assert world.organization_position[place].tolist() == [0.3, -0.3]
    assert (world.founder[place], world.parent[place], world.notice[0, place], world.voluntary_allowed[0, place]) == (
        1,
        -1,
        -1,
        1,
    )
    assert (world.legitimacy[0, place], world.effectiveness[place], world.arrears[0, place]) == (1, 1, 0)
