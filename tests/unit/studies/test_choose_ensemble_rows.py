"""Rows of the ensemble: few of many points, whose first ones stand for all."""

import numpy as np
import pytest

from abm.rng import stream
from experiments.studies.choose_ensemble_rows import even_rows


def unevenness(rows: np.ndarray, points: np.ndarray) -> float:
    """Return the largest distance between the margins of some rows and those of all points."""
    grid = np.linspace(0, 1, 101)[:, None, None]
    return float(np.abs((rows <= grid).mean(axis=1) - (points <= grid).mean(axis=1)).max())


def test_the_first_rows_have_the_margins_of_all_points() -> None:
    points = stream((1, 0), "points").random((2000, 6)) ** 2
    rows = even_rows(points, np.full(6, 0.25), 32, 1)
    for count in (8, 16, 32):
        lucky = np.median([unevenness(points[start : start + count], points) for start in range(0, 640, count)])
        assert unevenness(rows[:count], points) < 0.7 * lucky


def test_rows_are_points_of_the_set_each_once() -> None:
    points = stream((2, 0), "points").random((50, 3))
    rows = even_rows(points, points[0], 20, 1)
    assert len({tuple(row) for row in rows} & {tuple(point) for point in points}) == 20
    np.testing.assert_array_equal(even_rows(points, points[0], 20, 1)[:5], even_rows(points, points[0], 5, 1))


def test_a_point_that_was_drawn_often_is_chosen_once_and_counts_as_often_in_the_margins() -> None:
    few = stream((3, 0), "points").random((60, 2))
    times = np.where(few[:, 0] > 0.5, 20, 1)
    draws = stream((3, 0), "order").permutation(np.repeat(few, times, axis=0))
    rows = even_rows(draws, np.array([0.75, 0.5]), 15, 1)
    assert len(np.unique(rows, axis=0)) == 15
    assert (rows[:, 0] > 0.5).mean() > 0.8, "most draws lie there, though about half of the points do"


def test_more_rows_than_points_cannot_be_chosen() -> None:
    draws = np.repeat(stream((4, 0), "points").random((3, 2)), 5, axis=0)
    assert len(even_rows(draws, draws[0], 3, 1)) == 3
    with pytest.raises(ValueError, match="4 different points are wanted of 3"):
        even_rows(draws, draws[0], 4, 1)
