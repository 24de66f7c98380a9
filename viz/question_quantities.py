"""Quantities that a question can ask for: one number per replicate of a world, in the quarter that the question names.

`WAYS` holds those of one number, by the part of the name before the colon: `effect:clubs`, `recovered:trust_gap`,
`outcome:followers`. `SHARES` holds those of several parties, such as who gives more; there the largest one counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.intervals import summary
from abm.regimes import REGIMES, label_of
from viz.worker_runs import Finished, Numbers

Pair = tuple[Numbers, Numbers]
OWN, RIVAL, OTHER, PRIVATE = "own", "rival", "other", "private"
"""Parties: states of the actor's camp, of the opposite camp, of none; foundations, firms and cities."""
SMALLEST = 1e-9


@dataclass(frozen=True)
class Evidence:
    """The finished runs of one world: pairs of run and twin, what each whole pair has together, and a first run."""

    first: Finished
    pairs: tuple[Pair, ...]
    together: tuple[Mapping[str, float], ...]

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return len(self.pairs)

    def quarter(self, wanted: int) -> int:
        """Return a quarter that the runs have (negative: from the end)."""
        last = len(self.pairs[0][0].series) - 1 if self.pairs else 0
        return min(wanted if wanted >= 0 else last + 1 + wanted, last)


def evidence(finished: Mapping[tuple[int, str], Finished]) -> Evidence | None:
    """Return what finished parts (number, part) give, None before there is a pair."""
    pairs = tuple(pairs_of(finished))
    first = finished.get((0, "run")) or finished.get((0, "pair"))
    if first is None or not pairs:
        return None
    return Evidence(first, pairs, tuple(one.together for one in finished.values() if one.together))


def pairs_of(finished: Mapping[tuple[int, str], Finished]) -> list[Pair]:
    """Return runs with their twins, by number, from finished parts (number, part): whole pairs, else the first one."""
    whole = [(finished[key].run, finished[key].twin) for key in sorted(finished) if key[1] == "pair"]
    if not whole and {(0, "run"), (0, "twin")} <= finished.keys():
        whole = [(finished[0, "run"].run, finished[0, "twin"].twin)]
    return [(run, twin) for run, twin in whole if run is not None and twin is not None]


def effects(world: Evidence, measure: str) -> NDArray[np.float64]:
    """Return run less twin of a measure; shape (run, quarter), no quarters where the runs do not have it."""
    found = []
    for run, twin in world.pairs:
        if measure not in run.measures or measure not in twin.measures:
            return np.empty((len(world.pairs), 0))
        one, other = run.measures.index(measure), twin.measures.index(measure)
        found.append(run.series[:, one].astype(float) - twin.series[:, other])
    return np.array(found)


def effect(world: Evidence, measure: str, quarter: int) -> list[float]:
    """Return run less twin."""
    found = effects(world, measure)
    return found[:, quarter].tolist() if found.size else []


def relative(world: Evidence, measure: str, quarter: int) -> list[float]:
    """Return run less twin, as a share of the twin."""
    own = [twin.at(quarter).get(measure, np.nan) for _, twin in world.pairs]
    return [one / max(other, SMALLEST) for one, other in zip(effect(world, measure, quarter), own, strict=False)]


def recovered(world: Evidence, measure: str, quarter: int) -> list[float]:
    """Return which share of the deepest fall, up to a quarter, is made good again in it.

    It is a share of the mean fall, since the share in one run has no bounds where that run hardly falls. The mean of
    the values is the ratio of means, and their spread that of such a ratio (delta method).
    """
    found = effects(world, measure)
    if not found.size:
        return []
    now, deepest = found[:, quarter], found[:, : quarter + 1].min(axis=1)
    fall = deepest.mean()
    if fall > -SMALLEST:
        return [np.nan] * len(found)
    left = now.mean() / fall
    return (1 - left - (now - left * deepest) / fall).tolist()


def outcome(world: Evidence, name: str, _quarter: int) -> list[float]:
    """Return an outcome of the run."""
    return [run.outcomes[name] for run, _ in world.pairs]


def extra(world: Evidence, name: str, _quarter: int) -> list[float]:
    """Return an outcome of the run less that of its twin."""
    return [run.outcomes[name] - twin.outcomes[name] for run, twin in world.pairs]


def together(world: Evidence, name: str, _quarter: int) -> list[float]:
    """Return an outcome that a run and its twin have together."""
    return [row.get(name, np.nan) for row in world.together]


def regime(world: Evidence, name: str, _quarter: int) -> list[float]:
    """Return 1 for a run with this label, 0 for others."""
    return [float(label == name) for label in labels(world)]


def labels(world: Evidence) -> list[str]:
    """Return the label of each whole pair."""
    return [label_of({name: row[f"degree.{name}"] for name in REGIMES}) for row in world.together]


def gains(world: Evidence, quarter: int) -> NDArray[np.float64]:
    """Return how much more influence on agendas states have than without the shock; shape (run, state)."""
    return np.array([(run.influence[quarter] - twin.influence[quarter]).astype(float) for run, twin in world.pairs])


def largest_gain(world: Evidence, _name: str, quarter: int) -> list[float]:
    """Return the largest gain of influence by one state, as a share of all gains."""
    up = np.maximum(gains(world, quarter), 0)
    return [float(row.max() / row.sum()) if row.sum() > SMALLEST else np.nan for row in up]


WAYS: dict[str, Callable[[Evidence, str, int], list[float]]] = {
    "effect": effect, "relative": relative, "recovered": recovered, "outcome": outcome, "extra": extra,
    "together": together, "regime": regime, "largest_gain": largest_gain,
}  # fmt: skip


def numbers(world: Evidence, name: str, quarter: int) -> list[float]:
    """Return a quantity `way:of_what` in a quarter, one number per run; NaN where it does not apply."""
    way, _, what = name.partition(":")
    return WAYS[way](world, what, world.quarter(quarter))


def parties(world: Evidence) -> list[str]:
    """Return the party of each state; "" for those that act."""
    camps, acting = world.first.camps, {world.first.states.index(code) for code in world.first.actors}
    own = {camps[row] for row in acting}
    return [
        "" if row in acting else OTHER if camp == 0 else OWN if camp in own or own == {0} else RIVAL
        for row, camp in enumerate(camps)
    ]


def givers(world: Evidence, quarter: int) -> dict[str, list[float]]:
    """Return what each party gives the case more than without the shock, in the year up to a quarter: USD, per run."""
    party = [*parties(world), PRIVATE]
    year = slice(max(0, quarter - 3), quarter + 1)
    more = [(run.money[year].astype(float) - twin.money[year]).sum(axis=0) for run, twin in world.pairs]
    return {
        name: [float(row[[one == name for one in party]].sum()) for row in more]
        for name in (OWN, RIVAL, OTHER, PRIVATE)
    }


def trust_lost(world: Evidence, quarter: int) -> dict[str, list[float]]:
    """Return how much trust in who acts is lower than without the shock, mean over each party's states, per run."""
    party = np.array(parties(world))
    found = {}
    for name in (OWN, RIVAL, OTHER):
        rows = party == name
        lost = [np.nan_to_num(twin.trust[quarter, rows] - run.trust[quarter, rows]) for run, twin in world.pairs]
        found[name] = [float(row.mean()) if rows.any() else np.nan for row in lost]
    return found


SHARES: dict[str, Callable[[Evidence, int], dict[str, list[float]]]] = {"givers": givers, "trust_lost": trust_lost}


def said_of(values: Sequence[float]) -> dict[str, Any] | None:
    """Return mean and 90 % interval of numbers per run, None where the quantity applies in no run."""
    found = summary(values) if len(values) else {"mean": None}
    return found if found["mean"] is not None else None


def gainers(world: Evidence, quarter: int, count: int) -> list[str]:
    """Return the codes of the states whose influence grows most, of those that gain at all."""
    mean = gains(world, world.quarter(quarter)).mean(axis=0)
    return [world.first.states[row] for row in np.argsort(-mean)[:count] if mean[row] > 0]


def extra_donors(world: Evidence, quarter: int, count: int) -> list[tuple[str, float]]:
    """Return who gives the case most more in the year up to a quarter (code or "private", USD), mean over runs."""
    quarter = world.quarter(quarter)
    year = slice(max(0, quarter - 3), quarter + 1)
    more = np.mean([(run.money[year] - twin.money[year]).sum(axis=0) for run, twin in world.pairs], axis=0)
    codes = [*world.first.states, PRIVATE]
    return [(codes[row], float(more[row])) for row in np.argsort(-more)[:count] if more[row] > 0]
