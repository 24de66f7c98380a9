"""What donors give by year: paths of purses from hand-made rows, and those of the built-in world."""

from pathlib import Path

import numpy as np
import pytest

from abm.data.donor_purses import purse_paths
from abm.data.world_tables import read_tables
from tests.unit.data.test_world_tables import folder

ROWS = """state,year,purse,measured
,2022,1.0,1
,2023,0.8,1
,2024,1.2,1
BBB,2023,1,1
BBB,2024,1,1
AAA,2025,0.9,0
AAA,2027,0.6,0
"""


@pytest.mark.parametrize(
    ("start", "measured", "announced", "first", "second", "known"),
    [
        # From 2023 on, against 2022: as measured to 2024, then as announced; the second keeps to itself.
        ("2023", 1, 1, [0.8, 1.2, 0.9, 0.9, 0.6, 0.6], [1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0]),
        # Nothing measured: the announced falls are counted from the last measured year.
        ("2023", 0, 1, [1, 1, 0.7, 0.7, 0.4, 0.4], [1, 1, 1, 1, 1, 1], [0] * 6),
        ("2023", 1, 0, [0.8, 1.2, 1.2, 1.2, 1.2, 1.2], [1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0]),
        # From 2025 on, against 2024: .9 and .6 of 1.2; twice the fall; not less than nothing.
        ("2025", 1, 1, [0.75, 0.75, 0.5, 0.5, 0.5, 0.5], [1, 1, 1, 1, 1, 1], [0] * 6),
        ("2025", 1, 2, [0.5, 0.5, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], [0] * 6),
        # Before the first year nothing is known: it stays as in 2022.
        ("2019", 1, 1, [1, 1, 1, 1, 0.8, 1.2], [1, 1, 1, 1, 1, 1], [1] * 6),
    ],
)
def test_paths_by_hand(
    tmp_path: Path, start: str, measured: float, announced: float, first: list[float], second: list[float],
    known: list[float],
) -> None:  # fmt: skip
    tables = read_tables(folder(tmp_path, purses=ROWS))
    path, years = purse_paths(tables, int(start) * 4 + 3, 6, measured, announced)
    np.testing.assert_allclose(path, [first, second], atol=1e-12)
    np.testing.assert_array_equal(years, known)


def test_a_world_without_rows_stands_still(tmp_path: Path) -> None:
    path, years = purse_paths(read_tables(folder(tmp_path)), 2025 * 4, 3, 1, 1)
    np.testing.assert_array_equal(path, np.ones((2, 3)))
    assert not years.any()


def test_built_in_purses_follow_the_accounts() -> None:
    """Measured rows are recomputed: all states but the United States, organizations with gifts in every year."""
    tables = read_tables()
    paid = tables.contributions
    given = (paid["kind"] == "voluntary") & (paid["year"] <= 2024)
    years = np.arange(2013, 2025)
    codes = [code for code in sorted(set(paid["organization"][given]))
             if set(paid["year"][given & (paid["organization"] == code)]) >= set(years)]  # fmt: skip
    assert len(codes) == 29
    counted = given & np.isin(paid["organization"].astype(str), codes) & (paid["state"] != "USA")
    total = np.array([np.maximum(paid["usd_million"][counted & (paid["year"] == year)], 0).sum() for year in years])
    rows = tables.purses
    common = (rows["state"] == "") & (rows["measured"] == 1)
    np.testing.assert_array_equal(rows["year"][common], years)
    np.testing.assert_allclose(rows["purse"][common], total / total[-3:].mean(), atol=0.0006)
    apart = rows["purse"][rows["state"] == "USA"]
    assert len(apart) == len(years)
    assert (apart == 1).all()
