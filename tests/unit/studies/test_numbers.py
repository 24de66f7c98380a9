"""Means with intervals, and what studies compute from runs, where the answer is known."""

import numpy as np
import pytest
from scipy.special import stdtrit

from abm.intervals import half_width, mean_interval, mean_range, replicates_for
from abm.rng import stream
from experiments.studies.estimates import Estimate, estimate, ratio_of_means, share, slope
from experiments.studies.replicates import stability, stable_from
from experiments.studies.return_window import no_return, recovered_share
from experiments.studies.thresholds import differences


def test_a_mean_has_its_t_interval() -> None:
    found = estimate([1.0, 2.0, 3.0, float("nan")])
    assert found.value == 2
    assert found.high - 2 == pytest.approx(2.919986 / 3**0.5, rel=1e-5)
    assert estimate([5.0]) == Estimate(5, 5, 5)
    assert np.isnan(estimate([]).value)


def test_a_single_value_has_a_mean_but_no_interval() -> None:
    assert mean_interval([1.0, float("nan"), 3.0]) == pytest.approx((2.0, 2.0 - 6.313751515, 2.0 + 6.313751515))
    assert mean_interval([4.0, float("nan")]) == pytest.approx((4.0, float("nan"), float("nan")), nan_ok=True)
    assert mean_range([4.0]) == (4.0, 4.0, 4.0)
    assert np.isnan(mean_interval([])).all()


def test_a_share_has_its_wilson_interval() -> None:
    assert share(0, 10) == (0, 0, pytest.approx(0.2129, abs=1e-3))
    assert share(5, 10).low == pytest.approx(1 - share(5, 10).high)
    assert np.isnan(share(0, 0).value)


def test_a_ratio_of_means_is_resampled_in_pairs() -> None:
    found = ratio_of_means([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert found == Estimate(0.5, 0.5, 0.5)
    loose = ratio_of_means([1.0, 2.0, 6.0], [6.0, 4.0, 2.0])
    assert loose.low < loose.value < loose.high


def test_slopes_are_taken_by_replicate() -> None:
    at = [0.0, 1.0, 2.0]
    values = np.array([[1.0, 2.0, 3.0], [0.0, 3.0, 6.0]])
    found = slope(values, at)
    assert found.value == pytest.approx(2)
    assert found.low < 1 < 3 < found.high


def test_differences_have_no_side() -> None:
    apart = differences(np.array([1.0, 4.0, 9.0]))
    assert sorted(apart) == [-8, -5, -3, 3, 5, 8]


def test_recovery_is_what_is_no_longer_missing() -> None:
    found = recovered_share(np.array([2.0, 2.0]), np.array([0.5, 0.5]))
    assert found == Estimate(0.75, 0.75, 0.75)


def test_the_point_of_no_return_is_the_first_year_that_stays_poor() -> None:
    def values(*shares: float) -> list[Estimate]:
        return [Estimate(one, one, one) for one in shares]

    assert no_return(values(0.9, 0.4, 0.3), (2027, 2029, 2031)) == 2029
    assert no_return(values(0.4, 0.9, 0.3), (2027, 2029, 2031)) == 2031
    assert no_return(values(0.9, 0.4, 0.6), (2027, 2029, 2031)) is None


def test_more_replicates_make_spread_more_stable() -> None:
    """The spread of n normal draws strays by about 1.64 / sqrt(2 n) in nine of ten cases."""
    values = stream((3, 0), "test", "replicates").normal(size=512)
    table = stability(values).set_index("replicates")
    assert table.index.tolist() == [4, 8, 16, 32, 64, 128, 256]
    widths = (table["high"] - table["low"]) / 2
    assert widths[16] == pytest.approx(1.645 / 32**0.5, rel=0.25)
    assert widths.is_monotonic_decreasing
    assert stable_from(table.reset_index()) == 32
    assert np.isnan(stable_from(table.reset_index().head(3)))


def test_an_effect_is_told_from_zero_where_its_interval_leaves_it() -> None:
    assert half_width(1.0, 8) == pytest.approx(1.894579 / 8**0.5, rel=1e-5)
    count = replicates_for(1.0, 0.5)
    assert half_width(1.0, int(count)) < 0.5 <= half_width(1.0, int(count) - 1)
    assert np.isnan(replicates_for(1.0, 1e-6))


@pytest.mark.parametrize("count", [2, 3, 8, 16, 17, 40])
def test_intervals_of_few_and_of_many_runs_follow_students_t(count: int) -> None:
    assert half_width(1.0, count) == stdtrit(count - 1, 0.95) * (1.0 / np.sqrt(count))
