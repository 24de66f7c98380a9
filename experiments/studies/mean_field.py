"""The tip without a simulation: expected followers by number of leavers, from the equation of exit alone.

Nothing else moves: neither money nor views, and nobody returns. Leavers set their examples; others follow with the
probability of the rule while an example lasts; the share of a seat that is expected to have left sets an example in
turn. So the mean of examples stands for each of them, which is right for many small followers and too low for a few
large ones.
"""

from typing import NamedTuple

import numpy as np

from abm.deciding_rule import quarterly
from abm.processes.exits import ExitsParameters
from abm.processes.membership import MembershipParameters, exit_log_odds
from abm.state.world import Array, World

QUARTERS = 52
"""Quarters looked at, as many as a run of 60 has after the shock."""
SOON = 12
"""Quarters in which followers count as such."""


class Tip(NamedTuple):
    """What the equation of exit says of a shock.

    `followers` are expected exits of others within three years beyond those at rest, from all organizations. `lost` is
    the expected share of others' seats given up by the end, where one can leave.
    """

    followers: float
    lost: float


def tip(world: World, leavers: Array, p: MembershipParameters, exits: ExitsParameters) -> Tip:
    """Return the mean-field value for states that leave everything at once in a world at rest; `leavers` (state,)."""
    gone = (leavers[:, None] > 0) & world.may_leave
    others = world.may_leave & (leavers[:, None] == 0)
    seats = others & (world.exit_form < 2)
    rest = _probability(world, np.zeros_like(world.member), p)
    weight = np.minimum(1.0, world.capability[:, None] / _whole(world) / exits.lead_share)
    stays = others.astype(float)
    fresh, followers = [gone.astype(float)], 0.0
    for quarter in range(QUARTERS):
        lasting = np.sum(fresh[-int(exits.contagion_quarters) :], axis=0)
        leave = stays * np.maximum(_probability(world, weight * lasting, p) - rest, 0.0)
        stays = stays - leave
        fresh.append(leave)
        followers += float(leave.sum()) * (quarter < SOON)
    return Tip(followers, 1 - float((stays * seats).sum()) / max(float(seats.sum()), 1.0))


def _whole(world: World) -> Array:
    """Return the capability of the members of each organization; (organization,)."""
    return np.maximum(world.capability @ world.member, 1e-12)


def _probability(world: World, example: Array, p: MembershipParameters) -> Array:
    """Return the probability of exit in a quarter under examples of some weight; (state, organization)."""
    seen = world.changed(example=example, example_quarters=np.ones_like(example))
    return quarterly(exit_log_odds(seen, p, np.zeros(3)))
