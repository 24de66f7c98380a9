"""7.16 leadership."""

import math
from typing import Any

from abm.state.world import RULES
from tests.transcription.reading import Luck, Outcome, Seen, column, copied, shares


def leadership(w: Seen, v: Any, luck: Luck) -> Outcome:
    posts, vacancy, agenda = copied(w.posts_share), list(w.vacancy), copied(w.agenda_share)
    for o in w.bodies:
        held = column(w, lambda i, o: w.posts_share[i][o], o)
        if w.vacancy[o] > 0 and w.M[o] > 0:
            filled = w.vacancy[o] if w.vacancy[o] < 0.001 else v.filling_rate * w.vacancy[o]
            vacancy[o] -= filled
            held = contest(w, v, o, filled)
        held = regained(w, v, o, held)
        influence = influences(w, v, o, held)
        for i in w.states:
            posts[i][o], agenda[i][o] = held[i], influence[i]
    return Outcome({"posts_share": posts, "vacancy": vacancy, "agenda_share": agenda})


def contest(w: Seen, v: Any, o: int, filled: float) -> list[float]:
    """Posts after vacant ones are shared among incumbents and bidders, single or as a bloc."""
    bid = []
    for i in w.states:
        strength = math.sqrt(w.capability[i]) * w.ambition[i] * math.exp(-v.distance_weight * w.distance[i][o])
        bid.append(strength * w.legitimacy[i][o] * w.participation[i][o])

    def effort(i: int) -> float:
        alone = bid[i] ** v.contest_exponent
        if w.bloc[i] < 0:
            return alone
        joint = sum(bid[j] for j in w.states if w.bloc[j] == w.bloc[i])
        together = bid[i] / max(joint, 1e-12) * joint**v.contest_exponent
        return (1 - v.pooling) * alone + v.pooling * together

    kept = shares(w.posts_share[i][o] * w.participation[i][o] for i in w.states)
    won = shares(effort(i) for i in w.states)
    return [w.posts_share[i][o] + filled * (v.incumbency * kept[i] + (1 - v.incumbency) * won[i]) for i in w.states]


def regained(w: Seen, v: Any, o: int, posts: list[float]) -> list[float]:
    """What returners win back, taken from all."""
    gain = []
    for i in w.states:
        returner = w.party_at_exit[i][o] != 0 and w.participation[i][o] > 0
        gain.append(v.regain_rate * max(w.expert_share[i][o] * w.credibility[i] - posts[i], 0) if returner else 0.0)
    P = sum(posts)
    factor = P / max(P + sum(gain), 1e-12)
    return [(posts[i] + gain[i]) * factor for i in w.states]


def influences(w: Seen, v: Any, o: int, posts: list[float]) -> list[float]:
    def money(i: int) -> float:
        if w.has_budget[o]:
            return w.paid[i][o] + w.voluntary[i][o] + w.rescue[i][o] + w.redirected[i][o]
        return w.capability[i] * w.participation[i][o]

    weighted = RULES[int(w.voting_rule[o])] == "weighted"
    votes = shares(w.participation[i][o] * (w.weighted_power[i][o] if weighted else 1) for i in w.states)
    paid = shares(money(i) for i in w.states)
    return shares(
        (v.money_weight * paid[i] + v.posts_weight * posts[i] + v.votes_weight * votes[i]) * w.participation[i][o]
        for i in w.states
    )
