"""Measures: what is recorded of a world each quarter, each with unit, range, direction and meaning.

There are three kinds, after what they describe: bodies (one number per organization), states (one number per state)
and the system (one number). Measures of bodies also become system measures, as means over bodies that are alive and
whose members are known; over the bodies that shocks aim at they are called `shocked.<name>`. NaN marks what does not
apply, such as the budget of a light body, and is left out of means.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from abm.state import Array, World

INF = float("inf")


@dataclass
class Snapshot:
    """A world at the end of a quarter with what several measures share; `focus` marks the states in question.

    `focus` (state,) is 1 for the actors of the shocks, or for the largest state where there are none; `start_position`
    (organization, axis) and `start_leader` (organization,) are those of the first quarter.
    """

    world: World
    focus: Array
    start_position: Array
    start_leader: Array

    @cached_property
    def members(self) -> Array:
        """Number of members, at least a trifle; shape (organization,)."""
        return np.maximum(self.world.members, 1e-9)

    @cached_property
    def held_view(self) -> Array:
        """Legitimacy among members, 0 elsewhere; shape (state, organization)."""
        return self.world.legitimacy * self.world.member

    @cached_property
    def money(self) -> Array:
        """All money by giver, USD per quarter; shape (state, organization)."""
        world = self.world
        return world.paid + world.voluntary + world.rescue + world.redirected

    @cached_property
    def camps(self) -> tuple[Array, Array]:
        """Sums of views and numbers of members by camp (rival, none, Western); each of shape (3, organization)."""
        inside = (self.world.camp == np.array([[-1.0], [0.0], [1.0]])).astype(float)
        return inside @ self.held_view, inside @ self.world.member

    @cached_property
    def leader(self) -> Array:
        """Row of the state with most influence on the agenda; shape (organization,)."""
        return self.world.agenda.argmax(axis=0)

    @cached_property
    def clubs(self) -> Array:
        """Rows of living clubs founded in the run."""
        return np.flatnonzero((self.world.founder >= 0) & (self.world.alive > 0))

    @cached_property
    def others(self) -> Array:
        """1 for states that are not in focus; shape (state,)."""
        return 1 - self.focus

    def of_focus(self, values: Array) -> Array:
        """Return the sum over the states in focus; shape (organization,)."""
        return self.focus @ values

    def where_full(self, values: Array) -> Array:
        """Return values of bodies with money, NaN for light ones; shape (organization,)."""
        return np.where(self.world.full > 0, values, np.nan)


class Measure(NamedTuple):
    """One measure: `function` of a snapshot gives one number per body, per state, or one in all."""

    kind: str
    function: Callable[[Snapshot], Array | float]
    unit: str
    low: float
    high: float
    better: str
    doc: str


MEASURES: dict[str, Measure] = {}


def body(
    name: str,
    function: Callable[[Snapshot], Array],
    doc: str,
    *,
    unit: str = "1",
    low: float = 0.0,
    high: float = INF,
    better: str = "",
) -> None:
    """Register a measure of bodies."""
    MEASURES[name] = Measure("body", function, unit, low, high, better, doc)


def state(
    name: str,
    function: Callable[[Snapshot], Array],
    doc: str,
    *,
    unit: str = "1",
    low: float = 0.0,
    high: float = INF,
    better: str = "",
) -> None:
    """Register a measure of states."""
    MEASURES[name] = Measure("state", function, unit, low, high, better, doc)


def system(
    name: str,
    function: Callable[[Snapshot], float],
    doc: str,
    *,
    unit: str = "1",
    low: float = 0.0,
    high: float = INF,
    better: str = "",
) -> None:
    """Register a measure of the whole system."""
    MEASURES[name] = Measure("system", function, unit, low, high, better, doc)


def ratio(part: Array, whole: Array) -> Array:
    """Return part / whole, 0 where the whole is nothing; shape as given."""
    return part / np.where(whole > 0, whole, 1.0)


def concentration(amounts: Array) -> Array:
    """Return the Herfindahl index of each column's shares, 0 where it is empty; shape (organization,)."""
    return ratio(np.einsum("so,so->o", amounts, amounts), np.square(amounts.sum(axis=0)))


def _camp_view(snapshot: Snapshot, camp: int) -> Array:
    """Return the mean view of the members of one camp, NaN where it has none; shape (organization,)."""
    sums, counts = snapshot.camps
    return np.where(counts[camp] > 0, sums[camp] / np.maximum(counts[camp], 1), np.nan)


def _spread(snapshot: Snapshot) -> Array:
    """Return the standard deviation of members' views; shape (organization,)."""
    mean = snapshot.held_view.sum(axis=0) / snapshot.members
    square = np.einsum("so,so->o", snapshot.held_view, snapshot.world.legitimacy) / snapshot.members
    return np.sqrt(np.maximum(square - mean**2, 0))


def _shift(snapshot: Snapshot) -> Array:
    """Return how far adopted positions moved since the start, NaN for bodies founded later; shape (organization,)."""
    moved = np.full(len(snapshot.world.alive), np.nan)
    built = len(snapshot.start_position)
    moved[:built] = np.linalg.norm(snapshot.world.organization_position[:built] - snapshot.start_position, axis=1)
    return moved


def _focus_distance(snapshot: Snapshot) -> Array:
    """Return the distance of the states in focus (mean) from adopted positions; shape (organization,)."""
    centre = snapshot.focus @ snapshot.world.position / snapshot.focus.sum()
    return np.asarray(np.linalg.norm(snapshot.world.organization_position - centre, axis=1))


def _leader_changed(snapshot: Snapshot) -> Array:
    """Return 1 where another state leads than at the start, NaN for bodies founded later; shape (organization,)."""
    changed = np.full(len(snapshot.world.alive), np.nan)
    built = len(snapshot.start_leader)
    changed[:built] = snapshot.leader[:built] != snapshot.start_leader
    return changed


body(
    "budget", lambda s: s.where_full(ratio(s.world.budget, s.world.rest_budget)), "budget relative to rest", better="+"
)
body(
    "income", lambda s: s.where_full(ratio(s.world.income, s.world.rest_budget)), "income relative to rest", better="+"
)
body(
    "budget_gap",
    lambda s: s.where_full(ratio(s.world.gap, s.world.rest_budget)),
    "shortfall before rescue, share of rest",
    better="-",
)
body(
    "rescue",
    lambda s: s.where_full(ratio(s.world.rescue.sum(axis=0) + s.world.private_income, s.world.rest_budget)),
    "money given to close gaps, share of rest",
)
body(
    "private",
    lambda s: s.where_full(ratio(s.world.private_income, s.world.rest_budget)),
    "part of it by foundations, firms and cities",
)
body(
    "reserves",
    lambda s: s.where_full(ratio(s.world.reserves, s.world.rest_reserves)),
    "reserves relative to rest",
    better="+",
)
body("funding_hhi", lambda s: s.where_full(concentration(s.money)), "concentration of states' money", high=1.0)
body(
    "arrears",
    lambda s: s.where_full(ratio(s.world.arrears.sum(axis=0), 4 * s.world.dues_rate.sum(axis=0))),
    "dues owed, in years of dues",
    unit="years",
    better="-",
)
body(
    "suspended_votes",
    lambda s: s.world.suspended.sum(axis=0),
    "members without a vote for arrears",
    unit="states",
    better="-",
)
body("staff", lambda s: s.where_full(s.world.staff), "staff relative to rest", high=4.0, better="+")
body("expertise", lambda s: s.world.expertise, "expertise relative to rest", high=4.0, better="+")
body("effectiveness", lambda s: s.world.effectiveness, "effectiveness relative to rest", high=4.0, better="+")
body("money_effect", lambda s: s.world.money_effect, "log change of effectiveness by money", unit="log", low=-INF)
body(
    "expertise_effect",
    lambda s: s.world.expertise_effect,
    "log change of effectiveness by expertise",
    unit="log",
    low=-INF,
)
body(
    "legitimacy",
    lambda s: s.held_view.sum(axis=0) / s.members,
    "mean view of members relative to rest",
    high=4.0,
    better="+",
)
body("legitimacy_spread", _spread, "standard deviation of members' views", high=4.0, better="-")
body("legitimacy_western", lambda s: _camp_view(s, 2), "mean view of Western members", high=4.0, better="+")
body("legitimacy_rival", lambda s: _camp_view(s, 0), "mean view of members of the rival camp", high=4.0, better="+")
body("legitimacy_other", lambda s: _camp_view(s, 1), "mean view of members of neither camp", high=4.0, better="+")
body(
    "commitment",
    lambda s: np.einsum("so,so->o", s.world.commitment, s.world.member) / s.members,
    "mean commitment of members",
    high=1.0,
    better="+",
)
body("members", lambda s: s.world.members, "number of members", unit="states", better="+")
body("leader_share", lambda s: s.world.agenda.max(axis=0), "share of influence of the leading state", high=1.0)
body("agenda_hhi", lambda s: concentration(s.world.agenda), "concentration of influence on the agenda", high=1.0)
body("leader_changed", _leader_changed, "another state leads than at the start", high=1.0)
body("position_shift", _shift, "how far adopted positions moved since the start", unit="ideal point")
body("focus_distance", _focus_distance, "distance of adopted positions from the states in focus", unit="ideal point")
body("focus_agenda", lambda s: s.of_focus(s.world.agenda), "influence on the agenda of the states in focus", high=1.0)
body("focus_posts", lambda s: s.of_focus(s.world.posts), "posts held by the states in focus", high=1.0)
body("zombie", lambda s: s.world.zombie, "asleep: alive with hardly any activity", high=1.0, better="-")

state(
    "agenda",
    lambda s: s.world.agenda @ s.world.counted / max(s.world.counted.sum(), 1),
    "mean influence on the agenda over bodies",
    high=1.0,
)
state(
    "posts",
    lambda s: s.world.posts @ s.world.counted / max(s.world.counted.sum(), 1),
    "mean share of posts over bodies",
    high=1.0,
)
state("memberships", lambda s: s.world.present @ s.world.counted, "bodies in which the state takes part", unit="bodies")
state("dues_paid", lambda s: s.world.paid.sum(axis=1), "dues paid in the quarter", unit="USD/quarter")
state("gifts", lambda s: (s.money - s.world.paid).sum(axis=1), "voluntary money in the quarter", unit="USD/quarter")
state("owed", lambda s: s.world.arrears.sum(axis=1), "arrears", unit="USD", better="-")
state("credibility", lambda s: s.world.credibility, "credibility of commitments", high=1.0, better="+")
state(
    "trust_received",
    lambda s: s.world.trust.mean(axis=0),
    "mean trust of all states in it",
    low=-1.0,
    high=1.0,
    better="+",
)
state(
    "trust_in_focus",
    lambda s: s.world.trust @ s.focus / s.focus.sum(),
    "its trust in the states in focus",
    low=-1.0,
    high=1.0,
)
state(
    "alignment_with_focus",
    lambda s: s.world.agreement @ s.focus / s.focus.sum(),
    "its roll-call agreement with them",
    high=1.0,
)
state(
    "mean_legitimacy",
    lambda s: ratio(s.held_view @ s.world.counted, s.world.member @ s.world.counted),
    "its mean view of bodies it belongs to",
    high=4.0,
    better="+",
)
state(
    "mean_commitment",
    lambda s: ratio((s.world.commitment * s.world.member) @ s.world.counted, s.world.member @ s.world.counted),
    "its mean commitment",
    high=1.0,
    better="+",
)
state("sovereigntism", lambda s: s.world.sovereigntism, "sovereigntism of its government", high=1.0)
state("votes_won", lambda s: ratio(s.world.votes_won, s.world.votes_cast), "resolutions decided its way", high=1.0)
state(
    "delivery_lost",
    lambda s: s.world.need * _lost_programmes(s) * 4 / s.world.gdp,
    "programmes lost relative to GDP",
    unit="share of GDP/year",
    low=-INF,
    better="-",
)
state("autonomy_gain", lambda s: s.world.autonomy_gain, "gains of unilateral acts", unit="share of GDP")


def _lost_programmes(snapshot: Snapshot) -> float:
    """Return programme money missing against rest, USD per quarter."""
    return float((snapshot.world.rest_budget - snapshot.world.spending)[snapshot.world.full > 0].sum())


def _mean(values: Array, weight: Array) -> float:
    """Return a weighted mean, 0 without weight."""
    return float((values * weight).sum() / max(float(weight.sum()), 1e-12))


def _focus_trust(snapshot: Snapshot) -> float:
    """Return the mean trust of others in the states in focus."""
    return _mean(snapshot.world.trust @ snapshot.focus / snapshot.focus.sum(), snapshot.others)


def _focus_agreement(snapshot: Snapshot) -> float:
    """Return the mean roll-call agreement of others with the states in focus."""
    return _mean(snapshot.world.agreement @ snapshot.focus / snapshot.focus.sum(), snapshot.others)


def _trust_gap(snapshot: Snapshot) -> float:
    """Return mean trust within the two camps less mean trust across them (0 where a camp has no two states)."""
    camps = (snapshot.world.camp[:, None] == np.array([1.0, -1.0])).astype(float)  # (state, camp)
    if camps.sum(axis=0).min() < 2:
        return 0.0
    share = camps / camps.sum(axis=0)
    mean = share.T @ snapshot.world.trust @ share
    return float((mean[0, 0] + mean[1, 1] - mean[0, 1] - mean[1, 0]) / 2)


def _trust_spread(snapshot: Snapshot) -> float:
    """Return the standard deviation of trust over pairs."""
    trust = snapshot.world.trust
    return float(np.sqrt(max(float(np.vdot(trust, trust)) / trust.size - float(trust.mean()) ** 2, 0.0)))


def _donor_hhi(snapshot: Snapshot) -> float:
    """Return the concentration of all states' money."""
    given = snapshot.money.sum(axis=1)
    return float(np.square(given).sum() / max(float(given.sum()), 1e-9) ** 2)


def _overlap(snapshot: Snapshot) -> float:
    """Return the mean overlap of clubs' members (Jaccard), 0 below two clubs."""
    seats = snapshot.world.member[:, snapshot.clubs]
    if seats.shape[1] < 2:
        return 0.0
    common = seats.T @ seats
    size = np.diag(common)
    either = size[:, None] + size[None, :] - common
    above = np.triu_indices(len(size), 1)
    return float((common[above] / np.maximum(either[above], 1)).mean())


def _club_mean(snapshot: Snapshot, values: Array) -> float:
    """Return the mean of values over living clubs, 0 without any."""
    return float(values[snapshot.clubs].mean()) if len(snapshot.clubs) else 0.0


def _provision(snapshot: Snapshot) -> float:
    """Return what living bodies achieve for their problems relative to rest: effectiveness by covered share."""
    world = snapshot.world
    achieved = world.rest_coverage * world.rest_effectiveness * world.effectiveness * world.counted
    return float(
        achieved.sum() / max(float((world.rest_coverage * world.rest_effectiveness * world.known).sum()), 1e-12)
    )


def _replaced_benefit(snapshot: Snapshot) -> float:
    """Return how much of lost benefits bilateral deals replace: mean deals of others with the states in focus."""
    return _mean(snapshot.world.deals @ snapshot.focus / snapshot.focus.sum(), snapshot.others)


def _focus_saving(snapshot: Snapshot) -> float:
    """Return what the states in focus pay less than at rest, USD per quarter."""
    world = snapshot.world
    rest = (world.dues_rate + world.rest_voluntary).sum(axis=1)
    return float(snapshot.focus @ (rest - snapshot.money.sum(axis=1)))


def _share_of(snapshot: Snapshot, part: Array, whole: Array) -> float:
    """Return the share of wins of the states in focus among their votes this quarter."""
    return float(snapshot.focus @ part / max(float(snapshot.focus @ whole), 1e-9))


system(
    "exits",
    lambda s: float(s.world.exited.sum()),
    "exits that took effect in the quarter",
    unit="exits/quarter",
    better="-",
)
system(
    "announcements",
    lambda s: float(s.world.announced.sum()),
    "exits announced in the quarter",
    unit="exits/quarter",
    better="-",
)
system("bodies_alive", lambda s: float(s.world.alive.sum()), "organizations alive, clubs included", unit="bodies")
system("clubs", lambda s: float(len(s.clubs)), "living clubs founded in the run", unit="bodies")
system("club_size", lambda s: _club_mean(s, s.world.members), "mean number of members of clubs", unit="states")
system(
    "club_exclusiveness",
    lambda s: _club_mean(s, s.world.exclusive),
    "share of clubs that admit by consent only",
    high=1.0,
)
system("club_overlap", _overlap, "mean overlap of clubs' members", high=1.0)
system("total_income", lambda s: 4 * float(s.world.income.sum()), "income of all bodies", unit="USD/year", better="+")
system(
    "total_spending", lambda s: 4 * float(s.world.spending.sum()), "spending of all bodies", unit="USD/year", better="+"
)
system("donor_hhi", _donor_hhi, "concentration of states' money over the system", high=1.0)
system("mean_trust", lambda s: float(s.world.trust.mean()), "mean trust of all pairs", low=-1.0, high=1.0, better="+")
system("trust_spread", _trust_spread, "standard deviation of trust over pairs", high=1.0)
system("trust_gap", _trust_gap, "trust within the two camps less trust across", low=-2.0, high=2.0, better="-")
system("trust_in_focus_mean", _focus_trust, "trust of others in the states in focus", low=-1.0, high=1.0, better="+")
system("agreement_with_focus", _focus_agreement, "roll-call agreement of others with the states in focus", high=1.0)
system(
    "focus_credibility",
    lambda s: float(s.focus @ s.world.credibility / s.focus.sum()),
    "credibility of the states in focus",
    high=1.0,
    better="+",
)
system(
    "focus_wins",
    lambda s: _share_of(s, s.world.votes_won, s.world.votes_cast),
    "resolutions decided the way of the states in focus",
    high=1.0,
)
system("focus_saving", _focus_saving, "what the states in focus pay less than at rest", unit="USD/quarter", low=-INF)
system("replaced_benefit", _replaced_benefit, "lost benefits that bilateral deals replace", high=1.0)
system("global_provision", _provision, "what bodies achieve for their problems relative to rest", high=4.0, better="+")
system(
    "resolutions_passed",
    lambda s: float(s.world.passed.sum()),
    "resolutions passed in the quarter",
    unit="resolutions/quarter",
)
system(
    "lost_programmes",
    lambda s: 4 * _lost_programmes(s),
    "programme money missing against rest",
    unit="USD/year",
    low=-INF,
    better="-",
)


def names(kind: str) -> tuple[str, ...]:
    """Return the names of measures of a kind: body, state or system."""
    return tuple(name for name, measure in MEASURES.items() if measure.kind == kind)


def rows(kind: str, snapshot: Snapshot) -> Array:
    """Return all measures of bodies or states; shape (measure, organization) or (measure, state)."""
    return np.array([measure.function(snapshot) for measure in MEASURES.values() if measure.kind == kind], float)


def scalars(snapshot: Snapshot) -> Array:
    """Return all system measures; shape (measure,)."""
    return np.array([measure.function(snapshot) for measure in MEASURES.values() if measure.kind == "system"], float)


def means(values: Array, counted: Array) -> Array:
    """Return means of measures over counted bodies, NaN entries left out; shape (..., measure).

    `values` has shape (..., measure, organization), `counted` (..., organization) with 1 for bodies that count.
    """
    weight = counted[..., None, :] * ~np.isnan(values)
    total = weight.sum(axis=-1)
    return np.where(total > 0, (np.nan_to_num(values) * weight).sum(axis=-1) / np.maximum(total, 1), 0.0)
