"""Inertia, adaptation or resistance; computed by hand."""

import numpy as np
import pytest

from abm.state.world import World
from tests.worlds_small import Luck, after, proposed, small_world

PLAIN = {"notable_share": 0.04, "adaptation": 0.15, "resistance": 0.2, "sensitivity": 6.0, "credit_decay": 0.1}


def leaving(share: float, trust: float, autonomy: float, experience: float = 0.0) -> World:
    """S0 announces to leave O0; S1 and S2 share the other influence and trust it alike. It is at (1, 0), they at 0."""
    agenda = [[share] * 2, [(1 - share) / 2] * 2, [(1 - share) / 2] * 2]
    column = np.eye(3)
    column[1:, 0] = trust
    return small_world(
        3, 2, announced=[[1, 0], [0, 0], [0, 0]], agenda_share=agenda, trust=column,
        autonomy=autonomy, experience=experience,
        position=[[1, 0], [0, 0], [0, 0]], organization_position=[0.5, 0],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("share", "trust", "autonomy", "luck", "kind", "place"),
    [
        # Concentrated in a friend: pulls 1, 0 and .3: adaptation has .983 of the chances.
        (1 / 3, 1.0, 0.4, 0.98, "adaptation", 0.575),
        (1 / 3, 1.0, 0.4, 0.984, "resistance", 0.4),
        # Dispersed, distrusted and autonomous: pulls 0, .35 and .3: adaptation .066, resistance .5365, inertia .397.
        (0.1, 0.0, 1.0, 0.065, "adaptation", 0.575),
        (0.1, 0.0, 1.0, 0.067, "resistance", 0.4),
        (0.1, 0.0, 1.0, 0.60, "resistance", 0.4),
        (0.1, 0.0, 1.0, 0.61, None, 0.5),
        (0.03, 1.0, 1.0, 0.0, None, 0.5),  # not worth an answer
    ],
)
def test_answer(share: float, trust: float, autonomy: float, luck: float, kind: str | None, place: float) -> None:
    world = leaving(share, trust, autonomy)
    proposal = proposed("response", world, Luck(world, organizations=luck), **PLAIN)
    later = after("response", world, Luck(world, organizations=luck), **PLAIN)
    assert [event.kind for event in proposal.events] == ([kind] if kind else [])
    np.testing.assert_allclose(later.organization_position, [[place, 0], [0.5, 0]])
    assert later.reformed.tolist() == [kind == "adaptation", 0]
    assert later.experience.tolist() == pytest.approx([0.2 if share > 0.04 else 0, 0])


@pytest.mark.parametrize(("share", "firm"), [(0.5, 0.75), (0.2, 0.9), (1.0, 0.5)])
def test_firmness_is_autonomy_and_experience(share: float, firm: float) -> None:
    """An autonomy of 1 and half of all experience; the leaver holds a tenth of influence: 3 x .1 are concentrated."""
    world, values = leaving(0.1, 0.0, autonomy=1.0, experience=0.5), PLAIN | {"experience_share": share}
    weights = np.exp([0, 6 * 0.7 * firm, 6 * 0.3])
    edge = weights[:2].sum() / weights.sum()
    for luck, kinds in ((edge - 1e-9, ["resistance"]), (edge + 1e-9, [])):
        events = proposed("response", world, Luck(world, organizations=luck), **values).events
        assert [event.kind for event in events] == kinds


@pytest.mark.parametrize(("trust", "pull"), [(1.0, 0.35), (0.0, 0.6), (-1.0, 0.85)])
def test_members_who_distrust_the_leaver_back_a_secretariat_that_resists(trust: float, pull: float) -> None:
    """Resistance: .7 dispersed x .5 of autonomy and .5 x the distrust of S1 and S2; adaptation: .3 x their trust."""
    world, values = leaving(0.1, trust, autonomy=1.0), PLAIN | {"rally_weight": 0.5}
    weights = np.exp([6 * 0.3 * max(trust, 0), 6 * pull, 6 * 0.3])
    edge = weights[:2].sum() / weights.sum()
    for luck, kinds in ((edge - 1e-9, ["resistance"]), (edge + 1e-9, [])):
        events = proposed("response", world, Luck(world, organizations=luck), **values).events
        assert [event.kind for event in events] == kinds


def test_credit_of_a_reform_fades() -> None:
    assert after("response", small_world(3, 2, reformed=1.0), **PLAIN).reformed.tolist() == pytest.approx([0.9, 0.9])


def test_answers_to_several_exits_together_go_no_further_than_their_aims() -> None:
    """S0 to S2 announce at once, each at (1, 0); the body at the origin adapts to all three and ends among them."""
    column = np.ones((4, 4))
    world = small_world(
        4, 2, announced=[[1, 0]] * 3 + [[0, 0]], agenda_share=[[1 / 3, 0.25]] * 3 + [[0, 0.25]],
        trust=column, autonomy=0.0,
        position=[[1, 0]] * 3 + [[0, 0]], organization_position=[0.0, 0],
    )  # fmt: skip
    for share, place in ((0.2, 0.6), (0.9, 1.0)):
        values = PLAIN | {"adaptation": share, "sensitivity": 30.0}
        later = after("response", world, Luck(world, organizations=0.5), **values)
        np.testing.assert_allclose(later.organization_position, [[place, 0], [0, 0]])
