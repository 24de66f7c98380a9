"""Worlds small enough to compute by hand, luck that a test dictates, and a cut-out of the real world."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from abm import simulation
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.data.frames import framed
from abm.data.world_tables import Tables, read_tables
from abm.events import Event
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.processes.scheduled_shocks import ScheduledShocks
from abm.rng import Draws, stream
from abm.schedule import PROCESSES, Step, commit, plan, quarter
from abm.shocks.kinds import SHOCKS, Shock
from abm.shocks.targets import DatedAct, expand_shock
from abm.state.world import FIELDS, SIZES, Array, World
from abm.worlds import initialize

START = 8100
"""2025Q1."""

# At this setting nothing happens by chance: nobody leaves, lapses, threatens, turns, dies or founds.
QUIET: dict[str, dict[str, Any]] = {
    "politics": {"turnover_probability": 0.0},
    "dues": {"lapse_rate": 0.0},
    "funding": {"climate_spread": 0.0, "chance_spread": 0.0},
    "vitality": {"death_log_odds": -12.0, "inactivity_log_odds": 0.0},
    "voice": {"threat_rate": 0.0},
    "membership": {"intercept": -12.0, "coefficient_spread": 0.0, "return_rate": 0.0, "new_party_return_rate": 0.0,
                   "contagion_log_odds": 0.0, "legitimacy_log_odds": 0.0, "review_bar": 1.0},
    "clubs": {"intercept": -20.0},
}  # fmt: skip


def small_world(states: int = 3, organizations: int = 2, issues: int = 1, **fields: ArrayLike) -> World:
    """Return a world at rest: all states alike, members of every body, nobody owes or gives anything.

    Keywords set fields; their values are broadcast to the field's shape.
    """
    lengths = {"state": states, "organization": organizations, "issue": issues, **SIZES}
    arrays = {
        name: np.full([lengths[dimension] for dimension in declared.dims], declared.fill, float)
        for name, declared in FIELDS.items()
    }
    everybody = np.ones((states, organizations))
    share = everybody / states
    resting: dict[str, ArrayLike] = {
        "capability": 1 / states, "initial_capability": 1 / states, "gdp": 1e12, "programme_need": 1 / states,
        "salience": 1.0, "problem_share": 1 / states, "ambition": 1.0, "bloc": -1.0, "term": 16.0,
        "distance_aversion": 0.5, "next_election": START + 1000, "first_party": -1.0, "party": -1.0,
        "central_sovereigntism": 0.5,
        "sovereigntism": 0.5, "government_age": 4.0, "willingness": 1.0, "credibility": 1.0, "notice_rule": 4.0,
        "members_known": 1.0, "alive": 1.0, "founded": 4 * 1945.0, "autonomy": 0.4, "technical": 0.5,
        "elasticity": 1.0, "staff_size": 20.0, "initial_effectiveness": 0.6, "reference_members": states,
        "initial_coverage": 0.8, "reference_presence": 1.0, "session": 2.5,
        "member": everybody, "participation": everybody,
        "expert_share": share, "posts_share": share, "agenda_share": share, "reference_commitment": 0.8,
        "commitment": 0.8, "initial_agreement": 1.0, "agreement": 1.0, "voting_habit": 1.0,
        "initial_trust": np.eye(states), "trust": np.eye(states),
    }  # fmt: skip
    for name, values in (resting | fields).items():
        arrays[name] = np.broadcast_to(np.asarray(values, float), arrays[name].shape).copy()
    return World(
        **arrays,
        quarter=START,
        start=START,
        state_codes=tuple(f"S{row}" for row in range(states)),
        state_names=tuple(f"State {row}" for row in range(states)),
        organization_codes=tuple(f"O{row}" for row in range(organizations)),
        organization_names=tuple(f"Body {row}" for row in range(organizations)),
        issues=tuple(f"issue-{row}" for row in range(issues)),
        state_ids=np.arange(states),
        organization_ids=np.arange(organizations),
    )


def poke(world: World, name: str, index: Any, value: ArrayLike) -> None:
    """Give some cells of a field another value: the world's arrays themselves cannot be written into."""
    values = getattr(world, name).copy()
    values[index] = value
    setattr(world, name, values)


class Luck(Draws):
    """Draws that a test dictates: each keyword holds its numbers, the same along the axes it lacks."""

    def __init__(
        self,
        world: World,
        *,
        states: ArrayLike = 0.5,
        normals: ArrayLike = 0.0,
        organization_normals: ArrayLike = 0.0,
        organizations: ArrayLike = 0.5,
        pairs: ArrayLike = 0.5,
        fixed: ArrayLike = 0.5,
        fixed_normals: ArrayLike = 0.0,
    ) -> None:
        super().__init__((0, 0), "luck", world.state_ids, world.organization_ids)
        self._given = {
            "states": states, "normals": normals, "organizations": organizations, "pairs": pairs, "fixed": fixed,
            "fixed_normals": fixed_normals, "organization_normals": organization_normals,
        }  # fmt: skip

    def _told(self, name: str, *shape: int) -> Array:
        given = np.asarray(self._given[name], float)
        given = given.reshape(given.shape + (1,) * (len(shape) - given.ndim)) if given.ndim else given
        return np.broadcast_to(given, shape).copy()

    def states(self, *shape: int) -> Array:
        return self._told("states", len(self._states), *shape)

    def state_normals(self, *shape: int) -> Array:
        return self._told("normals", len(self._states), *shape)

    def organizations(self, founded: Sequence[str], *shape: int) -> Array:
        return self._told("organizations", len(self._organizations) + len(founded), *shape)

    def organization_normals(self, founded: Sequence[str]) -> Array:
        return self._told("organization_normals", len(self._organizations) + len(founded))

    def fixed_normals(self, count: int) -> Array:
        return self._told("fixed_normals", count)

    def fixed_uniforms(self, count: int) -> Array:
        return self._told("fixed", count)

    def pairs(self, founded: Sequence[str]) -> Array:
        return self._told("pairs", len(self._states), len(self._organizations) + len(founded))


def parameters(name: str, **values: Any) -> Parameters:
    """Return the parameters of a process, quiet where chance is concerned unless values say otherwise."""
    return PROCESSES[name].parameters(**(QUIET.get(name, {}) | values))


def proposed(name: str, world: World, luck: Luck | None = None, **values: Any) -> Proposal:
    """Return what a process proposes under given parameters and luck."""
    return PROCESSES[name]().propose(world, parameters(name, **values), luck or Luck(world))


def after(name: str, world: World, luck: Luck | None = None, **values: Any) -> World:
    """Return a copy of the world after one process has proposed and its proposal has been committed."""
    later = dataclasses.replace(world)
    commit(later, PROCESSES[name](), proposed(name, world, luck, **values))
    return later


def record(kind: str, **values: Any) -> Shock:
    """Return a shock of a kind; actor and bodies are rows that `acts` is told, their names do not matter."""
    needed: dict[str, Any] = {"kind": kind, "announced": "2025Q1"}
    if "organizations" in SHOCKS[kind].model_fields:
        needed["organizations"] = ["O0"]
    return SHOCKS[kind].model_validate(needed | values)


def acts(
    shock: Shock,
    world: World,
    rows: Sequence[int] = (0,),
    actors: Sequence[int] = (0,),
    until: int | None = None,
    number: int = 0,
) -> list[DatedAct]:
    """Return the dated acts of a shock announced in the world's quarter."""
    return expand_shock(number, shock, world.quarter, until, actors, rows)


def acted(
    world: World, schedule: Sequence[DatedAct], luck: Luck | None = None, **values: Any
) -> tuple[World, list[Event]]:
    """Return the world after the acts of its quarter, and their events."""
    process = ScheduledShocks(schedule)
    proposal = process.propose(world, parameters("scheduled_shocks", **values), luck or Luck(world))
    later = dataclasses.replace(world)
    commit(later, process, proposal)
    return later, proposal.events


def full_plan(world: World, schedule: Sequence[DatedAct] = (), **changes: dict[str, Any]) -> list[Step]:
    """Return the plan of all processes, quiet, with further parameters by process."""
    shocks = ScheduledShocks(schedule)
    processes: list[Process] = [shocks if cls is ScheduledShocks else cls() for cls in PROCESSES.values()]
    values = {name: parameters(name, **changes.get(name, {})) for name in PROCESSES}
    return plan(processes, values, (1, 0), world)


def run_quarter(world: World, steps: list[Step]) -> list[Event]:
    """Run one quarter in place, the clock included; return its events."""
    events = quarter(world, steps)
    world.quarter += 1
    return events


# --- the real world, cut down

STATES = ("AFG", "BGD", "BRA", "CHN", "DEU", "FRA", "GBR", "HTI", "IND", "JPN", "KEN", "RUS", "USA", "ZAF")
BODIES = (
    "UN-RB", "UN-PKO", "OHCHR", "WHO", "UNESCO", "IMO", "IFAD", "WTO", "ICC", "UNICEF", "UNFCCC", "Paris Agreement",
    "IPCC", "OECD", "UNHRC", "ISA Solar",
)  # fmt: skip


OTHERS = (
    "ARG", "AUS", "CAN", "EGY", "ETH", "IDN", "ISR", "ITA", "KOR", "MEX", "NGA", "NOR", "PAK", "SAU", "TUR", "URY",
)  # fmt: skip
"""States that act in shipped scenarios, and such as give and take, near to one another and far apart."""
WIDE = {"eu-exit", "fragmentation"}
"""Scenarios in which further states act."""


@cache
def few_states() -> Tables:
    """Return the built-in world with 30 of its states and all organizations: a run takes a fifth of the time."""
    tables = read_tables()
    return narrowed(tables, (*STATES, *OTHERS), framed(tables).organizations["code"].tolist())


@contextmanager
def among_few_states() -> Iterator[None]:
    """Let whatever runs in this process take place among few states where it would in the built-in world."""
    built_in = initialize.tables_of

    def tables_of(experiment: Experiment) -> Tables:
        return few_states() if experiment.world.source == "real" else built_in(experiment)

    with pytest.MonkeyPatch.context() as patch:
        for module in (initialize, simulation):
            patch.setattr(module, "tables_of", tables_of)
        yield


@cache
def cut_tables() -> Tables:
    """Return the tables of 14 states and 16 bodies of the real world: every kind, rule and form of exit."""
    return narrowed(read_tables(), STATES, BODIES)


def narrowed(tables: Tables, states: Sequence[str], bodies: Sequence[str]) -> Tables:
    """Return the rows of some states and bodies, in the order given, with the draw ids of the cut-out's own order."""
    frames = framed(tables)
    state_rows = _placed(frames.states, states)
    body_rows = _placed(frames.organizations, bodies)
    places = frames.states["code"].tolist()
    index = [places.index(code) for code in states]

    def inside(frame: pd.DataFrame, **columns: Sequence[str]) -> pd.DataFrame:
        kept = np.logical_and.reduce([frame[column].isin(known) for column, known in columns.items()])
        return frame[kept].reset_index(drop=True)

    return dataclasses.replace(
        frames,
        states=state_rows,
        organizations=body_rows,
        membership=inside(frames.membership, state=states, organization=bodies),
        contributions=inside(frames.contributions, state=states, organization=bodies),
        agreement=frames.agreement[np.ix_(index, index)],
        revenues=inside(frames.revenues, organization=bodies),
        purses=inside(frames.purses, state=[*states, ""]),
        private=inside(frames.private, state=states, organization=bodies),
        dependence=inside(frames.dependence, organization=bodies, depends_on=bodies),
        alliances=inside(frames.alliances, state_a=states, state_b=states),
    ).tables()


def _placed(table: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Return the rows of codes in their order; a draw id follows its row."""
    known = table if "draw_id" in table else table.assign(draw_id=-1)
    rows = known.set_index("code").loc[list(codes)].reset_index()
    if (rows["draw_id"] < 0).any():
        rows["draw_id"] = np.arange(len(rows))
    return rows


def cut_experiment(**values: Any) -> Experiment:
    """Return an experiment on the real world to be run with `cut_tables`; paths with "__" for the dots."""
    return load_experiment("base").with_values({path.replace("__", "."): value for path, value in values.items()})


def random_generator(*name: str | int) -> np.random.Generator:
    """Return a generator for a test, named after it."""
    return stream((20260107, 0), "tests", *name)
