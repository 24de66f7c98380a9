"""What claims look at: the trace of one run, and the pair of a run and its no-shock twin.

A trace is made of a recording and takes its place, for two reasons. It has what only claims look at, such as all money
by state and organization in every quarter; in single precision, since a job keeps the runs of many claims. And it can
be cut to its first quarters, so that one long twin serves cases of every length. A recording cannot: it ends with its
simulation, whose last quarter is that of the whole run.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.config.experiment import Experiment
from abm.data.table import number
from abm.events import Event
from abm.measures import Snapshot, names
from abm.processes.membership import Membership, MembershipParameters, exit_log_odds
from abm.processes.politics import Politics, turnover_probability
from abm.recording import FieldValues, Watcher, record
from abm.shocks.targets import aims
from abm.simulation import Simulation, acts_of
from abm.state.world import World

Values = NDArray[np.float32]
Rows = NDArray[np.bool_]
KEPT = ("agenda_share", "posts_share", "participation", "commitment", "legitimacy")
"""Fields of state and organization that a trace keeps for every quarter, beside all money."""
TABLES = ("pairs", "bodies", "states", "system")
ARRAYS = ("trust", "agreement", "deals", "adopted", "votes", "turnover", "alive")
"""Parts of a trace with one entry per quarter: tables of arrays, and arrays."""
HAZARD_EVERY = 4
"""Quarters from one record of the log-odds of exit to the next."""


@dataclass
class Trace:
    """One run, quarter by quarter; organizations are those built with the world.

    `pairs` holds arrays (quarter, state, organization): the fields of KEPT and `money`, USD per quarter. `bodies` and
    `states` hold measures, (quarter, organization) and (quarter, state). `trust` and roll-call `agreement` are
    (quarter, state, state). `adopted` and `votes` are positions (quarter, organization or state, axis). `log_odds` are
    those of exit at the published means, (year, state, organization). `turnover` is the probability that an election
    now would change the government, (quarter, state). `deals` are those of a state with a leaver, (quarter, state,
    leaver). `income` is GDP per person, USD a year, (state,).
    """

    experiment: Experiment
    world: World
    income: NDArray[np.float64]
    pairs: dict[str, Values]
    bodies: dict[str, Values]
    states: dict[str, Values]
    system: dict[str, Values]
    trust: Values
    agreement: Values
    deals: Values
    adopted: Values
    votes: Values
    log_odds: Values
    turnover: Values
    alive: Values
    events: list[tuple[int, Event]]

    def first(self, quarters: int) -> "Trace":
        """Return the first quarters of the trace: a run does not know how long it will be."""
        if quarters == len(self.alive):
            return self
        cut: dict[str, Any] = {name: getattr(self, name)[:quarters] for name in ARRAYS}
        for name in TABLES:
            cut[name] = {key: values[:quarters] for key, values in getattr(self, name).items()}
        events = [(quarter, event) for quarter, event in self.events if quarter < self.world.start + quarters]
        return replace(self, **cut, events=events, log_odds=self.log_odds[: quarters // HAZARD_EVERY])

    def window(self, first: int, last: int) -> slice:
        """Return the quarters of the calendar years `first` to `last`, both included."""
        return slice(max(4 * first - self.world.start, 0), 4 * last + 4 - self.world.start)

    def row(self, code: str) -> int:
        """Return the row of a state."""
        return self.world.state_codes.index(code)

    def bodies_called(self, codes: Iterable[str]) -> Rows:
        """Return which organizations have one of these codes; shape (organization,)."""
        wanted = set(codes)
        return np.array([code in wanted for code in self.world.organization_codes[: self.world.built]])

    def events_of(self, kinds: Iterable[str]) -> list[tuple[int, Event]]:
        """Return quarter (counted from the start) and event of everything of some kinds."""
        wanted = set(kinds)
        return [(quarter - self.world.start, event) for quarter, event in self.events if event.kind in wanted]

    def founded_by(self, states: Rows) -> int:
        """Return how many clubs some states founded; `states` has shape (state,)."""
        return sum(bool(states[event.actor]) for _, event in self.events_of(["founded"]))


@dataclass
class Pair:
    """A run with shocks and its twin; `actor` is the row of the state that acts first, `shocked` (organization,)."""

    run: Trace
    twin: Trace
    actor: int
    shocked: Rows

    @cached_property
    def others(self) -> Rows:
        """Return all states but the actor; shape (state,)."""
        return np.arange(len(self.run.world.gdp)) != self.actor

    @cached_property
    def concerned(self) -> Rows:
        """Return the shocked organizations that live to the end in both worlds and whose members are known."""
        return self.shocked & (self.run.alive[-1] * self.twin.alive[-1] * self._known > 0)

    @property
    def _known(self) -> NDArray[np.float64]:
        return self.run.world.members_known[: self.run.world.built]

    @cached_property
    def funded(self) -> Rows:
        """Return the organizations concerned that have money."""
        return self.concerned & (self.run.world.has_budget[: self.run.world.built] > 0)

    @cached_property
    def left(self) -> Rows:
        """Return the organizations concerned from which the actor is away at any time, and not so in the twin."""
        away = (self.run.pairs["participation"][:, self.actor] == 0) & (
            self.twin.pairs["participation"][:, self.actor] > 0
        )
        return np.asarray(self.concerned & away.any(axis=0))

    def change(self, measure: str, bodies: Rows, first: int, last: int) -> float:
        """Return run minus twin of a measure, mean over some organizations and the years `first` to `last`."""
        when = self.run.window(first, last)
        return mean((self.run.bodies[measure] - self.twin.bodies[measure])[when][:, bodies])

    def share(self, values: str, states: Rows, bodies: Rows, first: int, last: int) -> tuple[float, float]:
        """Return what states hold in organizations, mean over organizations and years, in the run and in the twin."""
        when = self.run.window(first, last)
        held = [trace.pairs[values][when][:, states][:, :, bodies] for trace in (self.run, self.twin)]
        return mean(held[0].sum(axis=1)), mean(held[1].sum(axis=1))

    def stayers(self, values: str, bodies: Rows, first: int, last: int, states: Rows | None = None) -> float:
        """Return the relative change against the twin of what members hold that take part in both worlds.

        The actor does not count; `states` narrows the members, all others by default.
        """
        when = self.run.window(first, last)
        among = self.others if states is None else states & self.others
        weight = self.run.pairs["participation"][when] * self.twin.pairs["participation"][when]
        weight = weight * among[:, None] * bodies
        held = [float((trace.pairs[values][when] * weight).sum()) for trace in (self.run, self.twin)]
        return held[0] / held[1] - 1 if held[1] > 0 else float("nan")

    def lost_money(self, bodies: Rows, first: int, last: int) -> NDArray[np.float64]:
        """Return what the actor gives less than in the twin, USD a year; shape (some organizations,)."""
        when = self.run.window(first, last)
        given = [trace.pairs["money"][when, self.actor][:, bodies] for trace in (self.run, self.twin)]
        return np.asarray(4 * (given[1] - given[0]).mean(axis=0), float)

    def losing(self, first: int, last: int, least: float = 0.01) -> Rows:
        """Return the funded organizations in which the actor's loss is at least a share of the budget at rest."""
        every = np.ones(self.run.world.built, bool)
        rest = 4 * self.run.world.initial_budget[: self.run.world.built]
        return self.funded & (self.lost_money(every, first, last) >= least * np.maximum(rest, 1.0))

    def farther(self, bodies: Rows, first: int, last: int) -> float:
        """Return how much farther adopted positions are from what the actor wants than in the twin, ideal points.

        The actor is looked at where it votes in the twin, so that its own turns do not count.
        """
        when = self.run.window(first, last)
        seat = self.twin.votes[when, self.actor][:, None]
        gaps = [np.linalg.norm(trace.adopted[when][:, bodies] - seat, axis=2) for trace in (self.run, self.twin)]
        return mean(gaps[0] - gaps[1])

    def trust_lost(self, states: Rows, first: int, last: int) -> float:
        """Return how much less some states trust the actor than in the twin."""
        when = self.run.window(first, last)
        among = states & self.others
        return mean((self.twin.trust - self.run.trust)[when][:, among, self.actor])


def mean(values: NDArray[np.floating]) -> float:
    """Return the mean of what is a number, NaN where nothing is."""
    found = values[np.isfinite(values)]
    return float(found.mean()) if found.size else float("nan")


def trace(experiment: Experiment, replicate: int) -> Trace:
    """Run an experiment once and return its trace."""
    simulation = Simulation(experiment, (experiment.seed, replicate))
    built, taken, hazards = simulation.world.built, FieldValues(_taken(simulation)), Hazards()
    run = record(simulation, taken, hazards)
    kept = taken.values
    pairs = {name: kept.pop(name) for name in (*KEPT, "money")}
    return Trace(
        experiment=simulation.drawn,
        world=simulation.world,
        income=_income(simulation),
        pairs=pairs,
        bodies=_measures("body", [block[:, :built] for block in run.series.bodies])
        | {name: kept.pop(name) for name in ("spending", "private_income")},
        states=_measures("state", run.series.states)
        | {name: kept.pop(name) for name in ("votes_won_number", "votes_cast_number")},
        system=_measures("system", run.series.system),
        events=run.events,
        log_odds=np.array(hazards.found),
        **kept,
    )


def _income(simulation: Simulation) -> NDArray[np.float64]:
    """Return GDP of a person; states without a population in the tables count as one of a million people."""
    people = number(simulation.tables.states, "population", blank=1e6)
    return np.asarray(simulation.world.gdp / np.maximum(people, 1.0))


def _measures(kind: str, blocks: list[NDArray[np.float64]]) -> dict[str, Values]:
    """Return recorded measures by name, quarter first."""
    values = np.array(blocks, np.float32)  # (quarter, measure, ...)
    return {name: values[:, place] for place, name in enumerate(names(kind))}


def _taken(simulation: Simulation) -> dict[str, Callable[[Snapshot], Values]]:
    """Return what is taken of every quarter beside the measures, in single precision."""
    built, politics = simulation.world.built, simulation.drawn.values_of(Politics)
    parts: dict[str, Callable[[World], NDArray[np.float64]]] = {
        "money": lambda world: world.money[:, :built],
        "spending": lambda world: world.spending[:built],
        "private_income": lambda world: world.private_income[:built],
        "votes_won_number": lambda world: world.votes_won,
        "votes_cast_number": lambda world: world.votes_cast,
        "trust": lambda world: world.trust,
        "agreement": lambda world: world.agreement,
        "deals": lambda world: world.deals,
        "adopted": lambda world: world.organization_position[:built],
        "votes": lambda world: world.voting_position,
        "alive": lambda world: world.alive[:built],
        "turnover": lambda world: turnover_probability(world, politics),
    }
    parts |= {name: partial(_field, name=name) for name in KEPT}
    return {name: partial(_single, function=function) for name, function in parts.items()}


def _field(world: World, name: str) -> NDArray[np.float64]:
    """Return a field of state and organization, for the organizations built with the world."""
    return np.asarray(getattr(world, name)[:, : world.built])


def _single(snapshot: Snapshot, function: Callable[[World], NDArray[np.float64]]) -> Values:
    """Return what a function gives of the world, in single precision."""
    return function(snapshot.world).astype(np.float32)


class Hazards(Watcher):
    """Takes the log-odds of exit once a year: `found` has an array (state, organization) for each."""

    def begin(self, simulation: Simulation) -> None:
        """Note the coefficients."""
        self.found: list[Values] = []
        self._values = simulation.drawn.values_of(Membership)

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Take the log-odds at the end of a year."""
        if (snapshot.world.quarter + 1 - snapshot.world.start) % HAZARD_EVERY == 0:
            self.found.append(hazard(snapshot.world, self._values).astype(np.float32))


def hazard(world: World, values: MembershipParameters) -> NDArray[np.float64]:
    """Return the yearly log-odds of exit at the published means of the coefficients; shape (state, organization)."""
    return exit_log_odds(world, values, np.zeros(3))[:, : world.built]


def pair_up(experiment: Experiment, run: Trace, twin: Trace) -> Pair:
    """Return the pair of a run of an experiment and its twin."""
    shocks = acts_of(experiment, run.world)
    shocked, focus = aims(run.world, shocks)
    return Pair(run, twin, int(focus.argmax()), shocked > 0)
