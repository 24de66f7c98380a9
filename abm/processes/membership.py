"""Membership: exit, review and return.

The yearly log-odds of exit are those of the published geopolitics model (von Borzyskowski and Vabulas 2019): distance
from the mean of those who take part, the exit of a lead state in the year before, and log size. The intercept is
matched to the mean rate. Coefficients are drawn from their standard errors, once a run, the intercept keeping the
log-odds at the published means. Exits of several states add up by a power between the published dummy and a sum of
log-odds: no estimate exists. Who follows goes by the affinity of governments. Everything else that moves exit is zero
at rest, so that the base rate stays the published one.
"""

from typing import ClassVar, Literal

import numpy as np

from abm.calendar import per_quarter
from abm.deciding_rule import NEARNESS, Chances, alone, joining, together
from abm.events import Event
from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.published import EXIT_MODEL, MEAN_DISTANCE, MEAN_LOG_SIZE
from abm.rng import Draws
from abm.spatial import lengths
from abm.state.derived import Pairs, where_true, with_values
from abm.state.world import Array, Integers, Mask, World

LEAST_FACTOR = 1e-6
"""Least factor by which an example changes odds."""


class MembershipParameters(Parameters):
    """Parameters of exit and return."""

    intercept: float = parameter(
        EXIT_MODEL.intercept, low=-12, high=0, unit="log-odds/year", source="borzyskowski_vabulas_2019",
        role="calibration", doc="Log-odds of exit in a year, derived so that the mean rate is the published .0004.",
    )  # fmt: skip
    distance_log_odds: float = parameter(
        EXIT_MODEL.distance.value, low=-1, high=3, unit="log-odds/ideal point", source="borzyskowski_vabulas_2019",
        doc="Rise with the distance of preferences from the organization's.",
    )  # fmt: skip
    contagion_log_odds: float = parameter(
        EXIT_MODEL.contagion.value, low=-2, high=8, unit="log-odds", source="borzyskowski_vabulas_2019",
        doc="Rise in the year after a lead state left.",
    )  # fmt: skip
    size_log_odds: float = parameter(
        EXIT_MODEL.size.value, low=-3, high=1, source="borzyskowski_vabulas_2019", doc="Change per unit of log members."
    )
    coefficient_spread: float = parameter(
        1.0, low=0, high=3, source="borzyskowski_vabulas_2019",
        doc="Standard errors by which coefficients are drawn around their values; 0 fixes them.",
    )  # fmt: skip
    legitimacy_log_odds: float = parameter(
        EXIT_MODEL.performance.value, low=-12, high=2, source="borzyskowski_vabulas_2019",
        doc="Change per unit of legitimacy above rest; the published coefficient of performance in its own model.",
    )  # fmt: skip
    reciprocity_log_odds: float = parameter(
        1.0, low=-3, high=6, source="assumption",
        doc="Rise per share of members gone, in organizations of mutual obligation.",
    )  # fmt: skip
    lobby_log_odds: float = parameter(
        0.0, low=-2, high=2, source="assumption", doc="Change per unit of domestic lobbying for the issue area; off."
    )
    rival_log_odds: float = parameter(
        0.0, low=-6, high=6, source="assumption",
        doc="Rise per share of the agenda that distrusted states gained; off, of either sign.",
    )  # fmt: skip
    decline_log_odds: float = parameter(
        0.0, low=-3, high=3, source="borzyskowski_vabulas_2019",
        doc="Rise per unit of log share of the world's GDP lost since the start; off: the published unit is not known.",
    )  # fmt: skip
    censure_log_odds: float = parameter(
        0.5, low=-2, high=5, source="assumption", doc="Rise per unit of remembered censure for unilateral acts."
    )
    propensity_spread: float = parameter(
        0.0, low=0, high=3, unit="log-odds", source="assumption",
        doc="Spread of lasting habits of states to leave, whoever governs; off.",
    )  # fmt: skip
    midterm_log_odds: float = parameter(
        0.0, low=-3, high=3, source="assumption",
        doc="Change in the year before the middle of a sovereigntist government's term; off, of either sign.",
    )  # fmt: skip
    value_log_odds: float = parameter(
        1.0, low=-2, high=8, source="assumption",
        doc="Fall of exit, and rise of return, per unit of an organization's value above the state's mean; 0: off.",
    )  # fmt: skip
    act_spread: float = parameter(
        2.0, low=0, high=4, unit="log-odds", source="assumption",
        doc="Spread between quarters of a government's readiness to leave, so that it leaves several at once; 0: off.",
    )  # fmt: skip
    joint_probability: float = parameter(
        0.75, low=0, high=1, source="evidence_exit_clusters", role="calibration",
        doc="Probability that a state announces its exit together with close allies; 0: off.",
    )  # fmt: skip
    joint_allies: float = parameter(
        1.3, low=0, high=10, unit="states", source="evidence_exit_clusters", role="calibration",
        doc="Allies that then announce theirs with it, in the mean, if all are members.",
    )  # fmt: skip
    joint_power: float = parameter(
        12.0, low=0, high=40, source="assumption", doc="Power of affinity in who is a close ally."
    )
    reaction: float = parameter(
        0.3, low=0, high=1, unit="1/quarter", source="evidence_discipline",
        doc="Probability that a state leaves an organization that has just acted on it with full strength; 0: off.",
    )  # fmt: skip
    solidarity: float = parameter(
        0.3, low=0, high=5, unit="states", source="evidence_solidarity",
        doc="Close allies, in the mean, who feel an act on a state as it does; they are those of joint exits; 0: off.",
    )  # fmt: skip
    grievance_fading: float = parameter(
        0.5, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which acts on a state fade."
    )
    withdrawal_rate: float = parameter(
        0.05, low=0, high=1, unit="1/year", source="evidence_withdrawn_notices",
        doc="Rate at which the government that gave a notice of exit withdraws it, if it pays; 0: never.",
    )  # fmt: skip
    turn_withdrawal: float = parameter(
        0.5, low=0, high=1, source="evidence_withdrawn_notices",
        doc="Probability that a new government withdraws the notices of the old one; 0: never.",
    )  # fmt: skip
    review_bar: float = parameter(
        0.3, low=0, high=1, source="assumption",
        doc="Loss of value relative to rest from which a newly elected sovereigntist government drops a membership.",
    )  # fmt: skip
    review_sovereigntism: float = parameter(
        0.85, low=0, high=1, source="assumption", doc="Sovereigntism from which a new government reviews memberships."
    )
    review_probability: float = parameter(
        0.1, low=0, high=1, source="evidence_reviews",
        doc="Probability that a newly elected sovereigntist government holds a review at all; 1: all do.",
    )  # fmt: skip
    return_rate: float = parameter(
        0.06, low=0, high=1, unit="1/year", source="evidence_returns",
        doc="Rate of return to an organization; 42 percent of exits are taken back within ten years.",
    )  # fmt: skip
    new_party_return_rate: float = parameter(
        0.35, low=0, high=1, unit="1/year", source="evidence_us_returns",
        doc="Rate of return, to all at once, under the other party of a state with a revolving door.",
    )  # fmt: skip
    revolving_swing: float = parameter(
        0.55, low=0, high=1, source="assumption",
        doc="Swing from which a state has a revolving door, as the USA and Brazil have; 0: every state.",
    )  # fmt: skip
    inside_power: float = parameter(
        1.0, low=0, high=4, source="assumption",
        doc="Power with which the rate of return follows the capability still inside; 0: nobody looks who is there.",
    )  # fmt: skip
    settle_arrears: float = parameter(
        1.0, low=0, high=1, source="assumption",
        doc="Share of old arrears that a state pays at once when it comes back, or withdraws its notice, by itself.",
    )  # fmt: skip
    additivity: float = parameter(
        0.5, low=0, high=1, source="assumption",
        doc="How exits add up, the tipping axis: 0 is the published dummy, 1 a sum of log-odds; .3 to .7 is plausible.",
    )  # fmt: skip
    nearness_power: float = parameter(
        3.0, low=0, high=12, source="assumption", doc="Power of agreement or affinity in who follows a leaver."
    )
    participation_log_odds: float = parameter(
        -2.0, low=-20, high=5, unit="log-odds", source="assumption",
        doc="Change where a state would end participation rather than membership, so that few do; -20: nobody.",
    )  # fmt: skip
    contagion_form: Literal["affine", "aligned", "flat"] = choice(
        "affine",
        source="evidence_followers",
        doc="As many followers in the mean: by affinity of governments, by agreement in votes, or alike (published).",
    )
    distance_from: Literal["members", "position"] = choice(
        "members",
        source="borzyskowski_vabulas_2019",
        doc="Preferences are distant from the mean of those who take part, or from the position of adopted decisions.",
    )


STANDARD_ERRORS = {f"{n}_log_odds": getattr(EXIT_MODEL, n).relative_error for n in ("distance", "contagion", "size")}
"""Published standard errors relative to coefficients, so that one set to 0 stays 0."""


def coefficients(p: MembershipParameters, errors: Array) -> tuple[float, float, float, float]:
    """Return intercept and coefficients of distance, contagion and size; `errors` are three standard normals."""
    drawn = {
        name: getattr(p, name) * (1 + p.coefficient_spread * relative * float(error))
        for (name, relative), error in zip(STANDARD_ERRORS.items(), errors, strict=True)
    }
    distance, contagion, size = drawn.values()
    shift = (distance - p.distance_log_odds) * MEAN_DISTANCE + (size - p.size_log_odds) * MEAN_LOG_SIZE
    return p.intercept - shift, distance, contagion, size


def following(world: World, leavers: Integers, strength: float, distance: float, p: MembershipParameters) -> Array:
    """Return by how much the exit of one lead state raises log-odds; shape (state, leaver).

    Odds rise in proportion to nearness, by the published factor in the mean over states. They count by the odds that
    their distance from the mean of all states gives them, so that as many follow as published.
    """
    if p.contagion_form == "flat":
        return np.full((len(world.gdp), len(leavers)), strength)
    near = world.affinity_to(leavers) if p.contagion_form == "affine" else world.agreement[:, leavers]
    near = near**p.nearness_power
    weight = np.exp(distance * lengths(world.position - world.position.mean(axis=0)))  # (state,)
    others = weight @ near - weight[leavers] * near[leavers, np.arange(len(leavers))]
    mean = np.maximum(others / np.maximum(weight.sum() - weight[leavers], 1e-9), 1e-9)
    return np.log(np.maximum(1 + np.expm1(strength) * near / mean, LEAST_FACTOR))


def contagion_term(world: World, strength: float, distance: float, p: MembershipParameters) -> Array:
    """Return what the exits of others add to log-odds; shape (state, organization)."""
    leavers = np.flatnonzero(world.followed.any(axis=1))
    weights = world.followed[leavers]  # (leaver, organization)
    together = np.maximum(weights.sum(axis=0), 1.0)
    return together ** (p.additivity - 1) * (following(world, leavers, strength, distance, p) @ weights)


def before_midterm(world: World) -> Array:
    """Return 1 in the year that ends with the middle of a sovereigntist government's term; shape (state,)."""
    ahead = world.next_election - world.term / 2 - world.quarter
    return np.where((world.party > 0) & (ahead >= 0) & (ahead < 4), 1.0, 0.0)


def declined(world: World) -> Array:
    """Return the log share of the world's GDP that states lost since the start, below 0 where it rose; (state,)."""
    return np.log(np.maximum(world.initial_capability, 1e-12) / np.maximum(world.capability, 1e-12))


def rest_of_log_odds(world: World, p: MembershipParameters) -> Array:
    """Return the terms that are zero at rest; shape (state, organization)."""
    gone = np.maximum(0.0, 1 - world.members / np.maximum(world.reference_members, 1)) * world.reciprocal
    habit = p.censure_log_odds * world.censured + p.propensity_spread * world.propensity
    habit = habit + p.midterm_log_odds * before_midterm(world) + p.decline_log_odds * declined(world)  # (state,)
    terms = p.legitimacy_log_odds * (world.legitimacy - 1) + (p.reciprocity_log_odds * gone + habit[:, None])
    terms = terms - p.lobby_log_odds * (world.lobby + world.mobilized_lobby)[:, world.issue.astype(int)]
    if p.rival_log_odds:  # off by default, and a product of matrices
        terms = terms + p.rival_log_odds * (np.maximum(-world.trust, 0) @ (world.agenda_share - world.expert_share))
    return terms - p.value_log_odds * world.relative_value


def exit_log_odds(world: World, p: MembershipParameters, errors: Array, rest: Array | None = None) -> Array:
    """Return the yearly log-odds of exit; `errors` are three standard normals; shape (state, organization).

    `rest` is what `rest_of_log_odds` returns, if it is known.
    """
    intercept, distance, contagion, size = coefficients(p, errors)
    by_body = intercept + size * np.log(np.maximum(world.counted_members, 1))
    by_body = by_body + p.participation_log_odds * (world.exit_form == 2)  # (organization,)
    apart = world.distance_from_members if p.distance_from == "members" else world.distance
    by_pair = by_body + distance * apart + contagion_term(world, contagion, distance, p)
    return by_pair + (rest_of_log_odds(world, p) if rest is None else rest)


def felt(world: World, p: MembershipParameters) -> Array:
    """Return how hard acts on states are felt, by them and by their closest allies among the members.

    Shape (state, organization), 0 to 1. The allies' shares of an act go by a power of affinity and add up to
    `solidarity`. The state itself need not be a member.
    """
    targets = np.flatnonzero(world.grievance.any(axis=1))
    near = world.affinity_to(targets) ** p.joint_power  # (state, target)
    near = with_values(near, (targets, np.arange(len(targets))), 0.0)
    all_near = np.maximum(near.T @ world.member, 1e-9)  # (target, organization)
    shared = world.member * (near @ (world.grievance[targets] / all_near))
    return np.minimum(world.grievance + p.solidarity * shared, 1.0)


def notices(world: World, columns: Integers) -> Array:
    """Return the quarters of notice of exits from some organizations; participation ends without one."""
    return np.where(world.exit_form[columns] == 2, 0.0, world.notice_rule[columns])


def dropped(world: World, p: MembershipParameters, own_uniforms: Array) -> Mask:
    """Return what new sovereigntist governments drop in a review: organizations worth less than at rest.

    `own_uniforms` (state,) decides whether they hold one: high numbers lead to reviews, low ones to returns. Shape
    (state, organization).
    """
    reviewing = own_uniforms >= 1 - p.review_probability
    new = (world.government_age == 0) & (world.sovereigntism >= p.review_sovereigntism) & reviewing
    return (world.legitimacy < 1 - p.review_bar) & new[:, None]


def invitations(world: World, chance: Array, p: MembershipParameters, uniforms: Array) -> Array:
    """Return the probability that a state joins those that leave together with close allies.

    One uniform number a pair decides: a state leaves by itself below its `chance`, acts jointly in the lower part of
    that, and joins those that invite it in as large a part of what is above its chance. All tables are of shape (state,
    organization).
    """
    leading = world.may_leave & (uniforms < p.joint_probability * chance)
    leaders = np.flatnonzero(leading.any(axis=1))
    return joining(world.affinity_to(leaders) ** p.joint_power, leaders, leading[leaders], p.joint_allies)


def terms(world: World, p: MembershipParameters, errors: Array, rest: Array, pairs: Pairs) -> dict[str, Array]:
    """Return by rule what it adds to the log-odds of some exits, above rest or the published mean; each (pair,).

    `rest` is what `rest_of_log_odds` returns.
    """
    columns = pairs[1]
    _, distance, contagion, size = coefficients(p, errors)
    apart = world.distance_from_members if p.distance_from == "members" else world.distance
    followed = contagion_term(world, contagion, distance, p)[pairs]
    alike = contagion * world.followed.sum(axis=0)
    alike = alike * np.maximum(world.followed.sum(axis=0), 1.0) ** (p.additivity - 1)
    own = {
        "views": p.legitimacy_log_odds * (world.legitimacy[pairs] - 1),
        "value": -p.value_log_odds * world.relative_value[pairs],
    }
    return own | {
        NEARNESS[p.contagion_form]: followed - alike[columns],
        "example": followed,
        "distance": distance * (apart[pairs] - MEAN_DISTANCE),
        "size": size * (np.log(np.maximum(world.counted_members[columns], 1)) - MEAN_LOG_SIZE),
        "other": rest[pairs] - sum(own.values()),
    }


def withdrawn(world: World, p: MembershipParameters, uniforms: Array, own_uniforms: Array) -> Pairs:
    """Return the pairs in which a notice is withdrawn; all of a state's at once where its government is new.

    A government that has stopped paying its dues during the notice does not turn back.
    """
    rows, columns = world.on_notice
    new = world.government_age[rows] == 0
    lot = np.where(new, own_uniforms[rows], uniforms[rows, columns])
    paying = 1 - world.withheld[rows, columns]
    chance = np.where(new, p.turn_withdrawal, per_quarter(p.withdrawal_rate) * paying)
    back = (lot < chance) & (world.announced[rows, columns] == 0) & (world.member[rows, columns] > 0)
    return rows[back], columns[back]


def returns(world: World, p: MembershipParameters, uniforms: Array, own_uniforms: Array) -> Pairs:
    """Return the pairs in which a state comes back.

    Another party of a state with a revolving door comes back to all together, by `own_uniforms` (state,); all others
    come back to single organizations, each by `uniforms` (state, organization).
    """
    rows, columns = world.ever_left
    away = (
        (world.participation[rows, columns] == 0)
        & (world.alive[columns] > 0)
        & (world.refuses_to_join[rows, columns] == 0)
    )
    turned = (world.party_at_exit[rows, columns] != world.party[rows]) & (world.swing[rows] >= p.revolving_swing)
    annual = np.where(turned, p.new_party_return_rate, p.return_rate)
    annual = annual * world.inside**p.inside_power
    value = world.value[rows, columns]
    count, total = (np.bincount(rows, weights, len(world.gdp)) for weights in (away, away * value))
    better = value - (total / np.maximum(count, 1))[rows]  # than the mean of what the state may come back to
    annual = np.minimum(annual * np.exp(p.value_log_odds * better), 1)
    drawn = np.where(turned, own_uniforms[rows], uniforms[rows, columns])
    back = away & (drawn < per_quarter(annual))
    return rows[back], columns[back]


RETURNED = {
    "member": 1.0, "participation": 1.0, "voluntary_allowed": 1.0, "withheld": 0.0, "example_quarters": -1.0,
}  # fmt: skip
"""What a state that comes back, or stays after all, is set to, beside the arrears that it settles."""


class Membership(Process):
    """Exit by hazard, jointly or by review; return, and withdrawn notices."""

    name: ClassVar[str] = "membership"
    parameters: ClassVar[type[Parameters]] = MembershipParameters
    writes: ClassVar[tuple[str, ...]] = (
        "notice", "announced", "member", "participation", "settle", "voluntary_allowed", "withheld",
        "example_quarters", "grievance",
    )  # fmt: skip

    def propose(self, world: World, p: MembershipParameters, draws: Draws) -> Proposal:
        """Draw exits, hold reviews, draw returns and withdrawn notices."""
        uniforms, own_uniforms = draws.pairs(world.slot_keys), draws.states()
        errors, moods = draws.fixed_normals(3), draws.state_normals()
        # A government acts on many organizations at once, at the same mean rate: the mean of e^(sz - s^2/2) is 1.
        moved = p.act_spread * moods - p.act_spread**2 / 2 - np.log1p(p.joint_probability * p.joint_allies)
        rest = rest_of_log_odds(world, p)
        log_odds = exit_log_odds(world, p, errors, rest) + moved[:, None]
        acts, reviewed = p.reaction * felt(world, p), dropped(world, p, own_uniforms)
        chance = alone(log_odds, acts, reviewed)
        invited = invitations(world, chance, p, uniforms)
        leave = where_true(world.may_leave & (uniforms < together(chance, invited)))
        chances = Chances(log_odds[leave], acts[leave], reviewed[leave], invited[leave])
        rules = chances.deciding(terms(world, p, errors, rest, leave)) if len(leave[0]) else []
        again, kept = returns(world, p, uniforms, own_uniforms), withdrawn(world, p, uniforms, own_uniforms)
        back = (np.concatenate([again[0], kept[0]]), np.concatenate([again[1], kept[1]]))
        quarters, returned = notices(world, leave[1]), RETURNED | {"settle": p.settle_arrears}
        fields = {
            "notice": with_values(with_values(world.notice, kept, -1.0), leave, np.maximum(quarters - 1, 0)),
            "grievance": world.grievance * (1 - p.grievance_fading),
            "announced": with_values(world.announced, leave, 1.0),
            **{name: with_values(getattr(world, name), back, value) for name, value in returned.items()},
        }
        events = [Event("return", int(i), int(o)) for i, o in zip(*again, strict=True)]
        events += [Event("notice_withdrawn", int(i), int(o)) for i, o in zip(*kept, strict=True)]
        events += [
            Event("announce", int(i), int(o), {"notice_quarters": int(notice), "origin": "hazard", "rule": rule})
            for i, o, notice, rule in zip(*leave, np.maximum(quarters, 1), rules, strict=True)  # from the next one on
        ]
        return Proposal(fields, events)
