"""The world as networks: who belongs where, who shares how many memberships, who trusts whom.

Nodes stand in the order of the world's rows and carry plain numbers and texts, so that a graph can be written to any
format. Fragmentation is the modularity of shared memberships (Newman 2006), with communities found by the Leiden
algorithm (Traag, Waltman & van Eck 2019). The null model beside it keeps the number of memberships of each state and
the number of members of each organization (Strona et al. 2014).
"""

from threading import Lock
from typing import Any

import igraph
import networkx as nx
import numpy as np

from abm.calendar import format_quarter
from abm.rng import Seed, stream
from abm.state.world import Array, Integers, World

ROLES = ("member", "party", "participant")
"""What a state is in a body, by what leaving it means: membership, treaty, participation."""
TRADES_PER_BODY = 20
"""Trades of each body, more than the 5 to 10 that shuffle a network well (Strona et al. 2014)."""
ROUNDS = 2
"""Rounds of the Leiden algorithm; more change modularity in the fourth decimal."""
_leiden = Lock()  # igraph has one source of random numbers for the whole process


class _Luck:
    """Random numbers in the form that igraph asks for."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator

    def random(self) -> float:
        """Return a number in [0, 1)."""
        return float(self._generator.random())

    def randint(self, low: int, high: int) -> int:
        """Return an integer between two bounds, both included."""
        return int(self._generator.integers(low, high, endpoint=True))

    def gauss(self, mean: float, deviation: float) -> float:
        """Return a normal number."""
        return float(self._generator.normal(mean, deviation))


def bipartite(world: World) -> "nx.Graph[str]":
    """Return states and living organizations as nodes (their codes) and memberships as edges.

    Nodes have `bipartite` (0 states, 1 organizations), `kind`, `row`, `name` and `label`; edges `role` (one of ROLES),
    `commitment`, `agenda` (share of influence on the agenda) and `money` (USD/year, dues and gifts).
    """
    graph: nx.Graph[str] = nx.Graph()
    state_labels, body_labels = short_names(world)
    for row, code in enumerate(world.state_codes):
        graph.add_node(code, bipartite=0, kind="state", row=row, name=world.state_names[row], label=state_labels[row])
    bodies = {int(row): _node(world, int(row)) for row in np.flatnonzero(world.alive)}
    for row, code in bodies.items():
        name = world.organization_names[row]
        graph.add_node(code, bipartite=1, kind="organization", row=row, name=name, label=body_labels[row])
    given = 4 * world.money
    for state, body in np.argwhere((world.member > 0) & (world.alive > 0)).tolist():
        graph.add_edge(
            world.state_codes[state],
            bodies[body],
            role=ROLES[int(world.exit_form[body])],
            commitment=float(world.commitment[state, body]),
            agenda=float(world.agenda[state, body]),
            money=float(given[state, body]),
        )
    return graph


def _node(world: World, row: int) -> str:
    """Return the node of an organization: its code, told apart from a state of the same code."""
    code = world.organization_codes[row]
    return code if code not in world.state_codes else f"{code} (organization)"


def trust_graph(world: World, threshold: float) -> "nx.DiGraph[str]":
    """Return states as nodes and an edge from each to whomever it trusts at least so much; edges have `trust`."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for row, code in enumerate(world.state_codes):
        graph.add_node(code, row=row, name=world.state_names[row])
    strong = world.trust >= threshold
    np.fill_diagonal(strong, False)
    for who, whom in np.argwhere(strong).tolist():
        trust = float(world.trust[who, whom])
        graph.add_edge(world.state_codes[who], world.state_codes[whom], trust=trust)
    return graph


def short_names(world: World) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the shortest readable names of states and of organizations, "" for unused slots.

    Bodies go by their code where it is shorter than the name; clubs by founder, issue area and quarter.
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
    """Return who belongs to which counted body of fewer members than given; shape (state, body)."""
    some = (world.counted > 0) & (world.members < below_members)
    return world.member[:, some]


def comembership(world: World, below_members: float = float("inf")) -> Array:
    """Return how many counted bodies two states share, 0 on the diagonal; shape (state, state).

    `below_members` leaves out bodies of as many members or more: those that nearly all belong to tell nobody apart.
    """
    seats = _seats(world, below_members)
    return _shared(seats)


def _shared(seats: Array) -> Array:
    """Return how many bodies two states share, 0 on the diagonal; shape (state, state)."""
    shared = np.asarray(seats @ seats.T)
    np.fill_diagonal(shared, 0.0)
    return shared


def communities(world: World, seed: int, below_members: float = 150) -> Integers:
    """Return the community of each state in the network of shared memberships; shape (state,)."""
    return _partition(comembership(world, below_members), stream((seed, 0), "communities"))[0]


def modularity(world: World, seed: int, below_members: float = 150) -> float:
    """Return the modularity of shared memberships in bodies of fewer than `below_members` members, clubs included."""
    return _partition(comembership(world, below_members), stream((seed, 0), "communities"))[1]


def modularity_z(world: World, seed: int, below_members: float = 150, draws: int = 20) -> float:
    """Return by how many standard deviations modularity exceeds that of random memberships, 0 where these are alike.

    In each of `draws` (at least 2) random worlds all states have as many memberships, and bodies as many members,
    as in this one.
    """
    return fragmentation(world, seed, below_members, draws)["modularity_z"]


def fragmentation(world: World, seed: int, below_members: float = 150, draws: int = 20) -> dict[str, float]:
    """Return `modularity`, `modularity_excess` over the mean of random memberships, and `modularity_z`, its z-score.

    Random memberships are those of `modularity_z`.
    """
    seats = _seats(world, below_members)
    found = _partition(_shared(seats), stream((seed, 0), "communities"))[1]
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
    return _partition(_shared(shuffled), stream(seed, "null communities"))[1]


def _traded(seats: Array, luck: np.random.Generator) -> Array:
    """Return memberships after trades: two bodies pool the members they do not share and part them at random.

    In every round each body trades once, all pairs at the same time; shapes (state, body).
    """
    traded = seats.T > 0  # (body, state): rows trade
    half = len(traded) // 2
    for _ in range(TRADES_PER_BODY if half else 0):
        order = luck.permutation(len(traded))
        one, other = order[:half], order[half : 2 * half]
        apart = traded[one] ^ traded[other]
        kept = (traded[one] & apart).sum(axis=1, keepdims=True)
        lots = np.where(apart, luck.random(apart.shape), 2.0).argsort(axis=1).argsort(axis=1)  # rank of each state
        shared, first = traded[one] & traded[other], apart & (lots < kept)
        traded[one], traded[other] = shared | first, shared | (apart & ~first)
    return traded.T.astype(float)


def _partition(weights: Array, luck: np.random.Generator) -> tuple[Integers, float]:
    """Return communities, shape (node,), and their modularity; each node alone and 0 where nothing is shared."""
    if not weights.any():
        return np.arange(len(weights)), 0.0
    graph: Any = igraph.Graph.Weighted_Adjacency(weights, mode="upper", loops=False)
    heavy = graph.es["weight"]
    with _leiden:
        igraph.set_random_number_generator(_Luck(luck))
        try:
            found = graph.community_leiden("modularity", weights=heavy, n_iterations=ROUNDS)
        finally:
            igraph.set_random_number_generator(None)
    return np.array(found.membership, np.int64), float(graph.modularity(found.membership, weights=heavy))
