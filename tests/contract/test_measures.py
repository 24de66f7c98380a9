"""Every measure: declared completely, in its range in a world at rest and in a world in ruins, blind to labels."""

import numpy as np
import pytest

from abm.measures import MEASURES, Measure, Snapshot, Start, means, names, rows, scalars
from abm.state.world import FIELDS, World, grow
from tests.worlds_small import random_generator, small_world

ENOUGH = 40


def snapshot(world: World) -> Snapshot:
    focus = np.zeros(len(world.gdp))
    focus[0] = 1.0
    return Snapshot(world, focus, Start.of(world), np.ones(world.built))


def ruined(seed: int) -> World:
    """Return a world in which every field that changes holds something anywhere within sensible bounds."""
    world, luck = small_world(5, 4, 2), random_generator("ruins", seed)
    for name in (
        "income",
        "funding_gap",
        "spending",
        "reserves",
        "paid",
        "voluntary",
        "rescue",
        "arrears",
        "initial_voluntary",
    ):
        setattr(world, name, luck.random(getattr(world, name).shape) * 10.0 ** luck.integers(0, 9))
    world.member = (luck.random(world.member.shape) < 0.5).astype(float)
    world.participation = world.member * (luck.random(world.member.shape) < 0.7)
    world.alive = (luck.random(world.alive.shape) < 0.6).astype(float)
    world.camp = luck.integers(-1, 2, len(world.camp)).astype(float)
    world.trust = luck.random(world.trust.shape) * 2 - 1
    world.legitimacy = luck.random(world.legitimacy.shape) * 2
    world.agenda_share = world.participation / np.maximum(world.participation.sum(axis=0), 1)
    world.has_budget = (luck.random(4) < 0.5).astype(float)
    world.votes_cast, world.votes_won = np.full(5, 6.0), np.floor(luck.random(5) * 7)
    return world


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_declaration_is_complete(measure: Measure) -> None:
    assert measure.kind in ("body", "state", "system")
    assert measure.unit
    assert len(measure.doc) >= 7
    assert measure.low < measure.high
    assert measure.better in ("", "+", "-")


def test_there_are_measures_of_every_kind() -> None:
    kinds = {kind: names(kind) for kind in ("body", "state", "system")}
    assert all(len(found) >= 10 for found in kinds.values())
    assert sum(kinds.values(), ()) == tuple(sorted(MEASURES, key=lambda name: list(kinds).index(MEASURES[name].kind)))
    assert len(MEASURES) >= ENOUGH
    documents = [measure.doc for measure in MEASURES.values()]
    assert len(set(documents)) == len(documents)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("seed", range(4))
def test_value_has_its_shape_and_lies_in_its_range(name: str, seed: int) -> None:
    world, measure = ruined(seed), MEASURES[name]
    values = np.asarray(measure.function(snapshot(world)), float)
    assert values.shape == {"body": (4,), "state": (5,), "system": ()}[measure.kind]
    known = values[~np.isnan(values)] if measure.kind == "body" else values
    assert np.isfinite(known).all()
    assert (known >= measure.low - 1e-9).all(), name
    assert (known <= measure.high + 1e-9).all(), name


@pytest.mark.parametrize("name", MEASURES)
def test_measuring_leaves_the_world_alone(name: str) -> None:
    world, before = ruined(1), ruined(1)
    assert MEASURES[name].function(snapshot(world)) is not None
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(world, field), getattr(before, field), err_msg=field)


def test_empty_slots_change_no_measure_of_states_or_the_system() -> None:
    world, grown = ruined(2), ruined(2)
    seen, wider = snapshot(world), snapshot(grown)
    plain = rows("state", seen), scalars(seen)
    grow(grown, 3)
    slots = Snapshot(grown, wider.focus, wider.start, wider.aimed)
    np.testing.assert_allclose(rows("state", slots), plain[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(scalars(slots), plain[1], rtol=1e-12, atol=1e-12)


def test_means_leave_out_what_does_not_count_or_apply() -> None:
    values = np.array([[1.0, 3.0, np.nan], [2.0, 4.0, 9.0]])
    np.testing.assert_array_equal(means(values, np.array([1.0, 1.0, 1.0])), [2.0, 5.0])
    np.testing.assert_array_equal(means(values, np.array([0.0, 1.0, 1.0])), [3.0, 6.5])
    np.testing.assert_array_equal(means(values, np.zeros(3)), [0.0, 0.0])
    both = means(np.stack([values, values]), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    np.testing.assert_array_equal(both, [[1.0, 2.0], [0.0, 9.0]])
