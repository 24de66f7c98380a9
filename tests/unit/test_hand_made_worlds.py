"""Worlds made by hand, in which everybody sees which order it is: the labels have to see it as well.

The built-in world stands still for a year; then seats change by hand, and it stands still again. Halves are either side
of the first axis of votes, or drawn by lot: nobody tells the measures who belongs together.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest

from abm.comparison import Comparison
from abm.config.reader import load_experiment
from abm.events import Event
from abm.recording import MoneyFlows, Recording, Series
from abm.simulation import Simulation
from abm.state.world import Array, Mask, add_organization
from tests.worlds_small import random_generator

BEFORE, AFTER = 4, 20
Change = Callable[[Simulation, np.random.Generator], list[Event]]


def recorded(change: Change | None, seed: int = 0) -> Recording:
    """Return a recording of the built-in world that stands still but for one change after a year."""
    simulation = Simulation(load_experiment("total-exit"), (1, 0))
    series, events = Series(), []
    series.begin(simulation)
    for place in range(BEFORE + AFTER):
        found: list[Event] = []
        if place == BEFORE and change is not None:
            found = change(simulation, random_generator("hand-made", seed))
        series.after_quarter(simulation.snapshot(), found)
        events += [(simulation.world.quarter, event) for event in found]
        simulation.world.quarter += 1
    return Recording(simulation, series, events, MoneyFlows(), simulation.shocked)


@cache
def still() -> Recording:
    """Return the twin, in which nothing happens."""
    return recorded(None)


def judged(change: Change, seed: int = 0) -> Comparison:
    """Return a changed world beside the one that stands still."""
    return Comparison(recorded(change, seed), still())


def leavable(simulation: Simulation) -> Array:
    """Return the rows of the organizations that can be left."""
    world = simulation.world
    return np.flatnonzero((world.exit_form[: world.built] < 2) * world.members_known[: world.built])


def leave(simulation: Simulation, gone: Mask) -> None:
    """Let states leave organizations; `gone` (state, organization)."""
    world = simulation.world
    gone = gone & (world.member > 0)
    world.member, world.participation = world.member * ~gone, world.participation * ~gone
    world.party_at_exit = np.where(gone, 1.0, world.party_at_exit)


def west(simulation: Simulation, luck: np.random.Generator) -> Mask:
    """Return the half of the states on one side of the first axis of votes."""
    first = simulation.world.position[:, 0]
    return np.asarray(first > np.median(first))


def lot(simulation: Simulation, luck: np.random.Generator) -> Mask:
    """Return a half of the states by lot."""
    return np.asarray(luck.permutation(len(simulation.world.gdp)) % 2 == 0)


Half = Callable[[Simulation, np.random.Generator], Mask]


def some_of(rows: Array, luck: np.random.Generator) -> Array:
    """Return half of some rows by lot."""
    return luck.permutation(rows)[: len(rows) // 2]


def found_clubs(simulation: Simulation, half: Mask, luck: np.random.Generator) -> list[Event]:
    """Found ten clubs of forty members on either side."""
    world, events = simulation.world, []
    for side in (half, ~half):
        for number in range(10):
            members = luck.permutation(np.flatnonzero(side))[:40]
            row = {"code": f"club {side[0]} {number}", "key": f"{side[0]} {number}", "alive": 1.0, "members_known": 1.0}
            seats = np.isin(np.arange(len(half)), members).astype(float)
            row |= {"founder": float(members[0]), "member": seats, "participation": seats}
            events.append(Event("founded", int(members[0]), add_organization(world, row)))
    return events


def half_leaves_half(half: Half, clubs: bool = False) -> Change:
    """Half of the states leave half of the organizations."""

    def change(simulation: Simulation, luck: np.random.Generator) -> list[Event]:
        side, bodies = half(simulation, luck), some_of(leavable(simulation), luck)
        leave(simulation, side[:, None] & np.isin(np.arange(simulation.world.member.shape[1]), bodies))
        return found_clubs(simulation, side, luck) if clubs else []

    return change


def full_split(half: Half) -> Change:
    """Either half keeps one half of the organizations and leaves the other."""

    def change(simulation: Simulation, luck: np.random.Generator) -> list[Event]:
        side, bodies = half(simulation, luck), leavable(simulation)
        one = np.isin(np.arange(simulation.world.member.shape[1]), some_of(bodies, luck))
        all_ = np.isin(np.arange(simulation.world.member.shape[1]), bodies)
        leave(simulation, (side[:, None] & one) | (~side[:, None] & all_ & ~one))
        return []

    return change


def clubs_alone(half: Half) -> Change:
    """Clubs on both sides, and nobody leaves."""
    return lambda simulation, luck: found_clubs(simulation, half(simulation, luck), luck)


def at_random(share: float) -> Change:
    """Let a share of all seats be given up by lot."""

    def change(simulation: Simulation, luck: np.random.Generator) -> list[Event]:
        leave(simulation, luck.random(simulation.world.member.shape) < share)
        return []

    return change


def all_but(number: int, ordered: bool = False) -> Change:
    """Let all but some states leave everything: those are drawn by lot, or the outermost on the first axis."""

    def change(simulation: Simulation, luck: np.random.Generator) -> list[Event]:
        world = simulation.world
        order: Sequence[int] | Array = (
            np.argsort(-world.position[:, 0]) if ordered else luck.permutation(len(world.gdp))
        )
        stays = np.isin(np.arange(len(world.gdp)), order[:number])
        leave(simulation, np.broadcast_to(~stays[:, None], world.member.shape).copy())
        return []

    return change


def nothing(simulation: Simulation, luck: np.random.Generator) -> list[Event]:
    """Let nothing happen."""
    return []


WORLDS: dict[str, tuple[Change, str]] = {
    "half leaves half": (half_leaves_half(west), "fragmentation"),
    "half by lot leaves half": (half_leaves_half(lot), "fragmentation"),
    "half leaves half, with clubs": (half_leaves_half(west, clubs=True), "fragmentation"),
    "half by lot leaves half, with clubs": (half_leaves_half(lot, clubs=True), "fragmentation"),
    "full split": (full_split(west), "fragmentation"),
    "full split by lot": (full_split(lot), "fragmentation"),
    "clubs and no exit": (clubs_alone(west), "minilateral"),
    "half of all members leave at random": (at_random(0.5), "unravelling"),
    "all but twenty leave all": (all_but(20), "unravelling"),
    "all but twenty of one side leave all": (all_but(20, ordered=True), "unravelling"),
    "everybody leaves": (all_but(0), "unravelling"),
    "nothing": (nothing, "continuity"),
}


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("seed", range(3))
def test_everybody_sees_which_order_it_is(name: str, seed: int) -> None:
    change, order = WORLDS[name]
    found = judged(change, seed)
    assert found.regime == order, found.regimes
    assert found.trajectory.at_end == found.trajectory.in_last_quarter == order
    assert {spell.regime for spell in found.trajectory.spells if spell.left is None} == {order} - {"continuity"}


def test_clubs_without_exits_part_camps_but_fragment_nothing() -> None:
    found = judged(clubs_alone(west)).regimes
    assert found["fragmentation"] == 0
    assert found["two_camps"] > 0.25


def test_a_tenth_of_the_seats_given_up_at_random_is_no_fragmentation() -> None:
    found = judged(at_random(0.12))
    assert found.trajectory.peak("left_by_others") > 0.1
    assert found.regimes["fragmentation"] < 0.25


def test_a_state_that_acts_is_not_one_of_the_others() -> None:
    def change(simulation: Simulation, luck: np.random.Generator) -> list[Event]:
        leave(simulation, (simulation.actors > 0)[:, None] & np.ones(simulation.world.member.shape, bool))
        return []

    assert judged(change).trajectory.peak("left_by_others") == 0
