"""Bilateral deals with what a leaver has left; computed by hand."""

import numpy as np
import pytest

from tests.worlds_small import after, small_world

PLAIN = {"rate": 0.1, "decay": 0.0, "trust_threshold": 0.0, "asymmetry": 0.5}
LEFT = {
    "party_at_exit": [[1, 0], [0, 0], [0, 0]],
    "participation": [[0, 1], [1, 1], [1, 1]],
    "member": [[0, 1], [1, 1], [1, 1]],
}


def test_deals_grow_with_friendly_and_weaker_states() -> None:
    """S0 left one of two bodies: root of .5. S1, a fifth of its size, trusts it by .6; S2 does not."""
    world = small_world(3, 2, capability=[0.5, 0.1, 0.4], trust=[[1, 0, 0], [0.6, 1, 0], [-0.2, 0, 1]], **LEFT)
    later = after("deals", world, **PLAIN)
    ready = 0.6 * (1 + 0.5 * (0.5 / 0.6 - 0.5))
    expected = np.zeros((3, 3))
    expected[1, 0] = 0.1 * np.sqrt(0.5) * ready
    np.testing.assert_allclose(later.deals, expected, rtol=1e-6)


@pytest.mark.parametrize(("threshold", "ready"), [(0.0, 0.6), (0.2, 0.5), (0.7, 0.0), (-1.0, 0.8)])
def test_trust_opens_the_channel(threshold: float, ready: float) -> None:
    world = small_world(3, 2, trust=0.6, **LEFT)
    later = after("deals", world, **(PLAIN | {"trust_threshold": threshold, "asymmetry": 0.0}))
    assert later.deals[1, 0] == pytest.approx(0.1 * np.sqrt(0.5) * ready, abs=1e-9)


def test_deals_lapse_after_a_return() -> None:
    world = small_world(3, 2, deals=[[0, 0, 0], [0.5, 0, 0], [0, 0, 0]], party_at_exit=LEFT["party_at_exit"])
    later = after("deals", world, **(PLAIN | {"decay": 0.02}))
    assert later.deals[1, 0] == pytest.approx(0.49)
    assert later.deals.sum() == pytest.approx(0.49)


def test_nobody_deals_with_itself_and_none_without_a_leaver() -> None:
    assert not after("deals", small_world(3, 2, trust=1.0), **PLAIN).deals.any()
    later = after("deals", small_world(3, 2, trust=1.0, **LEFT), **PLAIN)
    assert later.deals[0, 0] == 0
    assert (later.deals[1:, 0] > 0).all()
