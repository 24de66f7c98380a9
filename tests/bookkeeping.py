"""What must hold in every quarter of every run: accounts, bounds and shares, checked from inside the quarter."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from abm.config.reader import load_experiment
from abm.events import Event
from abm.measures import MEASURES, Snapshot, names
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.recording import Recording, Watcher, record
from abm.rng import Draws
from abm.schedule import Step
from abm.simulation import Simulation
from abm.state.fields import OF_MEMBERS
from abm.state.world import FIELDS, Array, World, check
from tests.worlds_small import WIDE, few_states

RELATIVE = 1e-9


def close(one: Array, other: Array, scale: Array | float) -> bool:
    """Return whether two amounts agree to 1e-9 of the larger of them and a scale (to a thousandth of a dollar)."""
    size = np.maximum(np.maximum(np.abs(one), np.abs(other)), scale)
    return bool((np.abs(one - other) <= RELATIVE * size + 1e-3 * RELATIVE).all())


class Ledger:
    """The accounts of a run: looks at the world before billing, after funding and after operations."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.quarters = 0
        self._arrears = self._reserves = np.empty(0)

    def note(self, held: bool, what: str, world: World) -> None:
        """Keep what does not hold."""
        if not held:
            self.wrong.append(f"{world.quarter}: {what}")

    def before_billing(self, world: World) -> None:
        self._arrears, self._reserves = world.arrears.copy(), world.reserves.copy()

    def after_funding(self, world: World) -> None:
        self.quarters += 1
        received, paid = world.assessed_income.sum(), world.paid.sum()
        self.note(close(received, paid, 0.0), f"received {received} of {paid} paid", world)
        owed = world.paid + world.arrears - self._arrears
        self.note(close(world.due, owed, world.arrears), "due is not paid + change in arrears", world)
        given = (world.voluntary + world.rescue + world.redirected + world.bought).sum(axis=0)
        others = world.private_income + world.other_income * world.alive - world.private_withdrawn
        parts = world.assessed_income + given + others
        self.note(close(world.income, parts, 0.0), "income is not the sum of its parts", world)

    def after_operations(self, world: World) -> None:
        change, kept = world.reserves - self._reserves, world.income - world.spending
        scale = np.maximum(world.reserves, world.income)
        self.note(close(change, kept, scale), "change of reserves is not income - spending", world)

    def after_quarter(self, world: World) -> None:
        """Check bounds of all fields and sums of shares at the end of a quarter."""
        for name in FIELDS:
            try:
                check(name, getattr(world, name), world)
            except ValueError as error:
                self.wrong.append(f"{world.quarter}: {error}")
        outside = (world.member == 0) & (world.exit_form < 2)
        for name in OF_MEMBERS:
            empty = (getattr(world, name) == FIELDS[name].fill) | ~outside
            self.note(bool(empty.all()), f"{name} without membership at {np.argwhere(~empty)[:3].tolist()}", world)
        posts = world.posts_share.sum(axis=0) + world.vacancy
        self.note(bool((posts <= 1 + RELATIVE).all()), "more than all posts", world)
        agenda = world.agenda_share.sum(axis=0)
        whole = (np.abs(agenda - 1) < RELATIVE) | (np.abs(agenda) < RELATIVE)
        self.note(bool(whole.all()), "agenda shares do not sum to 1 or 0", world)


class _Look(Process):
    """A process that changes nothing and lets a ledger look at the world."""

    def __init__(self, look: object) -> None:
        self.look = look
        self.name = getattr(look, "__name__", "look")  # type: ignore[misc]

    def propose(self, world: World, values: Parameters, draws: Draws) -> Proposal:
        self.look(world)  # type: ignore[operator]
        return Proposal()


def audited(simulation: Simulation) -> Ledger:
    """Let a ledger look into every quarter of a run; return it. `run_audited` runs it."""
    ledger = Ledger()
    looks = {
        "exits": ledger.before_billing,
        "funding": ledger.after_funding,
        "operations": ledger.after_operations,
    }
    world, steps = simulation.world, []
    for step in simulation.steps:
        steps.append(step)
        if step.process.name in looks:
            draws = Draws((0, 0), "look", world.state_ids, world.organization_ids)
            steps.append(Step(_Look(looks[step.process.name]), Parameters(), draws))
    simulation.steps = steps
    return ledger


class Audit(Watcher):
    """Looks into the ledger after every quarter."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        self._ledger.after_quarter(snapshot.world)


def run_audited(simulation: Simulation) -> list[str]:
    """Run a simulation to its end; return what did not hold in any quarter, and whether it was looked at."""
    return audited_recording(simulation)[1]


def audited_recording(simulation: Simulation) -> tuple[Recording, list[str]]:
    """Run a simulation to its end; return its recording, and what did not hold in any quarter."""
    ledger = audited(simulation)
    recording = record(simulation, Audit(ledger))
    if ledger.quarters != simulation.experiment.quarters:
        ledger.wrong.append(f"only {ledger.quarters} quarters were looked at")
    return recording, ledger.wrong


def outside(recording: Recording) -> list[str]:
    """Return measures outside their declared range in any quarter of a run; NaN means "does not apply"."""
    series, found = recording.series, set()
    for kind, rows in (("body", series.bodies), ("state", series.states), ("system", series.system)):
        for place, name in enumerate(names(kind)):
            measure = MEASURES[name]
            for quarter, values in zip(series.quarters, rows, strict=True):
                here = np.atleast_1d(values[place])
                here = here[~np.isnan(here)] if kind == "body" else here
                slack = RELATIVE * max(1.0, float(np.abs(here).max(initial=0.0)))
                inside = (here >= measure.low - slack) & (here <= measure.high + slack) & np.isfinite(here)
                if not inside.all():
                    found.add(f"{name} is {here[~inside][0]} in {quarter}, range {measure.low} to {measure.high}")
    return sorted(found)


@cache
def scenario_run(name: str, quarters: int | None = None) -> tuple[Recording, list[str]]:
    """Return an audited run of a shipped scenario, with what did not hold.

    It takes place in the scenario's own world. One of fewer `quarters` does so among few states, if they act in it.
    """
    experiment = load_experiment(name)
    seed = experiment.seed, 0
    if quarters is None:
        return audited_recording(Simulation(experiment, seed))
    few = None if name in WIDE else few_states()
    return audited_recording(Simulation(experiment.model_copy(update={"quarters": quarters}), seed, few))
