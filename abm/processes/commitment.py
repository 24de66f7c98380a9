"""Commitment: how fully a member complies, between full loyalty and quiet neglect.

Commitment follows the state's own view of the organization and sags for a while where a leading member has gone:
neglect by example, the quiet form of spillover. Cooperation is conditional: members do what they believe that others
do, and believe least in those whose word is worth least. Loyalty is the resting state; a leaver's compliance outlasts
its membership.
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
    rally_weight: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Rise (+) or fall (-) of a stayer's log commitment by a fresh exit of a lead state that it distrusts; off.",
    )
    reciprocity_weight: float = parameter(
        0.2,
        low=0,
        high=2,
        source="assumption",
        doc="Fall of log commitment per share of the problem that left, in organizations of mutual obligation.",
    )
    conditionality: float = parameter(
        0.4,
        low=0,
        high=0.9,
        source="fischbacher_2001",
        doc="Elasticity of commitment in what others are believed to do, relative to rest; 0: it does not matter.",
    )
    credibility_weight: float = parameter(
        1.0,
        low=0,
        high=1,
        source="assumption",
        doc="How far others are believed by their credibility, each by its influence; 0: their word is taken.",
    )


def believed(world: World, p: CommitmentParameters) -> Array:
    """Return what others are believed to do relative to rest, 1 where there are none; shape (state, organization).

    Others count by their share of the problem, those who have left by what is left of their compliance; the credibility
    of each counts by its influence.
    """
    others = np.maximum(world.coverage.sum(axis=0) - world.coverage, 0)
    ratio = np.where(world.others_at_rest > 1e-9, others / np.maximum(world.others_at_rest, 1e-9), 1.0)
    lacking = 1 - world.credibility
    doubt = lacking @ world.agenda_share - lacking[:, None] * world.agenda_share
    return ratio * np.maximum(0, 1 - p.credibility_weight * doubt)


def called_for(world: World, p: CommitmentParameters) -> Array:
    """Return the commitment that is called for, none from those who do not take part; shape (state, organization)."""
    covered = np.minimum(1.0, world.members / np.maximum(world.reference_members, 1))
    lost = p.example_weight * world.contagion + p.reciprocity_weight * world.reciprocal * (1 - covered)
    lost = lost - p.rally_weight * world.rally
    aim = world.reference_commitment * world.participation * np.exp(-lost) * world.legitimacy**p.legitimacy_elasticity
    aim *= believed(world, p) ** p.conditionality
    weak = np.maximum(0.0, 1 - world.effectiveness) * world.members_known  # (organization,)
    aim *= np.exp(-p.impunity_weight * (1 - world.reference_commitment) * weak)
    return np.clip(aim, 0, 1)


class Commitment(Process):
    """Neglect and loyalty."""

    name: ClassVar[str] = "commitment"
    parameters: ClassVar[type[Parameters]] = CommitmentParameters
    writes: ClassVar[tuple[str, ...]] = ("commitment",)

    def propose(self, world: World, p: CommitmentParameters, draws: Draws) -> Proposal:
        """Move every commitment towards what is called for."""
        rate = p.afterlife_rate + (p.rate - p.afterlife_rate) * world.participation
        return Proposal({"commitment": world.commitment + rate * (called_for(world, p) - world.commitment)})
