"""Trajectories: signals computed by hand from two courses, windows of three years, and the dates of spells."""

from typing import Any

import numpy as np
import pytest

from abm.regime_trajectory import Course, Scene, Spell, Trajectory, flags, signals, smoothed, trajectory
from abm.state.world import Array

QUARTERS, BODIES, STATES = 1, 3, 4
SCENE = Scene(
    known=np.ones(BODIES),
    shocked=np.array([1.0, 1.0, 0.0]),
    issue=np.array([0, 0, 0]),
    actors=np.array([1.0, 0.0, 0.0, 0.0]),
    powers=[np.array([0]), np.array([1]), np.array([2, 3])],
)


def course(quarters: int = QUARTERS, **changes: Any) -> Course:
    """Return a course at rest; `system` and `bodies` are merged, other fields broadcast to their shape."""
    system = dict.fromkeys(("left_by_others", "segregation", "trust_gap", "club_weight", "actor_wins"), 0.0)
    bodies = {"effectiveness": 1.0, "commitment": 0.8, "members": 20.0, "legitimacy": 1.0, "zombie": 0.0}
    system |= changes.pop("system", {})
    bodies |= {"actor_agenda_share": 0.4} | changes.pop("bodies", {})

    def spread(values: Any, *shape: int) -> Array:
        return np.broadcast_to(np.asarray(values, float), (quarters, *shape)).copy()

    shapes: dict[str, tuple[int, ...]] = {
        "alive": (BODIES,), "position": (BODIES, 2), "holdings": (STATES,), "given": (STATES,), "births": (),
    }  # fmt: skip
    resting = {"alive": 1.0, "position": 0.0, "holdings": [0.3, 0.2, 0.2, 0.3], "given": 10.0, "births": 0.0}
    fields: dict[str, Any] = {name: spread((resting | changes)[name], *shape) for name, shape in shapes.items()}
    return Course(
        quarters=tuple(range(8100, 8100 + quarters)),
        system={name: spread(value) for name, value in system.items()},
        bodies={name: spread(value, BODIES) for name, value in bodies.items()},
        leader=spread(changes.get("leader", 0), BODIES).astype(int),
        **fields,
    )


def signal(name: str, run: Course, twin: Course | None = None) -> float:
    return float(signals(run, course() if twin is None else twin, SCENE)[name][0])


HALF: list[tuple[str, dict[str, Any], float]] = [
    ("hollowed", {"bodies": {"effectiveness": [0.79, 1, 0.1]}}, 1 / 2),
    ("hollowed", {"bodies": {"effectiveness": [0.81, 1, 1]}}, 0),
    ("hollowed", {"bodies": {"commitment": [0.8 * 0.84, 0.8, 0.8]}}, 1 / 2),
    ("hollowed", {"bodies": {"commitment": [0.8 * 0.86, 0.8, 0.8]}}, 0),
    ("hollowed", {"alive": [0, 1, 1]}, 1 / 2),
    ("hollowed", {"bodies": {"effectiveness": 0.1}}, 1),
    ("shocked.emptied", {"bodies": {"members": [18, 19, 1]}}, 1 / 2),
    ("shocked.asleep", {"bodies": {"zombie": [1, 1, 1]}}, 1),
    ("shocked.ended", {"alive": [1, 0, 0]}, 1 / 2),
    ("led_by_another", {"leader": [1, 0, 0]}, 1 / 2),
    ("led_by_another", {"leader": [1, 0, 0], "alive": [0, 1, 1]}, 0),
    ("reformed", {"position": [[0.15, 0], [0.1, 0.1], [0, 0]]}, 1 / 2),
    ("reformed", {"position": [[0.2, 0], [0, 0], [0, 0]], "bodies": {"effectiveness": 0.94}}, 0),
    ("reformed", {"position": [[0.2, 0], [0, 0], [0, 0]], "bodies": {"legitimacy": 0.94}}, 0),
    ("gained", {"holdings": [0, 0.35, 0.3, 0.35]}, 0.15),
    ("taken_over", {"holdings": [0, 0.35, 0.3, 0.35]}, 0.5),
    ("saved", {"given": [4, 99, 0, 0]}, 0.6),
    ("money_saved", {"given": [4, 99, 0, 0]}, 6),
    ("wins_lost", {"system": {"actor_wins": -0.1}}, 0.1),
    ("influence_lost", {"bodies": {"actor_agenda_share": [0.2, 0.4, 0]}}, 0.25),
    ("left_by_others", {"system": {"left_by_others": 0.2}}, 0.2),
    ("actors_too_many", {}, 0),
]


@pytest.mark.parametrize(("name", "changes", "expected"), HALF)
def test_signal_by_hand(name: str, changes: dict[str, Any], expected: float) -> None:
    assert signal(name, course(**changes)) == pytest.approx(expected)


def test_an_area_counts_from_three_organizations_on() -> None:
    """Where shocks aim, one of two is hollowed. All three of the area make the whole; two of three do not count."""
    aside = course(bodies={"effectiveness": [0.5, 1, 0.5]})
    assert signal("hollowed", aside) == pytest.approx(1 / 2)
    assert signal("hollowed", course(bodies={"effectiveness": 0.5})) == 1
    assert signals(course(bodies={"effectiveness": 0.5}), course(), _elsewhere())["hollowed"][0] == 1
    assert signals(aside, course(), _elsewhere())["hollowed"][0] == 0


def _elsewhere() -> Scene:
    """Return the scene of a shock that aims at nothing."""
    return Scene(SCENE.known, np.zeros(BODIES), SCENE.issue, SCENE.actors, SCENE.powers)


def test_births_count_against_those_of_the_twin() -> None:
    run, twin = course(births=9.0), course(births=3.0)
    assert (signal("births_more", run, twin), signal("births_ratio", run, twin)) == (6, 2)
    assert signal("births_ratio", course(births=6.0)) == 6, "against one, where there was none"


def test_what_has_ended_in_the_twin_as_well_is_not_looked_at() -> None:
    run = course(alive=[0, 1, 1], bodies={"effectiveness": [0, 0.5, 1]})
    assert signal("hollowed", run, course(alive=[0, 1, 1])) == 1
    assert flags(run, course(alive=[0, 1, 1]))["ended"].sum() == 0


def test_what_has_ended_in_both_is_in_no_condition() -> None:
    gone = course(alive=[0, 1, 1], bodies={"members": [0, 20, 20], "effectiveness": [0, 1, 1], "zombie": [1, 0, 0]})
    found = flags(gone, course(alive=[0, 1, 1]))
    assert {name: float(flag.sum()) for name, flag in found.items() if flag.any()} == {}


def test_organizations_of_another_area_do_not_make_up_the_number() -> None:
    """All three are led by another, two of one area and one of the next: no area has three of its own."""
    areas = Scene(SCENE.known, np.zeros(BODIES), np.array([0, 0, 1]), SCENE.actors, SCENE.powers)
    run = course(leader=1)
    assert signals(run, course(), areas)["led_by_another"][0] == 0
    assert signals(run, course(), _elsewhere())["led_by_another"][0] == 1


def test_what_is_not_known_is_no_change() -> None:
    assert signal("hollowed", course(bodies={"commitment": np.nan}), course(bodies={"commitment": np.nan})) == 0


def test_three_years_are_twelve_quarters() -> None:
    np.testing.assert_allclose(smoothed(np.arange(14.0)), [5.5, 6.5, 7.5])
    np.testing.assert_allclose(smoothed(np.arange(5.0)), [2.0])


def way_of(left: list[float]) -> Trajectory:
    """Return the trajectory of a run whose others' seats are given up so far, quarter by quarter, without groups."""
    run = course(len(left))
    system = {**run.system, "left_by_others": np.array(left)}
    changed = Course(**{**run.__dict__, "system": system})
    return trajectory(changed, course(len(left)), SCENE)


def test_a_crisis_that_healed_is_a_result_with_its_dates() -> None:
    way = way_of([0.0] * 4 + [0.62] * 12 + [0.0] * 20)
    assert way.quarters == tuple(range(8111, 8136))
    assert way.regime == "unravelling"
    assert (way.at_end, way.in_last_quarter) == ("continuity", "continuity")
    assert way.spells == (Spell("unravelling", 8111, 8123),)
    assert way.spell == way.spells[0]
    assert way.strongest()["unravelling"] == 1
    assert way.peak("left_by_others") == pytest.approx(0.62)


def test_a_spell_that_lasts_has_no_end() -> None:
    way = way_of([0.0] * 12 + [0.5] * 20)
    assert way.spells == (Spell("unravelling", 8117, None),)
    assert way.at_end == "unravelling"
    assert way.labels[:6] == ("continuity",) * 6


def test_what_lasts_a_quarter_is_seen_in_the_last_quarter_alone() -> None:
    way = way_of([0.0] * 23 + [0.9])
    assert (way.regime, way.spell, way.certain) == ("continuity", None, True)
    assert way.in_last_quarter == "unravelling"


def test_a_regime_that_placebos_show_as_well_is_not_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    way = way_of([0.0] * 4 + [0.6] * 12)
    assert way.certain
    monkeypatch.setattr("abm.regimes.SPREAD", {"left_by_others": 0.2})
    assert not way.certain
