"""Verdicts: what shares of replicates and of the space say about a claim. The rule is `verdict`."""

from typing import Literal

import numpy as np

from abm.intervals import Share

Verdict = Literal["supported", "conditional", "refuted", "assumed", "undecided"]
WIDELY_CALIBRATED, WIDELY_SPACE = 0.9, 0.8
RARELY_CALIBRATED, RARELY_SPACE = 0.1, 0.2
WITHOUT = 0.5
"""Share of replicates in which a claim must hold without its rule, to stand on its own."""


def verdict(calibrated: Share, space: Share, without: Share, needs_switch: bool, measured: float) -> Verdict:
    """Return the verdict on a claim from three shares: default point, plausible space, rule switched off.

    `needs_switch` says that its mechanism is off by default and was turned on for the default point; `measured` is
    the share of all planned measurements that gave a number.
    """
    if measured < 0.5 or not all(np.isfinite(share[0]) for share in (calibrated, space, without)):
        return "undecided"
    if calibrated[0] <= RARELY_CALIBRATED and space[0] <= RARELY_SPACE:
        return "refuted"
    only_with_rule = without[0] < WITHOUT
    if calibrated[0] >= WIDELY_CALIBRATED and (space[0] >= WIDELY_SPACE or needs_switch):
        return "assumed" if only_with_rule else ("supported" if space[0] >= WIDELY_SPACE else "conditional")
    if space[1] <= RARELY_SPACE and space[2] >= WIDELY_SPACE:
        return "undecided"  # too few points: the interval reaches from rarely to widely
    return "conditional"
