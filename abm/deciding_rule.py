"""The probability of an exit from its parts, and the one rule that decides it, if one does.

A rule decides an exit that would have been less than half as likely in this quarter with the rule at rest. At rest
means: no example, no felt act, no ally that leaves; or distance and size at the means of the published sample. The mood
of a government is not such a rule. It decides when a government leaves; its mean over quarters is that of no mood.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
LEAST = 1e-300
LARGEST_EXPONENT = 700
"""Beyond it e^x overflows; the probability has long been 1."""
DECIDING = 0.5
"""A rule decides an exit that would be less than this share as likely without the rule."""
UNDECIDED = "none"
"""The rule of an exit that no single rule decides."""
NEARNESS = {"affine": "affinity", "aligned": "agreement", "flat": "affinity"}
"""Who follows a leaver, by `membership.contagion_form`; where all follow alike, it decides nothing."""


def quarterly(log_odds: Array) -> Array:
    """Return the probability of exit in a quarter, 1 - (1 - p)^(1/4), from yearly log-odds; shape as given."""
    return 1 - (1 + np.exp(np.minimum(log_odds, LARGEST_EXPONENT))) ** -0.25


def alone(log_odds: Array, acts: Array, dropped: Mask) -> Array:
    """Return the probability that a member announces its exit this quarter by itself; shape as given."""
    return np.maximum(1 - (1 - quarterly(log_odds)) * (1 - acts), dropped)


def together(chance: Array, invited: Array) -> Array:
    """Return the probability that it does by itself or with allies; shape as given."""
    return chance + (1 - chance) * invited


def joining(near: Array, leaders: Rows, leading: Array | Mask, allies: float) -> Array:
    """Return the probability that a state joins others that lead; shape (state, organization).

    `near` (state, leader) is how close it is to each of the `leaders`, given by row. `leading` (leader, organization)
    is what they leave, or the probability that they do; `allies` is how many join on average. Nobody joins itself.
    """
    near, itself = near.copy(), (leaders, np.arange(len(leaders)))
    others = near.sum(axis=0) - near[itself]
    near[itself] = 0.0
    return np.asarray(allies * (near / np.maximum(others, 1e-9)) @ leading)


class Chances(NamedTuple):
    """The parts of the probability of some exits, all of shape (pair,).

    `log_odds` are per year, `acts` is the probability of leaving over what the organization did, `dropped` whether a
    review drops it, and `invited` the probability of joining allies that leave.
    """

    log_odds: Array
    acts: Array
    dropped: Mask
    invited: Array

    def probability(self) -> Array:
        """Return the probability that each exit is announced this quarter."""
        return together(alone(self.log_odds, self.acts, self.dropped), self.invited)

    def deciding(self, terms: Mapping[str, Array]) -> list[str]:
        """Return for each pair the rule that decides its exit, UNDECIDED where no single one does.

        `terms` holds what each rule adds to the log-odds, (pair,). Of several rules, the one on which the exit depends
        most counts. Who follows a leaver counts before the example, which is part of both.
        """
        rest = {name: self._replace(log_odds=self.log_odds - term) for name, term in terms.items()}
        rest["act"] = self._replace(acts=np.zeros(len(self.acts)))
        rest["review"] = self._replace(dropped=np.zeros(len(self.dropped), bool))
        rest["ally"] = self._replace(invited=np.zeros(len(self.invited)))
        whole = np.maximum(self.probability(), LEAST)
        left = {name: chances.probability() / whole for name, chances in rest.items()}
        for name in set(NEARNESS.values()) & set(left):
            left["example"] = np.where(left[name] < DECIDING, 1.0, left["example"])
        names, parts = list(left), np.array(list(left.values())).T  # (pair, rule)
        return [names[part.argmin()] if part.min() < DECIDING else UNDECIDED for part in parts]
