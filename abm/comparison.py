"""A run compared with its twin: the same world, seed and parameters without the shocks.

comparison = compare(experiment, replicate=0)
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from abm.config.experiment import Experiment
from abm.recording import Recording, record
from abm.regime_by_chance import memberships, unmeasured
from abm.regime_trajectory import Trajectory, trajectory
from abm.regimes import label_of
from abm.simulation import Simulation
from abm.state.world import Array


@dataclass
class Comparison:
    """A run and its counterfactual: the same world, seed and parameters without the shocks (None if it was not run)."""

    run: Recording
    counterfactual: Recording | None

    @property
    def twin(self) -> Recording:
        """The counterfactual. Raises ValueError where it was not run."""
        if self.counterfactual is None:
            raise ValueError("there is no counterfactual to compare with")
        return self.counterfactual

    @property
    def like(self) -> Recording:
        """The twin, if it was recorded with an eye on the same organizations and acting states.

        Raises ValueError where not, as with a twin that several scenarios share: its measures of the shocked and of
        who acts are about others.
        """
        if self.twin.simulation.looked_at != self.run.simulation.looked_at:
            raise ValueError("the counterfactual was recorded for other shocks: its measures are about others")
        return self.twin

    def difference(self, measure: str) -> Array:
        """Return the run's measure minus the twin's; shape (quarter,). Raises ValueError as `like` does."""
        return np.asarray(self.run.measures[measure] - self.like.measures[measure])

    @cached_property
    def changes(self) -> dict[str, float]:
        """Effects in the last quarter (run minus counterfactual), except those on the network."""
        if self.counterfactual is None:
            return {}
        run, other = self.run.last(), self.like.last()
        return {name: value - other[name] for name, value in run.items() if name in other}

    @cached_property
    def effects(self) -> dict[str, float]:
        """Effects in the last quarter on all measures, including the network; empty without a counterfactual."""
        if self.counterfactual is None:
            return {}
        network = self.like.network
        return self.changes | {name: value - network[name] for name, value in self.run.network.items()}

    @cached_property
    def trajectory(self) -> Trajectory:
        """The path of the run through the regimes. Raises ValueError as `like` does."""
        return trajectory(self.run.course, self.like.course, self.run.scene)

    @cached_property
    def regimes(self) -> dict[str, float]:
        """How far the run belongs to each regime in its strongest three years, 0 to 1."""
        return self.trajectory.strongest()

    @property
    def regime(self) -> str:
        """The regime that labels the run."""
        return self.trajectory.regime

    @cached_property
    def regime_by_chance(self) -> str:
        """The regime of the last quarter beyond what two unrelated quiet worlds differ by; see `abm.regime_by_chance`.

        The network is measured only where it can matter.
        """
        hangs_on_network = any(name.startswith("modularity") for name in unmeasured(self.changes))
        return label_of(memberships(self.effects if hangs_on_network else self.changes))

    def money_without(self, code: str) -> Array:
        """Return the money of an organization without the shock; shape (quarter, donor).

        These are the counterfactual's flows or, without one, the mean of the four quarters before the first act.
        """
        if self.counterfactual is not None:
            return self.counterfactual.money.by_organization[code]
        first = self.run.simulation.first_acts[code] - self.run.world.start
        given = self.run.money.by_organization[code]
        return np.broadcast_to(self.run.money.before(code, first), given.shape)


def compare(experiment: Experiment, replicate: int, seed: int | None = None) -> Comparison:
    """Run one replicate of an experiment and its counterfactual, by default with the experiment's own seed."""
    luck = (experiment.seed if seed is None else seed, replicate)
    run = record(Simulation(experiment, luck))
    return Comparison(run, record(Simulation(experiment.twin(), luck, target=experiment), is_twin=True))
