"""Voting: agenda setters table resolutions, members vote, the rule decides, adopted decisions move the organization.

Organizations meet once a year, in staggered quarters. A member votes yes where the proposal is nearer to it than the
status quo by more than a margin, no where it is farther, and abstains between (spatial voting: Enelow and Hinich 1984).
It votes after pressure from those it depends on. Suspended members do not vote; vetoes and weights stay with those who
sit. A session may also act on a member: report on it, censure or suspend it; the farther it stands, the likelier.
"""

from typing import ClassVar, NamedTuple

import numpy as np

from abm.events import Event
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.published import MEAN_DISTANCE
from abm.rng import Draws
from abm.state.derived import Pairs, with_values
from abm.state.world import RULES, Array, Integers, Mask, World

SCALE_OF_UNIFORM = np.sqrt(12)
"""What a uniform number is multiplied by to have standard deviation 1."""


class VotingParameters(Parameters):
    """Parameters of resolutions and votes."""

    resolutions: int = parameter(
        3, low=1, high=10, unit="resolutions", source="assumption", doc="Resolutions that a session tables."
    )
    margin: float = parameter(
        0.1,
        low=0,
        high=2,
        unit="squared ideal point",
        source="assumption",
        doc="Gain or loss of a proposal within which a member abstains.",
    )
    moderation: float = parameter(
        0.5,
        low=0,
        high=1,
        source="assumption",
        doc="How far a proposal starts from the status quo rather than its author.",
    )
    proposal_noise: float = parameter(
        0.2, low=0, high=2, unit="ideal point", source="assumption", doc="Spread of proposals around that point."
    )
    pressure: float = parameter(
        0.15, low=0, high=1, source="assumption", doc="Weight of trusted powers' gains in a member's vote."
    )
    obstruction_pressure: float = parameter(
        1.0, low=0, high=5, source="assumption", doc="Weight of an outsider's obstruction on those who lean on it."
    )
    press_pressure: float = parameter(
        2.0,
        low=0,
        high=10,
        unit="squared ideal point",
        source="assumption",
        doc="Weight of a state's pressure for or against one resolution on those over whom it has leverage.",
    )
    objection_threshold: float = parameter(
        1.5,
        low=0,
        high=5,
        unit="squared ideal point",
        source="assumption",
        doc="Loss from which a member breaks a consensus rather than let it pass.",
    )
    step: float = parameter(
        0.05, low=0, high=1, source="assumption", doc="How far an adopted resolution moves the organization towards it."
    )
    discipline_rate: float = parameter(
        0.00003,
        low=0,
        high=0.02,
        unit="1/year",
        source="assumption",
        doc="Acts of an organization on a member, per membership and year at the published mean distance; 0: off.",
    )
    discipline_distance: float = parameter(
        1.0,
        low=-1,
        high=4,
        unit="1/ideal point",
        source="assumption",
        doc="Rise of the log rate of such acts with the member's distance from the mean of those who take part.",
    )
    discipline_strength: float = parameter(
        0.5, low=0, high=1, source="assumption", doc="How hard such an act hits the member."
    )
    hedging: float = parameter(
        1.0,
        low=0,
        high=5,
        source="assumption",
        doc="How far a change of trust in a power moves a state's votes towards or away from it.",
    )


class Session(NamedTuple):
    """The organizations that meet this quarter, their proposals, and the gains of every state from them."""

    rows: Integers  # (meeting,)
    proposals: Array  # (resolution, meeting, axis)
    gains: Array  # (resolution, state, meeting)
    votes: Array  # (resolution, state, meeting): 1 yes, 0 abstention, -1 no; 0 where no vote is cast
    cast: Array  # (state, meeting): 1 where the state may vote


def voting_positions(world: World, hedging: float) -> Array:
    """Return positions in votes: an ally whose trust in a power falls votes less like it; shape (state, axis)."""
    scaled = world.capability[:, None] * np.column_stack([world.position, np.ones(len(world.position))])
    pull = (world.trust - world.initial_trust) @ scaled  # (state, axis and weight)
    return world.position + hedging * (pull[:, :2] - pull[:, 2:] * world.position)


def authors(agenda: Array, ids: Integers, lots: Array, uniforms: Array) -> Integers:
    """Return the authors of resolutions, drawn in proportion to agenda shares; shape (resolution, meeting).

    A race: each state waits -ln(1 - lot) / share, and the first to be ready writes. Unlike on a ladder of cumulated
    shares, a small change of one share moves hardly any other author, so that twins stay close. `lots`, uniform (state,
    resolution), serve all organizations; `uniforms`, uniform (resolution, meeting), says with whose lot an organization
    begins.
    """
    order = np.argsort(ids)  # by draw id, whatever the order of rows
    count = len(order)
    share = agenda[order].T  # (meeting, state)
    slowness = np.divide(1.0, share, out=np.full(share.shape, np.inf), where=share > 0)
    waits = np.maximum(-np.log1p(-lots[order].T), np.finfo(float).tiny)  # (resolution, state)
    begins = (uniforms * count).astype(int)[:, :, None] + np.arange(count)
    own = np.take_along_axis(waits[:, None], begins % count, axis=2)  # (resolution, meeting, state)
    return order[(own * slowness).argmin(axis=2)]


def tallies(session: Session, world: World, p: VotingParameters) -> Mask:
    """Return which resolutions pass under each organization's rule; boolean, shape (resolution, meeting)."""
    margin, cast = session.votes.sum(axis=1), np.abs(session.votes).sum(axis=1)  # (resolution, meeting)
    rule = world.voting_rule[session.rows]
    passed = np.where(rule == RULES.index("two_thirds"), (3 * margin >= cast) & (cast > 0), margin > 0)
    worst = (session.gains * session.cast).min(axis=1)  # (resolution, meeting), of those who vote
    passed &= (rule != RULES.index("consensus")) | (worst >= -p.objection_threshold)
    weighted = np.flatnonzero(rule == RULES.index("weighted"))
    power = world.weighted_power[:, session.rows[weighted]]
    passed[:, weighted] = (session.votes[:, :, weighted] * power).sum(axis=1) > 0
    vetoed = np.flatnonzero(rule == RULES.index("veto"))
    passed[:, vetoed] &= ~(world.veto[:, session.rows[vetoed]] * (session.votes[:, :, vetoed] < 0)).any(axis=1)
    return passed


def meeting(world: World) -> Integers:
    """Return the rows of the organizations that meet this quarter: awake, with two members or more."""
    awake = (world.in_scope > 0) & (world.zombie == 0) & (world.members >= 2)
    return np.flatnonzero(awake & (world.session == world.quarter % 4))


def disciplined(world: World, rows: Integers, uniforms: Array, p: VotingParameters) -> Pairs:
    """Return the members on whom a session acts: at most one an organization, the likelier the farther it stands.

    `rows` are those of the organizations that meet. `uniforms`, of shape (organization, 2), say whether a session acts,
    and on whom.
    """
    order = np.argsort(world.state_ids)
    farther = np.exp(p.discipline_distance * (world.distance_from_members[:, rows] - MEAN_DISTANCE))
    ladders = (p.discipline_rate * farther * world.participation[:, rows])[order].cumsum(axis=0)  # (state, meeting)
    acts = np.flatnonzero(uniforms[rows, 0] < ladders[-1])
    lots = uniforms[rows[acts], 1] * ladders[-1, acts]
    steps = [np.searchsorted(ladders[:, column], lot, side="right") for column, lot in zip(acts, lots, strict=True)]
    return order[np.array(steps, int)], rows[acts]


class Voting(Process):
    """Resolutions of the organizations that meet this quarter."""

    name: ClassVar[str] = "voting"
    parameters: ClassVar[type[Parameters]] = VotingParameters
    writes: ClassVar[tuple[str, ...]] = (
        "organization_position", "voting_position", "tabled", "passed", "votes_won", "votes_cast", "grievance",
        "pressing",
    )  # fmt: skip

    def propose(self, world: World, p: VotingParameters, draws: Draws) -> Proposal:
        """Hold the sessions of this quarter."""
        uniforms, lots = draws.organizations(world.slot_keys, p.resolutions, 3), draws.states(p.resolutions)
        targets = disciplined(world, meeting(world), draws.organizations(world.slot_keys, 2), p)
        position = voting_positions(world, p.hedging)
        session = self._session(world, position, uniforms.swapaxes(0, 1), lots, p)
        passed = tallies(session, world, p)  # (resolution, meeting)
        moved = world.organization_position.copy()
        shift = (session.proposals - moved[session.rows]) * passed[:, :, None]
        moved[session.rows] += p.step * shift.sum(axis=0)
        outcome = np.where(passed, 1.0, -1.0)[:, None]
        won = ((session.votes * outcome).sum(axis=(0, 2)) + np.abs(session.votes).sum(axis=(0, 2))) / 2  # (state,)
        cast = session.cast.sum(axis=1) * float(p.resolutions)  # (state,)
        fields = {
            "organization_position": moved,
            "votes_won": won,
            "votes_cast": cast,
        }
        fields["voting_position"] = position
        fields["pressing"] = with_values(world.pressing, np.ix_(world.pressers, session.rows), 0.0)
        hit = np.maximum(world.grievance[targets], p.discipline_strength)
        fields["grievance"] = with_values(world.grievance, targets, hit)
        for name, counts in (
            ("tabled", np.full(len(session.rows), float(p.resolutions))),
            ("passed", passed.sum(axis=0)),
        ):
            fields[name] = np.zeros_like(world.tabled)
            fields[name][session.rows] = counts
        acts = zip(*targets, strict=True)
        return Proposal(fields, [Event("discipline", int(i), int(o), {"action": "censure"}) for i, o in acts])

    def _session(self, world: World, position: Array, uniforms: Array, lots: Array, p: VotingParameters) -> Session:
        """Return proposals and votes of the organizations that meet.

        `uniforms` is uniform (resolution, organization, 3), `lots` uniform (state, resolution).
        """
        rows = meeting(world)
        cast = world.participation[:, rows] > world.suspended[:, rows]  # (state, meeting)
        author = authors(world.agenda_share[:, rows] * cast, world.state_ids, lots, uniforms[:, rows, 0])
        status_quo = world.organization_position[rows]  # (meeting, axis)
        noise = (uniforms[:, rows, 1:] - 0.5) * SCALE_OF_UNIFORM * p.proposal_noise
        proposals = status_quo + (1 - p.moderation) * (position[author] - status_quo) + noise
        gains = self._gains(world, position, status_quo, proposals, rows, p)
        votes = np.subtract(gains > p.margin, gains < -p.margin, dtype=float) * cast
        return Session(rows, proposals, gains, votes, cast.astype(float))

    @staticmethod
    def _gains(
        world: World, position: Array, status_quo: Array, proposals: Array, rows: Integers, p: VotingParameters
    ) -> Array:
        """Return what each proposal brings each state after pressure; shape (resolution, state, meeting).

        |x - q|^2 - |x - y|^2 is linear in x, so that the mean gain of the powers that a state leans on is the gain at
        their mean position: pressure is a move of the voter towards them.
        """
        weight = np.maximum(world.reliance.sum(axis=1, keepdims=True), 1e-9)
        patrons = (world.reliance @ position) / weight
        pressed = (1 - p.pressure) * position + p.pressure * patrons
        offset = np.square(status_quo).sum(axis=-1) - np.square(proposals).sum(axis=-1)  # (resolution, meeting)
        gains = 2 * (pressed @ (proposals - status_quo).swapaxes(1, 2)) + offset[:, None]
        gains = gains - p.obstruction_pressure * world.pressure[:, rows]
        pressers = world.pressers
        side = np.sign(gains[0, pressers]) * world.pressing[np.ix_(pressers, rows)]  # for or against the first one
        return np.concatenate([gains[:1] + p.press_pressure * (world.leverage @ side), gains[1:]])
