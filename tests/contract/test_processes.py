"""The contract of every process: it declares what it does, changes nothing itself, draws the same in every world."""

import copy
import inspect
from typing import Any

import numpy as np
import pytest

from abm.config.experiment import Experiment
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.schedule import PROCESSES, commit
from abm.simulation import Simulation
from abm.state.world import FIELDS, World, add_organization, check
from tests.worlds_small import cut_experiment, cut_tables

ALL = pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
SHOCKS: list[dict[str, Any]] = [
    {
        "kind": "exit",
        "actor": "USA",
        "organizations": ["WHO", "UNFCCC", "IPCC"],
        "announced": "2025Q1",
        "notice_quarters": 2,
    },
    {
        "kind": "threaten",
        "actor": "USA",
        "organizations": ["WTO", "IMO"],
        "announced": "2025Q1",
        "deadline_quarters": 2,
    },
    {"kind": "obstruct", "actor": "CHN", "organizations": ["UN-RB"], "announced": "2025Q2"},
    {"kind": "sanction", "actor": "RUS", "organizations": ["ICC"], "announced": "2025Q2"},
    {"kind": "redirect", "actor": "USA", "organizations": ["UNICEF"], "announced": "2025Q3"},
    {"kind": "rhetoric", "actor": "BRA", "organizations": ["UN-PKO"], "announced": "2025Q3"},
    {"kind": "unilateral_act", "actor": "IND", "issue_area": "climate-environment", "announced": "2025Q4"},
    {"kind": "return", "actor": "USA", "organizations": ["WHO"], "announced": "2026Q2"},
    {"kind": "found_club", "actor": "CHN", "issue_area": "health", "club": "leaders", "announced": "2025Q3"},
]
LIVELY = {"clubs__intercept": -2.0, "voice__threat_rate": 0.05, "dues__lapse_rate": 0.5, "membership__intercept": -4.0}


def experiment(**values: Any) -> Experiment:
    return cut_experiment(quarters=10, **values)


def digest(world: World) -> dict[str, bytes]:
    return {name: getattr(world, name).tobytes() for name in FIELDS}


def same(one: Proposal, other: Proposal) -> bool:
    fields = one.fields.keys() == other.fields.keys() and all(
        np.array_equal(one.fields[name], other.fields[name]) for name in one.fields
    )
    founded = [row["code"] for row in one.founded] == [row["code"] for row in other.founded]
    return fields and founded and one.events == other.events


@ALL
def test_declares_itself(process: type[Process]) -> None:
    assert process.name == process.__module__.rpartition(".")[2]
    assert inspect.getdoc(process)
    assert set(process.writes) <= set(FIELDS)
    assert len(set(process.writes)) == len(process.writes)
    assert process.writes


@ALL
def test_parameters_are_complete(process: type[Process]) -> None:
    defaults = process.parameters()
    assert isinstance(defaults, Parameters)
    for name, field in process.parameters.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict), name
        assert extra["unit"], name
        assert extra["source"], name
        assert len(field.description or "") > 10, name
        if extra["unit"] != "choice":
            low, high = limits(field)
            assert low <= getattr(defaults, name) <= high, name
            assert low < high, name


def limits(field: Any) -> tuple[float, float]:
    bounds = {type(limit).__name__: limit for limit in field.metadata}
    return bounds["Ge"].ge, bounds["Le"].le


def test_proposals_are_pure_declared_and_repeatable() -> None:
    """Over ten lively quarters no proposal touches the world; made again with equal draws it is equal."""
    simulation = Simulation(experiment(shocks=SHOCKS, **LIVELY), (3, 0), cut_tables())
    world, seen = simulation.world, set()
    for _ in range(10):
        for step in simulation.steps:
            before, again = digest(world), copy.deepcopy(step.draws)
            proposal = step.process.propose(world, step.values, step.draws)
            assert digest(world) == before, step.process.name
            assert same(proposal, step.process.propose(world, step.values, again)), step.process.name
            assert set(proposal.fields) <= set(step.process.writes), step.process.name
            for name, values in proposal.fields.items():
                assert check(name, values, world) is None
            seen |= {(step.process.name, name) for name in proposal.fields}
            commit(world, step.process, proposal)
            for row in proposal.founded:
                add_organization(world, row)
        world.quarter += 1
    declared = {(process.name, name) for process in PROCESSES.values() for name in process.writes}
    assert seen <= declared
    assert world.slot_keys, "no club was founded: the world is not lively enough"


def test_draws_stand_at_the_same_place_in_every_world() -> None:
    """Twins stay comparable: after ten quarters the next number of each stream is the same with and without shocks."""
    quiet, shocked, lively = (
        Simulation(experiment(**values), (3, 0), cut_tables())
        for values in ({}, {"shocks": SHOCKS}, {"shocks": SHOCKS, **LIVELY})
    )
    for simulation in (quiet, shocked, lively):
        simulation.run()
    for one, other, third in zip(quiet.steps, shocked.steps, lively.steps, strict=True):
        ahead = one.draws.states(2)
        np.testing.assert_array_equal(ahead, other.draws.states(2), err_msg=one.process.name)
        np.testing.assert_array_equal(ahead, third.draws.states(2), err_msg=one.process.name)


def test_streams_of_processes_differ() -> None:
    simulation = Simulation(experiment(), (3, 0), cut_tables())
    first = {step.process.name: tuple(step.draws.states()) for step in simulation.steps}
    assert len(set(first.values())) == len(PROCESSES)


def test_undeclared_misshapen_and_unbounded_proposals_are_refused() -> None:
    simulation = Simulation(experiment(), (3, 0), cut_tables())
    world = simulation.world
    process = PROCESSES["commitment"]()
    for fields, message in (
        ({"trust": world.trust}, "without declaring"),
        ({"commitment": world.commitment[:-1]}, "has shape"),
        ({"commitment": world.commitment + 2}, "must be finite and in"),
        ({"commitment": world.commitment * np.nan}, "must be finite and in"),
    ):
        with pytest.raises(ValueError, match=message):
            commit(world, process, Proposal(fields))
