"""Rules that claims rest on and that no parameter switches off: each replaced by its plainest alternative.

They are processes in the sense of a user's own: a config names them as `experiments.claims.rules:EvenNeed`.
"""

from typing import ClassVar

from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state import World


class EvenNeed(Process):
    """Programmes reach states by their income, as if poverty did not count."""

    name: ClassVar[str] = "even_need"
    phase: ClassVar[str] = "after acts"
    parameters: ClassVar[type[Parameters]] = Parameters
    reads: ClassVar[tuple[str, ...]] = ("capability",)
    writes: ClassVar[tuple[str, ...]] = ("need",)

    def propose(self, world: World, values: Parameters, draws: Draws) -> Proposal:
        """Give every state the share of programmes that it has of the world's GDP."""
        return Proposal({"need": world.capability.copy()}, [])
