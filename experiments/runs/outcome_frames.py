"""The outcomes of a result as tidy frames: one row for each effect, follower, organization or run."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from abm.measures import MEASURES

SUMMARY = ("mean", "low", "high", "p05", "p95")
"""Columns of a summary over runs: mean, ends of its 90 % t-interval, 5th and 95th percentile of runs."""


def effects_frame(outcomes: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row for each measure: what the shock changes in the last quarter, run less twin.

    Index `measure`; columns SUMMARY, `unit` and `meaning`. Measures that begin with `shocked.` are means over the
    organizations that shocks aim at. Empty without twins.
    """
    found = outcomes.get("effects") or {}
    frame = pd.DataFrame.from_dict(found, orient="index", columns=list(SUMMARY)).astype(float)
    known = [MEASURES.get(str(name).removeprefix("shocked.")) for name in frame.index]
    words = {
        "unit": [one.unit if one else "" for one in known],
        "meaning": [one.doc if one else "" for one in known],
    }
    return frame.assign(**words).rename_axis("measure")


def effects_by_run(series: pd.DataFrame) -> pd.DataFrame:
    """Return effects read from a table of series: run less twin in the last quarter; rows are runs, none without twins.

    They are those of `abm.comparison.Comparison.effects`.
    """
    last = series[series["quarter"] == series["quarter"].max()]
    if last["twin"].nunique() < 2:
        return pd.DataFrame()
    wide = last.pivot_table(index="run", columns=["twin", "measure"], values="value", dropna=False)
    return (wide[False] - wide[True]).dropna(how="all")


def followers_frame(outcomes: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row for each state and organization that it leaves after the actors, the most frequent first.

    Columns: `iso3`, `organization`, `probability` (share of runs), `twin_probability`, `median_lag_quarters`.
    """
    columns = ["iso3", "organization", "probability", "twin_probability", "median_lag_quarters"]
    return pd.DataFrame(outcomes.get("followers") or [], columns=columns)


def refill_frame(outcomes: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row for each organization that lost money and each donor: who replaces which share of the loss.

    Columns: `organization`, `donor`, `share` (of the loss, four quarters after money falls, mean over runs),
    `lost_share` (the loss as a share of the yearly budget), `after_4_quarters` and `after_12_quarters` (shares of all
    donors together, NaN where the run is too short). Donors with the smallest parts are left out.
    """
    columns = ["organization", "donor", "share", "lost_share", "after_4_quarters", "after_12_quarters"]
    rows = [
        {"donor": donor, "share": share} | {name: entry.get(name) for name in columns if name not in ("donor", "share")}
        for entry in outcomes.get("refill") or []
        for donor, share in entry["by"].items()
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype(dict.fromkeys(columns[2:], float))


def values_frame(outcomes: Mapping[str, Any]) -> pd.DataFrame:
    """Return all outcomes of `abm.outcomes` by run; index `run` and `twin`, a column for each outcome, NaN for none."""
    found = outcomes.get("outcomes") or {}
    parts = {}
    for twin, key in ((False, "by_replicate"), (True, "twin_by_replicate")):
        columns = {name: {int(run): value for run, value in one[key].items()} for name, one in found.items()}
        parts[twin] = pd.DataFrame(columns, columns=list(found), dtype=float).rename_axis("run")
    both = pd.concat(parts, names=["twin"]).swaplevel().sort_index()
    return both.dropna(how="all")


def orders_frame(outcomes: Mapping[str, Any]) -> pd.DataFrame:
    """Return which order each run ends in: index `run`; columns `regime`, `certain`, `at_end`, `by_chance`."""
    columns = ["replicate", "regime", "certain", "at_end", "by_chance"]
    frame = pd.DataFrame([{name: row[name] for name in columns} for row in outcomes.get("orders") or []], None, columns)
    return frame.rename(columns={"replicate": "run"}).set_index("run")
