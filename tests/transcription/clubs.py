"""7.15 clubs."""

import math
from typing import Any

from abm.state.world import KINDS, RULES
from tests.transcription.reading import Luck, Outcome, Seen, copied, distance, shares, sigma

LEFT = ("notice", "threat", "posts_share", "vacancy")


def clubs(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots, accept = luck.states(len(w.areas)), luck.states(len(w.areas))
    exclusive, join, kind = luck.states(), luck.states(), luck.states()
    founded = []
    events = []
    door = v.exclusive_probability + v.exclusive_distrust * distrust(w)
    for f in w.states:
        for k in w.areas:
            told = int(w.founding[f][k])
            if told or (k % 4 == w.quarter % 4 and lots[f][k] < sigma(log_odds(w, v, f, k))):
                leads = kind[f] < v.leaders_probability * min(1, w.capability[f] / v.lead_share)
                leaders = told == 2 or (told == 0 and leads)
                accepts = [accept[i][k] for i in w.states]
                members = coalition(w, v, f, k, accepts, leaders)
                if len(members) >= v.least_members:
                    founded.append(club(w, v, f, k, members, exclusive[f] < door) | {"transactional": leaders})
                    events.append(("club", f, -1))
                elif told:
                    events.append(("no_effect", f, -1))
    nothing = [[0.0 for _ in w.areas] for _ in w.states]
    return Outcome(changed(w, v, join) | {"attention": attention(w, v), "founding": nothing}, events, founded)


def distrust(w: Seen) -> float:
    """Trust lost between the camps."""
    apart = [(i, j) for i in w.states for j in w.states if w.camp[i] * w.camp[j] < 0]
    return sum(w.initial_trust[i][j] - w.trust[i][j] for i, j in apart) / max(len(apart), 1)


def living_clubs(w: Seen) -> list[int]:
    return [o for o in w.bodies if w.founder[o] >= 0 and w.alive[o] > 0]


def log_odds(w: Seen, v: Any, i: int, k: int) -> float:
    """Log-odds that a state proposes a club in an issue area in a year."""
    area = [o for o in w.bodies if w.area[o] == k and w.alive[o] > 0]
    incumbents = [o for o in area if w.members_known[o] and w.founder[o] < 0]

    def lost(j: int, o: int) -> float:
        return (w.party_at_exit[j][o] != 0) * (1 - w.participation[j][o])

    worse = sum(max(0, 1 - w.legitimacy[i][o]) * w.participation[i][o] + lost(i, o) for o in incumbents)
    dissatisfaction = worse / max(sum(w.participation[i][o] + lost(i, o) for o in incumbents), 1)
    opening = sum(lost(j, o) * w.expert_share[j][o] for o in incumbents for j in w.states) / max(len(incumbents), 1)
    voice = sum(w.agenda_share[i][o] for o in area) / max(len(area), 1)
    led = sum(w.founder[o] == i for o in living_clubs(w))
    led_camp = sum(w.camp[int(w.founder[o])] == w.camp[i] for o in living_clubs(w))
    odds = v.intercept + v.dissatisfaction_log_odds * dissatisfaction + v.opening_log_odds * opening
    odds += v.power_log_odds * max(0, w.capability[i] - voice) + v.salience_log_odds * math.log(
        max(w.salience[i][k], 0.001)
    )
    outside = [c for c in living_clubs(w) if w.area[c] == k and not w.member[i][c]]
    largest = max([sum(w.capability[j] * w.member[j][c] for j in w.states) for c in outside], default=0.0)
    odds += v.exclusion_log_odds * largest
    odds += v.capability_log_odds * math.log(max(w.capability[i] * len(w.states), 1e-6))
    return odds - v.own_crowding * led - v.camp_crowding * led_camp


def close(w: Seen, i: int, leaders: bool) -> float:
    """How far closeness and trust count for a state."""
    return 1 - w.sovereigntism[i] if leaders else 1.0


def acceptance(w: Seen, v: Any, i: int, f: int, value: float, leaders: bool) -> float:
    """The probability that a state accepts a club that is worth so much to it."""
    odds = v.acceptance + v.trust_log_odds * w.trust[i][f] * close(w, i, leaders) + v.benefit_log_odds * value
    return sigma(odds + (v.transactional_log_odds * (w.sovereigntism[i] - 0.5) if leaders else 0.0))


def payoff(w: Seen, v: Any, i: int, members: list[int], y: list[float], k: int, leaders: bool) -> float:
    joint = math.sqrt(sum(w.capability[j] * w.salience[j][k] for j in members))
    good = v.good * joint * math.exp(-v.distance_decay * distance(w.position[i], y) * close(w, i, leaders))
    return good - v.cost * (1 + v.crowd_cost * len(members))


def coalition(w: Seen, v: Any, f: int, k: int, accept: list[float], leaders: bool) -> list[int]:
    """Who founds a club with f: invited, willing and, after some rounds, better off inside."""
    y = w.position[f]

    def closeness(i: int) -> float:
        nearness = w.trust[i][f] - v.invitation_distance * distance(w.position[i], y)
        return math.inf if i == f else nearness * close(w, i, leaders)

    number = math.ceil(v.leaders_invited if leaders else v.invited)
    invited = sorted(w.states, key=lambda i: (-closeness(i), w.state_ids[i]))[:number]
    members = []
    for i in invited:
        value = payoff(w, v, i, invited, y, k, leaders)
        if i == f or accept[i] < acceptance(w, v, i, f, value, leaders):
            members.append(i)
    for _ in range(math.ceil(v.stability_rounds)):
        members = [i for i in members if i == f or payoff(w, v, i, members, y, k, leaders) > 0]
    return members


def club(w: Seen, v: Any, f: int, k: int, members: list[int], exclusive: bool) -> dict[str, Any]:
    """The fields of a new club; all others are at their fill."""
    inside = [float(i in members) for i in w.states]
    influence = shares(w.capability[i] * inside[i] for i in w.states)
    committed = [v.commitment * inside[i] for i in w.states]
    y = w.position[f]
    far = [distance(w.position[i], y) for i in w.states]
    middle = [sum(w.position[i][x] * inside[i] for i in w.states) / len(members) for x in w.axes]
    return {
        "key": f"{k}/{w.state_ids[f]}/{w.quarter}",
        "issue": k, "kind": KINDS.index("club"), "members_known": 1, "alive": 1, "founded": w.quarter, "founder": f,
        "exclusive": exclusive, "voting_rule": RULES.index("consensus"), "session": w.quarter % 4,
        "technical": v.technical, "autonomy": v.autonomy, "staff_size": v.staff_size,
        "initial_effectiveness": v.initial_effectiveness, "organization_position": y,
        "member": inside, "participation": inside, "expert_share": influence, "posts_share": influence,
        "agenda_share": influence, "reference_commitment": committed, "commitment": committed, "distance": far,
        "reference_distance": far,
        "reference_members": len(members), "reference_presence": sum(w.capability[i] for i in members),
        "reference_neutrality": distance(y, middle),
        "reference_spread": sum(far[i] * inside[i] for i in w.states) / len(members),
        "initial_coverage": sum(w.problem_share[i][k] * committed[i] for i in w.states),
    }  # fmt: skip


def changed(w: Seen, v: Any, join: list[float]) -> dict[str, Any]:
    """Clubs older than this quarter whose turn it is: outsiders join, members leave."""
    names = ("member", "participation", "commitment", "reference_commitment", "initial_coverage", *LEFT)
    fields = {name: copied(getattr(w, name)) for name in names}
    for o in living_clubs(w):
        if w.founded[o] < w.quarter and w.session[o] == w.quarter % 4:
            members = [i for i in w.states if w.member[i][o] > 0]
            for i in w.states:
                turn(w, v, o, i, members, join[i], fields)
            if any(fields["member"][i][o] != w.member[i][o] for i in w.states):
                covered = sum(w.problem_share[i][w.area[o]] * fields["member"][i][o] for i in w.states)
                fields["initial_coverage"][o] = v.commitment * covered
    return fields


def turn(w: Seen, v: Any, o: int, i: int, members: list[int], lot: float, fields: dict[str, Any]) -> None:
    leaders, f = bool(w.transactional[o]), int(w.founder[o])
    value = payoff(w, v, i, members, w.organization_position[o], w.area[o], leaders)
    trust = w.trust[i][f]
    willing = v.joining_rate * acceptance(w, v, i, f, value, leaders)
    if i not in members and value > 0 and lot < willing and (trust > v.admission_trust or not w.exclusive[o]):
        fields["member"][i][o] = fields["participation"][i][o] = 1.0
        fields["commitment"][i][o] = fields["reference_commitment"][i][o] = v.commitment
    if i in members and value < 0:
        fields["vacancy"][o] += w.posts_share[i][o]
        fields["member"][i][o] = fields["participation"][i][o] = fields["posts_share"][i][o] = 0.0
        fields["notice"][i][o] = fields["threat"][i][o] = -1.0


def attention(w: Seen, v: Any) -> list[float]:
    left = []
    for o in w.bodies:
        taken = 0.0
        for c in living_clubs(w):
            if w.area[c] == w.area[o]:
                weight = sum(w.capability[i] * w.member[i][c] for i in w.states)
                taken += weight * 0.5 ** ((w.quarter - w.founded[c]) / 4 / v.novelty_half_life)
        left.append(1.0 if w.founder[o] >= 0 else math.exp(-v.attention_weight * taken))
    return left
