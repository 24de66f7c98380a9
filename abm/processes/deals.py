"""Deals: a leaver replaces lost benefits by bilateral agreements, slowly and with friendly states only.

Deals grow towards the trust of the partner and with what the leaver has left; unfriendly states lose the channel.
"""

from typing import ClassVar

import numpy as np

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import with_values
from abm.state.world import Array, Integers, World


class DealsParameters(Parameters):
    """Parameters of bilateral replacement."""

    rate: float = parameter(
        0.03,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Speed of agreements; about nine followed within months of the exit from WHO.",
    )
    decay: float = parameter(
        0.02, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which agreements lapse."
    )
    trust_threshold: float = parameter(
        0.0, low=-1, high=1, source="assumption", doc="Trust in the leaver from which a state deals with it."
    )
    asymmetry: float = parameter(
        0.5,
        low=0,
        high=2,
        source="assumption",
        doc="How much more readily a state deals the weaker it is beside the leaver.",
    )


def demand(world: World) -> tuple[Integers, Array]:
    """Return who has left what it does not take part in now, and the share of its organizations.

    Both of shape (leaver,).
    """
    rows, columns = world.ever_left
    leavers = np.unique(rows[world.participation[rows, columns] == 0])
    gone = ((world.party_at_exit[leavers] != 0) & (world.participation[leavers] == 0)) @ world.in_scope
    held = world.participation[leavers] @ world.in_scope
    return leavers, gone / np.maximum(gone + held, 1)


def willing(world: World, leavers: Integers, p: DealsParameters) -> Array:
    """Return how ready the row is to deal with each leaver, 0 to 1; shape (state, leaver)."""
    trust = world.trust[:, leavers]
    friendly = np.clip((trust - p.trust_threshold) / (1 - p.trust_threshold + 1e-9), 0, 1)
    power = world.capability[leavers] / (world.capability[leavers] + world.capability[:, None])
    ready = np.minimum(1.0, friendly * (1 + p.asymmetry * (power - 0.5)))
    return with_values(ready, (leavers, np.arange(len(leavers))), 0.0)  # nobody deals with itself


class Deals(Process):
    """Bilateral agreements of leavers."""

    name: ClassVar[str] = "deals"
    parameters: ClassVar[type[Parameters]] = DealsParameters
    writes: ClassVar[tuple[str, ...]] = ("deals",)

    def propose(self, world: World, p: DealsParameters, draws: Draws) -> Proposal:
        """Conclude and lose agreements."""
        leavers, wanted = demand(world)
        room = np.sqrt(wanted) * willing(world, leavers, p) - world.deals[:, leavers]
        kept = world.deals * (1 - p.decay)
        deals = with_values(kept, np.s_[:, leavers], kept[:, leavers] + p.rate * np.maximum(room, 0))
        return Proposal({"deals": np.clip(deals, 0, 1)})
