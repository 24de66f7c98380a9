"""Synthetic worlds: tables of any size, drawn from the distributions of the built-in world.

States and organizations are resampled row by row and jittered. What rows cannot carry over is drawn anew: who
is a member (by affinity) and who gives (by purse). Sizes of organizations follow the published population of
intergovernmental organizations, since the built-in table holds mostly large organizations. A drawn world is the same
`Tables` as any other; codes fall with size: S001 has the largest GDP, O001 the largest budget.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from abm.data.frames import Frames, framed
from abm.data.world_tables import MILLION, Tables, members_at, money_at, ranked_codes, read_tables
from abm.published import FIRST_YEAR, ORGANIZATION_DEATHS, ORGANIZATIONS_ALIVE
from abm.rng import stream
from abm.shocks.targets import drawn_codes, organizations_standing_in
from abm.worlds.parameters import SYNTHETIC_DEFAULTS, SyntheticParameters
from abm.worlds.synthetic_states import (
    Society,
    distances,
    draw_society,
    frame_of,
    resampled,
)

type Floats = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]
type Indices = npt.NDArray[np.int64]
type Random = np.random.Generator

OBSERVED_YEAR = 2025
"""Year whose first quarter shows the behaviour that is resampled; drawn gifts are of the year before."""


def draw_tables(states: int, organizations: int, seed: int, p: SyntheticParameters = SYNTHETIC_DEFAULTS) -> Tables:
    """Return a world of 2 or more states and 1 or more organizations, the same for the same arguments.

    World GDP and population are those of the built-in world, divided among more or fewer states; budgets of
    organizations are of the built-in size. The largest state is modelled on the built-in largest and has its
    share; the organization with most members is universal. Every list of the built-in world exists.
    """
    random, real = stream((seed, 0), "synthetic"), _real()
    society = draw_society(real, _behaviour().purse, states, p, random)
    pool = np.flatnonzero(real.organizations["members_known"] == 1)
    if organizations < p.parent_from:
        pool = np.setdiff1d(pool, _parents(real.organizations))
    rows = random.choice(pool, organizations)
    rows[0] = random.choice(_indispensable(real.organizations, pool, organizations >= p.parent_from))
    shift = np.rint(p.founding_spread * random.standard_normal(organizations))
    founded = real.organizations["founded"].to_numpy(float)[rows] + shift
    return _world(real, society, rows, np.minimum(founded, OBSERVED_YEAR - 1), p, random)


def published_population(seed: int, p: SyntheticParameters = SYNTHETIC_DEFAULTS) -> Tables:
    """Return a population of organizations as published for 2014, among the built-in states.

    334 formal intergovernmental organizations, half of them with 20 members or fewer; years of founding as
    births and deaths since 1816 leave them (`founding_odds`), independent of size (assumption).
    """
    random, real = stream((seed, 0), "synthetic"), _real()
    bodies = real.organizations
    formal = bodies["kind"].isin(["agency", "igo"]) & (bodies["members_known"] == 1) & (bodies["parent"] == "")
    years, odds = founding_odds()
    count = ORGANIZATIONS_ALIVE[int(years[-1])]
    rows = random.choice(np.flatnonzero(formal), count)
    founded = random.choice(years, count, p=odds).astype(float)
    society = Society(real.states, real.agreement, real.alliances, _behaviour().purse)
    return _world(real, society, rows, founded, p, random)


def published_sizes(chance: Floats, states: int, p: SyntheticParameters = SYNTHETIC_DEFAULTS) -> Indices:
    """Return numbers of members at the quantiles `chance` (0..1) of the published sizes, among `states`."""
    quantile = np.array([NormalDist().inv_cdf(part) for part in np.clip(chance, 1e-12, 1 - 1e-12).tolist()])
    members = np.rint(states * p.median_share * np.exp(p.size_spread * quantile))
    return np.clip(members, min(p.fewest_members, max(2, states - 1)), states).astype(np.int64)


def founding_odds() -> tuple[Indices, Floats]:
    """Return years and the odds that an organization alive in 2014 was founded then; shapes (years,), odds sum to 1.

    Births are what the mean rate of deaths and the published numbers of living organizations imply (log-linear in
    between, the growth of 1950-70 carried back). They are 4.5 % of the living a year in 1950-70 and .9 % in 2000-14,
    where 4.8 and .85 are published.
    """
    known = np.array(list(ORGANIZATIONS_ALIVE))
    years = np.arange(FIRST_YEAR, known[-1] + 1)
    growth = np.diff(np.log(list(ORGANIZATIONS_ALIVE.values()))) / np.diff(known)
    rate = growth[np.clip(np.searchsorted(known, years) - 1, 0, len(growth) - 1)]  # (years,)
    living = np.exp(np.cumsum(rate))
    surviving = living * (rate + ORGANIZATION_DEATHS) * np.exp(-ORGANIZATION_DEATHS * (years[-1] - years))
    return years, surviving / surviving.sum()


@dataclass(frozen=True)
class _Behaviour:
    """What the tables of the built-in world imply and a draw takes over.

    By state: gifts over GDP. By organization: the share of states that are members, the share of states that
    give, and the part of the voluntary budget that they give.
    """

    purse: Floats
    members: Floats
    donors: Floats
    part: Floats


@cache
def _real() -> Frames:
    """Return the built-in world."""
    return framed(read_tables())


@cache
def _behaviour() -> _Behaviour:
    """Return the behaviour of the built-in world."""
    real = _real()
    _, gifts, budget = money_at(read_tables(), 4 * OBSERVED_YEAR)
    voluntary = budget * real.organizations["voluntary_share"].fillna(0.0).to_numpy(float)
    part = np.minimum(gifts.sum(axis=0) / np.maximum(voluntary, 1.0), 1.0)
    purse = gifts.sum(axis=1) / real.states["gdp_usd"].to_numpy(float)
    members = members_at(read_tables(), 4 * OBSERVED_YEAR).mean(axis=0)
    return _Behaviour(purse, members, (gifts > 0).mean(axis=0), part)


def _parents(bodies: pd.DataFrame) -> Indices:
    """Return the rows of organizations that bill for others."""
    return np.flatnonzero(bodies["code"].isin(set(bodies["parent"])))


def _indispensable(bodies: pd.DataFrame, pool: Indices, billing: bool) -> Indices:
    """Return rows that each world has once: parents, or in a small world universal organizations of dues and gifts."""
    if billing:
        return _parents(bodies)
    both = (bodies["assessed_share"] > 0) & (bodies["voluntary_share"] > 0) & (bodies["universal"] == 1)
    return np.intersect1d(pool, np.flatnonzero(both))


def _world(
    real: Frames, society: Society, rows: Indices, founded: Floats, p: SyntheticParameters, random: Random
) -> Tables:
    """Return the tables of a world whose organizations are modelled on the built-in `rows`."""
    sizes = _sizes(real.organizations, rows, len(society.states), p, random)
    budget = _budgets(real.organizations, rows, p, random)
    order = np.lexsort((-sizes, -np.nan_to_num(budget, nan=-1.0)))
    rows, sizes = rows[order], sizes[order]
    member = _members(society, sizes, p, random)
    bodies = _organizations(real.organizations, rows, budget[order], p, random)
    bodies["founded"] = founded[order].astype(np.int64)
    bodies["universal"] = (sizes == len(society.states)).astype(np.int64)
    return Frames(
        states=society.states,
        organizations=bodies,
        membership=_membership(society, bodies, member),
        contributions=_gifts(society, bodies, member, rows, p, random),
        agreement=society.agreement,
        revenues=frame_of("revenues", 0, {}),
        purses=frame_of("purses", 0, {}),
        private=frame_of("private", 0, {}),
        dependence=_dependence(real, bodies, random),
        lists=_lists(real, bodies),
        alliances=society.alliances,
        issues=real.issues,
        kinds=real.kinds,
        groups=real.groups,
        basis=_basis(),
    ).tables()


def _sizes(bodies: pd.DataFrame, rows: Indices, states: int, p: SyntheticParameters, random: Random) -> Indices:
    """Return numbers of members: evenly over the published sizes, the largest for the largest model.

    Of models with equally many members the richer is the larger; an organization that bills for others comes first.
    """
    count = len(rows)
    sizes = published_sizes((np.arange(count) + random.random(count)) / count, states, p)
    sizes[-1] = states
    budget = np.nan_to_num(bodies["budget_usd"].to_numpy(float))[rows]
    bills = np.isin(rows, _parents(bodies))
    order = np.lexsort((random.random(count), budget, _behaviour().members[rows], bills))
    return sizes[np.argsort(order)]


def _budgets(bodies: pd.DataFrame, rows: Indices, p: SyntheticParameters, random: Random) -> Floats:
    """Return budgets, USD a year, NaN for light organizations."""
    budget = bodies["budget_usd"].to_numpy(float)
    spread = np.log(budget[budget > 0]).std()
    return budget[rows] * np.exp(p.jitter * spread * random.standard_normal(len(rows)))


def _organizations(
    table: pd.DataFrame, rows: Indices, budget: Floats, p: SyntheticParameters, random: Random
) -> pd.DataFrame:
    """Return the table of organizations, still without years of founding and universality."""
    count, codes = len(rows), drawn_codes("O", len(rows))
    parts = table[["assessed_share", "voluntary_share", "other_share"]].to_numpy(float)[rows]
    parts = parts * np.exp(p.share_spread * p.jitter * random.standard_normal(parts.shape))
    parts = parts / np.maximum(parts.sum(axis=1, keepdims=True), 1e-12)
    parents = np.flatnonzero(np.isin(rows, _parents(table)))
    own = {
        "code": codes,
        "name": codes,
        "parent": _chosen_parents(table["parent"].to_numpy(object)[rows], codes, parents, random),
        "council_of": [codes[0] if cell else "" for cell in table["council_of"].to_numpy(object)[rows]],
        "members_known": np.ones(count),
        "budget_usd": budget,
        "assessed_share": parts[:, 0],
        "voluntary_share": parts[:, 1],
        "other_share": parts[:, 2],
    }
    return frame_of("organizations", count, own | resampled(table, rows, own))


def _chosen_parents(model: Iterable[str], codes: Sequence[str], parents: Indices, random: Random) -> list[str]:
    """Return the parent of each organization: one of those drawn, where its model has one."""
    if not len(parents):
        return [""] * len(codes)
    choice = random.choice(parents, len(codes))
    return [codes[place] if cell else "" for cell, place in zip(model, choice, strict=True)]


def _members(society: Society, sizes: Indices, p: SyntheticParameters, random: Random) -> Flags:
    """Return who is a member, shape (states, organizations): those with most affinity to the host.

    The host is a state drawn by the square root of its GDP.
    """
    position, weight, size = society.position, np.sqrt(society.gdp), np.log(society.gdp)
    hosts = random.choice(len(weight), len(sizes), p=weight / weight.sum())
    region = np.unique(society.states["region"].to_numpy(str), return_inverse=True)[1]
    affinity = random.gumbel(size=(len(weight), len(sizes)))
    affinity += p.large * ((size - size.mean()) / max(float(size.std()), 1e-9))[:, None]
    affinity -= p.like_minded * distances(position, position[hosts])
    affinity += p.regional * (region[:, None] == region[hosts])
    affinity[hosts, np.arange(len(sizes))] = np.inf
    return _ranks(affinity) < sizes  # (states, organizations)


def _ranks(values: Floats) -> Indices:
    """Return the rank of each value in its column, 0 for the largest."""
    ranks = np.empty(values.shape, np.int64)
    order = np.argsort(-values, axis=0)
    np.put_along_axis(ranks, order, np.arange(len(values))[:, None], axis=0)
    return ranks


def _membership(society: Society, bodies: pd.DataFrame, member: Flags) -> pd.DataFrame:
    """Return the spells of membership: from founding, open; universal organizations have none."""
    body, state = np.nonzero((member & (bodies["universal"] == 0).to_numpy()).T)
    codes = society.states["code"].to_numpy(object)[state], bodies["code"].to_numpy(object)[body]
    return frame_of("membership", len(state), {"state": codes[0], "organization": codes[1]})


def _gifts(
    society: Society, bodies: pd.DataFrame, member: Flags, rows: Indices, p: SyntheticParameters, random: Random
) -> pd.DataFrame:
    """Return a year of voluntary money: from as many members of each organization as its model has donors.

    They are those with the largest purse, to a power, times a log-normal draw, and give in proportion to it.
    """
    model, count = _behaviour(), len(society.states)
    purse = (society.purse + 1e-9) * society.gdp  # somebody gives even where no usual donor is a member
    noise = np.exp(p.gift_spread * random.standard_normal(member.shape))
    weight = member * purse[:, None] ** p.purse_power * noise
    weight *= _ranks(weight) < np.maximum(np.rint(model.donors[rows] * count), 1)
    voluntary = (bodies["budget_usd"] * bodies["voluntary_share"]).fillna(0.0).to_numpy(float)
    gifts = np.rint(weight / weight.sum(axis=0) * voluntary * model.part[rows]) / MILLION  # whole USD
    body, state = np.nonzero(gifts.T)
    own = {
        "state": society.states["code"].to_numpy(object)[state],
        "organization": bodies["code"].to_numpy(object)[body],
        "year": np.full(len(body), OBSERVED_YEAR - 1),
        "kind": ["voluntary"] * len(body),
        "usd_million": gifts[state, body],
    }
    return frame_of("contributions", len(body), own)


def _dependence(real: Frames, bodies: pd.DataFrame, random: Random) -> pd.DataFrame:
    """Return dependence of organizations on richer ones, of the same issue area if there are any."""
    codes, issue = bodies["code"].to_numpy(object), bodies["issue_area"].to_numpy(object)
    known = int((real.organizations["members_known"] == 1).sum())
    number = round(len(real.dependence) * len(codes) / known)
    weak = np.sort(random.permutation(np.arange(1, len(codes)))[:number])
    chances = random.random(len(weak))
    strong = [_same_issue(issue, row, chance) for row, chance in zip(weak, chances, strict=True)]
    own = {
        "organization": codes[weak],
        "depends_on": codes[np.array(strong, dtype=np.int64)],
        "reason": ["drawn"] * len(weak),
    }
    model = random.choice(len(real.dependence), len(weak))
    return frame_of("dependence", len(weak), own | resampled(real.dependence, model, own))


def _same_issue(issue: npt.NDArray[Any], row: int, chance: float) -> int:
    """Return one of the rows before `row`, of the same issue area if there are any."""
    same = np.flatnonzero(issue[:row] == issue[row])
    return int(same[int(chance * len(same))]) if len(same) else int(chance * row)


def _lists(real: Frames, bodies: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return every list of the built-in world with the organizations that stand for its own."""
    ranked, available = ranked_codes(read_tables())[1], tuple(bodies["code"])
    return {name: organizations_standing_in(codes, ranked, available) for name, codes in real.lists.items()}


def _basis() -> pd.DataFrame:
    """Return how the values of a drawn world are known."""
    notes: Sequence[tuple[str, str, str]] = (
        ("states", "derived", "resampled from the built-in world"),
        ("organizations", "derived", "resampled from the built-in world, with the published sizes"),
        ("contributions", "derived", "purses and numbers of donors resampled from the built-in world"),
        ("agreement", "derived", "from distance, with noise"),
        ("membership", "assumed", "by affinity: near in position, of the same region, large"),
        ("dependence", "assumed", "drawn within issue areas, of the poorer on the richer"),
        ("alliances", "assumed", "drawn, of large states with near ones"),
        ("lists", "assumed", "bodies of like rank stand for the built-in ones"),
    )
    names = ("table", "basis", "note")
    own = dict(zip(names, zip(*notes, strict=True), strict=True))
    return frame_of("basis", len(notes), own | {name: ["*"] * len(notes) for name in ("column", "row")})
