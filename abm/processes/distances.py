"""Distances between states and organizations, measured once a quarter after politics has moved both."""

from typing import ClassVar

from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import distances
from abm.state.world import World


class Distances(Process):
    """The distance of every state from every organization."""

    name: ClassVar[str] = "distances"
    parameters: ClassVar[type[Parameters]] = Parameters
    writes: ClassVar[tuple[str, ...]] = ("distance",)

    def propose(self, world: World, values: Parameters, draws: Draws) -> Proposal:
        """Measure all distances."""
        return Proposal({"distance": distances(world.position, world.organization_position)})
