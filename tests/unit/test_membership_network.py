"""Networks: what nodes and edges carry, and modularity where the answer is known."""

import networkx as nx
import numpy as np
import pytest

from abm.config.reader import load_experiment
from abm.membership_network import comembership, communities, modularity, modularity_z, segregation, short_names
from abm.networkx_graphs import bipartite, trust_graph
from abm.rng import stream
from abm.simulation import Simulation
from abm.state.world import World
from tests.worlds_small import poke

TINY = {"extends": "base", "world": {"source": "synthetic", "states": 8, "organizations": 6}, "quarters": 4}


@pytest.fixture
def world() -> World:
    """Eight states in two halves: three bodies of the first, two of the second, one of all."""
    world = Simulation(load_experiment(TINY), (3, 0)).world
    half = np.repeat([1.0, 0.0], 4)
    world.member = np.column_stack([half, half, half, 1 - half, 1 - half, np.ones(8)])
    world.alive, world.members_known = np.ones(6), np.ones(6)
    return world


def test_states_and_bodies_are_nodes_in_the_order_of_rows(world: World) -> None:
    graph = bipartite(world)
    assert list(graph) == [*world.state_codes, *world.organization_codes]
    assert nx.is_bipartite(graph)
    assert graph.nodes[world.state_codes[0]] == {
        "bipartite": 0, "kind": "state", "row": 0, "name": world.state_names[0], "label": world.state_names[0],
    }  # fmt: skip


def test_an_edge_carries_the_membership(world: World) -> None:
    cells = {"paid": 3.0, "voluntary": 2.0, "rescue": 1.0, "redirected": 0.5, "commitment": 0.7, "agenda_share": 0.4}
    for name, value in cells.items():
        poke(world, name, (1, 0), value)
    poke(world, "exit_form", 0, 1)
    graph = bipartite(world)
    edge = graph.edges[world.state_codes[1], world.organization_codes[0]]
    assert edge == {"role": "party", "commitment": 0.7, "agenda_share": 0.4, "money": 26.0}
    assert graph.number_of_edges() == world.member.sum()
    assert not graph.has_edge(world.state_codes[7], world.organization_codes[0])


def test_a_dead_body_is_no_node(world: World) -> None:
    poke(world, "alive", 2, 0)
    graph = bipartite(world)
    assert world.organization_codes[2] not in graph
    assert graph.number_of_nodes() == 8 + 5


def test_a_body_that_is_called_like_a_state_keeps_its_own_node(world: World) -> None:
    world.organization_codes = (world.state_codes[0], *world.organization_codes[1:])
    graph = bipartite(world)
    assert graph.number_of_nodes() == 8 + 6
    assert graph.nodes[f"{world.state_codes[0]} (organization)"]["kind"] == "organization"


def test_a_graph_can_be_written_for_other_programs(world: World) -> None:
    text = "\n".join(nx.generate_graphml(bipartite(world)))
    assert nx.parse_graphml(text).number_of_edges() == world.member.sum()


def test_trust_goes_one_way(world: World) -> None:
    world.trust = np.eye(8)
    poke(world, "trust", ([0, 1], [1, 0]), [0.6, 0.2])
    graph = trust_graph(world, 0.5)
    assert list(graph.edges(data="trust")) == [(world.state_codes[0], world.state_codes[1], 0.6)]
    assert graph.number_of_nodes() == 8


def test_shared_memberships_are_counted(world: World) -> None:
    shared = comembership(world)
    assert shared.shape == (8, 8)
    assert (shared[0, 1], shared[4, 5], shared[0, 5], shared[0, 0]) == (4, 3, 1, 0)
    np.testing.assert_array_equal(shared, shared.T)


def test_large_dead_and_unknown_bodies_can_be_left_out(world: World) -> None:
    assert comembership(world, below_members=8)[0, 5] == 0
    poke(world, "alive", 0, 0)
    poke(world, "members_known", 1, 0)
    assert comembership(world, below_members=8)[0, 1] == 1


def test_two_halves_are_found(world: World) -> None:
    found = communities(world, seed=1, below_members=8)
    assert len(set(found[:4])) == len(set(found[4:])) == 1
    assert found[0] != found[7]
    # two cliques of 6 pairs, weights 3 and 2: Q = 1 - (36 / 60)^2 - (24 / 60)^2
    assert modularity(world, seed=1, below_members=8) == pytest.approx(1 - 0.6**2 - 0.4**2)


def test_a_network_without_ties_has_no_modularity(world: World) -> None:
    assert modularity(world, seed=1, below_members=0) == 0
    assert modularity_z(world, seed=1, below_members=0) == 0
    assert communities(world, seed=1, below_members=0).tolist() == list(range(8))


HALF, CROSS, ALONE = [1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 0, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        (HALF, HALF, 1.0),  # the groups of one half of the organizations share nothing in the other
        (ALONE, ALONE, 1.0),  # nor does a state that sits apart from all others
        # groups found across the halves: two of each sit in either, so 8 / 24 pairs within share a seat, 8 / 16 across
        (HALF, CROSS, 1 - (8 / 16) / (8 / 24)),
        ([1] * 8, [1] * 8, 0.0),  # there are no groups
    ],
)
def test_segregation_by_hand(world: World, first: list[int], second: list[int], apart: float) -> None:
    """Organizations 0 and 2 are one half of the known ones, 1 and 3 the other; 4 and 5 do not count."""
    one, other = np.array(first, float), np.array(second, float)
    world.organization_ids, world.state_ids = np.arange(6), np.arange(8)
    world.member = np.column_stack([one, other, 1 - one, 1 - other, np.ones(8), one])
    assert segregation(world, np.array([1.0, 1, 1, 1, 0, 0])) == pytest.approx(apart)


def test_two_halves_stand_out_from_chance_and_chance_does_not() -> None:
    world = Simulation(load_experiment(TINY | {"world": TINY["world"] | {"states": 40}}), (3, 0)).world
    half = np.repeat([1.0, 0.0], 20)
    world.alive, world.members_known = np.ones(6), np.ones(6)
    world.member = np.column_stack([half, half, half, 1 - half, 1 - half, 1 - half])
    assert modularity_z(world, seed=1) > 5
    # given their degrees, these memberships are one more draw from the null: beyond 4 in fewer than 1 of 1,000 cases
    world.member = (stream((1, 0), "random memberships").random((40, 6)) < 0.5).astype(float)
    assert abs(modularity_z(world, seed=1)) < 4


def test_modularity_depends_on_the_seed_given_and_on_nothing_else(world: World) -> None:
    first = modularity_z(world, seed=1)
    assert modularity_z(world, seed=1) == first
    assert modularity_z(world, seed=2) != first


def test_names_are_short_and_readable(world: World) -> None:
    world.organization_codes = ("WHO", *world.organization_codes[1:])
    world.organization_names = ("World Health Organization", *world.organization_names[1:])
    for name, value in (("founder", 2), ("founded", 8104), ("issue", 0)):
        poke(world, name, 5, value)
    states, bodies = short_names(world)
    assert states == world.state_names
    assert bodies[0] == "WHO"
    assert bodies[5] == f"{world.state_names[2]}'s {world.issues[0]} club, 2026Q1"
