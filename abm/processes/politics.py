"""Politics: elections change the party in office, and with it sovereigntism and the position of the state.

Parties alternate in a two-party calendar (an assumption for states whose calendar is not in the tables). The size of
the turn is that of UN voting at past changes of administration (Voeten 2013; pattern 14).
"""

from typing import ClassVar, Literal

import numpy as np

from abm.events import Event
from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import government_position
from abm.state.world import Array, World


class PoliticsParameters(Parameters):
    """Parameters of elections and governments."""

    turnover_probability: float = parameter(
        0.45, low=0, high=1, source="assumption", doc="Probability that an election changes the party in office."
    )
    turn_size: float = parameter(
        0.7,
        low=0,
        high=2,
        unit="ideal point",
        source="evidence_unga",
        doc="Distance between the positions of a state's two parties at swing 1; .65 moves voting agreement by .15.",
    )
    mobilization_log_odds: float = parameter(
        0.0,
        low=-3,
        high=3,
        unit="log-odds",
        source="assumption",
        doc="Change of the log-odds of turnover per unit of mobilization by recent acts; off, of either sign.",
    )
    mobilization_decay: float = parameter(
        0.2, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which mobilization fades."
    )
    baseline: Literal["still", "moving"] = choice(
        "still", source="assumption", doc="still: no growth of GDP; moving: GDP grows at each state's own rate."
    )


def growth_factor(world: World, values: PoliticsParameters) -> Array:
    """Return the growth of GDP in one quarter; shape (state,)."""
    return (1 + world.growth) ** 0.25 if values.baseline == "moving" else np.ones_like(world.growth)


def turnover_probability(world: World, values: PoliticsParameters) -> Array:
    """Return the probability that an election now would change the party in office; shape (state,)."""
    still = values.turnover_probability / max(1e-12, 1 - values.turnover_probability)
    odds = still * np.exp(values.mobilization_log_odds * world.mobilization)
    return odds / (1 + odds)


class Politics(Process):
    """Elections, governments and, where the baseline moves, growth."""

    name: ClassVar[str] = "politics"
    parameters: ClassVar[type[Parameters]] = PoliticsParameters
    writes: ClassVar[tuple[str, ...]] = (
        "party", "sovereigntism", "position", "next_election", "government_age", "mobilization", "gdp", "capability",
    )  # fmt: skip

    def propose(self, world: World, values: PoliticsParameters, draws: Draws) -> Proposal:
        """Hold the elections of this quarter."""
        luck = draws.states()
        votes = world.next_election <= world.quarter
        ordered = world.government_age < 0
        elected = votes & ~ordered & (luck < turnover_probability(world, values))
        turns = elected | ordered
        gdp = world.gdp * growth_factor(world, values)
        fields = {
            "mobilization": world.mobilization * (1 - values.mobilization_decay),
            "next_election": np.where(votes, world.next_election + world.term, world.next_election),
            "government_age": np.where(turns, 0.0, world.government_age + 1),
            "gdp": gdp,
            "capability": gdp / gdp.sum(),
        }
        party = world.party
        if turns.any():
            party = np.where(elected, -world.party, world.party)
            fields["party"] = party
            fields["sovereigntism"] = np.clip(world.rest_sovereigntism + world.swing * party / 2, 0, 1)
            fields["position"] = government_position(
                world.home_position, world.swing, party - world.first_party, values.turn_size
            )
        return Proposal(fields, [self._event(party[state], int(state)) for state in np.flatnonzero(turns)])

    @staticmethod
    def _event(party: float, state: int) -> Event:
        """Return the line of the story that a change of government is."""
        direction = "sovereigntist" if party > 0 else "internationalist"
        return Event("government", state, details={"direction": direction})
