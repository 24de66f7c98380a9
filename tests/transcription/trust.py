"""7.17 trust."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, distance, tie

AGREEMENT_PER_UNIT = 1 / 4.31
FORMS = {"concave": lambda x: 1 - math.exp(-x), "linear": lambda x: x, "convex": lambda x: x * x}


def trust(w: Seen, v: Any, luck: Luck) -> Outcome:
    def loss(i: int, j: int) -> float:
        broken = sum(
            w.announced[j][o] * w.expert_share[j][o] * w.members_known[o] * w.member[i][o] * w.commitment[i][o]
            for o in w.bodies
        )
        return 0.0 if i == j else (1 + w.trust[i][j]) / 2 * broken

    kept = 0.5 ** (0.25 / v.betrayal_half_life)
    betrayal = tie(w, lambda i, j: w.betrayal[i][j] * kept + v.betrayal_weight * FORMS[v.betrayal_form](loss(i, j)))
    fields: dict[str, Any] = {"betrayal": betrayal}
    habit, club_tie = w.voting_habit, w.club_tie
    if w.quarter % 4 == 3:
        agreement = tie(w, lambda i, j: agreed(w, i, j))
        habit = tie(w, lambda i, j: w.voting_habit[i][j] + v.habit_rate * (agreement[i][j] - w.voting_habit[i][j]))
        club_tie = tied(w, v)
        fields |= {"agreement": agreement, "voting_habit": habit, "club_tie": club_tie}

    def trusted(i: int, j: int) -> float:
        value = w.initial_trust[i][j] - betrayal[i][j] + v.habit_weight * (habit[i][j] - w.initial_agreement[i][j])
        value += v.club_weight * club_tie[i][j] + v.deal_weight * w.deals[i][j]
        return clip(value - v.label_weight * labelled(w, i, j), -1, 1)

    credibility = [w.credibility[i] + v.credibility_recovery * (1 - w.credibility[i]) for i in w.states]
    return Outcome(fields | {"trust": tie(w, trusted), "credibility": credibility})


def labelled(w: Seen, i: int, j: int) -> int:
    """Whether j has no vote in a body that i sits in, too."""
    return int(
        i != j and any(w.member[i][o] * w.member[j][o] * w.suspended[j][o] * w.members_known[o] for o in w.bodies)
    )


def agreed(w: Seen, i: int, j: int) -> float:
    now = distance(w.voting_position[i], w.voting_position[j])
    home = distance(w.home_position[i], w.home_position[j])
    return clip(w.initial_agreement[i][j] - AGREEMENT_PER_UNIT * (now - home), 0, 1)


def tied(w: Seen, v: Any) -> list[list[float]]:
    """Shared less rival clubs."""
    clubs = [o for o in w.bodies if w.founder[o] >= 0 and w.alive[o] > 0]

    def rivals(c: int, d: int) -> bool:
        common = sum(w.member[i][c] * w.member[i][d] for i in w.states)
        return w.area[c] == w.area[d] and common < v.rival_overlap * max(min(w.M[c], w.M[d]), 1)

    def tie_of(i: int, j: int) -> float:
        sums = 0.0
        for c in clubs:
            against = sum(w.member[j][d] for d in clubs if rivals(c, d))
            sums += w.member[i][c] * (w.member[j][c] - v.rivalry * against)
        return 0.0 if i == j else math.tanh(sums)

    return tie(w, tie_of)
