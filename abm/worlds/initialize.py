"""Worlds: from tables to the state of the world at rest.

What tables hold is taken over. What they leave open (levels of effectiveness, calendars, staff elasticities, lobbies)
is drawn from a stated distribution with the replicate's seed. It is relative to rest wherever possible, so that a world
without a shock starts at rest. Every distribution is listed in the ODD as an assumption.
"""

import importlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from abm.calendar import parse_quarter, per_quarter
from abm.config.experiment import Experiment
from abm.data.donor_purses import purse_paths
from abm.data.groups_and_alliances import in_group, ties_between
from abm.data.world_tables import MILLION, Tables, members_at, money_at, read_tables
from abm.processes.dues import Dues, DuesParameters
from abm.processes.leadership import Leadership, LeadershipParameters, agenda, contributions, shares
from abm.rng import Seed, stream
from abm.shocks.kinds import Selector
from abm.shocks.targets import SelectionError, organization_rows, state_rows
from abm.spatial import distances, government_position
from abm.state.world import EXIT_FORMS, FIELDS, KINDS, RULES, SIZES, Array, World
from abm.worlds.parameters import SyntheticParameters, WorldParameters

EMISSION_ISSUES = ("climate-environment", "energy")
"""Issue areas whose problem is made by emissions."""
ARTICLE_19_QUARTERS = 4 * 2
"""Quarters of unpaid dues that cost a vote: two years, by Article 19 of the Charter."""
LEFT_OPEN = ("swing", "term", "party", "election", "sovereigntism")
"""What is drawn of governments, in this order, where tables leave it open."""


def tables_of(experiment: Experiment) -> Tables:
    """Return the tables of an experiment's world: built-in, drawn, or a user's. Raises TablesError."""
    world = experiment.world
    if world.source == "synthetic":
        states, organizations = (
            world.states or 0,
            world.organizations or 0,
        )  # given, or filled in as the config was read
        return _drawn(states, organizations, world.seed, experiment.values_of("synthetic"))
    return read_tables(Path(world.folder) if world.folder else None)


@lru_cache(maxsize=4)
def _drawn(states: int, organizations: int, seed: int, p: SyntheticParameters) -> Tables:
    """Return a synthetic world's tables."""
    synthetic = importlib.import_module("abm.worlds.synthetic")  # with pandas, which other worlds need not wait for
    drawn: Tables = synthetic.draw_tables(states, organizations, seed, p)
    return drawn


def build(experiment: Experiment, seed: Seed, tables: Tables | None = None) -> World:
    """Return the world of an experiment at rest, before its first quarter.

    `seed` is that of the replicate; `tables` are those of the experiment unless others are given.
    """
    tables = tables_of(experiment) if tables is None else tables
    start = parse_quarter(experiment.world.start)
    p: WorldParameters = experiment.values_of("initialization")
    world = _blank(tables, start)
    draws = _Draws(stream(seed, "world", experiment.world.seed), world.state_ids, world.organization_ids)
    _fill_states(world, tables, draws, p)
    _fill_organizations(world, tables, draws, p)
    dues, gifts, budget = money_at(tables, start)
    _fill_membership(world, members_at(tables, start).astype(float), p)
    dues = _with_dues_shares(dues, experiment, world)
    _fill_money(world, tables, dues / 4, gifts / 4, budget / 4, p)
    shares_held = p.measured_purses, p.announced_purses
    world.purse_path, world.measured = purse_paths(tables, start, SIZES["year"], *shares_held)
    _fill_arrears(world, experiment.values_of(Dues), draws, p)
    world.solicitation = draws.organization_normals()
    _fill_relations(world, tables, p)
    _fill_influence(world, tables, experiment.values_of(Leadership), p)
    return world


class _Draws:
    """Numbers for what data leave open, indexed by draw id so that permuted rows keep theirs."""

    def __init__(self, generator: np.random.Generator, states: Any, organizations: Any) -> None:
        self._generator, self._states, self._organizations = generator, states, organizations

    def states(self, *shape: int) -> Array:
        """Return uniform numbers of shape (state, *shape)."""
        return self._generator.random((len(self._states), *shape))[self._states]

    def state_normals(self, *shape: int) -> Array:
        """Return standard normal numbers of shape (state, *shape)."""
        return self._generator.standard_normal((len(self._states), *shape))[self._states]

    def organizations(self) -> Array:
        """Return uniform numbers of shape (organization,)."""
        return self._generator.random(len(self._organizations))[self._organizations]

    def organization_normals(self) -> Array:
        """Return standard normal numbers of shape (organization,)."""
        return self._generator.standard_normal(len(self._organizations))[self._organizations]


def _blank(tables: Tables, start: int) -> World:
    """Return a world of the tables' size with every field filled as declared."""
    states, bodies = tables.states, tables.organizations
    issues = tuple(tables.issues["issue_area"])
    lengths = {"state": len(states), "organization": len(bodies), "issue": len(issues), **SIZES}
    arrays: dict[str, Any] = {
        name: np.full([lengths[dimension] for dimension in declared.dims], declared.fill, float)
        for name, declared in FIELDS.items()
    }
    return World(
        **arrays,
        quarter=start,
        start=start,
        state_codes=tuple(states["code"]),
        state_names=tuple(states["name"]),
        organization_codes=tuple(bodies["code"]),
        organization_names=tuple(bodies["name"]),
        issues=issues,
        state_ids=_draw_ids(states),
        organization_ids=_draw_ids(bodies),
    )


def _draw_ids(table: Any) -> Any:
    """Return the draw ids of a table's rows: its column draw_id, else the order of the rows."""
    return np.asarray(table["draw_id"], np.int64) if "draw_id" in table else np.arange(len(table))


def _numbers(table: Any, column: str, blank: Array | float) -> Array:
    """Return a column as numbers, blanks (or a column that is not there) filled."""
    blanks = np.broadcast_to(np.asarray(blank, float), len(table))
    if column not in table:
        return blanks.copy()
    values = np.asarray(table[column], float)
    return np.where(np.isnan(values), blanks, values)


def _fill_states(world: World, tables: Tables, draws: _Draws, p: WorldParameters) -> None:
    """Fill what states are and where they stand."""
    states = tables.states
    count = len(states)
    gdp = np.maximum(np.asarray(states["gdp_usd"], float), 1.0)
    population = np.maximum(np.asarray(states["population"], float), 1.0)
    income = gdp / population
    world.gdp, world.capability = gdp, gdp / gdp.sum()
    world.initial_capability = world.capability.copy()
    poverty = np.clip(1 - income / p.need_income, p.least_need, 1)
    world.programme_need = population * poverty / (population * poverty).sum()
    above = np.log(np.maximum(income, p.growth_income) / p.growth_income)
    world.growth = np.maximum(p.growth_poorest - p.growth_slope * above, p.growth_richest)
    world.problem_share = _problem_shares(world, states, population / population.sum(), p)
    world.lobby = draws.state_normals(len(world.issues))
    world.propensity = draws.state_normals()
    world.distance_aversion = np.full(count, p.value_slope)
    small = _numbers(states, "un_rate", 0.0) < p.fragile_rate
    world.fragile = (small & (income < p.fragile_income)).astype(float)
    groups = ("eu", "nato", "g7", "sco", "brics")
    eu, nato, g7, sco, brics = (in_group(tables, name, world.start) for name in groups)
    world.bloc = np.where(eu, 0.0, -1.0)
    world.camp = np.where(eu | nato | g7, 1.0, np.where(sco | brics, -1.0, 0.0))
    for name in ("willingness", "credibility"):
        setattr(world, name, np.ones(count))
    _fill_governments(world, states, draws, p)


def _problem_shares(world: World, states: Any, people: Array, p: WorldParameters) -> Array:
    """Return shares of each issue's problem: emissions where they are it, else partly GDP, partly people."""
    mixed = p.problem_capability * world.capability + (1 - p.problem_capability) * people
    emissions = _numbers(states, "emissions_share", 100 * world.capability)
    emissions = emissions / emissions.sum()
    return np.column_stack([emissions if issue in EMISSION_ISSUES else mixed for issue in world.issues])


def _fill_governments(world: World, states: Any, draws: _Draws, p: WorldParameters) -> None:
    """Fill parties, calendars and positions; what tables leave open is drawn."""
    draw = dict(zip(LEFT_OPEN, draws.states(len(LEFT_OPEN)).T, strict=True))
    swing = _numbers(states, "swing", p.swing_range * draw["swing"])
    term = 4 * _numbers(states, "term_years", p.short_term + (draw["term"] < p.long_term_probability).astype(float))
    office = np.asarray(states["government"], object) if "government" in states else np.full(len(states), "")
    party = np.where(draw["party"] < p.sovereigntist_probability, 1.0, -1.0)
    party = np.where(office == "sovereigntist", 1.0, np.where(office == "internationalist", -1.0, party))
    year = _numbers(states, "election_year", np.nan)
    first = year * 4 + _numbers(states, "election_quarter", 4.0)  # the quarter after the election
    drawn = world.start + np.floor(draw["election"] * term) + 1
    late = np.ceil(np.maximum(0, (world.start + 1 - first) / term)) - np.floor(
        np.maximum(0, (first - world.start - 1) / term)
    )
    world.next_election = np.where(np.isnan(first), drawn, first + late * term)
    world.term, world.swing = term, swing
    world.party, world.first_party = party, party.copy()
    drawn_middle = p.sovereigntism_low + p.sovereigntism_range * draw["sovereigntism"]
    middle = np.where(swing > p.wide_swing, 0.5, np.minimum(drawn_middle, 1))
    world.central_sovereigntism = middle
    world.party_gap = np.minimum(p.least_party_gap + swing, 1)
    world.sovereigntism = np.clip(middle + world.party_gap * party / 2, 0, 1)
    world.government_age = np.full(len(states), 4.0)  # its review, in its first year, is behind it
    home = np.column_stack([_numbers(states, "position_1", 0.0), _numbers(states, "position_2", 0.0)])
    world.home_position, world.voting_position = home, home.copy()
    world.position = government_position(world.home_position, world.swing, world.party - world.first_party, 0.0)


def _fill_organizations(world: World, tables: Tables, draws: _Draws, p: WorldParameters) -> None:
    """Fill what organizations are."""
    bodies = tables.organizations
    codes = list(world.organization_codes)
    world.issue = np.array([world.issues.index(issue) for issue in bodies["issue_area"]], float)
    world.kind = np.array([KINDS.index(kind) for kind in bodies["kind"]], float)
    world.exit_form = np.array([EXIT_FORMS.index(form) for form in bodies["exit_form"]], float)
    world.voting_rule = np.array([RULES.index(rule) for rule in bodies["voting_rule"]], float)
    world.parent = np.array([codes.index(code) if code in codes else -1 for code in bodies["parent"]], float)
    world.notice_rule = np.asarray(bodies["notice_quarters"], float)
    world.members_known = np.asarray(bodies["members_known"] == 1, float)
    world.founded = 4 * _numbers(bodies, "founded", 0.0)  # blank: always
    world.suspends = _numbers(bodies, "vote_loss", 0.0)
    world.autonomy = _numbers(bodies, "autonomy", p.blank_autonomy)
    world.reciprocal = _numbers(bodies, "reciprocal", 0.0)
    world.technical = np.array([_expertise(issue, p) for issue in bodies["issue_area"]])
    cause = dict(zip(tables.issues["issue_area"], tables.issues["cause"], strict=True))
    world.philanthropic_appeal = np.array([float(cause[issue]) for issue in bodies["issue_area"]])
    world.session = np.floor(4 * draws.organizations())
    world.elasticity = p.elasticity_low + p.elasticity_range * draws.organizations()
    effectiveness = p.effectiveness_mean + p.effectiveness_spread * draws.organization_normals()
    world.initial_effectiveness = np.clip(effectiveness, p.effectiveness_low, p.effectiveness_high)
    world.alive = np.ones(len(bodies))
    links = (tables.dependence[column].tolist() for column in ("organization", "depends_on", "weight"))
    dependence = world.dependence.copy()
    for code, other, weight in zip(*links, strict=True):
        dependence[codes.index(code), codes.index(other)] = weight
    world.dependence = dependence


def _expertise(issue: str, p: WorldParameters) -> float:
    """Return the weight of expertise in organizations of an issue area."""
    return float(getattr(p, f"expertise_{issue.replace('-', '_')}", p.expertise_other))


def _fill_membership(world: World, member: Array, p: WorldParameters) -> None:
    """Fill membership and all that follows from who is a member."""
    world.member, world.participation = member, member.copy()
    world.members_known = world.members_known * (member.sum(axis=0) > 0)
    size = np.maximum(world.members, 1e-9)
    world.reference_members = world.members.copy()
    world.reference_presence = world.presence.copy()
    world.organization_position = (member.T @ world.position) / size[:, None]
    world.distance = distances(world.position, world.organization_position)
    world.reference_distance = world.distance.copy()
    world.reference_spread = (world.distance * member).sum(axis=0) / size
    fit = np.clip(p.fit_near - p.fit_slope * world.distance, 0, 1)
    world.reference_commitment = np.minimum(p.commitment_low + p.commitment_range * fit, 1) * member
    world.commitment = world.reference_commitment.copy()
    covered = world.problem_share[:, world.issue.astype(int)] * world.commitment
    world.initial_coverage = covered.sum(axis=0)


def _with_dues_shares(dues: Array, experiment: Experiment, world: World) -> Array:
    """Return dues in which states pay the shares that `world.dues_share` sets; the others pay what is left.

    Raises ConfigError where an organization bills no dues, or a state is no member of it or named twice.
    """
    dues, names = dues.copy(), experiment.world.names()
    for code, wanted in experiment.world.dues_share.items():
        try:
            (column,) = organization_rows(Selector("codes", (code,)), names, world)
            rows = [state_rows((state,), names, world)[0] for state in wanted]
            _check_payers(rows, column, dues, world)
        except SelectionError as error:
            raise experiment.error(("world", "dues_share", code), str(error), error.refusal) from None
        fixed = np.zeros(len(dues))
        fixed[rows] = list(wanted.values())
        others = np.where(fixed > 0, 0.0, dues[:, column])
        dues[:, column] = dues[:, column].sum() * (fixed + others / max(others.sum(), 1e-9) * (1 - fixed.sum()))
    return dues


def _check_payers(rows: Sequence[int], column: int, dues: Array, world: World) -> None:
    """Raise SelectionError where some of the states cannot pay a share of an organization's dues."""
    organization = world.organization_codes[column]
    if not dues[:, column].sum():
        raise SelectionError(f"{organization} bills no dues of its own")
    for row in rows:
        if not world.member[row, column]:
            raise SelectionError(f"{world.state_codes[row]} is not a member of {organization} at the start")
        if rows.count(row) > 1:
            raise SelectionError(f"{world.state_codes[row]} stands for two of the states in this world")


def unknown_gifts(world: World, money: Array, gifts: Array, voluntary: Array, few_payers: float) -> Array:
    """Return gifts of donors that tables do not name, USD per quarter; shape (state, organization).

    Where fewer than `few_payers` states are known to pay anything, the rest of the voluntary budget is taken to come
    from the other members by GDP (assumption): one known donor is not the only one.
    """
    few = (money > 0).sum(axis=0) < few_payers
    missing = np.maximum(0.0, voluntary - gifts.sum(axis=0)) * few
    return shares(world.capability[:, None] * world.member * (money == 0)) * missing


def private_gifts(world: World, tables: Tables) -> Array:
    """Return known gifts of foundations, firms and people of a state, at most all other income of an organization.

    USD per quarter, shape (state, organization).
    """
    codes, bodies = list(world.state_codes), list(world.organization_codes)
    found = np.zeros(world.member.shape)
    gifts = (tables.private[column].tolist() for column in ("state", "organization", "usd_million"))
    for state, body, millions in zip(*gifts, strict=True):
        found[codes.index(state), bodies.index(body)] = millions * MILLION / 4
    return found * np.minimum(1.0, world.other_income / np.maximum(found.sum(axis=0), 1.0))


def _fill_money(world: World, tables: Tables, dues: Array, gifts: Array, budget: Array, p: WorldParameters) -> None:
    """Fill dues, gifts and budgets, USD per quarter; what neither explains is other income."""
    bodies = tables.organizations
    gifts = gifts * world.member
    voluntary = budget * _numbers(bodies, "voluntary_share", 0.0)
    gifts = gifts + unknown_gifts(world, dues + gifts, gifts, voluntary, p.few_payers)
    assessed = budget * _numbers(bodies, "assessed_share", 0.0)
    family = np.where(world.parent >= 0, world.parent, np.arange(len(bodies))).astype(int)
    billed = np.bincount(family, weights=assessed, minlength=len(bodies))
    part = assessed / np.where(billed[family] > 0, billed[family], 1.0)
    child = world.parent >= 0
    world.parent_share = np.where(child, part, 0.0)
    world.kept_share = np.where(~child & (billed > 0), part, 1.0)
    collected = dues.sum(axis=0)
    from_parent = np.where(child, world.parent_share * collected[world.parent.astype(int)], 0.0)
    world.climate, world.luck = np.full(len(world.gdp), p.climate_start), np.full(gifts.shape, 1 + p.climate_start)
    world.dues_rate, world.initial_voluntary, world.voluntary = dues, gifts, gifts * (1 + p.climate_start)
    world.initial_assessed = collected * world.kept_share + from_parent
    flows = world.initial_assessed + gifts.sum(axis=0)
    world.initial_budget = np.maximum(budget, flows)
    world.has_budget = (world.initial_budget > 0).astype(float)
    world.other_income = world.initial_budget - flows
    world.private_at_rest = private_gifts(world, tables)
    world.assessed_income = world.initial_assessed.copy()
    for name in ("budget", "income", "income_memory", "spending"):
        setattr(world, name, world.initial_budget.copy())
    world.target_reserves = p.reserve_years * 4 * world.initial_budget
    world.reserves = world.target_reserves.copy()
    world.staff_size = _numbers(bodies, "staff", 4 * world.initial_budget / p.cost_per_staff)
    council = [codes.index(code) if code in (codes := list(world.organization_codes)) else -1
               for code in bodies["council_of"]]  # fmt: skip
    world.council_size = np.array([world.members[row] if row >= 0 else 0.0 for row in council])


def _fill_arrears(world: World, dues: DuesParameters, draws: _Draws, p: WorldParameters) -> None:
    """Fill the accounts of fragile states as they stand after a long time of lapses and recoveries."""
    stop, resume = map(per_quarter, (dues.lapse_rate, dues.recovery_rate))
    draw = draws.states(2)
    lapsing = (draw[:, 0] < stop / max(stop + resume, 1e-12)) * world.fragile
    age = np.floor(np.log(np.maximum(draw[:, 1], 1e-12)) / np.log(1 - min(resume, 1 - 1e-6)))
    world.lapsing = lapsing
    world.arrears = world.dues_rate * (lapsing * np.minimum(age + 1, p.longest_lapse))[:, None]
    world.billed_this_year = world.dues_rate * (world.start % 4 or 4)
    world.billed_last_year = world.dues_rate * 4
    listed = (world.arrears >= ARTICLE_19_QUARTERS * world.dues_rate * (1 - 1e-9)) & (world.dues_rate > 0)
    world.suspended = (listed & (world.suspends > 0)).astype(float)


def _fill_relations(world: World, tables: Tables, p: WorldParameters) -> None:
    """Fill agreement and trust at rest: voting agreement and alliance ties."""
    agreement = np.clip(tables.agreement, 0, 1)
    world.initial_agreement, world.agreement, world.voting_habit = agreement, agreement.copy(), agreement.copy()
    trust = p.trust_of_agreement * (agreement - p.neutral_agreement) + p.trust_of_ties * ties_between(
        tables, world.start
    )
    trust = np.clip(trust, -p.trust_limit, p.trust_limit)
    np.fill_diagonal(trust, 1.0)
    world.initial_trust, world.trust = trust, trust.copy()


def _fill_influence(world: World, tables: Tables, leadership: LeadershipParameters, p: WorldParameters) -> None:
    """Fill salience, ambition, experts, posts, weights of votes and influence on the agenda."""
    money = world.dues_rate * world.member + world.initial_voluntary
    areas = world.issue[:, None] == np.arange(len(world.issues))
    spent = shares((money @ areas).T).T  # (state, issue)
    interest = np.sqrt(1 + len(world.issues) * spent)
    world.salience = interest / interest.mean(axis=1, keepdims=True)
    generosity = world.gifts_at_rest / world.gdp
    typical = max(float(np.average(generosity, weights=world.capability)), 1e-12)
    world.ambition = np.clip((generosity / typical) ** p.ambition_power, p.ambition_low, p.ambition_high)
    size = np.sqrt(world.capability)[:, None] * world.member
    paid = np.where(money.sum(axis=0) > 0, shares(money), shares(size))
    # experts come from those who pay and from large members that pay their part (assumption)
    world.expert_share = shares(paid + np.minimum(shares(size), p.experts_of_size * paid))
    world.posts_share = world.expert_share.copy()
    equal = (1 - p.weighted_capability) / len(world.gdp)
    weight = p.weighted_capability * world.capability[:, None] + equal
    world.weighted_power = np.where(world.voting_rule == RULES.index("weighted"), shares(weight * world.member), 0.0)
    world.veto = (world.voting_rule == RULES.index("veto")) * _numbers(tables.states, "p5", 0.0)[:, None] * world.member
    world.paid = world.dues_rate * world.member
    world.agenda_share = agenda(world, contributions(world), world.posts_share, leadership)
