"""Which rule decides an exit: computed by hand, and a state that is named for a rule stays without it."""

import numpy as np
import pytest

from abm.deciding_rule import UNDECIDED, quarterly
from abm.state.world import World
from tests.worlds_small import Luck, proposed, small_world

RARE = {"intercept": -9.0, "distance_log_odds": 0.95, "contagion_log_odds": 3.348, "size_log_odds": -0.606,
        "coefficient_spread": 0.0, "value_log_odds": 0.0, "act_spread": 0.0, "joint_probability": 0.0}  # fmt: skip
FOLLOWED = RARE | {"size_log_odds": 0.0, "contagion_form": "affine"}


def rules(world: World, given: Luck, **values: object) -> dict[tuple[int, int], object]:
    events = proposed("membership", world, given, **(RARE | values)).events
    return {(event.actor, event.organization): event.details["rule"] for event in events if event.kind == "announce"}


def followed_world() -> World:
    """S0 has left. S1 has all of its affinity, S2 and S3 a quarter each."""
    trust = [[1, 1, -0.5, -0.5], [1, 1, 0, 0], [-0.5, 0, 1, 0], [-0.5, 0, 0, 1]]
    left = {"example": [[1], [0], [0], [0]], "example_quarters": [[4], [-1], [-1], [-1]]}
    return small_world(4, 1, member=[[0], [1], [1], [1]], trust=trust, **left)


def test_an_exit_says_which_rule_decided_it() -> None:
    """Were all alike to S0, odds would be 28.4 times as high. Affinity makes this 1 + 27.4 times own over mean.

    At power 1 that is 55.9 for S1 and 14.7 for the others: the example decides. At power 6 S1 has nearly 83.3, and
    28.4 are less than half of it: affinity decides. The others hardly follow any more.
    """
    world = followed_world()
    lucky = Luck(world, pairs=0.0)
    assert rules(world, lucky, **FOLLOWED, nearness_power=1.0) == dict.fromkeys([(1, 0), (2, 0), (3, 0)], "example")
    assert rules(world, lucky, **FOLLOWED, nearness_power=6.0) == {
        (1, 0): "affinity", (2, 0): UNDECIDED, (3, 0): UNDECIDED,
    }  # fmt: skip
    assert set(rules(world, lucky, **FOLLOWED | {"contagion_log_odds": 0.0}).values()) == {UNDECIDED}
    assert set(rules(world, lucky, **FOLLOWED | {"contagion_form": "flat"}).values()) == {"example"}
    voting = world.changed(agreement=np.where(world.affinity == 1, 1.0, 0.25))
    assert rules(voting, lucky, **FOLLOWED | {"contagion_form": "aligned"}, nearness_power=6.0)[1, 0] == "agreement"


@pytest.mark.parametrize(
    ("fields", "values", "rule"),
    [
        ({"grievance": 0.5}, {"reaction": 0.4}, "act"),
        ({"legitimacy": 0.4}, {"legitimacy_log_odds": -2.0}, "views"),
        ({"legitimacy": 0.4}, {"legitimacy_log_odds": 0.0, "censure_log_odds": 1.0}, UNDECIDED),
        ({"censured": 2.0}, {"censure_log_odds": 0.5}, "other"),
        ({"distance": 2.0}, {"distance_from": "position"}, "distance"),
        ({"council_size": 20.0}, {}, UNDECIDED),
        ({}, {}, "size"),
    ],
)
def test_rules_that_decide_an_exit_without_a_leader(
    fields: dict[str, object], values: dict[str, object], rule: str
) -> None:
    """Three members instead of the published twenty make an exit e^(.606 x 1.9) = 3.2 times as likely."""
    world = small_world(3, 2, **({"council_size": 20.0} if rule != "size" else {}) | fields)  # type: ignore[arg-type]
    found = rules(world, Luck(world, pairs=0.0), **values)
    assert set(found.values()) == {rule}


def test_whoever_is_named_for_a_rule_stays_without_it() -> None:
    """The luck lies below the chance with the rule, and above half of it."""
    world, values = followed_world(), FOLLOWED | {"nearness_power": 6.0}
    p = float(quarterly(np.array(-9 + np.log(1 + (np.exp(3.348) - 1) * 3 / (1 + 2 * 0.25**6)))))
    assert rules(world, Luck(world, pairs=p * (1 - 1e-9)), **values) == {(1, 0): "affinity"}
    assert rules(world, Luck(world, pairs=p / 2), **values) == {(1, 0): "affinity"}
    assert rules(world, Luck(world, pairs=p / 2), **values | {"contagion_form": "flat"}) == {}
    assert rules(world, Luck(world, pairs=p / 2), **values | {"contagion_log_odds": 0.0}) == {}
