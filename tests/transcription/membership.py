"""7.12 membership."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, copied, quarterly

MEAN_DISTANCE, MEAN_LOG_SIZE = 0.62, 3
STANDARD_ERRORS = (0.153 / 0.95, 0.4 / 3.348, 0.192 / 0.606)


def membership(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots, own = luck.pairs(w.slot_keys), luck.states()
    drawn = coefficients(v, luck.fixed_normals(3))
    names = ("notice", "announced", "member", "participation", "settle", "voluntary_allowed", "withheld")
    fields: dict[str, Any] = {name: copied(getattr(w, name)) for name in names}
    events = []
    for i in w.states:
        reviews = w.government_age[i] == 0 and w.sovereigntism[i] >= v.review_sovereigntism
        for o in w.bodies:
            may = w.member[i][o] > 0 and w.notice[i][o] < 0 and w.in_scope[o] > 0 and w.exit_form[o] < 2
            chance = 1 - (1 + math.exp(min(log_odds(w, v, i, o, drawn), 700))) ** -0.25 if may else 0.0
            if may and (lots[i][o] < chance or (reviews and w.legitimacy[i][o] < 1 - v.review_bar)):
                fields["notice"][i][o] = max(w.notice_rule[o] - 1, 0)
                fields["announced"][i][o] = 1.0
                events.append(("announce", i, o))
            if comes_back(w, v, i, o, lots[i][o], own[i]):
                for name in ("member", "participation", "settle", "voluntary_allowed"):
                    fields[name][i][o] = 1.0
                fields["withheld"][i][o] = 0.0
                events.append(("return", i, o))
    return Outcome(fields, events)


def coefficients(v: Any, errors: list[float]) -> tuple[float, float, float, float]:
    values = (v.distance_log_odds, v.contagion_log_odds, v.size_log_odds)
    d, c, s = (
        value * (1 + v.coefficient_spread * error * normal)
        for value, error, normal in zip(values, STANDARD_ERRORS, errors, strict=True)
    )
    b = v.intercept - (d - v.distance_log_odds) * MEAN_DISTANCE - (s - v.size_log_odds) * MEAN_LOG_SIZE
    return b, d, c, s


def log_odds(w: Seen, v: Any, i: int, o: int, drawn: tuple[float, float, float, float]) -> float:
    b, d, c, s = drawn
    odds = b + s * math.log(max(w.council_size[o], w.M[o], 1)) + d * w.distance[i][o] + contagion(w, v, i, o, c)
    odds += v.legitimacy_log_odds * (w.legitimacy[i][o] - 1)
    odds += v.reciprocity_log_odds * w.reciprocal[o] * max(0, 1 - w.M[o] / max(w.reference_members[o], 1))
    odds += v.censure_log_odds * w.censured[i] + v.propensity_spread * w.propensity[i]
    odds -= v.lobby_log_odds * (w.lobby[i][w.area[o]] + w.mobilized_lobby[i][w.area[o]])
    ahead = w.next_election[i] - w.term[i] / 2 - w.quarter
    odds += v.midterm_log_odds * (w.party[i] == 1 and 0 <= ahead < 4)
    odds += v.decline_log_odds * math.log(max(w.initial_capability[i], 1e-12) / max(w.capability[i], 1e-12))
    gained = sum(max(-w.trust[i][j], 0) * (w.agenda_share[j][o] - w.expert_share[j][o]) for j in w.states)
    return odds + v.rival_log_odds * gained


def contagion(w: Seen, v: Any, i: int, o: int, c: float) -> float:
    fresh = w.contagion[o] * (w.contagion_quarters[o] > 0)
    gone = [j for j in w.states if w.party_at_exit[j][o] != 0 and w.participation[j][o] == 0]
    if v.contagion_form == "flat" or fresh == 0 or not gone:
        return c * fresh
    leader = max(gone, key=lambda j: (w.expert_share[j][o], -w.state_ids[j]))
    near = [w.agreement[j][leader] ** 4 for j in w.states]
    mean = sum(near[j] * w.member[j][o] for j in w.states) / max(w.M[o], 1)
    return c * fresh + math.log(max(near[i], 1e-6) / max(mean, 1e-6))


def comes_back(w: Seen, v: Any, i: int, o: int, lot: float, own: float) -> bool:
    if not (
        w.party_at_exit[i][o] != 0 and w.participation[i][o] == 0 and w.alive[o] > 0 and w.refuses_to_join[i][o] == 0
    ):
        return False
    full = inside(w, i, o) ** v.inside_power
    if w.party_at_exit[i][o] != w.party[i] and w.swing[i] >= v.revolving_swing:
        return own < quarterly(v.new_party_return_rate * full)
    return lot < quarterly(v.return_rate * full)


def inside(w: Seen, i: int, o: int) -> float:
    """The share of the others' capability that takes part, among all others that ever belonged."""
    others = [j for j in w.states if j != i]
    ever = sum(w.capability[j] for j in others if w.member[j][o] > 0 or w.party_at_exit[j][o] != 0)
    here = sum(w.capability[j] * w.participation[j][o] for j in others)
    return min(here / ever, 1.0) if ever > 0 else 0.0
