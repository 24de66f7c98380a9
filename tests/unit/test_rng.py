"""Named streams, and draws that belong to draw ids."""

import numpy as np
import pytest
from numpy.typing import NDArray

from abm import rng
from abm.rng import Draws, stream

SEED = (7, 0)


def draws(states: list[int] | None = None, bodies: list[int] | None = None, name: str = "test") -> Draws:
    return Draws(SEED, name, np.array(states or [0, 1, 2]), np.array(bodies or [0, 1]))


def test_stream_is_a_function_of_seed_and_name() -> None:
    first = stream(SEED, "a", 1).random(3)
    np.testing.assert_array_equal(first, stream(SEED, "a", 1).random(3))
    for other in (stream(SEED, "a", 2), stream(SEED, "b", 1), stream((8, 0), "a", 1), stream((7, 1), "a", 1)):
        assert (first != other.random(3)).all()


def test_large_seed() -> None:
    assert stream((2**63 - 1, 99_999), "x").random() != stream((2**63 - 2, 99_999), "x").random()


def test_streams_are_uncorrelated() -> None:
    """Correlations of 2,000 pairs of streams of 100 numbers: their mean lies within 4 standard errors of 0."""
    rows = np.array([stream((seed, 0), name).random(100) for seed in range(2000) for name in "ab"]).reshape(
        2000, 2, 100
    )
    found = [np.corrcoef(one, other)[0, 1] for one, other in rows]
    assert abs(np.mean(found)) < 4 * 0.1 / np.sqrt(2000)  # false alarm once in 16,000


@pytest.mark.parametrize("kind", ["states", "state_normals"])
def test_draws_of_states_follow_their_ids(kind: str) -> None:
    plain = getattr(draws(), kind)(2)
    moved = getattr(draws([2, 0, 1]), kind)(2)
    assert plain.shape == (3, 2)
    np.testing.assert_array_equal(moved, plain[[2, 0, 1]])


def test_draws_of_organizations_and_pairs_follow_their_ids() -> None:
    plain, moved = draws(), draws([2, 0, 1], [1, 0])
    np.testing.assert_array_equal(moved.organizations((), 3), plain.organizations((), 3)[[1, 0]])
    np.testing.assert_array_equal(moved.pairs(()), plain.pairs(())[[2, 0, 1]][:, [1, 0]])


def numbers(source: Draws, founded: tuple[str, ...]) -> list[NDArray[np.float64]]:
    return [source.organizations(founded, 2), source.pairs(founded), source.states()]


def test_founded_body_changes_no_other_number() -> None:
    alone, joined = numbers(draws(), ()), numbers(draws(), ("0/1/8100", "0/2/8100"))
    np.testing.assert_array_equal(joined[0][:2], alone[0])
    np.testing.assert_array_equal(joined[1][:, :2], alone[1])
    np.testing.assert_array_equal(joined[2], alone[2])


def test_founded_body_has_its_own_numbers_wherever_its_slot_is() -> None:
    one, other = numbers(draws(), ("a", "b")), numbers(draws(), ("b", "a"))
    np.testing.assert_array_equal(one[0][2:], other[0][[3, 2]])
    np.testing.assert_array_equal(one[1][:, 2:], other[1][:, [3, 2]])


def test_own_numbers_of_a_founded_body_follow_the_ids_of_states() -> None:
    np.testing.assert_array_equal(draws([2, 0, 1]).pairs(("a",))[:, 2], draws().pairs(("a",))[[2, 0, 1], 2])


def test_founded_bodies_draw_the_numbers_of_splitmix64(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two of the sequence that starts at 1234567, as published with the generator; 53 bits are kept."""
    monkeypatch.setattr(rng, "number_of", lambda *name: 1234567)
    found = draws().organizations(("key",), 2)[2] * 2**53
    assert found.tolist() == [6457827717110365317 >> 11, 3203168211198807973 >> 11]


def test_unused_slots_get_no_numbers_and_cost_none() -> None:
    one, other = draws(), draws()
    assert (one.organizations(("", "key"), 2)[2] == 0).all()
    other.organizations((), 2)
    np.testing.assert_array_equal(one.pairs(("", "key"))[:, 3], other.pairs(("key",))[:, 2])


def test_numbers_of_founded_bodies_are_uniform_and_their_own() -> None:
    """Mean and correlations of 2,000 sequences of 50 numbers lie within 4 standard errors."""
    found = draws().organizations([f"{key}" for key in range(2000)], 50)[2:]
    assert abs(found.mean() - 0.5) < 4 / np.sqrt(12 * found.size)
    one, other = found[:1000].ravel(), found[1000:].ravel()
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(one.size)
    assert abs(np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]) < 4 / np.sqrt(49 * 2000)


def test_fixed_numbers_stay_and_cost_no_others() -> None:
    source, plain = draws(), draws()
    normals, uniforms = source.fixed_normals(3), source.fixed_uniforms(3)
    np.testing.assert_array_equal(source.states(), plain.states())
    np.testing.assert_array_equal(source.fixed_normals(3), normals)
    np.testing.assert_array_equal(source.fixed_uniforms(3), uniforms)
    assert ((uniforms >= 0) & (uniforms < 1)).all()
    assert (draws(name="other").fixed_uniforms(3) != uniforms).all()


def test_fixed_uniforms_of_first_shocks_do_not_change_with_their_number() -> None:
    np.testing.assert_array_equal(draws().fixed_uniforms(5)[:3], draws().fixed_uniforms(3))
