"""Threats: when they begin, fall due and end in a concession, an exit or a bluff; computed by hand."""

import numpy as np
import pytest

from abm.state.world import World
from tests.worlds_small import Luck, acts, after, full_plan, poke, proposed, record, run_quarter, small_world

PLAIN = {
    "threat_rate": 0.04, "dissatisfaction_log_odds": 4.0, "deadline": 3, "exit_value_mean": -0.3,
    "exit_value_distance": 0.3,
    "exit_value_sovereigntism": 0.5, "need_threshold": 0.1, "concession": 0.25, "bluff_cost": 0.1,
}  # fmt: skip


def due(**fields: object) -> World:
    """S0 threatens O0 and the deadline is now; its exit value in public is -.3 + .3 x 1 + .5 x .5 = .25."""
    plain = {
        "threat": [[0, -1], [-1, -1], [-1, -1]],
        "distance": 1.0,
        "position": [1, 0],
        "autonomy": 0.4,
        "notice_rule": 4.0,
    }
    return small_world(3, 2, **(plain | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("normals", "fields", "outcome"),
    [
        ([0, 0, 0], {}, "concession"),  # believed, and a third of the influence is needed
        ([0, 0, 0], {"agenda_share": 0.039}, "announce"),  # needed less than .1 x .4: it goes
        ([0, -0.3, 0], {}, "announce"),  # not believed, but meant
        ([-0.3, 0, 0], {}, "bluff"),  # not meant and not believed
        ([-0.3, 0.1, 0], {}, "concession"),  # not meant, but believed: a successful bluff
        ([-0.3, 0.04, 0], {"credibility": 0.5}, "concession"),  # belief is noisier about the less credible: .06 > .05
        ([-0.3, 0.04, 0], {}, "bluff"),
    ],
)
def test_end_of_a_threat(normals: list[float], fields: dict[str, object], outcome: str) -> None:
    world = due(**fields)
    luck = Luck(world, normals=np.tile(normals, (3, 1)), organizations=0.999, pairs=0.999)
    (event,) = proposed("voice", world, luck, **PLAIN).events
    later = after("voice", world, luck, **PLAIN)
    assert (event.kind, event.actor, event.organization) == (outcome, 0, 0)
    moved = [0.25, 0] if outcome == "concession" else [0, 0]
    np.testing.assert_allclose(later.organization_position, [moved, [0, 0]])
    assert later.reformed.tolist() == [outcome == "concession", 0]
    assert later.notice[0, 0] == (3 if outcome == "announce" else -1)
    assert later.announced.sum() == (outcome == "announce")
    assert later.credibility[0] == pytest.approx(world.credibility[0] * (0.9 if outcome == "bluff" else 1))
    assert later.threat.max() == -1
    assert later.experience.tolist() == pytest.approx([0.1, 0])


@pytest.mark.parametrize(
    ("belief_spread", "doubt", "outcome"),
    [(1.0, 0.4, "bluff"), (1.1, 0.4, "concession"), (1.0, 0.6, "concession"), (0.9, 0.6, "bluff")],
)
def test_an_organization_errs_more_about_the_less_credible(belief_spread: float, doubt: float, outcome: str) -> None:
    """An exit value of -.05 is taken for one above 0 if .04 x (belief_spread + doubt / 2) is larger."""
    world = due(credibility=0.5)
    luck = Luck(world, normals=np.tile([-0.3, 0.04, 0], (3, 1)), organizations=0.999)
    values = PLAIN | {"belief_spread": belief_spread, "doubt": doubt}
    assert [event.kind for event in proposed("voice", world, luck, **values).events] == [outcome]


def test_demand_decides_where_a_concession_leads() -> None:
    world = due()
    poke(world, "demand", 0, [0.0, 2.0])
    later = after("voice", world, Luck(world, organizations=0.999, pairs=0.999), **PLAIN)
    np.testing.assert_allclose(later.organization_position[0], [0.25, 0.5])


def test_leaver_s_threat_is_void() -> None:
    for fields in ({"member": [[0, 1], [1, 1], [1, 1]]}, {"notice": [[2, -1], [-1, -1], [-1, -1]]}):
        world = due(**fields)
        assert proposed("voice", world, Luck(world, organizations=0.999, pairs=0.999), **PLAIN).events == []


@pytest.mark.parametrize("deadline", [1, 3])
def test_threat_of_a_shock_falls_due_after_its_deadline(deadline: int) -> None:
    """Not conceded (nobody is needed) and meant: announced at the deadline, effective after the body's notice of 2."""
    world = small_world(3, 2, distance=1.0, position=[2, 0], notice_rule=2.0)
    world.home_position = world.position.copy()
    schedule = acts(record("threaten", deadline_quarters=deadline), world)
    sure = {"exit_value_mean": 3.0, "need_threshold": 1.0, "exit_value_sovereigntism": 3.0}
    world.autonomy = np.ones(2)
    world.agenda_share = np.full((3, 2), 1e-6)
    steps = full_plan(world, schedule, voice=sure)
    kinds = []
    for quarter in range(deadline + 4):
        world.agenda_share = np.full((3, 2), 1e-6)
        kinds += [
            (quarter, event.kind) for event in run_quarter(world, steps) if event.kind in ("threat", "announce", "exit")
        ]
    assert kinds == [(0, "threat"), (deadline, "announce"), (deadline + 2, "exit")]


def test_begun_threat_falls_due_after_its_deadline() -> None:
    """Certain to begin in the first quarter, impossible after: due three quarters later, as by a shock."""
    world, quarters = small_world(1, 1, notice_rule=9.0), []
    for quarter in range(6):
        luck = Luck(
            world, organizations=0.0 if quarter == 0 else 0.999, pairs=0.0 if quarter == 0 else 0.999, normals=-1.0
        )
        proposal = proposed("voice", world, luck, **PLAIN)
        quarters += [(quarter, event.kind) for event in proposal.events]
        world = after("voice", world, luck, **PLAIN)
        world.quarter += 1
    assert quarters == [(0, "threat"), (3, "bluff")]


@pytest.mark.parametrize(
    ("legitimacy", "rate"),
    [(1.0, 0.01), (0.8, 0.01 * np.exp(0.8)), (1.2, 0.01 * np.exp(-0.8))],
)
def test_probability_that_a_threat_begins(legitimacy: float, rate: float) -> None:
    """One member, one body: .04 a year is .01 a quarter at rest."""
    world = small_world(1, 1, legitimacy=legitimacy)
    for factor, begins in ((1 - 1e-9, 1), (1 + 1e-9, 0)):
        luck = Luck(world, organizations=rate * factor, pairs=rate * factor)
        assert len(proposed("voice", world, luck, **PLAIN).events) == begins


@pytest.mark.parametrize(
    "fields", [{"exit_form": 2.0}, {"alive": 0.0}, {"members_known": 0.0}, {"notice": 1.0}, {"member": 0.0}]
)
def test_who_cannot_threaten(fields: dict[str, object]) -> None:
    world = small_world(1, 1, **fields)  # type: ignore[arg-type]
    assert proposed("voice", world, Luck(world, organizations=0.0, pairs=0.0), **PLAIN).events == []
