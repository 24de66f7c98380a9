"""Outcomes about the regime of a run and its organizations; `abm.outcomes` registers them.

All compare a run with its counterfactual, and are NaN without one.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from abm.comparison import Comparison
from abm.regime_trajectory import Trajectory
from abm.regimes import REGIMES

NOTHING = float("nan")
BODIES = {
    "hollowed": "that do or bind much less than in the twin",
    "emptied": "that have lost a tenth of their members against the twin",
    "led_by_another": "that another state leads than in the twin",
    "asleep": "that are asleep, and not in the twin",
    "ended": "that have ended, and not in the twin",
}
"""What can become of organizations that shocks aim at (see `abm.regime_trajectory.flags`), in words."""


class OrderOutcome(NamedTuple):
    """An outcome of a pair; its fields are those of `abm.outcomes.Outcome`."""

    function: Callable[[Comparison], float]
    unit: str
    meaning: str
    better: str = ""
    listed: bool = True


def of_trajectory(comparison: Comparison, function: Callable[[Trajectory], float]) -> float:
    """Return a number of a run's trajectory."""
    return NOTHING if comparison.counterfactual is None else function(comparison.trajectory)


def peak(signal: str) -> Callable[[Comparison], float]:
    """Return the outcome that is a signal's largest mean over three years."""
    return partial(of_trajectory, function=lambda way: way.peak(signal))


def entered(way: Trajectory) -> float:
    """Return the number of years from the start of the run until its regime is entered, NaN for continuity."""
    return NOTHING if way.spell is None else (way.spell.entered + 1 - way.start) / 4


def healed(way: Trajectory) -> float:
    """Return 1 for a run that ends in continuity after another regime, else 0."""
    return float(way.regime != "continuity" and way.at_end == "continuity")


def is_certain(way: Trajectory) -> float:
    """Return 1 if the regime exceeds chance, else 0; NaN for continuity."""
    return NOTHING if way.regime == "continuity" else float(way.certain)


def degree(regime: str) -> OrderOutcome:
    """Return the outcome that says how far a run belongs to a regime."""
    words = f"how far the run belongs to the regime {regime.replace('_', ' ')} in its strongest three years, 0 to 1"
    return OrderOutcome(partial(of_trajectory, function=lambda way: way.strongest()[regime]), "1", words, listed=False)


ORDER_OUTCOMES: dict[str, OrderOutcome] = {
    "others_left": OrderOutcome(
        peak("left_by_others"),
        "1",
        "share of others' seats given up in excess of the twin, in the worst three years",
        better="-",
    ),
    **{
        f"bodies_{name}": OrderOutcome(
            peak(f"shocked.{name}"),
            "1",
            f"share of the organizations that shocks aim at {meaning}, in the worst three years",
            better="" if name == "led_by_another" else "-",
        )
        for name, meaning in BODIES.items()
    },
    "order_entered": OrderOutcome(
        partial(of_trajectory, function=entered), "years", "years from the start until the run's regime is entered"
    ),
    "order_healed": OrderOutcome(
        partial(of_trajectory, function=healed),
        "1",
        "a run that leaves continuity and is back in it in the last three years",
    ),
    "order_certain": OrderOutcome(
        partial(of_trajectory, function=is_certain),
        "1",
        "a regime that chance alone does not make, of the runs that leave continuity",
    ),
    **{f"degree.{name}": degree(name) for name in REGIMES},
}
"""Name -> outcome, in the order of tables."""
