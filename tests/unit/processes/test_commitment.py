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
        ({"effectiveness": 0.5}, {"impunity_weight": 1.0}, np.exp(-0.1)),
    ],
)
def test_commitment_aims_at(fields: dict[str, object], values: dict[str, float], ratio: float) -> None:
    world = small_world(3, 2, **fields)  # type: ignore[arg-type]
    np.testing.assert_allclose(after("commitment", world, **(PLAIN | values)).commitment, 0.8 * ratio)


def test_commitment_moves_with_inertia() -> None:
    later = after("commitment", small_world(3, 2, legitimacy=0.64), **(PLAIN | {"rate": 0.25}))
    np.testing.assert_allclose(later.commitment, 0.8 - 0.25 * 0.16)
