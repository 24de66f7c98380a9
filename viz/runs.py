"""What a worker does for the browser: runs, packed for the stage, with the numbers of the outcome panel beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from abm.calendar import parse_quarter
from abm.config.experiment import Experiment
from abm.events import OCCURRENCES, Happening, occurrences
from viz import encoding

Part = Literal["run", "twin", "pair"]
LEAGUE = ("budget", "staff", "effectiveness", "legitimacy", "members")
"""Measures of organizations in the league table; all but members relative to rest."""
FOLLOWING_QUARTERS = 12
"""Quarters after the first announcement in which another state's announced exit counts as following it."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of one run for the tables beside the stage.

    `series` has shape (quarter, measure), `league` (quarter, measure, organization) with NaN where there is nothing,
    `leaders` (quarter, organization) holds rows of states or -1, `given` (quarter, state) what states give to all
    bodies, USD per year. `followers` counts exits that other states announce from bodies that the shocks aim at.
    """

    measures: tuple[str, ...]
    series: NDArray[np.float32]
    league: NDArray[np.float32]
    leaders: NDArray[np.int16]
    given: NDArray[np.float32]
    followers: int
    story: tuple[Happening, ...]
    """Every event, with codes."""
    network: Mapping[str, float]
    """Measures of the network at the end, where they were taken."""

    def at(self, quarter: int) -> dict[str, float]:
        """Return all measures of a quarter (negative: from the end)."""
        return dict(zip(self.measures, self.series[quarter].tolist(), strict=True))

    def last(self) -> dict[str, float]:
        """Return all measures of the last quarter, those of the network included."""
        return self.at(-1) | dict(self.network)

    def size(self) -> int:
        """Return about how many bytes it takes."""
        return sum(part.nbytes for part in (self.series, self.league, self.leaders, self.given))


@dataclass(frozen=True)
class Finished:
    """What the server keeps: bytes for the stage, numbers of the run, its twin, or both, and codes and names."""

    packed: bytes
    run: Numbers | None
    twin: Numbers | None
    states: tuple[str, ...]
    organizations: tuple[str, ...]
    organization_names: tuple[str, ...]
    actors: tuple[str, ...]

    def size(self) -> int:
        """Return about how many bytes it takes."""
        return len(self.packed) + sum(numbers.size() for numbers in (self.run, self.twin) if numbers is not None)


def carry_out(experiment: Experiment, number: int, part: Part) -> Finished:
    """Run one replicate, its twin, or both, and return what the browser needs of it."""
    run = None if part == "twin" else encoding.record(experiment, number, False, part == "pair")
    twin = None if part == "run" else encoding.record(experiment, number, True, part == "pair")
    first = run if run is not None else twin
    assert first is not None
    facts = first.facts
    return Finished(
        encoding.pack_series(first, twin) if part == "pair" else encoding.pack(first),
        None if run is None else _numbers(experiment, run),
        None if twin is None else _numbers(experiment, twin),
        tuple(facts["states"]),
        tuple(facts["organizations"]),
        tuple(facts["organization_names"]),
        tuple(facts["states"][row] for row in facts["actors"]),
    )


def _numbers(experiment: Experiment, recorded: encoding.Recorded) -> Numbers:
    """Return the numbers of one run."""
    bodies, states = list(encoding.BODY_SCALES), list(encoding.STATE_SCALES)
    return Numbers(
        recorded.measures,
        recorded.series.astype(np.float32),
        recorded.bodies[:, [bodies.index(name) for name in LEAGUE]].astype(np.float32),
        recorded.leaders.astype(np.int16),
        recorded.states[:, states.index("given")].astype(np.float32),
        _followers(experiment, recorded),
        _story(recorded),
        recorded.network,
    )


def _story(recorded: encoding.Recorded) -> tuple[Happening, ...]:
    """Return quarter, kind, actor and organization of every event, with codes."""
    states, bodies = ([*recorded.facts[name], ""] for name in ("states", "organizations"))
    return tuple((quarter, kind, states[actor], bodies[body]) for quarter, kind, actor, body, _ in recorded.events)


def occurrences_of(run: Finished | None, twin: Finished | None) -> dict[str, str]:
    """Return where each event of a run and of its twin occurs, one digit an event: its place in OCCURRENCES.

    Nothing is returned while one of the two is missing, and where no shock tells them apart.
    """
    if run is None or twin is None or run.run is None or twin.twin is None or not run.actors:
        return {}
    found = occurrences(run.run.story, twin.twin.story)
    places = ("".join(str(OCCURRENCES.index(mark)) for mark in marks) for marks in found)
    return dict(zip(("run", "twin"), places, strict=True))


def _followers(experiment: Experiment, recorded: encoding.Recorded) -> int:
    """Return how many exits others announce from bodies that shocks aim at within three years of the first shock."""
    if not experiment.shocks:
        return 0
    start = parse_quarter(experiment.world.start)
    first = min(parse_quarter(shock.announced) for shock in experiment.shocks) - start
    aimed, actors = set(recorded.facts["shocked"]), set(recorded.facts["actors"])
    found = {
        (actor, body)
        for quarter, kind, actor, body, _ in recorded.events
        if kind == "announce" and body in aimed and actor not in actors and 0 <= quarter - first <= FOLLOWING_QUARTERS
    }
    return len(found)
