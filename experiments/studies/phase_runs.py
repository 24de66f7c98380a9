"""The runs of the study of phases: what a shock of some size does in a world of some kind, one replicate at a time.

Replicate r takes row r of the ensemble, so that probabilities are over what is not known. What a case sets holds in
every row.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from abm.calendar import parse_quarter
from abm.comparison import Comparison
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.outcomes import followers
from abm.recording import Recording
from abm.regimes import REGIMES
from abm.state.world import Array
from experiments.studies.composed_runs import comparisons, scene, shocks_of

LEAVERS = ("USA", "GBR", "JPN", "CAN", "ISR", "ARG", "AUS", "KOR", "ITA", "POL")
"""Who leaves, in this order: the leaver of 2026, then allies of it by weight and nearness (an assumption)."""
LISTED = 0
"""The size of the exit from the 66 organizations and the World Health Organization, by the first leaver alone."""
EXIT, EFFECT = "2026Q1", "2027Q1"
NEVER = -1
"""The year of return of those who never come back, not by themselves either."""
QUARTERS = 60
Row = dict[str, Any]


class Cell(NamedTuple):
    """One cell of a phase diagram.

    `size` is the number of states that leave everything, LISTED for the exit from the 66. `axis` and `place` say which
    diagram and where; `settings` are the texts `PATH=VALUE` of that place. `back` is the year in which leavers return,
    none before, or NEVER; 0: nothing is said, and they return by the rules of the model.
    """

    size: int
    axis: str
    place: float
    settings: tuple[str, ...]
    back: int = 0


def exits(size: int) -> list[dict[str, Any]]:
    """Return the exits of a size, to take effect a year after their announcement."""
    if size == LISTED:
        return shocks_of("us-exit-2026")
    return [
        {"kind": "exit", "actor": state, "organizations": "all", "announced": EXIT, "notice_quarters": 4}
        for state in LEAVERS[:size]
    ]


def experiment_of(case: Cell, overrides: Sequence[str]) -> Experiment:
    """Return the experiment of a case."""
    shocks = exits(case.size)
    if case.back:
        for state in LEAVERS[: case.size]:
            stays = {"kind": "refuse", "actor": state, "organizations": "all", "announced": EFFECT}
            returns = {"kind": "return", "actor": state, "organizations": "all", "announced": f"{case.back}Q1"}
            shocks += [stays] if case.back == NEVER else [stays | {"until": f"{case.back}Q1"}, returns]
    return scene(shocks, QUARTERS, (*case.settings, *overrides))


def at_world(cases: Sequence[Cell], number: int, overrides: Sequence[str]) -> list[Row]:
    """Return what one replicate of each case shows; all have the same settings."""
    pairs = comparisons([experiment_of(case, overrides) for case in cases], number)
    return [shown(case, pair, number) for case, pair in zip(cases, pairs, strict=True)]


def shown(case: Cell, pair: Comparison, number: int) -> Row:
    """Return what a case shows: regimes, seats given up, followers, and signs of slowing down."""
    way = pair.trajectory
    more = len(followers(pair.run)) - len(followers(pair.twin))
    return {
        "size": case.size, "axis": case.axis, "place": case.place, "back": case.back, "replicate": number,
        "regime": way.regime, "at_end": way.at_end, "certain": float(way.certain),
        "others_left": way.peak("left_by_others"), "left_at_end": float(way.means["left_by_others"][-1]),
        "segregation": way.peak("segregation"), "legitimacy": pair.changes["legitimacy"],
        "followers": float(more),
        "recovery": recovery(pair.difference("legitimacy")), "unrest": unrest(pair.run),
        **{f"degree.{name}": value for name, value in way.strongest().items()},
    }  # fmt: skip


def by_world(cases: Sequence[Cell]) -> list[tuple[Cell, ...]]:
    """Return cases with the same settings and number of leavers together: they share a counterfactual."""
    groups: dict[tuple[int, tuple[str, ...]], list[Cell]] = {}
    for case in cases:
        groups.setdefault((case.size, case.settings), []).append(case)
    return [tuple(group) for group in groups.values()]


def recovery(effect: Array) -> float:
    """Return the rate at which an effect fades after its trough, 1/year; 0 where it does not, or never was.

    `effect` (quarter,) is run less twin; the rate is that of an exponential through the trough and the last year.
    """
    place = int(effect.argmin())
    deepest, last, years = -float(effect[place]), -float(effect[-4:].mean()), (len(effect) - 2 - place) / 4
    if deepest <= 1e-6 or years <= 0:
        return 0.0
    return float(max(np.log(deepest / max(last, 1e-3 * deepest)) / years, 0.0))


def unrest(run: Recording) -> float:
    """Return the variance of exits announced a year, from 2029 on: after those of the shock."""
    first = parse_quarter("2029Q1") - run.quarters[0]
    later = run.measures["announcements"][first:]
    return float(later[: len(later) // 4 * 4].reshape(-1, 4).sum(axis=1).var())


def likeliest(labels: Sequence[str]) -> tuple[str, float]:
    """Return the commonest regime, the farthest of equal ones, and its share."""
    best = max(reversed(REGIMES), key=list(labels).count)
    return best, list(labels).count(best) / max(len(labels), 1)


def default_of(path: str) -> float:
    """Return the default of a parameter."""
    section, name = path.split(".")
    return float(load_experiment("base").resolved()["parameters"][section][name])
