"""What is recorded of a run.

    recording = record(Simulation(experiment, (seed, 0)))    # one run to its end

An observer is anything with `begin(simulation)` and `after_quarter(snapshot, events)`; `Simulation.run` and `record`
take any number of them. This module has `Series` (all measures), `Story` (events), `MoneyFlows` (who pays the
organizations that shocks aim at) and `FieldValues` (any other arrays of the world, quarter by quarter). The first three
are part of every recording. `abm.comparison` compares two of them; what is computed from recordings, such as followers
or refill, is defined in `abm.outcomes`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.events import Event
from abm.measures import Snapshot, means, names, rows, scalars
from abm.measures.base import blocs
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


class FieldValues(Watcher):
    """Arrays of the world by name, made by functions of the snapshot; with `start`, also before the first quarter.

    `values` stacks them: shape (quarter, ...), or (quarter + 1, ...) with the start.
    """

    def __init__(self, functions: Mapping[str, Callable[[Snapshot], NDArray[Any]]], *, start: bool = False) -> None:
        self._functions = functions
        self._start = start
        self.rows: dict[str, list[NDArray[Any]]] = {name: [] for name in functions}

    def begin(self, simulation: Simulation) -> None:
        """Record the start, if it is wanted."""
        if self._start:
            self._take(simulation.snapshot())

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Record the arrays of the quarter."""
        self._take(snapshot)

    @cached_property
    def values(self) -> dict[str, NDArray[Any]]:
        """Arrays by name, quarter first; to be read when the run is over."""
        return {name: np.array(rows_) for name, rows_ in self.rows.items()}

    def _take(self, snapshot: Snapshot) -> None:
        for name, function in self._functions.items():
            self.rows[name].append(np.array(function(snapshot)))


def _resting_money(world: World, column: int) -> Array:
    """Return all money to one organization by donor at rest, USD per quarter; shape (state + 1,)."""
    return np.append(world.dues_rate[:, column] * world.member[:, column] + world.initial_voluntary[:, column], 0.0)


@dataclass
class Recording:
    """What one run left.

    `simulation` is the run at its end; `shocked` (built organization,) marks the organizations that `shocked.` measures
    cover. `is_twin` marks a run without shocks that stands beside one with them.
    """

    simulation: Simulation
    series: Series
    events: list[tuple[int, Event]]
    money: MoneyFlows
    shocked: Array
    is_twin: bool = False

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
        codes = self.simulation.world.state_codes
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
    def course(self) -> Course:
        """What regimes are judged by, quarter by quarter."""
        built, series = self.simulation.world.built, self.series
        of_bodies, of_states = np.array([values[:, :built] for values in series.bodies]), np.array(series.states)
        founded = np.array([quarter for quarter, event in self.events if event.kind == "founded"])
        return Course(
            quarters=tuple(self.quarters),
            system=self.measures,
            bodies={name: of_bodies[:, place] for place, name in enumerate(names("body"))},
            alive=np.array([values[:built] for values in series.alive]),
            leader=np.array([rows_[:built] for rows_ in series.leaders]),
            position=np.array([places[:built] for places in series.positions]),
            holdings=of_states[:, names("state").index("holdings")],
            given=of_states[:, names("state").index("dues_paid")] + of_states[:, names("state").index("gifts")],
            births=(founded[None] <= np.array(self.quarters)[:, None]).sum(axis=1).astype(float),
        )

    @cached_property
    def scene(self) -> Scene:
        """What regimes are judged by that does not change in a run."""
        world = self.simulation.world
        together = blocs(world)
        alone = [np.array([row]) for row in np.flatnonzero(world.bloc < 0)]
        return Scene(
            known=world.members_known[: world.built],
            shocked=self.shocked,
            issue=world.issue[: world.built].astype(int),
            actors=self.simulation.actors,
            powers=[*alone, *together.values()],
        )

    @cached_property
    def network(self) -> dict[str, float]:
        """Measures of the network in the last quarter (slow); see `abm.membership_network.fragmentation`."""
        return fragmentation(self.simulation.world, 0, draws=NULL_DRAWS)

    def last(self) -> dict[str, float]:
        """Return all measures of the last quarter except those of the network."""
        return {name: float(values[-1]) for name, values in self.measures.items()}

    def count(self, *kinds: str) -> int:
        """Return the number of events of these kinds."""
        return sum(event.kind in kinds for _, event in self.events)


def record(simulation: Simulation, *observers: Observer, is_twin: bool = False) -> Recording:
    """Run a simulation to its end and return what it left; `observers` watch it as well."""
    *_, whole = recordings(simulation, *observers, is_twin=is_twin)
    return whole


def recordings(simulation: Simulation, *observers: Observer, is_twin: bool = False) -> Iterator[Recording]:
    """Run a simulation and yield after each quarter what it has left so far; the last recording is the whole run.

    Read each recording before you ask for the next: they share what observers record.
    """
    series, story, money = Series(), Story(), MoneyFlows()
    for _ in simulation.running((series, story, money, *observers)):
        yield Recording(simulation, series, story.events, money, simulation.shocked, is_twin)
