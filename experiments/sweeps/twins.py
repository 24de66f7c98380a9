"""Twins that are the same at several points of a design, run once in each process.

Factors that belong to shocks leave the world without shocks as it is: the twin of a replicate is then one run, which
is stored under the key of every point. What is looked at because of shocks (`Simulation.looked_at`) must be the same.
"""

from collections import OrderedDict
from collections.abc import Callable

from abm.recording import Recording
from abm.simulation import Simulation

KEPT = 2
"""Twins that a process keeps; those of one replicate come one after the other (`experiments.sweeps.sweep`)."""

_twins: OrderedDict[tuple[object, ...], Recording] = OrderedDict()


def forget() -> None:
    """Forget all twins."""
    _twins.clear()


def run_once(simulation: Simulation, seed: tuple[int, int], run: Callable[[], Recording]) -> Recording:
    """Return the recording of a twin: that of an equal simulation that was run before, or else what `run` returns.

    `simulation` is the twin before its first quarter.
    """
    experiment = simulation.experiment
    key = (experiment.digest(), experiment.folder, id(simulation.tables), seed, simulation.looked_at)
    found = _twins.pop(key, None) or run()
    _twins[key] = found
    while len(_twins) > KEPT:
        _twins.popitem(last=False)
    return found
