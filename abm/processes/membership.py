"""Membership: exit, review and return.

The yearly log-odds of exit are those of the published geopolitics model (von Borzyskowski and Vabulas 2019): distance
from the organization, the exit of a lead state in the year before, and log size, with an intercept matched to the
mean rate. Coefficients are drawn from their standard errors, once a run, the intercept keeping the log-odds at the
published means. Everything else that moves exit is zero at rest, so that the base rate stays the published one.
"""

from typing import ClassVar, Literal

import numpy as np

from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state import Array, Event, Integers, World

MEAN_DISTANCE, MEAN_LOG_SIZE = 0.62, 3.0
"""Means of the published sample: distance .62; size at the median of 20 members."""


class MembershipParameters(Parameters):
    """Parameters of exit and return."""

    intercept: float = parameter(
        -6.43,
        low=-12,
        high=0,
        unit="log-odds/year",
        source="borzyskowski_vabulas_2019",
        role="calibration",
        doc="Log-odds of exit in a year, derived so that the mean rate is the published .0004.",
    )
    distance_log_odds: float = parameter(
        0.95,
        low=-1,
        high=3,
        unit="log-odds/ideal point",
        source="borzyskowski_vabulas_2019",
        doc="Rise with the distance of preferences from the organization's.",
    )
    contagion_log_odds: float = parameter(
        3.348,
        low=-2,
        high=8,
        unit="log-odds",
        source="borzyskowski_vabulas_2019",
        doc="Rise in the year after a lead state left.",
    )
    size_log_odds: float = parameter(
        -0.606, low=-3, high=1, source="borzyskowski_vabulas_2019", doc="Change per unit of log members."
    )
    coefficient_spread: float = parameter(
        1.0,
        low=0,
        high=3,
        source="borzyskowski_vabulas_2019",
        doc="Standard errors by which coefficients are drawn around their values; 0 fixes them.",
    )
    legitimacy_log_odds: float = parameter(
        -2.35,
        low=-12,
        high=2,
        source="borzyskowski_vabulas_2019",
        doc="Change per unit of legitimacy above rest; the published coefficient of performance in its own model.",
    )
    reciprocity_log_odds: float = parameter(
        1.0,
        low=-3,
        high=6,
        source="assumption",
        doc="Rise per share of members gone, in bodies of mutual obligation.",
    )
    lobby_log_odds: float = parameter(
        0.0, low=-2, high=2, source="assumption", doc="Change per unit of domestic lobbying for the issue area; off."
    )
    rival_log_odds: float = parameter(
        0.0,
        low=-6,
        high=6,
        source="assumption",
        doc="Rise per share of the agenda that distrusted states gained; off, of either sign.",
    )
    censure_log_odds: float = parameter(
        0.5, low=-2, high=5, source="assumption", doc="Rise per unit of remembered censure for unilateral acts."
    )
    propensity_spread: float = parameter(
        0.0,
        low=0,
        high=3,
        unit="log-odds",
        source="assumption",
        doc="Spread of lasting habits of states to leave, whoever governs; off.",
    )
    review_bar: float = parameter(
        0.3,
        low=0,
        high=1,
        source="assumption",
        doc="Loss of value relative to rest from which a newly elected sovereigntist government drops a membership.",
    )
    review_sovereigntism: float = parameter(
        0.7, low=0, high=1, source="assumption", doc="Sovereigntism from which a new government reviews memberships."
    )
    return_rate: float = parameter(
        0.03, low=0, high=1, unit="1/year", source="evidence_returns", doc="Rate of return under the party that left."
    )
    new_party_return_rate: float = parameter(
        0.35, low=0, high=1, unit="1/year", source="evidence_us_returns", doc="Rate of return under the other party."
    )
    contagion_form: Literal["flat", "aligned"] = choice(
        "flat",
        source="borzyskowski_vabulas_2019",
        doc="flat: the published dummy; aligned: as many followers expected, nearer the leaver (distance squared).",
    )


STANDARD_ERRORS = {"distance_log_odds": 0.153 / 0.95, "contagion_log_odds": 0.4 / 3.348, "size_log_odds": 0.192 / 0.606}
"""Published standard errors relative to the coefficients, so that a coefficient set to 0 stays 0."""


def coefficients(values: MembershipParameters, errors: Array) -> tuple[float, float, float, float]:
    """Return intercept and coefficients of distance, contagion and size; `errors` are three standard normals."""
    drawn = {
        name: getattr(values, name) * (1 + values.coefficient_spread * relative * float(error))
        for (name, relative), error in zip(STANDARD_ERRORS.items(), errors, strict=True)
    }
    distance, contagion, size = drawn.values()
    shift = (distance - values.distance_log_odds) * MEAN_DISTANCE + (size - values.size_log_odds) * MEAN_LOG_SIZE
    return values.intercept - shift, distance, contagion, size


def contagion_term(world: World, strength: float, values: MembershipParameters) -> Array:
    """Return what a fresh exit of a leading state adds to log-odds; (organization,) or (state, organization)."""
    fresh = world.contagion * (world.contagion_quarters > 0)
    flat = strength * fresh
    if values.contagion_form == "flat" or not fresh.any():
        return flat
    leaver = (world.left_party != 0) * world.expert_share
    near = world.agreement[:, np.argmax(leaver, axis=0)] ** 4  # (state, organization)
    mean = (near * world.member).sum(axis=0) / np.maximum(world.members, 1)
    return np.where(fresh > 0, flat + np.log(np.maximum(near, 1e-6) / np.maximum(mean, 1e-6)), 0.0)


def rest_of_log_odds(world: World, values: MembershipParameters) -> Array:
    """Return the terms that are zero at rest; shape (state, organization)."""
    gone = np.maximum(0.0, 1 - world.members / np.maximum(world.rest_members, 1)) * world.reciprocal
    terms = values.legitimacy_log_odds * (world.legitimacy - 1) + values.reciprocity_log_odds * gone
    terms += (values.censure_log_odds * world.censured + values.propensity_spread * world.propensity)[:, None]
    if values.lobby_log_odds:
        terms -= values.lobby_log_odds * world.lobby[:, world.issue.astype(int)]
    if values.rival_log_odds:
        terms += values.rival_log_odds * (np.maximum(-world.trust, 0) @ (world.agenda - world.expert_share))
    return terms


def exits(log_odds: Array, luck: Array, may: Array) -> tuple[Array, Array]:
    """Return rows and columns of those who leave: luck below the quarterly probability 1 - (1 - p)^(1/4).

    Only pairs whose luck is below the largest probability are looked at: the rest cannot leave.
    """
    top = float(log_odds.max(initial=-50.0))
    ceiling = 1 - (1 - 1 / (1 + np.exp(-top))) ** 0.25
    rows, columns = np.nonzero((luck <= ceiling) & (may > 0))
    annual = 1 / (1 + np.exp(-log_odds[rows, columns]))
    leave = luck[rows, columns] < 1 - (1 - annual) ** 0.25
    return rows[leave], columns[leave]


def counted_size(world: World) -> Array:
    """Return the number of members that size rules see: a council counts as its parent; shape (organization,)."""
    return np.maximum(np.maximum(world.council_size, world.members), 1.0)


class Membership(Process):
    """Exit by hazard or review, and return."""

    name: ClassVar[str] = "membership"
    phase: ClassVar[str] = "membership"
    parameters: ClassVar[type[Parameters]] = MembershipParameters
    reads: ClassVar[tuple[str, ...]] = (
        "distance",
        "legitimacy",
        "contagion",
        "contagion_quarters",
        "agenda",
        "trust",
        "party",
        "government_age",
    )
    writes: ClassVar[tuple[str, ...]] = ("notice", "announced", "member", "present", "settle", "policy", "withheld")

    def propose(self, world: World, values: MembershipParameters, draws: Draws) -> Proposal:
        """Draw exits, hold reviews, draw returns."""
        luck, return_luck = draws.pairs(world.slot_keys), draws.states()
        may = world.member * (world.notice < 0) * (world.alive * world.known * (world.exit_form < 2))
        rows, columns = exits(self._log_odds(world, values, draws), luck, may)
        rows, columns = self._with_reviewed(world, values, may, rows, columns)
        fields, events = self._returns(world, values, return_luck)
        if rows.size:
            notice, announced = world.notice.copy(), world.announced.copy()
            notice[rows, columns] = np.maximum(world.notice_rule[columns] - 1, 0)
            announced[rows, columns] = 1
            fields |= {"notice": notice, "announced": announced}
            events += [Event("announce", int(i), int(o)) for i, o in zip(rows, columns, strict=True)]
        return Proposal(fields, events)

    @staticmethod
    def _log_odds(world: World, values: MembershipParameters, draws: Draws) -> Array:
        """Return the yearly log-odds of exit; shape (state, organization)."""
        intercept, distance, contagion, size = coefficients(values, draws.fixed_normals(3))
        by_body = intercept + size * np.log(counted_size(world))
        spread = contagion_term(world, contagion, values)
        return distance * world.distance + (by_body + spread) + rest_of_log_odds(world, values)

    @staticmethod
    def _with_reviewed(
        world: World, values: MembershipParameters, may: Array, rows: Integers, columns: Integers
    ) -> tuple[Integers, Integers]:
        """Return those who leave together with what new sovereigntist governments drop: bodies worth less than at rest."""
        new = np.flatnonzero((world.government_age == 0) & (world.sovereigntism >= values.review_sovereigntism))
        if not new.size:
            return rows, columns
        dropped = np.zeros(may.shape, bool)
        dropped[new] = (world.legitimacy[new] < 1 - values.review_bar) & (may[new] > 0)
        dropped[rows, columns] = True
        left = np.nonzero(dropped)
        return left[0], left[1]

    @staticmethod
    def _returns(world: World, values: MembershipParameters, luck: Array) -> tuple[dict[str, Array], list[Event]]:
        """Return what changes by returns: a state decides once a quarter for all that it left under one party."""
        rows, columns = np.nonzero(world.left_party != 0)
        away = (world.present[rows, columns] == 0) & (world.alive[columns] > 0) & (world.barred[rows, columns] == 0)
        other = world.left_party[rows, columns] != world.party[rows]
        annual = np.where(other, values.new_party_return_rate, values.return_rate)
        back = away & (luck[rows] < 1 - (1 - annual) ** 0.25)
        if not back.any():
            return {}, []
        rows, columns = rows[back], columns[back]
        fields = {}
        for name, value in (("member", 1.0), ("present", 1.0), ("settle", 1.0), ("policy", 1.0), ("withheld", 0.0)):
            fields[name] = getattr(world, name).copy()
            fields[name][rows, columns] = value
        return fields, [Event("return", int(i), int(o)) for i, o in zip(rows, columns, strict=True)]
