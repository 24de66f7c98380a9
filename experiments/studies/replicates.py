"""How many replicates the numbers need: from how many on their spread is stable, and what interval is then left.

The effects of `us-exit-2026` after 15 years, run less twin. Subsets of n replicates are drawn again and again: the
spread (standard deviation) of a subset, as a share of that over all, has to stay within TOLERANCE in nine of ten
subsets (stability of variance: Angus and Hassani-Mahmooei 2015). Beside it stands the interval of the mean that n
replicates leave, and the number from which the interval no longer holds zero.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.config.reader import load_experiment
from abm.intervals import half_width, replicates_for
from abm.rng import stream
from abm.state.world import Array
from experiments.report.study_drawing import Line, Panel, draw
from experiments.runs.result import HEADLINE
from experiments.studies.composed_runs import effects
from experiments.studies.study_result import Report, Size

SCENARIO = "us-exit-2026"
COUNTS = (4, 8, 16, 32, 64, 128, 256)
"""Sizes of subsets; those up to half of the replicates are looked at."""
SUBSETS = 400
TOLERANCE = 0.25
"""How far the spread of a subset may be from that over all, as a share of it (an assumption)."""
USED = (8, 32, 192)
"""Replicates of a default run, of claims at their default point, and of validation."""


def measure_effects(overrides: tuple[str, ...], number: int) -> list[float]:
    """Return the effects on the headline measures in one replicate."""
    (found,) = effects([load_experiment(SCENARIO, overrides)], number)
    return [found[name] for name in HEADLINE]


def stability(values: Array, counts: tuple[int, ...] = COUNTS) -> pd.DataFrame:
    """Return the spread of subsets as a share of that over all: columns replicates, median, low, high (5th, 95th).

    `values` (replicate,). Subsets are drawn without replacement, and have half of the values at most.
    """
    luck = stream((1, 0), "replicates")
    rows = []
    for count in (one for one in counts if one <= len(values) / 2):
        drawn = np.array([luck.permutation(values)[:count].std(ddof=1) for _ in range(SUBSETS)]) / values.std(ddof=1)
        rows.append((count, *np.quantile(drawn, [0.5, 0.05, 0.95]).tolist()))
    return pd.DataFrame(rows, columns=["replicates", "median", "low", "high"])


def stable_from(table: pd.DataFrame) -> float:
    """Return the least number of replicates from which on spreads stay within TOLERANCE; NaN where there is none."""
    off = ((table["low"] < 1 - TOLERANCE) | (table["high"] > 1 + TOLERANCE)).to_numpy(bool)
    first = int(off.nonzero()[0][-1]) + 1 if off.any() else 0
    return float(table["replicates"].iloc[first]) if first < len(table) else float("nan")


def run(size: Size, out: Path) -> Report:
    """Run all replicates; write `replicates.csv`, `stability.csv` and `replicates.svg`."""
    count = size.of(quick=24, full=512)
    values = np.array(size.spread(measure_effects, [(size.overrides, n) for n in range(count)]))
    moved = [place for place in range(len(HEADLINE)) if values[:, place].std() > 0]
    tables = {HEADLINE[place]: stability(values[:, place]) for place in moved}
    rows = []
    for place in moved:
        mean, deviation = float(values[:, place].mean()), float(values[:, place].std(ddof=1))
        row = {"measure": HEADLINE[place], "effect": mean, "deviation": deviation}
        row |= {
            "stable_from": stable_from(tables[HEADLINE[place]]),
            "told_from_zero": replicates_for(deviation, abs(mean)),
        }
        rows.append(row | {f"half_width_{used}": half_width(deviation, used) for used in USED})
    table = pd.DataFrame(rows).assign(replicates=count)
    table.to_csv(out / "replicates.csv", index=False, float_format="%.4g")
    joined = pd.concat([one.assign(measure=name) for name, one in tables.items()])
    joined.to_csv(out / "stability.csv", index=False, float_format="%.4f")
    panels = [
        Panel(name, "replicates", "spread, share of all",
              [Line(name, *(one[key].tolist() for key in ("replicates", "median", "low", "high")))], True, 1.0)
        for name, one in tables.items()
    ]  # fmt: skip
    draw(
        out / "replicates.svg",
        panels,
        f"{SCENARIO}: spread of the effect after 15 years among n replicates, as a share of that among {count}; "
        f"band: 5th to 95th percentile of {SUBSETS} subsets.",
    )
    return _report(table, load_experiment(SCENARIO, size.overrides).digest())


def _report(table: pd.DataFrame, digest: str) -> Report:
    """Return the numbers and sentences of the summary."""
    named = table.set_index("measure")
    stable = named["stable_from"]
    results = {
        "stable_from": {str(name): _number(value) for name, value in stable.items()},
        "told_from_zero": {str(name): _number(value) for name, value in named["told_from_zero"].items()},
        "tolerance": TOLERANCE,
    }
    late = [f"{name} ({value:.0f})" for name, value in named["told_from_zero"].items() if not value <= USED[0]]
    when = "not stable for all" if stable.isna().any() else f"stable from {stable.max():.0f} replicates on"
    lines = (
        f"The spread between replicates (within {TOLERANCE:.0%} in nine of ten subsets) is {when}.",
        f"With the {USED[0]} replicates of a default run these effects are not told from zero: {', '.join(late)}."
        if late
        else f"The {USED[0]} replicates of a default run tell every effect from zero.",
    )
    return Report(results, {SCENARIO: digest}, lines)


def _number(value: float) -> float | None:
    """Return a number for JSON, None where there is none."""
    return float(value) if np.isfinite(value) else None
