"""Voice: a member threatens to leave unless the organization moves to its demand (Hirschman; Clark, Golder and Golder
2017).

The threat is credible if the exit value E is positive, and the organization gives way if it believes so and needs the
member. E and the need are private, drawn around public signals, so threats fail and bluffs occur. A conceded demand
moves the body; a failed threat is carried out where E is positive, and costs credibility where it is not.
"""

import math
from typing import ClassVar

import numpy as np

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import where_true
from abm.state.world import Array, Event, Integers, World


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
    need_threshold: float = parameter(
        0.1,
        low=0,
        high=1,
        source="assumption",
        doc="Share of influence from which a wholly autonomous secretariat needs a member enough to give way.",
    )
    concession: float = parameter(
        0.25, low=0, high=1, source="assumption", doc="How far a conceded demand moves the organization."
    )
    bluff_cost: float = parameter(
        0.1, low=0, high=1, source="assumption", doc="Credibility lost by a threat that is neither met nor carried out."
    )


def threat_probability(world: World, columns: Integers, values: VoiceParameters) -> Array:
    """Return the probability that a member threatens to leave this quarter; shape (state, chosen organization)."""
    louder = np.minimum(values.dissatisfaction_log_odds * (1 - world.legitimacy[:, columns]), 6)
    annual = np.minimum(values.threat_rate * np.exp(louder), 0.9)
    free = world.member[:, columns] * (world.notice[:, columns] < 0) * (world.threat[:, columns] < 0)
    return annual / 4 * free


def begun(world: World, luck: Array, values: VoiceParameters) -> list[tuple[int, int]]:
    """Return pairs of state and organization in which a threat begins: at most one a body and quarter.

    `luck` is uniform (organization, 2): whether a threat comes up, and by whom. Bodies whose luck is above what the
    least satisfied members could cause are not looked at.
    """
    open_ = world.counted * (world.exit_form < 2)
    lowest = world.legitimacy.min(axis=0)  # (organization,)
    most = np.exp(np.minimum(values.dissatisfaction_log_odds * np.maximum(1 - lowest, 0), 6))
    columns = np.flatnonzero(luck[:, 0] < open_ * world.members * values.threat_rate * most / 4)
    if not columns.size:
        return []
    order = np.argsort(world.state_ids)
    ladder = np.cumsum(threat_probability(world, columns, values)[order], axis=0)  # (state, chosen organization)
    found = []
    for place, column in enumerate(columns):
        total = ladder[-1, place]
        if luck[column, 0] < total:
            found.append(
                (int(order[np.searchsorted(ladder[:, place], luck[column, 1] * total, side="right")]), int(column))
            )
    return found


def exit_value(world: World, state: int, organization: int, noise: float, values: VoiceParameters) -> float:
    """Return the private exit value of a member; positive means it would go."""
    public = values.exit_value_mean + values.exit_value_distance * world.distance[state, organization]
    return float(public + values.exit_value_sovereigntism * world.sovereigntism[state] + noise)


class Voice(Process):
    """Threats begin, and end in a concession, an exit or a bluff."""

    name: ClassVar[str] = "voice"
    parameters: ClassVar[type[Parameters]] = VoiceParameters
    writes: ClassVar[tuple[str, ...]] = (
        "threat", "notice", "announced", "credibility", "organization_position", "reformed", "experience",
    )  # fmt: skip

    def propose(self, world: World, values: VoiceParameters, draws: Draws) -> Proposal:
        """Count down threats, settle those that fall due, and draw new ones."""
        luck, noise = draws.organizations(world.slot_keys, 2), draws.state_normals(3)
        running = world.threat.max() >= 0
        due = self._due(world) if running else []
        begins = begun(world, luck, values)
        fields = {"threat": np.maximum(world.threat - 1, -1)} if running or begins else {}
        for pair in begins:
            fields["threat"][pair] = math.ceil(values.deadline) - 1
        events = [Event("threat", *pair) for pair in begins]
        if due:
            touched = ("notice", "announced", "credibility", "organization_position", "reformed", "experience")
            fields |= {name: getattr(world, name).copy() for name in touched}
            events += [self._settle(world, fields, int(i), int(o), noise[i], values) for i, o in due]
        return Proposal(fields, events)

    @staticmethod
    def _due(world: World) -> list[tuple[int, int]]:
        """Return the pairs whose deadline has come: members that have not announced their exit meanwhile."""
        rows, columns = where_true(world.threat == 0)
        staying = (world.member[rows, columns] > 0) & (world.notice[rows, columns] < 0)
        return list(zip(rows[staying], columns[staying], strict=True))

    @staticmethod
    def _settle(
        world: World, fields: dict[str, Array], state: int, organization: int, noise: Array, values: VoiceParameters
    ) -> Event:
        """End one threat; `noise` holds the privacy of value, belief and need."""
        value = exit_value(world, state, organization, float(noise[0]), values)
        believed = value + noise[1] * (2 - world.credibility[state]) > 0
        need = world.agenda[state, organization] * np.exp(0.5 * noise[2])
        fields["experience"][organization] = min(1.0, fields["experience"][organization] + 0.1)
        if believed and need > values.need_threshold * world.autonomy[organization]:
            step = world.position[state] + world.demand[state, organization] - world.organization_position[organization]
            fields["organization_position"][organization] += values.concession * step
            fields["reformed"][organization] = 1.0
            return Event("concession", state, organization)
        if value > 0:
            fields["notice"][state, organization] = max(world.notice_rule[organization] - 1, 0)
            fields["announced"][state, organization] = 1.0
            return Event("announce", state, organization, "after a failed threat")
        fields["credibility"][state] *= 1 - values.bluff_cost
        return Event("bluff", state, organization)
