"""The world as graphs of networkx: who belongs where, who trusts whom.

Nodes are in the order of the world's rows and carry plain numbers and texts, so that a graph can be written in any
format.
"""

import networkx as nx
import numpy as np

from abm.membership_network import short_names
from abm.state.world import World

ROLES = ("member", "party", "participant")
"""What a state holds in an organization, by what it would leave: membership, treaty, participation."""


def bipartite(world: World) -> "nx.Graph[str]":
    """Return states and living organizations as nodes (their codes) and memberships as edges.

    Nodes have `bipartite` (0 states, 1 organizations), `kind`, `row`, `name` and `label`; edges `role` (one of ROLES),
    `commitment`, `agenda_share` (share of influence on the agenda) and `money` (USD/year, dues and gifts).
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
            agenda_share=float(world.agenda_share[state, body]),
            money=float(given[state, body]),
        )
    return graph


def _node(world: World, row: int) -> str:
    """Return the node of an organization: its code, made distinct from a state of the same code."""
    code = world.organization_codes[row]
    return code if code not in world.state_codes else f"{code} (organization)"


def trust_graph(world: World, threshold: float) -> "nx.DiGraph[str]":
    """Return states as nodes, with an edge to every state that one trusts at least that much; edges have `trust`."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for row, code in enumerate(world.state_codes):
        graph.add_node(code, row=row, name=world.state_names[row])
    strong = world.trust >= threshold
    np.fill_diagonal(strong, False)
    for who, whom in np.argwhere(strong).tolist():
        trust = float(world.trust[who, whom])
        graph.add_edge(world.state_codes[who], world.state_codes[whom], trust=trust)
    return graph
