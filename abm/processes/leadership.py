"""Leadership: money, posts and agenda influence, three separate shares in every organization.

Posts left by a leaver go partly back to sitting holders (incumbency) and are otherwise won in a contest with exponent
r (Tullock 1980): bids grow with capability, ambition and fit, states of a bloc bid together by a share. Near r = 1
nobody wins, above 2 the winner takes all by arithmetic. A returner regains posts slowly and by its credibility.

Where a gap is left open after all rescue, influence is cheap: members offer money for it in the same contest, within
their purses, and second people to the posts that it pays for.
"""

from typing import ClassVar

import numpy as np

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import LEAST_RATIO, only, with_values
from abm.state.world import RULES, Array, Integers, World

NEGLIGIBLE_VACANCY = LEAST_RATIO
"""Share of posts below which a vacancy is filled at once: what halves and halves again would never end."""


class LeadershipParameters(Parameters):
    """Parameters of the contest for influence."""

    contest_exponent: float = parameter(
        1.2, low=0.2, high=3, source="assumption", doc="Exponent of the contest for vacant posts; swept over 1 to 1.5."
    )
    incumbency: float = parameter(
        0.5, low=0, high=1, source="assumption", doc="Share of vacant posts that goes back to sitting holders."
    )
    pooling: float = parameter(
        0.5, low=0, high=1, source="assumption", doc="Share of the bids of a bloc's members that is made together."
    )
    distance_weight: float = parameter(
        0.5, low=0, high=3, unit="1/ideal point", source="assumption", doc="Fall of a bid with distance."
    )
    filling_rate: float = parameter(
        0.25, low=0, high=1, unit="1/quarter", source="assumption", doc="Share of vacant posts filled in a quarter."
    )
    regain_rate: float = parameter(
        0.02, low=0, high=1, unit="1/quarter", source="assumption", doc="Speed at which a returner regains posts."
    )
    purchase_share: float = parameter(
        0.1,
        low=0,
        high=1,
        source="assumption",
        doc="Share of an open gap for which members offer money to gain influence; 0: nobody buys.",
    )
    purse_share: float = parameter(
        0.000005,
        low=0,
        high=0.01,
        unit="share of GDP/year",
        source="assumption",
        doc="Most that a state spends on influence, in all organizations together.",
    )
    secondment_rate: float = parameter(
        0.25,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Rate at which posts pass to those who pay for them, where all income is bought.",
    )
    money_weight: float = parameter(
        0.4, low=0, high=1, source="assumption", doc="Weight of money in influence on the agenda."
    )
    posts_weight: float = parameter(
        0.4, low=0, high=1, source="assumption", doc="Weight of posts in influence on the agenda."
    )
    votes_weight: float = parameter(
        0.2, low=0, high=1, source="assumption", doc="Weight of an equal (or weighted) vote in influence on the agenda."
    )


def total(amounts: Array) -> Array:
    """Return the sums of columns, 1 for empty ones, to divide by; shape (column,)."""
    found = amounts.sum(axis=0)
    return np.where(found > 0, found, 1.0)


def shares(amounts: Array) -> Array:
    """Return the shares of each column, 0 where it is empty; shape as given."""
    return amounts / total(amounts)


def agenda(world: World, money: Array, posts: Array, p: LeadershipParameters) -> Array:
    """Return shares of influence on the agenda among those present; shape (state, organization)."""
    weighted = np.flatnonzero(world.voting_rule == RULES.index("weighted"))
    power = world.participation[:, weighted] * world.weighted_power[:, weighted]
    votes = with_values(world.participation, np.s_[:, weighted], power)
    by_money, by_votes = money * (p.money_weight / total(money)), votes * (p.votes_weight / total(votes))
    mixed = (by_money + p.posts_weight * posts + by_votes) * world.participation
    return mixed / total(mixed)


def contributions(world: World) -> Array:
    """Return all money by giver, capability in organizations without money; shape (state, organization)."""
    return np.where(world.has_budget > 0, world.money, world.capability[:, None] * world.participation)


def contest(world: World, columns: Integers, p: LeadershipParameters) -> Array:
    """Return shares of vacant posts won in the contest, by column; shape (state, vacant organization)."""
    reach = np.exp(-p.distance_weight * world.distance[:, columns]) * world.legitimacy[:, columns]
    bids = np.sqrt(world.capability)[:, None] * world.ambition[:, None] * reach * world.participation[:, columns]
    alone = bids**p.contest_exponent
    together = alone.copy()
    for members in world.blocs:
        total = bids[members].sum(axis=0)
        together[members] = bids[members] / np.maximum(total, 1e-12) * total**p.contest_exponent
    return shares((1 - p.pooling) * alone + p.pooling * together)


def offers(world: World, p: LeadershipParameters) -> Array:
    """Return the money that members offer for influence, USD per quarter; shape (state, organization)."""
    open_ = np.maximum(0, world.funding_gap - world.rescue.sum(axis=0) - world.private_income)
    open_ = open_ * world.has_budget * world.in_scope  # (organization,)
    cheap = np.flatnonzero(open_ > 0)
    free = world.voluntary_allowed[:, cheap] * (world.notice[:, cheap] < 0)
    wanted = p.purchase_share * contest(world, cheap, p) * free * open_[cheap]
    purse = p.purse_share * world.gdp / 4
    within = np.minimum(1.0, purse / np.maximum(wanted.sum(axis=1), 1e-9))
    return only(world.bought, np.s_[:, cheap], wanted * within[:, None])


def seconded(world: World, posts: Array, rate: float) -> Array:
    """Return posts after those that bought money pays for have begun to pass to its givers; (state, organization)."""
    paid = world.bought.sum(axis=0)
    columns = np.flatnonzero(paid > 0)
    passing = rate * np.minimum(1.0, paid[columns] / np.maximum(world.income[columns], 1.0))
    held = posts[:, columns]
    moved = held + passing * (shares(world.bought[:, columns]) * held.sum(axis=0) - held)
    return with_values(posts, np.s_[:, columns], moved)


class Leadership(Process):
    """Posts and agenda."""

    name: ClassVar[str] = "leadership"
    parameters: ClassVar[type[Parameters]] = LeadershipParameters
    writes: ClassVar[tuple[str, ...]] = ("posts_share", "vacancy", "agenda_share", "bought")

    def propose(self, world: World, p: LeadershipParameters, draws: Draws) -> Proposal:
        """Fill vacant posts and weigh influence."""
        vacant = np.flatnonzero((world.vacancy > 0) & (world.members > 0))
        posts, vacancy = world.posts_share[:, vacant], world.vacancy[vacant]
        filled = np.where(vacancy < NEGLIGIBLE_VACANCY, vacancy, p.filling_rate * vacancy)
        sitting = shares(posts * world.participation[:, vacant])
        won = p.incumbency * sitting + (1 - p.incumbency) * contest(world, vacant, p)
        posts = with_values(world.posts_share, np.s_[:, vacant], posts + filled * won)
        posts = self._regained(world, posts, p.regain_rate)
        posts = seconded(world, posts, p.secondment_rate)
        vacancy = with_values(world.vacancy, vacant, vacancy - filled)
        influence = agenda(world, contributions(world), posts, p)
        fields = {"posts_share": posts, "vacancy": vacancy, "agenda_share": influence, "bought": offers(world, p)}
        return Proposal(fields)

    @staticmethod
    def _regained(world: World, posts: Array, rate: float) -> Array:
        """Return posts after returners regain some of theirs from all others; shape (state, organization).

        Where nobody holds a post there is none to take: vacant ones are contested.
        """
        rows, columns = world.ever_left
        back = world.participation[rows, columns] > 0
        rows, columns = rows[back], columns[back]
        claim = world.expert_share[rows, columns] * world.credibility[rows]
        gain = rate * np.maximum(claim - posts[rows, columns], 0)  # (returner,)
        filled = posts.sum(axis=0)
        gained = np.bincount(columns, gain, len(filled))  # (organization,)
        kept = filled / np.maximum(filled + gained, 1e-12)
        left = posts * kept
        return with_values(left, (rows, columns), left[rows, columns] + gain * kept[columns])
