"""Measures of states: one number per state."""

from abm.measures.snapshot import INF, ratio, state

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
