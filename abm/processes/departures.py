"""Departures: notice periods run, and an announced exit takes effect.

From its effect on, a leaver is no member and owes no new dues; its experts and nationals in posts go, its voluntary
money stops, and other members may follow it for a while: the "contagion" dummy of the published exit model
(von Borzyskowski and Vabulas 2019), one for a lead state, by its capability among the members, less for a lesser one.
"""

from typing import ClassVar, Literal

import numpy as np

from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import where_true
from abm.state.world import Array, Event, World


class DeparturesParameters(Parameters):
    """Parameters of exits that take effect."""

    lead_share: float = parameter(
        0.15,
        low=0.01,
        high=1,
        source="assumption",
        doc="Share of the members' capability from which a leaver counts fully as a lead state.",
    )
    contagion_quarters: float = parameter(
        4,
        low=0,
        high=40,
        unit="quarters",
        source="borzyskowski_vabulas_2019",
        doc="Quarters after the effect of an exit in which others are more likely to follow.",
    )
    credibility_cost: float = parameter(
        0.01, low=0, high=0.5, source="assumption", doc="Credibility a state loses with each body it leaves."
    )
    reversal_cost: float = parameter(
        0.05,
        low=0,
        high=0.5,
        source="assumption",
        doc="Further credibility lost where the state had left the same body before.",
    )
    mobilization_gain: float = parameter(
        0.1, low=0, high=2, source="assumption", doc="Mobilization at home by each exit of the government."
    )
    lobby_response: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Lobby for (+) or against (-) an issue area's bodies aroused by leaving all of them; off, of either sign.",
    )
    lobby_fading: float = parameter(
        0.1, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which aroused lobbies fade."
    )
    contagion_from: Literal["effect", "announcement"] = choice(
        "effect",
        source="borzyskowski_vabulas_2019",
        doc="Others follow from the effect of an exit on, as in yearly data, or from its announcement on.",
    )


def leaving(world: World) -> Array:
    """Return 1 where an announced exit takes effect now; shape (state, organization)."""
    return (world.notice == 0) * world.member


def stopped(world: World) -> Array:
    """Return 1 where participation in a body that cannot be left was ended this quarter; (state, organization)."""
    return world.announced * (world.exit_form == 2)


def followed(world: World, exits: Array | None, values: DeparturesParameters) -> Array | None:
    """Return 1 where a leaver sets an example now, None where nobody does; shape (state, organization)."""
    if values.contagion_from == "effect":
        return exits
    leaving_soon = (world.notice >= 0) * world.member
    return leaving_soon if exits is None else np.maximum(exits, leaving_soon)


def aroused(world: World, exits: Array) -> Array:
    """Return the share of its bodies of an issue area that a state leaves now; shape (state, issue)."""
    areas = (world.issue[:, None] == np.arange(len(world.issues))) * world.counted[:, None]  # (organization, issue)
    return exits @ areas / np.maximum(np.maximum(world.member, exits) @ areas, 1)


def contagion(world: World, exits: Array | None, values: DeparturesParameters) -> tuple[Array, Array]:
    """Return weight and remaining quarters of the exits that others may follow; both of shape (organization,)."""
    exits = followed(world, exits, values)
    quarters = np.maximum(world.contagion_quarters - 1, 0)
    old = world.contagion * (quarters > 0)
    if exits is None:
        return old, quarters
    together = np.maximum(world.capability @ world.member, 1e-12)  # of the members, the leaver among them
    standing = (exits * world.capability[:, None]).max(axis=0) / together
    weight = np.minimum(1.0, standing / values.lead_share)  # (organization,)
    fresh = (weight > 0) & (weight >= old)
    return np.where(fresh, weight, old), np.where(fresh, values.contagion_quarters, quarters)


class Departures(Process):
    """Exits take effect at the end of their notice."""

    name: ClassVar[str] = "departures"
    parameters: ClassVar[type[Parameters]] = DeparturesParameters
    writes: ClassVar[tuple[str, ...]] = (
        "notice", "member", "present", "exited", "left_party", "policy", "voluntary", "rescue", "withheld",
        "contagion", "contagion_quarters", "posts", "vacancy", "credibility", "mobilization", "aroused",
    )  # fmt: skip

    def propose(self, world: World, values: DeparturesParameters, draws: Draws) -> Proposal:
        """Carry out the exits that fall due."""
        running = where_true(world.notice >= 0)
        fields: dict[str, Array] = {}
        if running[0].size:
            fields["notice"] = world.notice.copy()
            fields["notice"][running] -= 1
        left = leaving(world) if (world.notice[running] == 0).any() else None
        if left is not None or world.announced.any():
            fields |= self._departed(world, np.zeros_like(world.member) if left is None else left, values)
        elif world.exited.any():
            fields["exited"] = np.zeros_like(world.exited)
        if "contagion" not in fields:
            fields["contagion"], fields["contagion_quarters"] = contagion(world, None, values)
        if values.lobby_response:
            loud = values.lobby_response * aroused(world, fields.get("exited", np.zeros_like(world.exited)))
            fields["aroused"] = (1 - values.lobby_fading) * world.aroused + loud
        return Proposal(fields, [] if left is None else self._events(left))

    def _departed(self, world: World, left: Array, values: DeparturesParameters) -> dict[str, Array]:
        """Return what changes by exits that take effect and by participation that was ended."""
        exits = left + stopped(world)
        fields = {"exited": exits} if exits.any() or world.exited.any() else {}
        if exits.any():
            fields["contagion"], fields["contagion_quarters"] = contagion(world, exits, values)
            fields |= self._costs(world, exits, values)
        return fields | (self._effects(world, left) if left.any() else {})

    @staticmethod
    def _costs(world: World, exits: Array, values: DeparturesParameters) -> dict[str, Array]:
        """Return what exits and ended participation cost and bring the leaver."""
        number = exits.sum(axis=1)  # (state,)
        again = (exits * (world.left_party != 0) * (world.exit_form < 2)).sum(axis=1)
        cost = values.credibility_cost * number + values.reversal_cost * again
        return {
            "credibility": world.credibility * np.exp(-cost),
            "mobilization": np.clip(world.mobilization + values.mobilization_gain * number, -10, 10),
        }

    @staticmethod
    def _effects(world: World, exits: Array) -> dict[str, Array]:
        """Return the fields that an effective exit changes; in organs, that have no membership to leave, dues go on."""
        stays = 1 - exits
        bound = np.where(world.exit_form == 2, 1.0, stays)
        posts = world.posts * stays
        return {
            "member": world.member * bound,
            "present": world.present * stays,
            "left_party": np.where(exits > 0, world.party[:, None], world.left_party),
            "voluntary": world.voluntary * stays,
            "rescue": world.rescue * stays,
            "withheld": world.withheld * bound,
            "policy": np.where((exits > 0) & (world.exit_form == 2), 0.0, world.policy),
            "posts": posts,
            "vacancy": world.vacancy + (world.posts - posts).sum(axis=0),
        }

    @staticmethod
    def _events(exits: Array) -> list[Event]:
        """Return one line of the story for each exit."""
        rows, columns = where_true(exits > 0)
        return [Event("exit", int(i), int(o)) for i, o in zip(rows, columns, strict=True)]
