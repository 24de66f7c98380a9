"""What a worker does for the browser: runs packed for the player, and the numbers of the outcome panel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from abm.config.experiment import Experiment
from abm.events import OCCURRENCES, Happening, occurrences
from abm.outcomes import outcomes_of_pair, outcomes_of_run
from abm.recording import Comparison, Recording
from viz import encoding

Part = Literal["run", "twin", "pair"]
LEAGUE = ("budget", "staff", "effectiveness", "legitimacy", "members")
"""Measures of organizations in the league table; all but members relative to rest."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of one run for the tables beside the player.

    `series` has shape (quarter, measure), `league` (quarter, measure, organization) with NaN where there is nothing,
    `leaders` (quarter, organization) holds rows of states or -1, `given` (quarter, state) what states give to all
    organizations, USD per year. `outcomes` are those of `abm.outcomes` that are made of one run.
    """

    measures: tuple[str, ...]
    series: NDArray[np.float32]
    league: NDArray[np.float32]
    leaders: NDArray[np.int16]
    given: NDArray[np.float32]
    outcomes: Mapping[str, float]
    story: tuple[Happening, ...]
    """Every event, with codes."""

    def at(self, quarter: int) -> dict[str, float]:
        """Return all measures of a quarter (negative: from the end)."""
        return dict(zip(self.measures, self.series[quarter].tolist(), strict=True))

    def size(self) -> int:
        """Return about how many bytes it takes."""
        return sum(part.nbytes for part in (self.series, self.league, self.leaders, self.given))


@dataclass(frozen=True)
class Finished:
    """What the server keeps: bytes for the player, numbers of the run, its twin, or both, and codes and names.

    `together` are the outcomes of `abm.outcomes` that a run and its twin have together, where both were run.
    """

    packed: bytes
    run: Numbers | None
    twin: Numbers | None
    states: tuple[str, ...]
    organizations: tuple[str, ...]
    organization_names: tuple[str, ...]
    actors: tuple[str, ...]
    together: Mapping[str, float] = field(default_factory=dict)

    def size(self) -> int:
        """Return about how many bytes it takes."""
        return len(self.packed) + sum(numbers.size() for numbers in (self.run, self.twin) if numbers is not None)


def carry_out(experiment: Experiment, number: int, part: Part) -> Finished:
    """Run one replicate, its twin, or both, and return what the browser needs of it."""
    wanted = {"run": (False,), "twin": (True,), "pair": (False, True)}[part]
    recordings: dict[bool, Recording] = {}
    shown: dict[bool, encoding.Recorded] = {}
    for is_twin in wanted:
        recordings[is_twin], ties = encoding.record_replicate(experiment, number, is_twin)
        shown[is_twin] = encoding.lay_out(recordings[is_twin], ties, number)
    numbers = {is_twin: _numbers(shown[is_twin], recordings[is_twin]) for is_twin in wanted}
    first = shown[wanted[0]]
    facts = first.facts
    pair = part == "pair"
    return Finished(
        encoding.pack_series(first, shown[True]) if pair else encoding.pack(first),
        numbers.get(False),
        numbers.get(True),
        tuple(facts["states"]),
        tuple(facts["organizations"]),
        tuple(facts["organization_names"]),
        tuple(facts["states"][row] for row in facts["actors"]),
        outcomes_of_pair(Comparison(recordings[False], recordings[True])) if pair else {},
    )


def _numbers(shown: encoding.Recorded, recording: Recording) -> Numbers:
    """Return the numbers of one run."""
    bodies, states = list(encoding.BODY_SCALES), list(encoding.STATE_SCALES)
    return Numbers(
        shown.measures,
        shown.series.astype(np.float32),
        shown.bodies[:, [bodies.index(name) for name in LEAGUE]].astype(np.float32),
        shown.leaders.astype(np.int16),
        shown.states[:, states.index("given")].astype(np.float32),
        outcomes_of_run(recording),
        _story(shown),
    )


def _story(shown: encoding.Recorded) -> tuple[Happening, ...]:
    """Return quarter, kind, actor and organization of every event, with codes."""
    states, bodies = ([*shown.facts[name], ""] for name in ("states", "organizations"))
    return tuple((quarter, kind, states[actor], bodies[body]) for quarter, kind, actor, body, _ in shown.events)


def occurrences_of(run: Finished | None, twin: Finished | None) -> dict[str, str]:
    """Return where each event of a run and of its twin occurs, one digit an event: its place in OCCURRENCES.

    Nothing is returned while one of the two is missing, and where no shock tells them apart.
    """
    if run is None or twin is None or run.run is None or twin.twin is None or not run.actors:
        return {}
    found = occurrences(run.run.story, twin.twin.story)
    places = ("".join(str(OCCURRENCES.index(mark)) for mark in marks) for marks in found)
    return dict(zip(("run", "twin"), places, strict=True))
