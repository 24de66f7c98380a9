"""Funding: voluntary money, rescue of those who lost a donor, foundations and cities, and redirection of savings.

Regular gifts follow the donor's purse and its view of the organization, with inertia. The purse is as measured in
years with accounts and as governments announced later. What is given is more or less than usual by a climate that all
donors share and by chance. All three are alike in the twin. A gap is appealed for: how much is asked differs between
organizations, how much is offered depends on what the donors care for, and all gaps share the donors' slack. That is
a few per cent of their purses, and nothing where a donor cuts its own gifts by more. So a small loss can be refilled
and a large or common one cannot; rescue fades.
What a leaver stops paying is saved, not moved, unless a shock redirects it.
Form: public-good best response g = max(0, g0 - phi * change of others' gifts) (Bergstrom, Blume and Varian 1986).
"""

from typing import ClassVar

import numpy as np

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import LEAST_RATIO, cleared, only, with_values, year_of_run
from abm.state.world import Array, World


class FundingParameters(Parameters):
    """Parameters of voluntary money."""

    adjustment_rate: float = parameter(
        0.25,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Speed at which regular gifts move to their aim.",
    )
    legitimacy_elasticity: float = parameter(
        0.5, low=0, high=3, source="assumption", doc="Elasticity of regular gifts in the donor's view."
    )
    bandwagon: float = parameter(
        0.0,
        low=-1,
        high=1,
        source="assumption",
        doc="Share by which donors lower (+) or raise (-) gifts per share of income a trusted donor withdraws; off.",
    )
    obstruction_weight: float = parameter(
        0.5,
        low=0,
        high=5,
        source="assumption",
        doc="Fall of log gifts per unit of an obstructor's pressure on those who lean on it.",
    )
    conditional_giving: float = parameter(
        0.0,
        low=0,
        high=3,
        source="evidence_refills",
        doc="Elasticity of regular gifts in the share of all gifts at rest that policies leave; off.",
    )
    climate_spread: float = parameter(
        0.05,
        low=0,
        high=0.3,
        source="evidence_climate",
        doc="Standard deviation of the common climate: gifts of all donors relative to a usual year.",
    )
    chance_spread: float = parameter(
        0.25,
        low=0,
        high=0.5,
        source="evidence_climate",
        doc="The same of gifts to one organization, for reasons of its own.",
    )
    persistence: float = parameter(
        0.5,
        low=0,
        high=0.99,
        unit="1/year",
        source="evidence_climate",
        doc="Share of a good or bad year that is left a year later, of climate and of chance.",
    )
    least_luck: float = parameter(
        0.05,
        low=0.01,
        high=1,
        source="assumption",
        doc="Least part of a usual year's gifts and rescue that is left where climate and chance are bad.",
    )
    appeal: float = parameter(
        0.5,
        low=0,
        high=3,
        source="evidence_refills",
        doc="Rescue that a median organization asks for per dollar of gifts lost, before interest and fading.",
    )
    dues_appeal: float = parameter(
        0.25,
        low=0,
        high=3,
        source="evidence_unesco_dues",
        doc="The same per dollar of dues lost: a quarter is made up, between nothing in 1984 and half in 2011.",
    )
    appeal_spread: float = parameter(
        1.0,
        low=0,
        high=2,
        source="evidence_refills",
        doc="Log spread between organizations of what they ask for.",
    )
    largest_appeal: float = parameter(
        1.5,
        low=0,
        high=10,
        source="evidence_refills",
        doc="Most that an organization asks for per dollar lost; UNRWA asked for 446 million after a loss of 304.",
    )
    fading_rate: float = parameter(
        0.075,
        low=0,
        high=1,
        unit="1/quarter",
        source="evidence_refills",
        doc="Rate at which an appeal fades; with memory_rate a third is gone after a year, half after two.",
    )
    slack_share: float = parameter(
        0.03,
        low=0,
        high=1,
        source="evidence_refills",
        doc="Share of its purse that a donor can add for all gaps together.",
    )
    retreat: float = parameter(
        1.0,
        low=0,
        high=1,
        source="evidence_refills",
        doc="Slack that a donor loses per dollar by which its purse lies below rest; off: 0.",
    )
    slack_of_gdp: float = parameter(
        2e-7,
        low=0,
        high=1e-4,
        source="assumption",
        doc="Further slack as a share of GDP: matters for a small purse; who has none gives nothing.",
    )
    rescue_rate: float = parameter(
        0.6, low=0, high=1, unit="1/quarter", source="assumption", doc="Speed at which rescue money moves to its aim."
    )
    distance_weight: float = parameter(
        1.0, low=0, high=5, unit="1/ideal point", source="assumption", doc="Fall of a donor's interest with distance."
    )
    purse_elasticity: float = parameter(
        0.8, low=0.1, high=2, source="assumption", doc="Elasticity of a donor's part in a rescue in its purse."
    )
    pooling: float = parameter(
        0.0, low=0, high=1, source="assumption", doc="Share of slack pooled in regional funds of the donors' bloc; off."
    )
    pooling_from: float = parameter(
        0,
        low=0,
        high=400,
        unit="quarters",
        source="assumption",
        doc="Quarter of the run from which regional funds exist; 0: set up before any shock.",
    )
    fund_quarters: float = parameter(
        0.0,
        low=0,
        high=40,
        unit="quarters",
        source="assumption",
        doc="Unused slack that donors of a bloc save for later gaps, at most so many quarters' slack; off.",
    )
    lobby_weight: float = parameter(
        0.0,
        low=-2,
        high=2,
        source="assumption",
        doc="Rise of log gifts per unit of a lobby mobilized by the state's own exits; off.",
    )
    private_share: float = parameter(
        0.9, low=0, high=1, source="evidence_paris_2017", doc="Share of a small salient gap that foundations may fill."
    )
    private_cap: float = parameter(
        6.25e6,
        low=0,
        high=1e9,
        unit="USD/quarter",
        source="evidence_paris_2017",
        doc="Most that foundations, firms and cities add to one organization.",
    )
    domestic_response: float = parameter(
        0.0,
        low=-0.5,
        high=0.5,
        source="assumption",
        doc="Share of a leaver's lost money that its firms and cities add (+) or withdraw (-) if they can; off.",
    )
    gap_threshold: float = parameter(
        0.005, low=0, high=0.2, source="assumption", doc="Share of income below which a shortfall is no gap."
    )
    memory_rate: float = parameter(
        0.02,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Rate at which a lower income becomes the normal one, against which the gap is measured.",
    )


def regular_gifts(world: World, p: FundingParameters) -> Array:
    """Return voluntary money of a usual year, USD per quarter; shape (state, organization).

    A government that gives more or less this year than last does so at once, and to all.
    """
    purse = purse_of_year(world)
    wanted = world.initial_voluntary * world.allowed * world.legitimacy**p.legitimacy_elasticity
    aim = wanted * (purse[:, None] * (world.attention * world.alive))
    pressed = np.s_[:, world.obstructed]
    aim = with_values(aim, pressed, aim[pressed] * np.exp(-p.obstruction_weight * world.pressure[pressed]))
    if p.bandwagon:  # off by default, and a product of matrices
        aim = aim * np.exp(-p.bandwagon * withdrawn_by_trusted(world))
    aim = aim * np.exp(p.lobby_weight * world.mobilized_lobby)[:, world.issue.astype(int)]
    aim = aim * given_by_all(world) ** p.conditional_giving
    usual = world.voluntary / world.luck * (purse / np.maximum(world.willingness, LEAST_RATIO))[:, None]
    moved = usual + p.adjustment_rate * (aim - usual)
    return moved - (world.allowed < 1) * np.maximum(moved - aim, 0)  # a cut acts at once; (state, organization)


def purse_of_year(world: World) -> Array:
    """Return the willingness of donors this year; shape (state,)."""
    return world.purse_path[:, year_of_run(world)]


def given_by_all(world: World) -> float:
    """Return the share of all gifts at rest that donors' policies leave."""
    return float((world.initial_voluntary * world.allowed).sum() / max(world.initial_voluntary.sum(), 1.0))


def moving(now: Array, spread: float, normal: Array | float, p: FundingParameters) -> Array:
    """Return the next value of an autoregressive factor of mean 0 and a standard deviation of `spread`."""
    kept = p.persistence**0.25
    return np.asarray(kept * now + np.sqrt(1 - kept**2) * spread * normal)


def withdrawn_by_trusted(world: World) -> Array:
    """Return the share of an organization's income withdrawn by donors, weighted by trust; (state, organization)."""
    lost = np.maximum(world.initial_voluntary * (1 - world.allowed), 0)
    share = lost / np.maximum(world.initial_budget, 1.0)
    return np.maximum(world.trust, 0) @ share


def gaps(world: World, gifts: Array, p: FundingParameters) -> tuple[Array, Array, Array]:
    """Return the gap of each organization, the part of it that is dues, and its age; each of shape (organization,).

    `gifts` are those of a usual year with purses at rest: nobody appeals for what a bad year or all donors take.
    """
    other = world.other_income - world.private_withdrawn
    income = world.assessed_income + gifts.sum(axis=0) + world.redirected.sum(axis=0) + other
    missing = world.income_memory - income
    alive = world.has_budget * world.alive
    gap = np.where(missing > p.gap_threshold * world.income_memory, missing, 0.0) * alive
    dues = np.clip(world.initial_assessed - world.assessed_income, 0, gap)
    age = np.where(
        gap > 0, (world.funding_gap_age + 1) * np.minimum(1.0, world.funding_gap / np.maximum(gap, 1.0)), 0.0
    )
    return gap, dues, age


def slacks(world: World, p: FundingParameters) -> Array:
    """Return what donors can add for all gaps in a quarter, regional pools shared out, USD; shape (state,).

    A donor that gives less than at rest has first its own cuts to make good.
    """
    purse = purses(world)
    lost = np.maximum(world.gifts_at_rest - purse, 0)
    slack = np.maximum(p.slack_share * purse - p.retreat * lost, 0) + p.slack_of_gdp * world.gdp / 4
    return pooled(world, slack, p.pooling * regional(world, p))


def purses(world: World) -> Array:
    """Return donors' gifts at rest, by their willingness and the climate, USD per quarter; shape (state,)."""
    return world.gifts_at_rest * world.willingness * np.maximum(1 + world.climate, 0)


def regional(world: World, p: FundingParameters) -> bool:
    """Return whether regional funds exist yet."""
    return world.quarter - world.start >= p.pooling_from


def rescue(world: World, gap: Array, dues: Array, age: Array, able: Array, p: FundingParameters) -> tuple[Array, Array]:
    """Return rescue money aimed at, (state, organization), within what donors are `able` to add, and their offers.

    A donor's part of what is asked goes by its means and its distance; of that part it offers the more, the more
    salient the issue and the better its view. Offers before the limit are summed over organizations; all in USD per
    quarter.
    """
    open_ = np.flatnonzero(gap > 0)
    strength = np.exp(p.appeal_spread * world.solicitation)
    of_gifts, of_dues = (np.minimum(appeal * strength, p.largest_appeal) for appeal in (p.appeal, p.dues_appeal))
    asked = (of_gifts * (gap - dues) + of_dues * dues) * (np.exp(-p.fading_rate * age) * world.attention)
    means = np.exp(-p.distance_weight * world.distance[:, open_]) * (purses(world) ** p.purse_elasticity)[:, None]
    able_to = world.allowed[:, open_] * (world.notice[:, open_] < 0) * means
    part = able_to / np.maximum(able_to.sum(axis=0), 1e-12)  # (state, organization with a gap)
    interest = world.salience[:, world.issue[open_].astype(int)] * world.legitimacy[:, open_]
    offered = part * interest * asked[open_]
    wanted = offered.sum(axis=1)
    given = offered * np.minimum(1.0, able / np.maximum(wanted, 1e-9))[:, None]
    return only(world.rescue, np.s_[:, open_], given), wanted


def fund_after(world: World, slack: Array, wanted: Array, p: FundingParameters) -> Array:
    """Return what donors of a bloc have saved for later gaps after a quarter, USD; shape (state,)."""
    left = world.fund + slack - np.minimum(wanted, slack + world.fund)
    kept = np.minimum(left, p.fund_quarters * slack)
    return np.where((world.bloc >= 0) & regional(world, p), kept, 0.0)


def pooled(world: World, slack: Array, pooling: float) -> Array:
    """Return donors' slack after a share of it is pooled within their bloc in proportion to GDP; shape (state,)."""
    shared = np.zeros_like(slack)
    for members in world.blocs:
        shared[members] = slack[members].sum() * world.gdp[members] / max(float(world.gdp[members].sum()), 1.0)
    return np.where(world.bloc >= 0, (1 - pooling) * slack + pooling * shared, slack)


def private_change(world: World, gap: Array, p: FundingParameters) -> tuple[Array, Array]:
    """Return what foundations, firms and cities add, and what a leaver's withdraw; each of shape (organization,).

    They add for salient causes within their means. What is withdrawn is at first not added, then no longer given.
    """
    relative = np.minimum(1.0, gap / np.maximum(world.income_memory, 1.0))
    standing = (world.legitimacy * world.member).sum(axis=0) / np.maximum(world.members, 1)
    added = np.minimum(p.private_share * gap, p.private_cap) * world.philanthropic_appeal * (1 - relative) * standing
    lost = np.maximum(world.initial_voluntary * (1 - world.allowed), 0).sum(axis=0)
    change = added + p.domestic_response * lost * world.alive
    most = np.maximum(world.private_at_rest * (1 - world.allowed), 0).sum(axis=0) * world.alive
    return np.maximum(0.0, change), np.minimum(np.maximum(0.0, -change), most)


def redirected(world: World) -> Array:
    """Return the savings of leavers that a shock moves elsewhere, USD per quarter; shape (state, organization)."""
    rows = world.redirecting
    gifts = world.initial_voluntary[rows] * (1 - world.allowed[rows])
    dues = world.dues_rate[rows] * (1 - world.member[rows]) * (world.party_at_exit[rows] != 0)
    saved = gifts.sum(axis=1) + dues.sum(axis=1)
    weight = world.redirection[rows] * world.participation[rows]
    moved = weight * (saved / np.maximum(weight.sum(axis=1), 1.0))[:, None]
    return with_values(cleared(world.redirected), rows, moved)


class Funding(Process):
    """Gifts, rescue, private money and redirection; then the income of every organization."""

    name: ClassVar[str] = "funding"
    parameters: ClassVar[type[Parameters]] = FundingParameters
    writes: ClassVar[tuple[str, ...]] = (
        "voluntary", "rescue", "redirected", "private_income", "private_withdrawn", "income", "income_memory",
        "funding_gap", "funding_gap_age", "fund", "climate", "chance", "luck", "willingness",
    )  # fmt: skip

    def propose(self, world: World, p: FundingParameters, draws: Draws) -> Proposal:
        """Give, appeal, rescue and count."""
        usual = regular_gifts(world, p)
        common = draws.state_normals().sum() / np.sqrt(len(world.gdp))  # one standard normal number for all donors
        unknown = 1 - world.measured[year_of_run(world)]  # what is measured is not drawn
        climate = moving(world.climate, p.climate_spread * unknown, common, p)
        own = draws.organization_normals(world.slot_keys)
        chance = moving(world.chance, p.chance_spread, own, p)
        luck = np.maximum(1 + climate[:, None] + chance, p.least_luck)  # (state, organization)
        gifts = usual * luck
        resting = usual / np.maximum(purse_of_year(world), LEAST_RATIO)[:, None]
        gap, dues, age = gaps(world, resting, p)
        slack = slacks(world, p)
        aim, wanted = rescue(world, gap, dues, age, slack + world.fund, p)
        usual_rescue = world.rescue / world.luck
        usual_rescue = (usual_rescue + p.rescue_rate * (aim - usual_rescue)) * world.allowed
        given = usual_rescue * luck
        added, taken = private_change(world, gap, p)
        private = world.private_income + p.rescue_rate * (added - world.private_income)
        withdrawn = world.private_withdrawn + p.rescue_rate * (taken - world.private_withdrawn)
        withdrawn = withdrawn * world.alive
        moved = redirected(world)
        from_states = world.assessed_income + gifts.sum(axis=0) + given.sum(axis=0) + moved.sum(axis=0)
        from_states = from_states + world.bought.sum(axis=0)
        income = from_states + (private + (world.other_income * world.alive - withdrawn))
        lucky = (gifts - resting + given - usual_rescue).sum(axis=0)
        memory = world.income_memory + p.memory_rate * (income - lucky - world.income_memory)
        fund = fund_after(world, slack, wanted, p)
        fields = {"voluntary": gifts, "rescue": given, "redirected": moved, "private_income": private, "fund": fund}
        fields |= {"climate": climate, "chance": chance, "luck": luck, "willingness": purse_of_year(world)}
        fields |= {"private_withdrawn": withdrawn}
        return Proposal(
            fields | {"income": income, "income_memory": memory, "funding_gap": gap, "funding_gap_age": age}
        )
