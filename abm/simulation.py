"""One run: a world, its plan, and the record of every quarter."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from abm.calendar import parse_quarter
from abm.config.experiment import Experiment
from abm.config.plugins import find_process
from abm.data.tables import Tables, read_tables
from abm.measures import Snapshot, means, rows, scalars
from abm.processes.base import Process
from abm.processes.scheduled_shocks import ScheduledShocks
from abm.rng import Seed
from abm.schedule import PROCESSES, inserted, plan, quarter
from abm.shocks.effects import DatedAct, dated
from abm.shocks.kinds import Act, actors, select
from abm.shocks.targets import organizations_standing_in, states_standing_in, world_names
from abm.state.world import Array, Event, Integers, World
from abm.worlds.initialize import build, tables_of
from abm.worlds.synthetic_states import ranked_codes

CHECK_EVERY = 20
"""Quarters from one check of all committed values to the next; what is not finite stays so until it is found."""


@dataclass
class Record:
    """What is kept of a run: one entry per quarter.

    `system` holds arrays (measure,), `bodies` (measure, organization), `states` (measure, state), `counted`
    (organization,); later quarters may have more organizations. `events` pairs the quarter's index with the event.
    """

    quarters: list[int] = field(default_factory=list)
    system: list[Array] = field(default_factory=list)
    bodies: list[Array] = field(default_factory=list)
    states: list[Array] = field(default_factory=list)
    counted: list[Array] = field(default_factory=list)
    alive: list[Array] = field(default_factory=list)
    codes: list[tuple[str, ...]] = field(default_factory=list)
    leaders: list[Integers] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)


class Simulation:
    """A run of an experiment with one seed. `step` runs a quarter; `run` all that are left."""

    def __init__(
        self,
        experiment: Experiment,
        seed: Seed,
        tables: Tables | None = None,
        target: Experiment | None = None,
    ) -> None:
        """Build the world and the plan.

        `target` is the experiment whose shocks say which bodies and states measures look at (the run with shocks, for
        its twin); the experiment itself by default.
        """
        self.experiment = experiment
        self.tables = tables_of(experiment) if tables is None else tables
        self.world = build(experiment, seed, self.tables)
        schedule = acts_of(experiment, self.world)
        aimed = schedule if target is None else acts_of(target, self.world)
        self.shocked, self.focus = aims(self.world, aimed)
        self.actors = np.zeros_like(self.focus)
        self.actors[[act.actor for act in aimed]] = 1.0
        self.first_exits = first_exits(self.world, aimed)
        shocks = ScheduledShocks(schedule)
        shipped = [shocks if process is ScheduledShocks else process() for process in PROCESSES.values()]
        processes = inserted(shipped, own_processes(experiment))
        values = {process.name: experiment.values_of(process) for process in processes}
        self.steps = plan(processes, values, seed, self.world)
        self.record = Record()
        self._start_position = self.world.organization_position
        self._start_leader = self.world.agenda.argmax(axis=0)

    def code_of(self, row: int, quarter_index: int) -> str:
        """Return the code that an organization's row had in a quarter, "" for no row or an unused slot."""
        codes = self.record.codes[quarter_index - self.world.start]
        return codes[row] if 0 <= row < len(codes) else ""

    @property
    def finished(self) -> bool:
        """Return whether the last quarter has been run."""
        return self.world.quarter >= self.world.start + self.experiment.quarters

    def snapshot(self) -> Snapshot:
        """Return the world as measures see it."""
        return Snapshot(self.world, self.focus, self._start_position, self._start_leader)

    def step(self) -> None:
        """Run one quarter and record it."""
        world = self.world
        age = world.quarter - world.start
        checked = age % CHECK_EVERY == 0 or age == self.experiment.quarters - 1
        self.record.events += [(world.quarter, event) for event in quarter(world, self.steps, checked)]
        snapshot = self.snapshot()
        self.record.quarters.append(world.quarter)
        self.record.system.append(scalars(snapshot))
        self.record.bodies.append(rows("body", snapshot))
        self.record.states.append(rows("state", snapshot))
        self.record.counted.append(world.counted)
        self.record.alive.append(world.alive.copy())
        self.record.codes.append(world.organization_codes)
        self.record.leaders.append(snapshot.leader)
        world.quarter += 1

    def run(self) -> Record:
        """Run all quarters that are left; return the record."""
        while not self.finished:
            self.step()
        return self.record

    def body_means(self, shocked: bool = False) -> Array:
        """Return means of body measures over counted (or shocked and counted) bodies; (quarter, measure)."""
        mask = self.shocked if shocked else np.ones_like(self.shocked)
        return np.array(
            [
                means(values, counted * _widened(mask, len(counted), 0.0 if shocked else 1.0))
                for values, counted in zip(self.record.bodies, self.record.counted, strict=True)
            ]
        )


def own_processes(experiment: Experiment) -> list[tuple[Process, str]]:
    """Return the user's processes in the order of the config, each with the name of the process it follows."""
    return [(find_process(entry.use, experiment.folder)(), entry.after) for entry in experiment.processes]


def _widened(mask: Array, length: int, fill: float) -> Array:
    """Return the mask with entries for organizations founded in the run; shape (organization,)."""
    return np.concatenate([mask, np.full(length - len(mask), fill)])


def acts_of(experiment: Experiment, world: World) -> list[DatedAct]:
    """Return the dated acts of an experiment's shocks, in order."""
    if not experiment.shocks:
        return []
    drawn = experiment.world.source == "synthetic"
    own = (world.state_codes, world.organization_codes[: world.built])
    names = world_names(experiment.world.folder, own if drawn else ((), ()))
    acts: list[DatedAct] = []
    for number, shock in enumerate(experiment.shocks):
        who = actors(shock.actor, names)
        bodies = select(shock.organizations, names) if isinstance(shock, Act) else ()
        if drawn:
            states_by_size, bodies_by_size = ranked_codes(read_tables())
            who = states_standing_in(who, states_by_size, own[0])
            bodies = organizations_standing_in(bodies, bodies_by_size, own[1]) if bodies else ()
        rows_ = [world.organization_codes.index(code) for code in bodies] if isinstance(shock, Act) else [-1]
        until = None if shock.until is None else parse_quarter(shock.until)
        states = [world.state_codes.index(code) for code in who]
        acts += dated(number, shock, parse_quarter(shock.announced), until, states, rows_)
    return sorted(acts, key=lambda act: (act.quarter, act.number))


def first_exits(world: World, acts: Sequence[DatedAct]) -> dict[str, int]:
    """Return the quarter of the first act on each body that shocks aim at, by code."""
    first: dict[str, int] = {}
    for act in acts:
        if act.organization >= 0:
            first.setdefault(world.organization_codes[act.organization], act.quarter)
    return first


def aims(world: World, acts: Sequence[DatedAct]) -> tuple[Array, Array]:
    """Return which bodies shocks aim at, and which states act (the largest where none does); masks of 0 and 1.

    A review aims at all that it looks at, a freeze at all bodies unless some are named.
    """
    shocked, focus = np.zeros(world.built), np.zeros(len(world.gdp))
    for act in acts:
        focus[act.actor] = 1.0
        if act.organization >= 0:
            shocked[act.organization] = 1.0
    if not acts:
        focus[int(world.capability.argmax())] = 1.0
    return shocked, focus
