"""How often governments change: 35 named states in the record, and the same states in worlds without a shock.

`python -m experiments.validation.government_changes` runs `base` for as long as the record, once a row of the ensemble.
The record is that of cabinets (ParlGov): an election changed the government where the first cabinet after it that is no
caretaker has a prime minister of another party than the last cabinet before it. Changes between elections are counted
apart, since the model knows none. Nothing is calibrated on this record.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.events import Event
from abm.measures import Snapshot
from abm.recording import Watcher
from abm.simulation import Simulation
from experiments.runs.parallel import kept_beside, spread
from experiments.validation.readings import SEED, scenario

RECORD = Path(__file__).parent / "tables" / "governments.csv"
ROWS = 64
QUARTERS = 112
"""Length of a run: the 28 years of the record."""
OUT = Path("results/governments")
"""Beside it stands what an interrupted call leaves; the next one goes on from there."""


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


def counted(number: int, quarters: int = QUARTERS, overrides: tuple[str, ...] = ()) -> dict[str, list[float]]:
    """Return elections and changes of one row by state, of the states in the record that the world has."""
    experiment = scenario("base", f"quarters={quarters}", *overrides)
    simulation = Simulation(experiment, (SEED, number))
    elections = Elections()
    simulation.run((elections,))
    codes = simulation.world.state_codes
    rows = {state: codes.index(state) for state in record().index if state in codes}
    return {state: [float(elections.held[row]), float(elections.changed[row])] for state, row in rows.items()}


def summary(runs: Sequence[dict[str, list[float]]], quarters: int = QUARTERS) -> dict[str, Any]:
    """Return record and model: rates, the model's with the middle 90 % of rows, and the states inside their own range.

    A state is inside where its changes a year in the record lie in the middle 90 % of its runs.
    """
    known = record().loc[list(runs[0])]
    years = known["until"] - known["since"] + 1
    found = np.array([[run[state] for state in known.index] for run in runs])  # (row, state, held or changed)
    rates = found[:, :, 1] * 4 / quarters
    low, high = np.quantile(rates, [0.05, 0.95], axis=0)
    told = (known["changed"] / years).to_numpy()
    inside = (low <= told) & (told <= high)
    held, changed = found.sum(axis=1).T
    span = len(known) * quarters / 4
    return {
        "states": len(known), "rows": len(runs),
        "elections a year": _beside(known["elections"].sum() / years.sum(), held / span),
        "share of elections that change the government": _beside(
            known["changed"].sum() / known["elections"].sum(), changed / held
        ),
        "changes at elections a year": _beside(known["changed"].sum() / years.sum(), changed / span),
        "changes between elections a year, in the record only": round(float(known["between"].sum() / years.sum()), 3),
        "states inside": int(inside.sum()),
        "outside": " ".join(known.index[~inside]),
    }  # fmt: skip


def _beside(told: float, rows: np.ndarray[Any, Any]) -> dict[str, float]:
    """Return the record beside the mean over rows and its middle 90 %."""
    low, high = np.quantile(rows, [0.05, 0.95])
    parts = {"record": told, "model": rows.mean(), "low": low, "high": high}
    return {name: round(float(value), 3) for name, value in parts.items()}


def main() -> None:
    """Run all rows and print what is found."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--rows", type=int, default=ROWS, help="rows of the ensemble")
    reader.add_argument("--workers", type=int, default=None, help="processes (default: one per core)")
    given = reader.parse_args()
    with kept_beside(OUT, "governments") as memory:
        runs = spread(counted, [(number,) for number in range(given.rows)], given.workers, memory=memory)
    for name, value in summary(runs).items():
        sys.stdout.write(f"{name}: {value}\n")


if __name__ == "__main__":
    from experiments.validation.government_changes import main as by_name  # workers know its functions by this name

    by_name()
