"""Measures of states: one number per state."""

import numpy as np

from abm.measures.base import INF, Snapshot, ratio, state
from abm.state.world import Array


def _holdings(snapshot: Snapshot) -> Array:
    """Return the mean of three shares in the organizations that shocks aim at: of money, of posts, of influence.

    Each is a mean over the organizations in scope in which there is any of it. Shape (state,).
    """
    counted = np.flatnonzero(snapshot.in_scope[: len(snapshot.aimed)] * snapshot.aimed)
    held = [goods[:, counted] for goods in (snapshot.money, snapshot.world.posts_share, snapshot.world.agenda_share)]
    return np.asarray(sum(_shares(goods) for goods in held) / len(held))


def _shares(goods: Array) -> Array:
    """Return each state's share of goods, mean over the organizations in which there are any; shape (state,)."""
    whole = goods.sum(axis=0)
    each = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
    return goods @ each / max(int((whole > 0).sum()), 1)


state(
    "agenda_share",
    lambda s: s.world.agenda_share @ s.in_scope / max(s.in_scope.sum(), 1),
    "mean influence on the agenda over organizations",
    high=1.0,
)
state(
    "posts_share",
    lambda s: s.world.posts_share @ s.in_scope / max(s.in_scope.sum(), 1),
    "mean share of posts over organizations",
    high=1.0,
)
state("memberships", lambda s: s.memberships, "organizations in which the state takes part", unit="organizations")
state("dues_paid", lambda s: s.dues_paid, "dues paid in the quarter", unit="USD/quarter")
state("gifts", lambda s: s.given - s.dues_paid, "voluntary money in the quarter", unit="USD/quarter")
state("owed", lambda s: s.world.arrears.sum(axis=1), "arrears", unit="USD", better="-")
state("credibility", lambda s: s.world.credibility, "credibility of commitments", high=1.0, better="+")
state(
    "trust_received",
    lambda s: s.trust_received,
    "mean trust of all states in it",
    low=-1.0,
    high=1.0,
    better="+",
)
state(
    "trust_in_actor",
    lambda s: s.trust_in_actor,
    "its trust in the states in focus",
    low=-1.0,
    high=1.0,
)
state(
    "agreement_with_actor",
    lambda s: s.mean_agreement_with_actor,
    "its roll-call agreement with them",
    high=1.0,
)
state(
    "mean_legitimacy",
    lambda s: ratio(s.held_view @ s.in_scope, s.memberships),
    "its mean view of organizations it belongs to",
    high=4.0,
    better="+",
)
state(
    "mean_commitment",
    lambda s: ratio(s.held_commitment @ s.in_scope, s.memberships),
    "its mean commitment",
    high=1.0,
    better="+",
)
state("sovereigntism", lambda s: s.world.sovereigntism, "sovereigntism of its government", high=1.0)
state("votes_won", lambda s: ratio(s.world.votes_won, s.world.votes_cast), "resolutions decided its way", high=1.0)
state(
    "programmes_lost_state",
    lambda s: s.world.programme_need * s.programmes_lost_total * 4 / s.world.gdp,
    "programmes lost relative to GDP",
    unit="share of GDP/year",
    low=-INF,
    better="-",
)
state("autonomy_gain", lambda s: s.world.autonomy_gain, "gains of unilateral acts", unit="share of GDP")
state("holdings", _holdings, "share of money, posts and influence (their mean) where shocks aim at", high=1.0)
