"""Twins of the page: one that the shocks leave the same is run once, and shows the same numbers as one run anew."""

from dataclasses import fields
from pathlib import Path
from threading import get_ident
from typing import Any

import numpy as np
import pytest

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.simulation import Simulation
from experiments.sweeps import twins as twins_of_sweeps
from viz import packed_run
from viz.worker_runs import Part, carry_out, twin_of

SMALL = ("world.source=synthetic", "world.states=12", "world.organizations=6", "quarters=6")
STORY = load_experiment("us-exit-2026", [*SMALL])
SAME = ({"shocks.0.mode": "decouple"}, {"shocks.0.notice_quarters": 2}, {"title": "another name"})
OTHER = (
    {"membership.contagion_log_odds": 1.0},  # another world
    {"seed": 5},
    {"shocks.1.announced": "2025Q4"},  # other quarters from which followers count
    {"shocks.0.actor": "CHN"},  # other states that measures look at
    {"shocks.0.organizations": "all"},  # other organizations
)  # fmt: skip


@pytest.fixture
def runs_made(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each run that is carried out here is one without shocks; queues of other tests may still be at work."""
    made, whole, here = [], packed_run.quarters, get_ident()

    def counted(simulation: Simulation, twin: bool) -> Any:
        if get_ident() == here:
            made.append(twin)
        return whole(simulation, twin)

    monkeypatch.setattr(packed_run, "quarters", counted)
    return made


def same(one: Any, other: Any) -> bool:
    """Whether two values hold the same, arrays and numbers that are none included."""
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray | float):
        return np.array_equal(one, other, equal_nan=True)
    return bool(one == other)


@pytest.mark.parametrize("changes", SAME)
def test_a_moved_shock_starts_no_twin_and_gives_the_same_numbers(
    changes: dict[str, Any], tmp_path: Path, runs_made: list[bool]
) -> None:
    parts: list[tuple[int, Part]] = [(0, "run"), (0, "twin"), (0, "pair"), (1, "pair")]
    for number, part in parts:
        carry_out(STORY, number, part, tmp_path)
    assert sorted(runs_made) == [False, False, True, True]
    moved = STORY.with_values(changes)
    runs_made.clear()
    found = [carry_out(moved, number, part, tmp_path) for number, part in parts]
    assert not any(runs_made)
    assert all(same(one, carry_out(moved, *part)) for one, part in zip(found, parts, strict=True))


@pytest.mark.parametrize("changes", OTHER)
def test_what_a_twin_depends_on_makes_it_run_again(
    changes: dict[str, Any], tmp_path: Path, runs_made: list[bool]
) -> None:
    carry_out(STORY, 0, "twin", tmp_path)
    moved = STORY.with_values(changes)
    found = carry_out(moved, 0, "twin", tmp_path)
    assert runs_made == [True, True]
    assert same(found, carry_out(moved, 0, "twin"))


def test_the_page_and_sweeps_share_the_same_twins(monkeypatch: pytest.MonkeyPatch) -> None:
    twins_of_sweeps.forget()
    monkeypatch.setattr(twins_of_sweeps, "KEPT", 100)
    made: list[Experiment] = []

    def run_by_a_sweep(experiment: Experiment) -> bool:
        """Whether a sweep that has run all before would run the twin of this one."""
        before = len(made)
        simulation = packed_run.simulation_of(experiment, 0, True)
        twins_of_sweeps.run_once(simulation, (experiment.seed, 0), lambda: made.append(experiment) or RECORDED)
        return len(made) > before

    keys: set[str] = set()
    for changes in ({}, *SAME, *OTHER):
        experiment = STORY.with_values(changes)
        assert run_by_a_sweep(experiment) == (twin_of(experiment, 0) not in keys), changes
        keys.add(twin_of(experiment, 0))
    assert len(keys) == 1 + len(OTHER)


RECORDED: Any = object()
