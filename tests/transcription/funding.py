"""7.5 funding."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, table

Pairs = list[list[float]]


def funding(w: Seen, v: Any, luck: Luck) -> Outcome:
    policed = table(w, lambda i, o: w.voluntary_allowed[i][o] * w.participation[i][o])
    voluntary = gifts(w, v, policed)
    gap, funding_gap_age = gaps(w, v, voluntary)
    slack = slacks(w, v)
    rescue, wanted = rescued(w, v, policed, gap, funding_gap_age, slack)
    private = given_privately(w, v, policed, gap)
    redirected = moved(w, policed)
    income = []
    for o in w.bodies:
        states = sum(voluntary[i][o] + rescue[i][o] + redirected[i][o] + w.bought[i][o] for i in w.states)
        income.append(w.assessed_income[o] + states + private[o] + w.other_income[o] * w.alive[o])
    memory = [w.income_memory[o] + v.memory_rate * (income[o] - w.income_memory[o]) for o in w.bodies]
    return Outcome(
        {
            "voluntary": voluntary, "funding_gap": gap, "funding_gap_age": funding_gap_age, "rescue": rescue,
            "private_income": private, "redirected": redirected, "income": income, "income_memory": memory,
            "fund": saved(w, v, slack, wanted),
        }
    )  # fmt: skip


def gifts(w: Seen, v: Any, policed: Pairs) -> Pairs:
    """Regular gifts."""
    withdrawn = table(
        w, lambda j, o: max(w.initial_voluntary[j][o] * (1 - policed[j][o]), 0) / max(w.initial_budget[o], 1)
    )

    def gift(i: int, o: int) -> float:
        if not any(w.initial_voluntary[j][o] for j in w.states):
            return w.voluntary[i][o]
        aim = w.initial_voluntary[i][o] * policed[i][o] * w.legitimacy[i][o] ** v.legitimacy_elasticity
        aim *= w.willingness[i] * w.attention[o] * w.alive[o]
        if v.bandwagon != 0:
            aim *= math.exp(-v.bandwagon * sum(max(w.trust[i][j], 0) * withdrawn[j][o] for j in w.states))
        pressed = sum(max(w.trust[i][j], 0) * w.capability[j] * w.obstruction[j][o] for j in w.states)
        aim *= math.exp(-v.obstruction_weight * pressed)
        aim *= math.exp(v.lobby_weight * w.mobilized_lobby[i][w.area[o]])
        later = w.voluntary[i][o] + v.adjustment_rate * (aim - w.voluntary[i][o])
        return min(later, aim) if policed[i][o] < 1 else later

    return table(w, gift)


def gaps(w: Seen, v: Any, voluntary: Pairs) -> tuple[list[float], list[float]]:
    gap, age = [], []
    for o in w.bodies:
        given = sum(voluntary[i][o] + w.redirected[i][o] for i in w.states)
        missing = w.income_memory[o] - (w.assessed_income[o] + given + w.other_income[o])
        missing = missing if missing > v.gap_threshold * w.income_memory[o] else 0.0
        gap.append(missing * w.has_budget[o] * w.alive[o])
        age.append((w.funding_gap_age[o] + 1) * min(1, w.funding_gap[o] / max(gap[o], 1)) if gap[o] > 0 else 0.0)
    return gap, age


def rescued(
    w: Seen, v: Any, policed: Pairs, gap: list[float], funding_gap_age: list[float], slack: list[float]
) -> tuple[Pairs, list[float]]:
    """Rescue: what is asked for, offered by interest, within one slack for all gaps."""
    purse = purses(w)
    offered = table(w, lambda i, o: 0.0)
    for o in w.bodies:
        if gap[o] > 0:
            lost_dues = min(max(w.initial_assessed[o] - w.assessed_income[o], 0), gap[o])
            asked = v.appeal * (gap[o] - lost_dues) + v.dues_appeal * lost_dues
            asked *= math.exp(-v.fading_rate * funding_gap_age[o]) * w.attention[o]
            weight = []
            for i in w.states:
                interest = policed[i][o] * (w.notice[i][o] < 0) * w.salience[i][w.area[o]] * w.legitimacy[i][o]
                weight.append(
                    interest * math.exp(-v.distance_weight * w.distance[i][o]) * purse[i] ** v.purse_elasticity
                )
            for i in w.states:
                offered[i][o] = weight[i] / max(sum(weight), 1e-12) * asked
    wanted = [sum(offered[i]) for i in w.states]
    for i in w.states:
        factor = min(1, (slack[i] + w.fund[i]) / max(wanted[i], 1e-9))
        offered[i] = [amount * factor for amount in offered[i]]
    moved = table(w, lambda i, o: w.rescue[i][o] + v.rescue_rate * (offered[i][o] - w.rescue[i][o]))
    return table(w, lambda i, o: moved[i][o] * policed[i][o]), wanted


def purses(w: Seen) -> list[float]:
    return [w.willingness[i] * sum(w.initial_voluntary[i]) for i in w.states]


def saved(w: Seen, v: Any, slack: list[float], wanted: list[float]) -> list[float]:
    """Regional funds: unused slack of donors in a bloc."""
    if v.fund_quarters == 0:
        return w.fund
    exists = w.quarter - w.start >= v.pooling_from
    left = [w.fund[i] + slack[i] - min(wanted[i], slack[i] + w.fund[i]) for i in w.states]
    return [min(left[i], v.fund_quarters * slack[i]) * (w.bloc[i] >= 0 and exists) for i in w.states]


def slacks(w: Seen, v: Any) -> list[float]:
    purse = purses(w)
    own = [v.slack_share * purse[i] + v.slack_of_gdp * w.gdp[i] / 4 for i in w.states]
    slack = list(own)
    for i in w.states:
        if w.bloc[i] >= 0 and w.quarter - w.start >= v.pooling_from:
            bloc = [j for j in w.states if w.bloc[j] == w.bloc[i]]
            pool = sum(own[j] for j in bloc) * w.gdp[i] / sum(w.gdp[j] for j in bloc)
            slack[i] = (1 - v.pooling) * own[i] + v.pooling * pool
    return slack


def given_privately(w: Seen, v: Any, policed: Pairs, gap: list[float]) -> list[float]:
    """Foundations, firms, cities."""
    private = []
    for o in w.bodies:
        view = sum(w.legitimacy[i][o] * w.member[i][o] for i in w.states) / max(w.M[o], 1)
        added = min(v.private_share * gap[o], v.private_cap) * w.philanthropic_appeal[o]
        added *= (1 - min(1, gap[o] / max(w.income_memory[o], 1))) * view
        if v.domestic_response != 0:
            lost = sum(max(w.initial_voluntary[i][o] * (1 - policed[i][o]), 0) for i in w.states)
            added = max(0, added + v.domestic_response * w.alive[o] * lost)
        private.append(w.private_income[o] + v.rescue_rate * (added - w.private_income[o]))
    return private


def moved(w: Seen, policed: Pairs) -> Pairs:
    """Redirection of what leavers save."""
    redirected = table(w, lambda i, o: 0.0)
    for i in w.states:
        saved = sum(w.initial_voluntary[i][o] * (1 - policed[i][o]) for o in w.bodies)
        saved += sum((w.party_at_exit[i][o] != 0) * w.dues_rate[i][o] * (1 - w.member[i][o]) for o in w.bodies)
        weight = [w.redirection[i][o] * w.participation[i][o] for o in w.bodies]
        redirected[i] = [weight[o] * saved / max(sum(weight), 1) for o in w.bodies]
    return redirected
