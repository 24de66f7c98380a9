"""Outcomes of an experiment over its replicates, the `--json` object; each is defined in `abm.outcomes`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abm.calendar import format_quarter
from abm.comparison import Comparison
from abm.intervals import summary
from abm.outcomes import (
    OUTCOMES,
    REFILL_QUARTERS,
    TROUGHS,
    Follower,
    Refill,
    Trough,
    deciding_rules,
    followers,
    following_states,
    outcomes_of_pair,
    outcomes_of_run,
    refills,
    trough,
)
from abm.recording import Recording
from abm.regime_trajectory import Trajectory
from abm.regimes import REGIMES, label_of

ENTRY_QUARTERS = (4, 12)
"""Times at which the entries of single organizations give refill."""
MOST_DONORS, LEAST_PART = 12, 0.0005
"""Donors that an entry of refill names at most, and the smallest share of the loss that is named."""


@dataclass
class Findings:
    """Outcomes of one replicate. `followers` and `values` are by twin flag; the others are of both runs together."""

    replicate: int
    followers: dict[bool, list[Follower]] = field(default_factory=dict)
    values: dict[bool, dict[str, float]] = field(default_factory=dict)
    effects: dict[str, float] = field(default_factory=dict)
    regimes: dict[str, float] = field(default_factory=dict)
    trajectory: Trajectory | None = None
    by_chance: str = ""
    troughs: dict[str, Trough] = field(default_factory=dict)
    refills: dict[int, dict[str, Refill]] = field(default_factory=dict)


def findings(replicate: int, run: Recording | None, twin: Recording | None) -> Findings:
    """Return the outcomes of a replicate, as far as its runs were made."""
    found = Findings(replicate)
    for one in (run, twin):
        if one is not None:
            found.followers[one.is_twin], found.values[one.is_twin] = followers(one), outcomes_of_run(one)
    if run is not None:
        comparison = Comparison(run, twin)
        found.refills = {after: refills(comparison, after) for after in REFILL_QUARTERS}
        found.values[False] |= outcomes_of_pair(comparison)
        if twin is not None:
            found.effects, found.regimes = comparison.effects, comparison.regimes
            found.trajectory, found.by_chance = comparison.trajectory, comparison.regime_by_chance
            found.troughs = {name: trough(comparison, name) for name in TROUGHS if name in run.measures}
    return found


def summaries(found: Sequence[Findings], donors: Sequence[str]) -> dict[str, Any]:
    """Return regimes, effects, troughs, followers, refill and all outcomes over replicates."""
    pairs = [one for one in found if one.effects]
    return {
        **_regimes([one.regimes for one in pairs]),
        "orders": [_order(one) for one in pairs],
        "orders_over_time": _over_time([one.trajectory for one in pairs if one.trajectory is not None]),
        "effects": _effects([one.effects for one in pairs]),
        "troughs": _troughs([one.troughs for one in pairs]),
        "followers": _followers(found),
        "follower_states": _follower_states(found),
        "follower_rules": deciding_rules([one.followers[False] for one in found if False in one.followers]),
        "refill": _refill(found, donors),
        "refill_total": {
            f"after_{after}_quarters": summary(_values(found, f"refill_total_{after}")) for after in REFILL_QUARTERS
        },
        "outcomes": {name: _outcome(found, name) for name in OUTCOMES},
    }


def _values(found: Sequence[Findings], name: str, twin: bool = False) -> list[float]:
    """Return the values of an outcome by replicate, of those that were made."""
    return [one.values[twin][name] for one in found if twin in one.values]


def _outcome(found: Sequence[Findings], name: str) -> dict[str, Any]:
    """Return unit, meaning and summary of an outcome, its mean in the twins, and its values by replicate."""
    one = OUTCOMES[name]
    return {
        "unit": one.unit,
        "meaning": one.meaning,
        **summary(_values(found, name, one.made_of == "twin")),
        "twin_mean": summary(_values(found, name, True))["mean"] if one.made_of == "run" else None,
        "by_replicate": _by_replicate(found, name, False),
        "twin_by_replicate": _by_replicate(found, name, True) if one.made_of != "pair" else {},
    }


def _by_replicate(found: Sequence[Findings], name: str, twin: bool) -> dict[str, float | None]:
    """Return the values of an outcome by number of the replicate."""
    return {str(one.replicate): _plain(one.values[twin][name]) for one in found if twin in one.values}


def _plain(value: float) -> float | None:
    """Return a number as JSON takes it, None for none."""
    return value if np.isfinite(value) else None


def _regimes(degrees: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Return the share of runs in each regime and mean memberships; all nothing without twins."""
    labels = [label_of(row) for row in degrees]
    count = max(len(degrees), 1)
    return {
        "regimes": {name: labels.count(name) / count for name in REGIMES},
        "regime_memberships": {name: float(np.mean([row[name] for row in degrees] or [0.0])) for name in REGIMES},
    }


def _order(one: Findings) -> dict[str, Any]:
    """Return the way of one replicate: its regime with dates, whether it is certain, and three other verdicts."""
    way = one.trajectory
    assert way is not None
    return {
        "replicate": one.replicate,
        "regime": way.regime,
        "certain": way.certain,
        "spells": [
            {
                "regime": spell.regime,
                "entered": format_quarter(spell.entered),
                "left": None if spell.left is None else format_quarter(spell.left),
            }
            for spell in way.spells
        ],
        "at_end": way.at_end,
        "in_last_quarter": way.in_last_quarter,
        "by_chance": one.by_chance,
    }


def _over_time(ways: Sequence[Trajectory]) -> dict[str, Any]:
    """Return the share of runs in each regime over the three years that end in each quarter."""
    if not ways:
        return {"quarters": [], "shares": {}}
    labels = list(zip(*(way.labels for way in ways), strict=True))
    return {
        "quarters": [format_quarter(quarter) for quarter in ways[0].quarters],
        "shares": {name: [now.count(name) / len(ways) for now in labels] for name in REGIMES},
    }


def _effects(rows: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float | None]]:
    """Return the summary of each effect, measures in order of their names."""
    return {name: summary([row[name] for row in rows]) for name in sorted(rows[0])} if rows else {}


def _troughs(rows: Sequence[Mapping[str, Trough]]) -> dict[str, dict[str, Any]]:
    """Return the summary of the worst effect on each measure, with the median quarter in which it is reached."""
    return {
        name: summary([row[name].effect for row in rows])
        | {"quarter": format_quarter(int(np.median([row[name].quarter for row in rows])))}
        for name in (rows[0] if rows else ())
    }


def _followers(found: Sequence[Findings]) -> list[dict[str, Any]]:
    """Return who followed, how often, and how often in the twin; most frequent first."""
    runs = max(sum(False in one.followers for one in found), 1)
    lags: dict[tuple[str, str], dict[bool, list[int]]] = {}
    for one in found:
        for twin, followed in one.followers.items():
            for follower in followed:
                entry = lags.setdefault((follower.state, follower.organization), {False: [], True: []})
                entry[twin].append(follower.lag)
    rows = [
        {
            "iso3": state, "organization": organization, "probability": len(entry[False]) / runs,
            "twin_probability": len(entry[True]) / runs, "median_lag_quarters": float(np.median(entry[False])),
        }
        for (state, organization), entry in lags.items()
        if entry[False]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["probability"], row["iso3"], row["organization"]))


def _follower_states(found: Sequence[Findings]) -> dict[str, dict[str, float]]:
    """Return the share of runs in which a state follows out of any organization, and that of twins, by state."""
    run, twin = (
        following_states([one.followers[is_twin] for one in found if is_twin in one.followers])
        for is_twin in (False, True)
    )
    return {state: {"probability": share, "twin_probability": twin.get(state, 0.0)} for state, share in run.items()}


def _refill(found: Sequence[Findings], donors: Sequence[str]) -> list[dict[str, Any]]:
    """Return mean refill by organization over replicates, the largest share of loss first."""
    codes = dict.fromkeys(code for one in found for after in ENTRY_QUARTERS for code in one.refills.get(after, ()))
    entries = [_refill_entry(code, found, donors) for code in codes]
    return sorted(entries, key=lambda entry: -entry["lost_share"])


def _refill_entry(code: str, found: Sequence[Findings], donors: Sequence[str]) -> dict[str, Any]:
    """Return mean refill of one organization: at each time, by donor after four quarters, and the share lost."""
    by_time = {
        after: [one.refills[after][code] for one in found if code in one.refills.get(after, {})]
        for after in ENTRY_QUARTERS
    }
    entry: dict[str, Any] = {"organization": code}
    for after, rows in by_time.items():
        entry[f"after_{after}_quarters"] = float(np.mean([row.share for row in rows])) if rows else None
    parts = np.mean([row.parts for row in by_time[4]] or np.zeros((1, len(donors))), axis=0)
    order = np.argsort(-np.abs(parts))[:MOST_DONORS]
    entry["by"] = {donors[place]: float(parts[place]) for place in order if abs(parts[place]) >= LEAST_PART}
    entry["lost_share"] = float(np.mean([row.lost_share for rows in by_time.values() for row in rows]))
    return entry
