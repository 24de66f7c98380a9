"""Politics: elections change the party in office, and with it sovereigntism, the position and the distances of a state.

Parties alternate in a two-party calendar (an assumption for states whose calendar is not in the tables). Elections
change governments where the two parties differ abroad at all. The size of the turn is that of UN voting at past changes
of administration (Voeten 2013; pattern 14).
"""

from typing import ClassVar, Literal

import numpy as np

from abm.events import Event
from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.spatial import distances, government_position
from abm.state.world import Array, World


class PoliticsParameters(Parameters):
    """Parameters of elections and governments."""

    turnover_probability: float = parameter(
        0.45, low=0, high=1, source="assumption", doc="Probability that an election changes the party in office."
    )
    contested_swing: float = parameter(
        0.0,
        low=-1,
        high=1,
        source="assumption",
        doc="Swing above which elections can change the government; -1: in every state.",
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


def growth_factor(world: World, p: PoliticsParameters) -> Array:
    """Return the growth of GDP in one quarter; shape (state,)."""
    return (1 + world.growth) ** 0.25 if p.baseline == "moving" else np.ones_like(world.growth)


def turnover_probability(world: World, p: PoliticsParameters) -> Array:
    """Return the probability that an election now would change the party in office; shape (state,)."""
    still = p.turnover_probability / max(1e-12, 1 - p.turnover_probability)
    odds = still * np.exp(p.mobilization_log_odds * world.mobilization)
    return odds / (1 + odds)


class Politics(Process):
    """Elections and governments, growth where the baseline moves, and the distances that follow from positions."""

    name: ClassVar[str] = "politics"
    parameters: ClassVar[type[Parameters]] = PoliticsParameters
    writes: ClassVar[tuple[str, ...]] = (
        "party", "sovereigntism", "position", "next_election", "government_age", "mobilization", "gdp", "capability",
        "distance",
    )  # fmt: skip

    def propose(self, world: World, p: PoliticsParameters, draws: Draws) -> Proposal:
        """Hold the elections of this quarter, and measure where everyone stands."""
        votes = world.next_election <= world.quarter
        ordered = world.government_age < 0  # by a shock, which has set the party
        contested = world.swing > p.contested_swing
        elected = votes & contested & ~ordered & (draws.states() < turnover_probability(world, p))
        turns = elected | ordered
        party = np.where(elected, -world.party, world.party)
        sovereigntism = np.clip(world.central_sovereigntism + world.party_gap * party / 2, 0, 1)
        stance = government_position(world.home_position, world.swing, party - world.first_party, p.turn_size)
        position = np.where(turns[:, None], stance, world.position)
        gdp = world.gdp * growth_factor(world, p)
        fields = {
            "next_election": np.where(votes, world.next_election + world.term, world.next_election),
            "government_age": np.where(turns, 0.0, world.government_age + 1),
            "party": party,
            "sovereigntism": np.where(turns, sovereigntism, world.sovereigntism),
            "position": position,
            "distance": distances(position, world.organization_position),
            "mobilization": world.mobilization * (1 - p.mobilization_decay),
            "gdp": gdp,
            "capability": gdp / gdp.sum(),
        }
        return Proposal(fields, [self._event(party[state], int(state)) for state in np.flatnonzero(turns)])

    @staticmethod
    def _event(party: float, state: int) -> Event:
        """Return the line of the story that a change of government is."""
        direction = "sovereigntist" if party > 0 else "internationalist"
        return Event("government", state, details={"direction": direction})
