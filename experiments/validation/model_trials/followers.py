"""Trials of exits: who follows the United States out, and whether it comes back."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from abm.calendar import parse_quarter
from abm.outcomes import FOLLOWING_QUARTERS, following
from abm.recording import Story
from abm.rng import stream
from abm.simulation import Simulation
from abm.state.world import Array, World
from experiments.validation.nulls import NullWorld
from experiments.validation.readings import SEED, Reading, Readings, scenario

RETURN_QUARTERS = 20


@dataclass(frozen=True)
class Episode:
    """An exit: scenario, organization, quarters of announcement and effect (none if taken back), followers observed.

    `joint`: whether pattern 2 counts it; the exit of 1984 lies in the sample of the published logit. `mutual`: whether
    the organization is a treaty of mutual obligation.
    """

    name: str
    body: str
    announced: str
    effective: str | None
    observed_followers: int
    joint: bool = True
    mutual: bool = False


EPISODES = (
    Episode("unesco-1984", "UNESCO", "2025Q4", "2027Q1", 2, joint=False),
    Episode("unesco-2017", "UNESCO", "2017Q4", "2019Q1", 1),
    Episode("paris-2017", "Paris Agreement", "2017Q2", "2020Q4", 0, mutual=True),
    Episode("who-2020", "WHO", "2020Q3", None, 0),
)
JOINT = tuple(episode for episode in EPISODES if episode.joint)
MOST = 4
"""Followers from which on numbers are counted together."""
FAR = 0.3
"""Percentile of agreement below which a follower is a rival."""


def exits(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Run every episode once, in the model and in both nulls."""
    found: dict[str, Reading] = {"model": {}, "n0": {}, "n1": {}}
    for episode in EPISODES:
        announced = parse_quarter(episode.announced)
        last = parse_quarter(episode.effective) + RETURN_QUARTERS if episode.effective else announced
        end = max(last, announced + FOLLOWING_QUARTERS)
        experiment = scenario(episode.name, *overrides)
        first = parse_quarter(experiment.world.start)
        simulation = Simulation(experiment.with_values({"quarters": end - first + 1}), (SEED, number))
        near = percentiles(simulation.world, episode.body)
        for name in ("n0", "n1"):
            found[name][episode.name] = _null_exit(simulation.world, episode, near, name, number)
        found["model"][episode.name] = _run(simulation, episode, near)
    return dict(found)


def percentiles(world: World, body: str) -> Mapping[int, float]:
    """Return the percentile (0..1) of each other member's voting agreement with the United States at the start."""
    usa, column = world.state_codes.index("USA"), world.organization_codes.index(body)
    rows = np.flatnonzero(world.member[:, column])
    rows = rows[rows != usa]
    agreement = world.agreement[rows, usa]
    below = (agreement[:, None] > agreement).mean(axis=1) + (agreement[:, None] == agreement).mean(axis=1) / 2
    return dict(zip(rows.tolist(), below.tolist(), strict=True))


def _run(simulation: Simulation, episode: Episode, near: Mapping[int, float]) -> Reading:
    """Return followers, how near they are, and whether the leaver is back five years after the effect."""
    world = simulation.world
    usa, column = world.state_codes.index("USA"), world.organization_codes.index(episode.body)
    story = Story()
    simulation.run([story])
    own = [(quarter, event) for quarter, event in story.events if event.organization == column]
    followed = following(own, {episode.body: parse_quarter(episode.announced)}, {usa})
    back = any(event.kind in ("return", "notice_withdrawn") and event.actor == usa for _, event in own)
    return _followed({event.actor for _, event in followed}, near) | {"back": float(back)}


def _followed(followers: set[int], near: Mapping[int, float]) -> Reading:
    """Return the number of followers, the sum of their percentiles, and how many are far from the leaver."""
    known = [near[row] for row in sorted(followers) if row in near]
    far = sum(percentile < FAR for percentile in known)
    return {"followers": len(known), "nearness": float(sum(known)), "far": float(far)}


def _null_exit(world: World, episode: Episode, near: Mapping[int, float], name: str, number: int) -> Reading:
    """Return the followers in a null model; nobody comes back there."""
    null, usa = NullWorld.of(world, name == "n1"), world.state_codes.index("USA")
    column = world.organization_codes.index(episode.body)
    one = slice(column, column + 1)
    null = NullWorld(
        null.members[:, one], null.alive[one], null.distance[:, one], null.exitable[one],
        np.array([usa]), null.logit, null.fresh[one],
    )  # fmt: skip
    random, followers = stream((SEED, number), name, episode.name), set()
    announced = parse_quarter(episode.announced)
    for quarter in range(announced, announced + FOLLOWING_QUARTERS + 1):
        if episode.effective and quarter == parse_quarter(episode.effective):
            null.leave(_only(usa, len(null.members)) * null.members)
        left, _ = null.step(random, deaths=False)
        followers |= set(np.flatnonzero(left[:, 0]).tolist()) - {usa}
    return _followed(followers, near) | {"back": 0.0}


def _only(row: int, count: int) -> Array:
    """Return a column of zeros with a one at a row, (state, 1)."""
    column = np.zeros((count, 1))
    column[row] = 1.0
    return column
