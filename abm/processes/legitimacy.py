"""Legitimacy: how rightful each state sees each organization, relative to rest.

Sources are performance, procedure (fit, universality, neutrality) and peers; blame for exits, sanctions and rhetoric
takes away (Tallberg and Zuern 2019). The equation is an assumption, to be swept:

aim = exp(R + news), news = a (performance) + b (procedure) - blame. L' = L + r (aim - L), and where members meet
+ p (peers - L), both divided by r + p where that exceeds one. Good news counts less than bad news.

R is the view that a state has got used to: it follows a share of its own view, so that a loss outlasts its cause.
Universality counts heads and, apart from them, weight: a large state that once took part is missed as long as it stays
away.

Blame is weighted by the speaker's influence and by its credibility with the listener, (1 + trust) / 2, never by a
signed trust in which friends and rivals cancel.

Those who stay may rally (off by default): the less they trust a leaver, the more its exit speaks for the organization,
or against it. How near one stands to the leaver decides on either, so that blame and rally are apart.
"""

from typing import ClassVar, Literal

import numpy as np

from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import lengths
from abm.state.derived import LEAST_RATIO, with_values
from abm.state.world import Array, Integers, Mask, World


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
        doc="Fall of log view with distance from the organization beyond its resting value.",
    )
    universality_weight: float = parameter(
        0.2, low=0, high=3, source="assumption", doc="Log view per relative change of the number of members."
    )
    presence_weight: float = parameter(
        0.5,
        low=0,
        high=3,
        source="assumption",
        doc="Log view per log share of capability that is left of those who once took part; 0: heads alone count.",
    )
    presence_memory_rate: float = parameter(
        0.0,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Rate at which those who stay away are forgotten; 0: they are missed as long as they do.",
    )
    neutrality_weight: float = parameter(
        0.15,
        low=0,
        high=2,
        unit="1/ideal point",
        source="assumption",
        doc="Fall of log view as the organization moves away from its members' centre.",
    )
    blame_weight: float = parameter(
        0.2,
        low=0,
        high=5,
        source="assumption",
        doc="Blame by the exit of a state that holds all influence, from a listener who trusts it wholly.",
    )
    rhetoric_weight: float = parameter(
        0.6, low=0, high=3, source="assumption", doc="Blame by contempt at full strength, relative to that by an exit."
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
    good_news_weight: float = parameter(
        0.5,
        low=0,
        high=1,
        source="dellmuth_tallberg_2021",
        doc="Weight of news that is good on the whole, relative to bad news; 1: the same.",
    )
    persistence: float = parameter(
        0.5,
        low=0,
        high=0.95,
        source="assumption",
        doc="Share of its log view that a state gets used to; 0: none, 1 would run away.",
    )
    persistence_half_life: float = parameter(
        3.0, low=0.25, high=1000, unit="years", source="assumption", doc="Half-life of getting used to it."
    )
    lowest_log_aim: float = parameter(
        -5.0,
        low=-10,
        high=-0.5,
        unit="log",
        source="assumption",
        doc="Log view below which blame and failure press no further.",
    )
    highest_log_aim: float = parameter(
        1.3,
        low=0,
        high=1.38,
        unit="log",
        source="assumption",
        doc="Log view above which praise lifts no further; views themselves are at most 4.",
    )
    recipient_weight: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Fall of log view per share of programmes lost, where a state lives on programmes alone; off.",
    )
    rally_weight: float = parameter(
        0.0,
        low=-3,
        high=3,
        source="evidence_brexit",
        doc="Rise (+) or fall (-) of a stayer's log view by a fresh exit of a lead state that it distrusts; off.",
    )
    rivals: Literal["listen", "rally"] = choice(
        "listen",
        source="assumption",
        doc="listen: blame by a distrusted speaker counts little; rally: it counts as praise.",
    )


def hearing(world: World, speakers: Integers, p: LegitimacyParameters) -> Array:
    """Return how far the row believes a speaker's blame; shape (state, speaker)."""
    trust = world.trust[:, speakers]
    return trust if p.rivals == "rally" else (1 + trust) / 2


def new_blame(world: World, p: LegitimacyParameters) -> Array:
    """Return blame added this quarter; shape (state, organization)."""
    speakers = world.speakers
    said = world.exited[speakers] + p.rhetoric_weight * world.rhetoric[speakers]
    weight = np.maximum(world.agenda_share[speakers], world.expert_share[speakers]) * world.credibility[speakers, None]
    return p.blame_weight * (hearing(world, speakers, p) @ (said * weight))


def rallied(world: World, p: LegitimacyParameters) -> Array:
    """Return the memory of exits by states that those who stay distrust; shape (state, organization).

    The exit of a lead state counts 1 for who distrusts it wholly, and fades as blame does. Leavers remember nothing.
    """
    leavers = world.speakers
    new = (1 - world.trust[:, leavers]) / 2 @ (world.exited * world.example)[leavers]
    return (world.rally * (1 - p.blame_decay) + new) * (world.participation > 0)


def yearly(rate: float) -> float:
    """Return the share of the way that four quarters at a rate go."""
    return float(1 - (1 - rate) ** 4)


def meeting(world: World) -> Mask:
    """Return which organizations meet this quarter; shape (organization,)."""
    return (world.session == world.quarter % 4) & (world.in_scope > 0)


def heard(world: World, rows: Integers, p: LegitimacyParameters) -> Array:
    """Return how far views of the organizations that meet move to those of trusted members; shape (state, meeting).

    Peers are heard where they meet, once a year, for the four quarters together.
    """
    inside, own = world.member[:, rows], world.legitimacy[:, rows]
    heard_share = world.reliance @ inside
    mean = (world.reliance @ (own * inside)) / np.maximum(heard_share, 1e-9)
    return np.where(heard_share > 1e-9, yearly(p.peer_rate) * (mean - own), 0.0)


def off_centre(world: World) -> Array:
    """Return the distance of each organization from the centre of its members, ideal points; shape (organization,)."""
    centre = (world.member.T @ world.position) / np.maximum(world.members, 1e-9)[:, None]  # (organization, axis)
    return lengths(world.organization_position - centre)


def programmes_lost(world: World) -> Array:
    """Return what the cut of an organization's programmes means to those who need them; shape (state, organization)."""
    lives_on = world.programme_need / np.maximum(world.programme_need + world.capability, 1e-12)  # (state,)
    lost = np.maximum(0, 1 - world.spending / np.maximum(world.initial_budget, 1)) * world.has_budget
    return np.outer(lives_on, lost)


def news(world: World, blame: Array, rally: Array, off: Array, p: LegitimacyParameters) -> Array:
    """Return the log view that performance, procedure, blame and rally call for; shape (state, organization).

    `off` is how far each organization stands from the centre of its members now.
    """
    performance = p.performance_weight * (world.effectiveness - world.performance_memory)
    size = np.log(np.maximum(world.members, 1) / np.maximum(world.reference_members, 1))
    once = np.maximum(world.reference_presence, world.presence)
    left = np.log(np.maximum(world.presence, LEAST_RATIO) / np.maximum(once, LEAST_RATIO))
    credit = p.reform_weight * world.reformed - p.neutrality_weight * (off - world.reference_neutrality)
    common = performance + p.universality_weight * size + p.presence_weight * left + credit  # (organization,)
    fit = world.reference_distance - world.distance
    heard = fit * p.fit_weight + common * world.in_scope - blame + p.rally_weight * rally
    heard = heard - p.recipient_weight * programmes_lost(world)
    return np.minimum(heard, p.good_news_weight * heard)  # what is good on the whole counts less


def accustomed(world: World, p: LegitimacyParameters) -> Array:
    """Return the log view that states have got used to after a quarter; shape (state, organization)."""
    view = np.log(np.maximum(world.legitimacy, np.exp(p.lowest_log_aim)))
    rate = 1 - 0.5 ** (0.25 / p.persistence_half_life)
    return np.asarray(world.accustomed + rate * (p.persistence * view - world.accustomed))


class Legitimacy(Process):
    """Views, blame, and the slow references they are judged against."""

    name: ClassVar[str] = "legitimacy"
    parameters: ClassVar[type[Parameters]] = LegitimacyParameters
    writes: ClassVar[tuple[str, ...]] = (
        "legitimacy", "accustomed", "blame", "rally", "reference_distance", "reference_members",
        "reference_presence", "reference_neutrality", "reference_spread", "performance_memory",
    )  # fmt: skip

    def propose(self, world: World, p: LegitimacyParameters, draws: Draws) -> Proposal:
        """Move every view, and let references drift."""
        blame = np.maximum(world.blame * (1 - p.blame_decay) + new_blame(world, p), 0)
        rally = rallied(world, p)
        off = off_centre(world)
        log_aim = world.accustomed + news(world, blame, rally, off, p)
        aim = np.exp(np.clip(log_aim, p.lowest_log_aim, p.highest_log_aim))
        rows = np.flatnonzero(meeting(world))
        pulls = with_values(np.ones(len(off)), rows, max(p.rate + yearly(p.peer_rate), 1.0))
        legitimacy = world.legitimacy + p.rate * (aim - world.legitimacy) / pulls
        peers = heard(world, rows, p) / pulls[rows]  # two pulls never go further than their aims
        legitimacy = with_values(legitimacy, np.s_[:, rows], legitimacy[:, rows] + peers)
        views = {"legitimacy": legitimacy, "accustomed": accustomed(world, p), "blame": blame, "rally": rally}
        return Proposal(views | self._references(world, off, p))

    @staticmethod
    def _references(world: World, off: Array, p: LegitimacyParameters) -> dict[str, Array]:
        """Return the slow references after one quarter."""
        members = np.maximum(world.members, 1e-9)
        now = {
            "reference_distance": world.distance,
            "reference_members": world.members,
            "reference_neutrality": off,
            "reference_spread": (world.distance * world.member).sum(axis=0) / members,
            "performance_memory": world.effectiveness,
        }
        drifted = {
            name: getattr(world, name) + p.memory_rate * (value - getattr(world, name)) for name, value in now.items()
        }
        forgotten = p.presence_memory_rate * (world.reference_presence - world.presence)
        return drifted | {"reference_presence": np.maximum(world.presence, world.reference_presence - forgotten)}
