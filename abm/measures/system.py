"""Measures of the whole system: one number."""

import numpy as np

from abm.measures.base import INF, Snapshot, ratio, system
from abm.membership_network import segregation
from abm.state.world import Array


def _mean(values: Array, weight: Array) -> float:
    """Return a weighted mean, 0 without weight."""
    return float((values * weight).sum() / max(float(weight.sum()), 1e-12))


def _focus_trust(snapshot: Snapshot) -> float:
    """Return the mean trust of others in the states in focus."""
    return _mean(snapshot.trust_in_actor, snapshot.others)


def _focus_agreement(snapshot: Snapshot) -> float:
    """Return the mean roll-call agreement of others with the states in focus."""
    return _mean(snapshot.mean_agreement_with_actor, snapshot.others)


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
    return float(
        np.sqrt(max(float(np.vdot(trust, trust)) / trust.size - float(snapshot.trust_received.mean()) ** 2, 0.0))
    )


def _donor_hhi(snapshot: Snapshot) -> float:
    """Return the concentration of all states' money."""
    given = snapshot.given
    return float(np.square(given).sum() / max(float(given.sum()), 1e-9) ** 2)


def _overlap(snapshot: Snapshot) -> float:
    """Return the mean overlap of clubs' members (Jaccard), 0 below two clubs."""
    seats = snapshot.world.member[:, snapshot.clubs]
    if seats.shape[1] < 2:
        return 0.0
    common = seats.T @ seats
    size = np.diag(common)
    either = size[:, None] + size[None, :] - common
    shared = common / np.maximum(either, 1)
    return float((shared.sum() - np.trace(shared)) / (len(size) * (len(size) - 1)))


def _club_mean(snapshot: Snapshot, values: Array) -> float:
    """Return the mean of values over living clubs, 0 without any."""
    return float(values[snapshot.clubs].mean()) if len(snapshot.clubs) else 0.0


def _provision(snapshot: Snapshot) -> float:
    """Return what living organizations achieve for their problems relative to rest: effectiveness by covered share."""
    world = snapshot.world
    achieved = world.initial_coverage * world.initial_effectiveness * world.effectiveness * world.in_scope
    return float(
        achieved.sum()
        / max(float((world.initial_coverage * world.initial_effectiveness * world.members_known).sum()), 1e-12)
    )


def _memberships_kept(snapshot: Snapshot) -> float:
    """Return the number of memberships in living organizations of the start whose members are known."""
    built = len(snapshot.start.position)
    return float((snapshot.world.members * snapshot.world.in_scope)[:built].sum())


def _left_by_others(snapshot: Snapshot) -> float:
    """Return the share of the seats that others had at the start, where one can leave, that they have given up.

    What a state left counts until it is back, also when the organization has ended since; a seat that was lost only
    because the organization ended does not count.
    """
    world, start = snapshot.world, snapshot.start
    leavable = world.members_known[: world.built] * (world.exit_form[: world.built] < 2)
    rows, columns = (place[world.ever_left[1] < world.built] for place in world.ever_left)
    given_up = leavable[columns] * start.member[rows, columns] * (1 - world.member[rows, columns])
    return float(snapshot.others[rows] @ given_up / max(float(snapshot.others @ start.member @ leavable), 1))


def _club_weight(snapshot: Snapshot) -> float:
    """Return the share of clubs in all seats weighted by GDP, in the issue area where it is largest."""
    world = snapshot.world
    seats = (world.capability @ world.member) * snapshot.in_scope
    areas, count = world.issue.astype(int), max(len(world.issues), 1)
    clubs = np.bincount(areas, seats * (world.founder >= 0), count)
    return float(ratio(clubs, np.bincount(areas, seats, count)).max())


def _deals(snapshot: Snapshot) -> float:
    """Return the mean of others' deals with leavers, weighted by the leavers' share of the world's GDP."""
    return float((snapshot.world.deals @ snapshot.world.capability).mean())


def _actor_saving(snapshot: Snapshot) -> float:
    """Return what the states in focus pay less than at rest, USD per quarter."""
    world = snapshot.world
    rest = float(world.dues_rate[snapshot.acting].sum() + world.initial_voluntary[snapshot.acting].sum())
    return rest - float(snapshot.focus @ snapshot.given)


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
system(
    "bodies_alive", lambda s: float(s.world.alive.sum()), "organizations alive, clubs included", unit="organizations"
)
system(
    "memberships_kept",
    _memberships_kept,
    "memberships in living organizations of the start (exits and deaths lower it)",
    unit="memberships",
    better="+",
)
system(
    "left_by_others",
    _left_by_others,
    "share of others' seats at the start that they gave up, where one can leave",
    high=1.0,
    better="-",
)
system(
    "segregation",
    lambda s: segregation(s.world, s.leavable),
    "1 less the seats that two groups share across over those they share within, groups found by seats",
    low=-INF,
    high=1.0,
    yearly=True,
)
system("clubs", lambda s: float(len(s.clubs)), "living clubs founded in the run", unit="organizations")
system("club_size", lambda s: _club_mean(s, s.world.members), "mean number of members of clubs", unit="states")
system(
    "club_exclusiveness",
    lambda s: _club_mean(s, s.world.exclusive),
    "share of clubs that admit by consent only",
    high=1.0,
)
system("club_overlap", _overlap, "mean overlap of clubs' members", high=1.0)
system(
    "club_weight",
    _club_weight,
    "share of clubs in all seats, weighted by GDP, in the issue area where it is largest",
    high=1.0,
)
system(
    "total_income",
    lambda s: 4 * float(s.world.income.sum()),
    "income of all organizations",
    unit="USD/year",
    better="+",
)
system(
    "total_spending",
    lambda s: 4 * float(s.world.spending.sum()),
    "spending of all organizations",
    unit="USD/year",
    better="+",
)
system("donor_hhi", _donor_hhi, "concentration of states' money over the system", high=1.0)
system(
    "mean_trust", lambda s: float(s.trust_received.mean()), "mean trust of all pairs", low=-1.0, high=1.0, better="+"
)
system("trust_spread", _trust_spread, "standard deviation of trust over pairs", high=1.0)
system("trust_gap", _trust_gap, "trust within the two camps less trust across", low=-2.0, high=2.0, better="-")
system("mean_trust_in_actor", _focus_trust, "trust of others in the states in focus", low=-1.0, high=1.0, better="+")
system(
    "mean_agreement_with_actor", _focus_agreement, "roll-call agreement of others with the states in focus", high=1.0
)
system(
    "mean_credibility",
    lambda s: float(s.world.credibility @ s.world.capability),
    "credibility of commitments, weighted by GDP",
    high=1.0,
    better="+",
)
system(
    "actor_wins",
    lambda s: _share_of(s, s.world.votes_won, s.world.votes_cast),
    "resolutions decided the way of the states in focus",
    high=1.0,
)
system("actor_saving", _actor_saving, "what the states in focus pay less than at rest", unit="USD/quarter", low=-INF)
system("deals", _deals, "lost benefits that bilateral deals replace, weighted by the leaver's GDP", high=1.0)
system(
    "global_provision",
    _provision,
    "what organizations achieve, relative to rest",
    high=4.0,
    better="+",
)
system(
    "resolutions_passed",
    lambda s: float(s.world.passed.sum()),
    "resolutions passed in the quarter",
    unit="resolutions/quarter",
)
system(
    "programmes_lost_total",
    lambda s: 4 * s.programmes_lost_total,
    "programme money missing against rest",
    unit="USD/year",
    low=-INF,
    better="-",
)
