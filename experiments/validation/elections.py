"""Elections counted in a run, and the states whose changes of government are on record.

The record is that of cabinets (ParlGov): an election changed the government where the first cabinet after it that is no
caretaker has a prime minister of another party than the last cabinet before it. Changes between elections are counted
apart, since the model knows none.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abm.events import Event
from abm.measures import Snapshot
from abm.recording import Watcher
from abm.simulation import Simulation

RECORD = Path(__file__).parent / "tables" / "governments.csv"


class Elections(Watcher):
    """Counts elections and those that change the party in office; both (state,)."""

    def begin(self, simulation: Simulation) -> None:
        """Look at the calendar before the first quarter."""
        self._due = simulation.world.next_election
        self.held, self.changed = np.zeros(len(self._due)), np.zeros(len(self._due))

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Count the quarter."""
        self.held += snapshot.world.next_election > self._due
        self.changed[[event.actor for event in events if event.kind == "government"]] += 1
        self._due = snapshot.world.next_election


def record() -> pd.DataFrame:
    """Return the record by state: first and last year, elections, changes at elections and between them."""
    return pd.read_csv(RECORD, index_col="state")


def recorded_rows(codes: Sequence[str]) -> dict[str, int]:
    """Return the rows of the states in the record among the codes of a world, by code; others are left out."""
    return {state: codes.index(state) for state in record().index if state in codes}


def changes_a_year(elections: Elections, codes: Sequence[str], years: float) -> float:
    """Return changes of government at elections per year and state of the record; NaN in a world without such states.

    `codes` are those of the world's states, `years` is the length of the run.
    """
    rows = list(recorded_rows(codes).values())
    return float(elections.changed[rows].mean()) / years if rows else float("nan")
