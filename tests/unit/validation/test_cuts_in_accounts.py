"""Cuts in the accounts: found by their rule, and kept as they come out of the built-in tables."""

import csv

import numpy as np
import pytest

from experiments.validation.cuts_in_accounts import SCENARIOS, TABLE, cuts, gifts, rows, scenario_text

STATES = ["USA", "DEU", "FRA"]


def given(*fell: list[float]) -> dict[str, dict[int, np.ndarray]]:
    """Return gifts to an organization that change in 2017, and to another that grow by a tenth a year."""
    own = {year: np.array([100.0, 100.0, 100.0]) for year in range(2013, 2017)}
    own |= {2017 + place: np.array(values) for place, values in enumerate(fell)}
    other = {year: 1000 * np.ones(3) * 1.1 ** (year - 2013) for year in range(2013, 2020)}
    return {"A": own, "B": other}


def test_refill_is_what_others_give_more_than_elsewhere_over_what_is_lost() -> None:
    (cut,) = cuts(STATES, given([20.0, 150.0, 130.0]))
    assert (cut.organization, cut.year, cut.later) == ("A", 2017, None)
    assert cut.fractions == {"USA": pytest.approx(0.8)}
    assert cut.refill == pytest.approx((280 - 1.1 * 200) / 80)
    assert cut.ratio == pytest.approx(200 / 80)


def test_the_second_year_counts_while_half_of_the_loss_is_left() -> None:
    (cut,) = cuts(STATES, given([20.0, 150.0, 130.0], [50.0, 121.0, 121.0]))
    assert cut.later == pytest.approx((242 - 1.21 * 200) / 50, abs=1e-9)
    (cut,) = cuts(STATES, given([20.0, 150.0, 130.0], [90.0, 130.0, 130.0]))
    assert cut.later is None


def test_small_changes_and_advance_payments_are_no_cuts() -> None:
    assert not list(cuts(STATES, given([75.0, 100.0, 100.0])))
    assert not list(cuts(STATES, given([400.0, 100.0, 100.0], [100.0, 100.0, 100.0])))


def test_what_is_kept_is_what_the_tables_give() -> None:
    found = list(cuts(*gifts()))
    with TABLE.open(encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == list(rows(found))
    for year in {cut.year for cut in found}:
        kept = (SCENARIOS / f"cuts-{year}.yaml").read_text(encoding="utf-8")
        assert kept == scenario_text(year, [cut for cut in found if cut.year == year])
