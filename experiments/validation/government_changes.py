"""How often governments change: 35 named states in the record, and the same states in worlds without a shock.

`python -m experiments.validation.government_changes` runs `base` for as long as the record, once a row of the ensemble.
The record is that of cabinets: `experiments/validation/elections.py` says what counts as a change. Its rate over all
states is a target of calibration (`turnover`), so that the mean is no evidence; how it is spread over states is.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from abm.simulation import Simulation
from experiments.runs.parallel import kept_beside, spread
from experiments.validation.elections import Elections, record, recorded_rows
from experiments.validation.readings import SEED, options_of_rows, scenario

ROWS = 64
QUARTERS = 112
"""Length of a run: the 28 years of the record."""
OUT = Path("results/governments")
"""Beside it stands what an interrupted call leaves; the next one goes on from there."""


def counted(number: int, quarters: int = QUARTERS, overrides: tuple[str, ...] = ()) -> dict[str, list[float]]:
    """Return elections and changes of one row by state, of the states in the record that the world has."""
    experiment = scenario("base", f"quarters={quarters}", *overrides)
    simulation = Simulation(experiment, (SEED, number))
    elections = Elections()
    simulation.run((elections,))
    rows = recorded_rows(simulation.world.state_codes)
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
    given = options_of_rows(__doc__, ROWS).parse_args()
    with kept_beside(OUT, "governments") as memory:
        runs = spread(counted, [(number,) for number in range(given.rows)], given.workers, memory=memory)
    for name, value in summary(runs).items():
        sys.stdout.write(f"{name}: {value}\n")


if __name__ == "__main__":
    from experiments.validation.government_changes import main as by_name  # workers know its functions by this name

    by_name()
