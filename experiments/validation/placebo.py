"""What a placebo does beside the exit that it stands for: Uruguay leaves the same organizations on the same dates.

`python -m experiments.validation.placebo` runs both beside their twins, row by row of the ensemble. It prints each main
effect of both, and what part of the exit's the placebo's is: the ratio of means over rows. All that differs is the size
of the leaver, so that the part should be small; the aim is 2 %.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from experiments.runs.parallel import kept_beside, spread
from experiments.studies.composed_runs import comparisons
from experiments.studies.estimates import estimate, ratio_of_means
from experiments.validation.readings import options_of_rows

EXIT, PLACEBO = "us-exit-2026", "placebo-small-state"
EFFECTS = ("seats", "budget", "legitimacy", "effectiveness")
ROWS, QUARTERS = 64, 40
OUT = Path("results/placebo")
"""Beside it stands what an interrupted call leaves; the next one goes on from there."""


def both(overrides: tuple[str, ...] = ()) -> tuple[Experiment, Experiment]:
    """Return the exit and its placebo, with all else that the exit sets."""
    large = load_experiment(EXIT, overrides)
    given = {"extends": EXIT, "shocks": load_experiment(PLACEBO).resolved()["shocks"]}
    return large, load_experiment(given, overrides)


def effects(number: int, overrides: tuple[str, ...] = ()) -> dict[str, dict[str, float]]:
    """Return the main effects of the exit and of the placebo in one row: means over the run, run less twin.

    Seats are the part of their seats that others give up. The rest are means over the organizations that shocks aim at.
    """
    found = {}
    for name, pair in zip((EXIT, PLACEBO), comparisons(both(overrides), number), strict=True):
        found[name] = {"seats": float(pair.difference("left_by_others").mean())}
        found[name] |= {one: float(pair.difference(f"shocked.{one}").mean()) for one in EFFECTS[1:]}
    return found


def table(rows: list[dict[str, dict[str, float]]]) -> pd.DataFrame:
    """Return each effect of exit and placebo with its interval, and the part that the placebo is of the exit."""
    found = []
    for name in EFFECTS:
        large, small = (np.array([row[which][name] for row in rows]) for which in (EXIT, PLACEBO))
        row: dict[str, object] = {"effect": name, "rows": len(rows)}
        parts = {"exit": estimate(large), "placebo": estimate(small), "part": ratio_of_means(small, large)}
        for which, value in parts.items():
            row |= {which: value.value, f"{which}_low": value.low, f"{which}_high": value.high}
        found.append(row)
    return pd.DataFrame(found)


def main() -> None:
    """Run all rows and print the table."""
    reader = options_of_rows(__doc__, ROWS)
    reader.add_argument("--quarters", type=int, default=QUARTERS, help="length of the runs")
    given = reader.parse_args()
    with kept_beside(OUT, "placebo") as memory:
        found = spread(
            effects,
            [(number, (f"quarters={given.quarters}",)) for number in range(given.rows)],
            given.workers,
            memory=memory,
        )
    sys.stdout.write(table(found).to_string(index=False, float_format=lambda value: f"{value:.5f}") + "\n")


if __name__ == "__main__":
    from experiments.validation.placebo import main as by_name  # workers know its functions by this name

    by_name()
