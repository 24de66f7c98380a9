"""Rules that claims rest on and that no parameter switches off: each replaced by its plainest alternative.

They are processes in the sense of a user's own: a config names them as `experiments.claims.plain_rules:EvenNeed`.
"""

from typing import ClassVar

import numpy as np

from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.world import World


class EvenNeed(Process):
    """Programmes reach states by their income, as if poverty did not count."""

    name: ClassVar[str] = "even_need"
    parameters: ClassVar[type[Parameters]] = Parameters
    writes: ClassVar[tuple[str, ...]] = ("programme_need",)

    def propose(self, world: World, values: Parameters, draws: Draws) -> Proposal:
        """Give every state the share of programmes that it has of the world's GDP."""
        return Proposal({"programme_need": world.capability.copy()}, [])


class EvenDeals(Process):
    """A leaver's deals spread evenly over all states, as if trust did not count."""

    name: ClassVar[str] = "even_deals"
    parameters: ClassVar[type[Parameters]] = Parameters
    writes: ClassVar[tuple[str, ...]] = ("deals",)

    def propose(self, world: World, values: Parameters, draws: Draws) -> Proposal:
        """Give every state the mean deal of all others with each leaver, none with itself."""
        even = world.deals.sum(axis=0) / max(len(world.gdp) - 1, 1)
        return Proposal({"deals": np.where(np.eye(len(world.gdp)) > 0, 0.0, even[None, :])}, [])
