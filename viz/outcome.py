"""The outcome of a story: its findings, which order results, outcomes, measures by quarter, who pays more.

As everywhere, `low` and `high` are the 90 % t-interval of a mean over runs, `p05` and `p95` percentiles of runs. While
further runs come, `of` says how many there will be.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.intervals import half_width, summary
from abm.outcomes import OUTCOMES, outcome_names
from abm.regimes import REGIMES, label_of
from viz.question_quantities import Pair, pairs_of
from viz.story_numbers import findings
from viz.worker_runs import Finished, Numbers

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
LEAST = 4
"""Pairs from which on an interval is shown while others are to come: that of two or three says next to nothing."""


def told(finished: Mapping[tuple[int, str], Finished], of: int) -> dict[tuple[int, str], Finished]:
    """Return which of the finished parts of `of` pairs are shown by now: first the pair of the first run alone."""
    count = sum(part == "pair" for _, part in finished)
    return {key: one for key, one in finished.items() if key[0] == 0 or count >= min(LEAST, of)}


def outcome(finished: Mapping[tuple[int, str], Finished], of: int) -> dict[str, Any]:
    """Return all that is said of finished parts (number, part) of `of` pairs, for every quarter: it is told once."""
    first = finished.get((0, "run"))
    if first is None or first.run is None:
        return NO_RUN
    pairs, together = pairs_of(finished), [one.together for one in finished.values() if one.together]
    found = findings(finished)
    found |= {"of": of} if found else {}
    return {
        "count": len(pairs),
        "of": of,
        "judged": len(together),
        "findings": rounded(found),
        "regimes": regimes(together),
        "outcomes": outcomes(pairs, together),
        "measures": measures(pairs),
        "donors": donors(first, pairs, found["horizon"]) if found else [],
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


def measures(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Return by quarter, for each measure shown: medians over runs and over twins, mean and interval of the effect."""
    rows = []
    for name in MEASURES:
        if not pairs or any(name not in numbers.measures for pair in pairs for numbers in pair):
            continue
        run, twin = (np.array([_line(pair[place], name) for pair in pairs]) for place in (0, 1))  # (run, quarter)
        rows.append(
            {"name": name, "run": np.median(run, axis=0), "twin": np.median(twin, axis=0)} | _effect(run - twin)
        )
    return [{key: one if key == "name" else listed(one) for key, one in row.items()} for row in rows]


def _effect(effects: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return mean and 90 % interval by quarter of effects, shape (run, quarter); no interval (NaN) for one run."""
    mean, count = effects.mean(axis=0), len(effects)
    half = half_width(1.0, count) * effects.std(axis=0, ddof=1) if count > 1 else np.full(len(mean), np.nan)
    return {"difference": mean, "low": mean - half, "high": mean + half}


def listed(values: NDArray[np.float64]) -> list[float | None]:
    """Return numbers of four digits, None for those that are none."""
    return [finite(value) for value in values.tolist()]


def _line(numbers: Numbers, name: str) -> NDArray[np.float64]:
    """Return a measure of one run by quarter."""
    return numbers.series[:, numbers.measures.index(name)].astype(float)


def donors(first: Finished, pairs: Sequence[Pair], quarter: int) -> list[dict[str, Any]]:
    """Return who gives most more, and most less, in a quarter than in the twin: USD a year, mean over runs."""
    change = np.mean([run.given[quarter] - twin.given[quarter] for run, twin in pairs], axis=0)  # (state,)
    order = np.argsort(-np.abs(change))[:DONORS]
    return [
        {"code": first.states[row], "change": float(change[row]), "actor": first.states[row] in first.actors}
        for row in order
        if abs(change[row]) >= LEAST_CHANGE
    ]


def finite(value: Any) -> float | None:
    """Return a number of four digits that JSON can carry, None for what is not there."""
    if value is None or not isfinite(value):
        return None
    return float(f"{float(value):.4g}")


def rounded(value: Any) -> Any:
    """Return nested values with all numbers of four digits."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return finite(value) if isinstance(value, float) else value
