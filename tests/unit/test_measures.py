"""Measures with a meaning that can be computed by hand."""

from typing import Any

import numpy as np
import pytest

from abm.measures import MEASURES, Snapshot, Start, names, rows, scalars
from abm.state.world import World, add_organization
from tests.worlds_small import poke, small_world


def measured(name: str, world: World) -> Any:
    """Return a measure of a world; see `seen`."""
    return MEASURES[name].function(seen(world))


def seen(world: World) -> Snapshot:
    """Return a world in which S0 is in focus and led everything at the start, when all states belonged everywhere."""
    nobody = np.zeros(world.built, np.int64)
    start = Start(np.zeros((world.built, 2)), nobody, nobody, np.ones((len(world.gdp), world.built)))
    return Snapshot(world, np.eye(len(world.gdp))[0], start, np.ones(world.built))


THIRD_OUTSIDE = {"member": [[1, 1], [1, 1], [0, 1]], "participation": [[1, 1], [1, 1], [0, 1]]}
BODY: list[tuple[str, dict[str, Any], list[float]]] = [
    ("budget", {"has_budget": [1, 0], "initial_budget": 100.0, "budget": 80.0}, [0.8, np.nan]),
    ("income", {"has_budget": 1.0, "initial_budget": 100.0, "income": [70, 120]}, [0.7, 1.2]),
    ("funding_gap_share", {"has_budget": 1.0, "initial_budget": 100.0, "funding_gap": [25, 0]}, [0.25, 0]),
    (
        "rescue",
        {"has_budget": 1.0, "initial_budget": 50.0, "rescue": [[4, 0], [1, 0], [0, 0]], "private_income": [5, 2]},
        [0.2, 0.04],
    ),
    ("funding_hhi", {"has_budget": 1.0, "paid": [[30, 0], [10, 0], [0, 0]]}, [10 / 16, 0]),
    (
        "arrears",
        {"has_budget": 1.0, "arrears": [[200, 0], [0, 0], [0, 0]], "dues_rate": [[25, 1], [25, 1], [0, 1]]},
        [1, 0],
    ),
    ("suspended_votes", {"suspended": [[1, 0], [1, 0], [0, 0]]}, [2, 0]),
    ("legitimacy", {"legitimacy": [[0.4, 1], [0.8, 1], [9, 1]], **THIRD_OUTSIDE}, [0.6, 1]),
    ("legitimacy_spread", {"legitimacy": [[0.4, 1], [0.8, 1], [9, 1]], **THIRD_OUTSIDE}, [0.2, 0]),
    ("legitimacy_western", {"legitimacy": [[0.4, 1], [0.8, 1], [0.6, 1]], "camp": [1, 0, 1]}, [0.5, 1]),
    ("legitimacy_rival", {"camp": [1, 0, 1]}, [np.nan, np.nan]),
    ("members", {"member": [[1, 1], [1, 0], [0, 0]]}, [2, 1]),
    ("leader_share", {"agenda_share": [[0.6, 0.2], [0.3, 0.5], [0.1, 0.3]]}, [0.6, 0.5]),
    ("agenda_hhi", {"agenda_share": [[0.5, 1], [0.5, 0], [0, 0]]}, [0.5, 1]),
    ("power_share", {"agenda_share": [[0.6, 0.2], [0.3, 0.5], [0.1, 0.3]], "bloc": [-1, 0, 0]}, [0.6, 0.8]),
    ("power_changed", {"agenda_share": [[0.6, 0.3], [0.2, 0.4], [0.2, 0.3]], "bloc": [0, -1, 0]}, [0, 0]),
    ("power_changed", {"agenda_share": [[0.4, 0.4], [0.35, 0.25], [0.25, 0.35]], "bloc": [-1, 0, 0]}, [1, 1]),
    ("position_shift", {"organization_position": [[3, 4], [0, 0]]}, [5, 0]),
    ("actor_distance", {"position": [[1, 0], [9, 9], [9, 9]], "organization_position": [[1, 2], [0, 0]]}, [2, 1]),
    ("actor_agenda_share", {"agenda_share": [[0.6, 0.2], [0.3, 0.5], [0.1, 0.3]]}, [0.6, 0.2]),
    ("actor_posts_share", {"posts_share": [[0.5, 0], [0.2, 0.9], [0.1, 0]]}, [0.5, 0]),
]
STATE: list[tuple[str, dict[str, Any], list[float]]] = [
    ("memberships", {"participation": [[1, 1], [1, 0], [0, 0]], "alive": [1, 1]}, [2, 1, 0]),
    ("memberships", {"alive": [1, 0]}, [1, 1, 1]),
    ("dues_paid", {"paid": [[5, 1], [0, 2], [0, 0]]}, [6, 2, 0]),
    ("gifts", {"voluntary": 1.0, "rescue": 2.0, "redirected": [[3, 0], [0, 0], [0, 0]], "paid": 99.0}, [9, 6, 6]),
    ("owed", {"arrears": [[5, 1], [0, 2], [0, 0]]}, [6, 2, 0]),
    ("trust_in_actor", {"trust": [[1, 0, 0], [0.4, 1, 0], [-0.2, 0, 1]]}, [1, 0.4, -0.2]),
    (
        "holdings",  # money .75 .25 0 of the one with money, posts .75 .25 0, influence .4 .35 .25
        {
            "paid": [[30, 0], [10, 0], [0, 0]],
            "posts_share": [[0.5, 1], [0.5, 0], [0, 0]],
            "agenda_share": [[0.2, 0.6], [0.3, 0.4], [0.5, 0]],
        },
        [1.9 / 3, 0.85 / 3, 0.25 / 3],
    ),
    ("votes_won", {"votes_won": [3, 0, 0], "votes_cast": [4, 4, 0]}, [0.75, 0, 0]),
]
ONE_LEFT = {"party_at_exit": [[1, 0], [1, 0], [0, 1]], "member": [[0, 1], [0, 1], [1, 1]]}
"""S0, in focus, and S1 have left O0; S2 left O1 and is back."""
SYSTEM: list[tuple[str, dict[str, Any], float]] = [
    ("left_by_others", ONE_LEFT, 1 / 4),
    ("left_by_others", ONE_LEFT | {"exit_form": [0, 2]}, 1 / 2),
    ("left_by_others", ONE_LEFT | {"exit_form": [2, 2]}, 0),
    ("left_by_others", {"member": [[1, 0], [1, 0], [1, 0]], "alive": [1, 0]}, 0),
    (
        "left_by_others",
        {"member": [[1, 0], [1, 0], [1, 0]], "alive": [1, 0], "party_at_exit": [[0, 0], [0, 1], [0, 0]]},
        1 / 4,
    ),
    ("exits", {"exited": [[1, 0], [1, 0], [0, 0]]}, 2),
    ("announcements", {"announced": [[1, 1], [0, 0], [0, 0]]}, 2),
    ("bodies_alive", {"alive": [1, 0]}, 1),
    ("clubs", {}, 0),
    ("total_income", {"income": [10, 20]}, 120),
    ("donor_hhi", {"voluntary": [[30, 0], [5, 5], [0, 0]]}, 10 / 16),
    ("trust_gap", {"camp": [0, 0, 0]}, 0),
    ("mean_trust_in_actor", {"trust": [[1, 0, 0], [0.4, 1, 0], [-0.2, 0, 1]]}, 0.1),
    ("resolutions_passed", {"passed": [2, 3]}, 5),
    (
        "actor_saving",
        {"dues_rate": 10.0, "initial_voluntary": 5.0, "paid": 10.0, "voluntary": [[0, 5], [0, 0], [0, 0]]},
        5,
    ),
    ("programmes_lost_total", {"has_budget": [1, 0], "initial_budget": 100.0, "spending": 90.0}, 40),
]


@pytest.mark.parametrize(("name", "fields", "expected"), BODY + STATE + SYSTEM)
def test_measure_by_hand(name: str, fields: dict[str, Any], expected: Any) -> None:
    np.testing.assert_allclose(measured(name, small_world(3, 2, **fields)), expected, atol=1e-12)


def test_trust_gap_between_camps() -> None:
    """Within the camps 1 (self) and .5, across them -.2: .75 + .2."""
    trust = np.full((4, 4), -0.2)
    trust[:2, :2] = trust[2:, 2:] = 0.5
    np.fill_diagonal(trust, 1.0)
    assert measured("trust_gap", small_world(4, 1, trust=trust, camp=[1, 1, -1, -1])) == pytest.approx(0.95)


def test_groups_that_share_half_as_much_are_half_segregated() -> None:
    """S0 and S1 against S2 and S3: each two share an organization of their own and one of all, across only the last."""
    member = np.zeros((4, 6))
    member[:2, :2] = member[2:, 2:4] = member[:, 4:] = 1.0
    assert measured("segregation", small_world(4, 6, member=member)) == pytest.approx(0.5)
    assert measured("segregation", small_world(4, 4, member=member[:, :4])) == 1.0
    assert measured("segregation", small_world(4, 6)) == 0.0
    assert measured("segregation", small_world(4, 6, member=0.0)) == 0.0
    seats = {"member": member, "exit_form": [2, 2, 2, 2, 0, 0]}
    assert measured("segregation", small_world(4, 6, **seats)) == 0.0, "only where one can leave"


def test_a_club_weighs_as_much_as_its_members() -> None:
    """In the first area a club of half of the world's GDP stands beside an organization of all."""
    world = small_world(4, 2, 2, issue=[0, 1])
    row = {"code": "c", "key": "c", "alive": 1.0, "members_known": 1.0, "founder": 0.0, "issue": 0.0}
    add_organization(world, row | {"member": np.array([1.0, 1, 0, 0])})
    assert measured("club_weight", world) == pytest.approx(0.5 / 1.5)


def test_a_yearly_measure_stands_until_the_fourth_quarter() -> None:
    world, place = small_world(3, 2), names("system").index("segregation")
    before = np.full(len(names("system")), 7.0)
    for quarter, value in ((8100, 7.0), (8102, 7.0), (8103, 0.0)):
        world.quarter = quarter
        assert scalars(seen(world), before)[place] == value
        assert scalars(seen(world))[place] == 0.0, "nothing was taken before"


def test_clubs_are_counted_while_they_live() -> None:
    world = small_world(4, 1)
    for number, members in enumerate(([1.0, 1, 1, 0], [0.0, 1, 1, 1])):
        row = {"code": f"c{number}", "key": f"{number}", "alive": 1.0, "members_known": 1.0, "founder": number}
        add_organization(world, row | {"member": np.array(members), "exclusive": float(number)})
    found = {name: measured(name, world) for name in ("clubs", "club_size", "club_exclusiveness", "club_overlap")}
    assert found == {"clubs": 2, "club_size": 3, "club_exclusiveness": 0.5, "club_overlap": 0.5}
    poke(world, "alive", 2, 0.0)
    assert (measured("clubs", world), measured("club_overlap", world)) == (1, 0)


def test_rows_and_scalars_follow_the_registry() -> None:
    world = small_world(3, 2)
    snapshot = seen(world)
    assert rows("body", snapshot).shape == (len(names("body")), 2)
    assert rows("state", snapshot).shape == (len(names("state")), 3)
    assert scalars(snapshot).shape == (len(names("system")),)
    place = names("body").index("members")
    assert rows("body", snapshot)[place].tolist() == [3, 3]


def test_what_can_be_left_is_alive_and_has_members() -> None:
    world = small_world(2, 4, exit_form=[0, 1, 2, 0], alive=[1, 1, 1, 0])
    assert seen(world).leavable.tolist() == [1, 1, 0, 0]
