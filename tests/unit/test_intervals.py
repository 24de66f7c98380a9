"""What is said of one number per run, by hand: intervals by t, ranges, shares, and how many runs an interval needs."""

import math

import pytest
from scipy import stats

from abm.intervals import half_width, interval, mean_interval, mean_range, replicates_for, summary, wilson


def test_an_interval_reaches_as_many_standard_errors_as_the_tables_of_t_say() -> None:
    # 1, 2, 3: mean 2, deviation 1, two degrees of freedom: t = 2.920 at 5 % on each side
    assert interval([1.0, 2.0, 3.0]) == pytest.approx((2, 2 - 2.920 / 3**0.5, 2 + 2.920 / 3**0.5), abs=1e-3)
    assert interval([4.0]) == (4.0, None, None)


@pytest.mark.parametrize(("count", "t"), [(2, 6.314), (16, 1.753), (17, 1.746), (61, 1.671)])
def test_quantiles_are_those_of_the_printed_tables_with_and_without_scipy(count: int, t: float) -> None:
    assert half_width(3.0, count) == pytest.approx(t * 3 / count**0.5, rel=4e-4)


@pytest.mark.parametrize("count", range(2, 20))
def test_every_quantile_is_that_of_t(count: int) -> None:
    assert half_width(1.0, count) * count**0.5 == pytest.approx(stats.t.ppf(0.95, count - 1), rel=1e-9)


def test_a_summary_leaves_out_runs_to_which_the_number_does_not_apply() -> None:
    found = summary([1.0, math.nan, 3.0])
    assert found["mean"] == 2
    assert found["high"] - found["mean"] == pytest.approx(6.314 * 2**0.5 / 2**0.5, abs=1e-3)
    assert (found["p05"], found["p95"]) == pytest.approx((1.1, 2.9))  # a twentieth of the way from 1 to 3
    assert set(summary([math.nan]).values()) == {None}


def test_runs_that_an_interval_needs() -> None:
    # deviation 10: 12 runs reach 1.796 * 10 / sqrt(12) = 5.18, 13 runs 1.782 * 10 / sqrt(13) = 4.94
    assert replicates_for(10.0, 5.0) == 13
    assert replicates_for(0.0, 1.0) == 2
    assert math.isnan(replicates_for(1.0, 0.001))  # 2.7 million


def test_a_single_value_has_a_mean_and_stands_for_its_own_range() -> None:
    assert mean_interval([5.0, math.nan])[0] == 5
    assert all(math.isnan(end) for end in mean_interval([5.0])[1:])
    assert mean_range([5.0]) == (5, 5, 5)
    assert all(math.isnan(number) for number in mean_range([math.nan]))
    assert mean_range([1.0, 3.0])[1] == pytest.approx(2 - 6.314, abs=1e-3)


def test_wilson_against_known_values() -> None:
    """Ten of ten and none of ten at 95 %: .722 to 1 and 0 to .278 (Brown, Cai and DasGupta 2001)."""
    share, low, high = wilson(10, 10, 0.95)
    assert share == 1
    assert (low, high) == pytest.approx((0.7225, 1.0), abs=1e-3)
    assert wilson(0, 10, 0.95)[1:] == pytest.approx((0.0, 0.2775), abs=1e-3)
    assert wilson(5, 10, 0.95)[1:] == pytest.approx((0.2366, 0.7634), abs=1e-3)
    assert wilson(0, 0)[1:] == (0.0, 1.0)
