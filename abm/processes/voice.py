"""Voice: a member threatens to leave unless the organization moves to its demand (Hirschman; Clark, Golder and Golder
2017).

The threat is credible if the exit value E is positive, and the organization gives way if it believes so and needs the
member. E and the need are private, drawn around public signals, so threats fail and bluffs occur. A conceded demand
moves the organization; a failed threat is carried out where E is positive, and costs credibility where it is not.
"""

import math
from typing import ClassVar

import numpy as np

from abm.events import Event
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import where_true, with_values
from abm.state.world import Array, World


class VoiceParameters(Parameters):
    """Parameters of threats."""

    threat_rate: float = parameter(
        0.0002,
        low=0,
        high=0.05,
        unit="1/year",
        source="evidence_threats",
        doc="Threats per membership and year at rest: 130 recorded since 1980.",
    )
    dissatisfaction_log_odds: float = parameter(
        4.0, low=0, high=12, source="assumption", doc="Rise of the log rate of threats per unit of lost legitimacy."
    )
    loudest: float = parameter(
        6.0,
        low=0,
        high=12,
        unit="log-odds",
        source="assumption",
        doc="Most by which dissatisfaction raises the log rate of threats.",
    )
    largest_rate: float = parameter(
        0.9,
        low=0.05,
        high=4,
        unit="1/year",
        source="assumption",
        doc="Most threats per membership and year; 4 are one in every quarter.",
    )
    deadline: float = parameter(
        4, low=1, high=40, unit="quarters", source="assumption", doc="Whole quarters, rounded up, that a threat leaves."
    )
    exit_value_mean: float = parameter(
        -0.3, low=-3, high=3, source="assumption", doc="Mean exit value of a moderate government near the organization."
    )
    exit_value_distance: float = parameter(
        0.3, low=-2, high=3, unit="1/ideal point", source="assumption", doc="Rise of the exit value with distance."
    )
    exit_value_sovereigntism: float = parameter(
        0.5, low=-2, high=3, source="assumption", doc="Rise of the exit value with sovereigntism of the government."
    )
    need_spread: float = parameter(
        0.5, low=0, high=3, source="assumption", doc="Spread of the log need for a member around its influence."
    )
    need_threshold: float = parameter(
        0.1,
        low=0,
        high=1,
        source="assumption",
        doc="Share of influence from which a wholly autonomous secretariat needs a member enough to give way.",
    )
    belief_spread: float = parameter(
        1.0,
        low=0,
        high=5,
        source="assumption",
        doc="Standard deviation of an organization's error about the exit value of a fully credible member.",
    )
    doubt: float = parameter(
        1.0,
        low=0,
        high=5,
        source="assumption",
        doc="Rise of belief_spread where the member has no credibility; 0: credibility does not matter.",
    )
    concession: float = parameter(
        0.25, low=0, high=1, source="assumption", doc="How far a conceded demand moves the organization."
    )
    experience_gain: float = parameter(
        0.1, low=0, high=1, source="assumption", doc="Experience of the secretariat, at most 1, gained by each threat."
    )
    bluff_cost: float = parameter(
        0.1, low=0, high=1, source="assumption", doc="Credibility lost by a threat that is neither met nor carried out."
    )


SETTLED = ("credibility", "organization_position", "reformed", "experience")
"""What the end of a threat may change, but for the notice of an exit."""


def threat_probability(world: World, p: VoiceParameters) -> Array:
    """Return the probability that a member threatens to leave this quarter; shape (state, organization)."""
    louder = np.minimum(p.dissatisfaction_log_odds * (1 - world.legitimacy), p.loudest)
    annual = np.minimum(p.threat_rate * np.exp(louder), p.largest_rate)
    return annual / 4 * (world.may_leave & (world.threat < 0) & (world.exit_form < 2))


def begun(world: World, uniforms: Array, p: VoiceParameters) -> list[tuple[int, int]]:
    """Return pairs of state and organization in which a threat begins: at most one an organization and quarter.

    `uniforms`, of shape (organization, 2), say whether a threat comes up, and by whom.
    """
    probability = threat_probability(world, p)
    order = np.argsort(world.state_ids)
    found = []
    for column in np.flatnonzero(uniforms[:, 0] < probability.sum(axis=0)):
        ladder = np.cumsum(probability[order, column])  # (state,)
        step = np.searchsorted(ladder, uniforms[column, 1] * ladder[-1], side="right")
        found.append((int(order[step]), int(column)))
    return found


def exit_value(world: World, state: int, organization: int, noise: float, p: VoiceParameters) -> float:
    """Return the private exit value of a member; positive means it would go."""
    public = p.exit_value_mean + p.exit_value_distance * world.distance[state, organization]
    return float(public + p.exit_value_sovereigntism * world.sovereigntism[state] + noise)


class Voice(Process):
    """Threats begin, and end in a concession, an exit or a bluff."""

    name: ClassVar[str] = "voice"
    parameters: ClassVar[type[Parameters]] = VoiceParameters
    writes: ClassVar[tuple[str, ...]] = (
        "threat", "notice", "announced", "credibility", "organization_position", "reformed", "experience",
    )  # fmt: skip

    def propose(self, world: World, p: VoiceParameters, draws: Draws) -> Proposal:
        """Count down threats, settle those that fall due, and draw new ones."""
        uniforms, noise = draws.organizations(world.slot_keys, 2), draws.state_normals(3)
        threat = np.maximum(world.threat - 1, -1)
        begins = begun(world, uniforms, p)
        for pair in begins:
            threat[pair] = math.ceil(p.deadline) - 1
        events = [Event("threat", *pair) for pair in begins]
        fields = {name: getattr(world, name).copy() for name in SETTLED}
        events += [self._settle(world, fields, int(i), int(o), noise[i], p) for i, o in self._due(world)]
        carried_out = [(event.actor, event.organization) for event in events if event.kind == "announce"]
        rows, columns = np.array(carried_out, int).reshape(-1, 2).T
        fields["notice"] = with_values(world.notice, (rows, columns), np.maximum(world.notice_rule[columns] - 1, 0))
        fields["announced"] = with_values(world.announced, (rows, columns), 1.0)
        return Proposal(fields | {"threat": threat}, events)

    @staticmethod
    def _due(world: World) -> list[tuple[int, int]]:
        """Return the pairs whose deadline has come: members that have not announced their exit meanwhile."""
        rows, columns = where_true(world.threat == 0)
        staying = (world.member[rows, columns] > 0) & (world.notice[rows, columns] < 0)
        return list(zip(rows[staying], columns[staying], strict=True))

    @staticmethod
    def _settle(
        world: World, fields: dict[str, Array], state: int, organization: int, noise: Array, p: VoiceParameters
    ) -> Event:
        """End one threat; `noise` holds the privacy of value, belief and need."""
        value = exit_value(world, state, organization, float(noise[0]), p)
        spread = p.belief_spread + p.doubt * (1 - world.credibility[state])
        believed = value + noise[1] * spread > 0
        need = world.agenda_share[state, organization] * np.exp(p.need_spread * noise[2])
        fields["experience"][organization] = min(1.0, fields["experience"][organization] + p.experience_gain)
        if believed and need > p.need_threshold * world.autonomy[organization]:
            step = world.position[state] + world.demand[state, organization] - world.organization_position[organization]
            fields["organization_position"][organization] += p.concession * step
            fields["reformed"][organization] = 1.0
            return Event("concession", state, organization)
        if value > 0:
            quarters = max(int(world.notice_rule[organization]), 1)  # the notice runs from the next quarter on
            return Event(
                "announce", state, organization, {"notice_quarters": quarters, "origin": "threat", "rule": "threat"}
            )
        fields["credibility"][state] *= 1 - p.bluff_cost
        return Event("bluff", state, organization)
