"""Headline 1, the law of diminishing rescue: is less of a loss refilled where more organizations lose at once?

Cuts of gifts by the United States: the same sum, in one organization or spread over several, all at once or one a year;
and one number of organizations with a growing sum. Refill is what all others give more, over what is lost,
organizations weighted by their loss. The slack of donors is set by two cases alone, UNRWA 2018 and UNESCO 2011; those
of 2025-26 are predicted. The law is refuted where refill does not fall with the number of cuts, nor with their sum.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.calendar import format_quarter, parse_quarter
from abm.comparison import compare
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.outcomes import refill_total
from abm.rng import stream
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.report.study_drawing import Line, Panel, draw
from experiments.studies.composed_runs import scene
from experiments.studies.estimates import Estimate, estimate, slope
from experiments.studies.study_result import Report, Size

MILLION = 1e6
SUMS = {100.0: (1, 2, 4, 8, 12), 400.0: (1, 2, 4), 1200.0: (1, 2, 4)}
"""Sum of the cuts in million USD a year -> numbers of organizations that share it equally."""
FRACTIONS, WIDE = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0), 12
"""Fractions of the gifts to the WIDE organizations with most of them, cut at once."""
FIRST, APART, QUARTERS = "2026Q1", 2, 32
"""First cut; quarters between cuts where they are staggered; length of a run."""
CASES = ("unrwa-2018", "unesco-2011", "aid-freeze-2025", "us-exit-2026")
TIMES = (4, 12)
MAIN = 1200.0


def gifts(overrides: tuple[str, ...]) -> dict[str, float]:
    """Return what the United States give to each organization with money at rest, million USD a year, largest first."""
    world = Simulation(load_experiment("base", overrides), (1, 0)).world
    given = 4 * world.initial_voluntary[world.state_codes.index("USA")] * world.has_budget / MILLION
    order = np.argsort(-given)
    return {world.organization_codes[row]: float(given[row]) for row in order if given[row] > 0}


def measure_refill(total: float, count: int, staggered: bool, number: int, overrides: tuple[str, ...]) -> list[float]:
    """Return refill at TIMES of a sum (million USD a year) taken from `count` random organizations that have it.

    Refill after twelve quarters counts the cuts that are followed so long.
    """
    amounts = {code: amount for code, amount in gifts(overrides).items() if amount >= total}
    chosen = stream((number, 0), "rescue", str(total)).permutation(list(amounts))[:count]
    first = parse_quarter(FIRST)
    shocks = [
        {
            "kind": "defund", "actor": "USA", "organizations": [str(code)],
            "announced": format_quarter(first + place * APART * staggered),
            "fraction": total / count / amounts[str(code)],
        }
        for place, code in enumerate(chosen)
    ]  # fmt: skip
    return _refilled(scene(shocks, QUARTERS, overrides), number)


def deep(fraction: float, number: int, overrides: tuple[str, ...]) -> list[float]:
    """Return refill at TIMES where a fraction of the gifts to the WIDE largest receivers ends at once."""
    bodies = list(gifts(overrides))[:WIDE]
    shock = {"kind": "defund", "actor": "USA", "organizations": bodies, "announced": FIRST, "fraction": fraction}
    return _refilled(scene([shock], QUARTERS, overrides), number)


def case(name: str, number: int, overrides: tuple[str, ...]) -> list[float]:
    """Return refill at TIMES in a shipped scenario."""
    return _refilled(load_experiment(name, [f"quarters={QUARTERS}", *overrides]), number)


def _refilled(experiment: Experiment, number: int) -> list[float]:
    """Return refill of all organizations together at TIMES."""
    comparison = compare(experiment, number)
    return [refill_total(comparison, after) for after in TIMES]


def plan() -> list[tuple[str, float, int, bool]]:
    """Return the cells of the design: what, sum in million USD or fraction, number of organizations, staggered."""
    cells = [
        ("cut", total, count, late) for total, counts in SUMS.items() for count in counts for late in (False, True)
    ]
    cells = [
        cell for cell in cells if not (cell[3] and cell[2] in (1, 12))
    ]  # one cut has no order; twelve take too long
    return cells + [("deep", fraction, WIDE, False) for fraction in FRACTIONS]


def one(cell: tuple[str, float, int, bool], number: int, overrides: tuple[str, ...]) -> list[float]:
    """Return refill at TIMES in one replicate of a cell, or of a case named in its first place."""
    what, amount, count, late = cell
    if what == "cut":
        return measure_refill(amount, count, late, number, overrides)
    return deep(amount, number, overrides) if what == "deep" else case(what, number, overrides)


def run(size: Size, out: Path) -> Report:
    """Run all cells; write `rescue.csv` and `rescue.svg`."""
    replicates = size.of(quick=4, full=32)
    cells = [*plan(), *((name, 0.0, 0, False) for name in CASES)]
    tasks = [(cell, number, size.overrides) for cell in cells for number in range(replicates)]
    values = np.array(size.spread(one, tasks)).reshape(len(cells), replicates, len(TIMES))
    table = pd.DataFrame([
        {
            "what": what, "amount": amount, "bodies": count, "staggered": late, "after_quarters": after,
            "replicates": replicates, **estimate(values[row, :, place])._asdict(),
        }
        for row, (what, amount, count, late) in enumerate(cells)
        for place, after in enumerate(TIMES)
    ])  # fmt: skip
    table.to_csv(out / "rescue.csv", index=False, float_format="%.4f")
    slopes = _slopes(cells, values)
    _figure(table, out / "rescue.svg", replicates)
    return Report(
        _results(slopes, table), {"twin": load_experiment("base", size.overrides).digest()}, _lines(slopes, table)
    )


def _slopes(cells: list[tuple[str, float, int, bool]], values: Array) -> dict[str, Estimate]:
    """Return the change of refill after four quarters per doubling: of the number at each sum, and of the sum."""
    found = {}
    for total in SUMS:
        rows = [row for row, cell in enumerate(cells) if cell[0] == "cut" and cell[1] == total and not cell[3]]
        found[f"number_at_{total:g}m"] = slope(values[rows, :, 0].T, [np.log2(cells[row][2]) for row in rows])
    rows = [row for row, cell in enumerate(cells) if cell[0] == "deep"]
    found["sum"] = slope(values[rows, :, 0].T, [np.log2(cells[row][1]) for row in rows])
    return found


def _results(slopes: dict[str, Estimate], table: pd.DataFrame) -> dict[str, object]:
    """Return the numbers of the summary."""
    main = slopes[f"number_at_{MAIN:g}m"]
    cases = table[table["what"].isin(CASES)]
    return {
        "refill_per_doubling_of_the_number": main._asdict(),
        "refill_per_doubling": {name: found._asdict() for name, found in slopes.items()},
        "refuted_by": "an interval per doubling, of the number at one sum and of the sum, that does not lie below 0",
        "refuted_for_the_number": bool(main.high >= 0),
        "refuted_for_the_sum": bool(slopes["sum"].high >= 0),
        "cases": {
            f"{row['what']}_after_{row['after_quarters']}": round(float(row["value"]), 3) for _, row in cases.iterrows()
            if row["value"] == row["value"]
        },
    }  # fmt: skip


def _lines(slopes: dict[str, Estimate], table: pd.DataFrame) -> tuple[str, ...]:
    """Return the findings in sentences."""
    main, total = slopes[f"number_at_{MAIN:g}m"], slopes["sum"]
    found = table[table["what"].isin(CASES) & (table["after_quarters"] == TIMES[0])]
    said = ", ".join(f"{row['what']} {row['value']:.2f}" for _, row in found.iterrows())
    return (
        f"At one sum of {MAIN:g} million USD, refill changes by {main.said(3)} per doubling of the number of "
        "organizations (the smallest sum spread thin falls below what counts as a gap: see funding.gap_threshold).",
        f"In {WIDE} organizations at once, it changes by {total.said(3)} per doubling of the sum.",
        f"Refill after a year in cases (the first two set the slack, the others are predicted): {said}.",
    )


def _line(label: str, rows: pd.DataFrame, column: str) -> Line:
    """Return one line of the figure."""
    return Line(label, *(rows[name].tolist() for name in (column, "value", "low", "high")))


def _figure(table: pd.DataFrame, file: Path, replicates: int) -> None:
    """Draw refill against the number, in a batch and staggered, and against the sum."""
    cuts = table[(table["what"] == "cut") & (table["after_quarters"] == TIMES[0])]
    panels = [
        Panel(
            title, "bodies that share the cut", "refill after a year",
            [_line(f"{total:g} million USD", rows[rows["amount"] == total], "bodies") for total in SUMS], True,
        )
        for title, rows in (("All at once", cuts[~cuts["staggered"]]), ("One every half year", cuts[cuts["staggered"]]))
    ]  # fmt: skip
    deep_ = table[table["what"] == "deep"]
    lines = [_line(f"after {after} quarters", deep_[deep_["after_quarters"] == after], "amount") for after in TIMES]
    panels.append(Panel(f"{WIDE} organizations at once", "share of the gifts cut", "refill", lines, True))
    caption = (
        f"Cuts of gifts by the United States from {FIRST}, {replicates} replicates with twins, organizations drawn "
        "anew in each; bands: 90 % t-intervals of the mean. Refill: what others give more over what is lost."
    )
    draw(file, panels, caption)
