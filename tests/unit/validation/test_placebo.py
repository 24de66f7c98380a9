"""The placebo beside its exit: parts of effects by hand, and the same exits on the same dates."""

import pytest

from experiments.validation.placebo import EFFECTS, EXIT, PLACEBO, both, table


def test_a_part_is_the_ratio_of_means_over_rows() -> None:
    """The exit takes .2 and .4, the placebo .003 in both rows: a hundredth of the mean, whatever the rows."""
    rows = [{EXIT: dict.fromkeys(EFFECTS, large), PLACEBO: dict.fromkeys(EFFECTS, 0.003)} for large in (-0.2, -0.4)]
    found = table(rows).set_index("effect")
    assert set(found.index) == set(EFFECTS)
    assert found.loc["budget", ["exit", "placebo", "part"]].tolist() == pytest.approx([-0.3, 0.003, -0.01])
    assert found.loc["budget", "part_low"] == pytest.approx(-0.015)
    assert found.loc["budget", "part_high"] == pytest.approx(-0.0075)


def test_only_the_leaver_differs() -> None:
    large, small = both(("quarters=8",))
    assert large.twin().digest() == small.twin().digest()
    without = [[{**shock.model_dump(), "actor": ""} for shock in one.shocks] for one in (large, small)]
    assert [one["organizations"] for one in without[0]] == [one["organizations"] for one in without[1]]
    assert [one["announced"] for one in without[0]] == [one["announced"] for one in without[1]]
    assert {shock.actor for shock in small.shocks} == {"URY"}
