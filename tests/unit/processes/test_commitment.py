"""Loyalty and neglect; computed by hand."""

import numpy as np
import pytest

from tests.worlds_small import after, small_world

PLAIN = {
    "rate": 1.0,
    "legitimacy_elasticity": 0.5,
    "example_weight": 0.0,
    "impunity_weight": 0.0,
    "reciprocity_weight": 0.0,
    "conditionality": 0.0,
}


@pytest.mark.parametrize(
    ("fields", "values", "ratio"),
    [
        ({}, {}, 1.0),
        ({"legitimacy": 0.64}, {}, 0.8),
        ({"legitimacy": 1.44}, {}, 1.2),
        ({"legitimacy": 4.0}, {}, 1.25),  # nobody complies by more than all
        ({"example": [[0.5], [0.2], [0]], "example_quarters": 2.0}, {"example_weight": 0.4}, np.exp(-0.2)),
        ({"example": 0.5, "example_quarters": 0.0}, {"example_weight": 0.4}, 1.0),
        ({"reciprocal": 1.0, "reference_members": 4.0}, {"reciprocity_weight": 0.4}, np.exp(-0.1)),
        ({"reference_members": 4.0}, {"reciprocity_weight": 0.4}, 1.0),
        ({"reciprocal": 1.0, "reference_members": 1.0}, {"reciprocity_weight": 0.4}, 1.0),
        ({"effectiveness": 0.5}, {"impunity_weight": 1.0}, np.exp(-0.1)),
        ({"rally": 0.5}, {}, 1.0),
        ({"rally": 0.5}, {"rally_weight": 0.4}, np.exp(0.2)),
        ({"rally": 0.5}, {"rally_weight": -0.4}, np.exp(-0.2)),
    ],
)
def test_commitment_aims_at(fields: dict[str, object], values: dict[str, float], ratio: float) -> None:
    world = small_world(3, 2, **fields)  # type: ignore[arg-type]
    np.testing.assert_allclose(after("commitment", world, **(PLAIN | values)).commitment, 0.8 * ratio)


def test_members_do_what_they_believe_that_others_do() -> None:
    """S0 has left and complies by half: S1 and S2 see half of the problem's other .75 done half, two thirds in all.

    With shares of .5, .25 and .25, S1 sees (.25 x .8 + .5 x .4) / (.75 x .8) = 2/3; S0 sees the others at rest.
    """
    world = small_world(3, 1, problem_share=[[0.5], [0.25], [0.25]], commitment=[[0.4], [0.8], [0.8]])
    later = after("commitment", world, **(PLAIN | {"conditionality": 0.5}))
    np.testing.assert_allclose(later.commitment[:, 0], [0.8, *[0.8 * (2 / 3) ** 0.5] * 2])


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_leader_whose_word_is_worth_little_is_believed_less(weight: float) -> None:
    """S0 has half the influence and a credibility of .6: a doubt of .2 for the others, none for itself."""
    world = small_world(3, 1, agenda_share=[[0.5], [0.25], [0.25]], credibility=[0.6, 1, 1])
    later = after("commitment", world, **(PLAIN | {"conditionality": 0.5, "credibility_weight": weight}))
    np.testing.assert_allclose(later.commitment[:, 0], [0.8, *[0.8 * (1 - 0.2 * weight) ** 0.5] * 2])


def test_alone_a_member_has_nobody_to_follow() -> None:
    world = small_world(2, 1, member=[[1], [0]], reference_commitment=[[0.8], [0]], commitment=[[0.8], [0]])
    later = after("commitment", world, **(PLAIN | {"conditionality": 0.9}))
    assert later.commitment[0, 0] == pytest.approx(0.8)


def test_commitment_moves_with_inertia() -> None:
    later = after("commitment", small_world(3, 2, legitimacy=0.64), **(PLAIN | {"rate": 0.25}))
    np.testing.assert_allclose(later.commitment, 0.8 - 0.25 * 0.16)


def test_one_member_can_be_all_that_were_there() -> None:
    alone = {"member": [[1], [0], [0]], "participation": [[1], [0], [0]]}
    world = small_world(3, 1, reciprocal=1.0, reference_members=1.0, **alone)  # type: ignore[arg-type]
    assert after("commitment", world, **(PLAIN | {"reciprocity_weight": 0.4})).commitment[0, 0] == pytest.approx(0.8)
