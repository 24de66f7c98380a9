"""Every field of the world is declared completely, and growing a world leaves what is there alone."""

import re

import numpy as np
import pytest

from abm.state.world import FIELDS, Field, add_organization, check, free_slots, grow
from tests.worlds_small import poke, small_world

DIMENSIONS = {"state", "organization", "issue", "axis", "year"}


@pytest.mark.parametrize("declared", FIELDS.values(), ids=FIELDS)
def test_declaration_is_complete(declared: Field) -> None:
    assert set(declared.dims) <= DIMENSIONS
    assert declared.dims[0] in ("state", "organization", "year")
    assert declared.unit
    assert len(declared.doc.split()) >= 2
    low, high = declared.bounds
    assert low < high
    assert "organization" not in declared.dims or low <= declared.fill <= high
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", declared.name)


def test_documents_are_distinct() -> None:
    documents = [declared.doc for declared in FIELDS.values()]
    assert len(set(documents)) == len(documents) > 90


@pytest.mark.parametrize("name", FIELDS)
def test_resting_values_lie_in_bounds_and_worse_ones_are_refused(name: str) -> None:
    world = small_world(3, 2, 2)
    values = getattr(world, name)
    assert check(name, values, world) is None
    with pytest.raises(ValueError, match="has shape"):
        check(name, values[:-1], world)
    with pytest.raises(ValueError, match="must be finite"):
        check(name, np.full_like(values, np.nan), world)
    low, high = FIELDS[name].bounds
    for edge, beyond in ((low, low - 1 - abs(low)), (high, high + 1 + abs(high))):
        if np.isfinite(edge):
            with pytest.raises(ValueError, match=name):
                check(name, np.full_like(values, beyond), world)


@pytest.mark.parametrize("name", FIELDS)
def test_one_bad_cell_is_found(name: str) -> None:
    world = small_world(3, 2, 2)
    values = getattr(world, name).copy()
    values.flat[-1] = np.inf
    with pytest.raises(ValueError, match=name):
        check(name, values, world)


def test_growth_appends_filled_rows() -> None:
    world, before = small_world(3, 2), small_world(3, 2)
    grow(world, 4)
    for name, declared in FIELDS.items():
        values, old = getattr(world, name), getattr(before, name)
        inside = tuple(slice(0, length) for length in old.shape)
        np.testing.assert_array_equal(values[inside], old, err_msg=name)
        added = values.sum() - old.sum()
        assert added == pytest.approx(declared.fill * (values.size - old.size)), name
        assert check(name, values, world) is None
    assert free_slots(world).tolist() == [2, 3, 4, 5]
    assert world.built == 2


def test_founding_reuses_a_slot_and_clears_it() -> None:
    world = small_world(3, 2)
    first = {
        "code": "club-1",
        "key": "0/1/8100",
        "alive": 1.0,
        "members_known": 1.0,
        "member": np.array([1.0, 1.0, 0.0]),
    }
    place = add_organization(world, first)
    poke(world, "arrears", np.s_[:, place], 5.0)
    poke(world, "dependence", ([place, 0], [0, place]), 0.5)
    assert (place, world.members[place], world.organization_codes[place]) == (2, 2.0, "club-1")
    other = add_organization(world, first | {"code": "club-2", "key": "0/2/8100"})
    assert other == 3
    poke(world, "alive", place, 0.0)
    again = add_organization(world, first | {"code": "club-3", "key": "0/0/8101", "member": np.array([0.0, 1.0, 1.0])})
    assert again == place
    assert world.arrears[:, place].tolist() == [0, 0, 0]
    assert world.dependence[:, place].any() == world.dependence[place].any() == False  # noqa: E712
    assert world.organization_codes[:4] == ("O0", "O1", "club-3", "club-2")
    assert world.slot_keys[:2] == ("0/0/8101", "0/2/8100")
