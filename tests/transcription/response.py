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
    events: list[tuple[str, int, int]] = []
    for i in w.states:
        for o in w.bodies:
            if w.announced[i][o] * w.agenda_share[i][o] > v.notable_share and w.in_scope[o] > 0:
                kind = answered(w, v, i, o, lots[o], fields)
                events += [(kind, i, o)] if kind else []
    share = {"adaptation": v.adaptation, "resistance": v.resistance}
    for kind, i, o in events:
        both = max(1, sum(share[other] for other, _, body in events if body == o))
        for x in w.axes:
            aim = w.position[i][x] if kind == "adaptation" else centre(w, i, o, x)
            step = share[kind] * (aim - w.organization_position[o][x])
            fields["organization_position"][o][x] += step / both
    return Outcome(fields, events)


def answered(w: Seen, v: Any, i: int, o: int, lot: float, fields: dict[str, Any]) -> str:
    fields["experience"][o] = min(1, w.experience[o] + v.experience_gain)
    others = [j for j in w.states if j != i]
    agreeing = sum(w.agenda_share[j][o] * max(w.trust[j][i], 0) for j in others)
    agreeing /= max(sum(w.agenda_share[j][o] for j in others), 1e-9)
    concentrated = min(1, v.concentration * w.agenda_share[i][o])
    adapt = concentrated * agreeing
    resist = (1 - concentrated) * ((1 - v.experience_share) * w.autonomy[o] + v.experience_share * w.experience[o])
    apart = sum(w.agenda_share[j][o] * (1 - w.trust[j][i]) / 2 for j in others)
    resist += v.rally_weight * apart / max(sum(w.agenda_share[j][o] for j in others), 1e-9)
    odds = [math.exp(v.sensitivity * strength) for strength in (adapt, resist, v.inertia)]
    if lot < odds[0] / sum(odds):
        fields["reformed"][o] = 1.0
        return "adaptation"
    if lot < (odds[0] + odds[1]) / sum(odds):
        return "resistance"
    return ""


def centre(w: Seen, i: int, o: int, x: int) -> float:
    """Mean position of the members other than i."""
    stayers = [j for j in w.states if j != i and w.member[j][o] > 0]
    return sum(w.position[j][x] for j in stayers) / max(len(stayers), 1)
