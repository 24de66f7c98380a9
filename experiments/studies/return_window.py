"""Headline 3, the window of return: what a leaver has back two years after its return, by the year of return.

The exits of `us-exit-2026`, and a return to all of these organizations at the start of a given year, for several
half-lives of the memory of betrayal. Nobody returns by itself in this study, and no government is changed by the shock,
so that years are compared alike. Recovery is 1 less what is still missing two years after the return, over what is
missing in the first three years of an absence without return, both against the world that was never left: means over
replicates. The point of no return is the first year from which on less than half comes back. Refuted, as a window that
closes: recovery that does not fall with the year of return.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.calendar import parse_quarter
from abm.config.reader import load_experiment
from abm.recording import Recording
from abm.state.world import Array
from experiments.report.study_drawing import Line, Panel, draw
from experiments.studies.composed_runs import run_of, scene, shocks_of
from experiments.studies.estimates import Estimate, estimate, ratio_of_means
from experiments.studies.study_result import Report, Size

HALF_LIVES = (1.0, 3.0, 8.5, 1000.0)
"""Years; the last is a memory that does not fade, the third the default."""
DEFAULT = 8.5
YEARS = (2027, 2029, 2031, 2033, 2035, 2037)
AFTER = 8
QUARTERS = 4 * (YEARS[-1] - 2025) + AFTER + 1
ABSENCE = slice(8, 20)
"""Quarters in which the loss is measured: 2027 to 2029, after the exits took effect."""
GOODS = ("money", "posts", "position", "trust")
STAY = ("membership.return_rate=0", "membership.new_party_return_rate=0")

type Recovery = dict[tuple[float, int, str], Estimate]
"""By half-life, year of return and good."""


type Gaps = dict[str, list[list[float]]]
"""What is missing in one replicate: `lost` in an absence, `after` two years after returns; shapes (year, good)."""


def goods(run: Recording) -> Array:
    """Return what a leaver has, by quarter; shape (quarter, good): money paid to them, posts, nearness, trust."""
    leaver = run.money.donors.index("USA")
    money = np.sum([given[:, leaver] for given in run.money.by_organization.values()], axis=0)
    found = (
        money,
        run.measures["shocked.actor_posts_share"],
        -run.measures["shocked.actor_distance"],
        run.measures["mean_trust_in_actor"],
    )
    return np.array(found).T


def gaps(half_life: float, number: int, years: tuple[int, ...], overrides: tuple[str, ...]) -> Gaps:
    """Return what is missing in an absence, and two years after a return in each of some years."""
    settings = (*overrides, *STAY, f"trust.betrayal_half_life={half_life}")
    out = scene(shocks_of("us-exit-2026"), QUARTERS, settings)
    whole = goods(run_of(out.twin(), number, out))
    gone = goods(run_of(out, number))
    missing = (whole - gone)[ABSENCE].mean(axis=0)
    after = []
    for year in years:
        places = [{"list": "memo-2026-01-07"}, ["WHO"]]
        back = [
            {"kind": "return", "actor": "USA", "organizations": where, "announced": f"{year}Q1"} for where in places
        ]
        regained = goods(run_of(scene([*shocks_of("us-exit-2026"), *back], QUARTERS, settings), number, out))
        at = parse_quarter(f"{year}Q1") - parse_quarter("2025Q1")
        after.append((whole - regained)[at + AFTER])
    return {"lost": [missing.tolist() for _ in years], "after": np.array(after).tolist()}


def run(size: Size, out: Path) -> Report:
    """Run all years and half-lives; write `return-window.csv` and `return-window.svg`."""
    replicates, years = size.of(quick=3, full=16), size.of(quick=(2027, 2031, 2037), full=YEARS)
    tasks = [(half, number, years, size.overrides) for half in HALF_LIVES for number in range(replicates)]
    found = size.spread(gaps, tasks)
    lost, after = (
        np.array([one[name] for one in found]).reshape(len(HALF_LIVES), replicates, len(years), len(GOODS))
        for name in ("lost", "after")
    )
    recovery = {
        (half, year, good): recovered_share(lost[row, :, place, column], after[row, :, place, column])
        for row, half in enumerate(HALF_LIVES)
        for place, year in enumerate(years)
        for column, good in enumerate(GOODS)
    }
    rows = [
        {"half_life": half, "year": year, "good": good, "replicates": replicates, **value._asdict()}
        for (half, year, good), value in recovery.items()
    ]
    pd.DataFrame(rows).to_csv(out / "return-window.csv", index=False, float_format="%.4f")
    _figure(recovery, years, out / "return-window.svg", replicates)
    return _report(recovery, lost, after, years, size)


def recovered_share(lost: Array, after: Array) -> Estimate:
    """Return 1 - missing after / missing in an absence, over replicates."""
    missing = ratio_of_means(after, lost)
    return Estimate(1 - missing.value, 1 - missing.high, 1 - missing.low)


def no_return(values: list[Estimate], years: tuple[int, ...]) -> int | None:
    """Return the first year from which on less than half comes back, None where there is no such year."""
    poor = [value.value < 0.5 for value in values]
    return next((year for place, year in enumerate(years) if all(poor[place:])), None)


def _report(recovery: Recovery, lost: Array, after: Array, years: tuple[int, ...], size: Size) -> Report:
    """Return recovery early and late, and points of no return."""
    row = HALF_LIVES.index(DEFAULT)
    trust = GOODS.index("trust")
    usual = lost[row, :, :, trust].mean(axis=0)  # (year,)
    change = estimate((after[row, :, 0, trust] - after[row, :, -1, trust]) / usual[0])
    points = {
        f"{good} at {half:g} years": no_return([recovery[half, year, good] for year in years], years)
        for half in HALF_LIVES
        for good in GOODS
    }
    results = {
        "change_of_trust_recovery_from_the_first_to_the_last_year": change._asdict(),
        "recovery": {
            f"{good} in {year}": recovery[DEFAULT, year, good]._asdict()
            for good in GOODS
            for year in (years[0], years[-1])
        },
        "first_year_below_half": points,
        "refuted_by": "an interval of the change that does not lie below 0: no window closes",
        "refuted": bool(change.high >= 0),
    }
    said = [
        f"{good} {recovery[DEFAULT, years[0], good].said()} and {recovery[DEFAULT, years[-1], good].value:.2f}"
        for good in GOODS
    ]
    lines = (
        f"Recovery two years after a return in {years[0]} and in {years[-1]}: {'; '.join(said)}.",
        f"Recovery of trust changes from the first to the last year by {change.said()}.",
        "First year from which on less than half comes back: "
        + "; ".join(f"{name} {year or 'none'}" for name, year in points.items() if name.endswith(f"{DEFAULT:g} years")),
    )
    return Report(results, {"scenario": load_experiment("us-exit-2026", size.overrides).digest()}, lines)


def _figure(
    recovery: dict[tuple[float, int, str], Estimate], years: tuple[int, ...], file: Path, replicates: int
) -> None:
    """Draw recovery against the year of return, a panel a good, a line a half-life."""
    panels = []
    for good in GOODS:
        lines = []
        for half in HALF_LIVES:
            rows = [recovery[half, year, good] for year in years]
            ends = [[row.value for row in rows], [row.low for row in rows], [row.high for row in rows]]
            lines.append(Line(f"half-life {half:g} years" if half < 1000 else "no fading", list(years), *ends))
        panels.append(Panel(good, "year of return", "recovered after two years", lines, level=0.5))
    caption = (
        f"Exits of us-exit-2026 and a return to all of these organizations, {replicates} replicates with twins; bands: "
        "90 % bootstrap intervals of the ratio of means."
    )
    draw(file, panels, caption)
