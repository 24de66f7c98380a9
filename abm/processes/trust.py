"""Trust between states: voting habit, betrayal, shared and rival clubs, deals; and the leaver's credibility.

Each has a memory of its own: voting habit follows agreement, betrayal fades by a half-life, credibility recovers
slowly. Agreement is the expected roll-call agreement of two voting positions: linear in their distance (the scaling
of observed agreement explains .93 of its variance), so that it carries no sampling noise.
"""

from typing import ClassVar, Literal

import numpy as np

from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import AGREEMENT_PER_UNIT, pair_distances
from abm.state.derived import with_values
from abm.state.world import Array, Integers, World


class TrustParameters(Parameters):
    """Parameters of trust."""

    habit_rate: float = parameter(
        0.3, low=0, high=1, unit="1/year", source="assumption", doc="Speed at which voting habit follows agreement."
    )
    habit_weight: float = parameter(
        1.5, low=0, high=5, source="assumption", doc="Trust per unit of voting agreement above rest."
    )
    betrayal_weight: float = parameter(
        0.3,
        low=0,
        high=2,
        source="assumption",
        doc="Trust lost per unit of loss: shared organizations, by the leaver's part in them and commitment to them.",
    )
    betrayal_half_life: float = parameter(
        8.5, low=0.25, high=1000, unit="years", source="assumption", doc="Half-life of the memory of betrayal."
    )
    betrayal_form: Literal["concave", "linear", "convex"] = choice(
        "concave",
        source="assumption",
        doc="How exits announced in one quarter add up: 1 - exp(-x), x or x squared; decides batch or staggered.",
    )
    club_weight: float = parameter(
        0.15,
        low=0,
        high=1,
        source="assumption",
        doc="Trust gained by sharing a club and lost by sitting in rival ones.",
    )
    rivalry: float = parameter(
        0.5, low=0, high=3, source="assumption", doc="Weight of a rival club beside a shared one."
    )
    rival_overlap: float = parameter(
        0.1,
        low=0,
        high=1,
        source="assumption",
        doc="Share of the smaller club's members in common below which two clubs of an issue area are rivals.",
    )
    deal_weight: float = parameter(
        0.1, low=0, high=1, source="assumption", doc="Trust gained by a full set of bilateral deals."
    )
    label_weight: float = parameter(
        0.0,
        low=-1,
        high=1,
        source="assumption",
        doc="Trust lost in a state while arrears cost its vote in a shared organization; off, of either sign.",
    )
    credibility_recovery: float = parameter(
        0.015, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which credibility recovers."
    )


def agreement(world: World) -> Array:
    """Return expected roll-call agreement of states' voting positions; shape (state, state)."""
    change = pair_distances(world.voting_position) - world.distance_at_home
    return np.clip(world.initial_agreement - AGREEMENT_PER_UNIT * change, 0, 1)


def loss(world: World, leavers: Integers) -> Array:
    """Return what each state loses of what it shares with those announcing an exit; shape (state, leaver)."""
    weight = world.announced[leavers] * world.expert_share[leavers] * world.members_known  # (leaver, organization)
    valued = world.member * world.commitment
    lost = valued @ weight.T * (1 + world.trust[:, leavers]) / 2
    return with_values(lost, (leavers, np.arange(len(leavers))), 0.0)  # nobody betrays itself


def betrayed(lost: Array, form: str) -> Array:
    """Return betrayal by losses of one quarter in the given form; shape as given."""
    if form == "concave":
        return -np.expm1(-lost)
    return lost if form == "linear" else lost**2


def labelled(world: World) -> Array:
    """Return 1 where the column has no vote in an organization that the row is a member of, too.

    Shape (state, state).
    """
    shared = world.member @ (world.suspended * world.member * world.members_known).T
    label = np.where(shared > 0, 1.0, 0.0)
    np.fill_diagonal(label, 0.0)
    return label


def club_ties(world: World, p: TrustParameters) -> Array:
    """Return ties by shared less rival clubs (same issue area, hardly a member in common); shape (state, state)."""
    clubs = np.flatnonzero((world.founder >= 0) & (world.alive > 0))
    seats = world.member[:, clubs]  # (state, club)
    common = seats.T @ seats
    size = np.maximum(np.diag(common), 1)
    apart = common / np.minimum(size[:, None], size[None, :]) < p.rival_overlap
    rivals = apart & (world.issue[clubs][:, None] == world.issue[clubs][None, :])
    ties = np.tanh(seats @ (seats - p.rivalry * (seats @ rivals)).T)
    np.fill_diagonal(ties, 0.0)
    return ties


class Trust(Process):
    """Trust, its memories, and credibility."""

    name: ClassVar[str] = "trust"
    parameters: ClassVar[type[Parameters]] = TrustParameters
    writes: ClassVar[tuple[str, ...]] = ("trust", "betrayal", "agreement", "voting_habit", "club_tie", "credibility")

    def propose(self, world: World, p: TrustParameters, draws: Draws) -> Proposal:
        """Remember and forget; then trust."""
        leavers = np.unique(world.announcing[0])
        betrayal = world.betrayal * 0.5 ** (0.25 / p.betrayal_half_life)
        added = p.betrayal_weight * betrayed(loss(world, leavers), p.betrayal_form)
        betrayal = with_values(betrayal, np.s_[:, leavers], betrayal[:, leavers] + added)
        fields = {"betrayal": betrayal}
        if world.quarter % 4 == 3:  # once a year, when the Assembly has voted
            fields["club_tie"] = club_ties(world, p)
            fields["agreement"] = agreement(world)
            fields["voting_habit"] = world.voting_habit + p.habit_rate * (fields["agreement"] - world.voting_habit)
        habit = p.habit_weight * (fields.get("voting_habit", world.voting_habit) - world.initial_agreement)
        ties = p.club_weight * fields.get("club_tie", world.club_tie)
        trust = world.initial_trust - betrayal + habit + ties + p.deal_weight * world.deals
        if p.label_weight:  # off by default, and a product of matrices
            trust = trust - p.label_weight * labelled(world)
        recovered = world.credibility + p.credibility_recovery * (1 - world.credibility)
        return Proposal(fields | {"trust": np.clip(trust, -1, 1), "credibility": recovered})
