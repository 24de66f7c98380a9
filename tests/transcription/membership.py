"""7.12 membership."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, copied, distance, quarterly

MEAN_DISTANCE, MEAN_LOG_SIZE = 0.62, 3
STANDARD_ERRORS = (0.153 / 0.95, 0.4 / 3.348, 0.192 / 0.606)


def membership(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots, own = luck.pairs(w.slot_keys), luck.states()
    drawn = coefficients(v, luck.fixed_normals(3))
    names = ("notice", "announced", "member", "participation", "settle", "voluntary_allowed", "withheld")
    names += ("example_quarters",)
    fields: dict[str, Any] = {name: copied(getattr(w, name)) for name in names}
    events = []
    for i in w.states:
        reviews = w.government_age[i] == 0 and w.sovereigntism[i] >= v.review_sovereigntism
        for o in w.bodies:
            organ = w.exit_form[o] == 2
            belongs = w.participation[i][o] > 0 if organ else w.member[i][o] > 0
            may = belongs and w.notice[i][o] < 0 and w.in_scope[o] > 0
            chance = 1 - (1 + math.exp(min(log_odds(w, v, i, o, drawn), 700))) ** -0.25 if may else 0.0
            if may and (lots[i][o] < chance or (reviews and w.legitimacy[i][o] < 1 - v.review_bar)):
                fields["notice"][i][o] = 0 if organ else max(w.notice_rule[o] - 1, 0)
                fields["announced"][i][o] = 1.0
                events.append(("announce", i, o))
            if comes_back(w, v, i, o, lots[i][o], own[i]):
                for name in ("member", "participation", "settle", "voluntary_allowed"):
                    fields[name][i][o] = 1.0
                fields["withheld"][i][o] = 0.0
                fields["example_quarters"][i][o] = -1.0
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
    odds = b + s * math.log(max(w.council_size[o], w.M[o], 1)) + d * apart(w, v, i, o) + contagion(w, v, i, o, c)
    odds += v.participation_log_odds * (w.exit_form[o] == 2)
    odds += v.legitimacy_log_odds * (w.legitimacy[i][o] - 1)
    odds += v.reciprocity_log_odds * w.reciprocal[o] * max(0, 1 - w.M[o] / max(w.reference_members[o], 1))
    odds += v.censure_log_odds * w.censured[i] + v.propensity_spread * w.propensity[i]
    odds -= v.lobby_log_odds * (w.lobby[i][w.area[o]] + w.mobilized_lobby[i][w.area[o]])
    ahead = w.next_election[i] - w.term[i] / 2 - w.quarter
    odds += v.midterm_log_odds * (w.party[i] == 1 and 0 <= ahead < 4)
    odds += v.decline_log_odds * math.log(max(w.initial_capability[i], 1e-12) / max(w.capability[i], 1e-12))
    gained = sum(max(-w.trust[i][j], 0) * (w.agenda_share[j][o] - w.expert_share[j][o]) for j in w.states)
    return odds + v.rival_log_odds * gained


def apart(w: Seen, v: Any, i: int, o: int) -> float:
    """From the position of adopted decisions, or from the mean of those who take part."""
    if v.distance_from == "position":
        return w.distance[i][o]
    weight = sum(w.participation[j][o] for j in w.states)
    if weight == 0:
        return 0.0
    centre = [sum(w.participation[j][o] * w.position[j][x] for j in w.states) / weight for x in w.axes]
    return distance(w.position[i], centre)


def contagion(w: Seen, v: Any, i: int, o: int, c: float) -> float:
    examples = {j: w.example[j][o] for j in w.states if w.example_quarters[j][o] > 0}
    together = sum(examples.values())
    scale = together ** (v.additivity - 1) if together > 1 else 1.0
    return scale * sum(s * following(w, v, i, j, c) for j, s in examples.items() if s > 0)


def following(w: Seen, v: Any, i: int, j: int, c: float) -> float:
    """How much likelier the exit of lead state j makes that of i, in log-odds."""
    if v.contagion_form == "flat":
        return c
    others = [near(w, v, k, j) for k in w.states if k != j]
    mean = max(sum(others) / max(len(others), 1), 1e-9)
    return math.log(max(1 + (math.exp(c) - 1) * near(w, v, i, j) / mean, 1e-6))


def near(w: Seen, v: Any, i: int, j: int) -> float:
    affinity = (1 - abs(w.sovereigntism[i] - w.sovereigntism[j])) * (1 + w.trust[i][j]) / 2
    return (affinity if v.contagion_form == "affine" else w.agreement[i][j]) ** v.nearness_power


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
