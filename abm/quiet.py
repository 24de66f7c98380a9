"""When a world without a shock is quiet: how far it may move by itself, as one function with two sets of limits.

Worlds that drift say little about shocks, so studies of many points in the parameter space count quiet ones only. What
measured and announced purses of donors take away is the same in every run and does not count as drift.

The limits are assumptions that leave room for what happens without any shock. There are two sets because two things are
judged. QUIET, the outcome `quiet`, is for orders: they depend on totals, and a world that gains does not harm them.
QUIET_IN_THE_MEAN is for claims: most are about the mean organization, including its legitimacy, and a rise misleads
them as much as a fall. Of the 90 points at which claims were tried, 44 are quiet by the second set and 41 of these by
the first.
"""

from collections.abc import Callable, Mapping

import numpy as np

from abm.recording import Recording
from abm.state.derived import taken_by_purses

QUIET: Mapping[str, float] = {
    "births_a_year": 2.0, "exits_a_year": 3.0, "effectiveness_lost": 0.04, "income_lost": 0.05,
}  # fmt: skip
"""The most clubs and exits a year, and the largest loss of the totals from the first quarter to the last."""
QUIET_IN_THE_MEAN: Mapping[str, float] = {
    "births_a_year": 2.0, "exits_a_year": 3.0,
    "mean_effectiveness_moved": 0.05, "mean_legitimacy_moved": 0.05, "mean_income_moved": 0.05,
}  # fmt: skip
"""The same, and the largest distance of the mean living organization from rest in the last year, up or down."""


def quiet(run: Recording, limits: Mapping[str, float] = QUIET) -> float:
    """Return 1 for a run without shocks within the limits, 0 for one that drifts."""
    return float(all(MOVES[name](run) <= limit for name, limit in limits.items()))


def change(run: Recording, measure: str) -> float:
    """Return the relative change of a measure from the first to the last quarter, 0 if it begins at 0."""
    values = run.measures[measure]
    return float(values[-1] / values[0] - 1) if values[0] else 0.0


def income_lost(run: Recording) -> float:
    """Return the share of the first quarter's income that is lost by the last quarter."""
    income, taken = run.measures["total_income"], 4 * taken_by_purses(run.world).sum()
    return float((income[0] - income[-1] - taken) / max(income[0], 1.0))


def moved(run: Recording, measure: str) -> float:
    """Return how far the mean of living organizations is from rest (1) in the last year."""
    world, built = run.world, run.world.built
    alive = (run.alive[-1] > 0) & (world.members_known[:built] > 0)
    rest = 1.0
    if measure == "income":
        budget = world.initial_budget[:built]
        paid = alive & (world.has_budget[:built] > 0) & (budget > 0)
        rest -= float((taken_by_purses(world)[:built][paid] / budget[paid]).mean())
    return abs(float(np.nanmean(run.bodies[measure][-4:, alive])) - rest)


MOVES: dict[str, Callable[[Recording], float]] = {
    "births_a_year": lambda run: run.count("founded") / run.years,
    "exits_a_year": lambda run: run.count("exit") / run.years,
    "effectiveness_lost": lambda run: -change(run, "effectiveness"),
    "income_lost": income_lost,
    "mean_effectiveness_moved": lambda run: moved(run, "effectiveness"),
    "mean_legitimacy_moved": lambda run: moved(run, "legitimacy"),
    "mean_income_moved": lambda run: moved(run, "income"),
}
"""The quantities that have limits."""
