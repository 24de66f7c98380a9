"""Where runs end: one number a measure in the last quarter, and what a shock changes of it.

The twin of a run is made once for several scenarios: they differ in their shocks only, and the bodies that measures
look at are told apart afterwards.
"""

from collections.abc import Sequence

import numpy as np

from abm.config.experiment import Experiment
from abm.measures import means, names
from abm.shocks.targets import aims
from abm.simulation import Simulation, acts_of
from abm.state.world import Array
from experiments.runs.tables import closing

Numbers = dict[str, float]


def finished(experiment: Experiment, number: int, target: Experiment | None = None) -> Simulation:
    """Return a run carried to its end; `target` says where measures look (see Simulation)."""
    simulation = Simulation(experiment, (experiment.seed, number), target=target)
    simulation.run()
    return simulation


def ends(simulation: Simulation, shocked: Array | None = None) -> Numbers:
    """Return all measures in the last quarter: of the system, means over bodies, over `shocked` bodies, networks.

    `shocked` (built organization,) defaults to the bodies that the run's own target aims at.
    """
    record = simulation.record
    aimed = simulation.shocked if shocked is None else shocked
    values, counted = record.bodies[-1], record.counted[-1]
    mask = np.pad(aimed, (0, len(counted) - len(aimed)))
    found = dict(zip(names("system"), record.system[-1].tolist(), strict=True))
    found |= dict(zip(names("body"), means(values, counted).tolist(), strict=True))
    if mask.any():
        inside = means(values, counted * mask).tolist()
        found |= {f"shocked.{name}": value for name, value in zip(names("body"), inside, strict=True)}
    return found | closing(simulation)


def changes(run: Numbers, twin: Numbers) -> Numbers:
    """Return run minus twin by measure."""
    return {name: value - twin[name] for name, value in run.items() if name in twin}


def effects(scenarios: Sequence[Experiment], number: int) -> list[Numbers]:
    """Return what each scenario's shocks change in one replicate; all have the same world, parameters and seed.

    The twin is one run: scenarios must differ in shocks alone. Raises ValueError where their twins differ.
    """
    if len({scenario.twin().digest() for scenario in scenarios}) != 1:
        raise ValueError("scenarios of one point must differ in their shocks only")
    twin = finished(scenarios[0].twin(), number, target=scenarios[0])
    found = []
    for scenario in scenarios:
        shocked, _ = aims(twin.world, acts_of(scenario, twin.world))
        found.append(changes(ends(finished(scenario, number)), ends(twin, shocked)))
    return found
