"""Packed runs: what is unpacked is what was recorded, to the stated step, and it is small."""

import pickle

import numpy as np
import pytest

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.events import EVENTS
from abm.measures import names
from abm.recording import Recording
from abm.recording import record as recorded
from abm.simulation import Simulation
from viz import packed_run
from viz.packed_run import Recorded, pack, pack_series, record, unpack

SMALL = ["world.source=synthetic", "world.states=20", "world.organizations=8", "quarters=12"]


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return load_experiment("us-exit-2026", SMALL)


@pytest.fixture(scope="module")
def recording(experiment: Experiment) -> Recording:
    return recorded(Simulation(experiment, (experiment.seed, 1)))


@pytest.fixture(scope="module")
def run(experiment: Experiment) -> Recorded:
    return record(experiment, 1)


@pytest.fixture(scope="module")
def full() -> Recorded:
    return record(load_experiment("us-exit-2026"), 0)


def test_a_record_holds_what_the_simulation_gave(run: Recorded, recording: Recording) -> None:
    kept = recording.series
    system = len(names("system"))
    np.testing.assert_array_equal(run.series[:, :system], kept.system)
    assert run.measures[:system] == names("system")
    assert len(run.measures) == run.series.shape[1]
    order, place = names("state").index("trust_in_actor"), list(packed_run.STATE_SCALES).index("trust_in_actor")
    np.testing.assert_array_equal(run.states[:, place], np.array(kept.states)[:, order])
    assert [event[1] for event in run.events] == [event.kind for _, event in recording.events]
    assert run.start == recording.simulation.world.start
    world = recording.simulation.world
    inside = (run.ties[-1] >= packed_run.TAKES_PART) & (run.ties[-1] <= packed_run.AWAY)
    codes = list(run.facts["organizations"])
    for row in np.flatnonzero(world.alive):
        column = codes.index(world.organization_codes[row])
        np.testing.assert_array_equal(inside[:, column], world.member[:, row] > 0)
        assert run.life[-1, column] in (packed_run.LIVES, packed_run.SLEEPS)


def test_money_given_is_that_of_the_last_four_quarters(run: Recorded, recording: Recording) -> None:
    order = names("state")
    values = np.array(recording.series.states)
    paid = values[:, order.index("dues_paid")] + values[:, order.index("gifts")]
    given = run.states[:, list(packed_run.STATE_SCALES).index("given")]
    np.testing.assert_allclose(given[7], paid[4:8].sum(axis=0), rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(given[0], 4 * paid[0], rtol=1e-9, atol=1e-3)


def test_what_is_unpacked_is_what_was_packed(run: Recorded) -> None:
    header, found = unpack(pack(run))
    for kind, scales, values in (
        ("state", packed_run.STATE_SCALES, run.states),
        ("body", packed_run.BODY_SCALES, run.bodies),
    ):
        for place, (name, scale) in enumerate(scales.items()):
            expected, got = values[:, place], found[f"{kind}.{name}"]
            assert (np.isnan(expected) == np.isnan(got)).all()
            assert np.isfinite(got).any()
            if scale.is_log:
                expected, got = np.log10(1 + expected), np.log10(1 + got)
            assert np.nanmax(np.abs(expected - got)) <= 0.5001 * scale.step
    np.testing.assert_array_equal(found["life"], run.life)
    np.testing.assert_array_equal(found["leader"] - 1, run.leaders)
    chosen = [run.measures.index(name) for name in header["measures"]]
    np.testing.assert_array_equal(found["series"][0], run.series[:, chosen].astype(np.float32))
    assert header["states"] == list(run.facts["states"])
    assert header["quarters"] == run.quarters == 12


def test_ties_are_rebuilt_from_the_first_ones_and_their_changes(run: Recorded) -> None:
    _, found = unpack(pack(run))
    ties = found["first_ties"].copy()
    np.testing.assert_array_equal(ties, run.ties[0])
    quarters, states, bodies, values = found["tie_changes"]
    assert len(quarters) > 0
    for quarter in range(run.quarters):
        now = quarters == quarter
        ties[states[now], bodies[now]] = values[now]
        np.testing.assert_array_equal(ties, run.ties[quarter + 1])


def test_events_keep_who_did_what_and_when(run: Recorded) -> None:
    header, found = unpack(pack(run))
    kinds, none = header["event_kinds"], packed_run.NOTHING
    got = [
        (quarter, kinds[kind]["name"], -1 if actor == none else actor, -1 if body == none else body)
        for quarter, kind, actor, body, _ in found["events"].T.tolist()
    ]
    assert got == [event[:4] for event in run.events]
    details = {text for *_, text in run.events if text}
    assert len(header["details"]) == len(details)
    assert all(entry["theme"] == EVENTS[entry["name"]].theme for entry in kinds)


def test_details_are_typed(full: Recorded) -> None:
    header, found = unpack(pack(full))
    kinds = [entry["name"] for entry in header["event_kinds"]]
    _, kind, _, _, detail = found["events"]
    announced = [header["details"][place] for place in detail[kind == kinds.index("announce")]]
    assert {"shock", "hazard"} <= {entry["origin"] for entry in announced}
    assert all(isinstance(entry["notice_quarters"], int) for entry in announced)
    turned = [header["details"][place] for place in detail[kind == kinds.index("government")]]
    assert {entry["direction"] for entry in turned} == {"sovereigntist", "internationalist"}


def test_who_leaves_is_seen_in_its_ties(full: Recorded) -> None:
    actor = full.facts["actors"][0]
    assert full.facts["states"][actor] == "USA"
    aimed = full.facts["shocked"]
    before, after = full.ties[0][actor, aimed], full.ties[20][actor, aimed]
    assert (before == packed_run.TAKES_PART).sum() > 40
    assert np.isin(after, (packed_run.LEAVING, packed_run.AWAY, packed_run.LEFT)).sum() > 20


def test_clubs_come_and_bodies_end(full: Recorded) -> None:
    founders = np.array(full.facts["founders"])
    clubs = np.flatnonzero(founders >= 0)
    assert clubs.size
    assert (full.life[0][founders < 0] == packed_run.LIVES).all()
    for club in clubs:
        lives = full.life[:, club]
        assert (np.diff(lives > 0).astype(int) >= 0).all()  # never before its founding again
        assert (lives > 0).any()
    assert all(np.isnan(full.bodies[quarter][:, full.life[quarter] == 0]).all() for quarter in range(full.quarters))


def test_a_run_of_the_full_world_is_small(full: Recorded) -> None:
    assert full.ties.shape[:2] == (61, 193)
    assert len(pack(full)) < 100_000


def test_packing_is_the_same_every_time_and_survives_a_process(run: Recorded, experiment: Experiment) -> None:
    assert pack(run) == pack(record(experiment, 1)) == pack(pickle.loads(pickle.dumps(run)))
    assert pack(run) != pack(record(experiment, 2))


def test_a_twin_has_no_shock_and_looks_at_the_same_bodies(run: Recorded, experiment: Experiment) -> None:
    twin = record(experiment, 1, twin=True)
    assert twin.twin
    assert twin.facts["shocked"] == run.facts["shocked"]
    assert twin.measures == run.measures
    actor, aimed = run.facts["actors"][0], run.facts["shocked"]
    assert (run.ties[-1][actor, aimed] != twin.ties[-1][actor, aimed]).any()
    header, found = unpack(pack_series(run, twin))
    chosen = [run.measures.index(name) for name in header["measures"]]
    np.testing.assert_array_equal(found["series"], np.stack([run.series, twin.series])[..., chosen].astype("f4"))
    assert len(unpack(pack_series(run))[1]["series"]) == 1


def test_a_world_without_shock_has_no_shocked_measures() -> None:
    quiet = record(load_experiment("base", [*SMALL, "quarters=3"]))
    header, _ = unpack(pack(quiet))
    assert quiet.facts["actors"] == []
    assert header["measures"]
    assert not [name for name in header["measures"] if name.startswith("shocked.")]


def test_values_beyond_the_range_of_codes_are_clipped_not_wrapped() -> None:
    values = np.array([[[0.0, 1e9]], [[np.nan, 5.0]]])
    (block,) = packed_run.field_blocks("state", {"x": packed_run.Scale(1.0)}, values)
    assert block.codes.tolist() == [[1, 65_535], [0, 6]]


def test_planes_wrap_around() -> None:
    block = packed_run.Block("x", np.array([[65_535, 0], [0, 65_535], [300, 7]], np.uint16), runs_on=True)
    entry = {"shape": [3, 2], "runs_on": True, "step": 0.0, "low": 0.0, "log": False}
    assert packed_run.decode_block(packed_run.byte_planes(block), entry).tolist() == block.codes.tolist()
    assert len(packed_run.byte_planes(block)) == 12
