"""A run: what it records, whom it looks at, and how shocks become acts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.calendar import parse_quarter
from abm.config.reader import load_experiment
from abm.measures import names
from abm.recording import Series, record, recordings
from abm.simulation import Simulation, acts_of
from tests.worlds_small import cut_experiment, cut_tables

SEED = (5, 0)
FIRST = parse_quarter("2025Q1")


def simulation(quarters: int = 6, **values: Any) -> Simulation:
    return Simulation(cut_experiment(quarters=quarters, **values), SEED, cut_tables())


def exit_of(actor: str = "USA", bodies: tuple[str, ...] = ("WHO",), **values: Any) -> dict[str, Any]:
    return {"kind": "exit", "actor": actor, "organizations": list(bodies), "announced": "2025Q2"} | values


def test_run_has_one_row_for_each_quarter_and_then_is_finished() -> None:
    run = simulation(quarters=6)
    assert not run.finished
    series = Series()
    run.run([series])
    assert run.finished
    assert series.quarters == list(range(FIRST, FIRST + 6))
    assert len(series.system) == len(series.bodies) == len(series.states) == 6
    assert series.system[0].shape == (len(names("system")),)
    assert series.bodies[0].shape == (len(names("body")), run.world.built)
    assert series.states[0].shape == (len(names("state")), len(run.world.gdp))
    run.run([series])
    assert len(series.quarters) == 6


def test_who_acts_is_in_focus_and_the_largest_state_where_nobody_does() -> None:
    for shocks, acting, aimed in (([], {"USA": 1.0}, {}), ([exit_of("DEU")], {"DEU": 1.0}, {"WHO": 1.0})):
        run = simulation(shocks=shocks)
        focus = dict(zip(run.world.state_codes, run.focus.tolist(), strict=True))
        shocked = dict(zip(run.world.organization_codes[: run.world.built], run.shocked.tolist(), strict=True))
        assert {code: mark for code, mark in focus.items() if mark} == acting
        assert {code: mark for code, mark in shocked.items() if mark} == aimed


def test_steps_and_run_are_the_same() -> None:
    one, other, series = simulation(), simulation(), Series()
    series.begin(one)
    while not one.finished:
        one.step([series])
    np.testing.assert_array_equal(series.system, record(other).series.system)


def test_a_run_may_be_run_in_parts() -> None:
    one, series = simulation(quarters=6), Series()
    one.run([series], quarters=2)
    assert len(series.quarters) == 2
    one.run([series], quarters=10)
    np.testing.assert_array_equal(series.system, record(simulation(quarters=6)).series.system)


def test_recordings_grow_by_a_quarter_to_the_whole_run() -> None:
    quarters = [(list(one.quarters), one.measures["members"].tolist()) for one in recordings(simulation(quarters=4))]
    whole = record(simulation(quarters=4))
    assert quarters == [(whole.quarters[:n], whole.measures["members"][:n].tolist()) for n in (1, 2, 3, 4)]


def test_record_of_a_quarter_does_not_change_later() -> None:
    """Clubs come and go in the same slots; what was recorded before stays as it was."""
    run = simulation(quarters=16, clubs__intercept=-1.0, vitality__death_log_odds=-1.0)
    kept, series = [], Series()
    series.begin(run)
    while not run.finished:
        run.step([series])
        kept.append([getattr(series, name)[-1].copy() for name in ("alive", "in_scope", "bodies", "states", "system")])
    assert run.world.slot_keys
    for place, copies in enumerate(kept):
        for name, copy in zip(("alive", "in_scope", "bodies", "states", "system"), copies, strict=True):
            np.testing.assert_array_equal(getattr(series, name)[place], copy, err_msg=f"{name} {place}")


def test_measures_look_at_shocked_bodies_and_acting_states() -> None:
    run = simulation(shocks=[exit_of(bodies=("WHO", "IMO"))])
    codes = run.world.organization_codes
    assert [codes[row] for row in np.flatnonzero(run.shocked)] == sorted(("WHO", "IMO"), key=codes.index)
    assert [run.world.state_codes[row] for row in np.flatnonzero(run.focus)] == ["USA"]
    quiet = simulation()
    assert not quiet.shocked.any()
    assert [quiet.world.state_codes[row] for row in np.flatnonzero(quiet.focus)] == ["USA"]  # the largest


def test_twin_looks_where_the_run_looks() -> None:
    shocked = cut_experiment(quarters=4, shocks=[exit_of("JPN", ("IMO",))])
    twin = Simulation(shocked.twin(), SEED, cut_tables(), target=shocked)
    run = Simulation(shocked, SEED, cut_tables())
    np.testing.assert_array_equal(twin.shocked, run.shocked)
    np.testing.assert_array_equal(twin.focus, run.focus)
    assert "announce" not in {event.kind for _, event in record(twin).events}


def test_means_over_bodies_and_over_shocked_ones() -> None:
    run = simulation(shocks=[exit_of(bodies=("IMO",), notice_quarters=0)])
    recording = record(run)
    members = names("body").index("members")
    row = run.world.organization_codes.index("IMO")
    shocked = recording.series.means(recording.shocked)[:, members]
    np.testing.assert_allclose(shocked, [values[members, row] for values in recording.series.bodies])
    assert shocked[0] - shocked[1] == pytest.approx(1)
    assert recording.series.means().shape == (6, len(names("body")))


def test_shocks_become_dated_acts() -> None:
    shocks = [
        exit_of(bodies=("WHO", "IMO"), stagger_quarters=2),
        {"kind": "defund", "actor": "DEU", "organizations": ["UNICEF"], "announced": "2025Q1", "until": "2025Q4"},
        {"kind": "change_government", "actor": "BRA", "government": "sovereigntist", "announced": "2025Q3"},
        {"kind": "review", "actor": "USA", "organizations": ["ICC"], "announced": "2025Q1", "audit_quarters": 3},
    ]
    run = simulation(shocks=shocks)
    state, body = run.world.state_codes.index, run.world.organization_codes.index
    found = [
        (act.quarter - FIRST, act.number, act.actor, act.organization, act.ends)
        for act in acts_of(run.experiment, run.world)
    ]
    assert found == [
        (0, 1, state("DEU"), body("UNICEF"), False),
        (1, 0, state("USA"), body("WHO"), False),
        (2, 2, state("BRA"), -1, False),
        (3, 0, state("USA"), body("IMO"), False),
        (3, 1, state("DEU"), body("UNICEF"), True),
        (3, 3, state("USA"), body("ICC"), False),
    ]


def test_group_acts_member_by_member() -> None:
    """Codes of the built-in world that a drawn one lacks are played by its rows of like rank."""
    values = {"world": {"source": "synthetic", "states": 12, "organizations": 6}, "quarters": 2}
    experiment = load_experiment(values | {"shocks": [exit_of("G7", ("WHO",), announced="2025Q1")]})
    run = Simulation(experiment, SEED)
    assert 1 < run.focus.sum() <= 7
    assert run.shocked.sum() == 1
    run.run()


def test_names_of_founded_clubs_are_known_in_their_quarter() -> None:
    run = simulation(quarters=12, clubs__intercept=-2.0)
    recording = record(run)
    founded = [(quarter, event) for quarter, event in recording.events if event.kind == "founded"]
    assert founded
    for quarter, event in founded:
        assert recording.series.code_of(event.organization, quarter - FIRST) == event.code
    assert recording.series.code_of(-1, 0) == ""


WILD = """
from typing import ClassVar

from abm.parameters import Parameters
from abm.processes.base import Process, Proposal


class Wild(Process):
    name: ClassVar[str] = "wild"
    parameters: ClassVar[type[Parameters]] = Parameters
    writes: ClassVar[tuple[str, ...]] = ("staff",)

    def propose(self, world, values, draws):
        step = {3: -9.0, 4: 9.0}.get(world.quarter - world.start, 0.0)
        return Proposal({"staff": world.staff + step})
"""


def test_the_first_quarter_and_process_that_leave_bounds_are_named(tmp_path: Path) -> None:
    """A value that is out of bounds for one quarter only is found, whatever the length of the run."""
    (tmp_path / "wild.py").write_text(WILD)
    world = {"source": "synthetic", "states": 8, "organizations": 4}
    config = {"extends": "base", "quarters": 9, "world": world, "processes": [{"use": "wild:Wild", "after": "deals"}]}
    (tmp_path / "wild.yaml").write_text(json.dumps(config))
    run = Simulation(load_experiment(tmp_path / "wild.yaml"), (1, 0))
    with pytest.raises(ValueError, match=rf"wild in quarter {run.world.start + 3}: staff is in"):
        run.run()
    assert run.world.quarter == run.world.start + 3


def test_views_stay_in_bounds_at_the_ends_of_declared_ranges() -> None:
    config = {
        "extends": "base", "quarters": 24, "seed": 1, "replicates": 1,
        "world": {"source": "synthetic", "states": 30, "organizations": 30, "seed": 1},
        "shocks": [
            {"kind": "change_government", "actor": "S001", "government": "internationalist", "announced": "2025Q1"}
        ],
        "parameters": {"legitimacy": {"rate": 1.0, "memory_rate": 0.955, "peer_rate": 0.216, "fit_weight": 1.78}},
    }  # fmt: skip
    run = Simulation(load_experiment(config), (1, 0))
    while not run.finished:
        run.step()
        assert 0 <= run.world.legitimacy.min() <= run.world.legitimacy.max() <= np.exp(1.3) + 1e-12
