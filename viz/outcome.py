"""The outcome panel: which order results, outcomes, measures, the league of organizations, who pays more.

As everywhere, `low` and `high` are the 90 % t-interval of a mean over runs, `p05` and `p95` percentiles of runs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abm.intervals import summary
from abm.outcomes import OUTCOMES, outcome_names
from abm.regimes import REGIMES, label_of
from viz.runs import LEAGUE, Finished, Numbers

MEASURES = (
    "shocked.effectiveness", "shocked.budget", "shocked.staff", "shocked.legitimacy", "shocked.commitment",
    "shocked.members", "actor_agenda_share", "mean_trust_in_actor", "mean_agreement_with_actor", "clubs", "trust_gap",
    "global_provision",
)  # fmt: skip
"""Measures that the panel shows: shocked organizations, then the leaver, then the whole."""
DONORS = 8
LEAST_CHANGE = 1e5
"""USD a year below which a change of what a state gives is not listed."""
NO_RUN: dict[str, Any] = {}

Pair = tuple[Numbers, Numbers]


def pairs_of(finished: Mapping[tuple[int, str], Finished]) -> list[Pair]:
    """Return runs with their twins, by number, from finished parts (number, part); whole pairs where there are any."""
    found = []
    for number in sorted({number for number, _ in finished}):
        parts = [finished[number, part] for part in ("pair", "run", "twin") if (number, part) in finished]
        run = next((part.run for part in parts if part.run is not None), None)
        twin = next((part.twin for part in parts if part.twin is not None), None)
        if run is not None and twin is not None:
            found.append((run, twin))
    return found


def outcome(finished: Mapping[tuple[int, str], Finished], quarter: int) -> dict[str, Any]:
    """Return the whole panel: regimes and donors by the end, measures and the league in the quarter shown."""
    first = finished.get((0, "run"))
    if first is None or first.run is None:
        return NO_RUN
    pairs, together = pairs_of(finished), [one.together for one in finished.values() if one.together]
    return {
        "count": len(pairs),
        "quarter": quarter,
        "judged": len(together),
        "regimes": regimes(together),
        "outcomes": outcomes(pairs, together),
        "measures": measures(first.run, pairs, quarter),
        "league": league(first, pairs, quarter),
        "donors": donors(first, pairs),
    }


def regimes(together: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Return for every regime the share of runs labelled so and the mean membership, from outcomes of whole pairs."""
    degrees = [{name: found[f"degree.{name}"] for name in REGIMES} for found in together]
    labels = [label_of(row) for row in degrees]
    count = max(len(degrees), 1)
    return [
        {
            "name": name,
            "share": labels.count(name) / count,
            "degree": sum(row[name] for row in degrees) / count,
        }
        for name in REGIMES
    ]


def outcomes(pairs: Sequence[Pair], together: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Return unit, meaning, summary over runs and mean over twins of every outcome that applies to these runs."""
    rows = []
    for name in outcome_names("run", "pair"):
        one = OUTCOMES[name]
        by_run = one.made_of == "run"
        found = summary([numbers.outcomes[name] for numbers, _ in pairs] if by_run else [row[name] for row in together])
        if not one.listed or found["mean"] is None:
            continue
        twin = summary([numbers.outcomes[name] for _, numbers in pairs])["mean"] if by_run else None
        texts = {"name": name, "unit": one.unit, "meaning": one.meaning}
        rows.append(texts | {key: finite(value) for key, value in (found | {"twin_mean": twin}).items()})
    return rows


def differences(pair: Pair, quarter: int) -> dict[str, float]:
    """Return run minus twin for all measures that both have."""
    run, twin = (numbers.at(quarter) for numbers in pair)
    return {name: value - twin[name] for name, value in run.items() if name in twin}


def measures(run: Numbers, pairs: Sequence[Pair], quarter: int) -> list[dict[str, Any]]:
    """Return value, twin, and the summary of the difference over the runs, for each measure shown."""
    now = run.at(quarter)
    twin = pairs[0][1].at(quarter) if pairs else {}
    effects = [differences(pair, quarter) for pair in pairs]
    rows = []
    for name in MEASURES:
        if name not in now:
            continue
        found = summary([row.get(name, np.nan) for row in effects])
        rows.append({
            "name": name,
            "run": finite(now[name]),
            "twin": finite(twin.get(name)),
            "difference": finite(found["mean"]),
            **{key: finite(found[key]) for key in ("low", "high", "p05", "p95")},
        })  # fmt: skip
    return rows


def league(first: Finished, pairs: Sequence[Pair], quarter: int) -> list[dict[str, Any]]:
    """Return organizations that are alive in the first run with their values and, for effectiveness, the twin's."""
    assert first.run is not None
    values, leaders = first.run.league[quarter], first.run.leaders[quarter]  # (measure, organization), (organization,)
    twin = pairs[0][1].league[quarter] if pairs else None
    place = LEAGUE.index("effectiveness")
    rows = []
    for row, code in enumerate(first.organizations):
        if not np.isfinite(values[LEAGUE.index("members"), row]):
            continue
        leader = int(leaders[row])
        there = twin is not None and row < twin.shape[1]
        change = float(values[place, row] - twin[place, row]) if twin is not None and there else None
        rows.append({
            "code": code,
            "name": first.organization_names[row],
            **{name: finite(values[number, row]) for number, name in enumerate(LEAGUE)},
            "change": finite(change),
            "leader": first.states[leader] if leader >= 0 else "",
        })  # fmt: skip
    return rows


def donors(first: Finished, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Return who gives most more, and most less, at the end than in the twin: USD a year, mean over runs."""
    if not pairs:
        return []
    change = np.mean([run.given[-1] - twin.given[-1] for run, twin in pairs], axis=0)  # (state,)
    order = np.argsort(-np.abs(change))[:DONORS]
    return [
        {"code": first.states[row], "change": float(change[row]), "actor": first.states[row] in first.actors}
        for row in order
        if abs(change[row]) >= LEAST_CHANGE
    ]


def finite(value: Any) -> float | None:
    """Return a number of four digits that JSON can carry, None for what is not there."""
    if value is None or not np.isfinite(value):
        return None
    return float(f"{float(value):.4g}")
