"""7.3 exits."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, copied, table

LEFT = ("participation", "voluntary", "rescue", "bought", "posts_share")


def exits(w: Seen, v: Any, luck: Luck) -> Outcome:
    left = table(w, lambda i, o: (w.notice[i][o] == 0) * w.member[i][o])
    exited = table(w, lambda i, o: left[i][o] + w.announced[i][o] * (w.exit_form[o] == 2))
    fields: dict[str, Any] = {"exited": exited, "notice": table(w, lambda i, o: max(w.notice[i][o] - 1, -1))}
    fields |= examples(w, v, exited) | {"mobilized_lobby": mobilized_lobby(w, v, exited)}
    fields["credibility"], fields["mobilization"] = list(w.credibility), list(w.mobilization)
    for i in w.states:
        if any(exited[i]):
            again = sum(exited[i][o] * (w.party_at_exit[i][o] != 0) * (w.exit_form[o] < 2) for o in w.bodies)
            fields["credibility"][i] *= math.exp(-v.credibility_cost * sum(exited[i]) - v.reversal_cost * again)
            fields["mobilization"][i] = clip(w.mobilization[i] + v.mobilization_gain * sum(exited[i]), -10, 10)
    for name in (*LEFT, "threat", "member", "withheld", "voluntary_allowed", "party_at_exit", "vacancy"):
        fields[name] = copied(getattr(w, name))
    events = []
    for i in w.states:
        for o in w.bodies:
            if left[i][o]:
                organ = w.exit_form[o] == 2
                for name in (*LEFT, "voluntary_allowed") if organ else (*LEFT, "member", "withheld"):
                    fields[name][i][o] = 0.0
                fields["threat"][i][o] = -1.0
                fields["party_at_exit"][i][o] = w.party[i]
                fields["vacancy"][o] += w.posts_share[i][o]
                events.append(("exit", i, o))
    return Outcome(fields, events)


def examples(w: Seen, v: Any, exited: list[list[float]]) -> dict[str, Any]:
    """Whose exit sets an example, how weighty it is, and how long it is followed."""
    weights, quarters = copied(w.example), copied(w.example_quarters)
    for o in w.bodies:
        together = max(sum(w.capability[j] * w.member[j][o] for j in w.states), 1e-12)
        for i in w.states:
            if quarters[i][o] > 0:
                quarters[i][o] = max(quarters[i][o] - 1, -1)
            if sets_example(w, v, exited, i, o):
                weights[i][o] = min(1, w.capability[i] / together / v.lead_share)
                quarters[i][o] = v.contagion_quarters
    return {"example": weights, "example_quarters": quarters}


def sets_example(w: Seen, v: Any, exited: list[list[float]], i: int, o: int) -> bool:
    going = exited[i][o] > 0 or (w.notice[i][o] >= 0 and w.member[i][o] > 0)
    if v.contagion_from == "effect":
        return exited[i][o] > 0
    return going and (v.contagion_from == "both" or w.example_quarters[i][o] < 0)


def mobilized_lobby(w: Seen, v: Any, exited: list[list[float]]) -> list[list[float]]:
    """What lobbies of an issue area make of a state's own exits."""

    def lobby(i: int, k: int) -> float:
        area = [o for o in w.bodies if w.area[o] == k and w.in_scope[o]]
        share = sum(exited[i][o] for o in area) / max(sum(max(w.member[i][o], exited[i][o]) for o in area), 1)
        return (1 - v.lobby_fading) * w.mobilized_lobby[i][k] + v.lobby_response * share

    return [[lobby(i, k) for k in w.areas] for i in w.states]
