"""7.16 leadership."""

import math
from typing import Any

from abm.state.world import RULES
from tests.transcription.reading import Luck, Outcome, Seen, column, copied, shares, table


def leadership(w: Seen, v: Any, luck: Luck) -> Outcome:
    posts, vacancy, agenda = copied(w.posts_share), list(w.vacancy), copied(w.agenda_share)
    won = [bidden(w, v, o) for o in w.bodies]
    for o in w.bodies:
        held = column(w, lambda i, o: w.posts_share[i][o], o)
        if w.vacancy[o] > 0 and w.M[o] > 0:
            filled = w.vacancy[o] if w.vacancy[o] < 0.001 else v.filling_rate * w.vacancy[o]
            vacancy[o] -= filled
            held = contest(w, v, o, filled)
        held = seconded(w, v, o, regained(w, v, o, held))
        influence = influences(w, v, o, held)
        for i in w.states:
            posts[i][o], agenda[i][o] = held[i], influence[i]
    bought = table(w, lambda i, o: offered(w, v, i, won)[o])
    return Outcome({"posts_share": posts, "vacancy": vacancy, "agenda_share": agenda, "bought": bought})


def offered(w: Seen, v: Any, i: int, won: list[list[float]]) -> list[float]:
    """What a state offers for influence in each body: its part of the open gaps, within its purse."""
    wanted = []
    for o in w.bodies:
        gap = max(0, w.funding_gap[o] - sum(w.rescue[j][o] for j in w.states) - w.private_income[o])
        free = w.voluntary_allowed[i][o] * (w.notice[i][o] < 0)
        wanted.append(v.purchase_share * won[o][i] * free * gap * w.has_budget[o] * w.in_scope[o])
    purse = v.purse_share * w.gdp[i] / 4
    return [amount * min(1, purse / max(sum(wanted), 1e-9)) for amount in wanted]


def seconded(w: Seen, v: Any, o: int, posts: list[float]) -> list[float]:
    """Posts that bought money pays for pass to those who give it."""
    paid = sum(w.bought[i][o] for i in w.states)
    if paid == 0:
        return posts
    passing = v.secondment_rate * min(1, paid / max(w.income[o], 1))
    return [(1 - passing) * posts[i] + passing * sum(posts) * w.bought[i][o] / paid for i in w.states]


def contest(w: Seen, v: Any, o: int, filled: float) -> list[float]:
    """Posts after vacant ones are shared among incumbents and bidders."""
    kept = shares(w.posts_share[i][o] * w.participation[i][o] for i in w.states)
    won = bidden(w, v, o)
    return [w.posts_share[i][o] + filled * (v.incumbency * kept[i] + (1 - v.incumbency) * won[i]) for i in w.states]


def bidden(w: Seen, v: Any, o: int) -> list[float]:
    """Shares won in the contest, single or as a bloc."""
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

    return shares(effort(i) for i in w.states)


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
            return w.paid[i][o] + w.voluntary[i][o] + w.rescue[i][o] + w.redirected[i][o] + w.bought[i][o]
        return w.capability[i] * w.participation[i][o]

    weighted = RULES[int(w.voting_rule[o])] == "weighted"
    votes = shares(w.participation[i][o] * (w.weighted_power[i][o] if weighted else 1) for i in w.states)
    paid = shares(money(i) for i in w.states)
    return shares(
        (v.money_weight * paid[i] + v.posts_weight * posts[i] + v.votes_weight * votes[i]) * w.participation[i][o]
        for i in w.states
    )
