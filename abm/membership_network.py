"""The network of shared memberships: how many states share, which communities they form, how fragmented they are.

Fragmentation is the modularity of shared memberships (Newman 2006), with communities found by the Leiden algorithm
(Traag, Waltman & van Eck 2019). The null model beside it keeps the number of memberships of each state and the number
of members of each organization (Strona et al. 2014).
"""

import importlib
import sys
from functools import cache, lru_cache
from threading import Lock
from typing import Any

import numpy as np

from abm.calendar import format_quarter
from abm.rng import PlainGenerator, Seed, plain_stream, stream
from abm.state.world import Array, Integers, Mask, World

TRADES_PER_BODY = 20
"""Trades per organization: more than the 5 to 10 that shuffle a network well (Strona et al. 2014)."""
ROUNDS = 2
"""Rounds of the Leiden algorithm; more would change modularity in the fourth decimal."""
_leiden = Lock()  # igraph has one source of random numbers for the whole process


@cache
def _igraph() -> Any:
    """Return igraph, loaded when first needed and, unless it is loaded already, without matplotlib.

    It imports matplotlib for drawing, which nothing here does; that would take longer than a run.
    """
    hidden = {"matplotlib": None} if "matplotlib" not in sys.modules else {}
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        return importlib.import_module("igraph")
    finally:
        for name in hidden:
            del sys.modules[name]


def short_names(world: World) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the shortest readable names of states and of organizations, "" for unused slots.

    Organizations go by their code where it is shorter than the name; clubs by founder, issue area and quarter.
    """
    bodies = tuple(_short_name(world, row) for row in range(len(world.organization_codes)))
    return world.state_names, bodies


def _short_name(world: World, row: int) -> str:
    """Return the shortest readable name of one organization."""
    founder = int(world.founder[row])
    if founder >= 0:
        issue, quarter = world.issues[int(world.issue[row])], format_quarter(int(world.founded[row]))
        return f"{world.state_names[founder]}'s {issue} club, {quarter}"
    return min(world.organization_codes[row], world.organization_names[row], key=len)


def _seats(world: World, below_members: float) -> Array:
    """Return who belongs to which counted organization with fewer members than given; shape (state, organization)."""
    some = (world.in_scope > 0) & (world.members < below_members)
    return world.member[:, some]


def comembership(world: World, below_members: float = float("inf")) -> Array:
    """Return how many counted organizations two states share, 0 on the diagonal; shape (state, state).

    `below_members` leaves out organizations with that many members or more: those that nearly all states belong to tell
    no states apart.
    """
    seats = _seats(world, below_members)
    return _shared(seats)


def _shared(seats: Array) -> Array:
    """Return how many organizations two states share, 0 on the diagonal; shape (state, state)."""
    shared = np.asarray(seats @ seats.T)
    np.fill_diagonal(shared, 0.0)
    return shared


def communities(world: World, seed: int, below_members: float = 150) -> Integers:
    """Return the community of each state in the network of shared memberships; shape (state,)."""
    return _partition(comembership(world, below_members), plain_stream((seed, 0), "communities"))[0]


def modularity(world: World, seed: int, below_members: float = 150) -> float:
    """Return the modularity of shared memberships in organizations below `below_members` members, clubs included."""
    return _partition(comembership(world, below_members), plain_stream((seed, 0), "communities"))[1]


def modularity_z(world: World, seed: int, below_members: float = 150, draws: int = 20) -> float:
    """Return by how many standard deviations modularity exceeds that of random memberships, 0 if these do not vary.

    In each of `draws` (at least 2) random worlds every state has as many memberships, and every organization as many
    members, as in this one.
    """
    return fragmentation(world, seed, below_members, draws)["modularity_z"]


def segregation(world: World, counted: Array) -> float:
    """Return how far apart two groups of states sit: 1 if they share nothing, about 0 if the groups mean nothing.

    This is 1 minus a ratio: the mean number of seats that two states of different groups share over that of two states
    of one group. The groups are found in every second organization and tested in the others, then the other way round;
    the result is the mean of both. So chance, which differs between the halves, makes no groups. States without a seat
    are in no group. `counted` (organization,) is above 0 where seats count. The result is 0 without two groups.
    """
    bodies = _own_order(world)
    seats = world.member[np.ix_(np.argsort(world.state_ids), bodies[counted[bodies] > 0])]
    halves = seats[:, ::2], seats[:, 1::2]
    return (_apart(*halves) + _apart(*halves[::-1])) / 2


def _own_order(world: World) -> Integers:
    """Return rows of organizations in an order that renumbering keeps: by draw id, then clubs by quarter and key."""
    clubs = np.lexsort((np.array(world.slot_keys, np.str_), world.founded[world.built :]))
    return np.concatenate([np.argsort(world.organization_ids), world.built + clubs])


def _apart(known: Array, seats: Array) -> float:
    """Return the segregation of seats between the two groups that the known seats form."""
    seated = seats.any(axis=1)
    sides = _one_side(known)
    groups = np.array([sides & seated, ~sides & seated], float)
    sizes, members = groups.sum(axis=1), groups @ seats
    if sizes.min() < 1 or sizes.sum() < 3:
        return 0.0
    within = float((members * (members - 1)).sum() / (sizes * (sizes - 1)).sum())
    across = float((members[0] * members[1]).sum() / (sizes[0] * sizes[1]))
    return 1 - across / within if within > 0 else 0.0


def _one_side(seats: Array) -> Mask:
    """Return which states are on one side of the best division in two by modularity (Newman 2006); shape (state,).

    Modularity compares shared seats S S' with k k' / sum(k), where k = S c and c are the numbers of members. The
    difference is S P S', P the projection orthogonal to c. Its leading vector is S P v, v that of P S' S P, which is
    small, since there are fewer organizations than states.
    """
    sizes = seats.sum(axis=0)
    among = seats.T @ seats
    along = among @ sizes / max(float(sizes @ sizes), 1e-12)
    projected = among - np.outer(sizes, along) - np.outer(along, sizes)
    projected += float(sizes @ along) / max(float(sizes @ sizes), 1e-12) * np.outer(sizes, sizes)
    leading = np.linalg.eigh(projected)[1][:, -1] if sizes.size else sizes
    return np.asarray(seats @ (leading - sizes * float(sizes @ leading) / max(float(sizes @ sizes), 1e-12)) > 0)


def fragmentation(world: World, seed: int, below_members: float = 150, draws: int = 20) -> dict[str, float]:
    """Return `modularity`, `modularity_excess` over the mean of random memberships, and `modularity_z`, its z-score.

    Random memberships are those of `modularity_z`.
    """
    seats = _seats(world, below_members)
    found = _partition(_shared(seats), plain_stream((seed, 0), "communities"))[1]
    null = np.array([_null_modularity(seats, (seed, draw)) for draw in range(draws)])
    excess, spread = found - float(null.mean()), float(null.std(ddof=1))
    return {
        "modularity": found,
        "modularity_excess": excess,
        "modularity_z": excess / spread if spread > 1e-12 else 0.0,
    }


def _null_modularity(seats: Array, seed: Seed) -> float:
    """Return the modularity of one random world of the same degrees."""
    shuffled = _traded(seats, stream(seed, "null memberships"))
    return _partition(_shared(shuffled), plain_stream(seed, "null communities"))[1]


def _traded(seats: Array, luck: np.random.Generator) -> Array:
    """Return memberships after trades: two organizations pool the members they do not share and split them at random.

    In every round each organization trades once, all pairs at once; shapes (state, organization).
    """
    traded = seats.T > 0  # (organization, state): rows trade
    half = len(traded) // 2
    for _ in range(TRADES_PER_BODY if half else 0):
        order = luck.permutation(len(traded))
        one, other = order[:half], order[half : 2 * half]
        apart = traded[one] ^ traded[other]
        kept = (traded[one] & apart).sum(axis=1, keepdims=True)
        lots = np.where(apart, luck.random(apart.shape), 2.0)
        ordered = np.pad(np.sort(lots, axis=1), ((0, 0), (0, 1)), constant_values=2.0)
        drawn = lots < np.take_along_axis(ordered, kept, axis=1)  # the lowest lots, as many as the first one held
        shared, first = traded[one] & traded[other], apart & drawn
        traded[one], traded[other] = shared | first, shared | (apart & ~first)
    return traded.T.astype(float)


def _partition(weights: Array, luck: PlainGenerator) -> tuple[Integers, float]:
    """Return communities, shape (node,), and their modularity; each node alone and 0 where nothing is shared."""
    if not weights.any():
        return np.arange(len(weights)), 0.0
    igraph, graph = _igraph(), _complete(len(weights))
    heavy = weights[np.triu_indices(len(weights), 1)].tolist()
    with _leiden:
        igraph.set_random_number_generator(luck)
        try:
            found = graph.community_leiden("modularity", weights=heavy, n_iterations=ROUNDS)
        finally:
            igraph.set_random_number_generator(None)
    return np.array(found.membership, np.int64), float(graph.modularity(found.membership, weights=heavy))


@lru_cache(maxsize=4)
def _complete(nodes: int) -> Any:
    """Return the complete graph, by rows of the upper triangle; ties of weight 0 do not count."""
    return _igraph().Graph.Full(nodes)
