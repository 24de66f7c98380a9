"""What is recorded of a run.

    recording = record(Simulation(experiment, (seed, 0)))    # one run to its end

An observer is anything with `begin(simulation)` and `after_quarter(snapshot, events)`; `Simulation.run` and `record`
take any number of them. This module has `Series` (all measures), `Story` (events), `MoneyFlows` (who pays the
organizations that shocks aim at) and `FieldValues` (any other arrays of the world, quarter by quarter). The first three
are part of every recording; what `FieldValues` take are its `fields`. `abm.comparison` compares two recordings; what is
computed from them, such as followers or refill, is defined in `abm.outcomes`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.events import Event
from abm.measures import Snapshot, means, names, rows, scalars
from abm.membership_network import fragmentation
from abm.regime_trajectory import Course, Scene
from abm.simulation import Observer, Simulation
from abm.state.world import Array, Integers, World

NULL_DRAWS = 8
"""Number of random worlds with which the modularity at the end of a run is compared."""


class Watcher:
    """An observer that does nothing: a base for those that need only one of the two calls."""

    def begin(self, simulation: Simulation) -> None:
        """See `abm.simulation.Observer`."""

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """See `abm.simulation.Observer`."""


class Series(Watcher):
    """All measures, one entry per quarter.

    Shapes of an entry: `system` (measure,), `bodies` (measure, organization), `states` (measure, state), `in_scope` and
    `alive` (organization,). `leaders` and `powers` are the rows of the leading state and of the leading power
    (organization,), `positions` the adopted positions (organization, axis). Later quarters may have more organizations.
    `away` counts the shocked organizations in which an acting state takes no part.
    """

    def __init__(self) -> None:
        self.quarters: list[int] = []
        self.system: list[Array] = []
        self.bodies: list[Array] = []
        self.states: list[Array] = []
        self.in_scope: list[Array] = []
        self.alive: list[Array] = []
        self.codes: list[tuple[str, ...]] = []
        self.leaders: list[Integers] = []
        self.powers: list[Integers] = []
        self.positions: list[Array] = []
        self.away: list[float] = []

    def begin(self, simulation: Simulation) -> None:
        """Note who acts on what."""
        codes = simulation.world.organization_codes
        pairs = [(state, codes.index(code)) for code, states in simulation.actors_on.items() for state in states]
        self._pairs = tuple(np.array(pairs, np.int64).reshape(-1, 2).T)

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Record all measures."""
        world = snapshot.world
        self.quarters.append(world.quarter)
        self.system.append(scalars(snapshot, self.system[-1] if self.system else None))
        self.bodies.append(rows("body", snapshot))
        self.states.append(rows("state", snapshot))
        self.in_scope.append(world.in_scope)
        self.alive.append(world.alive.copy())
        self.codes.append(world.organization_codes)
        self.leaders.append(snapshot.leader)
        self.powers.append(snapshot.power)
        self.positions.append(world.organization_position)
        self.away.append(float((world.participation[self._pairs] == 0).sum()))

    def code_of(self, row: int, place: int) -> str:
        """Return the code of an organization's row in a quarter (0 is the first), "" for no row or an unused slot."""
        codes = self.codes[place]
        return codes[row] if 0 <= row < len(codes) else ""

    def means(self, mask: Array | None = None) -> Array:
        """Return means of organization measures over counted organizations; shape (quarter, measure).

        `mask` (built organization,) limits them to those marked with 1; organizations founded in the run are then
        left out.
        """
        return np.array([
            means(values, counted if mask is None else counted * np.pad(mask, (0, len(counted) - len(mask))))
            for values, counted in zip(self.bodies, self.in_scope, strict=True)
        ])  # fmt: skip


class Story(Watcher):
    """What happened: `events` holds pairs of a quarter's index and an event."""

    def __init__(self) -> None:
        self.events: list[tuple[int, Event]] = []

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Record the events."""
        self.events += [(snapshot.world.quarter, event) for event in events]


class MoneyFlows(Watcher):
    """Who paid what to the organizations with money at which shocks aim.

    `by_organization` maps a code to USD per quarter, shape (quarter, donor); the last donor is private money. `budgets`
    holds USD per year at rest, `rest` the money at rest (donor,).
    """

    def begin(self, simulation: Simulation) -> None:
        """Note the organizations and their money at rest."""
        world = simulation.world
        rows = np.flatnonzero(simulation.shocked * world.has_budget).tolist()
        self._rows = rows
        self.donors = (*world.state_codes, "private")
        codes = [world.organization_codes[row] for row in rows]
        self.budgets = {code: 4 * float(world.initial_budget[row]) for code, row in zip(codes, rows, strict=True)}
        self.rest = {code: _resting_money(world, row) for code, row in zip(codes, rows, strict=True)}
        self._given: list[Array] = []

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Record the money of the quarter."""
        self._given.append(np.vstack([snapshot.money[:, self._rows], snapshot.world.private_income[self._rows]]))

    @cached_property
    def by_organization(self) -> dict[str, Array]:
        """Money by organization; to be read when the run is over."""
        given = np.array(self._given)
        return {code: given[:, :, place].copy() for place, code in enumerate(self.rest)}

    def before(self, code: str, first: int) -> Array:
        """Return the mean flows to an organization in the four quarters before a quarter (0 is the first); (donor,)."""
        given = self.by_organization[code]
        usual = given[max(0, first - 4) : first] if first > 0 else self.rest[code][None]
        return np.asarray(usual.mean(axis=0))


def _stopped[Kept: (Series, MoneyFlows)](watcher: Kept) -> Kept:
    """Return a copy of an observer that keeps what it has recorded so far, and no more, while it goes on."""
    kept = copy(watcher)
    for name, value in vars(watcher).items():
        if isinstance(value, list):
            setattr(kept, name, value.copy())
        elif isinstance(getattr(type(watcher), name, None), cached_property):
            delattr(kept, name)
    return kept


class FieldValues(Watcher):
    """Arrays of the world by name, made by functions of the snapshot, after every quarter or every few of them.

    `every` is the number of quarters from one time to the next. With `start`, they are taken before the first quarter
    too. Later arrays may have more organizations: until then these have 0.
    """

    def __init__(
        self, functions: Mapping[str, Callable[[Snapshot], NDArray[Any]]], *, start: bool = False, every: int = 1
    ) -> None:
        self._functions = functions
        self._start = start
        self._every = every
        self._watched = 0
        self._room = 1
        self._kept: dict[str, NDArray[Any]] = {}
        self._taken = 0

    def begin(self, simulation: Simulation) -> None:
        """Make room for the whole run; record the start, if it is wanted."""
        self._room = 1 + simulation.experiment.quarters // self._every
        if self._start:
            self._take(simulation.snapshot())

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Record the arrays of the quarter, if it is its turn."""
        self._watched += 1
        if self._watched % self._every == 0:
            self._take(snapshot)

    @property
    def values(self) -> dict[str, NDArray[Any]]:
        """What was taken so far, by name, shape (time, ...); it stays as it is, and nobody can write into it."""
        found = {name: kept[: self._taken] for name, kept in self._kept.items()}
        for view in found.values():
            view.flags.writeable = False
        return found

    def _take(self, snapshot: Snapshot) -> None:
        """Write the arrays behind those taken before: a run that is kept at several lengths shares them."""
        for name, function in self._functions.items():
            array = np.asarray(function(snapshot))
            kept = self._kept.get(name)
            if kept is None:
                kept = np.empty((self._room, *array.shape), array.dtype)
            if self._taken == len(kept):
                kept = np.concatenate([kept, np.empty_like(kept)])
            if array.shape != kept.shape[1:]:  # clubs were founded
                more = [(0, new - old) for new, old in zip(array.shape, kept.shape[1:], strict=True)]
                kept = np.pad(kept, [(0, 0), *more])
            kept[self._taken] = array
            self._kept[name] = kept
        self._taken += 1


def _resting_money(world: World, column: int) -> Array:
    """Return all money to one organization by donor at rest, USD per quarter; shape (state + 1,)."""
    return np.append(world.dues_rate[:, column] * world.member[:, column] + world.initial_voluntary[:, column], 0.0)


@dataclass
class Recording:
    """What one run left.

    `simulation` is the run at its end; `shocked` (built organization,) marks the organizations that `shocked.` measures
    cover. `is_twin` marks a run without shocks that stands beside one with them. `fields` holds by name what
    `FieldValues` took beside the measures, the time first.

    `bodies`, `states`, `alive` and `positions` are of the states and the organizations built with the world.
    """

    simulation: Simulation
    series: Series
    events: list[tuple[int, Event]]
    money: MoneyFlows
    shocked: Array
    is_twin: bool = False
    fields: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """The world at the end of the run."""
        return self.simulation.world

    @property
    def quarters(self) -> list[int]:
        """Indexes of the quarters that were run."""
        return self.series.quarters

    @property
    def years(self) -> float:
        """Length of the run."""
        return len(self.quarters) / 4

    @property
    def actors(self) -> tuple[str, ...]:
        """Codes of the states that act in shocks, in the order of the world."""
        codes = self.world.state_codes
        return tuple(code for code, acts in zip(codes, self.simulation.actors, strict=True) if acts)

    @cached_property
    def measures(self) -> dict[str, Array]:
        """Measures by name: of the system, means over organizations, and over shocked ones; shape (quarter,)."""
        blocks = [(names("system"), np.array(self.series.system)), (names("body"), self.series.means())]
        if self.shocked.any():
            shocked = tuple(f"shocked.{name}" for name in names("body"))
            blocks.append((shocked, self.series.means(self.shocked)))
        found = [(name, values[:, place]) for block, values in blocks for place, name in enumerate(block)]
        return dict(found)

    @cached_property
    def bodies(self) -> dict[str, Array]:
        """Measures of organizations by name; shape (quarter, organization)."""
        values = np.array([values[:, : self.world.built] for values in self.series.bodies])
        return {name: values[:, place] for place, name in enumerate(names("body"))}

    @cached_property
    def states(self) -> dict[str, Array]:
        """Measures of states by name; shape (quarter, state)."""
        values = np.array(self.series.states)
        return {name: values[:, place] for place, name in enumerate(names("state"))}

    @cached_property
    def alive(self) -> Array:
        """1 for organizations that live; shape (quarter, organization)."""
        return np.array([values[: self.world.built] for values in self.series.alive])

    @cached_property
    def positions(self) -> Array:
        """Adopted positions, ideal points; shape (quarter, organization, axis)."""
        return np.array([values[: self.world.built] for values in self.series.positions])

    @cached_property
    def course(self) -> Course:
        """What regimes are judged by, quarter by quarter."""
        founded = np.array([quarter for quarter, event in self.events if event.kind == "founded"])
        return Course(
            quarters=tuple(self.quarters),
            system=self.measures,
            bodies=self.bodies,
            alive=self.alive,
            leader=np.array([rows_[: self.world.built] for rows_ in self.series.leaders]),
            position=self.positions,
            holdings=self.states["holdings"],
            given=self.states["dues_paid"] + self.states["gifts"],
            births=(founded[None] <= np.array(self.quarters)[:, None]).sum(axis=1).astype(float),
        )

    @cached_property
    def scene(self) -> Scene:
        """What regimes are judged by that does not change in a run."""
        world = self.world
        alone = [np.array([row]) for row in np.flatnonzero(world.bloc < 0)]
        return Scene(
            known=world.members_known[: world.built],
            shocked=self.shocked,
            issue=world.issue[: world.built].astype(int),
            actors=self.simulation.actors,
            powers=[*alone, *world.blocs],
        )

    @cached_property
    def network(self) -> dict[str, float]:
        """Measures of the network in the last quarter (slow); see `abm.membership_network.fragmentation`."""
        return fragmentation(self.world, 0, draws=NULL_DRAWS)

    def last(self) -> dict[str, float]:
        """Return all measures of the last quarter except those of the network."""
        return {name: float(values[-1]) for name, values in self.measures.items()}

    def count(self, *kinds: str) -> int:
        """Return the number of events of these kinds."""
        return sum(event.kind in kinds for _, event in self.events)

    def events_of(self, *kinds: str) -> list[tuple[int, Event]]:
        """Return the events of these kinds (of all, if none is named), each with its place: 0 is the first quarter."""
        start = self.world.start
        return [(quarter - start, event) for quarter, event in self.events if not kinds or event.kind in kinds]

    def stopped(self) -> "Recording":
        """Return what a run of the quarters so far leaves; it can be kept while the simulation goes on."""
        parts = _stopped(self.series), self.events.copy(), _stopped(self.money)
        return Recording(self.simulation.stopped(), *parts, self.shocked, self.is_twin, self.fields)


def record(simulation: Simulation, *observers: Observer, is_twin: bool = False) -> Recording:
    """Run a simulation to its end and return what it left; `observers` watch it as well."""
    *_, whole = recordings(simulation, *observers, is_twin=is_twin)
    return whole


def record_each(
    simulation: Simulation, lengths: Collection[int], *observers: Observer, is_twin: bool = False
) -> dict[int, Recording]:
    """Run a simulation to its end; return, by length, what runs of some lengths (in quarters) would have left.

    A run does not know how long it will be, so that one serves all.
    """
    found = recordings(simulation, *observers, is_twin=is_twin)
    return {len(one.quarters): one.stopped() for one in found if len(one.quarters) in lengths}


def recordings(simulation: Simulation, *observers: Observer, is_twin: bool = False) -> Iterator[Recording]:
    """Run a simulation and yield after each quarter what it has left so far; the last recording is the whole run.

    Read each recording before you ask for the next, or keep what it returns as `stopped`: they share what observers
    record. What `FieldValues` among the observers take are the recording's `fields`.
    """
    series, story, money = Series(), Story(), MoneyFlows()
    watching = [observer for observer in observers if isinstance(observer, FieldValues)]
    for _ in simulation.running((series, story, money, *observers)):
        fields = {name: values for watcher in watching for name, values in watcher.values.items()}
        yield Recording(simulation, series, story.events, money, simulation.shocked, is_twin, fields)
