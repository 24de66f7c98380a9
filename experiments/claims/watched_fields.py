"""What claims look at beside the measures of a run: arrays of the world, in single precision, since they are large.

Organizations are those built with the world. In every quarter:

- `money` (state, organization), USD per quarter, and the fields of KEPT (state, organization);
- `spending` and `private_income`, all private money (organization,), USD per quarter;
- `trust` and roll-call `agreement` (state, state), and `deals` of a state with a leaver, (state, leaver);
- `votes`, the positions by which states vote, (state, axis), `votes_won_number` and `votes_cast_number` (state,);
- `turnover`, the probability that an election now would change the government, (state,).

Once a year: `log_odds` of exit at the published means, (state, organization).
"""

from collections.abc import Callable, Collection
from functools import partial

import numpy as np
from numpy.typing import NDArray

from abm.config.experiment import Experiment
from abm.measures import Snapshot
from abm.processes.membership import Membership, MembershipParameters, exit_log_odds
from abm.processes.politics import Politics, turnover_probability
from abm.recording import FieldValues, Recording, record_each
from abm.simulation import Simulation
from abm.state.world import Array, World

KEPT = ("agenda_share", "participation", "commitment", "legitimacy")
HAZARD_EVERY = 4
"""Quarters from one record of the log-odds of exit to the next."""


def record_for_claims(
    experiment: Experiment, replicate: int, lengths: Collection[int], is_twin: bool = False
) -> dict[int, Recording]:
    """Run an experiment; return, by length in quarters, what runs of some lengths leave, with what claims look at."""
    simulation = Simulation(experiment, (experiment.seed, replicate))
    return record_each(simulation, lengths, *watchers(simulation), is_twin=is_twin)


def watchers(simulation: Simulation) -> tuple[FieldValues, FieldValues]:
    """Return the observers that take the fields: those of every quarter, and those of every year."""
    coefficients = simulation.drawn.values_of(Membership)
    yearly = {"log_odds": partial(_single, function=partial(hazard, values=coefficients))}
    return FieldValues(_quarterly(simulation)), FieldValues(yearly, every=HAZARD_EVERY)


def hazard(world: World, values: MembershipParameters) -> Array:
    """Return the yearly log-odds of exit at the published means of the coefficients; shape (state, organization)."""
    return exit_log_odds(world, values, np.zeros(3))[:, : world.built]


def _quarterly(simulation: Simulation) -> dict[str, Callable[[Snapshot], NDArray[np.float32]]]:
    """Return what is taken in every quarter."""
    built, politics = simulation.world.built, simulation.drawn.values_of(Politics)
    parts: dict[str, Callable[[World], Array]] = {
        "money": lambda world: world.money[:, :built],
        "spending": lambda world: world.spending[:built],
        "private_income": lambda world: world.private_money[:built],
        "votes_won_number": lambda world: world.votes_won,
        "votes_cast_number": lambda world: world.votes_cast,
        "trust": lambda world: world.trust,
        "agreement": lambda world: world.agreement,
        "deals": lambda world: world.deals,
        "votes": lambda world: world.voting_position,
        "turnover": lambda world: turnover_probability(world, politics),
    }
    parts |= {name: partial(_of_built, name=name) for name in KEPT}
    return {name: partial(_single, function=function) for name, function in parts.items()}


def _of_built(world: World, name: str) -> Array:
    """Return a field of state and organization."""
    return np.asarray(getattr(world, name)[:, : world.built])


def _single(snapshot: Snapshot, function: Callable[[World], Array]) -> NDArray[np.float32]:
    """Return what a function gives of the world, in single precision."""
    return function(snapshot.world).astype(np.float32)
