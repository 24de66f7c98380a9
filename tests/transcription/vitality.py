"""7.7 vitality."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, copied, quarterly, sigma


def vitality(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots = luck.bodies(w.slot_keys)
    quiet, zombie, dead = [], [], []
    for o in w.bodies:
        activity = min(1, w.effectiveness[o] * math.sqrt(w.staff[o])) * w.attention[o]
        asleep = activity < v.zombie_threshold and w.alive[o] > 0
        quiet.append(w.quiet_quarters[o] + 1 if asleep else 0)
        zombie.append(float(quiet[o] >= v.zombie_quarters))
        size = max(w.council_size[o], w.M[o])
        people = max(w.staff_size[o] * w.staff[o], 1) if w.staff_size[o] > 0 else v.usual_staff
        lacking = max(0, 1 - activity / max(v.zombie_threshold, 1e-9))
        log_odds = v.death_log_odds + v.inactivity_log_odds * lacking
        log_odds += v.members_log_odds * math.log(max(size, 1) / 20) + v.staff_log_odds * math.log(people / 20)
        large = w.staff_size[o] * w.staff[o] >= v.decision_staff or size >= v.decision_members * len(w.gdp)
        p = quarterly(v.decision_rate if large else sigma(log_odds)) * w.alive[o] * w.members_known[o]
        living_child = any(w.parent[c] == o and w.alive[c] > 0 for c in w.bodies)
        least = 2 if w.founder[o] >= 0 else v.least_members
        dissolves = w.alive[o] > 0 and w.members_known[o] > 0 and w.M[o] < least
        if (lots[o] < p and not living_child) or dissolves:
            dead.append(o)
    events = [("zombie", -1, o) for o in w.bodies if zombie[o] and not w.zombie[o] and o not in dead]
    events += [("replaced" if replaced(w, o) else "death", -1, o) for o in dead]
    return Outcome({"quiet_quarters": quiet, "zombie": zombie} | ended(w, dead, zombie), events)


def replaced(w: Seen, o: int) -> bool:
    """More than half of the members belong to one younger living club of the issue area."""
    clubs = [p for p in w.bodies if w.founder[p] >= 0 and w.alive[p] > 0 and w.area[p] == w.area[o]]
    younger = [p for p in clubs if w.founded[p] > w.founded[o]]
    return any(sum(w.member[i][o] * w.member[i][p] for i in w.states) > w.M[o] / 2 for p in younger)


def ended(w: Seen, dead: list[int], zombie: list[float]) -> dict[str, Any]:
    bodies = ("alive", "budget", "vacancy", "other_income", "private_income")
    pairs = ("member", "participation", "voluntary", "rescue", "posts_share")
    fields = {
        name: copied(getattr(w, name)) for name in (*bodies, *pairs, "notice", "threat", "kept_share", "parent_share")
    }
    fields["zombie"] = zombie
    for o in dead:
        for name in (*bodies, "zombie"):
            fields[name][o] = 0.0
        for i in w.states:
            for name in pairs:
                fields[name][i][o] = 0.0
            fields["notice"][i][o] = fields["threat"][i][o] = -1.0
        if w.parent[o] >= 0:
            fields["kept_share"][int(w.parent[o])] += w.parent_share[o]
        fields["parent_share"][o] = 0.0
    return fields
