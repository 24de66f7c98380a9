"""Counting exits, deaths and exposure in a population of organizations, by size and by age."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from abm.events import Event
from abm.measures import Snapshot
from abm.outcomes import DEATHS
from abm.recording import Watcher
from abm.simulation import Simulation
from abm.state.world import Array, Integers, Mask, World

SIZES = (0, 10, 25, 50, 100)
"""Lower ends of classes of size, members."""
AGES = (-1000, 5, 10, 20, 40)
"""Lower ends of classes of age, years."""
SIZE_WORDS = ("below 10", "10-24", "25-49", "50-99", "100 and more")
AGE_WORDS = ("0-4", "5-9", "10-19", "20-39", "40 and more")


def classes(values: Array, lower_ends: tuple[int, ...]) -> Integers:
    """Return the class of each value as an index."""
    return np.asarray(np.searchsorted(np.array(lower_ends), values, side="right") - 1, np.int64)


@dataclass
class PopulationCounts:
    """Sums over quarters; exposures are in years."""

    exits: float = 0.0
    memberships: float = 0.0
    deaths: Array = field(default_factory=lambda: np.zeros((2, len(SIZES))))
    years: Array = field(default_factory=lambda: np.zeros((2, len(SIZES))))

    def add_exposure(self, members: Array, age: Array, alive: Array, exitable: Array | Mask) -> None:
        """Add a quarter of exposure: members, age (years), 1 where living, 1 where exitable; all (organization,)."""
        self.memberships += float((members * alive * exitable).sum()) / 4
        for row, kinds in enumerate((classes(members, SIZES), classes(age, AGES))):
            self.years[row] += np.bincount(kinds, alive, len(SIZES)) / 4

    def count_deaths(self, members: Array, age: Array, died: Array) -> None:
        """Add deaths (1 in `died`) by size and age before them, (organization,)."""
        for row, kinds in enumerate((classes(members, SIZES), classes(age, AGES))):
            self.deaths[row] += np.bincount(kinds, died, len(SIZES))

    def reading(self) -> dict[str, list[float] | float]:
        """Return the sums as plain numbers."""
        names = ("size", "age")
        counts = {f"deaths_by_{name}": self.deaths[row].tolist() for row, name in enumerate(names)}
        years = {f"years_by_{name}": self.years[row].tolist() for row, name in enumerate(names)}
        return {"exits": self.exits, "memberships": self.memberships, **counts, **years}


class Demography(Watcher):
    """Counts a run: exposure at the start of each quarter, exits and deaths in it; organizations built."""

    def begin(self, simulation: Simulation) -> None:
        """Look at the organizations before the first quarter."""
        self.counts = PopulationCounts()
        self._look(simulation.world, simulation.world.quarter)

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Count the quarter."""
        world = snapshot.world
        self.counts.add_exposure(self._members, self._age, self._alive, world.exit_form[: world.built] < 2)
        own = [event for event in events if event.organization < world.built]
        self.counts.exits += sum(event.kind == "announce" for event in own)
        died = np.zeros(world.built)
        died[[event.organization for event in own if event.kind in DEATHS]] = 1.0
        self.counts.count_deaths(self._members, self._age, died)
        self._look(world, world.quarter + 1)

    def _look(self, world: World, quarter: int) -> None:
        """Note members, age and life of the organizations at the start of a quarter."""
        built = world.built
        self._members, self._alive = world.counted_members[:built], world.in_scope[:built]
        self._age = (quarter - world.founded[:built]) / 4
