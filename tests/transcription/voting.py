"""7.8 voting."""

import math
from typing import Any

from abm.state.world import RULES
from tests.transcription.reading import Luck, Outcome, Seen, copied, distance

Vector = list[float]


def voting(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots, races = luck.bodies(w.slot_keys, v.resolutions, 3), luck.states(v.resolutions)
    votes = [voting_position(w, v, i) for i in w.states]
    pressed = [under_pressure(w, v, votes, i) for i in w.states]
    fields: dict[str, Any] = {
        "voting_position": votes,
        "organization_position": [list(point) for point in w.organization_position],
        "tabled": [0.0 for _ in w.bodies],
        "passed": [0.0 for _ in w.bodies],
        "votes_won": [0.0 for _ in w.states],
        "votes_cast": [0.0 for _ in w.states],
    }
    acts = luck.bodies(w.slot_keys, 2)
    fields["grievance"], fields["pressing"], events = copied(w.grievance), copied(w.pressing), []
    for o in w.bodies:
        awake = w.in_scope[o] > 0 and w.zombie[o] == 0 and w.M[o] >= 2
        if w.session[o] == w.quarter % 4 and awake:
            meet(w, v, o, lots[o], races, votes, pressed, fields)
            i = acted_on(w, v, o, *acts[o])
            if i is not None:
                fields["grievance"][i][o] = max(w.grievance[i][o], v.discipline_strength)
                events.append(("discipline", i, o))
    return Outcome(fields, events)


def acted_on(w: Seen, v: Any, o: int, whether: float, whom: float) -> int | None:
    """The member on whom the session acts, if on any: on a ladder of rates in the order of draw ids."""
    seats = sum(w.participation[j][o] for j in w.states)
    if seats == 0:
        return None
    centre = [sum(w.participation[j][o] * w.position[j][x] for j in w.states) / seats for x in w.axes]
    far = [distance(w.position[i], centre) - 0.62 for i in w.states]
    rate = [v.discipline_rate * math.exp(v.discipline_distance * far[i]) * w.participation[i][o] for i in w.states]
    if whether >= sum(rate):
        return None
    climbed = 0.0
    for i in w.by_draw_id():
        climbed += rate[i]
        if whom * sum(rate) < climbed:
            return i
    return None


def voting_position(w: Seen, v: Any, i: int) -> Vector:
    moved = [0.0, 0.0]
    for j in w.states:
        pull = (w.trust[i][j] - w.initial_trust[i][j]) * w.capability[j]
        for x in w.axes:
            moved[x] += pull * (w.position[j][x] - w.position[i][x])
    return [w.position[i][x] + v.hedging * moved[x] for x in w.axes]


def lean(w: Seen, i: int, j: int) -> float:
    return max(w.trust[i][j], 0) * w.capability[j]


def leverage(w: Seen, i: int, j: int) -> float:
    """By weight and asymmetry over whoever is neither a sure ally nor a rival."""
    return w.capability[j] ** 2 / max(w.capability[i] + w.capability[j], 1e-12) * (1 - abs(w.trust[i][j]))


def under_pressure(w: Seen, v: Any, votes: list[Vector], i: int) -> Vector:
    total = max(sum(lean(w, i, j) for j in w.states), 1e-9)
    patrons = [sum(lean(w, i, j) * votes[j][x] for j in w.states) / total for x in w.axes]
    return [(1 - v.pressure) * votes[i][x] + v.pressure * patrons[x] for x in w.axes]


def meet(
    w: Seen,
    v: Any,
    o: int,
    lots: list[Vector],
    races: list[Vector],
    votes: list[Vector],
    pressed: list[Vector],
    fields: dict[str, Any],
) -> None:
    """One body tables its resolutions."""
    q = w.organization_position[o]
    cast = [w.participation[i][o] * (1 - w.suspended[i][o]) > 0 for i in w.states]
    step = [0.0, 0.0]
    for r in range(v.resolutions):
        author = authored(w, o, cast, [races[i][r] for i in w.states], lots[r][0])
        noise = [v.proposal_noise * math.sqrt(12) * (lots[r][1 + x] - 0.5) for x in w.axes]
        y = [q[x] + (1 - v.moderation) * (votes[author][x] - q[x]) + noise[x] for x in w.axes]
        gain = []
        for i in w.states:
            obstructed = sum(lean(w, i, j) * w.obstruction[j][o] for j in w.states)
            gain.append(
                distance(pressed[i], q) ** 2 - distance(pressed[i], y) ** 2 - v.obstruction_pressure * obstructed
            )
        if r == 0:
            side = [((x > 0) - (x < 0)) * w.pressing[j][o] for j, x in enumerate(gain)]
            gain = [gain[i] + v.press_pressure * sum(leverage(w, i, j) * side[j] for j in w.states) for i in w.states]
        vote = [((gain[i] > v.margin) - (gain[i] < -v.margin)) * cast[i] for i in w.states]
        passes = decided(w, v, o, vote, gain, cast)
        fields["passed"][o] += passes
        for i in w.states:
            fields["votes_won"][i] += vote[i] == (1 if passes else -1)
        step = [step[x] + passes * (y[x] - q[x]) for x in w.axes]
    fields["tabled"][o] = v.resolutions
    for i in w.states:
        fields["pressing"][i][o] = 0.0
    fields["organization_position"][o] = [q[x] + v.step * step[x] for x in w.axes]
    for i in w.states:
        fields["votes_cast"][i] += v.resolutions * cast[i]


def authored(w: Seen, o: int, cast: list[bool], races: list[float], lot: float) -> int:
    """The first state in a race: e_i / share_i, e_i that of the state so many draw ids further on."""
    order = w.by_draw_id()
    N = len(order)

    def ready(i: int) -> float:
        other = order[(w.state_ids[i] + math.floor(lot * N)) % N]
        share = w.agenda_share[i][o] * cast[i]
        return -math.log1p(-races[other]) / share if share > 0 else math.inf

    return min(order, key=ready)


def decided(w: Seen, v: Any, o: int, vote: list[int], gain: list[float], cast: list[bool]) -> bool:
    yes, no = vote.count(1), vote.count(-1)
    rule = RULES[int(w.voting_rule[o])]
    if rule == "two_thirds":
        return yes >= 2 * no and yes > 0
    if rule == "weighted":
        return sum(vote[i] * w.weighted_power[i][o] for i in w.states) > 0
    if rule == "consensus":
        return yes > no and not any(cast[i] and gain[i] < -v.objection_threshold for i in w.states)
    if rule == "veto":
        return yes > no and not any(w.veto[i][o] and vote[i] == -1 for i in w.states)
    return yes > no
