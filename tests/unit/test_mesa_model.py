"""The model as a mesa.Model: what it is told, what it records, its agents, its story."""

import copy
import math
import pickle

import numpy as np
import pandas as pd
import pytest
from mesa.experimental.scenarios import Scenario

from abm.agents import OrganizationAgent, StateAgent
from abm.config.errors import ConfigError
from abm.config.reader import load_experiment
from abm.measures import MEASURES, names
from abm.mesa_model import MultilateralModel
from abm.recording import record
from abm.simulation import Simulation
from tests.worlds_small import poke

SMALL = {"world.source": "synthetic", "world.states": 20, "world.organizations": 10, "quarters": 6}


def small(**arguments: object) -> MultilateralModel:
    return MultilateralModel(**{"scenario": "who-2025", "rng": 1, **SMALL, **arguments})


def frame(model: MultilateralModel) -> pd.DataFrame:
    model.run_model()
    return model.datacollector.get_model_vars_dataframe()


@pytest.fixture(scope="module")
def finished() -> MultilateralModel:
    model = small(quarters=12)
    model.run_model()
    return model


# What it is told


def test_a_scenario_is_a_name_a_mapping_an_experiment_or_one_of_mesas() -> None:
    wanted = load_experiment("who-2025").with_values({**SMALL, "seed": 1})
    by_mapping = small(scenario={"extends": "who-2025"})
    by_experiment = MultilateralModel(wanted)
    by_mesa = MultilateralModel(Scenario(scenario="who-2025", rng=1, **SMALL))
    assert small().experiment.digest() == wanted.digest()
    assert by_mapping.experiment.digest() == wanted.digest()
    assert by_experiment.experiment.digest() == wanted.digest()
    assert by_mesa.experiment.digest() == wanted.digest()


def test_a_scenario_is_a_path(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: base\nworld: {source: synthetic, states: 9, organizations: 5}\n")
    assert len(MultilateralModel(path).agents_by_type[StateAgent]) == 9


def test_values_are_given_by_path_with_dots_or_underscores() -> None:
    model = small(**{"membership.contagion_log_odds": 2.5, "shocks.0.notice_quarters": 1}, world__start="2024Q3")
    assert model.experiment.parameters.membership.contagion_log_odds == 2.5
    assert model.experiment.shocks[0].notice_quarters == 1
    assert model.experiment.world.start == "2024Q3"


def test_numbers_of_numpy_are_numbers() -> None:
    model = small(**{"quarters": np.int64(3), "membership.contagion_log_odds": np.float64(1)})
    assert (model.experiment.quarters, model.experiment.parameters.membership.contagion_log_odds) == (3, 1.0)


def test_it_says_what_it_is_and_how_far(finished: MultilateralModel) -> None:
    assert repr(small()).startswith(
        "<MultilateralModel 'The exit from the World Health Organization, 2025': before 2025Q1"
    )
    assert "run to 2027Q4, 20 states" in repr(finished)


def test_a_wrong_value_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="contagion_log_odds"):
        small(**{"membership.contagion_log_odd": 1})


def test_without_a_seed_the_scenarios_own_is_used() -> None:
    assert small(rng=None).experiment.seed == load_experiment("who-2025").seed
    assert small(rng=None, seed=5).experiment.seed == 5


def test_seed_sequences_and_texts_are_seeds() -> None:
    one, other = (child for child in np.random.SeedSequence(5).spawn(2))
    assert small(rng=one).experiment.seed == small(rng=one).experiment.seed
    assert small(rng=one).experiment.seed != small(rng=other).experiment.seed
    assert small(rng="7").experiment.seed == 7
    assert small(rng=one).experiment.seed == int(one.generate_state(1, np.uint64)[0]) // 2, "63 bits"


def test_two_seeds_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="two different seeds"):
        MultilateralModel(Scenario(scenario="base", rng=1), rng=2)


# What it records


def test_the_same_seed_gives_the_same_frame_and_another_another() -> None:
    first = frame(small())
    pd.testing.assert_frame_equal(first, frame(small()), check_exact=True)
    assert not first.equals(frame(small(rng=2)))


def test_it_records_what_the_simulation_records(finished: MultilateralModel) -> None:
    recording = record(Simulation(finished.experiment, (1, 0)))
    recorded = finished.datacollector.get_model_vars_dataframe()
    np.testing.assert_array_equal(recorded[list(names("system"))], np.array(recording.series.system))
    np.testing.assert_array_equal(recorded[list(names("body"))], recording.series.means())
    shocked = [f"shocked.{name}" for name in names("body")]
    np.testing.assert_array_equal(recorded[shocked], recording.series.means(recording.shocked))


def test_records_are_finite_and_within_the_declared_ranges(finished: MultilateralModel) -> None:
    recorded = finished.datacollector.get_model_vars_dataframe()
    for column in recorded:
        measure = MEASURES[column.removeprefix("shocked.")]
        assert np.isfinite(recorded[column]).all(), column
        assert recorded[column].between(measure.low - 1e-9, measure.high + 1e-9).all(), column


def test_without_shocks_there_are_no_shocked_bodies() -> None:
    assert not [column for column in frame(small(scenario="base")) if column.startswith("shocked.")]


@pytest.mark.parametrize(("kind", "table"), [(StateAgent, "states"), (OrganizationAgent, "bodies")])
def test_agents_are_recorded_by_type(finished: MultilateralModel, kind: type, table: str) -> None:
    recorded = finished.datacollector.get_agenttype_vars_dataframe(kind)
    agent = next(iter(finished.agents_by_type[kind]))
    last = getattr(finished.series, table)[-1][:, agent.row]
    np.testing.assert_array_equal(recorded.loc[12.0, agent.unique_id].to_numpy(float), last)
    assert list(recorded.columns) == list(names("state" if kind is StateAgent else "body"))


def test_agents_need_not_be_recorded() -> None:
    model = small(collect_agents=False)
    model.step()
    assert model.datacollector.agenttype_reporters == {}
    assert len(model.datacollector.get_model_vars_dataframe()) == 1


# How it runs


def test_it_stops_after_the_last_quarter() -> None:
    model = small()
    model.run_for(2)
    assert (model.steps, model.running, model.quarters) == (2, True, ["2025Q1", "2025Q2"])
    model.run_for(100)
    assert (model.steps, model.time, model.running) == (6, 6.0, False)
    model.run_for(1)
    model.step()
    assert len(model.datacollector.get_model_vars_dataframe()) == len(model.quarters) == 6


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_goes_on_alike(copied) -> None:
    model = small()
    model.run_for(3)
    other = copied(model)
    pd.testing.assert_frame_equal(frame(other), frame(model), check_exact=True)
    assert next(iter(other.agents)).world is other.world


# Its agents


def test_agents_are_views_of_rows(finished: MultilateralModel) -> None:
    world, states = finished.world, finished.agents_by_type[StateAgent]
    assert [state.code for state in states] == list(world.state_codes)
    assert states.get("gdp") == world.gdp.tolist()
    state = states[0]
    before = state.credibility
    poke(world, "credibility", 0, before / 2)
    assert state.credibility == before / 2
    poke(world, "credibility", 0, before)
    assert state.memberships == len(state.organizations) == ((world.member[0] > 0) & (world.alive > 0)).sum()
    assert (state.sovereigntism, state.position) == (world.sovereigntism[0], tuple(world.position[0]))
    assert state.trusts(states[1]) == world.trust[0, 1]


def test_organizations_know_their_members(finished: MultilateralModel) -> None:
    body = finished.agents_by_type[OrganizationAgent][0]
    world = finished.world
    seats = world.member[:, body.row]
    assert body.alive
    assert body.members == len(body.states) == seats.sum()
    assert body.budget == 4 * world.budget[body.row]
    assert body.legitimacy == pytest.approx((seats * world.legitimacy[:, body.row]).sum() / seats.sum())
    assert body.effectiveness == world.effectiveness[body.row]
    assert body.leader == world.state_codes[world.agenda_share[:, body.row].argmax()]
    assert body.issue_area in world.issues


def test_clubs_come_and_dead_bodies_go() -> None:
    model = small(**{"clubs.intercept": 0.0, "quarters": 10})
    built = model.world.built
    model.run_for(5)
    agents = {agent.code: agent for agent in model.agents_by_type[OrganizationAgent]}
    alive = [model.world.organization_codes[row] for row in np.flatnonzero(model.world.alive)]
    clubs = set(alive) - set(model.world.organization_codes[:built])
    assert clubs
    assert set(agents) == set(alive)
    victim = agents[sorted(clubs)[0]]
    poke(model.world, "alive", victim.row, 0)
    model.step()
    assert victim not in model.agents
    assert not victim.alive


# Its graph and its story


def test_the_graph_is_that_of_now(finished: MultilateralModel) -> None:
    graph = finished.graph()
    assert graph.number_of_nodes() == len(finished.agents)
    assert graph.number_of_edges() == finished.world.member[:, finished.world.alive > 0].sum()


def test_events_tell_the_story_in_names(finished: MultilateralModel) -> None:
    story = finished.events()
    columns = ["quarter", "kind", "actor", "organization", "detail", "actor_code", "organization_code"]
    assert list(story.columns) == columns
    events = finished.story.events
    assert len(story) == len(events)
    place, (_, event) = next((n, pair) for n, pair in enumerate(events) if min(pair[1][1:3]) >= 0)
    told, world = story.iloc[place], finished.world
    assert (told.kind, told.actor, told.actor_code) == (
        event.kind, world.state_names[event.actor], world.state_codes[event.actor],
    )  # fmt: skip
    assert told.organization == world.organization_names[event.organization]
    assert told.organization_code == world.organization_codes[event.organization]
    assert story.quarter.isin(finished.quarters).all()
    assert story.quarter.is_monotonic_increasing


def test_events_name_the_club_that_held_the_slot_then() -> None:
    model = small(**{"clubs.intercept": 0.0, "quarters": 10})
    model.run_model()
    story = model.events()
    founded = story[story.kind == "founded"]
    assert len(founded) > 0
    assert (founded.organization == founded.detail).all()
    assert not math.isnan(model.measured["clubs"])
