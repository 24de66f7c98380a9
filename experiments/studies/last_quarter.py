"""Where runs end: one number a measure in the last quarter, and what a shock changes of it.

The twin of a run is made once for several scenarios: they differ in their shocks only, and the organizations that
measures look at are told apart afterwards.
"""

from collections.abc import Sequence

from abm.config.experiment import Experiment
from abm.recording import Comparison, Recording
from experiments.studies.episodes import run_of

Numbers = dict[str, float]


def ends(run: Recording) -> Numbers:
    """Return all measures in the last quarter: of the system, means over organizations and shocked ones, networks."""
    return run.last() | run.network


def changes(run: Numbers, twin: Numbers) -> Numbers:
    """Return run minus twin by measure."""
    return {name: value - twin[name] for name, value in run.items() if name in twin}


def beside(run: Recording, twin: Recording) -> Comparison:
    """Return the comparison of a run with a twin that several runs share, both seen where the run's shocks aim."""
    return Comparison(run, twin.looking_at(run.shocked))


def comparisons(scenarios: Sequence[Experiment], number: int) -> list[Comparison]:
    """Return one replicate of each scenario beside its twin; all have the same world, parameters and seed.

    The twin is one run: scenarios must differ in shocks alone. Raises ValueError where their twins differ.
    """
    if len({scenario.twin().digest() for scenario in scenarios}) != 1:
        raise ValueError("scenarios of one point must differ in their shocks only")
    twin = run_of(scenarios[0].twin(), number, scenarios[0])
    return [beside(run_of(scenario, number), twin) for scenario in scenarios]


def effects(scenarios: Sequence[Experiment], number: int) -> list[Numbers]:
    """Return what each scenario's shocks change in one replicate; see `comparisons`."""
    return [pair.effects for pair in comparisons(scenarios, number)]
