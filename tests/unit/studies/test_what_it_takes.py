"""What claims would need: ends of ranges, the better ones, and when a claim counts as within reach."""

import pandas as pd
import pytest

from experiments.claims.design_space import Dimension, calibrated_dimensions, factors
from experiments.claims.results import nowhere, read_published
from experiments.studies.what_it_takes import Move, better_ends, ends, in_world, within_reach


def test_a_factor_has_two_ends_and_an_alternative_all_its_choices() -> None:
    assert ends(Dimension("a", 2.0, 8.0)) == (2.0, 8.0)
    assert ends(Dimension("a", 2.0, 8.0, logarithmic=True)) == pytest.approx((2.0, 8.0))
    assert ends(Dimension("a", choices=("one", "two", "three"))) == ("one", "two", "three")


def test_factors_go_to_their_better_ends_the_strongest_first() -> None:
    tried = [Move("a", 1.0, 0.1), Move("a", 3.0, 0.3), Move("b", 1.0, -0.2), Move("b", 2.0, 0.0), Move("c", "x", 0.5)]
    assert better_ends(tried) == [Move("c", "x", 0.5), Move("a", 3.0, 0.3)]


@pytest.mark.parametrize(
    ("holds", "quiet", "count"),
    [
        ([0.0, 0.6, 1.0], [8, 8, 8], 1),
        ([0.0, 0.5, 1.0], [8, 8, 8], 2),  # half is not most
        ([0.0, 1.0, 1.0], [8, 1, 2], 2),  # one quiet world is too few
        ([0.0, 0.2, float("nan")], [8, 8, 0], None),
    ],
)
def test_a_claim_is_within_reach_where_it_holds_in_most_quiet_worlds(
    holds: list[float], quiet: list[int], count: int | None
) -> None:
    assert within_reach(pd.DataFrame({"factors": [0, 1, 2], "holds": holds, "quiet": quiet})) == count


def test_only_what_calibration_does_not_know_is_moved() -> None:
    paths = {factor.path for factor in factors()}
    assert set(calibrated_dimensions()) <= paths
    assert {"scheduled_shocks.rhetoric_cost", "legitimacy.rhetoric_weight"} <= paths - set(calibrated_dimensions())


def test_claims_that_hold_nowhere_are_those_of_the_published_verdicts() -> None:
    shares = {one["id"]: one["holds_space"] for one in read_published()["claims"]}
    assert nowhere() == tuple(claim for claim, share in shares.items() if share == 0)


def test_words_cost_more_where_they_are_blamed_more() -> None:
    """C18 is the legitimacy that a year of contempt costs: it follows the weight of words in blame."""
    mild, strong = (in_world({"legitimacy.rhetoric_weight": weight}, "C18", 0)[0] for weight in (0.0, 1.2))
    assert mild < 0.001 < 0.003 < strong
