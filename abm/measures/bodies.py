"""Measures of organizations: one number per organization, NaN where a measure does not apply."""

import numpy as np

from abm.measures.base import INF, Snapshot, body, concentration, ratio
from abm.spatial import lengths
from abm.state.world import Array, Integers


def _camp_view(snapshot: Snapshot, camp: int) -> Array:
    """Return the mean view of the members of one camp, NaN where it has none; shape (organization,)."""
    sums, counts = snapshot.camps
    return np.where(counts[camp] > 0, sums[camp] / np.maximum(counts[camp], 1), np.nan)


def _spread(snapshot: Snapshot) -> Array:
    """Return the standard deviation of members' views; shape (organization,)."""
    mean = snapshot.held_view.sum(axis=0) / snapshot.taking_part
    square = np.einsum("so,so->o", snapshot.held_view, snapshot.world.legitimacy) / snapshot.taking_part
    return np.sqrt(np.maximum(square - mean**2, 0))


def _shift(snapshot: Snapshot) -> Array:
    """Return how far adopted positions moved since the start, NaN for organizations founded later.

    Shape (organization,).
    """
    moved = np.full(len(snapshot.world.alive), np.nan)
    built = len(snapshot.start.position)
    moved[:built] = lengths(snapshot.world.organization_position[:built] - snapshot.start.position)
    return moved


def _actor_distance(snapshot: Snapshot) -> Array:
    """Return the distance of the states in focus (mean) from adopted positions; shape (organization,)."""
    centre = snapshot.focus @ snapshot.world.position / snapshot.focus.sum()
    return lengths(snapshot.world.organization_position - centre)


def _changed(now: Integers, before: Integers) -> Array:
    """Return 1 where another one leads than before, NaN for organizations founded later; shape (organization,)."""
    changed = np.full(len(now), np.nan)
    changed[: len(before)] = now[: len(before)] != before
    return changed


body("budget", lambda s: s.world.budget / s.rest, "budget relative to rest", better="+")
body("income", lambda s: s.world.income / s.rest, "income relative to rest", better="+")
body(
    "funding_gap_share",
    lambda s: s.world.funding_gap / s.rest,
    "shortfall before rescue, share of rest",
    better="-",
)
body(
    "rescue",
    lambda s: (s.world.rescue.sum(axis=0) + s.world.private_income) / s.rest,
    "money given to close gaps, share of rest",
)
body(
    "private",
    lambda s: s.world.private_income / s.rest,
    "part of it by foundations, firms and cities",
)
body(
    "reserves",
    lambda s: s.where_full(ratio(s.world.reserves, s.world.target_reserves)),
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
    lambda s: (s.world.suspended * s.world.member).sum(axis=0),
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
    lambda s: s.held_view.sum(axis=0) / s.taking_part,
    "mean view of the members that take part, relative to rest",
    high=4.0,
    better="+",
)
body("legitimacy_spread", _spread, "standard deviation of members' views", high=4.0, better="-")
body(
    "legitimacy_western",
    lambda s: _camp_view(s, 2),
    "mean view of Western members that take part",
    high=4.0,
    better="+",
)
body(
    "legitimacy_rival",
    lambda s: _camp_view(s, 0),
    "mean view of members of the rival camp that take part",
    high=4.0,
    better="+",
)
body(
    "legitimacy_other",
    lambda s: _camp_view(s, 1),
    "mean view of members of neither camp that take part",
    high=4.0,
    better="+",
)
body(
    "commitment",
    lambda s: s.held_commitment.sum(axis=0) / s.taking_part,
    "mean commitment of the members that take part",
    high=1.0,
    better="+",
)
body("members", lambda s: s.world.members, "number of members", unit="states", better="+")
body(
    "leader_share",
    lambda s: np.take_along_axis(s.world.agenda_share, s.leader[None], axis=0)[0],
    "share of influence of the leading state",
    high=1.0,
)
body(
    "power_share",
    lambda s: s.power_share,
    "share of influence of the leading power: a state, or a bloc counted as one",
    high=1.0,
)
body("agenda_hhi", lambda s: concentration(s.world.agenda_share), "concentration of influence on the agenda", high=1.0)
body(
    "leader_changed",
    lambda s: _changed(s.leader, s.start.leader),
    "another state leads than at the start",
    high=1.0,
)
body(
    "power_changed",
    lambda s: _changed(s.power, s.start.power),
    "another power leads than at the start, a bloc counted as one",
    high=1.0,
)
body("position_shift", _shift, "how far adopted positions moved since the start", unit="ideal point")
body("actor_distance", _actor_distance, "distance of adopted positions from the states in focus", unit="ideal point")
body(
    "actor_agenda_share",
    lambda s: s.of_focus(s.world.agenda_share),
    "influence on the agenda of the states in focus",
    high=1.0,
)
body("actor_posts_share", lambda s: s.of_focus(s.world.posts_share), "posts held by the states in focus", high=1.0)
body("zombie", lambda s: s.world.zombie, "asleep: alive with hardly any activity", high=1.0, better="-")
