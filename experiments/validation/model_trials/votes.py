"""Trials of votes: arrears and Article 19, and the swing of voting agreement with a change of government."""

from collections.abc import Callable

import numpy as np

from abm.calendar import parse_quarter
from abm.comparison import compare
from abm.measures import Snapshot
from abm.recording import FieldValues
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.validation.readings import SEED, Readings, scenario

ASSEMBLY = "UN-RB"
YEARS = 12


def arrears(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Count votes lost in the Assembly each year without a shock, and hold each loss against the rule."""
    simulation = Simulation(scenario("base", f"quarters={4 * YEARS + 1}", *overrides), (SEED, number))
    kept = _assembly(simulation, "arrears", "suspended", "due", "member")
    lost: list[float] = []
    wrong = 0.0
    for place in range(simulation.experiment.quarters):
        if (simulation.world.start + place) % 4 == 0:
            suspended = kept["suspended"][place + 1]
            lost.append(float(suspended.sum()))
            owed, billed, member = kept["arrears"][place], kept["due"][1 : place + 1], kept["member"][place + 1]
            wrong += votes_against_rule(owed, billed, suspended, simulation.world.fragile, member)
    model = {"votes_lost": float(np.mean(lost[1:])), "wrong": wrong, "late": _date_error(number, overrides)}
    return {"model": model, "n0": None, "n1": None}


def _assembly(simulation: Simulation, *fields: str) -> dict[str, Array]:
    """Run to the end; return fields of the Assembly at the start and after each quarter, (quarter + 1, state)."""
    column = simulation.world.organization_codes.index(ASSEMBLY)

    def taken(name: str) -> Callable[[Snapshot], Array]:
        return lambda snapshot: getattr(snapshot.world, name)[:, column]

    kept = FieldValues({name: taken(name) for name in fields}, start=True)
    simulation.run([kept])
    return kept.values


def votes_against_rule(owed: Array, billed: Array, suspended: Array, fragile: Array, member: Array) -> float:
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
    suspended = _assembly(simulation, "suspended")["suspended"][1:, simulation.world.state_codes.index("USA")]
    first = int(suspended.argmax()) if suspended.any() else len(suspended) - 1
    return float(simulation.world.start + first - parse_quarter("2027Q1"))


def turn(number: int, overrides: tuple[str, ...] = ()) -> Readings:
    """Return how far mean agreement with the United States moves in the year after its government changes."""
    experiment = scenario("turn", "quarters=9", *overrides)
    change = compare(experiment, number, SEED).changes["mean_agreement_with_actor"]
    return {"model": {"swing": float(abs(change))}, "n0": None, "n1": None}
