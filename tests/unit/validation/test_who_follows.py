"""Who is likely to follow: expected announcements by hand, ranks of made-up rows, and a run that is not disturbed."""

from typing import Any

import numpy as np
import pytest

from abm.outcomes import followers
from abm.processes.membership import MembershipParameters
from abm.recording import record
from abm.simulation import Simulation
from experiments.validation.readings import SEED, scenario
from experiments.validation.who_follows import KnownExit, cases, expected, followed, states_of, summary
from tests.worlds_small import small_world

CALM: dict[str, Any] = {
    "intercept": -9.0, "size_log_odds": 0.0, "value_log_odds": 0.0, "act_spread": 0.0, "joint_probability": 0.0,
}  # fmt: skip
RARE = 1 - (1 + np.exp(-9.0)) ** -0.25


def announced(world: Any, **values: Any) -> Any:
    return expected(world, MembershipParameters(**CALM | values), np.zeros(3))


def test_members_announce_by_their_log_odds() -> None:
    found = announced(small_world(3, 2, member=[[1, 1], [1, 0], [0, 0]]))
    np.testing.assert_allclose(found, [[RARE, RARE], [RARE, 0], [0, 0]])


def test_moods_change_when_but_not_how_often() -> None:
    assert announced(small_world(3, 1), act_spread=2.0)[0, 0] == pytest.approx(RARE, rel=0.05)


def test_allies_are_expected_to_come_along() -> None:
    """S1 is all that S0 has for an ally, and comes in half of the exits of which half are joint; none is on top."""
    world = small_world(3, 1, trust=[[1, 1, -1], [1, 1, -1], [-1, -1, 1]])
    found = announced(world, joint_probability=0.5, joint_allies=1.0)[:, 0]
    own = RARE / 1.5
    np.testing.assert_allclose(found, [1.5 * own, 1.5 * own, own], rtol=1e-3)


def test_a_review_is_expected_as_often_as_one_is_held() -> None:
    world = small_world(3, 1, government_age=0.0, sovereigntism=1.0, legitimacy=[[0.5], [0.9], [0.5]],
                        member=[[1], [1], [0]])  # fmt: skip
    found = announced(world, review_probability=0.1, legitimacy_log_odds=0.0)[:, 0]
    np.testing.assert_allclose(found, [RARE + 0.1 * (1 - RARE), RARE, 0])


def row(expected_: dict[str, float], *followed_: str, **others: int) -> dict[str, Any]:
    near = {"ISR": 0.9, "HUN": 0.8, "AUS": 0.1, "PER": 0.0}
    return {"expected": expected_, "near": near, "followed": list(followed_), "exits": len(followed_),
            "by_distance": 0} | others  # fmt: skip


def test_states_are_ranked_by_what_is_expected_of_them() -> None:
    rows = [row({"ISR": 0.3, "HUN": 0.1, "AUS": 0.2, "PER": 0.0}, "AUS", by_distance=1),
            row({"ISR": 0.1, "HUN": 0.1, "AUS": 0.1, "PER": 0.0}, "AUS", "ISR")]  # fmt: skip
    frame = states_of(rows)
    assert frame["rank"].to_dict() == {"ISR": 1, "AUS": 2, "HUN": 3, "PER": 4}
    assert frame["share"].to_dict() == {"ISR": 0.5, "AUS": 1.0, "HUN": 0.0, "PER": 0.0}
    assert frame["rank_in_nearness"].to_dict() == {"ISR": 1, "AUS": 3, "HUN": 2, "PER": 4}
    found = summary(KnownExit("who-2025", ("WHO",), ("HUN",)), rows)
    assert found["observed_ranks"] == "HUN 3 (0.100, 0.00)"
    assert (found["expected"], found["counted"]) == (pytest.approx(0.45), 1.5)
    assert (found["likely"], found["likely_far"], found["by_distance"]) == (3, "AUS", 1)


def test_the_cases_are_the_exits_since_2017() -> None:
    found = {case.scenario: case for case in cases()}
    assert found["who-2025"] == KnownExit("who-2025", ("WHO",), ("ARG",))
    assert found["unesco-2017"].observed == ("ISR",)
    assert "unesco-1984" not in found
    assert len(found["us-exit-2026"].observed) == 5


def test_looking_changes_nothing() -> None:
    case = KnownExit("who-2025", ("WHO",), ("ARG",))
    found = followed(case, 3)
    experiment = scenario("who-2025", "quarters=13")
    plain = followers(record(Simulation(experiment, (SEED, 3))))
    assert found["followed"] == sorted({one.state for one in plain})
    assert 0 < sum(found["expected"].values()) < 10
    assert "USA" not in found["expected"]
