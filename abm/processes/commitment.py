"""Commitment: how fully a member complies, between full loyalty and quiet neglect.

Commitment follows the state's own view of the organization and sags for a while where a leading member has gone:
neglect by example, the quiet form of spillover. Loyalty is the resting state; a leaver's compliance outlasts its
membership.
"""

from typing import ClassVar

import numpy as np

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.world import Array, World


class CommitmentParameters(Parameters):
    """Parameters of compliance."""

    rate: float = parameter(
        0.1, low=0, high=1, unit="1/quarter", source="assumption", doc="Speed at which commitment follows its causes."
    )
    afterlife_rate: float = parameter(
        0.04,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Rate at which compliance fades after a state has left: laws and habits outlast the membership.",
    )
    legitimacy_elasticity: float = parameter(
        0.5, low=0, high=3, source="assumption", doc="Elasticity of commitment in the state's view of the organization."
    )
    example_weight: float = parameter(
        0.3,
        low=0,
        high=2,
        source="assumption",
        doc="Fall of log commitment while the exit of a lead state is fresh, less for a lesser one.",
    )
    impunity_weight: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Further fall per unit of lost effectiveness for those who comply least; off, of either sign.",
    )
    reciprocity_weight: float = parameter(
        0.2,
        low=0,
        high=2,
        source="assumption",
        doc="Fall of log commitment per share of the problem that left, in organizations of mutual obligation.",
    )


def called_for(world: World, p: CommitmentParameters) -> Array:
    """Return the commitment that is called for, none from those who do not take part; shape (state, organization)."""
    covered = np.minimum(1.0, world.members / np.maximum(world.reference_members, 1))
    lost = p.example_weight * world.contagion + p.reciprocity_weight * world.reciprocal * (1 - covered)
    aim = world.reference_commitment * world.participation * np.exp(-lost) * world.legitimacy**p.legitimacy_elasticity
    if p.impunity_weight:
        weak = np.maximum(0.0, 1 - world.effectiveness) * world.members_known
        aim *= np.exp(-p.impunity_weight * (1 - world.reference_commitment) * weak)
    return np.minimum(1.0, aim)


class Commitment(Process):
    """Neglect and loyalty."""

    name: ClassVar[str] = "commitment"
    parameters: ClassVar[type[Parameters]] = CommitmentParameters
    writes: ClassVar[tuple[str, ...]] = ("commitment",)

    def propose(self, world: World, p: CommitmentParameters, draws: Draws) -> Proposal:
        """Move every commitment towards what is called for."""
        rate = p.afterlife_rate + (p.rate - p.afterlife_rate) * world.participation
        return Proposal({"commitment": world.commitment + rate * (called_for(world, p) - world.commitment)})
