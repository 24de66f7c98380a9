"""Docking: what publications say, against models whose answer is known."""

import numpy as np
import pytest

from experiments.validation.docking import (
    axelrod_bennett_1993 as landscape,
)
from experiments.validation.docking import (
    borzyskowski_vabulas_2019 as logit,
)
from experiments.validation.docking import (
    galam_vinogradova_2014 as alliance,
)
from experiments.validation.docking.docking_table import PUBLICATIONS, agreement, docked, docking_table, published
from experiments.validation.text_tables import docking_rows


def test_every_key_that_is_published_has_a_reason_or_a_number() -> None:
    for name in PUBLICATIONS:
        lines = published(name)
        assert len({line["key"] for line in lines}) == len(lines) > 0
        assert all(line["source"] for line in lines)
        for row in docked(name, {}):  # nothing made again
            assert row.agrees is None


@pytest.mark.parametrize(
    ("said", "here", "answer"),
    [("0.75", 0.76, True), ("0.75", 0.6, False), (">0", 0.1, True), (">0", 0.0, False), ("<0", -1.0, True),
     ("=0", 0.01, True), ("=0", -0.5, False), ("", 1.0, None), (">0", float("nan"), None)],
)  # fmt: skip
def test_agreement(said: str, here: float, answer: bool | None) -> None:
    assert agreement(said, here) is answer


def test_the_published_logit_is_given_back_to_the_digit() -> None:
    found = {key: one for key, (one, _) in logit.here(False).items()}
    assert [found[name] for name in ("intercept", "distance", "contagion", "size")] == pytest.approx(
        [-6.43, 0.95, 3.348, -0.606], abs=1e-9
    )
    assert found["probability"] == pytest.approx(1 / (1 + np.exp(6.43 - 0.95 * 0.62 + 0.606 * np.log(20))))


def test_two_friends_and_their_common_enemy_have_one_minimum() -> None:
    propensity = np.array([[0, 1, -1], [1, 0, -1], [-1, -1, 0]], float)
    weights = landscape.pulls(propensity, np.array([1.0, 2.0, 3.0]))
    sides = landscape.configurations(3)
    minima = sides[landscape.stable(sides, weights)]
    assert minima.tolist() == [[-1, -1, 1]]
    # apart: the pairs 0-2 (weight -3) and 1-2 (-6)
    assert landscape.energy(minima, weights).tolist() == [-9.0]
    assert landscape.rises(sides, weights) == 0


def test_without_alliances_the_three_cannot_settle_and_the_one_between_turns() -> None:
    whole, broken = alliance.optima(1.0), alliance.optima(0.0)
    assert whole.tolist() == [[-1, -1, -1, 1, 1, 1, -1]]
    assert (broken[:, 6] == 1).all()
    assert len({tuple(one[:3]) for one in broken}) == 6  # any division of three that repel each other but all together


def test_the_table_and_its_text() -> None:
    table = docking_table(only=["axelrod_bennett_1993"])
    rows = docking_rows(table)
    assert len(rows) == 1 + len(table) == 1 + len(published("axelrod_bennett_1993"))
    assert rows[1][0] == "axelrod bennett 1993"
    assert [rows[1][place] for place in (3, 4, 5, 7)] == ["65536", "65536", "0", "yes"]
    assert rows[2][0] == ""
    assert rows[-1][-2] == "-"  # the alignment of 1936 is not made again


@pytest.mark.long
def test_every_publication_is_made_again() -> None:
    table = docking_table()
    made = table.groupby("publication")["here"].count()
    assert (made >= 3).all()
    signs = table[table["published"].str.startswith(">", na=False) & (table["publication"] == "saelen_2020")]
    assert signs["here"].notna().all()
