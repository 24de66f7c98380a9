"""Money of the bodies that shocks aim at, quarter by quarter, and how much of what is lost others give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.calendar import parse_quarter
from abm.config.experiment import Experiment
from abm.simulation import Simulation
from abm.state.world import Array, World
from experiments.runs.outcomes import refill

REFILL_TIMES = (4, 12)


@dataclass(frozen=True)
class Flows:
    """Who paid what to the bodies with money that shocks aim at.

    `by_body` maps a code to USD per quarter, shape (quarter, donor); the last donor is private money. `aims` holds the
    quarter of the first act on each body, `actors` who acts, `budgets` USD per year at rest, `rest` the money at rest,
    shape (donor,).
    """

    by_body: dict[str, Array]
    aims: dict[str, int]
    actors: tuple[str, ...]
    budgets: dict[str, float]
    rest: dict[str, Array]
    donors: tuple[str, ...]


def follow(simulation: Simulation, each_quarter: Callable[[], None] | None = None) -> Flows:
    """Run a simulation to its end and return the money of the bodies that its shocks aim at.

    `each_quarter` is called after every quarter; what it raises ends the run.
    """
    world = simulation.world
    aimed = {world.organization_codes[row]: int(row) for row in np.flatnonzero(simulation.shocked * world.full)}
    budgets = {code: 4 * float(world.rest_budget[row]) for code, row in aimed.items()}
    rest = {code: _resting_money(world, row) for code, row in aimed.items()}
    flows: dict[str, list[Array]] = {code: [] for code in aimed}
    while not simulation.finished:
        simulation.step()
        if each_quarter is not None:
            each_quarter()
        for code, given in zip(aimed, _money(world, [*aimed.values()]), strict=True):
            flows[code].append(given)
    actors = tuple(code for code, acts in zip(world.state_codes, simulation.actors, strict=True) if acts)
    by_body = {code: np.array(rows) for code, rows in flows.items()}
    return Flows(by_body, simulation.first_exits, actors, budgets, rest, (*world.state_codes, "private"))


def _money(world: World, rows: Sequence[int]) -> list[Array]:
    """Return all money to some bodies by donor, private money last, USD per quarter; one array (state + 1,) a body."""
    given = world.money
    return [np.append(given[:, row], world.private_income[row]) for row in rows]


def before(flows: Flows, experiment: Experiment) -> dict[str, Array]:
    """Return what stands for the twin where there is none: the mean flows of the four quarters before the first act."""
    start = parse_quarter(experiment.world.start)
    found = {}
    for code, given in flows.by_body.items():
        first = flows.aims[code] - start
        usual = given[max(0, first - 4) : first] if first > 0 else flows.rest[code][None]
        found[code] = np.broadcast_to(usual.mean(axis=0), given.shape)
    return found


def _resting_money(world: World, column: int) -> Array:
    """Return all money to one body by donor at rest, USD per quarter; shape (state + 1,)."""
    return np.append(world.dues_rate[:, column] * world.member[:, column] + world.rest_voluntary[:, column], 0.0)


def refills(flows: Flows, twin: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return refill of every shocked body with money, by time after the loss; `twin` are the flows without it."""
    leavers = np.array([float(donor in flows.actors) for donor in flows.donors])
    found = []
    for code, budget in flows.budgets.items():
        lost = float(((twin[code] - flows.by_body[code]) @ leavers).max(initial=0.0)) * 4 / max(budget, 1.0)
        for after in REFILL_TIMES:
            outcome = refill(flows.by_body[code], twin[code], leavers, budget, after)
            if outcome is not None:
                value, parts = outcome
                found.append({"organization": code, "after": after, "value": value, "parts": parts, "lost_share": lost})
    return found
