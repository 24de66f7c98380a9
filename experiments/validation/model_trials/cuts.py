"""Trials of money: what a cut does to budget, staff and work, and what others give instead."""

import numpy as np

from abm.outcomes import first_loss, refill
from abm.state.world import Array
from experiments.validation.nulls import MEAN_REFILL, budget_cut
from experiments.validation.readings import Reading, Readings, scenario
from experiments.validation.simulated_accounts import Books, books_of

CUTS = (("unesco-1984", "UNESCO"), ("unesco-2011", "UNESCO"), ("unrwa-2018", "UNRWA"), ("who-2025", "WHO"))
"""Scenario and organization: a leaver's dues, dues withheld under appeal, gifts to a salient cause, a mixed loss."""
AFTER = (4, 8, 12)
PAIR_QUARTERS = 26
TWICE, FIRST, SECOND = "left-twice", 4, 60
"""Quarters from the start to the effect of the first and of the second exit."""


def cuts(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Run every cut with its twin; the nulls know the lost share only."""
    found: dict[str, Reading] = {"model": {}, "n0": {}, "n1": {}}
    for name, body in CUTS:
        experiment = scenario(name, f"quarters={PAIR_QUARTERS}", *overrides)
        run, twin = (books_of(e, number, body, experiment) for e in (experiment, experiment.twin()))
        found["model"][name] = reading = _cut(run, twin)
        lost = reading["lost_share"]
        for null, share in (("n0", 0.0), ("n1", MEAN_REFILL)):
            refills = {f"refill_{after}": share for after in AFTER}
            found[null][name] = {"lost_share": lost, "budget_cut": budget_cut(lost, null == "n1"), **refills}
    return dict(found)


def _cut(run: Books, twin: Books) -> Reading:
    """Return refills, and the lost share and the cuts of budget and staff three years after money first falls.

    All are NaN where the organization dies in either world: what is left of a dead organization's budget is no cut.
    """
    names = [f"refill_{after}" for after in AFTER]
    if run.died or twin.died:
        return dict.fromkeys(("lost_share", *names, "budget_cut", "staff_cut"), np.nan)
    given, kept = run.flows @ run.leavers, twin.flows @ run.leavers
    first = first_loss(kept - given, run.yearly_budget)
    assert first is not None, "every cut takes money"
    year, last = slice(first + 8, first + 12), first + 11
    found: Reading = {"lost_share": float((kept - given)[year].sum() / twin.series["income"][year].sum())}
    for name, after in zip(names, AFTER, strict=True):
        outcome = refill(run.flows, twin.flows, run.leavers, run.yearly_budget, after)
        found[name] = outcome[0] if outcome else np.nan
    for name in ("budget", "staff"):
        found[f"{name}_cut"] = float(1 - run.series[name][last] / twin.series[name][last])
    return found


def poor(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Cut the money of one organization, once with its reserves and once with none; the nulls have no staff."""
    name, body = CUTS[0]
    experiment = scenario(name, f"quarters={PAIR_QUARTERS}", *overrides)
    found = {}
    for kind, reserves in (("usual", 1.0), ("poor", 0.0)):
        run, twin = (books_of(e, number, body, experiment, reserves) for e in (experiment, experiment.twin()))
        found[kind] = _cut(run, twin)
    return {"model": found, "n0": None, "n1": None}


def twice(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Run the organization that is left twice, NaN where it dies; the nulls lose the same both times, or nothing."""
    experiment = scenario(TWICE, "quarters=73", *overrides)
    run, twin = (books_of(e, number, "UNESCO", experiment) for e in (experiment, experiment.twin()))
    ratio = run.series["effectiveness"] / np.maximum(twin.series["effectiveness"], 1e-9)
    model = {"first_loss": _loss(ratio, FIRST), "second_loss": _loss(ratio, SECOND)}
    if run.died or twin.died:
        model = dict.fromkeys(model, np.nan)
    same = budget_cut(0.22, logit=True)
    return {"model": model, "n0": None, "n1": {"first_loss": same, "second_loss": same}}


def _loss(ratio: Array, effect: int) -> float:
    """Return by how much effectiveness against the twin falls from before the announcement to three years after."""
    before, after = ratio[max(effect - 5, 0)], ratio[effect + 12]
    return float(before - after)
