"""Recordings: what is kept of a long run at several lengths is what shorter runs leave; fields; what is compared."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from abm.comparison import Comparison, compare
from abm.config.reader import load_experiment
from abm.measures import Snapshot
from abm.recording import FieldValues, Recording, record, record_each
from abm.simulation import Simulation
from abm.state.world import FIELDS
from tests.worlds_small import cut_experiment, cut_tables

LENGTHS = (2, 5, 8)
CLUBS = {"clubs.dissatisfaction_log_odds": 6.0}


def leaving(quarters: int, code: str = "WHO") -> Simulation:
    shock = {"kind": "exit", "actor": "USA", "organizations": [code], "announced": "2025Q2", "notice_quarters": 1}
    experiment = cut_experiment(quarters=quarters, shocks=[shock]).with_values(CLUBS)
    return Simulation(experiment, (5, 0), cut_tables())


def watchers() -> tuple[FieldValues, FieldValues]:
    return (
        FieldValues({"trust": lambda s: s.world.trust, "member": lambda s: s.world.member}, start=True),
        FieldValues({"yearly": lambda s: s.world.alive}, every=4),
    )


def contents(run: Recording) -> dict[str, NDArray[Any]]:
    """Everything that can be read of a recording, as arrays by name."""
    found = {f"measure.{name}": values for name, values in run.measures.items()}
    found |= {f"field.{name}": values for name, values in run.fields.items()}
    found |= {f"body.{name}": values for name, values in run.bodies.items()}
    found |= {f"state.{name}": values for name, values in run.states.items()}
    found |= {f"money.{name}": values for name, values in run.money.by_organization.items()}
    found |= {f"world.{name}": getattr(run.world, name) for name in FIELDS}
    found |= {f"network.{name}": np.array(value) for name, value in run.network.items()}
    found |= {f"course.{name}": getattr(run.course, name) for name in ("leader", "position", "alive", "births")}
    return found | {"away": np.array(run.series.away), "quarters": np.array(run.quarters)}


@pytest.fixture(scope="module")
def kept() -> dict[int, Recording]:
    return record_each(leaving(8), LENGTHS, *watchers())


@pytest.mark.parametrize("quarters", LENGTHS)
def test_what_is_kept_of_a_longer_run_is_what_a_shorter_one_leaves(kept: dict[int, Recording], quarters: int) -> None:
    alone = record(leaving(quarters), *watchers())
    found, expected = contents(kept[quarters]), contents(alone)
    assert found.keys() - expected.keys() <= {"field.yearly"}
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    assert kept[quarters].events == alone.events
    assert kept[quarters].world.organization_codes == alone.world.organization_codes
    assert kept[quarters].world.quarter == alone.world.quarter
    assert kept[quarters].simulation.experiment.digest() == alone.simulation.experiment.digest()
    assert kept[quarters].simulation.finished


def test_runs_of_other_lengths_differ(kept: dict[int, Recording]) -> None:
    assert not np.array_equal(kept[5].world.trust, kept[8].world.trust)
    assert len(kept[8].events) > len(kept[5].events) > len(kept[2].events)


def test_a_stopped_run_that_goes_on_goes_on_like_the_long_one_and_leaves_it_alone() -> None:
    long, other = leaving(6), leaving(6)
    long.run(quarters=3)
    stopped = long.stopped()
    stopped.step()
    long.run(quarters=1)
    other.run(quarters=4)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(stopped.world, name), getattr(other.world, name), err_msg=name)
        np.testing.assert_array_equal(getattr(long.world, name), getattr(other.world, name), err_msg=name)


def test_fields_have_the_time_first_and_cannot_be_written_into(kept: dict[int, Recording]) -> None:
    fields = kept[8].fields
    assert [len(fields[name]) for name in ("trust", "member", "yearly")] == [9, 9, 2]
    with pytest.raises(ValueError, match="read-only"):
        fields["trust"][0] = 0.0


def taken(arrays: Iterator[NDArray[Any]], quarters: int) -> NDArray[Any]:
    """What is taken of as many arrays as there are quarters, by an observer who expects a run of four."""
    watcher = FieldValues({"any": lambda _: next(arrays)})
    simulation = Simulation(cut_experiment(quarters=4), (5, 0), cut_tables())
    watcher.begin(simulation)
    snapshot: Snapshot = simulation.snapshot()
    for _ in range(quarters):
        watcher.after_quarter(snapshot, ())
    return watcher.values["any"]


def test_an_organization_has_zeros_in_the_fields_until_it_is_founded() -> None:
    found = taken(iter([np.ones((2, 3)), np.ones((2, 3)), np.full((2, 4), 2.0)]), 3)
    assert found.shape == (3, 2, 4)
    assert found[:, 0].tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [2, 2, 2, 2]]


def test_a_run_may_be_longer_than_was_expected() -> None:
    assert taken((np.array(place) for place in range(20)), 20).tolist() == list(range(20))


def test_events_of_kinds_are_counted_from_the_start(kept: dict[int, Recording]) -> None:
    run = kept[8]
    assert [place for place, event in run.events_of("exit") if event.code == "WHO"] == [2]
    assert len(run.events_of()) == len(run.events)
    assert len(run.events_of("exit", "announce")) == run.count("exit", "announce") < len(run.events)
    assert run.count() == 0


def test_a_twin_of_other_shocks_is_refused_where_measures_are_about_them(kept: dict[int, Recording]) -> None:
    run = kept[8]
    twin = record(Simulation(run.simulation.experiment.twin(), (5, 0), cut_tables()), is_twin=True)
    shared = Comparison(run, twin)
    assert shared.twin is twin
    for read in (
        lambda: shared.difference("actor_saving"),
        lambda: shared.changes,
        lambda: shared.effects,
        lambda: shared.trajectory,
    ):
        with pytest.raises(ValueError, match="other shocks"):
            read()
    with pytest.raises(ValueError, match="no counterfactual"):
        _ = Comparison(run, None).twin
    assert Comparison(run, replace(run, is_twin=True)).difference("members").tolist() == [0.0] * 8


def test_money_has_the_budget_of_a_year_at_rest() -> None:
    simulation = Simulation(load_experiment("who-2025", ["quarters=1"]), (1, 0))
    world = simulation.world
    quarterly = world.initial_budget[world.organization_codes.index("WHO")]
    assert record(simulation).money.budgets == {"WHO": pytest.approx(4 * quarterly)}


def test_effects_on_the_network_are_those_beside_the_twin() -> None:
    pair = compare(cut_experiment(quarters=6), 0)
    assert pair.run.network
    for name, value in pair.run.network.items():
        assert pair.effects[name] == pytest.approx(value - pair.twin.network[name])
    assert any(pair.twin.network.values())
