"""The loops whose gains are measured: their quantities, how each is pushed, and how far it is from its twin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from abm.data.world_tables import read_tables
from abm.processes.clubs import clubs_of
from abm.spatial import lengths
from abm.state.world import FIELDS, Array, World

PUSH = 0.1
"""Size of a push, as a share of what is pushed, in units of trust or in ideal points."""


@dataclass
class Worlds:
    """The two worlds of a link, and what has been expected since the push, pushed less twin: a running sum by name."""

    pushed: World
    twin: World
    sums: dict[str, float] = field(default_factory=dict)


Change = Callable[[Worlds], Array]
"""The value of a field in the pushed world."""
Level = Callable[[Worlds], float]
"""How far a quantity of the pushed world is from its twin."""


class Node(NamedTuple):
    """One quantity of a loop: how it is held away from its twin, and how far it is away.

    `held` maps fields to their values in the pushed world; `shocks` and `values` (parameters) are what
    the pushed world has beside. `level` is how far the pushed world is away, `answer` the same as a response where the
    push itself would count in the level.
    """

    level: Level
    held: Mapping[str, Change] = {}
    shocks: Callable[[str], Sequence[Mapping[str, Any]]] = lambda _: ()
    values: Mapping[str, Any] = {}
    answer: Level | None = None
    rare: bool = False  # measured by expected numbers


# --- how far apart two worlds are


def built_part(pair: Worlds, name: str) -> tuple[Array, Array]:
    """Return a field in both worlds, pushed and twin; of organizations those that were built with the world."""
    dims = FIELDS[name].dims
    place = (slice(None),) * dims.index("organization") + (slice(pair.twin.built),) if "organization" in dims else ()
    return getattr(pair.pushed, name)[place], getattr(pair.twin, name)[place]


def apart(pair: Worlds, name: str) -> Array:
    """Return how far apart a field is in the two worlds."""
    pushed, twin = built_part(pair, name)
    return np.asarray(pushed - twin)


def mean(values: Array, weights: Array) -> float:
    """Return the weighted mean, 0 where nothing counts."""
    return float((values * weights).sum() / weights.sum()) if weights.any() else 0.0


def counted(pair: Worlds) -> Array:
    """Return 1 for built organizations that both worlds count; shape (built organization,)."""
    return pair.twin.in_scope[: pair.twin.built] * pair.pushed.in_scope[: pair.twin.built]


def full(pair: Worlds) -> Array:
    """Return 1 for those of them with money; shape (built organization,)."""
    return counted(pair) * pair.twin.has_budget[: pair.twin.built]


def over_bodies(name: str) -> Level:
    """Return the level of an organization's field: its mean over organizations."""
    return lambda pair: mean(apart(pair, name), counted(pair))


def over_members(name: str, half: int | None = None) -> Level:
    """Return the level of a pair's field: its mean over those who take part in both worlds, of one half of states."""

    def level(pair: Worlds) -> float:
        pushed, twin = built_part(pair, "participation")
        inside = pushed * twin * counted(pair) * (1.0 if half is None else in_half(pair.twin, half)[:, None])
        return mean(apart(pair, name), inside)

    return level


def in_half(world: World, half: int) -> Array:
    """Return 1 for every second state by capability, so that both halves weigh alike; shape (state,)."""
    order = np.lexsort((world.state_ids, -world.capability))
    place = np.empty(len(order))
    place[order] = np.arange(len(order))
    return np.where(place % 2 == half, 1.0, 0.0)


def gap_opened(pair: Worlds) -> float:
    """Return how far apart the sums of gaps are, as a share of budgets at rest."""
    budgets = float(built_part(pair, "initial_budget")[1] @ full(pair))
    return float(apart(pair, "funding_gap") @ full(pair)) / max(budgets, 1.0)


def mean_income(pair: Worlds) -> float:
    """Return how far apart incomes are, relative to budgets at rest: mean over organizations with money."""
    return mean(apart(pair, "income") / np.maximum(built_part(pair, "initial_budget")[1], 1.0), full(pair))


def influence_moved(pair: Worlds) -> float:
    """Return the share of influence that is in other hands: mean over organizations."""
    return mean(np.abs(apart(pair, "agenda_share")).sum(axis=0) / 2, counted(pair))


def positions_moved(pair: Worlds) -> float:
    """Return how far apart adopted positions are, ideal points: mean over organizations."""
    return mean(lengths(apart(pair, "organization_position")), counted(pair))


def seats_lost(pair: Worlds) -> float:
    """Return how many seats fewer were taken when it was most: who has come back had left, too."""
    lost = -float(apart(pair, "participation").sum())
    pair.sums["most seats lost"] = max(lost, pair.sums.get("most seats lost", lost))
    return pair.sums["most seats lost"]


def clubs_more(pair: Worlds) -> float:
    """Return how many living clubs there are more."""
    pushed, twin = (len(clubs_of(world)) for world in (pair.pushed, pair.twin))
    return float(pushed - twin)


def across(world: World) -> Array:
    """Return 1 for two states of opposite camps; shape (state, state)."""
    return np.where(np.outer(world.camp, world.camp) < 0, 1.0, 0.0)


def between_camps(name: str) -> Level:
    """Return the level of a field of two states: its mean over opposite camps."""
    return lambda pair: mean(apart(pair, name), across(pair.twin))


def largest(world: World) -> int:
    """Return the row of the largest state."""
    return int(world.capability.argmax())


def second(world: World) -> int:
    """Return the row of the second-largest state."""
    return int(np.argsort(world.capability)[-2])


def summed(name: str) -> Level:
    """Return the level of an expected number since the push."""
    return lambda pair: pair.sums.get(name, 0.0)


# --- how a quantity is held away from its twin


def less(name: str) -> Mapping[str, Change]:
    """Return a field held lower by PUSH."""
    return {name: lambda pair: getattr(pair.twin, name) * (1 - PUSH)}


def gap_more(pair: Worlds) -> Array:
    """Return gaps that are larger by PUSH of incomes."""
    twin = pair.twin
    return twin.funding_gap + PUSH * twin.income_memory * twin.has_budget * twin.alive


def influence_to_second(pair: Worlds) -> Array:
    """Return influence of which PUSH has gone from all to the second-largest state where it takes part."""
    twin = pair.twin
    there = PUSH * twin.participation[second(twin)]
    shares = twin.agenda_share * (1 - there)
    shares[second(twin)] += there * (twin.agenda_share.sum(axis=0) > 0)
    return shares


def positions_to_second(pair: Worlds) -> Array:
    """Return positions that are nearer by PUSH to the second-largest state's."""
    twin = pair.twin
    way = twin.position[second(twin)] - twin.organization_position
    length = np.maximum(np.sqrt((way**2).sum(axis=1, keepdims=True)), PUSH)
    return twin.organization_position + PUSH * way / length


def distrust(name: str) -> Mapping[str, Change]:
    """Return a field of two states held lower by PUSH between the camps."""
    low = FIELDS[name].bounds[0]
    return {name: lambda pair: np.maximum(getattr(pair.twin, name) - PUSH * across(pair.twin), low)}


def less_in(half: int) -> Mapping[str, Change]:
    """Return commitment held lower by PUSH in one half of states."""

    def held(pair: Worlds) -> Array:
        pushed, twin = built_part(pair, "commitment")
        return np.where(in_half(pair.twin, half)[:, None] > 0, twin * (1 - PUSH), pushed)

    return {"commitment": held}


def doubted(pair: Worlds) -> Array:
    """Return credibility that is halved in the largest state."""
    twin = pair.twin
    return twin.credibility * np.where(np.arange(len(twin.gdp)) == largest(twin), 0.5, 1.0)


def largest_leaves(when: str) -> Sequence[Mapping[str, Any]]:
    """Return the exit of the largest state from all organizations, at once."""
    return [{"kind": "exit", "actor": "USA", "organizations": "all", "announced": when, "notice_quarters": 0}]


def clubs_everywhere(when: str) -> Sequence[Mapping[str, Any]]:
    """Return invitations of the largest state to a club in every issue area."""
    areas = read_tables().issues["issue_area"]
    return [{"kind": "found_club", "actor": "USA", "issue_area": area, "announced": when} for area in areas]


NODES: dict[str, Node] = {
    "income": Node(mean_income, less("income")),
    "effectiveness": Node(over_bodies("effectiveness"), less("effectiveness")),
    "views": Node(over_members("legitimacy"), less("legitimacy")),
    "commitment": Node(over_members("commitment"), less("commitment")),
    "commitment of one half": Node(over_members("commitment", 0), less_in(0)),
    "commitment of the other half": Node(over_members("commitment", 1), less_in(1)),
    "exits": Node(seats_lost, shocks=largest_leaves, answer=summed("exits"), rare=True),
    "credibility": Node(
        lambda pair: float(apart(pair, "credibility")[largest(pair.twin)]),
        {"credibility": doubted},
    ),
    "gap": Node(gap_opened, {"funding_gap": gap_more}),
    "influence": Node(influence_moved, {"agenda_share": influence_to_second}),
    "positions": Node(positions_moved, {"organization_position": positions_to_second}),
    "clubs": Node(clubs_more, shocks=clubs_everywhere, answer=summed("births"), rare=True),
    "attention": Node(over_bodies("attention"), less("attention")),
    "trust between camps": Node(between_camps("trust"), distrust("trust")),
    "closed clubs": Node(summed("closed"), values={"clubs.exclusive_probability": 1.0}, rare=True),
    "voting habit": Node(between_camps("voting_habit"), distrust("voting_habit")),
}
"""The quantities by name."""
LOOPS: dict[str, tuple[str, ...]] = {
    "money": ("income", "effectiveness", "views"),
    "compliance": ("views", "commitment", "effectiveness"),
    "conditional cooperation": ("commitment of one half", "commitment of the other half"),
    "exits by views": ("exits", "views"),
    "exits by all ways": ("exits",),
    "credibility": ("exits", "credibility", "commitment", "effectiveness", "views"),
    "bought influence": ("gap", "influence", "positions", "views"),
    "clubs by attention": ("clubs", "attention", "views"),
    "clubs by all ways": ("clubs",),
    "closed doors": ("trust between camps", "closed clubs"),
    "votes": ("trust between camps", "voting habit"),
}
"""The loops: each quantity acts on the next, the last on the first."""


def acted_on(acting: str) -> list[str]:
    """Return the quantities that follow one in some loop, each once."""
    following = [after for nodes in LOOPS.values() for one, after in turn(nodes) if one == acting]
    return list(dict.fromkeys(following))


def turn(nodes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the links of a loop: what acts and on what, the last on the first."""
    return [(one, nodes[(place + 1) % len(nodes)]) for place, one in enumerate(nodes)]
