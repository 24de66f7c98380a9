"""The books of one organization in one run: money by donor, means, work and events, quarter by quarter."""

import copy
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from abm.config.experiment import Experiment
from abm.events import Event
from abm.measures import Snapshot
from abm.outcomes import DEATHS, following
from abm.recording import Watcher
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.validation.readings import SEED

SERIES = ("income", "budget", "spending", "staff", "effectiveness")


class Books(Watcher):
    """Quarterly books of one organization, kept by an observer of the run.

    `flows` (quarter, donor) are in USD per quarter, private money last. `leavers` (donor,) is 1 for the states that
    shocks let act on the organization. `series` are (quarter,), by name. `events` pairs quarter and event. `first_act`
    is the quarter of the first act on the organization; `start` and `end` are the run's first and last quarter.
    """

    def __init__(self, body: str) -> None:
        self.body = body
        self.events: list[tuple[int, Event]] = []
        self._flows: list[Array] = []
        self._rows: list[list[float]] = []

    def begin(self, simulation: Simulation) -> None:
        """Open the books."""
        world = simulation.world
        self._column = world.organization_codes.index(self.body)
        self.codes = world.state_codes
        self.leavers = np.zeros(len(world.state_codes) + 1)
        self.leavers[list(simulation.actors_on.get(self.body, ()))] = 1.0
        self.yearly_budget = 4 * float(world.initial_budget[self._column])
        self.start = self.end = world.quarter
        self.first_act = simulation.first_acts.get(self.body, world.start)

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Enter the quarter."""
        world, column = snapshot.world, self._column
        self.end = world.quarter
        self.events += [(world.quarter, event) for event in events if event.organization == column]
        self._flows.append(np.append(world.money[:, column], world.private_income[column]))
        self._rows.append([float(getattr(world, name)[column]) for name in SERIES])

    @cached_property
    def flows(self) -> Array:
        """Money by quarter and donor; to be read when the run is over."""
        return np.array(self._flows)

    @cached_property
    def series(self) -> dict[str, Array]:
        """Means and work by name; to be read when the run is over."""
        return dict(zip(SERIES, np.array(self._rows).T, strict=True))

    def before(self, name: str) -> float:
        """Return a series in the quarter before the first act, or at rest where the run begins with it."""
        quarter = self.first_act - self.start - 1
        rest = self.yearly_budget / 4 if name == "budget" else 1.0
        return float(self.series[name][quarter]) if quarter >= 0 else rest

    def of_first(self, quarters: int) -> "Books":
        """Return the books of the first so many quarters; to be read when the run is over."""
        short = copy.copy(self)
        short.flows, short.series = self.flows[:quarters], {name: row[:quarters] for name, row in self.series.items()}
        short.end = min(self.end, self.start + quarters - 1)
        short.events = [(when, event) for when, event in self.events if when <= short.end]
        return short

    @property
    def died(self) -> bool:
        """Whether the organization came to an end in the run."""
        return self.died_by(self.end)

    def died_by(self, quarter: int) -> bool:
        """Return whether the organization has come to an end by a quarter."""
        return any(event.kind in DEATHS and when <= quarter for when, event in self.events)

    def acted(self, twin: "Books") -> bool:
        """Return whether the leavers did something to the organization that they do not do in the twin."""
        own = set(self.events) - set(twin.events)
        return any(self._leaver(event) and event.kind != "no_effect" for _, event in own)

    @property
    def notice_runs(self) -> bool:
        """Whether the run ends before an exit that a leaver has announced takes effect."""
        kinds = [e.kind for _, e in self.events if self._leaver(e) and e.kind in ("announce", "exit", "return")]
        return kinds[-1:] == ["announce"]

    def _leaver(self, event: Event) -> bool:
        """Return whether an event's actor is one of the leavers."""
        return event.actor >= 0 and self.leavers[event.actor] > 0

    def followers(self, window: int) -> set[str]:
        """Return the codes of other states that announce their exit within `window` quarters of the first act."""
        leavers = set(np.flatnonzero(self.leavers).tolist())
        found = following(self.events, {self.body: self.first_act}, leavers, window)
        return {self.codes[event.actor] for _, event in found}

    @property
    def left(self) -> int | None:
        """The quarter in which a leaver's exit first takes effect or its participation stops, None for never."""
        return self._first(("exit", "participation_stopped"))

    def back(self, window: int) -> bool:
        """Return whether a leaver is back within `window` quarters of the effect; False where none left."""
        if self.left is None:
            return False
        back = self._first(("return", "participation_resumed"), self.left)
        return back is not None and back - self.left <= window

    def _first(self, kinds: Sequence[str], since: int = -1) -> int | None:
        """Return the quarter of the leavers' first event of some kinds."""
        return next((q for q, e in self.events if e.kind in kinds and self._leaver(e) and q >= since), None)


def all_books(
    experiment: Experiment, number: int, bodies: Iterable[str], target: Experiment, quarters: int
) -> dict[str, Books]:
    """Run so many quarters and return the books of some organizations by code; `target` as in `books_of`."""
    books = {body: Books(body) for body in bodies}
    Simulation(experiment, (SEED, number), target=target).run([*books.values()], quarters)
    return books


def books_of(experiment: Experiment, number: int, body: str, target: Experiment, reserves: float = 1.0) -> Books:
    """Run an experiment and return the books of an organization.

    `target` says whose shocks aim where (see `abm.simulation.Simulation`); `reserves` scales what the organization has
    saved at the start.
    """
    simulation = Simulation(experiment, (SEED, number), target=target)
    world = simulation.world
    saved = np.ones(len(world.reserves))
    saved[world.organization_codes.index(body)] = reserves
    world.reserves = world.reserves * saved
    books = Books(body)
    simulation.run([books])
    return books
