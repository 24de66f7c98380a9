"""The null models: rates as published, contagion and size as in the logit, plain accounting."""

import numpy as np
import pytest

from abm.published import EXIT_MODEL, ORGANIZATION_DEATHS
from abm.rng import stream
from experiments.validation.nulls import NullWorld, budget_cut


def world(logit: bool, members: int = 60, bodies: int = 40) -> NullWorld:
    """Return a null world in which everybody is a member of everything, at distance .62; state 0 leads."""
    shape = (members, bodies)
    return NullWorld(
        np.ones(shape), np.ones(bodies), np.full(shape, 0.62), np.ones(bodies), np.zeros(bodies, np.int64), logit,
        np.zeros(bodies),
    )  # fmt: skip


def test_chance_leaves_and_dies_at_the_published_rates() -> None:
    null, random = world(logit=False, members=200, bodies=300), stream((1, 0), "test")
    exits = deaths = exposure = years = 0.0
    for _ in range(40):
        exposure, years = exposure + null.members.sum() / 4, years + null.alive.sum() / 4
        left, died = null.step(random)
        exits, deaths = exits + left.sum(), deaths + died.sum()
    assert exits / exposure == pytest.approx(EXIT_MODEL.rate, rel=0.2)
    assert deaths / years == pytest.approx(ORGANIZATION_DEATHS, rel=0.3)


def test_the_logit_is_the_published_one() -> None:
    null = world(logit=True, members=20)
    annual = 1 - (1 - null.exit_probability()[0, 0]) ** 4
    assert annual == pytest.approx(1 / (1 + np.exp(6.43 - 0.95 * 0.62 + 0.606 * np.log(20))), rel=1e-9)
    null.fresh[0] = 1
    odds = null.exit_probability()[3]
    assert odds[0] / odds[1] == pytest.approx(np.exp(3.348), rel=0.02)


def test_the_exit_of_the_lead_state_is_followed_for_a_year() -> None:
    null, random = world(logit=True), stream((2, 0), "test")
    left = np.zeros_like(null.members)
    left[0, 5] = left[1, 6] = 1
    null.leave(left)
    assert null.fresh[5] == 4
    assert null.fresh[6] == 0
    assert null.members[0, 5] == null.members[1, 6] == 0
    for expected in (3, 2, 1, 0):
        null.step(random, deaths=False)
        assert null.fresh[5] == expected


def test_nobody_leaves_what_cannot_be_left_or_is_dead() -> None:
    null = world(logit=True)
    null.exitable[1], null.alive[2] = 0, 0
    chance = null.exit_probability()
    assert chance[:, 0].min() > 0
    assert chance[:, 1:3].max() == 0


def test_accounting_leaves_what_is_not_refilled() -> None:
    assert budget_cut(0.2, logit=True) == pytest.approx(0.2 * (1 - 1.7 / 3))
    assert budget_cut(0.2, logit=False) == 0
