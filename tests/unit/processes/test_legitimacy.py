"""What views aim at, who is blamed and how far, computed by hand."""

import numpy as np
import pytest

from tests.worlds_small import START, after, poke, small_world

PLAIN = {
    "rate": 1.0, "peer_rate": 0.0, "performance_weight": 0.0, "fit_weight": 0.0, "universality_weight": 0.0,
    "neutrality_weight": 0.0, "blame_weight": 0.0, "rhetoric_weight": 0.3, "blame_decay": 0.1, "memory_rate": 0.0,
    "reform_weight": 0.0, "presence_weight": 0.0, "good_news_weight": 1.0, "persistence": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "parameter", "expected"),
    [
        ({}, {}, 1.0),
        ({"effectiveness": 0.8}, {"performance_weight": 0.5}, np.exp(-0.1)),
        ({"effectiveness": 0.8, "performance_memory": 0.8}, {"performance_weight": 0.5}, 1.0),
        ({"distance": 1.0, "reference_distance": 0.4}, {"fit_weight": 0.2}, np.exp(-0.12)),
        ({"reference_members": 6.0}, {"universality_weight": 0.2}, 0.5**0.2),
        ({"organization_position": [0.6, 0.8], "reference_neutrality": 0.5}, {"neutrality_weight": 0.2}, np.exp(-0.1)),
        ({"reformed": 0.5}, {"reform_weight": 0.2}, np.exp(0.1)),
        ({"blame": 0.5}, {}, np.exp(-0.45)),
        ({"rally": 0.5}, {}, 1.0),
        ({"rally": 0.5}, {"rally_weight": 0.4}, np.exp(0.18)),
        ({"rally": 0.5}, {"rally_weight": -0.4}, np.exp(-0.18)),
        ({"effectiveness": 0.8, "members_known": 0.0}, {"performance_weight": 0.5}, 1.0),
    ],
)
def test_view_aims_at_each_source(fields: dict[str, object], parameter: dict[str, float], expected: float) -> None:
    """Three members; where the number of members matters, there were six at rest."""
    later = after("legitimacy", small_world(3, 2, **fields), **(PLAIN | parameter))  # type: ignore[arg-type]
    np.testing.assert_allclose(later.legitimacy, expected)


def test_absence_counts_by_weight_as_long_as_it_lasts() -> None:
    """S0 of half the capability stays away from O0: .5^.4 there, whoever else is in; with a memory it is forgotten."""
    away = [[0, 1], [1, 1], [1, 1]]
    world = small_world(capability=[0.5, 0.25, 0.25], participation=away)
    later = after("legitimacy", world, **(PLAIN | {"presence_weight": 0.4}))
    np.testing.assert_allclose(later.legitimacy, [[0.5**0.4, 1]] * 3)
    assert later.reference_presence.tolist() == [1, 1]
    forgetting = after("legitimacy", world, **(PLAIN | {"presence_weight": 0.4, "presence_memory_rate": 0.5}))
    assert forgetting.reference_presence.tolist() == [0.75, 1]


def test_newcomers_are_no_news_but_are_missed_when_they_go() -> None:
    world = small_world(reference_presence=0.5)
    later = after("legitimacy", world, **(PLAIN | {"presence_weight": 0.4}))
    np.testing.assert_allclose(later.legitimacy, 1.0)
    assert later.reference_presence.tolist() == [1, 1]


@pytest.mark.parametrize(("effectiveness", "expected"), [(0.8, np.exp(-0.1)), (1.2, np.exp(0.025))])
def test_good_news_count_less_than_bad_ones(effectiveness: float, expected: float) -> None:
    values = PLAIN | {"performance_weight": 0.5, "good_news_weight": 0.25}
    later = after("legitimacy", small_world(effectiveness=effectiveness), **values)
    np.testing.assert_allclose(later.legitimacy, expected)


def test_states_get_used_to_a_view_and_half_of_it_outlasts_its_cause() -> None:
    """Views of 1/4 for a half-life: R is half of half of ln 1/4, and the aim is e^R though the cause is gone."""
    world = small_world(legitimacy=0.25)
    values = PLAIN | {"persistence": 0.5, "persistence_half_life": 0.25}
    used = after("legitimacy", world, **values)
    np.testing.assert_allclose(used.accustomed, 0.25 * np.log(0.25))
    np.testing.assert_allclose(used.legitimacy, 1.0)  # what it had got used to before
    np.testing.assert_allclose(after("legitimacy", used, **values).legitimacy, np.exp(0.25 * np.log(0.25)))


def test_standing_cause_is_felt_more_and_more_but_no_more_than_twice() -> None:
    """The log view tends to c / (1 - persistence): a cause of -.1 to -.2."""
    world = small_world(effectiveness=0.8)
    values = PLAIN | {"performance_weight": 0.5, "persistence": 0.5, "persistence_half_life": 0.25}
    for _ in range(60):
        world = after("legitimacy", world, **values)
    np.testing.assert_allclose(world.legitimacy, np.exp(-0.2), rtol=1e-6)


def test_view_follows_with_inertia() -> None:
    world = small_world(effectiveness=0.8)
    later = after("legitimacy", world, **(PLAIN | {"performance_weight": 0.5, "rate": 0.25}))
    np.testing.assert_allclose(later.legitimacy, 1 + 0.25 * (np.exp(-0.1) - 1))


@pytest.mark.parametrize(("form", "blame"), [("listen", [0.2, 0.1, 0.0]), ("rally", [0.2, 0.0, 0.0])])
def test_blame_counts_by_influence_and_credibility_with_the_listener(form: str, blame: list[float]) -> None:
    """S0 leaves O0, where it had half the influence: .4 x .5 for who trusts it, half for the neutral, 0 for a rival."""
    trust = [[1, 0, 0], [0, 1, 0], [-1, 0, 1]]
    half = [[0.5, 0.5], [0.25, 0.25], [0.25, 0.25]]
    world = small_world(trust=trust, exited=[[1, 0], [0, 0], [0, 0]], agenda_share=half, expert_share=half)
    later = after("legitimacy", world, **(PLAIN | {"blame_weight": 0.4, "rivals": form}))
    np.testing.assert_allclose(later.blame, np.column_stack([blame, np.zeros(3)]), atol=1e-12)
    np.testing.assert_allclose(later.legitimacy, np.exp(-later.blame))


def test_speaker_without_credit_is_not_heard_and_contempt_counts_less_than_exit() -> None:
    world = small_world(
        rhetoric=[[0.5, 0], [0, 0], [0, 0]], trust=1.0, agenda_share=0.5, expert_share=0.5, credibility=[0.4, 1, 1]
    )
    later = after("legitimacy", world, **(PLAIN | {"blame_weight": 0.4}))
    np.testing.assert_allclose(later.blame, np.array([[1, 0]] * 3) * 0.4 * 0.5 * 0.3 * 0.5 * 0.4)


def test_those_who_stay_rally_the_more_the_less_they_trust_the_leaver() -> None:
    """S0, half of a lead state, leaves O0: S1 distrusts it wholly, S2 not at all, S3 is neutral, S4 was never there.

    What is remembered fades by a tenth. Contempt for O1 is no exit.
    """
    trust = np.eye(5)
    trust[1:, 0] = [-1, 1, 0, -1]
    first = np.eye(5)[:, :1]
    world = small_world(
        5, 2, trust=trust, exited=np.hstack([first, 0 * first]), rhetoric=np.hstack([0 * first, first]), example=0.5,
        participation=[[0, 1], [1, 1], [1, 1], [0.5, 1], [0, 1]], rally=0.1,
    )  # fmt: skip
    later = after("legitimacy", world, **(PLAIN | {"rally_weight": 0.4}))
    np.testing.assert_allclose(later.rally[:, 0], [0, 0.59, 0.09, 0.34, 0], atol=1e-12)
    np.testing.assert_allclose(later.rally[:, 1], 0.09)
    np.testing.assert_allclose(later.legitimacy, np.exp(0.4 * later.rally))


def test_blame_fades() -> None:
    world, seen = small_world(blame=1.0), []
    for _ in range(3):
        world = after("legitimacy", world, **PLAIN)
        seen.append(float(world.blame[0, 0]))
    np.testing.assert_allclose(seen, [0.9, 0.81, 0.729])


def test_peers_draw_views_together_and_rivals_do_not_count() -> None:
    """S0 and S1 trust each other and weigh the same; S2, trusted by none, trusts itself only.

    Peers meet once a year, for four quarters at once: the half of one quarter is 15/16 in a session of O0, and
    nothing in O1, which does not meet.
    """
    views = [[0.5, 0.5], [1, 1], [0.2, 0.2]]
    world = small_world(trust=[[1, 1, -1], [1, 1, -1], [-1, -1, 1]], legitimacy=views, session=[0, 1])
    later = after("legitimacy", world, **(PLAIN | {"rate": 0.0, "peer_rate": 0.5}))
    np.testing.assert_allclose(later.legitimacy[:, 0], [0.5 + 0.25 * 15 / 16, 1 - 0.25 * 15 / 16, 0.2])
    np.testing.assert_allclose(later.legitimacy[:, 1], [0.5, 1, 0.2])


def test_who_trusts_no_member_keeps_its_own_view() -> None:
    outside = [[1], [1], [0]]
    world = small_world(
        3, 1, trust=[[1, 1, 0], [1, 1, 0], [-1, 0, 1]], member=outside, participation=outside, session=0.0
    )
    poke(world, "legitimacy", 2, 0.7)
    assert after("legitimacy", world, **(PLAIN | {"rate": 0.0, "peer_rate": 0.5})).legitimacy[2, 0] == 0.7


def test_references_drift_towards_what_is() -> None:
    world = small_world(distance=1.0, effectiveness=0.5, reference_members=5.0, organization_position=[[3, 4], [0, 0]])
    later = after("legitimacy", world, **(PLAIN | {"memory_rate": 0.1}))
    np.testing.assert_allclose(later.reference_distance, 0.1)
    np.testing.assert_allclose(later.performance_memory, 0.95)
    np.testing.assert_allclose(later.reference_members, 4.8)
    np.testing.assert_allclose(later.reference_neutrality, [0.5, 0])
    np.testing.assert_allclose(later.reference_spread, 0.1)


@pytest.mark.parametrize(("rate", "peer_rate"), [(1.0, 0.216), (1.0, 0.5), (0.7, 0.5), (0.3, 0.1)])
def test_two_pulls_together_go_no_further_than_their_aims(rate: float, peer_rate: float) -> None:
    """S0 sees the body at 3.5, its peers at .1; performance calls for e^-5. Both pull the same way, from one view."""
    views = [[3.5, 1.0], [0.1, 1.0], [0.1, 1.0]]
    world = small_world(3, 2, legitimacy=views, trust=np.ones((3, 3)), effectiveness=0.0, session=START % 4)
    later = after("legitimacy", world, **(PLAIN | {"rate": rate, "peer_rate": peer_rate, "performance_weight": 3.0}))
    pulls = rate, 1 - (1 - peer_rate) ** 4
    capability = world.capability / world.capability.sum()
    peers = capability @ np.array(views)[:, 0]
    both = max(1.0, sum(pulls))
    expected = 3.5 + (pulls[0] * (np.exp(-3.0) - 3.5) + pulls[1] * (peers - 3.5)) / both
    assert later.legitimacy[0, 0] == pytest.approx(expected)
    assert later.legitimacy.min() > 0
