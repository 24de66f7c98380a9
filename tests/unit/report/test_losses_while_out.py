"""What happened while the leaver was out, on events and series written by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.report.losses_while_out import absence, told

QUARTERS = [f"202{5 + row // 4}Q{row % 4 + 1}" for row in range(8)]


def view(*events: tuple[str, str]) -> Any:
    """Return a view of one run of eight quarters whose effect falls by .1 a quarter from 0."""
    rows = [(QUARTERS[row], twin, "m", 1 - 0.1 * row * (not twin)) for row in range(8) for twin in (False, True)]
    series = pd.DataFrame(rows, columns=["quarter", "twin", "measure", "value"]).assign(run=0)
    told_ = pd.DataFrame(events, columns=["quarter", "kind"]).assign(run=0, actor="USA")
    return SimpleNamespace(
        finished=[0], actors=["USA"], quarters=QUARTERS, events=told_, result=SimpleNamespace(series=series)
    )


def test_the_effect_is_that_of_the_quarters_in_which_half_of_what_was_left_is_still_left() -> None:
    found = absence(
        view(("2025Q3", "exit"), ("2025Q4", "exit"), ("2026Q1", "participation_stopped"), ("2026Q2", "return"),
             ("2026Q4", "return")), "m",
    )  # fmt: skip
    assert found is not None
    assert found.years[0] == pytest.approx(4 / 4)  # 2025Q4 to 2026Q3: two of three, three, two, two
    assert found.effect is not None
    assert found.effect[0] == pytest.approx(-0.1 * np.mean([3, 4, 5, 6]))


def test_nobody_out_is_no_absence() -> None:
    assert absence(view(), "m") is None
    assert absence(view(("2025Q3", "threat")), "m") is None


def test_an_interval_wider_than_the_scale_says_nothing() -> None:
    assert told((0.5, 0.1, 0.9), 1.0)
    assert not told((0.5, -0.1, 1.1), 1.0)
    assert told((0.5, None, None), 1.0)
