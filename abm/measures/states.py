"""Measures of states: one number per state."""

from abm.measures.snapshot import INF, lost_programmes, ratio, state

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
state("gifts", lambda s: s.given - s.world.paid.sum(axis=1), "voluntary money in the quarter", unit="USD/quarter")
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
    lambda s: ratio(s.held_view @ s.world.counted, s.world.present @ s.world.counted),
    "its mean view of bodies it belongs to",
    high=4.0,
    better="+",
)
state(
    "mean_commitment",
    lambda s: ratio((s.world.commitment * s.world.present) @ s.world.counted, s.world.present @ s.world.counted),
    "its mean commitment",
    high=1.0,
    better="+",
)
state("sovereigntism", lambda s: s.world.sovereigntism, "sovereigntism of its government", high=1.0)
state("votes_won", lambda s: ratio(s.world.votes_won, s.world.votes_cast), "resolutions decided its way", high=1.0)
state(
    "delivery_lost",
    lambda s: s.world.need * lost_programmes(s) * 4 / s.world.gdp,
    "programmes lost relative to GDP",
    unit="share of GDP/year",
    low=-INF,
    better="-",
)
state("autonomy_gain", lambda s: s.world.autonomy_gain, "gains of unilateral acts", unit="share of GDP")
