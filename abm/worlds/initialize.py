"""Worlds: from tables to the state of the world at rest.

What tables hold is taken over; what they leave open (levels of effectiveness, calendars, staff elasticities, lobbies)
is drawn from a stated distribution with the replicate's seed, and is relative to rest wherever possible, so that a
world without a shock starts at rest. Every distribution is listed in the ODD as an assumption.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from abm.calendar import parse_quarter
from abm.config.experiment import Experiment
from abm.config.layers import ConfigError
from abm.data.tables import Tables, members_at, money_at, read_tables, ties_between
from abm.processes.dues import Dues, DuesParameters
from abm.processes.leadership import Leadership, LeadershipParameters, agenda, contributions, shares
from abm.rng import Seed, stream
from abm.spatial import distances, government_position
from abm.state.world import EXIT_FORMS, FIELDS, KINDS, RULES, Array, World
from abm.worlds.synthetic import draw_tables

EMISSION_ISSUES = ("climate-environment", "energy")
TECHNICAL = {"standards": 1.0, "culture-science": 0.9, "climate-environment": 0.9, "health": 0.7, "energy": 0.7,
             "security": 0.6, "justice": 0.5}  # fmt: skip
"""Weight of expertise by issue area (assumption); .4 elsewhere."""
RESERVE_YEARS = 0.12
COST_PER_STAFF = 250_000.0
"""USD of yearly budget per member of staff (assumption)."""


def tables_of(experiment: Experiment) -> Tables:
    """Return the tables of an experiment's world: built-in, drawn, or a user's. Raises TablesError."""
    world = experiment.world
    if world.source == "synthetic":
        return _drawn(world.states or 60, world.organizations or 30, world.seed)
    return read_tables(Path(world.folder) if world.folder else None)


@lru_cache(maxsize=4)
def _drawn(states: int, organizations: int, seed: int) -> Tables:
    """Return a synthetic world's tables."""
    return draw_tables(states, organizations, seed)


def build(experiment: Experiment, seed: Seed, tables: Tables | None = None) -> World:
    """Return the world of an experiment at rest, before its first quarter.

    `seed` is that of the replicate; `tables` are those of the experiment unless others are given.
    """
    tables = tables_of(experiment) if tables is None else tables
    start = parse_quarter(experiment.world.start)
    world = _blank(tables, start)
    luck = _Luck(stream(seed, "world", experiment.world.seed), world.state_ids, world.organization_ids)
    _fill_states(world, tables, luck)
    _fill_organizations(world, tables, luck)
    dues, gifts, budget = money_at(tables, start)
    _fill_membership(world, members_at(tables, start).astype(float))
    dues = with_dues_shares(dues, experiment.world.dues_share, world)
    _fill_money(world, tables, dues / 4, gifts / 4, budget / 4)
    _fill_arrears(world, experiment, luck)
    _fill_relations(world, tables)
    _fill_influence(world, tables, experiment.values_of(Leadership))
    return world


class _Luck:
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
    issues = tuple(tables.issues["issue_area"].astype(str))
    lengths = {"state": len(states), "organization": len(bodies), "issue": len(issues), "axis": 2}
    arrays: dict[str, Any] = {
        name: np.full([lengths[dimension] for dimension in declared.dims], declared.fill, float)
        for name, declared in FIELDS.items()
    }
    return World(
        **arrays,
        quarter=start,
        start=start,
        state_codes=tuple(states["code"].astype(str)),
        state_names=tuple(states["name"].astype(str)),
        organization_codes=tuple(bodies["code"].astype(str)),
        organization_names=tuple(bodies["name"].astype(str)),
        issues=issues,
        state_ids=_draw_ids(states),
        organization_ids=_draw_ids(bodies),
    )


def _draw_ids(table: Any) -> Any:
    """Return the draw ids of a table's rows: its column draw_id, else the order of the rows."""
    return table["draw_id"].to_numpy(np.int64) if "draw_id" in table else np.arange(len(table))


def _numbers(table: Any, column: str, blank: Array | float) -> Array:
    """Return a column as numbers, blanks (or a column that is not there) filled."""
    blanks = np.broadcast_to(np.asarray(blank, float), len(table))
    if column not in table:
        return blanks.copy()
    values = table[column].to_numpy(float)
    return np.where(np.isnan(values), blanks, values)


def _fill_states(world: World, tables: Tables, luck: _Luck) -> None:
    """Fill what states are and where they stand."""
    states = tables.states
    count = len(states)
    gdp = np.maximum(_numbers(states, "gdp_usd", 1e9), 1.0)
    population = np.maximum(_numbers(states, "population", 1e6), 1.0)
    income = gdp / population
    world.gdp, world.capability = gdp, gdp / gdp.sum()
    world.rest_capability = world.capability.copy()
    poverty = np.clip(1 - income / 15_000, 0.001, 1)
    world.need = population * poverty / (population * poverty).sum()
    world.growth = np.clip(0.06 - 0.012 * np.log(np.maximum(income, 300) / 300), 0.01, 0.06)
    world.problem_share = _problem_shares(world, states, population / population.sum())
    world.lobby = luck.state_normals(len(world.issues))
    world.propensity = luck.state_normals()
    world.fragile = ((_numbers(states, "un_rate", 0.0) < 0.05) & (income < 20_000)).astype(float)
    world.bloc = np.where(_numbers(states, "eu", 0.0) > 0, 0.0, -1.0)
    rival = np.maximum(_numbers(states, "sco", 0.0), _numbers(states, "brics", 0.0))
    western = np.maximum(_numbers(states, "nato", 0.0), _numbers(states, "eu", 0.0))
    world.camp = np.where((western > 0) | (_numbers(states, "g7", 0.0) > 0), 1.0, np.where(rival > 0, -1.0, 0.0))
    for name in ("willingness", "credibility"):
        setattr(world, name, np.ones(count))
    _fill_governments(world, states, luck)


def _problem_shares(world: World, states: Any, people: Array) -> Array:
    """Return shares of each issue's problem: emissions where they are it, else half GDP, half people."""
    mixed = (world.capability + people) / 2
    emissions = _numbers(states, "emissions_share", 100 * world.capability)
    emissions = emissions / emissions.sum()
    return np.column_stack([emissions if issue in EMISSION_ISSUES else mixed for issue in world.issues])


def _fill_governments(world: World, states: Any, luck: _Luck) -> None:
    """Fill parties, calendars and positions; what tables leave open is drawn."""
    draw = luck.states(5)
    swing = _numbers(states, "swing", 0.3 * draw[:, 0])
    term = 4 * _numbers(states, "term_years", 4.0 + (draw[:, 1] < 0.5).astype(float))
    office = states["government"].astype(str).to_numpy() if "government" in states else np.full(len(states), "")
    party = np.where(draw[:, 2] < 0.5, 1.0, -1.0)
    party = np.where(office == "sovereigntist", 1.0, np.where(office == "internationalist", -1.0, party))
    year = _numbers(states, "election_year", np.nan)
    first = year * 4 + _numbers(states, "election_quarter", 4.0)  # the quarter after the election
    drawn = world.start + np.floor(draw[:, 3] * term) + 1
    late = np.ceil(np.maximum(0, (world.start + 1 - first) / term)) - np.floor(
        np.maximum(0, (first - world.start - 1) / term)
    )
    world.next_election = np.where(np.isnan(first), drawn, first + late * term)
    world.term, world.swing = term, swing
    world.party, world.first_party = party, party.copy()
    middle = np.where(swing > 0.5, 0.5, 0.2 + 0.4 * draw[:, 4])
    world.rest_sovereigntism = middle
    world.sovereigntism = np.clip(middle + swing * party / 2, 0, 1)
    world.government_age = np.full(len(states), 4.0)
    home = np.column_stack([_numbers(states, "position_1", 0.0), _numbers(states, "position_2", 0.0)])
    world.home_position, world.voting_position = home, home.copy()
    world.position = government_position(world.home_position, world.swing, world.party - world.first_party, 0.0)


def _fill_organizations(world: World, tables: Tables, luck: _Luck) -> None:
    """Fill what organizations are."""
    bodies = tables.organizations
    codes = list(world.organization_codes)
    world.issue = np.array([world.issues.index(issue) for issue in bodies["issue_area"]], float)
    world.kind = np.array([KINDS.index(kind) for kind in bodies["kind"]], float)
    world.exit_form = np.array([EXIT_FORMS.index(form) for form in bodies["exit_form"]], float)
    world.voting_rule = np.array([RULES.index(rule) for rule in bodies["voting_rule"]], float)
    world.parent = np.array([codes.index(code) if code in codes else -1 for code in bodies["parent"]], float)
    world.notice_rule = _numbers(bodies, "notice_quarters", 4.0)
    world.known = np.asarray(bodies["members_known"] == 1, float)
    world.founded = 4 * _numbers(bodies, "founded", 1945.0)
    world.suspends = _numbers(bodies, "vote_loss", 0.0)
    world.autonomy = _numbers(bodies, "autonomy", 0.4)
    world.reciprocal = _numbers(bodies, "reciprocal", 0.0)
    world.technical = np.array([TECHNICAL.get(issue, 0.4) for issue in bodies["issue_area"]])
    cause = dict(zip(tables.issues["issue_area"], tables.issues["cause"], strict=True))
    world.cause = np.array([float(cause[issue]) for issue in bodies["issue_area"]])
    world.session = np.floor(4 * luck.organizations())
    world.elasticity = 0.15 + 1.15 * luck.organizations()
    world.rest_effectiveness = np.clip(0.6 + 0.12 * luck.organization_normals(), 0.2, 0.95)
    world.alive = np.ones(len(bodies))
    links = (tables.dependence[column].tolist() for column in ("organization", "depends_on", "weight"))
    dependence = world.dependence.copy()
    for code, other, weight in zip(*links, strict=True):
        dependence[codes.index(code), codes.index(other)] = weight
    world.dependence = dependence


def _fill_membership(world: World, member: Array) -> None:
    """Fill membership and all that follows from who is a member."""
    world.member, world.present = member, member.copy()
    world.known = world.known * (member.sum(axis=0) > 0)
    size = np.maximum(world.members, 1e-9)
    world.rest_members = world.members.copy()
    world.organization_position = (member.T @ world.position) / size[:, None]
    world.distance = distances(world.position, world.organization_position)
    world.rest_distance = world.distance.copy()
    world.rest_spread = (world.distance * member).sum(axis=0) / size
    world.rest_commitment = (0.55 + 0.4 * np.clip(0.80 - 0.12 * world.distance, 0, 1)) * member
    world.commitment = world.rest_commitment.copy()
    covered = world.problem_share[:, world.issue.astype(int)] * world.commitment
    world.rest_coverage = covered.sum(axis=0)


def with_dues_shares(dues: Array, wanted: Mapping[str, Mapping[str, float]], world: World) -> Array:
    """Return dues in which `wanted` states pay the given share of a body's dues and the others what is left.

    Raises ConfigError where a state is no member or the body bills no dues.
    """
    dues = dues.copy()
    for code, by_state in wanted.items():
        column = world.organization_codes.index(code)
        total = dues[:, column].sum()
        if not total:
            raise ConfigError(f"world.dues_share: {code} bills no dues of its own")
        fixed = np.zeros(len(dues))
        for state, share in by_state.items():
            row = world.state_codes.index(state)
            if not world.member[row, column]:
                raise ConfigError(f"world.dues_share: {state} is no member of {code} at the start")
            fixed[row] = share
        others = np.where(fixed > 0, 0.0, dues[:, column])
        dues[:, column] = total * (fixed + others / max(others.sum(), 1e-9) * (1 - fixed.sum()))
    return dues


def unknown_gifts(world: World, money: Array, gifts: Array, voluntary: Array) -> Array:
    """Return gifts of donors that tables do not name, USD per quarter; shape (state, organization).

    Where fewer than three states are known to pay anything, the rest of the voluntary budget is taken to come from the
    other members by GDP (assumption): one known donor is not the only one.
    """
    few = (money > 0).sum(axis=0) < 3
    missing = np.maximum(0.0, voluntary - gifts.sum(axis=0)) * few
    return shares(world.capability[:, None] * world.member * (money == 0)) * missing


def _fill_money(world: World, tables: Tables, dues: Array, gifts: Array, budget: Array) -> None:
    """Fill dues, gifts and budgets, USD per quarter; what neither explains is other income."""
    bodies = tables.organizations
    gifts = gifts * world.member
    gifts = gifts + unknown_gifts(world, dues + gifts, gifts, budget * _numbers(bodies, "voluntary_share", 0.0))
    assessed = budget * _numbers(bodies, "assessed_share", 0.0)
    family = np.where(world.parent >= 0, world.parent, np.arange(len(bodies))).astype(int)
    billed = np.bincount(family, weights=assessed, minlength=len(bodies))
    part = assessed / np.where(billed[family] > 0, billed[family], 1.0)
    child = world.parent >= 0
    world.parent_share = np.where(child, part, 0.0)
    world.kept_share = np.where(~child & (billed > 0), part, 1.0)
    collected = dues.sum(axis=0)
    from_parent = np.where(child, world.parent_share * collected[world.parent.astype(int)], 0.0)
    world.dues_rate, world.rest_voluntary, world.voluntary = dues, gifts, gifts.copy()
    world.rest_assessed = collected * world.kept_share + from_parent
    flows = world.rest_assessed + gifts.sum(axis=0)
    world.rest_budget = np.maximum(budget, flows)
    world.full = (world.rest_budget > 0).astype(float)
    world.other_income = world.rest_budget - flows
    world.assessed_income = world.rest_assessed.copy()
    for name in ("budget", "income", "income_memory", "spending"):
        setattr(world, name, world.rest_budget.copy())
    world.rest_reserves = RESERVE_YEARS * 4 * world.rest_budget
    world.reserves = world.rest_reserves.copy()
    held = world.member.T @ world.capability
    world.staff_size = np.where(world.full > 0, 4 * world.rest_budget / COST_PER_STAFF, 5 + 400 * held)
    council = [codes.index(code) if code in (codes := list(world.organization_codes)) else -1
               for code in bodies["council_of"]]  # fmt: skip
    world.council_size = np.array([world.members[row] if row >= 0 else 0.0 for row in council])


def _fill_arrears(world: World, experiment: Experiment, luck: _Luck) -> None:
    """Fill the accounts of fragile states as they stand after a long time of lapses and recoveries."""
    values: DuesParameters = experiment.values_of(Dues)
    stop, resume = (1 - (1 - rate) ** 0.25 for rate in (values.lapse_rate, values.recovery_rate))
    draw = luck.states(2)
    lapsing = (draw[:, 0] < stop / max(stop + resume, 1e-12)) * world.fragile
    age = np.floor(np.log(np.maximum(draw[:, 1], 1e-12)) / np.log(1 - min(resume, 0.999999)))
    world.lapsing = lapsing
    world.arrears = world.dues_rate * (lapsing * np.minimum(age + 1, 200))[:, None]
    world.billed_this_year = world.dues_rate * (world.start % 4 or 4)
    world.billed_last_year = world.dues_rate * 4
    listed = (world.arrears >= 8 * world.dues_rate * (1 - 1e-9)) & (world.dues_rate > 0)
    world.suspended = (listed & (world.suspends > 0)).astype(float)


def _fill_relations(world: World, tables: Tables) -> None:
    """Fill agreement and trust at rest: voting agreement and alliance ties."""
    agreement = np.clip(tables.agreement, 0, 1)
    world.rest_agreement, world.agreement, world.voting_habit = agreement, agreement.copy(), agreement.copy()
    trust = np.clip(1.6 * (agreement - 0.65) + 0.6 * ties_between(tables), -0.95, 0.95)
    np.fill_diagonal(trust, 1.0)
    world.rest_trust, world.trust = trust, trust.copy()


def _fill_influence(world: World, tables: Tables, values: LeadershipParameters) -> None:
    """Fill salience, ambition, experts, posts, weights of votes and influence on the agenda."""
    money = world.dues_rate * world.member + world.rest_voluntary
    areas = world.issue[:, None] == np.arange(len(world.issues))
    spent = shares((money @ areas).T).T  # (state, issue)
    interest = np.sqrt(1 + len(world.issues) * spent)
    world.salience = interest / interest.mean(axis=1, keepdims=True)
    generosity = world.rest_voluntary.sum(axis=1) / world.gdp
    typical = max(float(np.average(generosity, weights=world.capability)), 1e-12)
    world.ambition = np.clip((generosity / typical) ** 0.25, 0.5, 1.5)
    size = np.sqrt(world.capability)[:, None] * world.member
    paid = np.where(money.sum(axis=0) > 0, shares(money), shares(size))
    # experts come from those who pay and from large members that pay their part (assumption)
    world.expert_share = shares(paid + np.minimum(shares(size), 3 * paid))
    world.posts = world.expert_share.copy()
    weight = 0.6 * world.capability[:, None] + 0.4 / len(world.gdp)
    world.weighted_power = np.where(world.voting_rule == RULES.index("weighted"), shares(weight * world.member), 0.0)
    world.veto = (world.voting_rule == RULES.index("veto")) * _numbers(tables.states, "p5", 0.0)[:, None] * world.member
    world.paid = world.dues_rate * world.member
    world.agenda = agenda(world, contributions(world), world.posts, values)
