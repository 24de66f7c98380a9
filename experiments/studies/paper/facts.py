"""All numbers of the paper, as plain values: those of its own runs, and those of kept results that it cites."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from abm.deciding_rule import UNDECIDED
from abm.schedule import PROCESSES
from abm.simulation import Simulation
from experiments.claims.results import read_published
from experiments.report.headline import certain
from experiments.report.losses_while_out import absence
from experiments.report.orders_figure import KEPT
from experiments.report.refills_figure import known_refills
from experiments.report.result_view import View
from experiments.runs.fingerprint import sources_digest
from experiments.runs.result import Result
from experiments.studies.estimates import Estimate, estimate, share
from experiments.studies.paper.trials import ALONE, PLACEBO, SCENARIO
from experiments.validation.coverage import scores

NAMED, MISSED = 6, 8
"""Followers and misses of the record that are named."""
CHANGES = ("followers", "refill", "effectiveness", "legitimacy", "seats")
"""Columns of the trials that the table of rules shows."""
WORLDWIDE = ("world_effectiveness", "world_legitimacy", "world_budget")
VERDICTS = ("supported", "assumed", "conditional", "refuted", "undecided")


def gather(result: Result, tried: pd.DataFrame, covered: pd.DataFrame) -> dict[str, Any]:
    """Return all facts of the paper; every mean has the ends of its 90 % interval beside it."""
    view, outcomes = View(result), result.outcomes
    effects = {name: outcomes["effects"][name] for name in (
        "shocked.effectiveness", "shocked.legitimacy", "shocked.budget", "shocked.staff", "shocked.commitment",
        "effectiveness", "legitimacy", "clubs", "left_by_others", "mean_trust_in_actor", "actor_agenda_share",
    )}  # fmt: skip
    return {
        "version": version("multilateral-abm"), "sources": sources_digest(), "config": result.experiment.digest(),
        "seed": result.experiment.seed, "runs": view.runs, "first": view.first, "last": view.last,
        "years": len(view.quarters) // 4, "aimed_at": len(outcomes["first_acts"]), "world": _world(result),
        "orders": orders(outcomes), "effects": effects, "troughs": outcomes["troughs"],
        "followers": followers(outcomes), "refill": refill(view), "absence": _absence(view),
        "saved": outcomes["outcomes"]["saved_while_out"], "trials": changes(tried), "placebo": placebo(tried),
        "record": record(covered), "calibration": kept("calibration")["results"], "phases": phases(),
        "claims": claims(),
    }  # fmt: skip


def _world(result: Result) -> dict[str, int]:
    """Return how large the world is, and how many processes run in it."""
    world = Simulation(result.experiment, (result.experiment.seed, 0)).world
    return {"states": len(world.state_codes), "organizations": world.built, "processes": len(PROCESSES)}


def orders(outcomes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the orders that occur, likeliest first: share of runs with its interval, first year in the median run."""
    labels = [row["regime"] for row in outcomes["orders"]]
    found = []
    for name in dict.fromkeys(sorted(labels, key=lambda each: -labels.count(each))):
        entered = [_entered(row) for row in outcomes["orders"] if row["regime"] == name]
        certain = sum(row["certain"] for row in outcomes["orders"] if row["regime"] == name)
        years = sorted(int(quarter[:4]) for quarter in entered if quarter)
        found.append({
            "order": name, "runs": labels.count(name), **_ends(share(labels.count(name), len(labels))),
            "certain": certain, "entered": years[(len(years) - 1) // 2] if years else None,
        })  # fmt: skip
    return found


def _entered(row: Mapping[str, Any]) -> str | None:
    """Return the quarter in which a run enters the order that it is labelled with."""
    return next((spell["entered"] for spell in row["spells"] if spell["regime"] == row["regime"]), None)


def followers(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many follow in excess of the twin, the likeliest states, and which rules decide their exits."""
    one = outcomes["outcomes"]["followers"]
    excess = np.array([one["by_replicate"][key] - one["twin_by_replicate"][key] for key in one["by_replicate"]])
    low, middle, high = np.quantile(excess, (0.05, 0.5, 0.95))
    states = [{"iso3": code} | row for code, row in list(outcomes["follower_states"].items())[:NAMED]]
    rules = {name: part for name, part in outcomes["follower_rules"].items() if name != UNDECIDED}
    return {
        "excess": _ends(estimate(excess)), "median": float(middle), "p05": float(low), "p95": float(high),
        "mean": one["mean"], "twin_mean": one["twin_mean"], "states": states,
        "rules": rules, "decided": sum(rules.values()),
    }  # fmt: skip


def refill(view: View) -> dict[str, Any]:
    """Return how much of the loss others make up by year, and the donors who give most of it."""
    totals = view.result.outcomes["refill_total"]
    given: dict[str, float] = {}
    for entry in known_refills(view):
        for donor, part in entry["by"].items():
            given[donor] = given.get(donor, 0.0) + max(part, 0.0) * entry.get("lost_share", 1.0)
    states = sorted((code for code in given if code != "private"), key=lambda code: -given[code])
    by_year = {str(year): totals[f"after_{4 * year}_quarters"] for year in (1, 2, 3)}
    return {"by_year": by_year, "donors": states[:3], "organizations": len(known_refills(view))}


def _absence(view: View) -> dict[str, Any] | None:
    """Return for how many years the leaver is out of half of what it left."""
    found = absence(view, "shocked.effectiveness")
    return None if found is None else dict(zip(("mean", "low", "high"), found.years, strict=True))


def changes(tried: pd.DataFrame) -> list[dict[str, Any]]:
    """Return for each variant its means, and paired by replicate how far they are from those of all rules.

    `moves` names those whose interval excludes zero.
    """
    table = tried[tried["scenario"] == SCENARIO]
    base = table[table["variant"] == ALONE].set_index("replicate")
    found = []
    for name, some in table.groupby("variant", sort=False):
        rows = some.set_index("replicate")
        apart = {column: _ends(estimate((rows[column] - base[column]).dropna().to_numpy())) for column in CHANGES}
        labels = list(rows["order"])
        likeliest = max(dict.fromkeys(labels), key=labels.count)
        found.append({
            "variant": name, "runs": len(rows),
            "means": {column: _ends(estimate(rows[column].dropna().to_numpy())) for column in CHANGES},
            "apart": apart, "moves": [column for column in CHANGES if certain(apart[column])],
            "order": likeliest, "share": labels.count(likeliest) / len(labels),
        })  # fmt: skip
    return found


def placebo(tried: pd.DataFrame) -> dict[str, Any]:
    """Return the effects on the world of the same exit by a small state, beside those of the large one."""
    large, small = (
        tried[(tried["scenario"] == scenario) & (tried["variant"] == ALONE)] for scenario in (SCENARIO, PLACEBO)
    )
    labels = list(small["order"])
    found: dict[str, Any] = {"runs": len(small), "continuity": labels.count("continuity") / len(labels)}
    for column in WORLDWIDE:
        found[column] = {
            "large": _ends(estimate(large[column].to_numpy())),
            "small": _ends(estimate(small[column].to_numpy())),
        }
    return found


def record(covered: pd.DataFrame) -> dict[str, Any]:
    """Return how many known quantities lie inside their intervals, by kind, and the farthest misses."""
    rows: list[dict[str, Any]] = covered.to_dict("records")  # type: ignore[assignment]
    found = scores(rows)
    missed = sorted((row for row in rows if row["inside"] is False), key=lambda row: row["log_score"])[:MISSED]
    keys = ("episode", "organization", "quantity", "observed", "low", "high")
    return {
        "scores": found, "episodes": int(covered["episode"].nunique()), "replicates": int(covered["runs"].max()),
        "missed": [{key: row[key] for key in keys} for row in missed],
        "misses": sum(row["inside"] is False for row in rows),
    }  # fmt: skip


def phases() -> dict[str, Any]:
    """Return what the kept study of phases says: the likeliest order by size of the shock, and where rows tip."""
    with files("experiments").joinpath(KEPT).open(encoding="utf-8") as file:
        cells = pd.read_csv(file)
    some = cells[(cells["axis"] == "additivity") & np.isclose(cells["place"], 0.5)].sort_values("size")
    by_size = [
        {
            "size": int(row["size"]),
            "order": row["likeliest"],
            "share": float(row["share"]),
            "tipped": float(row["tipped"]),
        }
        for row in some.to_dict("records")
    ]
    tipping = cells[cells["tipped"] > 0]
    return {
        "rows": int(cells["runs"].max()), "by_size": by_size, "most_tipped": float(cells["tipped"].max()),
        "least_place": float(tipping["place"].min()) if len(tipping) else None,
        "least_leavers": int(tipping["size"].min()) if len(tipping) else None,
        "returns": kept("phases")["results"]["left_by_year_of_return"], "lines": kept("phases")["lines"],
    }  # fmt: skip


def claims() -> dict[str, Any]:
    """Return how many claims of commentators have each verdict in the kept test."""
    verdicts = [row["verdict"] for row in read_published()["claims"]]
    counts = {name: verdicts.count(name) for name in VERDICTS if name in verdicts}
    return {"count": len(verdicts), "verdicts": counts}


def kept(study: str) -> dict[str, Any]:
    """Return the summary of a kept study."""
    file = files("experiments").joinpath(f"studies/results/{study}/summary.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _ends(one: Estimate) -> dict[str, float]:
    """Return an estimate as plain values."""
    return {"mean": one.value, "low": one.low, "high": one.high}
