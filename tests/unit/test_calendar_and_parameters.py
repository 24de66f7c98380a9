"""Quarters and their probabilities; bounds of parameters."""

import numpy as np
import pytest

from abm.calendar import format_quarter, parse_quarter, per_quarter
from abm.parameters import Parameters, bounds, choice, parameter


class Bounded(Parameters):
    """A number with bounds, one without, and a choice."""

    rate: float = parameter(0.5, low=-1, high=3, doc="a rate", source="assumption")
    free: float = 1.0
    form: str = choice("a", doc="a form", source="assumption")


def test_quarters_are_counted_from_the_first_of_a_year() -> None:
    assert parse_quarter("2025Q1") == 8100
    assert [format_quarter(place) for place in (8100, 8103, 8104)] == ["2025Q1", "2025Q4", "2026Q1"]
    assert [format_quarter(parse_quarter(text)) for text in ("0999Q4", "8999Q4")] == ["0999Q4", "8999Q4"]


@pytest.mark.parametrize("text", ["2025", "2025Q5", "2025q1", "25Q1", "2025Q1 "])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 2026Q1"):
        parse_quarter(text)


def test_four_quarters_make_the_probability_of_a_year() -> None:
    assert per_quarter(1 - 0.9**4) == pytest.approx(0.1)
    assert per_quarter(np.array([0.0, 1 - 0.8**4, 1.0])) == pytest.approx([0.0, 0.2, 1.0])


def test_bounds_are_those_declared_and_infinite_where_none_are() -> None:
    fields = Bounded.model_fields
    assert bounds(fields["rate"]) == (-1, 3)
    assert bounds(fields["free"]) == bounds(fields["form"]) == (-np.inf, np.inf)
