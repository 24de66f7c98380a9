"""7.11 voice."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, copied, table


def voice(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots, nu = luck.bodies(w.slot_keys, 2), luck.normals(3)
    fields: dict[str, Any] = {"threat": table(w, lambda i, o: max(w.threat[i][o] - 1, -1))}
    for name in ("notice", "announced", "credibility", "organization_position", "experience", "reformed"):
        fields[name] = copied(getattr(w, name))
    events = []
    for o in w.bodies:
        who = threatens(w, v, o, lots[o])
        if who is not None:
            fields["threat"][who][o] = math.ceil(v.deadline) - 1
            events.append(("threat", who, o))
    for i in w.states:
        for o in w.bodies:
            if w.threat[i][o] == 0 and w.member[i][o] > 0 and w.notice[i][o] < 0:
                events.append((settled(w, v, i, o, nu[i], fields), i, o))
    return Outcome(fields, events)


def threatens(w: Seen, v: Any, o: int, lots: list[float]) -> int | None:
    """The state that begins a threat in a body, if any."""

    def loudness(discontent: float) -> float:
        return v.threat_rate * math.exp(min(v.dissatisfaction_log_odds * discontent, v.loudest))

    def rate(i: int) -> float:
        free = w.member[i][o] * (w.notice[i][o] < 0) * (w.threat[i][o] < 0)
        return min(loudness(1 - w.legitimacy[i][o]), v.largest_rate) / 4 * free

    if not w.in_scope[o] or w.exit_form[o] == 2:
        return None
    total = sum(rate(i) for i in w.states)
    cumulated = 0.0
    for i in w.by_draw_id():
        cumulated += rate(i)
        if lots[0] < total and cumulated > lots[1] * total:
            return i
    return None


def settled(w: Seen, v: Any, i: int, o: int, nu: list[float], fields: dict[str, Any]) -> str:
    E = v.exit_value_mean + v.exit_value_distance * w.distance[i][o] + v.exit_value_sovereigntism * w.sovereigntism[i]
    E += nu[0]
    believed = E + nu[1] * (v.belief_spread + v.doubt * (1 - w.credibility[i])) > 0
    need = w.agenda_share[i][o] * math.exp(v.need_spread * nu[2])
    fields["experience"][o] = min(1, fields["experience"][o] + v.experience_gain)
    if believed and need > v.need_threshold * w.autonomy[o]:
        for x in w.axes:
            wanted = w.position[i][x] + w.demand[i][o][x]
            fields["organization_position"][o][x] += v.concession * (wanted - w.organization_position[o][x])
        fields["reformed"][o] = 1.0
        return "concession"
    if E > 0:
        fields["notice"][i][o] = max(w.notice_rule[o] - 1, 0)
        fields["announced"][i][o] = 1.0
        return "announce"
    fields["credibility"][i] *= 1 - v.bluff_cost
    return "bluff"
