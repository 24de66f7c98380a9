"""Exits: notice periods run, and an announced exit takes effect. Who announces one is decided in `membership`.

From its effect on, a leaver is no member and owes no new dues. Its experts and nationals in posts go, its voluntary
money stops. Its exit sets an example that others may follow for a while, from its announcement on. This is the
"contagion" dummy of the published exit model (von Borzyskowski and Vabulas 2019): one for a lead state, by its
capability among the members, less for a lesser one. Whoever follows sets an example in turn.
"""

from typing import ClassVar, Literal

import numpy as np

from abm.events import Event
from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import Pairs, cleared, released, with_values
from abm.state.world import FIELDS, Array, World


class ExitsParameters(Parameters):
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
        doc="Quarters in which others are more likely to follow an exit.",
    )
    credibility_cost: float = parameter(
        0.01, low=0, high=0.5, source="assumption", doc="Credibility a state loses with each organization it leaves."
    )
    reversal_cost: float = parameter(
        0.05,
        low=0,
        high=0.5,
        source="assumption",
        doc="Further credibility lost where the state had left the same organization before.",
    )
    mobilization_gain: float = parameter(
        0.1, low=0, high=2, source="assumption", doc="Mobilization at home by each exit of the government."
    )
    lobby_response: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Lobby for (+) or against (-) an issue area mobilized by leaving all of it; off, of either sign.",
    )
    lobby_fading: float = parameter(
        0.1, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which mobilized lobbies fade."
    )
    contagion_from: Literal["announcement", "effect", "both"] = choice(
        "announcement",
        source="evidence_followers",
        doc="Contagion counts from the announcement, from the effect, or lasts through notice and begins anew with it.",
    )


def leaving(world: World) -> Pairs:
    """Return the pairs in which an announced exit takes effect now."""
    rows, columns = world.on_notice
    now = (world.notice[rows, columns] == 0) & (world.member[rows, columns] > 0)
    return rows[now], columns[now]


def stopped(world: World) -> Pairs:
    """Return the pairs in which participation in an organization that cannot be left was ended this quarter."""
    rows, columns = world.announcing
    organ = world.exit_form[columns] == 2
    return rows[organ], columns[organ]


def together(*pairs: Pairs) -> Pairs:
    """Return the pairs of all, one after the other."""
    return np.concatenate([rows for rows, _ in pairs]), np.concatenate([columns for _, columns in pairs])


def setting(world: World, exits: Pairs, p: ExitsParameters) -> Pairs:
    """Return the pairs in which a leaver sets an example now."""
    if p.contagion_from == "effect":
        return exits
    rows, columns = world.on_notice
    bound = world.member[rows, columns] > 0
    rows, columns = together(exits, (rows[bound], columns[bound]))
    new = (world.example_quarters[rows, columns] < 0) | (p.contagion_from == "both")
    return rows[new], columns[new]


def examples(world: World, exits: Pairs, p: ExitsParameters) -> tuple[Array, Array]:
    """Return weights and remaining quarters of the examples that exits set; both of shape (state, organization)."""
    rows, columns = setting(world, exits, p)
    whole = np.maximum(world.capability @ world.member, 1e-12)  # of the members, the leaver among them
    weight = np.minimum(1.0, world.capability[rows] / whole[columns] / p.lead_share)
    older = world.example_quarters - (world.example_quarters > 0)
    return (
        with_values(world.example, (rows, columns), weight),
        with_values(older, (rows, columns), p.contagion_quarters),
    )


def costs(world: World, exits: Pairs, p: ExitsParameters) -> tuple[Array, Array]:
    """Return credibility and mobilization after what exits cost and bring the leaver; both of shape (state,)."""
    rows, columns = exits
    again = (world.party_at_exit[rows, columns] != 0) & (world.exit_form[columns] < 2)
    number, reversals = (np.bincount(rows, weights, len(world.gdp)) for weights in (None, again))
    credibility = world.credibility * np.exp(-p.credibility_cost * number - p.reversal_cost * reversals)
    mobilization = world.mobilization + p.mobilization_gain * number
    return credibility, np.clip(mobilization, *FIELDS["mobilization"].bounds)


def mobilized_lobby(world: World, exited: Array, p: ExitsParameters) -> Array:
    """Return the lobbies that exits arouse, fading otherwise; shape (state, issue)."""
    areas = (world.issue[:, None] == np.arange(len(world.issues))) * world.in_scope[:, None]  # (organization, issue)
    share = exited @ areas / np.maximum(np.maximum(world.member, exited) @ areas, 1)
    return (1 - p.lobby_fading) * world.mobilized_lobby + p.lobby_response * share


class Exits(Process):
    """Exits take effect at the end of their notice."""

    name: ClassVar[str] = "exits"
    parameters: ClassVar[type[Parameters]] = ExitsParameters
    writes: ClassVar[tuple[str, ...]] = (
        "notice", "threat", "member", "participation", "exited", "party_at_exit", "voluntary_allowed", "voluntary",
        "rescue", "bought", "withheld", "example", "example_quarters", "posts_share", "vacancy", "credibility",
        "mobilization", "mobilized_lobby",
    )  # fmt: skip

    def propose(self, world: World, p: ExitsParameters, draws: Draws) -> Proposal:
        """Carry out the exits that fall due."""
        left = leaving(world)
        exits = together(left, stopped(world))
        exited = with_values(cleared(world.exited), exits, 1.0)
        weight, quarters = examples(world, exits, p)
        credibility, mobilization = costs(world, exits, p)
        fields = {
            **self._given_up(world, left),
            "notice": np.maximum(world.notice - 1, -1),
            "exited": exited,
            "example": weight,
            "example_quarters": quarters,
            "credibility": credibility,
            "mobilization": mobilization,
            "mobilized_lobby": mobilized_lobby(world, exited, p),
        }
        return Proposal(fields, [Event("exit", int(i), int(o)) for i, o in zip(*left, strict=True)])

    @staticmethod
    def _given_up(world: World, left: Pairs) -> dict[str, Array]:
        """Return the fields in which a leaver gives something up; in organs, which have no membership, dues go on."""
        rows, columns = left
        organ = world.exit_form[columns] == 2
        organs, memberships = (rows[organ], columns[organ]), (rows[~organ], columns[~organ])
        return {
            **released(world, left),
            **{name: with_values(getattr(world, name), memberships, 0.0) for name in ("member", "withheld")},
            "voluntary_allowed": with_values(world.voluntary_allowed, organs, 0.0),
            "party_at_exit": with_values(world.party_at_exit, left, world.party[rows]),
        }
