"""Whatever the parameters, shocks and world: a run never fails, its accounts close, its values stay in bounds."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.schedule import PROCESSES
from abm.shocks.kinds import LASTING, SHOCKS
from abm.simulation import Simulation
from tests.bookkeeping import audited_recording, outside
from tests.liveness import limits

QUARTERS = 8
STATES = ("S001", "S002", "S003", "S005", "EU")
BODIES = ("O001", "O002", "O003", "O004", "O006")
SIZES = {"states": 9, "organizations": 6}

NUMBERS = [
    (f"{name}.{key}", limits(field))
    for name, process in PROCESSES.items()
    for key, field in process.parameters.model_fields.items()
    if limits(field)
]


def quarters(first: int) -> st.SearchStrategy[str]:
    return st.integers(first, QUARTERS - 1).map(lambda number: f"{2025 + number // 4}Q{number % 4 + 1}")


@st.composite
def shocks(draw: st.DrawFn) -> dict[str, Any]:
    """A shock of any kind by any of a few states on any of a few bodies, on any date."""
    kind = draw(st.sampled_from(sorted(SHOCKS)))
    fields = SHOCKS[kind].model_fields
    shock: dict[str, Any] = {
        "kind": kind,
        "actor": draw(st.one_of(st.sampled_from(STATES), st.permutations(STATES[:4]).map(lambda codes: codes[:2]))),
        "announced": draw(quarters(0)),
        "probability": draw(st.sampled_from([1.0, 1.0, 0.5])),
        "condition": draw(st.sampled_from([None, None, "member", "sovereigntist"]))
        if "organizations" in fields
        else None,
    }
    if kind not in LASTING and draw(st.booleans()) and shock["announced"] < "2026Q4":
        shock["until"] = "2026Q4"
    if "organizations" in fields:
        shock["organizations"] = draw(st.lists(st.sampled_from(BODIES), min_size=1, max_size=4, unique=True))
        if kind == "leave_treaty":
            shock["organizations"] = {"kind": "treaty"}
        shock["stagger_quarters"] = draw(st.integers(0, 2))
    if "notice_quarters" in fields:
        shock["notice_quarters"] = draw(st.sampled_from([0, 1, 3, "by_body"]))
        shock["mode"] = draw(st.sampled_from(["bargain", "decouple"]))
    for name in {"fraction", "strength", "share", "bar", "settle_arrears"} & set(fields):
        shock[name] = draw(st.floats(0, 1))
    if "audit_quarters" in fields:
        shock["audit_quarters"] = draw(st.integers(0, 3))
    if "demand" in fields:
        shock |= {"demand": draw(st.sampled_from(["actor", [2.0, -1.0]])), "deadline_quarters": draw(st.integers(1, 4))}
    shock |= (
        {"government": draw(st.sampled_from(["sovereigntist", "internationalist"]))} if "government" in fields else {}
    )
    shock |= {"position": draw(st.sampled_from([[1.0, -0.5], [-0.4, 0.2]]))} if "position" in fields else {}
    shock |= {"issue_area": "health"} if "issue_area" in fields else {}
    return shock


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, float]:
    """Some parameters anywhere in their range, its ends included."""
    chosen = draw(st.lists(st.sampled_from(NUMBERS), max_size=12, unique_by=lambda pair: pair[0]))
    edges = {path: draw(st.one_of(st.sampled_from(ends), st.floats(*ends))) for path, ends in chosen}
    return dict(edges)


def made(seed: int, shocks_: list[dict[str, Any]], values: dict[str, Any]) -> Experiment:
    world = {"source": "synthetic", "seed": seed, **SIZES}
    plan = {"world": world, "quarters": QUARTERS, "shocks": shocks_}
    return load_experiment(plan).with_values(values) if values else load_experiment(plan)


@given(st.integers(0, 3), st.lists(shocks(), max_size=4), parameters())
@example(0, [], {"clubs.intercept": 0.0, "vitality.death_log_odds": 0.0})
@example(1, [], {"membership.intercept": 0.0, "voice.threat_rate": 0.05, "membership.return_rate": 1.0})
@settings(max_examples=60)
def test_any_run_keeps_its_accounts_and_bounds(
    seed: int, shocks_: list[dict[str, Any]], values: dict[str, float]
) -> None:
    simulation = Simulation(made(seed, shocks_, values), (seed, 0))
    recording, wrong = audited_recording(simulation)
    assert wrong == []
    assert outside(recording) == []


@given(st.dictionaries(st.sampled_from([path for path, _ in NUMBERS]), st.booleans(), min_size=20))
@settings(max_examples=15)
def test_corners_of_the_parameter_space(ends: dict[str, bool]) -> None:
    """Many parameters at once at one of their ends, while much happens."""
    limits_ = dict(NUMBERS)
    values = {path: limits_[path][high] for path, high in ends.items()}
    shock = {
        "kind": "exit",
        "actor": "S001",
        "organizations": list(BODIES),
        "announced": "2025Q2",
        "notice_quarters": 1,
    }
    simulation = Simulation(made(1, [shock], values), (1, 0))
    recording, wrong = audited_recording(simulation)
    assert wrong == []
    assert outside(recording) == []


@pytest.mark.long
@given(st.integers(0, 50), st.lists(shocks(), max_size=6), parameters())
@settings(max_examples=1500)
def test_any_run_of_many(seed: int, shocks_: list[dict[str, Any]], values: dict[str, float]) -> None:
    simulation = Simulation(made(seed, shocks_, values), (seed, 1))
    recording, wrong = audited_recording(simulation)
    assert wrong == []
    assert outside(recording) == []
