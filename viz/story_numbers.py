"""What a story says: numbers of its runs from which the page writes headline, question, three answers and four numbers.

Nothing here is a text, and nothing is known beforehand. All numbers are means over runs with their 90 % interval; the
horizon is three years after the first act, but for the order that results, which is that of the last quarter.
"""

from bisect import bisect
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.deciding_rule import UNDECIDED
from abm.outcomes import deciding_rules, first_loss, following_states
from abm.regimes import REGIMES
from viz.bonds import bonds
from viz.question_quantities import Evidence, evidence, extra_donors, labels, numbers, said_of
from viz.worker_runs import Finished, Numbers

HORIZON = 12
YEAR = 4
SHOWN_AFTER = 24
"""Quarters after the first act that the picture of the case shows: six years; later, much else has happened."""
MOSTLY, HARDLY = 2 / 3, 1 / 3
"""Bounds of what counts as most and as little of a loss; also those between the answers to the opening question."""
SOME, MANY = 1.0, 12.0
"""Bounds of what counts as some and as many exits that follow."""
LEAST_TRUST = 0.02
DRY = 0.1
"""Share of a loss below which what others give more has dried up."""
ANNOUNCED = "announce"
ENDS = ("mean", "low", "high")
DONORS = 3
NAMED = 3
"""States that follow, and rules that decide it, that are named."""

Numbered = dict[str, Any]


def findings(finished: Mapping[tuple[int, str], Finished]) -> dict[str, Any]:
    """Return what finished parts (number, part) say, nothing before there is a whole pair."""
    world = evidence(finished)
    if world is None or not world.together:
        return {}
    act = first_act(world)
    found: dict[str, Any] = {
        "runs": world.count, "judged": len(world.together), "actors": list(world.first.actors),
        "act": act, "horizon": world.quarter(act + HORIZON), "case": case(world), "order": order(world),
        "refill": refill(world), "followers": followers(world),
        "trust": said_of(numbers(world, "effect:mean_trust_in_actor", act + HORIZON)) if world.first.actors else None,
    }  # fmt: skip
    found["bonds"] = bonds(finished, world.quarter(act + SHOWN_AFTER)) if found["case"] else {}
    found["headline"] = headline(found)
    found["question"] = question(found)
    return found


def first_act(world: Evidence) -> int:
    """Return the quarter of the first act on the case, else of the first event of who acts, 0 where nobody does."""
    if world.first.case.code:
        return world.first.case.first_act
    acting = set(world.first.actors)
    return next((quarter for quarter, _, actor, _ in world.pairs[0][0].story if actor in acting), 0)


def refill(world: Evidence) -> dict[str, Numbered | None]:
    """Return the share of the loss that others replace in years one and three: of the case, and of all bodies."""
    found = {
        f"{what}_{year}": numbers(world, f"together:{name}_{YEAR * year}", 0)
        for what, name in (("case", "case.refill"), ("all", "refill_total"))
        for year in (1, 3)
    }
    applies = all(np.isfinite(found[f"case_{year}"]).all() for year in (1, 3))  # the case loses money in every run
    return {name: said_of(values) if applies else None for name, values in found.items()}


def followers(world: Evidence) -> Numbered | None:
    """Return how many more exits others announce than without the shock, and the means with and without.

    Beside it: which states follow most often, and which rules decide their exits, both as shares.
    """
    more = said_of(numbers(world, "extra:followers", 0)) if world.first.actors else None
    if more is None:
        return None
    run, twin = ([pair[place].outcomes["followers"] for pair in world.pairs] for place in (0, 1))
    found = [pair[0].followers for pair in world.pairs]
    states, rules = following_states(found), deciding_rules(found)
    decided = 1 - rules.pop(UNDECIDED, 0.0) if rules else 0.0
    return more | {
        "run": float(np.mean(run)), "twin": float(np.mean(twin)), "decided": decided,
        "states": list(states.items())[:NAMED], "rules": list(rules.items())[:NAMED],
    }  # fmt: skip


def order(world: Evidence) -> dict[str, Any]:
    """Return the most frequent label of whole pairs, how many runs have it, and the next one.

    Of equally frequent ones the later in `REGIMES` comes first, as where a run is as near to both.
    """
    if not world.together:
        return {}
    found = labels(world)
    ranked = sorted(filter(found.count, reversed(REGIMES)), key=found.count, reverse=True)
    return {"name": ranked[0], "count": found.count(ranked[0]), "of": len(found), "next": (ranked[1:] or [""])[0]}


def case(world: Evidence) -> dict[str, Any]:
    """Return the money of the case by source and quarter, as shares of its yearly budget at rest.

    `twin` is all money without the shock, `leaver` what the leavers give, `rescue` what others give more than without
    it. `others` is what it earns and all others give, up to that. Sums of four quarters, means over runs. `share` is
    what the leavers give at the first act, `lost` what is missing of it in the mean of the first three years.
    """
    known = world.first.case
    if not known.code:
        return {}
    with_it, without = (np.mean([_yearly(pair[place]) for pair in world.pairs], axis=0) for place in (0, 1))
    leaves = np.zeros(with_it.shape[1])
    leaves[list(known.leavers)] = 1
    last, fell = world.quarter(known.first_act + SHOWN_AFTER) + 1, _quarter_lost(world)
    ends = [world.quarter(fell + YEAR * year - 1) for year in (1, 2, 3)]
    earned = max(known.budget - float(without[known.first_act].sum()), 0.0)
    usual, now = without @ (1 - leaves) + earned, with_it @ (1 - leaves) + earned
    lines = {
        "twin": without.sum(axis=1) + earned, "leaver": with_it @ leaves,
        "others": np.minimum(now, usual), "rescue": np.maximum(now - usual, 0),
    }  # fmt: skip
    return {
        "code": known.code, "budget": known.budget, "act": known.first_act, "leavers": [*_codes(world)],
        "share": float(without[known.first_act] @ leaves) / known.budget,
        "lost": float(((without - with_it) @ leaves)[ends].mean()) / known.budget,
        "announced": _announced(world), "out": _quarter_out(world), "returns": _returns(world, last),
        "givers": _givers(world, fell), "third_year": fell + 2 * YEAR + YEAR // 2,
        **{name: [round(float(value) / known.budget, 4) for value in line[:last]] for name, line in lines.items()},
        "replaced": (replaced := _replaced(world, leaves, last)), "dry": dry(replaced),
    }  # fmt: skip


def _codes(world: Evidence) -> list[str]:
    """Return the codes of the states that leave the case."""
    return [world.first.states[row] for row in world.first.case.leavers]


def _yearly(run: Numbers) -> NDArray[np.float64]:
    """Return what donors gave in the last four quarters, USD a year; shape (quarter, donor)."""
    total = np.concatenate([np.zeros((1, run.money.shape[1])), run.money.astype(float).cumsum(axis=0)])
    end = np.arange(1, len(total))
    start = np.maximum(end - YEAR, 0)
    return (total[end] - total[start]) * (YEAR / (end - start))[:, None]


def _replaced(world: Evidence, leaves: NDArray[np.float64], last: int) -> list[float | None]:
    """Return which share of what the leavers no longer give the others give more, by quarter; of all runs together."""
    more = np.sum([_yearly(run) - _yearly(twin) for run, twin in world.pairs], axis=0)
    lost = -(more @ leaves)[:last]
    enough = lost > 0.001 * world.first.case.budget * world.count
    shares = np.where(enough, (more @ (1 - leaves))[:last] / np.where(enough, lost, 1), np.nan)
    return [None if np.isnan(share) else round(float(share), 4) for share in shares]


def dry(replaced: list[float | None]) -> int | None:
    """Return from which quarter on the share replaced stays below `DRY`; None where it never rose above, or stays."""
    above = [quarter for quarter, share in enumerate(replaced) if share is not None and share >= DRY]
    return above[-1] + 1 if above and above[-1] + 1 < len(replaced) else None


def _announced(world: Evidence) -> bool:
    """Return whether the first act on the case is the announcement of an exit."""
    known, leavers = world.first.case, set(_codes(world))
    return any(
        kind == ANNOUNCED and quarter == known.first_act and actor in leavers and body == known.code
        for quarter, kind, actor, body in world.pairs[0][0].story
    )


def _quarter_out(world: Evidence) -> int | None:
    """Return the quarter in which a leaver is out of the case in the first run, None where it never is."""
    code, leavers = world.first.case.code, set(_codes(world))
    for quarter, kind, actor, body in world.pairs[0][0].story:
        if kind in ("exit", "participation_stopped") and actor in leavers and body == code:
            return quarter
    return None


def _returns(world: Evidence, last: int) -> dict[str, Any]:
    """Return in how many runs a leaver is back in the case within the picture, and the median quarter of that."""
    code, leavers = world.first.case.code, set(_codes(world))
    back = []
    for run, _ in world.pairs:
        found = [quarter for quarter, kind, actor, body in run.story
                 if kind in ("return", "participation_resumed") and actor in leavers and body == code]  # fmt: skip
        back += found[:1]
    shown = [quarter for quarter in back if quarter < last]
    return {"count": len(shown), "quarter": int(np.median(shown)) if shown else None}


def _quarter_lost(world: Evidence) -> int:
    """Return the quarter in which the leavers' money for the case falls in the first run, that of the act without."""
    known, (run, twin) = world.first.case, world.pairs[0]
    act, rows = known.first_act, list(known.leavers)
    window = slice(act, world.quarter(act + HORIZON))
    return act + (first_loss((twin.money - run.money)[window, rows].sum(axis=1, dtype=float), known.budget) or 0)


def _givers(world: Evidence, lost: int) -> list[str]:
    """Return who gives the case most more in the first year after the leavers' money fell."""
    return [code for code, _ in extra_donors(world, lost + YEAR - 1, DONORS)]


def headline(found: Mapping[str, Any]) -> str:
    """Return the key of the headline that the numbers bear out: of money first, then who follows, then trust."""
    first, third = found["refill"]["case_1"], found["refill"]["case_3"]
    if first is not None and third is not None:
        early, late = first["mean"], third["mean"]
        if early >= HARDLY and late < early / 2:
            return "rescue_goes"
        if late >= MOSTLY:
            return "others_pay"
        return "gap_stays" if early < HARDLY and late < HARDLY else "part_paid"
    more, trust = found["followers"], found["trust"]
    if _certain(more) and more["mean"] >= SOME:
        return "others_follow"
    if _certain(trust) and trust["mean"] <= -LEAST_TRUST:
        return "trust_falls"
    return "little_follows" if found["actors"] else "nobody_acts"


def _certain(number: Numbered | None) -> bool:
    """Return whether the interval of a number leaves out zero."""
    return number is not None and number["low"] is not None and number["low"] * number["high"] > 0


def question(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to ask before the run: key, bounds between its answers, the number, and the answer that it gives.

    `others` are further answers into which the interval reaches.
    """
    key, limits, number = "refill", (HARDLY, MOSTLY), found["refill"]["case_3"]
    if number is None:
        key, limits, number = "followers", (SOME, MANY), found["followers"]
    if number is None:
        return {}
    right, low, high = (bisect(limits, number[end] if number[end] is not None else number["mean"]) for end in ENDS)
    others = [place for place in range(low, high + 1) if place != right]
    return {"key": key, "limits": list(limits), "number": number, "right": right, "others": others}
