"""7.13 response."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, copied


def response(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots = luck.bodies(w.slot_keys)
    fields: dict[str, Any] = {
        "reformed": [(1 - v.credit_decay) * w.reformed[o] for o in w.bodies],
        "experience": list(w.experience),
        "organization_position": copied(w.organization_position),
    }
    events = []
    for i in w.states:
        for o in w.bodies:
            if w.announced[i][o] * w.agenda[i][o] > v.notable_share and w.counted[o] > 0:
                kind = answered(w, v, i, o, lots[o], fields)
                events += [(kind, i, o)] if kind else []
    return Outcome(fields, events)


def answered(w: Seen, v: Any, i: int, o: int, lot: float, fields: dict[str, Any]) -> str:
    fields["experience"][o] = min(1, w.experience[o] + 0.2)
    others = [j for j in w.states if j != i]
    agreeing = sum(w.agenda[j][o] * max(w.trust[j][i], 0) for j in others)
    agreeing /= max(sum(w.agenda[j][o] for j in others), 1e-9)
    concentrated = min(1, 3 * w.agenda[i][o])
    adapt = concentrated * agreeing
    resist = (1 - concentrated) * (w.autonomy[o] + w.experience[o]) / 2
    odds = [math.exp(v.sensitivity * strength) for strength in (adapt, resist, 0.3)]
    q = w.organization_position[o]
    if lot < odds[0] / sum(odds):
        fields["reformed"][o] = 1.0
        for x in w.axes:
            fields["organization_position"][o][x] += v.adaptation * (w.position[i][x] - q[x])
        return "adaptation"
    if lot < (odds[0] + odds[1]) / sum(odds):
        stayers = [j for j in others if w.member[j][o] > 0]
        for x in w.axes:
            centre = sum(w.position[j][x] for j in stayers) / max(len(stayers), 1)
            fields["organization_position"][o][x] += v.resistance * (centre - q[x])
        return "resistance"
    return ""
