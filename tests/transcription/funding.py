"""7.5 funding."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, table

Pairs = list[list[float]]


def funding(w: Seen, v: Any, luck: Luck) -> Outcome:
    policed = table(w, lambda i, o: w.voluntary_allowed[i][o] * w.participation[i][o])
    climate, chance = moods(w, v, luck)
    usual = gifts(w, v, policed)
    fortune = table(w, lambda i, o: max(1 + climate[i] + chance[o], v.least_luck))
    voluntary = table(w, lambda i, o: usual[i][o] * fortune[i][o])
    resting = table(w, lambda i, o: usual[i][o] / max(purse(w, i), 0.001))
    gap, funding_gap_age = gaps(w, v, resting)
    slack = slacks(w, v)
    usual_rescue, wanted = rescued(w, v, policed, gap, funding_gap_age, slack)
    rescue = table(w, lambda i, o: usual_rescue[i][o] * fortune[i][o])
    private, withdrawn = given_privately(w, v, policed, gap)
    redirected = moved(w, policed)
    income, memory = [], []
    for o in w.bodies:
        states = sum(voluntary[i][o] + rescue[i][o] + redirected[i][o] + w.bought[i][o] for i in w.states)
        income.append(w.assessed_income[o] + states + private[o] + w.other_income[o] * w.alive[o] - withdrawn[o])
        lucky = sum(voluntary[i][o] - resting[i][o] + rescue[i][o] - usual_rescue[i][o] for i in w.states)
        memory.append(w.income_memory[o] + v.memory_rate * (income[o] - lucky - w.income_memory[o]))
    return Outcome(
        {
            "voluntary": voluntary, "funding_gap": gap, "funding_gap_age": funding_gap_age, "rescue": rescue,
            "private_income": private, "private_withdrawn": withdrawn, "redirected": redirected,
            "income": income, "income_memory": memory,
            "fund": saved(w, v, slack, wanted), "climate": climate, "chance": chance, "luck": fortune,
            "willingness": [purse(w, i) for i in w.states],
        }
    )  # fmt: skip


def moods(w: Seen, v: Any, luck: Luck) -> tuple[list[float], list[float]]:
    """The common climate of donors, and the chance of each organization."""
    kept = v.persistence**0.25
    new = math.sqrt(1 - kept**2)
    common = sum(luck.normals()) / math.sqrt(len(w.states))
    own = luck.body_normals(w.slot_keys)
    unknown = 1 - w.measured[year(w, 0)]
    climate = [kept * w.climate[i] + new * v.climate_spread * unknown * common for i in w.states]
    return climate, [kept * w.chance[o] + new * v.chance_spread * own[o] for o in w.bodies]


def year(w: Seen, ahead: int) -> int:
    """The place of a year in what is dated by years since the start."""
    return min(w.quarter // 4 - w.start // 4 + ahead, len(w.measured) - 1)


def purse(w: Seen, i: int) -> float:
    return w.purse_path[i][year(w, 0)]


def gifts(w: Seen, v: Any, policed: Pairs) -> Pairs:
    """Gifts of a usual year."""
    rest = sum(w.initial_voluntary[i][o] for i in w.states for o in w.bodies)
    left = sum(w.initial_voluntary[i][o] * policed[i][o] for i in w.states for o in w.bodies) / max(rest, 1)
    withdrawn = table(
        w, lambda j, o: max(w.initial_voluntary[j][o] * (1 - policed[j][o]), 0) / max(w.initial_budget[o], 1)
    )

    def gift(i: int, o: int) -> float:
        if not any(w.initial_voluntary[j][o] for j in w.states):
            return 0.0
        aim = w.initial_voluntary[i][o] * policed[i][o] * w.legitimacy[i][o] ** v.legitimacy_elasticity
        aim *= purse(w, i) * w.attention[o] * w.alive[o]
        aim *= math.exp(-v.bandwagon * sum(max(w.trust[i][j], 0) * withdrawn[j][o] for j in w.states))
        pressed = sum(max(w.trust[i][j], 0) * w.capability[j] * w.obstruction[j][o] for j in w.states)
        aim *= math.exp(-v.obstruction_weight * pressed)
        aim *= math.exp(v.lobby_weight * w.mobilized_lobby[i][w.area[o]])
        aim *= left**v.conditional_giving
        before = w.voluntary[i][o] / w.luck[i][o]
        before *= purse(w, i) / max(w.willingness[i], 0.001)
        later = before + v.adjustment_rate * (aim - before)
        return min(later, aim) if policed[i][o] < 1 else later

    return table(w, gift)


def gaps(w: Seen, v: Any, voluntary: Pairs) -> tuple[list[float], list[float]]:
    gap, age = [], []
    for o in w.bodies:
        given = sum(voluntary[i][o] + w.redirected[i][o] for i in w.states)
        missing = w.income_memory[o] - (w.assessed_income[o] + given + w.other_income[o] - w.private_withdrawn[o])
        missing = missing if missing > v.gap_threshold * w.income_memory[o] else 0.0
        gap.append(missing * w.has_budget[o] * w.alive[o])
        age.append((w.funding_gap_age[o] + 1) * min(1, w.funding_gap[o] / max(gap[o], 1)) if gap[o] > 0 else 0.0)
    return gap, age


def rescued(
    w: Seen, v: Any, policed: Pairs, gap: list[float], funding_gap_age: list[float], slack: list[float]
) -> tuple[Pairs, list[float]]:
    """Rescue: what is asked for, offered by interest, within one slack for all gaps."""
    means_of = purses(w)
    offered = table(w, lambda i, o: 0.0)
    for o in w.bodies:
        if gap[o] > 0:
            lost_dues = min(max(w.initial_assessed[o] - w.assessed_income[o], 0), gap[o])
            strength = math.exp(v.appeal_spread * w.solicitation[o])
            asked = min(v.appeal * strength, v.largest_appeal) * (gap[o] - lost_dues)
            asked += min(v.dues_appeal * strength, v.largest_appeal) * lost_dues
            asked *= math.exp(-v.fading_rate * funding_gap_age[o]) * w.attention[o]
            weight = []
            for i in w.states:
                means = math.exp(-v.distance_weight * w.distance[i][o]) * means_of[i] ** v.purse_elasticity
                weight.append(policed[i][o] * (w.notice[i][o] < 0) * means)
            for i in w.states:
                interest = w.salience[i][w.area[o]] * w.legitimacy[i][o]
                offered[i][o] = weight[i] / max(sum(weight), 1e-12) * interest * asked
    wanted = [sum(offered[i]) for i in w.states]
    for i in w.states:
        factor = min(1, (slack[i] + w.fund[i]) / max(wanted[i], 1e-9))
        offered[i] = [amount * factor for amount in offered[i]]
    before = table(w, lambda i, o: w.rescue[i][o] / w.luck[i][o])
    moved = table(w, lambda i, o: before[i][o] + v.rescue_rate * (offered[i][o] - before[i][o]))
    return table(w, lambda i, o: moved[i][o] * policed[i][o]), wanted


def purses(w: Seen) -> list[float]:
    return [w.willingness[i] * sum(w.initial_voluntary[i]) * max(1 + w.climate[i], 0) for i in w.states]


def saved(w: Seen, v: Any, slack: list[float], wanted: list[float]) -> list[float]:
    """Regional funds: unused slack of donors in a bloc."""
    if v.fund_quarters == 0:
        return w.fund
    exists = w.quarter - w.start >= v.pooling_from
    left = [w.fund[i] + slack[i] - min(wanted[i], slack[i] + w.fund[i]) for i in w.states]
    return [min(left[i], v.fund_quarters * slack[i]) * (w.bloc[i] >= 0 and exists) for i in w.states]


def slacks(w: Seen, v: Any) -> list[float]:
    able = purses(w)
    own = []
    for i in w.states:
        lost = max(sum(w.initial_voluntary[i]) - able[i], 0)
        own.append(max(v.slack_share * able[i] - v.retreat * lost, 0) + v.slack_of_gdp * w.gdp[i] / 4)
    slack = list(own)
    for i in w.states:
        if w.bloc[i] >= 0 and w.quarter - w.start >= v.pooling_from:
            bloc = [j for j in w.states if w.bloc[j] == w.bloc[i]]
            pool = sum(own[j] for j in bloc) * w.gdp[i] / sum(w.gdp[j] for j in bloc)
            slack[i] = (1 - v.pooling) * own[i] + v.pooling * pool
    return slack


def given_privately(w: Seen, v: Any, policed: Pairs, gap: list[float]) -> tuple[list[float], list[float]]:
    """Foundations, firms, cities: what they add, and what those of leavers withdraw."""
    private, withdrawn = [], []
    for o in w.bodies:
        view = sum(w.legitimacy[i][o] * w.member[i][o] for i in w.states) / max(w.M[o], 1)
        added = min(v.private_share * gap[o], v.private_cap) * w.philanthropic_appeal[o]
        added *= (1 - min(1, gap[o] / max(w.income_memory[o], 1))) * view
        lost = sum(max(w.initial_voluntary[i][o] * (1 - policed[i][o]), 0) for i in w.states)
        added += v.domestic_response * w.alive[o] * lost
        usual = w.alive[o] * sum(max(w.private_at_rest[i][o] * (1 - policed[i][o]), 0) for i in w.states)
        private.append(w.private_income[o] + v.rescue_rate * (max(added, 0) - w.private_income[o]))
        taken = min(max(-added, 0), usual)
        withdrawn.append(w.alive[o] * (w.private_withdrawn[o] + v.rescue_rate * (taken - w.private_withdrawn[o])))
    return private, withdrawn


def moved(w: Seen, policed: Pairs) -> Pairs:
    """Redirection of what leavers save."""
    redirected = table(w, lambda i, o: 0.0)
    for i in w.states:
        saved = sum(w.initial_voluntary[i][o] * (1 - policed[i][o]) for o in w.bodies)
        saved += sum((w.party_at_exit[i][o] != 0) * w.dues_rate[i][o] * (1 - w.member[i][o]) for o in w.bodies)
        weight = [w.redirection[i][o] * w.participation[i][o] for o in w.bodies]
        redirected[i] = [weight[o] * saved / max(sum(weight), 1) for o in w.bodies]
    return redirected
