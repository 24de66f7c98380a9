"""7.14 deals."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, tie


def deals(w: Seen, v: Any, luck: Luck) -> Outcome:
    def away(i: int, o: int) -> bool:
        return w.party_at_exit[i][o] != 0 and w.participation[i][o] == 0

    leavers = [i for i in w.states if any(away(i, o) for o in w.bodies)]
    gone = [sum(w.in_scope[o] for o in w.bodies if away(i, o)) for i in w.states]
    held = [sum(w.in_scope[o] * w.participation[i][o] for o in w.bodies) for i in w.states]

    def ready(i: int, leaver: int) -> float:
        if i == leaver:
            return 0.0
        willing = clip((w.trust[i][leaver] - v.trust_threshold) / (1 - v.trust_threshold + 1e-9), 0, 1)
        stronger = w.capability[leaver] / (w.capability[leaver] + w.capability[i]) - 0.5
        return min(1, willing * (1 + v.asymmetry * stronger))

    def deal(i: int, j: int) -> float:
        value = (1 - v.decay) * w.deals[i][j]
        if j in leavers:
            wanted = math.sqrt(gone[j] / max(gone[j] + held[j], 1)) * ready(i, j)
            value += v.rate * max(wanted - w.deals[i][j], 0)
        return clip(value, 0, 1)

    return Outcome({"deals": tie(w, deal)})
