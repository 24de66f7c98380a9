"""Vitality: organizations fall asleep, wake, die or are replaced.

Survival depends on the size of the secretariat, which alone told survivors from the dead (Debre and Dijkstra 2021).
Where there is none, or nothing is known of it, the usual hazard holds. An organization of a large secretariat or of
nearly all states ends by decision only. Number of members and sleep are off by default: neither told survivors from the
dead, and zombies are formally alive for decades (Gray 2018). An organization whose members have moved to a new one of
its issue area is replaced rather than lost; one that nobody shares any more dissolves.
"""

from typing import ClassVar

import numpy as np

from abm.calendar import per_quarter
from abm.events import Event
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.published import MEDIAN_MEMBERS
from abm.rng import Draws
from abm.state.derived import with_values
from abm.state.world import Array, Mask, World

REFERENCE_SIZE = MEDIAN_MEMBERS
"""Members and staff of the organization whose log-odds of death are `death_log_odds`: as many as the median members."""


class VitalityParameters(Parameters):
    """Parameters of life and death."""

    death_log_odds: float = parameter(
        -4.0,
        low=-12,
        high=0,
        unit="log-odds/year",
        source="evidence_igo_deaths",
        role="calibration",
        doc="Log-odds of death in a year of an active organization of 20 members and 20 staff.",
    )
    members_log_odds: float = parameter(
        0.0,
        low=-3,
        high=1,
        source="debre_dijkstra_2021",
        doc="Change of these log-odds per unit of log members, beside the secretariat; off, of either sign.",
    )
    staff_log_odds: float = parameter(
        -0.45,
        low=-3,
        high=1,
        source="debre_dijkstra_2021",
        role="calibration",
        doc="Change of these log-odds per unit of log staff.",
    )
    usual_staff: float = parameter(
        80,
        low=1,
        high=10_000,
        unit="people",
        source="evidence_igo_deaths",
        doc="Staff taken for a secretariat that does not exist or is not known; 80 gives the published mean rate.",
    )
    decision_staff: float = parameter(
        1000,
        low=1,
        high=1e6,
        unit="people",
        source="assumption",
        doc="Staff from which an organization ends by decision only; off at 1e6.",
    )
    decision_members: float = parameter(
        0.8,
        low=0.5,
        high=2,
        source="assumption",
        doc="Share of states from which an organization ends by decision only; off above 1.",
    )
    decision_rate: float = parameter(
        0.0005,
        low=0,
        high=0.1,
        unit="1/year",
        source="assumption",
        doc="Rate of such decisions; below the .0016 published for organizations of 100 members and more.",
    )
    least_members: int = parameter(
        2,
        low=0,
        high=10,
        unit="states",
        source="assumption",
        doc="Members below which an organization dissolves; off at 0, where only clubs of one do.",
    )
    inactivity_log_odds: float = parameter(
        0.0,
        low=-4,
        high=12,
        source="assumption",
        doc="Rise of these log-odds from zombie_threshold to no activity; off, of either sign.",
    )
    zombie_threshold: float = parameter(
        0.5, low=0, high=1, source="gray_2018", doc="Activity relative to rest below which an organization is asleep."
    )
    zombie_quarters: float = parameter(
        4, low=1, high=40, unit="quarters", source="assumption", doc="Quarters of low activity that make a zombie."
    )


EMPTIED = ("member", "participation", "voluntary", "rescue", "posts_share")
CLOSED = ("alive", "parent_share", "budget", "vacancy", "other_income", "private_income")
"""What a dead organization no longer has, by state and as a whole.

Money offered for influence is not among it: leadership offers it anew later in the quarter, to the living.
"""


def activity(world: World) -> Array:
    """Return activity: effectiveness times the root of staff, at most 1, times attention; shape (organization,)."""
    return np.minimum(1.0, world.effectiveness * np.sqrt(world.staff)) * world.attention


def by_decision(world: World, p: VitalityParameters) -> Mask:
    """Mark organizations of a large secretariat or of nearly all states; shape (organization,)."""
    large = world.staff_size * world.staff >= p.decision_staff
    return large | (world.counted_members >= p.decision_members * len(world.gdp))


def death_probability(world: World, p: VitalityParameters) -> Array:
    """Return the probability of death in a quarter; shape (organization,)."""
    lacking = np.maximum(0.0, 1 - activity(world) / max(p.zombie_threshold, 1e-9))
    log_odds = p.death_log_odds + p.inactivity_log_odds * lacking
    log_odds += p.members_log_odds * np.log(np.maximum(world.counted_members, 1) / REFERENCE_SIZE)
    people = np.where(world.staff_size > 0, np.maximum(world.staff_size * world.staff, 1), p.usual_staff)
    log_odds += p.staff_log_odds * np.log(people / REFERENCE_SIZE)
    annual = np.where(by_decision(world, p), p.decision_rate, 1 / (1 + np.exp(-log_odds)))
    return per_quarter(annual) * world.in_scope


def dissolved(world: World, p: VitalityParameters) -> Mask:
    """Mark organizations that nobody shares any more: a club of one is none; shape (organization,)."""
    least = np.where(world.founder >= 0, 2, p.least_members)
    return (world.in_scope > 0) & (world.members < least)


def burial(world: World, deaths: Mask) -> dict[str, Array]:
    """Return what is left after deaths: no members, no money; a child's dues stay with its parent."""
    dead = np.flatnonzero(deaths)
    orphaned = dead[world.parent[dead] >= 0]
    back = np.bincount(world.parent[orphaned].astype(int), world.parent_share[orphaned], len(deaths))
    emptied = {name: with_values(getattr(world, name), np.s_[:, dead], 0.0) for name in EMPTIED}
    ended = {name: with_values(getattr(world, name), np.s_[:, dead], -1.0) for name in ("notice", "threat")}
    closed = {name: with_values(getattr(world, name), dead, 0.0) for name in CLOSED}
    return emptied | ended | closed | {"kept_share": world.kept_share + back}


class Vitality(Process):
    """Sleep, death and replacement of organizations."""

    name: ClassVar[str] = "vitality"
    parameters: ClassVar[type[Parameters]] = VitalityParameters
    writes: ClassVar[tuple[str, ...]] = (
        "alive", "zombie", "quiet_quarters", "member", "participation", "notice", "threat", "voluntary", "rescue",
        "kept_share", "parent_share", "budget", "posts_share", "vacancy", "other_income", "private_income",
    )  # fmt: skip

    def propose(self, world: World, p: VitalityParameters, draws: Draws) -> Proposal:
        """Judge the activity of every organization and draw its fate."""
        uniforms = draws.organizations(world.slot_keys)
        quiet = np.where((activity(world) < p.zombie_threshold) & (world.alive > 0), world.quiet_quarters + 1, 0.0)
        zombie = (quiet >= p.zombie_quarters).astype(float)
        deaths = uniforms < death_probability(world, p)
        deaths[world.parent[(world.parent >= 0) & (world.alive > 0)].astype(int)] = False  # bills for living children
        deaths |= dissolved(world, p)
        fields = {"quiet_quarters": quiet, "zombie": zombie * ~deaths} | burial(world, deaths)
        asleep = np.flatnonzero((zombie > world.zombie) & ~deaths)
        events = [Event("zombie", organization=int(o)) for o in asleep]
        events += [Event(self._fate(world, int(o)), organization=int(o)) for o in np.flatnonzero(deaths)]
        return Proposal(fields, events)

    @staticmethod
    def _fate(world: World, organization: int) -> str:
        """Return "replaced" where most members have moved to one new club of the issue area, else "death"."""
        rivals = (world.issue == world.issue[organization]) & (world.alive > 0) & (world.founder >= 0)
        rivals &= world.founded > world.founded[organization]
        members = world.member[:, organization]
        overlap = (members[:, None] * world.member[:, rivals]).sum(axis=0) / max(members.sum(), 1)
        return "replaced" if (overlap > 0.5).any() else "death"
