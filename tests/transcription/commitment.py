"""7.10 commitment."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, table


def commitment(w: Seen, v: Any, luck: Luck) -> Outcome:
    def later(i: int, o: int) -> float:
        fresh = max(w.example[j][o] * (w.example_quarters[j][o] > 0) for j in w.states)
        covered = min(1, w.M[o] / max(w.reference_members[o], 1))
        falls = v.example_weight * fresh + v.reciprocity_weight * w.reciprocal[o] * (1 - covered)
        falls -= v.rally_weight * w.rally[i][o]
        aim = w.reference_commitment[i][o] * w.participation[i][o] * math.exp(-falls)
        aim *= w.legitimacy[i][o] ** v.legitimacy_elasticity
        aim *= believed(w, v, i, o) ** v.conditionality
        lost = max(0, 1 - w.effectiveness[o]) * w.members_known[o]
        aim *= math.exp(-v.impunity_weight * (1 - w.reference_commitment[i][o]) * lost)
        rate = v.rate if w.participation[i][o] > 0 else v.afterlife_rate
        return w.commitment[i][o] + rate * (min(1, aim) - w.commitment[i][o])

    return Outcome({"commitment": table(w, later)})


def believed(w: Seen, v: Any, i: int, o: int) -> float:
    """What the others do relative to rest, as far as their word is worth anything."""
    others = [j for j in w.states if j != i]
    usual = sum(w.problem_share[j][w.area[o]] * w.reference_commitment[j][o] for j in others)
    done = sum(w.problem_share[j][w.area[o]] * w.commitment[j][o] for j in others)
    doubt = sum(w.agenda_share[j][o] * (1 - w.credibility[j]) for j in others)
    return (done / usual if usual > 1e-9 else 1.0) * (1 - v.credibility_weight * doubt)
