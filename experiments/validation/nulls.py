"""Two null models, tiny and apart from the model: what chance, and what the published exit model, show by themselves.

N0: exits at the published base rate, by chance alone, no feedback. N1: the published logit of exits (von Borzyskowski
and Vabulas 2019) and accounting: a budget falls by the lost share that is not refilled, the refill being the mean of
known cases. Organizations die in both at the published mean rate, whatever their size and age. Neither has
secretariats, votes, views, returns or new organizations: where a pattern needs these, it has nothing to show and fails.
"""

from dataclasses import dataclass

import numpy as np

from abm.calendar import per_quarter
from abm.published import EXIT_MODEL, ORGANIZATION_DEATHS
from abm.state.world import Array, Integers, World

MEAN_REFILL = (0.0 + 0.52 + 1.18) / 3
"""Mean refill in the first year: UNESCO 1984, UNESCO 2011, UNRWA 2018 (`tables/refills.csv`)."""
CONTAGION_QUARTERS = 4
NAMES = ("n0", "n1")


@dataclass
class NullWorld:
    """Memberships that chance or the published logit ends; `members` and `alive` change, the rest stays.

    `members` and `distance` have shape (state, organization); `alive`, `exitable`, `fresh` (organization,).
    """

    members: Array
    alive: Array
    distance: Array
    exitable: Array
    lead: Integers
    logit: bool
    fresh: Array

    @classmethod
    def of(cls, world: World, logit: bool) -> "NullWorld":
        """Return the null world that starts as a world does.

        The lead state of an organization is its richest member.
        """
        bodies = slice(0, world.built)
        members = world.member[:, bodies].copy()
        lead = (members * world.gdp[:, None]).argmax(axis=0)
        exitable = (world.exit_form[bodies] < 2).astype(np.float64)
        alive = world.in_scope[bodies].copy()
        return cls(members, alive, world.distance[:, bodies], exitable, lead, logit, np.zeros(len(alive)))

    def exit_probability(self) -> Array:
        """Return the probability of exit in a quarter; shape (state, organization)."""
        possible = self.members * self.alive * self.exitable
        if not self.logit:
            return possible * per_quarter(EXIT_MODEL.rate)
        size = np.log(np.maximum(self.members.sum(axis=0), 1))
        log_odds = EXIT_MODEL.intercept + EXIT_MODEL.distance.value * self.distance + EXIT_MODEL.size.value * size
        log_odds = log_odds + EXIT_MODEL.contagion.value * (self.fresh > 0)
        return possible * per_quarter(1 / (1 + np.exp(-log_odds)))

    def step(self, random: np.random.Generator, deaths: bool = True) -> tuple[Array, Array]:
        """Run a quarter; return who left what (state, organization) and what died (organization,), 1 and 0."""
        left = (random.random(self.members.shape) < self.exit_probability()).astype(np.float64)
        died = (random.random(len(self.alive)) < per_quarter(ORGANIZATION_DEATHS) * deaths) * self.alive
        self.fresh = np.maximum(self.fresh - 1, 0)
        self.leave(left)
        self.alive = self.alive * (1 - died)
        self.members = self.members * self.alive
        return left, died

    def leave(self, left: Array) -> None:
        """End memberships (1 in `left`); the exit of a lead state is followed for a year."""
        led = left[self.lead, np.arange(len(self.lead))] > 0
        self.fresh = np.where(led, CONTAGION_QUARTERS, self.fresh)
        self.members = self.members * (1 - left)


def budget_cut(lost_share: float, logit: bool) -> float:
    """Return the share of its budget that an organization loses: accounting in N1, nothing in N0."""
    return lost_share * (1 - MEAN_REFILL) if logit else 0.0
