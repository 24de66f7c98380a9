"""Operations: reserves and austerity, staff, expertise, and what the organization achieves.

Budgets are made on a forecast: the income that can be counted on. Money of a member that has announced its exit cannot
(WHO cut 2026-27 before the exit of 2026), nor can what donors have announced not to give next year. Rescue, and what a
good or bad year adds or takes, count for the part of a budget that they last. Organizations that live on gifts cut
within two quarters. Those that live on dues freeze spending at once, save a part of the shortfall and take the rest out
of reserves, and cut the budget when they meet. Staff follow the budget by an elasticity around 1, more so when cash is
short.
Expertise leaves with the leaver's experts at once and regrows slowly. Effectiveness joins money, expertise, cohesion
and coverage of the problem, and weakness passes along legal and scientific dependence. Where decisions need the
consent of all, or of a veto player, an obstructor may stop a part of the work (OSCE from 2022; off).
"""

from typing import ClassVar, Literal

import numpy as np

from abm.parameters import Parameters, choice, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.derived import LEAST_RATIO, year_of_run
from abm.state.world import FIELDS, Array, World

LARGEST_RATIO = FIELDS["effectiveness"].bounds[1]


class OperationsParameters(Parameters):
    """Parameters of budgets, staff and effectiveness."""

    grace: float = parameter(
        1,
        low=0,
        high=20,
        unit="quarters",
        source="evidence_cuts",
        doc="Quarters of shortfall before organizations that live on gifts cut; WHO, UNICEF and UNAIDS took one.",
    )
    dues_budgets: Literal["session", "grace"] = choice(
        "session",
        source="evidence_cuts",
        doc="Organizations that live on dues change their budget when they meet, or after the grace as others do.",
    )
    freeze: float = parameter(
        0.5,
        low=0,
        high=1,
        source="evidence_cuts",
        doc="Part of a shortfall that organizations that live on dues save at once; UNESCO in 2011: 35 of 65 million.",
    )
    shortfall_borne: float = parameter(
        0.05,
        low=0,
        high=0.5,
        source="assumption",
        doc="Share of the budget that may be missing in the forecast before it is called a shortfall.",
    )
    passing_counted: float = parameter(
        0.6,
        low=0,
        high=1,
        source="evidence_refills",
        doc="Share of rescue and of a good or bad year's gifts that a budget of two years counts on.",
    )
    prudence: float = parameter(
        1.0,
        low=0,
        high=1,
        source="assumption",
        doc="Share of the money of members whose notice runs that budgets no longer count on.",
    )
    foresight: float = parameter(
        1.0,
        low=0,
        high=1,
        source="evidence_cuts",
        doc="Share of the gifts that donors announced not to give next year that budgets no longer count on; off: 0.",
    )
    austerity_rate: float = parameter(
        0.8,
        low=0,
        high=1,
        unit="1/quarter",
        source="evidence_cuts",
        doc="Speed at which the budget moves to the forecast; cuts were made once.",
    )
    staff_rate: float = parameter(
        0.4,
        low=0,
        high=1,
        unit="1/quarter",
        source="evidence_cuts",
        doc="Speed at which staff follow the budget; WHO's fell by over a fifth within three to five quarters.",
    )
    cash_pressure: float = parameter(
        0.2,
        low=0,
        high=3,
        source="evidence_staff_cuts",
        doc="Rise of the elasticity of staff where reserves are gone, as a share of it.",
    )
    staff_elasticity_scale: float = parameter(
        1.0, low=0, high=2, source="evidence_staff_cuts", doc="Scales the drawn elasticities of staff."
    )
    largest_staff_elasticity: float = parameter(
        1.5,
        low=0,
        high=4,
        source="evidence_staff_cuts",
        doc="Elasticity of staff that pressure for cash does not exceed; at WHO in 2025 it lay between 1.05 and 1.8.",
    )
    expertise_loss_rate: float = parameter(
        0.5, low=0, high=1, unit="1/quarter", source="assumption", doc="Speed at which experts of a leaver are lost."
    )
    expertise_growth_rate: float = parameter(
        0.03, low=0, high=1, unit="1/quarter", source="assumption", doc="Speed at which expertise regrows."
    )
    money_weight: float = parameter(
        0.45,
        low=0,
        high=2,
        source="assumption",
        doc="Elasticity of effectiveness in money, where experts do not matter.",
    )
    technical_discount: float = parameter(
        0.5, low=0, high=1, source="assumption", doc="Part of money_weight that is lost where experts matter wholly."
    )
    expertise_weight: float = parameter(
        0.45,
        low=0,
        high=2,
        source="assumption",
        doc="Elasticity of a technical organization's effectiveness in expertise.",
    )
    cohesion_weight: float = parameter(
        0.2,
        low=0,
        high=2,
        unit="1/ideal point",
        source="assumption",
        doc="Fall of log effectiveness with the members' distance from the organization beyond its resting value.",
    )
    coverage_weight: float = parameter(
        0.3,
        low=0,
        high=2,
        source="assumption",
        doc="Elasticity of effectiveness in the share of the problem that members commit to.",
    )
    dependence_weight: float = parameter(
        0.5, low=0, high=2, source="assumption", doc="How much of a weakness passes along full dependence."
    )
    reform_weight: float = parameter(
        0.1, low=0, high=1, source="assumption", doc="Gain of log effectiveness from a reform, fading with its credit."
    )
    obstruction_weight: float = parameter(
        0.0,
        low=0,
        high=2,
        source="evidence_obstruction",
        doc="Fall of log effectiveness where an objection stops all that needs consent; off.",
    )
    effect_rate: float = parameter(
        0.5,
        low=0,
        high=1,
        unit="1/quarter",
        source="assumption",
        doc="Speed at which effectiveness follows its causes.",
    )


def forecast(world: World, p: OperationsParameters) -> Array:
    """Return the income that a budget can count on, USD per quarter; shape (organization,)."""
    passing = world.passing_money + world.private_income
    leaving = p.prudence * world.money_on_notice + p.foresight * retreating(world)
    lasting = world.income - (1 - p.passing_counted) * passing - leaving
    return np.asarray(np.maximum(lasting, 0.0))


def retreating(world: World) -> Array:
    """Return gifts that donors have announced not to give next year, USD per quarter; shape (organization,)."""
    now, later = (world.purse_path[:, year_of_run(world, ahead)] for ahead in (0, 1))
    announced = 1 - world.measured[year_of_run(world, 1)]  # nobody knew before what the accounts say now
    return announced * (np.maximum(1 - later / np.maximum(now, LEAST_RATIO), 0) @ world.voluntary)


def accounts(world: World, p: OperationsParameters) -> dict[str, Array]:
    """Return spending, reserves, budget and quarters of shortfall; each of shape (organization,)."""
    expected = forecast(world, p)
    short = expected < world.budget * (1 - 1e-9 - p.shortfall_borne)
    on_dues = world.initial_assessed > world.initial_voluntary.sum(axis=0)
    saved = np.where(short & on_dues, p.freeze * (world.budget - expected), 0.0)
    spending = np.minimum(world.budget - saved, world.income + np.maximum(world.reserves, 0))
    reserves = world.reserves + world.income - spending
    quarters = np.where(short, world.short_quarters + 1, 0.0)
    waits = on_dues & (p.dues_budgets == "session")
    meets = world.session == world.quarter % 4
    cuts = short & np.where(waits, meets, quarters > p.grace)
    full = reserves >= world.target_reserves * (1 - 1e-9)
    rises = (expected > world.budget) & full & (meets | ~waits)
    step = np.where(cuts | rises, p.austerity_rate, 0.0) * (expected - world.budget)
    return {"spending": spending, "reserves": reserves, "budget": world.budget + step, "short_quarters": quarters}


def staff(world: World, budget: Array, reserves: Array, p: OperationsParameters) -> Array:
    """Return staff relative to rest; shape (organization,)."""
    cash = np.clip(reserves / np.maximum(world.target_reserves, 1.0), 0, 1)
    elasticity = world.elasticity * p.staff_elasticity_scale * (1 + p.cash_pressure * (1 - cash))
    funded = np.where(world.has_budget > 0, budget / np.maximum(world.initial_budget, 1.0), 1.0)
    aim = np.maximum(funded, 1e-6) ** np.minimum(elasticity, p.largest_staff_elasticity)
    return np.clip(world.staff + p.staff_rate * (aim - world.staff), 0, LARGEST_RATIO)


def expertise(world: World, p: OperationsParameters) -> Array:
    """Return expertise relative to rest: lost fast, regrown slowly; shape (organization,)."""
    aim = (world.expert_share * world.participation).sum(axis=0)
    aim = np.where(world.members_known > 0, aim, 1.0)
    change = aim - world.expertise
    return world.expertise + np.where(change < 0, p.expertise_loss_rate, p.expertise_growth_rate) * change


def mean_distance(world: World) -> Array:
    """Return members' mean distance from the organization, ideal points; shape (organization,)."""
    return (world.distance * world.member).sum(axis=0) / np.maximum(world.members, 1)


def log_ratio(ratio: Array) -> Array:
    """Return the logarithm of a ratio to rest, within the bounds of what the model knows; shape as given."""
    return np.asarray(np.log(np.clip(ratio, LEAST_RATIO, LARGEST_RATIO)))


def effects(world: World, spending: Array, experts: Array, p: OperationsParameters) -> tuple[Array, Array, Array]:
    """Return logs of what money, expertise and all the rest do to effectiveness; each of shape (organization,)."""
    funded = np.where(world.has_budget > 0, spending / np.maximum(world.initial_budget, 1.0), 1.0)
    money = p.money_weight * (1 - p.technical_discount * world.technical) * log_ratio(funded)
    skill = p.expertise_weight * world.technical * log_ratio(experts)
    covered = log_ratio(world.coverage.sum(axis=0) / np.maximum(world.initial_coverage, 1e-9))
    joint = p.coverage_weight * covered - p.cohesion_weight * (mean_distance(world) - world.reference_spread)
    able = p.reform_weight * world.reformed + np.log(np.maximum(world.capacity, LEAST_RATIO))
    able = able - p.obstruction_weight * world.blocked
    weakness = np.minimum(0.0, world.effectiveness * world.alive - 1)  # a dead organization is weakness itself
    return money, skill, (joint + able) * world.members_known + p.dependence_weight * (world.dependence @ weakness)


class Operations(Process):
    """Spending, staff, expertise and effectiveness."""

    name: ClassVar[str] = "operations"
    parameters: ClassVar[type[Parameters]] = OperationsParameters
    writes: ClassVar[tuple[str, ...]] = (
        "spending", "reserves", "budget", "short_quarters", "staff", "expertise", "effectiveness", "money_effect",
        "expertise_effect",
    )  # fmt: skip

    def propose(self, world: World, p: OperationsParameters, draws: Draws) -> Proposal:
        """Spend, cut or grow, and achieve."""
        fields = accounts(world, p)
        fields["staff"] = staff(world, fields["budget"], fields["reserves"], p)
        fields["expertise"] = expertise(world, p)
        money, skill, other = effects(world, fields["spending"], fields["expertise"], p)
        aim = np.exp(money + skill + other)
        moved = world.effectiveness + p.effect_rate * (aim - world.effectiveness)
        fields |= {"money_effect": money, "expertise_effect": skill, "effectiveness": np.clip(moved, 0, LARGEST_RATIO)}
        return Proposal(fields)
