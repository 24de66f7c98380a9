"""What a worker does for the browser: runs packed for the player, and the numbers of the outcome panel."""

import os
import pickle
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from abm.comparison import Comparison
from abm.config.experiment import Experiment
from abm.events import OCCURRENCES, Happening, occurrences
from abm.outcomes import REFILL_QUARTERS, Follower, followers, outcomes_of_pair, outcomes_of_run, refills
from abm.recording import Recording
from abm.simulation import Simulation
from viz import packed_run

Part = Literal["run", "twin", "pair"]


GROWTH = 24
"""Quarters after which a run that grows is sent again, unless it is about to end."""
MOST_LEFT = 20
"""Recordings on a shelf, of some 26 MB each; the one that was not asked for longest goes."""


class NoLongerWantedError(Exception):
    """A run was ended, since nobody waits for it any more."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of one run for the tables beside the player.

    `series` has shape (quarter, measure). `given`, `trust` and `influence` (quarter, state) are
    what states give to all organizations (USD per year), their trust in who acts, and their share in agendas. `money`
    (quarter, donor) is what the leading case gets, USD per quarter, private money last; `budgets` (quarter,
    organization) are those of all organizations, 1 at rest, NaN where there is none. `outcomes` are those of
    `abm.outcomes` that are made of one run.
    """

    measures: tuple[str, ...]
    series: NDArray[np.float32]
    given: NDArray[np.float32]
    trust: NDArray[np.float32]
    influence: NDArray[np.float32]
    money: NDArray[np.float32]
    budgets: NDArray[np.float32]
    outcomes: Mapping[str, float]
    story: tuple[Happening, ...]
    """Every event, with codes."""
    followers: tuple[Follower, ...]
    """Who follows out of shocked organizations."""

    def at(self, quarter: int) -> dict[str, float]:
        """Return all measures of a quarter (negative: from the end)."""
        return dict(zip(self.measures, self.series[quarter].tolist(), strict=True))

    def size(self) -> int:
        """Return about how many bytes it takes."""
        parts = (self.series, self.given, self.trust, self.influence, self.money, self.budgets)
        return sum(part.nbytes for part in parts)


@dataclass(frozen=True)
class LeadingCase:
    """The organization whose money is told as a case: of those with money that shocks aim at, the one that loses most.

    `code` is "" where there is none; `leavers` are rows of the states that leave it, `budget` is USD a year at rest,
    `first_act` the quarter (0 the first) of the first act on it.
    """

    code: str = ""
    leavers: tuple[int, ...] = ()
    budget: float = 0.0
    first_act: int = 0


NO_CASE = LeadingCase()


@dataclass(frozen=True)
class Finished:
    """What the server keeps: bytes for the player, numbers of the run, its twin, or both, and codes and names.

    `together` are the outcomes of `abm.outcomes` that a run and its twin have together, where both were run, and the
    refill of the leading case (`case.refill_4` and so on).
    """

    packed: bytes
    run: Numbers | None
    twin: Numbers | None
    states: tuple[str, ...]
    organizations: tuple[str, ...]
    organization_names: tuple[str, ...]
    actors: tuple[str, ...]
    camps: tuple[int, ...] = ()
    shocked: tuple[str, ...] = ()
    sizes: tuple[float, ...] = ()
    """Budgets of organizations at rest, USD a year."""
    case: LeadingCase = NO_CASE
    together: Mapping[str, float] = field(default_factory=dict)

    def size(self) -> int:
        """Return about how many bytes it takes."""
        return len(self.packed) + sum(numbers.size() for numbers in (self.run, self.twin) if numbers is not None)


def carry_out(
    experiment: Experiment, number: int, part: Part, shelf: Path | None = None, line: Connection | None = None
) -> Finished:
    """Run one replicate, its twin, or both, and return what the browser needs of it.

    On the `shelf`, a folder of this server, a run that is asked for alone is left for the pair that follows, and a twin
    for all that share it. Through the `line` a run that is asked for alone is sent as it grows; anything that comes
    from its other end says that nobody waits any more. Raises NoLongerWantedError then.
    """
    parts = {"run": (False,), "twin": (True,), "pair": (False, True)}[part]
    recordings: dict[bool, Recording] = {}
    shown: dict[bool, packed_run.Recorded] = {}
    with threadpool_limits(limits=1):  # products split over threads would round otherwise
        for is_twin in parts:
            recordings[is_twin] = _recorded(experiment, number, is_twin, part, shelf, line)
            shown[is_twin] = packed_run.lay_out(recordings[is_twin], number)
    case = leading_case(recordings[parts[0]])
    numbers = {is_twin: _numbers(shown[is_twin], recordings[is_twin], case) for is_twin in parts}
    first = shown[parts[0]]
    facts = first.facts
    pair = part == "pair"
    return Finished(
        packed_run.pack_series(first, shown[True]) if pair else packed_run.pack(first),
        numbers.get(False),
        numbers.get(True),
        tuple(facts["states"]),
        tuple(facts["organizations"]),
        tuple(facts["organization_names"]),
        tuple(facts["states"][row] for row in facts["actors"]),
        tuple(facts["camps"]),
        tuple(facts["organizations"][row] for row in facts["shocked"]),
        tuple(facts["budgets"]),
        case,
        _together(Comparison(recordings[False], recordings[True]), case) if pair else {},
    )


def _recorded(
    experiment: Experiment, number: int, is_twin: bool, part: Part, shelf: Path | None, line: Connection | None
) -> Recording:
    """Return a run or a twin, from the shelf where it is there."""
    simulation = packed_run.simulation_of(experiment, number, is_twin)
    name = f"{twin_key(simulation, number)}-twin" if is_twin else f"{experiment.digest()}-{number}-run"
    file = shelf / name if shelf and (is_twin or part != "run") else None
    found = take_from_shelf(file, stays=is_twin) if file else None
    if found is None:
        found = _run(simulation, number, is_twin, line, grows=part == "run")
        if shelf and (is_twin or part == "run"):
            leave_on_shelf(shelf / name, found)
    return found


def twin_of(experiment: Experiment, number: int) -> str:
    """Return the key of a twin of an experiment."""
    return twin_key(packed_run.simulation_of(experiment, number, True), number)


def twin_key(simulation: Simulation, number: int) -> str:
    """Return what decides a twin, before its first quarter: two with the same key are one run, whatever their shocks.

    It is the world, its parameters and its seed, and what is taken down of it because of the shocks.
    """
    return sha256(repr((simulation.experiment.digest(), number, *simulation.looked_at)).encode()).hexdigest()


def _run(simulation: Simulation, number: int, is_twin: bool, line: Connection | None, grows: bool) -> Recording:
    """Run a simulation, with an eye on the line after each quarter."""
    last = simulation.experiment.quarters - GROWTH
    for place, found in enumerate(packed_run.quarters(simulation, is_twin), start=1):
        if line is None:
            continue
        if line.poll():
            raise NoLongerWantedError
        if grows and place % GROWTH == 0 and place <= last:
            line.send_bytes(packed_run.pack(packed_run.lay_out(found, number)))
    return found


def leave_on_shelf(file: Path, recorded: Recording) -> None:
    """Leave a recording on the shelf; it is there as a whole or not at all.

    Arrays are written as they lie in memory, since a copy of all would take as long as a tenth of the run.
    """
    arrays: list[pickle.PickleBuffer] = []
    head = pickle.dumps(recorded, pickle.HIGHEST_PROTOCOL, buffer_callback=arrays.append)
    partial = file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # a full disk costs a run that is done twice
        with partial.open("wb") as opened:
            pickle.dump((head, [array.raw().nbytes for array in arrays]), opened)
            opened.writelines(array.raw() for array in arrays)
        partial.replace(file)
        for old in sorted(file.parent.iterdir(), key=lambda one: one.stat().st_mtime)[:-MOST_LEFT]:
            old.unlink()


def take_from_shelf(file: Path, stays: bool) -> Recording | None:
    """Take a recording from the shelf, where it `stays` for others or not; None where there is none."""
    try:
        with file.open("rb") as opened:
            head, sizes = pickle.load(opened)
            data = memoryview(opened.read())
        arrays = [data[end - size : end] for size, end in zip(sizes, accumulate(sizes), strict=True)]
        found: Recording = pickle.loads(head, buffers=arrays)
        if stays:
            file.touch()
        else:
            file.unlink()
    except OSError:
        return None
    return found


def leading_case(recording: Recording) -> LeadingCase:
    """Return the organization that loses most when all its leavers' money at rest is gone."""
    money, simulation = recording.money, recording.simulation
    at_stake = {code: float(rest[list(simulation.actors_on[code])].sum()) for code, rest in money.rest.items()}
    code = max(at_stake, key=lambda one: at_stake[one], default="")
    if not code or at_stake[code] <= 0:
        return NO_CASE
    act = simulation.first_acts[code] - simulation.world.start
    return LeadingCase(code, tuple(simulation.actors_on[code]), money.budgets[code], act)


def _together(comparison: Comparison, case: LeadingCase) -> dict[str, float]:
    """Return what a run and its twin have together."""
    found = outcomes_of_pair(comparison)
    for after in REFILL_QUARTERS if case.code else ():
        one = refills(comparison, after).get(case.code)
        found[f"case.refill_{after}"] = one.share if one else np.nan
        found["case.lost_share"] = one.lost_share if one else found.get("case.lost_share", np.nan)
    return found


def _numbers(shown: packed_run.Recorded, recording: Recording, case: LeadingCase) -> Numbers:
    """Return the numbers of one run."""
    states = list(packed_run.STATE_SCALES)
    given, trust, influence = (
        shown.states[:, states.index(name)].astype(np.float32) for name in ("given", "trust_in_actor", "agenda_share")
    )
    money = recording.money.by_organization.get(case.code, np.zeros((len(shown.series), len(recording.money.donors))))
    return Numbers(
        shown.measures,
        shown.series.astype(np.float32),
        given,
        trust,
        influence,
        money.astype(np.float32),
        shown.bodies[:, list(packed_run.BODY_SCALES).index("budget")].astype(np.float32),
        outcomes_of_run(recording),
        _story(shown),
        tuple(followers(recording)),
    )


def _story(shown: packed_run.Recorded) -> tuple[Happening, ...]:
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
