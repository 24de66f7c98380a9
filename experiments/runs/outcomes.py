"""Outcomes of an experiment: effects against the twin, followers, refill, regimes. The `--json` object.

Definitions are those of the interface: a follower is another state that announces its exit from a shocked body within
twelve quarters of the first announcement; refill after k quarters is what other donors give in the twelve months that
end k quarters after money first falls, less the same in the twin, over what the leaver no longer gives.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from abm.regimes import REGIMES, label, memberships
from abm.state.world import Array

FOLLOWING_QUARTERS = 12
NEGLIGIBLE_LOSS = 0.001


def last_effects(series: pd.DataFrame) -> pd.DataFrame:
    """Return shock minus twin in the last quarter; rows are runs, columns measures. Empty without twins."""
    last = series[series["quarter"] == series["quarter"].max()]
    if last["twin"].nunique() < 2:
        return pd.DataFrame()
    wide = last.pivot_table(index="run", columns=["twin", "measure"], values="value", dropna=False)
    return (wide[False] - wide[True]).dropna(how="all")


def effect_summary(differences: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """Return mean, its 90 % t-interval, and the 5th and 95th percentile over runs, by measure."""
    count = len(differences)
    spread = differences.std(ddof=1) / np.sqrt(count) if count > 1 else None
    reach = float(stdtrit(count - 1, 0.95)) if count > 1 else 0.0
    summary: dict[str, dict[str, float | None]] = {}
    for measure in differences.columns:
        values = differences[measure].to_numpy(float)
        mean = float(values.mean())
        half = None if spread is None else reach * float(spread[measure])
        summary[str(measure)] = {
            "mean": mean,
            "low": None if half is None else mean - half,
            "high": None if half is None else mean + half,
            "p05": float(np.quantile(values, 0.05)),
            "p95": float(np.quantile(values, 0.95)),
        }
    return summary


def regime_summary(differences: pd.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
    """Return the share of runs in each regime and mean memberships; all nothing without twins."""
    if differences.empty:
        return dict.fromkeys(REGIMES, 0.0), dict.fromkeys(REGIMES, 0.0)
    effects: list[Mapping[str, float]] = differences.to_dict("records")  # type: ignore[assignment]
    labels = [label(row) for row in effects]
    degrees = pd.DataFrame([memberships(row) for row in effects]).mean()
    return (
        {name: labels.count(name) / len(labels) for name in REGIMES},
        {name: float(degrees[name]) for name in REGIMES},
    )


def followers(events: pd.DataFrame, aimed: Mapping[str, int], actors: Sequence[str], runs: int) -> list[dict[str, Any]]:
    """Return who followed, how often, and how often in the twin.

    `aimed` maps a body that shocks aim at to the quarter of the first act on it, `events` has an integer column
    `index` with the quarter.
    """
    announced = events[(events["kind"] == "announce") & events["organization"].isin(list(aimed))]
    announced = announced[~announced["actor"].isin(list(actors))]
    if announced.empty:
        return []
    lag = announced["index"] - announced["organization"].map(aimed)
    announced = announced.assign(lag=lag)[(lag >= 0) & (lag <= FOLLOWING_QUARTERS)]
    found = []
    for (state, body), rows in announced.groupby(["actor", "organization"]):
        shock, twin = (rows[rows["twin"] == flag].drop_duplicates("run") for flag in (False, True))
        if len(shock):
            found.append({
                "iso3": state, "organization": body, "probability": len(shock) / runs,
                "twin_probability": len(twin) / runs, "median_lag_quarters": float(shock["lag"].median()),
            })  # fmt: skip
    return sorted(found, key=lambda row: (-row["probability"], row["iso3"], row["organization"]))


def refill(flows: Array, twin: Array, leavers: Array, budget: float, after: int) -> tuple[float, Array] | None:
    """Return refill of one body and its parts by donor, None where the loss is negligible or the run too short.

    `flows` and `twin` are money by quarter and donor, USD per quarter, (quarter, donor); the last column is private
    money. `leavers` is 1 for the leaving donors. `budget` is the yearly budget.
    """
    given, kept = flows @ leavers, twin @ leavers
    fell = np.flatnonzero(kept - given > NEGLIGIBLE_LOSS * budget / 4)
    if not fell.size or fell[0] + after > len(flows):
        return None
    window = slice(fell[0] + after - 4, fell[0] + after)
    lost = float((kept - given)[window].sum())
    if lost < NEGLIGIBLE_LOSS * budget:
        return None
    parts = ((flows - twin)[window].sum(axis=0) * (1 - leavers)) / lost
    return float(parts.sum()), parts


def refill_summary(rows: Sequence[Mapping[str, Any]], donors: Sequence[str]) -> list[dict[str, Any]]:
    """Return mean refill by organization over runs; `rows` hold organization, after, value and parts by donor."""
    by_body: dict[str, dict[int, list[Mapping[str, Any]]]] = {}
    for row in rows:
        by_body.setdefault(row["organization"], {}).setdefault(row["after"], []).append(row)
    found = []
    for body, found_by_time in by_body.items():
        entry: dict[str, Any] = {"organization": body, "after_4_quarters": None, "after_12_quarters": None, "by": {}}
        for after, runs in found_by_time.items():
            entry[f"after_{after}_quarters"] = float(np.mean([row["value"] for row in runs]))
        parts = np.mean([row["parts"] for row in found_by_time.get(4, [])] or np.zeros((1, len(donors))), axis=0)
        order = np.argsort(-np.abs(parts))[:12]
        entry["by"] = {donors[place]: float(parts[place]) for place in order if abs(parts[place]) >= 0.0005}
        entry["lost_share"] = float(np.mean([row["lost_share"] for runs in found_by_time.values() for row in runs]))
        found.append(entry)
    return sorted(found, key=lambda entry: -entry["lost_share"])
