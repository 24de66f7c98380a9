"""Legitimacy: how rightful each state sees each organization, relative to rest.

Sources are performance, procedure (fit, universality, neutrality) and peers; blame for exits, sanctions and rhetoric
takes away (Tallberg and Zuern 2019; the equation is an assumption, to be swept):
aim = exp(a (performance) + b (procedure) - blame), L' = L + r (aim - L), and where members meet + p (peers - L).
Blame is weighted by the speaker's influence and by its credibility with the listener, (1 + trust) / 2, never by a
signed trust in which friends and rivals cancel.
"""

from typing import ClassVar, Literal

import numpy as np

from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import lengths
from abm.state.world import Array, Integers, World


class LegitimacyParameters(Parameters):
    """Parameters of legitimacy."""

    rate: float = parameter(
        0.15, low=0, high=1, unit="1/quarter", source="assumption", doc="Speed at which views follow their causes."
    )
    peer_rate: float = parameter(
        0.05,
        low=0,
        high=0.5,
        unit="1/quarter",
        source="assumption",
        doc="Rate at which views move to trusted peers' views.",
    )
    performance_weight: float = parameter(
        0.5, low=0, high=3, source="assumption", doc="Log view per unit of effectiveness above or below its memory."
    )
    fit_weight: float = parameter(
        0.15,
        low=0,
        high=2,
        unit="1/ideal point",
        source="assumption",
        doc="Fall of log view with distance from the body beyond its resting value.",
    )
    universality_weight: float = parameter(
        0.2, low=0, high=3, source="assumption", doc="Log view per relative change of the number of members."
    )
    neutrality_weight: float = parameter(
        0.15,
        low=0,
        high=2,
        unit="1/ideal point",
        source="assumption",
        doc="Fall of log view as the body moves away from its members' centre.",
    )
    blame_weight: float = parameter(
        0.4,
        low=0,
        high=5,
        source="assumption",
        doc="Blame by the exit of a state that holds all influence, from a listener who trusts it wholly.",
    )
    rhetoric_weight: float = parameter(
        0.3, low=0, high=3, source="assumption", doc="Blame by contempt at full strength, relative to that by an exit."
    )
    blame_decay: float = parameter(
        0.06, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which blame fades."
    )
    memory_rate: float = parameter(
        0.02,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Rate at which resting references of distance, membership and performance drift to what is.",
    )
    reform_weight: float = parameter(
        0.1, low=0, high=1, source="assumption", doc="Rise of log view by the credit of a recent reform."
    )
    recipient_weight: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Fall of log view per share of programmes lost, where a state lives on programmes alone; off.",
    )
    rivals: Literal["listen", "rally"] = choice(
        "listen",
        source="assumption",
        doc="listen: blame by a distrusted speaker counts little; rally: it counts as praise.",
    )


def hearing(world: World, speakers: Integers, values: LegitimacyParameters) -> Array:
    """Return how far the row believes a speaker's blame; shape (state, speaker)."""
    trust = world.trust[:, speakers]
    return trust if values.rivals == "rally" else (1 + trust) / 2


def new_blame(world: World, values: LegitimacyParameters) -> Array | None:
    """Return blame added this quarter, None where nobody spoke; shape (state, organization)."""
    speakers = np.flatnonzero(world.exited.sum(axis=1) + world.rhetoric.sum(axis=1))
    if not speakers.size:
        return None
    loud = world.exited[speakers] + values.rhetoric_weight * world.rhetoric[speakers]
    loud *= np.maximum(world.agenda[speakers], world.expert_share[speakers]) * world.credibility[speakers, None]
    return values.blame_weight * (hearing(world, speakers, values) @ loud)


def heard(world: World, values: LegitimacyParameters) -> tuple[Integers, Array]:
    """Return the bodies that meet this quarter, and how far views of them move to those of trusted members.

    Peers are heard where they meet, once a year, for the four quarters together; rows and (state, meeting body).
    """
    rows = np.flatnonzero((world.session == world.quarter % 4) & (world.counted > 0))
    weight = world.reliance
    inside = world.member[:, rows]
    heard_share = weight @ inside
    mean = (weight @ (world.legitimacy[:, rows] * inside)) / np.maximum(heard_share, 1e-9)
    own = world.legitimacy[:, rows]
    return rows, np.where(heard_share > 1e-9, (1 - (1 - values.peer_rate) ** 4) * (mean - own), 0.0)


def off_centre(world: World) -> Array:
    """Return the distance of each organization from the centre of its members, ideal points; shape (organization,)."""
    centre = (world.member.T @ world.position) / np.maximum(world.members, 1e-9)[:, None]  # (organization, axis)
    return lengths(world.organization_position - centre)


def programmes_lost(world: World) -> Array:
    """Return what the cut of a body's programmes means to those who need them; shape (state, organization)."""
    lives_on = world.need / np.maximum(world.need + world.capability, 1e-12)  # (state,)
    lost = np.maximum(0, 1 - world.spending / np.maximum(world.rest_budget, 1)) * world.full
    return np.outer(lives_on, lost)


def log_aim(world: World, blame: Array, off: Array, values: LegitimacyParameters) -> Array:
    """Return the log of the view that performance, procedure and blame call for; shape (state, organization).

    `off` is how far each organization stands from the centre of its members now.
    """
    neutrality = off - world.rest_neutrality
    common = values.performance_weight * (world.effectiveness - world.performance_memory)
    common += values.universality_weight * np.log(np.maximum(world.members, 1) / np.maximum(world.rest_members, 1))
    common += values.reform_weight * world.reformed - values.neutrality_weight * neutrality
    aim = world.rest_distance - world.distance
    aim *= values.fit_weight
    aim += common * world.counted
    aim -= blame
    if values.recipient_weight:
        aim -= values.recipient_weight * programmes_lost(world)
    return aim


class Legitimacy(Process):
    """Views, blame, and the slow references they are judged against."""

    name: ClassVar[str] = "legitimacy"
    parameters: ClassVar[type[Parameters]] = LegitimacyParameters
    writes: ClassVar[tuple[str, ...]] = (
        "legitimacy", "blame", "rest_distance", "rest_members", "rest_neutrality", "rest_spread", "performance_memory",
    )  # fmt: skip

    def propose(self, world: World, values: LegitimacyParameters, draws: Draws) -> Proposal:
        """Move every view, and let references drift."""
        blame = world.blame * (1 - values.blame_decay) if world.blame.max() > 0 else world.blame
        added = new_blame(world, values)
        if added is not None:
            blame = np.maximum(blame + added, 0)
        off = off_centre(world)
        view = log_aim(world, blame, off, values)  # becomes what is aimed at, then the view
        np.exp(np.clip(view, -5, 1.3, out=view), out=view)
        view -= world.legitimacy
        view *= values.rate
        view += world.legitimacy
        rows, moved = heard(world, values)
        view[:, rows] += moved
        return Proposal({"legitimacy": view, "blame": blame} | self._references(world, off, values.memory_rate))

    @staticmethod
    def _references(world: World, off: Array, rate: float) -> dict[str, Array]:
        """Return the slow references after one quarter."""
        members = np.maximum(world.members, 1e-9)
        now = {
            "rest_distance": world.distance,
            "rest_members": world.members,
            "rest_neutrality": off,
            "rest_spread": (world.distance * world.member).sum(axis=0) / members,
            "performance_memory": world.effectiveness,
        }
        return {name: getattr(world, name) + rate * (value - getattr(world, name)) for name, value in now.items()}
