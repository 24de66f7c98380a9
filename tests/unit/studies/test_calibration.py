"""History matching on a law that is known: it finds the parameter that matters, and rules out what cannot be."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from abm.rng import stream
from experiments.studies import calibration
from experiments.studies.calibration import (
    CUTOFF,
    Emulator,
    Left,
    assumptions,
    defaults,
    different,
    implausibility,
    levels_of,
    likely,
    measure_narrowing,
    not_ruled_out,
    observation,
    on_scale,
    parameters,
    settings,
    triangular,
)  # fmt: skip
from experiments.studies.calibration_targets import TARGETS, Target
from experiments.studies.study_result import Size
from experiments.sweeps.study import read_study

TARGET = Target(7.0, 6.0, 8.0, False, "made up")
RATE = Target(0.01, 0.005, 0.02, True, "made up")
SIZE = 10


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    return stream((1, 0), "points").random((120, SIZE))


@pytest.fixture(scope="module")
def learnt(points: np.ndarray) -> Emulator:
    """A pattern that runs from 4 to 16 with the third parameter, a little noise on it, and one run untold."""
    values = 4 + 12 * points[:, 2] + 0.1 * stream((2, 0), "noise").standard_normal(len(points))
    values[5] = np.nan
    return Emulator(points, values, TARGET)


def test_an_emulator_learns_the_law(learnt: Emulator) -> None:
    new = stream((3, 0), "new").random((50, SIZE))
    mean, deviation = learnt.at(new)
    assert 2 in learnt.active
    assert np.abs(mean - (4 + 12 * new[:, 2])).max() < 0.3
    assert (deviation < 0.5).all()


def test_what_is_far_from_the_observed_is_implausible(learnt: Emulator) -> None:
    there, far = np.full((1, SIZE), 0.5), np.full((1, SIZE), 0.5)
    there[0, 2], far[0, 2] = 0.25, 0.9
    assert learnt.implausibility(there)[0] < 0.5
    assert learnt.implausibility(far)[0] > 3


def test_what_is_left_lies_around_the_observed(learnt: Emulator, points: np.ndarray) -> None:
    """Three standard deviations of the observation (.5) and of the model's own error (as large), together .707."""
    kept = points[not_ruled_out(implausibility({"it": learnt}, points))]
    assert 0 < len(kept) < len(points)
    away = np.abs(4 + 12 * kept[:, 2] - 7)
    assert (away < 2.25).all()
    assert (away > 1.6).any(), "the model's own error widens what is left"


def test_where_nothing_is_plausible_the_least_bad_is_kept(points: np.ndarray) -> None:
    off = Emulator(points, 100 + 0.1 * points[:, 0], TARGET)
    implausible = implausibility({"it": off}, points)
    kept = not_ruled_out(implausible)
    assert kept.tolist() == [implausible["it"].argmin()]
    assert implausible["it"][kept].min() > CUTOFF
    assert set(likely(implausible, 5, 1)) == set(kept)


def test_points_are_drawn_by_how_likely_all_patterns_are_together() -> None:
    """Each of three points is ruled out by no pattern, and a fourth by one; weights by hand: 1, exp(-2), exp(-4)."""
    implausible = pd.DataFrame({"a": [0, 2, 2, 3.1], "b": [0, 0, 2, 0]}, dtype=float)
    drawn = likely(implausible, 40_000, 1)
    weights = np.exp([0, -2, -4, -np.inf])
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 40_000, weights / weights.sum(), atol=0.005)
    np.testing.assert_array_equal(likely(implausible, 40_000, 1), drawn)
    assert (likely(implausible, 40_000, 2) != drawn).any()


def test_far_points_are_drawn_too_where_all_are_far() -> None:
    many = pd.DataFrame({str(name): np.full(3, 2.9) for name in range(400)})
    assert set(likely(many, 100, 1)) == {0, 1, 2}, "no weight is 0 for being small"


def test_rows_that_were_drawn_again_are_told_once_in_their_order() -> None:
    assert different(np.array([7, 2, 7, 9, 2])).tolist() == [7, 2, 9]


def test_narrowing_is_the_lost_part_of_the_middle_half(points: np.ndarray) -> None:
    many = stream((4, 0), "many").random((4000, 2))
    some = many[many[:, 0] < 0.5]
    found = measure_narrowing(some, many, (np.ones(len(some)), np.ones(len(many))))
    assert found[0] == pytest.approx(0.5, abs=0.03)
    assert found[1] == pytest.approx(0, abs=0.03)


def test_a_triangular_prior_peaks_at_the_default() -> None:
    weights = triangular(np.array([[0.0], [0.3], [0.65], [1.0]]), np.array([0.3]))
    np.testing.assert_allclose(weights[:, 0], [0, 1, 0.5, 0])


def test_the_table_names_the_parameter_that_is_identified(monkeypatch: pytest.MonkeyPatch, learnt: Emulator) -> None:
    factors = dict(list(levels_of(read_study("calibration")).items())[:SIZE])
    many = stream((5, 0), "many").random((3000, SIZE))
    found = {"it": learnt}
    implausible = implausibility(found, many)
    table = parameters(factors, Left(many, implausible, likely(implausible, 2000, 1))).set_index("parameter")
    path = list(factors)[2]
    assert table.loc[path, "identified"]
    assert table.loc[path, "identified_by"] == "it"
    assert table["identified"].sum() == 1
    assert not table.loc["trust.betrayal_weight", "identified"], "no pattern touches it: listed, and swept"


def test_rates_are_compared_on_a_log_scale() -> None:
    value, error = observation(RATE)
    assert value == pytest.approx(np.log(0.01))
    assert error == pytest.approx(np.log(4) / 4)


def test_none_at_all_is_read_as_a_twentieth_of_the_lower_end_of_a_band() -> None:
    assert on_scale(RATE, np.array([0.0]))[0] == pytest.approx(np.log(0.005 / 20))
    assert on_scale(TARGET, np.array([0.0]))[0] == 0, "not on a log scale"
    assert all(target.low > 0 for target in TARGETS.values() if target.log)


def test_an_emulator_reads_many_points_in_parts(monkeypatch: pytest.MonkeyPatch, learnt: Emulator) -> None:
    many = stream((6, 0), "many").random((25, SIZE))
    whole = learnt.at(many)
    monkeypatch.setattr(calibration, "AT_ONCE", 10)
    np.testing.assert_allclose(learnt.at(many), whole)


def test_the_study_covers_assumptions_and_keeps_the_defaults_inside() -> None:
    factors = levels_of(read_study("calibration"))
    places = defaults(factors)
    outside = {path for path, place in zip(factors, places, strict=True) if not 0 < place < 1}
    off = {"funding.conditional_giving", "funding.retreat", "operations.foresight"}
    assert outside == off, "off by default, at the edge of the range"
    assert "membership.contagion_log_odds" not in factors, "published coefficients are not calibrated"
    assert {"trust.betrayal_weight", "legitimacy.blame_weight"} <= set(assumptions())
    whole = settings(factors, np.full(len(factors), 0.5))
    assert whole["politics.turnover_probability"] == pytest.approx(0.45)


def test_a_pattern_is_averaged_over_the_replicates_of_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    factors = dict(list(levels_of(read_study("calibration")).items())[:2])

    def pattern_values(values: Mapping[str, float], number: int) -> dict[str, float]:
        return dict.fromkeys(TARGETS, values[next(iter(factors))] if number else float("nan"))

    monkeypatch.setattr(calibration, "pattern_values", pattern_values)
    points = stream((5, 0), "points").random((2, 2))
    found = calibration.evaluate(factors, points, 2, Size(workers=1))
    expected = [settings(factors, point)[next(iter(factors))] for point in points]
    assert {name: values.tolist() for name, values in found.items()} == dict.fromkeys(TARGETS, expected)
