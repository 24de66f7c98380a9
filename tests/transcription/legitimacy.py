"""7.9 legitimacy."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, distance, table


def legitimacy(w: Seen, v: Any, luck: Luck) -> Outcome:
    blame = blamed(w, v)
    rally = rallied(w, v)
    off = [distance(w.organization_position[o], centre(w, o)) for o in w.bodies]
    common = []
    for o in w.bodies:
        log = v.performance_weight * (w.effectiveness[o] - w.performance_memory[o])
        log += v.universality_weight * math.log(max(w.M[o], 1) / max(w.reference_members[o], 1))
        log += v.presence_weight * math.log(
            max(presence(w, o), 0.001) / max(w.reference_presence[o], presence(w, o), 0.001)
        )
        common.append(
            log + v.reform_weight * w.reformed[o] - v.neutrality_weight * (off[o] - w.reference_neutrality[o])
        )

    def view(i: int, o: int) -> float:
        news = common[o] * w.in_scope[o] - v.fit_weight * (w.distance[i][o] - w.reference_distance[i][o]) - blame[i][o]
        news += v.rally_weight * rally[i][o]
        lives_on = w.programme_need[i] / max(w.programme_need[i] + w.capability[i], 1e-12)
        news -= (
            v.recipient_weight * lives_on * max(0, 1 - w.spending[o] / max(w.initial_budget[o], 1)) * w.has_budget[o]
        )
        log_aim = w.accustomed[i][o] + (v.good_news_weight * news if news > 0 else news)
        both = max(1, v.rate + 1 - (1 - v.peer_rate) ** 4) if meets(w, o) else 1
        moved = (
            w.legitimacy[i][o]
            + v.rate * (math.exp(clip(log_aim, v.lowest_log_aim, v.highest_log_aim)) - w.legitimacy[i][o]) / both
        )
        return moved + heard(w, v, i, o) / both

    def used_to(i: int, o: int) -> float:
        view = max(math.log(w.legitimacy[i][o]), v.lowest_log_aim) if w.legitimacy[i][o] > 0 else v.lowest_log_aim
        faded = 0.5 ** (0.25 / v.persistence_half_life)
        return faded * w.accustomed[i][o] + (1 - faded) * v.persistence * view

    def drifted(now: float, reference: float) -> float:
        return reference + v.memory_rate * (now - reference)

    spread = [sum(w.distance[i][o] * w.member[i][o] for i in w.states) / max(w.M[o], 1e-9) for o in w.bodies]
    return Outcome(
        {
            "blame": blame,
            "rally": rally,
            "legitimacy": table(w, view),
            "accustomed": table(w, used_to),
            "reference_presence": [
                max(
                    presence(w, o),
                    (1 - v.presence_memory_rate) * w.reference_presence[o] + v.presence_memory_rate * presence(w, o),
                )
                for o in w.bodies
            ],
            "reference_distance": table(w, lambda i, o: drifted(w.distance[i][o], w.reference_distance[i][o])),
            "reference_members": [drifted(w.M[o], w.reference_members[o]) for o in w.bodies],
            "reference_neutrality": [drifted(off[o], w.reference_neutrality[o]) for o in w.bodies],
            "reference_spread": [drifted(spread[o], w.reference_spread[o]) for o in w.bodies],
            "performance_memory": [drifted(w.effectiveness[o], w.performance_memory[o]) for o in w.bodies],
        }
    )


def presence(w: Seen, o: int) -> float:
    """Capability of those who take part."""
    return sum(w.capability[i] * w.participation[i][o] for i in w.states)


def centre(w: Seen, o: int) -> list[float]:
    """Mean position of members."""
    return [sum(w.position[i][x] * w.member[i][o] for i in w.states) / max(w.M[o], 1e-9) for x in w.axes]


def blamed(w: Seen, v: Any) -> list[list[float]]:
    def said(i: int, o: int) -> float:
        return (w.exited[i][o] + v.rhetoric_weight * w.rhetoric[i][o]) * max(w.agenda_share[i][o], w.expert_share[i][o])

    voice = table(w, said)
    spoken = any(any(row) for row in voice)

    def blame(i: int, o: int) -> float:
        old = (1 - v.blame_decay) * w.blame[i][o]
        if not spoken:
            return old
        hears = [(1 + w.trust[i][j]) / 2 if v.rivals == "listen" else w.trust[i][j] for j in w.states]
        return max(old + v.blame_weight * sum(hears[j] * voice[j][o] * w.credibility[j] for j in w.states), 0)

    return table(w, blame)


def rallied(w: Seen, v: Any) -> list[list[float]]:
    """Exits of distrusted states, as those who take part remember them."""

    def rally(i: int, o: int) -> float:
        if not w.participation[i][o]:
            return 0.0
        new = sum(w.exited[j][o] * w.example[j][o] * (1 - w.trust[i][j]) / 2 for j in w.states)
        return (1 - v.blame_decay) * w.rally[i][o] + new

    return table(w, rally)


def meets(w: Seen, o: int) -> bool:
    return bool(w.in_scope[o]) and w.session[o] == w.quarter % 4


def heard(w: Seen, v: Any, i: int, o: int) -> float:
    """What a state takes over from trusted fellow members where the body meets."""
    if not meets(w, o):
        return 0.0
    weight = [max(w.trust[i][j], 0) * w.capability[j] * w.member[j][o] for j in w.states]
    if sum(weight) <= 1e-9:
        return 0.0
    mean = sum(weight[j] * w.legitimacy[j][o] for j in w.states) / max(sum(weight), 1e-9)
    return (1 - (1 - v.peer_rate) ** 4) * (mean - w.legitimacy[i][o])
