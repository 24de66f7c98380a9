"""The plausible space, its quiet points, and the search for conditions."""

import numpy as np
import pandas as pd
import pytest

from abm.config.reader import load_experiment
from abm.rng import stream
from experiments.claims.assess import is_quiet
from experiments.claims.conditions import Bound, NoSplit, Where
from experiments.claims.deciding_splits import best_split, deciding_splits, under_triangular
from experiments.claims.design_space import (
    CALIBRATED,
    FIXED,
    HELD,
    RANGES,
    Dimension,
    cube,
    factors,
    places,
    point,
    triangular,
)
from experiments.studies.calibration import assumptions

FACTORS = factors()
SMALL = {"quarters": 8, "world.source": "synthetic", "world.states": 20, "world.organizations": 8}


def test_points_lie_within_the_bounds_of_the_model() -> None:
    """Corners are the hardest: a config refuses whatever leaves its bounds."""
    for corner in (0.0, 0.5, 1 - 1e-9):
        values = point(np.full(len(FACTORS), corner))
        experiment = load_experiment("base").with_values(values)
        assert experiment.digest() != load_experiment("base").digest()


def test_default_lies_in_the_middle_of_what_has_a_default() -> None:
    parameters = load_experiment("base").parameters
    for factor in FACTORS:
        process, name = factor.path.split(".")
        default = getattr(getattr(parameters, process), name)
        if factor.choices:
            assert default in factor.choices
        else:
            low, high = sorted((factor.low, factor.high))
            assert low <= default <= high, factor.path
            assert low < high, factor.path


def test_special_ranges_and_off_mechanisms_are_all_used() -> None:
    paths = {factor.path for factor in FACTORS}
    assert set(RANGES) <= paths
    assert not set(FIXED) & paths
    signed = ("politics.mobilization_log_odds", "funding.bandwagon", "commitment.impunity_weight")
    assert all(RANGES[path][0] < 0 < RANGES[path][1] for path in signed)


def test_design_is_a_latin_hypercube_and_repeats() -> None:
    drawn = cube(20, 3)
    assert (np.sort(np.floor(drawn * 20), axis=0) == np.arange(20)[:, None]).all()
    assert np.array_equal(drawn, cube(20, 3))
    assert not np.array_equal(drawn, cube(20, 4))


def test_calibrated_parameters_are_those_that_calibration_left() -> None:
    left = pd.read_csv(CALIBRATED)
    drawn = places(len(left) + 1, 3)
    assert ((drawn >= 0) & (drawn < 1)).all()
    for row in (0, 1, len(left)):
        values = point(drawn[row])
        kept = left.iloc[row % len(left)]
        assert [values[path] for path in left] == pytest.approx([kept[path] for path in left], rel=1e-6)
    rest = [n for n, factor in enumerate(FACTORS) if factor.path not in left]
    assert np.array_equal(drawn[:, rest], cube(len(left) + 1, 3)[:, rest])


def test_all_that_is_not_identified_is_swept() -> None:
    """All that calibration has a range for, and every assumption but those that the published space holds."""
    paths = {factor.path for factor in FACTORS}
    assert set(pd.read_csv(CALIBRATED)) <= paths
    free = set(assumptions()) - {"funding.pooling_from"}  # the quarter of an agreement is no strength
    assert free - HELD <= paths
    assert free >= HELD
    assert not HELD & paths


def test_a_point_whose_world_drifts_is_not_quiet() -> None:
    assert is_quiet(SMALL)
    assert not is_quiet(SMALL | {"membership.intercept": 0.0})


def _space(count: int = 60) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.asarray(places(count, 9))


def test_condition_that_decides_is_found_with_its_side() -> None:
    drawn = _space()
    place = next(n for n, factor in enumerate(FACTORS) if factor.path == "legitimacy.blame_weight")
    bound = _first_bound(deciding_splits(FACTORS, drawn, (drawn[:, place] > 0.6).astype(float), 1))
    assert (bound.path, bound.relation) == ("legitimacy.blame_weight", "above")
    assert bound.value == pytest.approx(FACTORS[place].value(0.6), rel=0.1)
    assert bound.share > 0.9 > 0.1 > bound.elsewhere
    below = _first_bound(deciding_splits(FACTORS, drawn, (drawn[:, place] < 0.4).astype(float), 1))
    assert (below.path, below.relation) == ("legitimacy.blame_weight", "below")


def test_condition_names_the_choice_of_an_alternative() -> None:
    drawn = _space()
    place = next(n for n, factor in enumerate(FACTORS) if factor.path == "trust.betrayal_form")
    bound = _first_bound(deciding_splits(FACTORS, drawn, (drawn[:, place] > 2 / 3).astype(float), 1))
    assert (bound.path, bound.relation, bound.value) == ("trust.betrayal_form", "is", ("convex",))


def test_luck_is_no_condition() -> None:
    drawn, luck = _space(), stream((5, 0), "test", "luck")
    found = [deciding_splits(FACTORS, drawn, (luck.random(60) > 0.5).astype(float), seed) for seed in range(5)]
    assert found.count(NoSplit()) >= 4
    assert deciding_splits(FACTORS, drawn, np.ones(60), 1) is None


def test_negative_ranges_are_told_the_right_way_round() -> None:
    factor = Dimension("x", -0.5, -2.0, logarithmic=True)
    assert factor.value(0.0) == pytest.approx(-0.5)
    assert factor.value(0.5) == pytest.approx(-1.0)
    drawn = _space()[:, :1]
    bound = _first_bound(deciding_splits((factor,), drawn, (drawn[:, 0] > 0.5).astype(float), 1))
    assert (bound.relation, bound.value) == ("below", pytest.approx(-1.0, rel=0.1))


def _first_bound(found: Where | NoSplit | None) -> Bound:
    """Return the first side of what decides a claim."""
    assert isinstance(found, Where)
    return found.bounds[0]


def test_triangular_prior_weighs_the_middle() -> None:
    drawn = _space()[:, :3]
    middle = (np.abs(drawn[:, 1] - 0.5) < 0.25).astype(float)
    assert triangular(np.array([0.0, 0.5, 1.0])).tolist() == [0, 2, 0]
    share, weight = under_triangular(drawn, middle)
    assert share > middle.mean() + 0.1
    assert 10 < weight < 60
    assert under_triangular(drawn, np.ones(60))[0] == pytest.approx(1)
    assert best_split(drawn, np.ones(60)) is not None
