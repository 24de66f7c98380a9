"""Trials of votes: arrears and Article 19, and the swing of voting agreement with a change of government."""

import numpy as np

from abm.calendar import parse_quarter
from abm.measures import names
from abm.simulation import Record, Simulation
from abm.state.world import Array
from experiments.validation.readings import SEED, Readings, scenario

ASSEMBLY = "UN-RB"
YEARS = 12


def arrears(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Count votes lost in the Assembly each year without a shock, and hold each loss against the rule."""
    simulation = Simulation(scenario("base", f"quarters={4 * YEARS + 1}", *overrides), (SEED, number))
    world = simulation.world
    column = world.organization_codes.index(ASSEMBLY)
    billed: list[Array] = []
    lost: list[float] = []
    wrong = 0.0
    while not simulation.finished:
        owed = world.arrears[:, column].copy()
        simulation.record = Record()
        simulation.step()
        suspended = world.suspended[:, column]
        if (world.quarter - 1) % 4 == 0:
            lost.append(float(suspended.sum()))
            wrong += votes_against_rule(owed, billed, suspended, world.fragile, world.member[:, column])
        billed.append(world.due[:, column].copy())
    model = {"votes_lost": float(np.mean(lost[1:])), "wrong": wrong, "late": _date_error(number, overrides)}
    return {"model": model, "n0": None, "n1": None}


def votes_against_rule(owed: Array, billed: list[Array], suspended: Array, fragile: Array, member: Array) -> float:
    """Return how many states lose or keep their vote against the rule: owing what two full years billed.

    A waiver may keep the vote of a fragile state. Before two years are known nothing is counted.
    """
    if len(billed) < 8:
        return 0.0
    limit = np.sum(billed[-8:], axis=0)
    over = (owed >= limit * (1 - 1e-9)) & (limit > 0) & (member > 0)
    return float(((suspended > 0) & ~over).sum() + (over & (suspended == 0) & (fragile == 0)).sum())


def _date_error(number: int, overrides: tuple[str, ...]) -> float:
    """Return by how many quarters the United States loses its vote too late (too early) after it stops paying."""
    simulation = Simulation(scenario("article-19", "quarters=12", *overrides), (SEED, number))
    world = simulation.world
    usa, column = world.state_codes.index("USA"), world.organization_codes.index(ASSEMBLY)
    while not simulation.finished and world.suspended[usa, column] == 0:
        simulation.step()
    return float(world.quarter - 1 - parse_quarter("2027Q1"))


def turn(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Return how far mean agreement with the United States moves in the year after its government changes."""
    experiment = scenario("turn", "quarters=9", *overrides)
    levels = []
    row = names("system").index("agreement_with_focus")
    for one in (experiment, experiment.twin()):
        simulation = Simulation(one, (SEED, number), target=experiment)
        simulation.run()
        levels.append([values[row] for values in simulation.record.system])
    change = levels[0][-1] - levels[1][-1]
    return {"model": {"swing": float(abs(change))}, "n0": None, "n1": None}
