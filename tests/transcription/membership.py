"""7.12 membership."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, copied, distance, quarterly, table, value

MEAN_DISTANCE, MEAN_LOG_SIZE = 0.62, 3
STANDARD_ERRORS = (0.153 / 0.95, 0.4 / 3.348, 0.192 / 0.606)


def membership(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots, own = luck.pairs(w.slot_keys), luck.states()
    moods = luck.normals()
    drawn = coefficients(v, luck.fixed_normals(3))
    names = ("notice", "announced", "member", "participation", "settle", "voluntary_allowed", "withheld")
    names += ("example_quarters",)
    fields: dict[str, Any] = {name: copied(getattr(w, name)) for name in names}
    fields["grievance"] = table(w, lambda i, o: (1 - v.grievance_fading) * w.grievance[i][o])
    events = []
    chance = table(w, lambda i, o: hazard(w, v, i, o, moods[i], own[i], drawn))
    alone = table(w, lambda i, o: may_leave(w, i, o) and lots[i][o] < chance[i][o])
    for i in w.states:
        for o in w.bodies:
            if alone[i][o] or follows_suit(w, v, i, o, alone, chance, lots):
                fields["notice"][i][o] = 0 if w.exit_form[o] == 2 else max(w.notice_rule[o] - 1, 0)
                fields["announced"][i][o] = 1.0
                events.append(("announce", i, o))
            again, kept = comes_back(w, v, i, o, lots[i][o], own[i]), stays(w, v, i, o, lots[i][o], own[i])
            if again or kept:
                for name in ("member", "participation", "voluntary_allowed"):
                    fields[name][i][o] = 1.0
                fields["settle"][i][o] = v.settle_arrears
                fields["withheld"][i][o] = 0.0
                fields["example_quarters"][i][o] = -1.0
                events.append(("return" if again else "notice_withdrawn", i, o))
            if kept:
                fields["notice"][i][o] = -1.0
    return Outcome(fields, events)


def may_leave(w: Seen, i: int, o: int) -> bool:
    belongs = w.participation[i][o] > 0 if w.exit_form[o] == 2 else w.member[i][o] > 0
    return belongs and w.notice[i][o] < 0 and w.in_scope[o] > 0


def hazard(w: Seen, v: Any, i: int, o: int, mood: float, own: float, drawn: Any) -> float:
    """The probability of an exit by itself, 1 where a review drops the organization."""
    reviews = w.government_age[i] == 0 and w.sovereigntism[i] >= v.review_sovereigntism
    reviews = reviews and own >= 1 - v.review_probability
    if reviews and w.legitimacy[i][o] < 1 - v.review_bar:
        return 1.0
    odds = log_odds(w, v, i, o, drawn) + v.act_spread * mood - v.act_spread**2 / 2
    odds -= math.log(1 + v.joint_probability * v.joint_allies)
    return 1 - (1 + math.exp(min(odds, 700))) ** -0.25 * (1 - v.reaction * felt(w, v, i, o))


def felt(w: Seen, v: Any, i: int, o: int) -> float:
    """How hard the organization's acts on the state and on its allies are felt."""
    hard = w.grievance[i][o]
    for j in w.states:
        if j != i and w.grievance[j][o] > 0 and w.member[i][o] > 0:
            among = sum(close(w, v, k, j) for k in w.states if k != j and w.member[k][o] > 0)
            hard += v.solidarity * w.grievance[j][o] * close(w, v, i, j) / max(among, 1e-9)
    return min(hard, 1.0)


def close(w: Seen, v: Any, i: int, j: int) -> float:
    return affinity(w, i, j) ** v.joint_power


def follows_suit(w: Seen, v: Any, i: int, o: int, alone: Any, chance: Any, lots: Any) -> bool:
    """Whether a state announces its exit together with close allies that do."""
    if alone[i][o] or not may_leave(w, i, o):
        return False
    invited = 0.0
    for j in w.states:
        if alone[j][o] and lots[j][o] < v.joint_probability * chance[j][o]:
            invited += (
                v.joint_allies * close(w, v, i, j) / max(sum(close(w, v, k, j) for k in w.states if k != j), 1e-9)
            )
    return lots[i][o] < chance[i][o] + (1 - chance[i][o]) * invited


def stays(w: Seen, v: Any, i: int, o: int, lot: float, own: float) -> bool:
    """Whether a notice is withdrawn."""
    if w.notice[i][o] < 0 or w.announced[i][o] > 0 or w.member[i][o] == 0:
        return False
    if w.government_age[i] == 0:
        return own < v.turn_withdrawal
    return lot < quarterly(v.withdrawal_rate) * (1 - w.withheld[i][o])


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
    odds = b + s * math.log(max(w.council_size[o], w.M[o], 1)) + d * apart(w, v, i, o) + contagion(w, v, i, o, c, d)
    odds += v.participation_log_odds * (w.exit_form[o] == 2)
    odds += v.legitimacy_log_odds * (w.legitimacy[i][o] - 1)
    odds += v.reciprocity_log_odds * w.reciprocal[o] * max(0, 1 - w.M[o] / max(w.reference_members[o], 1))
    odds += v.censure_log_odds * w.censured[i] + v.propensity_spread * w.propensity[i]
    odds -= v.lobby_log_odds * (w.lobby[i][w.area[o]] + w.mobilized_lobby[i][w.area[o]])
    ahead = w.next_election[i] - w.term[i] / 2 - w.quarter
    odds += v.midterm_log_odds * (w.party[i] == 1 and 0 <= ahead < 4)
    odds += v.decline_log_odds * math.log(max(w.initial_capability[i], 1e-12) / max(w.capability[i], 1e-12))
    gained = sum(max(-w.trust[i][j], 0) * (w.agenda_share[j][o] - w.expert_share[j][o]) for j in w.states)
    return odds + v.rival_log_odds * gained - v.value_log_odds * worth(w, i, o)


def worth(w: Seen, i: int, o: int) -> float:
    """Value above the mean of the seats that the state holds."""
    seats = [p for p in w.bodies if w.member[i][p] > 0 and w.in_scope[p] > 0]
    return value(w, i, o) - sum(value(w, i, p) for p in seats) / max(len(seats), 1)


def apart(w: Seen, v: Any, i: int, o: int) -> float:
    """From the position of adopted decisions, or from the mean of those who take part."""
    if v.distance_from == "position":
        return w.distance[i][o]
    weight = sum(w.participation[j][o] for j in w.states)
    if weight == 0:
        return 0.0
    centre = [sum(w.participation[j][o] * w.position[j][x] for j in w.states) / weight for x in w.axes]
    return distance(w.position[i], centre)


def contagion(w: Seen, v: Any, i: int, o: int, c: float, d: float) -> float:
    examples = {j: w.example[j][o] for j in w.states if w.example_quarters[j][o] > 0}
    together = sum(examples.values())
    scale = together ** (v.additivity - 1) if together > 1 else 1.0
    return scale * sum(s * following(w, v, i, j, c, d) for j, s in examples.items() if s > 0)


def following(w: Seen, v: Any, i: int, j: int, c: float, d: float) -> float:
    """How much likelier the exit of lead state j makes that of i, in log-odds."""
    if v.contagion_form == "flat":
        return c
    centre = [sum(w.position[k][x] for k in w.states) / len(w.states) for x in w.axes]
    weight = {k: math.exp(d * distance(w.position[k], centre)) for k in w.states if k != j}
    mean = sum(weight[k] * near(w, v, k, j) for k in weight) / max(sum(weight.values()), 1e-9)
    mean = max(mean, 1e-9)
    return math.log(max(1 + (math.exp(c) - 1) * near(w, v, i, j) / mean, 1e-6))


def near(w: Seen, v: Any, i: int, j: int) -> float:
    return (affinity(w, i, j) if v.contagion_form == "affine" else w.agreement[i][j]) ** v.nearness_power


def affinity(w: Seen, i: int, j: int) -> float:
    """Governments of like sovereigntism, and allied."""
    return (1 - abs(w.sovereigntism[i] - w.sovereigntism[j])) * (1 + w.trust[i][j]) / 2


def comes_back(w: Seen, v: Any, i: int, o: int, lot: float, own: float) -> bool:
    if not is_away(w, i, o):
        return False
    options = [value(w, i, p) for p in w.bodies if is_away(w, i, p)]
    better = value(w, i, o) - sum(options) / len(options)
    full = inside(w, i, o) ** v.inside_power * math.exp(v.value_log_odds * better)
    if w.party_at_exit[i][o] != w.party[i] and w.swing[i] >= v.revolving_swing:
        return own < quarterly(min(v.new_party_return_rate * full, 1))
    return lot < quarterly(min(v.return_rate * full, 1))


def is_away(w: Seen, i: int, o: int) -> bool:
    left = w.party_at_exit[i][o] != 0 and w.participation[i][o] == 0
    return left and w.alive[o] > 0 and w.refuses_to_join[i][o] == 0


def inside(w: Seen, i: int, o: int) -> float:
    """The share of the others' capability that takes part, among all others that ever belonged."""
    others = [j for j in w.states if j != i]
    ever = sum(w.capability[j] for j in others if w.member[j][o] > 0 or w.party_at_exit[j][o] != 0)
    here = sum(w.capability[j] * w.participation[j][o] for j in others)
    return min(here / ever, 1.0) if ever > 0 else 0.0
