"""What is derived from the arrays of a world is never out of date."""

import copy
import dataclasses
import pickle
from functools import cached_property

import numpy as np
import pytest

from abm.state.derived import DEPENDENTS, Derived
from abm.state.world import FIELDS, World, add_organization
from tests.recorded_reads import reads_of
from tests.worlds_small import random_generator, small_world

DERIVED = sorted({name for names in DEPENDENTS.values() for name in names})


def values(world: World, name: str) -> list[np.ndarray]:
    found = getattr(world, name)
    return list(found) if isinstance(found, tuple) else [found]


def lively_world() -> World:
    """A world in which no array is the same all over."""
    random = random_generator("derived")
    world = small_world(5, 4, 2)
    fields = {
        name: np.round(random.random(getattr(world, name).shape), 1)
        for name in DEPENDENTS
        if name not in ("issue", "parent")
    }
    return world.changed(**fields | {"luck": 0.5 + fields["luck"]})  # is divided by


def test_every_derived_value_is_declared() -> None:
    assert sorted(name for name in vars(Derived) if isinstance(vars(Derived)[name], cached_property)) == DERIVED


@pytest.mark.parametrize("name", DERIVED)
def test_its_inputs_are_the_fields_that_it_looks_at(name: str) -> None:
    declared = {field for field, dependents in DEPENDENTS.items() if name in dependents}
    assert reads_of(lambda world: getattr(world, name), lively_world()) == declared


@pytest.mark.parametrize("field", sorted(DEPENDENTS))
def test_replacing_a_field_renews_what_is_derived_from_it(field: str) -> None:
    world = lively_world()
    for name in DERIVED:
        getattr(world, name)
    setattr(world, field, getattr(world, field)[::-1].copy())
    fresh = dataclasses.replace(world)
    for name in DERIVED:
        for kept, anew in zip(values(world, name), values(fresh, name), strict=True):
            np.testing.assert_array_equal(kept, anew, err_msg=name)


def test_founding_renews_the_number_of_members() -> None:
    world = small_world(3, 1)
    assert world.members.tolist() == [3]
    row = add_organization(world, {"code": "c", "key": "k", "alive": 1.0, "member": np.array([1.0, 0.0, 1.0])})
    assert world.members[row] == 2


@pytest.mark.parametrize("name", ["member", "trust", "position", "alive", *DERIVED])
def test_arrays_cannot_be_written_into(name: str) -> None:
    world = lively_world()
    add_organization(world, {"code": "c", "key": "k", "alive": 1.0})
    for held in (world, copy.deepcopy(world), pickle.loads(pickle.dumps(world))):
        for array in values(held, name):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def test_a_changed_copy_leaves_the_world_alone() -> None:
    world = small_world(3, 2)
    assert world.members.tolist() == [3, 3]
    other = world.changed(member=np.zeros((3, 2)))
    assert other.members.tolist() == [0, 0]
    assert world.members.tolist() == [3, 3]
    assert all(getattr(other, name) is getattr(world, name) for name in FIELDS if name != "member")


def test_affinity_to_some_states_is_a_part_of_that_to_all() -> None:
    world, some = lively_world(), np.array([3, 1])
    np.testing.assert_array_equal(world.affinity_to(some), world.affinity[:, some])
