"""What a run does not depend on: the order and the names of rows, the process it runs in, what comes later."""

import dataclasses
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.data.frames import Frames, framed
from abm.data.world_tables import Tables, read_tables
from abm.data.write_world import write_tables
from abm.recording import Recording, record
from abm.simulation import Simulation
from abm.state.world import FIELDS, World
from tests.worlds_small import BODIES, STATES, cut_experiment, cut_tables, narrowed, random_generator

SHOCKS: list[dict[str, Any]] = [
    {"kind": "exit", "actor": "USA", "organizations": ["WHO", "UNFCCC", "IPCC"], "announced": "2025Q3",
    "notice_quarters": 2},
    {"kind": "threaten", "actor": "BRA", "organizations": ["WTO", "IMO"], "announced": "2025Q3",
    "deadline_quarters": 2},
    {"kind": "rhetoric", "actor": "CHN", "organizations": ["UN-PKO"], "announced": "2025Q4"},
    {"kind": "return", "actor": "USA", "organizations": ["WHO"], "announced": "2026Q3"},
]  # fmt: skip
LIVELY = {"clubs.intercept": -2.5, "voice.threat_rate": 0.02, "dues.lapse_rate": 0.5, "membership.intercept": -4.5}
SEED = (11, 0)


def lively(**values: Any) -> Experiment:
    return cut_experiment(quarters=12, **({"shocks": SHOCKS} | values)).with_values(LIVELY)


def run(experiment: Experiment, tables: Tables | None = None, seed: tuple[int, int] = SEED) -> Recording:
    return record(Simulation(experiment, seed, tables))


def fingerprint(recording: Recording) -> str:
    """Return a digest of the recording and of every field at the end."""
    series, digest = recording.series, hashlib.sha256()
    for part in (*series.system, *series.bodies, *series.states, *series.in_scope):
        digest.update(np.ascontiguousarray(part).tobytes())
    for name in FIELDS:
        digest.update(getattr(recording.simulation.world, name).tobytes())
    digest.update(repr(recording.events).encode())
    return digest.hexdigest()


def story(recording: Recording, names: dict[str, str] | None = None) -> Counter[tuple[Any, ...]]:
    """Return the events with codes for rows, in any order; `names` translates codes."""
    world, found = recording.simulation.world, names or {}

    def code(codes: tuple[str, ...], row: int) -> str:
        return found.get(codes[row], codes[row]) if row >= 0 else ""

    def text(detail: str) -> str:
        return "/".join(found.get(part, part) for part in detail.split("/"))

    return Counter(
        (quarter, event.kind, code(world.state_codes, event.actor), text(event.code), text(event.detail))
        for quarter, event in recording.events
    )


def placed(world: World, name: str, states: list[int], bodies: list[int]) -> np.ndarray[Any, Any]:
    """Return a field with its rows in another order."""
    values = getattr(world, name)
    for axis, dimension in enumerate(FIELDS[name].dims):
        if dimension in ("state", "organization"):
            values = np.take(values, states if dimension == "state" else bodies, axis=axis)
    return values


ROWS = {"bloc", "parent", "founder"}  # hold row numbers or labels of groups, which move with the rows


def check_same_world(one: World, other: World) -> None:
    """Compare two worlds row by row, by code; founded bodies by name."""
    states = [other.state_codes.index(code) for code in one.state_codes]
    alive = [row for row, code in enumerate(one.organization_codes) if code]
    bodies = [other.organization_codes.index(one.organization_codes[row]) for row in alive]
    for name in FIELDS.keys() - ROWS:
        mine = placed(one, name, list(range(len(states))), alive)
        theirs = placed(other, name, states, bodies)
        scale = max(1.0, float(np.abs(mine).max(initial=0.0)))
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9 * scale, err_msg=name)


@pytest.mark.parametrize("seed", range(6))
def test_order_of_rows_changes_nothing_but_labels(seed: int) -> None:
    luck, experiment = random_generator("permutation", seed), lively()
    states, bodies = luck.permutation(STATES).tolist(), luck.permutation(BODIES).tolist()
    one = run(experiment, cut_tables(), (seed, 0))
    other = run(experiment, narrowed(cut_tables(), states, bodies), (seed, 0))
    assert story(one) == story(other)
    check_same_world(one.simulation.world, other.simulation.world)
    np.testing.assert_allclose(np.array(one.series.system), np.array(other.series.system), rtol=1e-9, atol=1e-9)


def renamed(tables: Frames, names: dict[str, str]) -> Frames:
    """Return the tables with other codes."""
    frames = {
        field.name: getattr(tables, field.name).replace(names)
        for field in dataclasses.fields(tables)
        if field.name not in ("agreement", "lists", "basis")
    }
    lists = {name: tuple(names.get(code, code) for code in codes) for name, codes in tables.lists.items()}
    return dataclasses.replace(tables, lists=lists, **frames)


def test_names_of_rows_change_nothing_but_labels(tmp_path: Path) -> None:
    """A user's world, and the same with the codes of a state and a body changed."""
    names = {"USA": "X-1", "WHO": "Z 9", "CHN": "AAA"}
    plain = framed(cut_tables())
    rates = plain.states.assign(un_rate=plain.states["un_rate"] * 100 / plain.states["un_rate"].sum())
    lists = {name: tuple(code for code in codes if code in BODIES) for name, codes in plain.lists.items()}
    plain = dataclasses.replace(plain, states=rates.drop(columns="draw_id"), lists=lists, basis=plain.basis.iloc[:0],
                                organizations=plain.organizations.drop(columns="draw_id"))  # fmt: skip
    write_tables(plain.tables(), tmp_path / "plain")
    write_tables(renamed(plain, names).tables(), tmp_path / "renamed")
    shocks = [
        shock | {"actor": names.get(shock["actor"], shock["actor"]),
                 "organizations": [names.get(code, code) for code in shock["organizations"]]}
        for shock in SHOCKS
    ]  # fmt: skip

    def experiment(folder: str, acts: list[dict[str, Any]]) -> Experiment:
        world = {"source": "tables", "folder": str(tmp_path / folder)}
        return load_experiment({"world": world, "quarters": 12, "shocks": acts}).with_values(LIVELY)

    one, other = run(experiment("plain", SHOCKS)), run(experiment("renamed", shocks))
    assert "X-1" in read_tables(tmp_path / "renamed").states["code"]
    assert story(one, names) == story(other)
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(one.simulation.world, name),
            getattr(other.simulation.world, name),
            rtol=1e-9,
            atol=1e-9,
            err_msg=name,
        )


def test_twin_is_the_base_run() -> None:
    experiment = lively()
    twin = record(Simulation(experiment.twin(), SEED, cut_tables(), target=experiment))
    base = run(lively(shocks=[]), cut_tables())
    assert story(twin) == story(base)
    for name in FIELDS:
        assert getattr(twin.simulation.world, name).tobytes() == getattr(base.simulation.world, name).tobytes(), name
    assert twin.series.bodies[0].shape == base.series.bodies[0].shape


def test_shock_acts_on_nothing_before_it_is_announced() -> None:
    """Run and twin are equal, bit by bit, until the quarter of the announcement, and differ in it."""
    experiment = lively()
    one, twin = (Simulation(each, SEED, cut_tables(), target=experiment) for each in (experiment, experiment.twin()))
    for quarter in range(3):
        one.step()
        twin.step()
        same = [getattr(one.world, name).tobytes() == getattr(twin.world, name).tobytes() for name in FIELDS]
        assert all(same) == (quarter < 2), quarter


def test_shock_on_one_body_leaves_the_luck_of_others_alone() -> None:
    """Elections and lapses, which no shock reaches here, are the same in run and twin."""
    shocks = [{"kind": "exit", "actor": "USA", "organizations": ["WHO"], "announced": "2025Q2", "notice_quarters": 1}]
    one, twin = run(lively(shocks=shocks), cut_tables()), run(lively(shocks=[]), cut_tables())
    assert one.simulation.world.party.tolist() == twin.simulation.world.party.tolist()
    assert one.simulation.world.lapsing.tolist() == twin.simulation.world.lapsing.tolist()
    assert story(one) != story(twin)


def test_same_seed_same_run_and_other_seeds_differ() -> None:
    experiment = lively()
    prints = [fingerprint(run(experiment, cut_tables(), seed)) for seed in ((1, 0), (1, 0), (2, 0), (1, 1))]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


PROGRAM = """
from tests.property.test_symmetry import SEED, cut_tables, fingerprint, lively, run
print(fingerprint(run(lively(), cut_tables(), SEED)))
"""


def test_another_process_gives_the_same_run(root: Path) -> None:
    found = subprocess.run([sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == fingerprint(run(lively(), cut_tables(), SEED))


IDLE = '''
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal


class Idle(Process):
    """Draws and does nothing."""

    name = "idle"
    parameters = Parameters

    def propose(self, world, values, draws):
        draws.states(3)
        draws.pairs(world.slot_keys)
        return Proposal()
'''


@pytest.mark.parametrize("after", ["scheduled_shocks", "funding", "trust"])
def test_idle_process_leaves_everything_else_alone(tmp_path: Path, after: str) -> None:
    (tmp_path / f"idle_{after}.py").write_text(IDLE, encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(
        f"extends: base\nprocesses:\n  - {{use: 'idle_{after}:Idle', after: {after}}}\n", encoding="utf-8"
    )
    idle = load_experiment(config).with_values({"quarters": 12, "shocks": SHOCKS} | LIVELY)
    with_idle, without = run(idle, cut_tables()), run(lively(), cut_tables())
    assert len(with_idle.simulation.steps) == len(without.simulation.steps) + 1
    assert fingerprint(with_idle) == fingerprint(without)
