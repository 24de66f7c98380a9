"""Patterns of money: 8, 9, 10 and 15."""

from collections.abc import Sequence

import numpy as np

from abm.state.world import Array
from experiments.validation.model_trials.cuts import CUTS
from experiments.validation.pattern_verdicts import SURE, Pattern, PatternEstimate, ratio, within
from experiments.validation.readings import Reading

EPISODES = "UNESCO 1984 and 2011 (analogues on today's world), UNRWA 2018, WHO 2025, against the same world without"


def _refills(reading: Reading) -> list[float]:
    """Return refill in the first year of dues left, dues under appeal and a salient cause, and its next two years."""
    first = [reading[name]["refill_4"] for name in ("unesco-1984", "unesco-2011", "unrwa-2018")]
    return [*first, reading["unrwa-2018"]["refill_8"], reading["unrwa-2018"]["refill_12"], 1.0]


def _in_order(estimate: PatternEstimate, _: Sequence[PatternEstimate]) -> bool:
    """Return whether dues are refilled least and the salient cause most, fading, in nearly all resamples."""
    return estimate.share(lambda s: (s[:, 1] < s[:, 2]) & (s[:, 2] < s[:, 0]) & (s[:, 0] > s[:, 3])) >= SURE


def _cut_books(reading: Reading) -> list[float]:
    """Return the sums of budget cuts and of losses that were not refilled.

    Organizations to which the leaver was back by then, and those that died, are left out.
    """
    all_ = [reading[name] for name, _ in CUTS]
    lasting = [cut for cut in all_ if np.isfinite([cut["refill_12"], cut["lost_share"]]).all()]
    return [sum(cut["budget_cut"] for cut in lasting), sum(c["lost_share"] * (1 - c["refill_12"]) for c in lasting)]


def _staff(reading: Reading) -> list[float]:
    """Return cuts of staff and of budget with the usual reserves and with none; NaN if the leaver is back by then."""
    lasting = all(np.isfinite(cut["refill_12"]) for cut in reading.values())
    row = [reading[kind][name] for kind in ("usual", "poor") for name in ("staff_cut", "budget_cut")]
    return row if lasting else [float("nan")] * len(row)


def _staff_ratios(sums: Array) -> Array:
    """Return staff cut per budget cut, and the same with no reserves."""
    return np.stack([ratio(sums[..., 0], sums[..., 1], 1e-9), ratio(sums[..., 2], sums[..., 3], 1e-9)], axis=-1)


def _more_when_poor(estimate: PatternEstimate, _: Sequence[PatternEstimate]) -> bool:
    """Return whether the ratio lies in the band and more staff go where there are no reserves."""
    usual, without = estimate.point
    return bool(0.15 <= usual <= 1.3 and without > usual)


MONEY_PATTERNS = (
    Pattern(
        8, "Refill by kind of money", "dues < appeal < salient cause; 118 %, then 35 % for UNRWA", None,
        "specify", "validate", "cuts",
        ("refill of UNRWA 2018 in the first year", "refill of UNESCO 1984 in the first year",
         "refill of UNESCO 2011 in the first year", "refill of UNRWA in the second year", "in the third"),
        _refills,
        lambda sums: (sums / sums[..., -1:])[..., [2, 0, 1, 3, 4]],
        EPISODES, f"the order and the fading hold in {SURE:.0%} of resamples", _in_order,
        "Dues are refilled at one rate (`dues_appeal`), whether an organization appeals for help, as in 2011 (52 %), "
        "or not: the two UNESCO cases come out alike.",
    ),
    Pattern(
        9, "Budget cut over lost share less refill", "about 1 within three years", (0.8, 1.2),
        "verify", "verify", "cuts",
        ("budget cut over the loss that was not refilled",),
        _cut_books, lambda sums: ratio(sums[..., :1], sums[..., 1:2]),
        EPISODES, "the value lies in the band", within(0.8, 1.2),
    ),
    Pattern(
        10, "Staff cut per budget cut", ".16, .55, 1.24 in three cases; more when cash is short", (0.15, 1.3),
        "specify", "specify", "poor",
        ("staff cut over budget cut", "the same with no reserves"),
        _staff, _staff_ratios,
        "UNESCO 1984 (an analogue on today's world), three years after the loss, against the same world without; with "
        "the usual reserves and with none",
        "the value lies in the band and is higher with no reserves", _more_when_poor,
    ),
    Pattern(
        15, "The same organization left twice", "second loss of effectiveness smaller", (0.3, 0.9),
        "validate", "validate", "twice",
        ("second loss of effectiveness over the first", "first loss", "second loss"),
        lambda reading: [reading["first_loss"], reading["second_loss"], 1.0],
        lambda sums: np.stack([ratio(sums[..., 1], sums[..., 0], 1e-9), sums[..., 0] / sums[..., 2],
                               sums[..., 1] / sums[..., 2]], axis=-1),
        "UNESCO left in 2026, joined again in 2030, left again in 2040, with 22 % of its dues both times; loss against "
        "the same world without, from before the announcement to three years after the effect",
        "the ratio lies in the band", within(0.3, 0.9),
    ),
)  # fmt: skip
