"""Where everyone stands."""

import numpy as np

from tests.worlds_small import after, small_world


def test_distances_are_euclidean() -> None:
    world = small_world(3, 2, position=[[0, 0], [3, 4], [-1, 0]], organization_position=[[0, 0], [3, 0]])
    np.testing.assert_allclose(after("distances", world).distance, [[0, 3], [5, 4], [1, 4]])
