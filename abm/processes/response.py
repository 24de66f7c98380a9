"""Response: what a secretariat makes of a contested membership - inertia, adaptation or resistance (Hirschmann 2021).

It adapts to the leaver where influence is concentrated in it and the others agree with it, resists where influence is
dispersed and the secretariat autonomous and experienced, and otherwise stays inert (an assumption from UNESCO 1984
and 2017). Members who distrust the leaver may back a secretariat that resists (off by default).
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from abm.events import Event
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.world import Array, World


class ResponseParameters(Parameters):
    """Parameters of organizational response."""

    notable_share: float = parameter(
        0.04, low=0, high=1, source="assumption", doc="Share of influence from which an announced exit is answered."
    )
    adaptation: float = parameter(
        0.15, low=0, high=1, source="hirschmann_2021", doc="How far an adapting organization moves towards the leaver."
    )
    resistance: float = parameter(
        0.15,
        low=0,
        high=1,
        source="hirschmann_2021",
        doc="How far a resisting organization moves to the centre of those who stay.",
    )
    sensitivity: float = parameter(
        6.0,
        low=0,
        high=30,
        unit="log-odds",
        source="assumption",
        doc="How sharply the choice follows concentration, agreement, autonomy and experience.",
    )
    concentration: float = parameter(
        3.0,
        low=1,
        high=20,
        source="assumption",
        doc="Concentration of influence, at most 1, per share of it that the leaver holds.",
    )
    experience_share: float = parameter(
        0.5,
        low=0,
        high=1,
        source="assumption",
        doc="Part of an organization's firmness that is experience; the rest is its secretariat's autonomy.",
    )
    rally_weight: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Rise (+) or fall (-) of the pull to resist where those who stay wholly distrust the leaver; off.",
    )
    inertia: float = parameter(
        0.3, low=0, high=1, source="assumption", doc="Pull to do nothing, beside those to adapt and to resist."
    )
    experience_gain: float = parameter(
        0.2, low=0, high=1, source="assumption", doc="Experience of the secretariat, at most 1, gained by each answer."
    )
    credit_decay: float = parameter(
        0.08, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which the credit of a reform fades."
    )


def pull(world: World, state: int, organization: int, p: ResponseParameters) -> tuple[float, float]:
    """Return how strongly an organization is drawn to adapt and to resist when `state` leaves; each about 0 to 1."""
    share = float(world.agenda_share[state, organization])
    others = world.agenda_share[:, organization] * (np.arange(len(world.agenda_share)) != state)
    trust, influence = world.trust[:, state], max(float(others.sum()), 1e-9)
    agreeing, apart = (float(others @ by) / influence for by in (np.maximum(trust, 0), (1 - trust) / 2))
    concentrated = min(1.0, p.concentration * share)
    autonomy, experience = float(world.autonomy[organization]), float(world.experience[organization])
    firm = (1 - p.experience_share) * autonomy + p.experience_share * experience
    return concentrated * agreeing, (1 - concentrated) * firm + p.rally_weight * apart


class Answer(NamedTuple):
    """What an organization does about an exit: how far it moves, and to where."""

    event: Event
    share: float
    aim: Array


def moved(position: Array, answers: Sequence[Answer]) -> Array:
    """Return positions after all answers; those of one organization together never go further than their aims."""
    found, together = position.copy(), np.zeros(len(position))
    for event, share, _ in answers:
        together[event.organization] += share
    for event, share, aim in answers:
        place = position[event.organization]
        found[event.organization] += share * (aim - place) / max(1.0, together[event.organization])
    return found


class Response(Process):
    """Organizations answer announced exits."""

    name: ClassVar[str] = "response"
    parameters: ClassVar[type[Parameters]] = ResponseParameters
    writes: ClassVar[tuple[str, ...]] = ("reformed", "experience", "organization_position")

    def propose(self, world: World, p: ResponseParameters, draws: Draws) -> Proposal:
        """Answer the notable exits announced this quarter."""
        uniforms = draws.organizations(world.slot_keys)
        rows, columns = world.announcing
        notable = (world.agenda_share[rows, columns] > p.notable_share) & (world.in_scope[columns] > 0)
        fields: dict[str, Array] = {
            "reformed": world.reformed * (1 - p.credit_decay),
            "experience": world.experience.copy(),
        }
        answered = zip(rows[notable], columns[notable], strict=True)
        answers = [self._answer(world, fields, int(i), int(o), uniforms[o], p) for i, o in answered]
        given = [answer for answer in answers if answer is not None]
        fields["organization_position"] = moved(world.organization_position, given)
        return Proposal(fields, [answer.event for answer in given])

    @staticmethod
    def _answer(
        world: World, fields: dict[str, Array], state: int, organization: int, uniform: float, p: ResponseParameters
    ) -> Answer | None:
        """Answer one exit: adapt, resist or do nothing (None)."""
        fields["experience"][organization] = min(1.0, world.experience[organization] + p.experience_gain)
        weights = np.exp(p.sensitivity * np.array([*pull(world, state, organization, p), p.inertia]))
        choice = int(np.searchsorted(np.cumsum(weights) / weights.sum(), uniform))
        if choice == 0:
            fields["reformed"][organization] = 1.0
            return Answer(Event("adaptation", state, organization), p.adaptation, world.position[state])
        if choice == 1:
            stay = world.member[:, organization] * (np.arange(len(world.member)) != state)
            centre = stay @ world.position / max(float(stay.sum()), 1.0)
            return Answer(Event("resistance", state, organization), p.resistance, centre)
        return None
