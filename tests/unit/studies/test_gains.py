"""Gains of loops, on a world of ten states where what they should be is known."""

import numpy as np
import pytest

from experiments.studies.gain_loops import LOOPS, NODES, acted_on, turn
from experiments.studies.gains import HORIZONS, described, gains

SMALL = (
    "ensemble=off", "world.source=synthetic", "world.states=10", "world.organizations=5",
    "parameters.clubs.intercept=-20", "parameters.membership.intercept=-12",
)  # fmt: skip


def gain(acting: str, answering: str, quarters: int, *values: str) -> float:
    """The gain of a link at the last horizon within so many quarters."""
    found = gains(acting, 0, quarters, (*SMALL, *(f"parameters.{value}" for value in values)))
    row = found[acted_on(acting).index(answering)]
    assert all(np.isnan(row[HORIZONS.index(quarters) + 1 :]))
    return row[HORIZONS.index(quarters)]


def test_every_loop_is_closed_and_every_quantity_is_in_one() -> None:
    links = [link for nodes in LOOPS.values() for link in turn(nodes)]
    assert {name for link in links for name in link} == set(NODES)
    assert turn(("a", "b", "c")) == [("a", "b"), ("b", "c"), ("c", "a")]
    assert acted_on("exits") == ["views", "exits", "credibility"]
    assert acted_on("voting habit") == ["trust between camps"]


def test_views_act_on_commitment_by_the_elasticity_and_its_speed() -> None:
    """Held at .9 from the push on: .9^e a quarter later at full speed, so (1 - .9^e) / (1 - .9) of commitment."""
    values = ("commitment.rate=1", "commitment.conditionality=0")
    half = gain("views", "commitment", 4, *values, "commitment.legitimacy_elasticity=0.5")
    whole = gain("views", "commitment", 4, *values, "commitment.legitimacy_elasticity=1.0")
    assert 0 < half < whole < 1
    assert half / whole == pytest.approx((1 - 0.9**0.5) / 0.1, rel=0.02)
    assert gain("views", "commitment", 4, *values, "commitment.legitimacy_elasticity=0") == 0


@pytest.mark.parametrize(
    ("acting", "answering", "switch"),
    [
        ("commitment of one half", "commitment of the other half", "commitment.conditionality"),
        ("exits", "views", "legitimacy.presence_weight"),
        ("credibility", "commitment", "commitment.credibility_weight"),
        ("views", "income", "funding.legitimacy_elasticity"),
        ("gap", "influence", "leadership.purchase_share"),
    ],
)
def test_a_link_is_cut_by_its_parameter(acting: str, answering: str, switch: str) -> None:
    """Off it carries nothing, or, where there are other ways, less than half."""
    on, off = gain(acting, answering, 4), gain(acting, answering, 4, f"{switch}=0")
    assert abs(off) < abs(on) / 2


def test_what_is_said_of_gains() -> None:
    nothing = float("nan")
    rows = described(np.array([[0.1, nothing, nothing, nothing], [0.3, 0.2, nothing, nothing]]))
    assert [row["quarters"] for row in rows] == [1, 4]
    assert (rows[0]["value"], rows[0]["least"], rows[0]["most"]) == pytest.approx((0.2, 0.1, 0.3))
    assert rows[1]["value"] == 0.2
