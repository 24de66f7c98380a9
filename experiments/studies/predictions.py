"""Dated predictions for 2026 to 2029: who follows, how much is refilled, what organizations have.

For anyone to score later.

The acts known by January 2026 on the built-in world: the exit from WHO and from the 66 organizations, the freeze of
aid, the exit from UNESCO. Points of the set that calibration left, with all else that is assumed swept, one replicate
with twin each. What the table says is what these rules imply for these acts, not a forecast of other acts.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.calendar import format_quarter
from abm.comparison import compare
from abm.outcomes import followings, refills
from experiments.report.study_drawing import Bars, draw
from experiments.studies.composed_runs import scene, shocks_of
from experiments.studies.estimates import TAIL, Estimate, share
from experiments.studies.reachability_runs import calibrated_points
from experiments.studies.study_result import Report, Size

ACTS = ("us-exit-2026", "aid-freeze-2025", "unesco-2025")
QUARTERS = 20
YEARS = (2026, 2027, 2028, 2029)
AFTER = (4, 12)
"""Quarters after the first loss at which refill is taken."""
SEED = 13
RARE = 0.02
"""Probability from which a single follower is listed."""

Row = dict[str, Any]


def one(values: Mapping[str, Any], number: int, overrides: Sequence[str]) -> dict[str, Any]:
    """Return one replicate's budgets (million USD a year), refills and followers.

    Budgets are by organization and year, refills by organization and quarters after the loss; followers are lists of
    state, organization and year.
    """
    experiment = scene(shocks_of(*ACTS), QUARTERS, overrides).with_values(values)
    comparison = compare(experiment, number)
    run = comparison.run
    codes = run.world.organization_codes
    budgets: dict[str, dict[str, float]] = {}
    for code, budget in run.money.budgets.items():
        row = codes.index(code)
        for year in YEARS:
            relative = run.bodies["budget"][min(4 * (year - 2025) + 3, len(run.quarters) - 1), row]
            budgets.setdefault(code, {})[str(year)] = float(np.nan_to_num(relative)) * budget / 1e6
    found = {(one.state, one.organization, format_quarter(one.quarter)[:4]) for one in followings(run, within=None)}
    filled: dict[str, dict[str, float]] = {}
    for after in AFTER:
        for code, refill in refills(comparison, after).items():
            filled.setdefault(code, {})[str(after)] = refill.share
    return {"budgets": budgets, "refills": filled, "followers": [list(one) for one in sorted(found)]}


def run(size: Size, out: Path) -> Report:
    """Run the points; write `predictions.csv` and a figure; the summary holds the digest of the file."""
    count = size.of(quick=12, full=300)
    tasks = [(point, number, size.overrides) for number, point in enumerate(calibrated_points(count, SEED))]
    found = size.spread(one, tasks)
    table = pd.DataFrame([*_budgets(found), *_refills(found), *follower_rows(found)])
    text = table.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    (out / "predictions.csv").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    _figure(table, out / "predictions.svg", count)
    total = table[(table["what"] == "followers") & (table["year"] == "all")].iloc[0]
    results = {
        "file": "predictions.csv", "sha256": digest, "rows": len(table), "runs": count,
        "followers_2025_to_2029": {key: float(total[key]) for key in ("value", "low", "high")},
        "refuted_by": "more than one in ten of the observed numbers outside their 90 % intervals",
    }  # fmt: skip
    said = f"{total['value']:.1f} (90 % of runs {total['low']:.0f} to {total['high']:.0f})"
    lines = (
        f"Followers from 2025 to 2029: {said} exits announced by others from the organizations concerned.",
        f"{len(table)} dated predictions, SHA-256 {digest}.",
    )
    return Report(results, {"acts": scene(shocks_of(*ACTS), QUARTERS, size.overrides).digest()}, lines)


def _spread(values: Sequence[float]) -> Estimate:
    """Return the median of runs and the range that holds 90 % of them: an interval for what will be observed."""
    low, middle, high = np.quantile(values, [TAIL, 0.5, 1 - TAIL])
    return Estimate(float(middle), float(low), float(high))


def _after(quarters: int) -> str:
    """Return the time of a refill as the table of predictions has it."""
    return f"{quarters} quarters after the loss"


def _row(what: str, organization: str, state: str, year: str, unit: str, found: Estimate) -> Row:
    """Return one prediction."""
    return {"what": what, "organization": organization, "state": state, "year": year, "unit": unit, **found._asdict()}


def _budgets(found: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return budgets by organization at the end of each year."""
    return [
        _row("budget", code, "", year, "million USD a year", _spread([one_["budgets"][code][year] for one_ in found]))
        for code, years in found[0]["budgets"].items()
        for year in years
    ]


def _refills(found: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return refill by organization four and twelve quarters after money first falls, where most runs lose any."""
    filled: dict[tuple[str, int], list[float]] = {}
    for one_ in found:
        for code, shares in one_["refills"].items():
            for after, share_ in shares.items():
                filled.setdefault((code, int(after)), []).append(share_)
    return [
        _row("refill", code, "", _after(after), "share of the loss", _spread(shares))
        for (code, after), shares in sorted(filled.items())
        if len(shares) >= len(found) / 2
    ]


def follower_rows(found: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the number of followers by year and in all, by organization, and the likeliest single ones."""
    rows = []
    for year in ("all", "2025", *map(str, YEARS)):
        counts = [sum(year in ("all", when) for _, _, when in one_["followers"]) for one_ in found]
        mean = _spread(counts)._replace(value=float(np.mean(counts)))
        rows.append(_row("followers", "all concerned", "", year, "exits announced (mean; 90 % of runs)", mean))
    bodies = Counter(code for one_ in found for code in sorted({code for _, code, _ in one_["followers"]}))
    single = Counter(pair for one_ in found for pair in sorted({(state, code) for state, code, _ in one_["followers"]}))
    for code, hits in bodies.most_common():
        rows.append(_row("any follower", code, "", "2025-2029", "probability", share(hits, len(found))))
    for (state, code), hits in single.most_common():
        if hits >= RARE * len(found):
            rows.append(_row("follower", code, state, "2025-2029", "probability", share(hits, len(found))))
    return rows


def _figure(table: pd.DataFrame, file: Path, count: int) -> None:
    """Draw the fall of budgets in 2029 and refill after a year."""
    refill = table[(table["what"] == "refill") & (table["year"] == _after(4))].sort_values("value")
    any_ = table[table["what"] == "any follower"].head(20)
    panels = [
        Bars(title, unit, rows["organization"].tolist(), *(rows[key].tolist() for key in ("value", "low", "high")))
        for title, unit, rows in (
            ("Refill a year after the loss", "share of the loss", refill.tail(20)),
            ("Any follower by 2029", "probability", any_),
        )
    ]
    caption = (
        f"Acts known by January 2026, {count} runs with twins over the calibrated set; whiskers: 90 % of runs (refill) "
        "and 90 % Wilson intervals (followers)."
    )
    draw(file, panels, caption)
