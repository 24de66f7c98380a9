"""7.6 operations."""

import math
from typing import Any

from abm.state.world import RULES
from tests.transcription.funding import year
from tests.transcription.reading import Luck, Outcome, Seen, clip
from tests.transcription.voting import lean


def operations(w: Seen, v: Any, luck: Luck) -> Outcome:
    names = (
        "spending", "reserves", "short_quarters", "budget", "staff", "expertise", "money_effect", "expertise_effect",
        "effectiveness",
    )  # fmt: skip
    fields: dict[str, Any] = {name: [] for name in names}
    for o in w.bodies:
        later = budget(w, v, o)
        later |= people(w, v, o, later)
        later |= effect(w, v, o, later)
        for name in names:
            fields[name].append(later[name])
    return Outcome(fields)


def budget(w: Seen, v: Any, o: int) -> dict[str, float]:
    passing = w.private_income[o]
    for i in w.states:
        passing += w.voluntary[i][o] - w.voluntary[i][o] / w.luck[i][o] + w.rescue[i][o]
    expected = w.income[o] - (1 - v.passing_counted) * passing
    for i in w.states:
        if w.notice[i][o] >= 0:
            money = w.paid[i][o] + w.voluntary[i][o] + w.rescue[i][o] + w.redirected[i][o] + w.bought[i][o]
            expected -= v.prudence * money
    for i in w.states:
        falls = max(1 - w.purse_path[i][year(w, 1)] / max(w.purse_path[i][year(w, 0)], 0.001), 0)
        expected -= v.foresight * (1 - w.measured[year(w, 1)]) * falls * w.voluntary[i][o]
    expected = max(expected, 0.0)
    short = expected < w.budget[o] * (1 - 1e-9 - v.shortfall_borne)
    on_dues = w.initial_assessed[o] > sum(w.initial_voluntary[i][o] for i in w.states)
    planned = w.budget[o]
    if short and on_dues:
        planned -= v.freeze * (w.budget[o] - expected)
    spending = min(planned, w.income[o] + max(w.reserves[o], 0))
    reserves = w.reserves[o] + w.income[o] - spending
    quarters = w.short_quarters[o] + 1 if short else 0
    full = reserves >= w.target_reserves[o] * (1 - 1e-9)
    if on_dues and v.dues_budgets == "session":
        meets = w.session[o] == w.quarter % 4
        cuts, rises = short and meets, expected > w.budget[o] and full and meets
    else:
        cuts, rises = short and quarters > v.grace, expected > w.budget[o] and full
    later = w.budget[o] + v.austerity_rate * (expected - w.budget[o]) if cuts or rises else w.budget[o]
    return {"spending": spending, "reserves": reserves, "short_quarters": quarters, "budget": later}


def people(w: Seen, v: Any, o: int, later: dict[str, float]) -> dict[str, float]:
    cash = clip(later["reserves"] / max(w.target_reserves[o], 1), 0, 1)
    e = w.elasticity[o] * v.staff_elasticity_scale * (1 + v.cash_pressure * (1 - cash))
    ratio = later["budget"] / max(w.initial_budget[o], 1) if w.has_budget[o] else 1.0
    staff = clip(
        w.staff[o] + v.staff_rate * (max(ratio, 1e-6) ** min(e, v.largest_staff_elasticity) - w.staff[o]), 0, 4
    )
    aim = sum(w.expert_share[i][o] * w.participation[i][o] for i in w.states) if w.members_known[o] else 1.0
    rate = v.expertise_loss_rate if aim < w.expertise[o] else v.expertise_growth_rate
    return {"staff": staff, "expertise": w.expertise[o] + rate * (aim - w.expertise[o])}


def effect(w: Seen, v: Any, o: int, later: dict[str, float]) -> dict[str, float]:
    spent = clip(later["spending"] / max(w.initial_budget[o], 1), 0.001, 4) if w.has_budget[o] else 1.0
    money = v.money_weight * (1 - v.technical_discount * w.technical[o]) * math.log(spent)
    expertise = v.expertise_weight * w.technical[o] * math.log(clip(later["expertise"], 0.001, 4))
    covered = sum(w.problem_share[i][w.area[o]] * w.commitment[i][o] for i in w.states)
    spread = sum(w.distance[i][o] * w.member[i][o] for i in w.states) / max(w.M[o], 1)
    other = v.coverage_weight * math.log(clip(covered / max(w.initial_coverage[o], 1e-9), 0.001, 4))
    other -= v.obstruction_weight * blocked(w, o)
    other += -v.cohesion_weight * (spread - w.reference_spread[o]) + v.reform_weight * w.reformed[o]
    other = w.members_known[o] * (other + math.log(max(w.capacity[o], 0.001)))
    weak = sum(w.dependence[o][p] * min(0, w.effectiveness[p] * w.alive[p] - 1) for p in w.bodies)
    aim = math.exp(money + expertise + other + v.dependence_weight * weak)
    effectiveness = clip(w.effectiveness[o] + v.effect_rate * (aim - w.effectiveness[o]), 0, 4)
    return {"money_effect": money, "expertise_effect": expertise, "effectiveness": effectiveness}


def blocked(w: Seen, o: int) -> float:
    strongest, rule = 0.0, RULES[int(w.voting_rule[o])]
    for i in w.states:
        if w.participation[i][o] > w.suspended[i][o] and (rule == "consensus" or (rule == "veto" and w.veto[i][o])):
            pressed = sum(lean(w, i, j) * w.obstruction[j][o] for j in w.states)
            strongest = max(strongest, min(max(w.obstruction[i][o], pressed), 1))
    return strongest
