"""Outcomes of single runs in a sweep: one number a run, NaN where it does not apply, each with unit and meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from abm.measures import names
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.runs.money import Flows, refills
from experiments.runs.outcomes import FOLLOWING_QUARTERS
from experiments.runs.tables import measured
from experiments.sweeps.tasks import PAIR_OUTCOMES

QUIET = {"births_a_year": 2.0, "exits_a_year": 3.0, "effectiveness_lost": 0.04, "income_lost": 0.05}
"""A no-shock world is quiet up to these; assumptions that leave room for what happens without any shock."""
DEATHS = ("death", "replaced")


@dataclass
class Finished:
    """A run at its end: `flows` is the money of the bodies that shocks aim at, `seconds` what it took."""

    simulation: Simulation
    flows: Flows
    is_twin: bool
    seconds: float = 0.0

    @cached_property
    def series(self) -> dict[str, Array]:
        """Measures by name, a value for each quarter; shape (quarter,)."""
        measures, values = measured(self.simulation)
        return dict(zip(measures, values.T, strict=True))

    @property
    def years(self) -> float:
        """Length of the run."""
        return len(self.simulation.record.quarters) / 4

    def events(self, *kinds: str) -> int:
        """Return how many events of some kinds there were."""
        return sum(event.kind in kinds for _, event in self.simulation.record.events)


class RunOutcome(NamedTuple):
    """An outcome of a run: `function` of the finished run gives one number."""

    function: Callable[[Finished], float]
    unit: str
    doc: str


def following(run: Finished) -> float:
    """Return how many exits others announced from bodies that shocks aim at, within three years of the first act."""
    world, aims = run.simulation.world, run.flows.aims
    acting = {world.state_codes.index(code) for code in run.flows.actors}
    found = {
        (event.actor, event.code)
        for quarter, event in run.simulation.record.events
        if event.kind == "announce" and event.code in aims and event.actor not in acting
        if 0 <= quarter - aims[event.code] <= FOLLOWING_QUARTERS
    }
    return float(len(found))


def change(run: Finished, measure: str) -> float:
    """Return the relative change of a measure from the first to the last quarter, 0 where it begins at 0."""
    values = run.series[measure]
    return float(values[-1] / values[0] - 1) if values[0] else 0.0


def quiet(run: Finished) -> float:
    """Return 1 for a twin within the limits of QUIET, 0 for one that drifts, NaN for a run with shocks."""
    if not run.is_twin:
        return float("nan")
    calm = run.events("founded") <= QUIET["births_a_year"] * run.years
    calm &= float(run.series["exits"].sum()) <= QUIET["exits_a_year"] * run.years
    calm &= change(run, "effectiveness") >= -QUIET["effectiveness_lost"]
    return float(calm and change(run, "total_income") >= -QUIET["income_lost"])


RUN_OUTCOMES: dict[str, RunOutcome] = {
    "followers": RunOutcome(following, "exits", "exits that others announce from bodies shocks aim at, within 3 years"),
    "followers_none": RunOutcome(lambda run: float(following(run) == 0), "1", "nobody follows"),
    "exits_total": RunOutcome(lambda run: float(run.series["exits"].sum()), "exits", "exits that took effect"),
    "deaths_total": RunOutcome(lambda run: float(run.events(*DEATHS)), "bodies", "organizations that died"),
    "clubs_born": RunOutcome(lambda run: float(run.events("founded")), "bodies", "clubs founded"),
    "income_change": RunOutcome(lambda run: change(run, "total_income"), "1", "income of all bodies, last to first"),
    "quiet": RunOutcome(quiet, "1", "a twin that does not drift by itself"),
}


def run_outcomes(run: Finished) -> dict[str, float]:
    """Return all outcomes of a run by name; those of a pair are NaN."""
    found = {name: outcome.function(run) for name, outcome in RUN_OUTCOMES.items()}
    return found | dict.fromkeys(PAIR_OUTCOMES, float("nan"))


def pair_outcomes(run: Finished, twin: Finished) -> dict[str, float]:
    """Return the outcomes that a run and its twin have together."""
    rows = refills(run.flows, twin.flows.by_body)
    found = {}
    for name in PAIR_OUTCOMES:
        after = int(name.partition("_")[2])
        values = [row["value"] for row in rows if row["after"] == after]
        found[name] = float(np.median(values)) if values else float("nan")
    return found


def unfinite(run: Finished) -> str:
    """Return which measure is not a number, and when; "" if all are. What never applies is 0 in the series."""
    values = np.array([run.series[name] for name in (*names("system"), *names("body"))])
    wrong = np.argwhere(~np.isfinite(values))
    if not wrong.size:
        return ""
    measure, quarter = wrong[0]
    return f"{(*names('system'), *names('body'))[measure]} is {values[measure, quarter]} in quarter {quarter + 1}"
