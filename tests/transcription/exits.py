"""7.3 exits."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, copied, table

LEFT = ("participation", "voluntary", "rescue", "bought", "posts_share")


def exits(w: Seen, v: Any, luck: Luck) -> Outcome:
    left = table(w, lambda i, o: (w.notice[i][o] == 0) * w.member[i][o])
    exited = table(w, lambda i, o: left[i][o] + w.announced[i][o] * (w.exit_form[o] == 2))
    fields: dict[str, Any] = {"exited": exited, "notice": table(w, lambda i, o: max(w.notice[i][o] - 1, -1))}
    fields |= contagion(w, v, exited) | {"mobilized_lobby": mobilized_lobby(w, v, exited)}
    fields["credibility"], fields["mobilization"] = list(w.credibility), list(w.mobilization)
    for i in w.states:
        if any(exited[i]):
            again = sum(exited[i][o] * (w.party_at_exit[i][o] != 0) * (w.exit_form[o] < 2) for o in w.bodies)
            fields["credibility"][i] *= math.exp(-v.credibility_cost * sum(exited[i]) - v.reversal_cost * again)
            fields["mobilization"][i] = clip(w.mobilization[i] + v.mobilization_gain * sum(exited[i]), -10, 10)
    for name in (*LEFT, "member", "withheld", "voluntary_allowed", "party_at_exit", "vacancy"):
        fields[name] = copied(getattr(w, name))
    events = []
    for i in w.states:
        for o in w.bodies:
            if left[i][o]:
                organ = w.exit_form[o] == 2
                for name in (*LEFT, "voluntary_allowed") if organ else (*LEFT, "member", "withheld"):
                    fields[name][i][o] = 0.0
                fields["party_at_exit"][i][o] = w.party[i]
                fields["vacancy"][o] += w.posts_share[i][o]
                events.append(("exit", i, o))
    return Outcome(fields, events)


def contagion(w: Seen, v: Any, exited: list[list[float]]) -> dict[str, Any]:
    weights, quarters = [], []
    for o in w.bodies:
        q = max(w.contagion_quarters[o] - 1, 0)
        old = w.contagion[o] if q > 0 else 0.0
        together = max(sum(w.capability[j] * w.member[j][o] for j in w.states), 1e-12)
        weight = max(sets_example(w, v, exited, i, o) * w.capability[i] for i in w.states) / together
        weight = min(1, weight / v.lead_share)
        fresh = weight > 0 and weight >= old
        weights.append(weight if fresh else old)
        quarters.append(v.contagion_quarters if fresh else q)
    return {"contagion": weights, "contagion_quarters": quarters}


def sets_example(w: Seen, v: Any, exited: list[list[float]], i: int, o: int) -> float:
    soon = (w.notice[i][o] >= 0) * w.member[i][o] if v.contagion_from == "announcement" else 0.0
    return max(exited[i][o], soon)


def mobilized_lobby(w: Seen, v: Any, exited: list[list[float]]) -> list[list[float]]:
    """What lobbies of an issue area make of a state's own exits."""

    def lobby(i: int, k: int) -> float:
        area = [o for o in w.bodies if w.area[o] == k and w.in_scope[o]]
        share = sum(exited[i][o] for o in area) / max(sum(max(w.member[i][o], exited[i][o]) for o in area), 1)
        return (1 - v.lobby_fading) * w.mobilized_lobby[i][k] + v.lobby_response * share

    return [[lobby(i, k) for k in w.areas] for i in w.states] if v.lobby_response != 0 else w.mobilized_lobby
