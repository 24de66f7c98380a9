"""Drawn worlds: alike the built-in one where they should be, in the published sizes, for any size and seed.

Random results are held to hypotheses: with fixed seeds and ALARM the level of a test, a correct draw fails a single
test with that chance (less, where rows are resampled), and the seeds are not chosen.
"""

import time
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from abm.calendar import parse_quarter
from abm.data import world_tables as stored
from abm.data.frames import Frames, framed
from abm.data.groups_and_alliances import ties_between
from abm.data.world_tables import members_at, money_at, ranked_codes
from abm.data.write_world import write_tables
from abm.shocks.targets import organizations_standing_in
from abm.worlds import synthetic
from abm.worlds.synthetic import founding_odds, published_sizes
from abm.worlds.synthetic_states import distances

ALARM = 0.001
START = 2025 * 4
FRAMES = ("states", "organizations", "membership", "contributions", "revenues", "dependence", "alliances", "issues",
          "kinds", "groups", "basis")  # fmt: skip
SEEDS = (1, 2, 3)


def read_tables(folder: Path | None = None) -> Frames:
    return framed(stored.read_tables(folder))


@cache
def draw_tables(states: int, organizations: int, seed: int) -> Frames:
    return framed(synthetic.draw_tables(states, organizations, seed))


@cache
def published_population(seed: int) -> Frames:
    return framed(synthetic.published_population(seed))


def same(one: Frames, other: Frames) -> bool:
    frames = all(getattr(one, name).equals(getattr(other, name)) for name in FRAMES)
    return frames and one.lists == other.lists and np.array_equal(one.agreement, other.agreement)


def positions(tables: Frames) -> np.ndarray:
    return tables.states[["position_1", "position_2"]].to_numpy(float)


def sizes(tables: Frames) -> np.ndarray:
    spells = tables.membership["organization"].value_counts()
    bodies = tables.organizations
    inside = bodies["code"].map(spells).fillna(0).to_numpy(int)
    return np.where(bodies["universal"] == 1, len(tables.states), inside)


def known(tables: Frames) -> pd.DataFrame:
    return tables.organizations[tables.organizations["members_known"] == 1]


# The same door as a user's tables.


@settings(max_examples=12)
@given(st.integers(2, 40), st.integers(1, 45), st.integers(0, 2**63 - 1))
def test_any_size_and_seed_is_a_valid_world(
    tmp_path_factory: pytest.TempPathFactory, states: int, organizations: int, seed: int
) -> None:
    tables = draw_tables(states, organizations, seed)
    folder = tmp_path_factory.mktemp("world")
    write_tables(tables, folder)
    assert same(read_tables(folder), tables)
    assert (len(tables.states), len(tables.organizations)) == (states, organizations)
    hold_invariants(tables)


def hold_invariants(tables: Frames) -> None:
    """What holds in every drawn world."""
    states, bodies, count = tables.states, tables.organizations, len(tables.states)
    assert abs(states["un_rate"].sum() - 100) < 1e-6
    assert states["un_rate"].between(0.001 - 1e-9, 22 + 1e-6 if count > 4 else 100).all()
    assert states["gdp_usd"].is_monotonic_decreasing
    assert bodies["budget_usd"].fillna(-1).is_monotonic_decreasing
    assert np.linalg.norm(positions(tables) - positions(tables).mean(0), axis=1).mean() == pytest.approx(0.62)
    assert (states[list(tables.groups["group"])].sum() > 0).all()
    assert states["p5"].sum() == min(count, 5) or count < 11  # fewer where one state stands for several
    members = members_at(tables, START)
    assert members.any(axis=0).all()
    assert (bodies["universal"] == 1).any()
    dues, gifts, budget = money_at(tables, START)
    assert budget.sum() > 0
    assert (gifts <= budget + 1).all()
    assert not gifts[~members].any()
    assert not dues[~members].any()
    assert (ties_between(tables, parse_quarter("2025Q1")) <= 1).all()
    chains = set(bodies["parent"]) - {""}
    assert (bodies["parent"][bodies["code"].isin(chains)] == "").all()
    assert set(tables.lists) == set(read_tables().lists)


def test_smallest_world(tmp_path: Path) -> None:
    tables = draw_tables(2, 1, 0)
    write_tables(tables, tmp_path)
    assert same(read_tables(tmp_path), tables)
    body = tables.organizations.iloc[0]
    assert (body["code"], body["universal"]) == ("O001", 1)
    assert tables.states["code"].tolist() == ["S001", "S002"]
    assert set(tables.lists.values()) == {("O001",)}
    assert tables.dependence.empty
    assert money_at(tables, START)[0].sum() > 0


def test_largest_world_comes_in_time() -> None:
    draw_tables(3, 3, 0)  # the built-in world is read once
    began = time.process_time()
    drawn = synthetic.draw_tables(2000, 1000, 1)
    assert time.process_time() - began < 3
    tables = framed(drawn)
    hold_invariants(tables)
    assert tables.organizations["code"].iloc[-1] == "O1000"


def test_usual_world_comes_in_no_time() -> None:
    took = []
    for seed in range(5):
        began = time.process_time()
        synthetic.draw_tables(60, 30, seed)
        took.append(time.process_time() - began)
    assert min(took) < 0.05


def test_seed_decides() -> None:
    assert same(draw_tables(30, 12, 5), draw_tables.__wrapped__(30, 12, 5))
    other = draw_tables(30, 12, 6)
    for name in ("states", "organizations", "membership", "contributions"):
        assert not getattr(other, name).equals(getattr(draw_tables(30, 12, 5), name)), name
    assert not np.array_equal(other.agreement, draw_tables(30, 12, 5).agreement)
    assert not same(published_population(1), published_population(2))
    assert same(published_population(1), published_population.__wrapped__(1))


def test_drawing_leaves_the_built_in_world_alone() -> None:
    before = {name: getattr(read_tables(), name).copy() for name in FRAMES}
    draw_tables.__wrapped__(40, 40, 3)
    published_population.__wrapped__(3)
    assert all(before[name].equals(getattr(read_tables(), name)) for name in FRAMES)


# Alike the built-in world.


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("column", ["gdp_usd", "population", "income", "position_1", "position_2"])
def test_states_are_distributed_as_the_built_in_ones(seed: int, column: str) -> None:
    def values(tables: Frames) -> np.ndarray:
        table = tables.states.assign(income=tables.states["gdp_usd"] / tables.states["population"])
        numbers = table[column].to_numpy(float)
        return numbers if column.startswith("position") else np.log(numbers / numbers.mean())

    drawn = values(draw_tables(193, 30, seed))
    assert stats.ks_2samp(drawn, values(read_tables())).pvalue > ALARM


def test_states_would_be_found_out_if_distributed_otherwise() -> None:
    real = np.log(read_tables().states["gdp_usd"].to_numpy(float))
    assert stats.ks_2samp(0.4 * real + 0.6 * real.mean(), real).pvalue < ALARM
    assert stats.ks_2samp(real + 1, real).pvalue < ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_what_belongs_together_stays_together(seed: int) -> None:
    drawn, real = draw_tables(400, 30, seed), read_tables()
    for one, two in (("gdp_usd", "population"), ("gdp_usd", "position_1"), ("position_1", "nato")):
        found, expected = (float(stats.spearmanr(t.states[one], t.states[two])[0]) for t in (drawn, real))
        error = np.sqrt(1.06 * (1 / 397 + 1 / 190))  # of Fisher's z of a rank correlation, two samples
        assert abs(np.arctanh(found) - np.arctanh(expected)) < stats.norm.isf(ALARM / 2) * error, (one, two)


def test_states_stand_around_the_centre_of_the_built_in_ones() -> None:
    centre = positions(read_tables()).mean(0)
    np.testing.assert_allclose(positions(draw_tables(60, 5, 1)).mean(0), centre, atol=1e-9)
    assert np.abs(centre).max() > 0.01


def test_no_row_is_a_copy() -> None:
    drawn, real = draw_tables(400, 200, 1), read_tables()
    for column in ("gdp_usd", "population", "position_1", "position_2"):
        others = drawn.states[column].iloc[1:]  # the largest has the GDP of its model on purpose
        assert not set(others) & set(real.states[column]), column
        assert drawn.states[column].is_unique, column
    assert not set(drawn.organizations["budget_usd"].dropna()) & set(real.organizations["budget_usd"])


@pytest.mark.parametrize("seed", SEEDS)
def test_blocs_exist_where_positions_are_near(seed: int) -> None:
    tables = draw_tables(193, 30, seed)
    apart = distances(positions(tables), positions(tables))
    for group in ("eu", "nato", "au"):
        inside = tables.states[group].to_numpy(bool)
        assert apart[np.ix_(inside, inside)].mean() < 0.75 * apart.mean(), group


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("column", ["kind", "issue_area", "exit_form", "voting_rule", "scale", "vote_loss"])
def test_organizations_have_the_built_in_kinds(seed: int, column: str) -> None:
    drawn = draw_tables(10, 400, seed).organizations[column].astype(str).value_counts()
    share = known(read_tables())[column].astype(str).value_counts(normalize=True)
    assert set(drawn.index) <= set(share.index)
    common = share[share > 0.02]  # rarer ones together, as the test needs counts of 5 and more
    expected = np.append(common, share.drop(common.index).sum()) * 400
    seen = np.append([drawn.get(name, 0) for name in common.index], drawn.drop(common.index, errors="ignore").sum())
    kept = expected > 0
    assert stats.chisquare(seen[kept], expected[kept]).pvalue > ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_budgets_and_shares_are_distributed_as_the_built_in_ones(seed: int) -> None:
    drawn, real = draw_tables(10, 400, seed).organizations, known(read_tables())
    full = [table[table["budget_usd"] > 0] for table in (drawn, real)]
    for column in ("budget_usd", "assessed_share", "voluntary_share", "autonomy"):
        assert stats.ks_2samp(*(table[column] for table in full)).pvalue > ALARM, column
    share = len(full[1]) / len(real)
    assert stats.binomtest(len(full[0]), 400, share).pvalue > ALARM


def test_large_bodies_depend_on_their_largest_donor_as_the_built_in_ones_do() -> None:
    def largest_share(tables: Frames) -> np.ndarray:
        gifts, members = money_at(tables, START)[1], members_at(tables, START).sum(axis=0)
        given = gifts[:, (gifts.sum(axis=0) > 0) & (members > 100)]
        return given.max(axis=0) / given.sum(axis=0)

    drawn = np.concatenate([largest_share(draw_tables(193, 134, seed)) for seed in SEEDS])
    assert len(drawn) > 30
    real = np.unique(largest_share(read_tables()).round(6))  # children share their parent's donors: counted once
    assert stats.ks_2samp(drawn, real).pvalue > ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_who_gives_is_who_gave(seed: int) -> None:
    tables = draw_tables(193, 134, seed)
    given = money_at(tables, START)[1].sum(axis=1)  # (states,)
    assert np.sort(given)[-10:].sum() > 0.5 * given.sum()  # .87 in the built-in world
    wealth = tables.states["gdp_usd"].to_numpy(float)
    assert stats.spearmanr(wealth, given)[0] > 0.5  # .66 in the built-in world


@pytest.mark.parametrize("seed", SEEDS)
def test_emissions_go_with_the_model_of_each_state(seed: int) -> None:
    states, real = draw_tables(193, 5, seed).states, read_tables().states
    assert states["emissions_share"].sum() == pytest.approx(real["emissions_share"].sum())
    assert stats.spearmanr(states["emissions_share"], states["gdp_usd"])[0] > 0.9


@pytest.mark.parametrize("states", [6, 10, 60, 193, 2000])
def test_largest_state_is_as_large_as_in_the_built_in_world(states: int) -> None:
    real = read_tables().states["gdp_usd"]
    for seed in SEEDS if states < 1000 else SEEDS[:1]:
        gdp = draw_tables(states, 5, seed).states["gdp_usd"]
        assert gdp.sum() == pytest.approx(real.sum())
        assert gdp.max() / gdp.sum() == pytest.approx(max(real.max() / real.sum(), 1.5 / states))
        assert gdp.iloc[1] <= 0.9 * gdp.iloc[0] * (1 + 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_agreement_falls_with_distance(seed: int) -> None:
    tables = draw_tables(193, 5, seed)
    upper = np.triu_indices(193, 1)
    apart = distances(positions(tables), positions(tables))[upper]
    fit = stats.linregress(apart, tables.agreement[upper])
    assert fit.rvalue == pytest.approx(-0.95, abs=0.01)
    assert fit.slope == pytest.approx(-1 / 4.31, rel=0.05)
    assert np.array_equal(tables.agreement, tables.agreement.T)
    assert (np.diag(tables.agreement) == 1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_allies_and_fellow_members_are_near(seed: int) -> None:
    tables = draw_tables(193, 134, seed)
    apart = distances(positions(tables), positions(tables))
    rows = {code: row for row, code in enumerate(tables.states["code"])}
    allied = [apart[rows[a], rows[b]] for a, b in zip(tables.alliances["state_a"], tables.alliances["state_b"],
                                                      strict=True)]  # fmt: skip
    assert np.mean(allied) < apart.mean()
    assert (tables.alliances["state_a"] != tables.alliances["state_b"]).all()
    members, region = members_at(tables, START), tables.states["region"].to_numpy(str)
    small = [members[:, body] for body in np.flatnonzero(members.sum(axis=0) < 60)]
    assert np.mean([apart[np.ix_(inside, inside)].mean() for inside in small]) < 0.9 * apart.mean()
    assert np.mean([np.max(np.unique(region[inside], return_counts=True)[1]) / inside.sum() for inside in small]) > 0.5


# Published sizes and ages.


def test_published_sizes() -> None:
    members = published_sizes((np.arange(10_000) + 0.5) / 10_000, 193)
    assert np.median(members) == 20
    assert members.mean() == pytest.approx(39.9, abs=1)
    assert (members > 100).mean() == pytest.approx(0.12, abs=0.005)
    assert (members.min(), members.max()) == (3, 193)


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_follow_the_published_ones(seed: int) -> None:
    published = published_sizes((np.arange(10_000) + 0.5) / 10_000, 193)
    drawn = sizes(draw_tables(193, 134, seed))
    assert stats.ks_2samp(drawn, published).pvalue > ALARM
    assert stats.ks_2samp(sizes(read_tables()), published).pvalue < ALARM  # the built-in bodies are larger


@pytest.mark.parametrize("seed", SEEDS)
def test_published_population(seed: int, tmp_path: Path) -> None:
    tables = published_population(seed)
    members = sizes(tables)
    assert len(members) == 334
    assert abs(np.median(members) - 20) <= 1
    assert members.mean() == pytest.approx(39.9, abs=1.5)
    assert (members > 100).mean() == pytest.approx(0.12, abs=0.01)
    assert tables.states.equals(read_tables().states)
    assert set(tables.organizations["kind"]) <= {"agency", "igo"}
    write_tables(tables, tmp_path)
    assert same(read_tables(tmp_path), tables)


def test_published_births() -> None:
    years, odds = founding_odds()
    assert odds.sum() == pytest.approx(1)
    # Deaths undone, births over the living are those published: 4.8 % a year in 1950-70, .85 % in 2000-14.
    births = odds * np.exp(0.0098 * (2014 - years))
    alive = [(odds[years <= year] * np.exp(0.0098 * (2014 - year))).sum() for year in years]
    rate = births / alive
    assert rate[(years > 1950) & (years <= 1970)].mean() == pytest.approx(0.048, abs=0.004)
    assert rate[years > 2000].mean() == pytest.approx(0.0085, abs=0.001)
    assert alive[1950 - 1816] / alive[-1] == pytest.approx(95 / 334, rel=0.03)


@pytest.mark.parametrize("seed", SEEDS)
def test_ages_follow_births_and_deaths(seed: int) -> None:
    years, odds = founding_odds()
    founded = published_population(seed).organizations["founded"].to_numpy()
    edges = [1815, 1945, 1960, 1975, 1990, 2014]
    expected = np.diff(np.interp(edges, np.append(1815, years), np.append(0, np.cumsum(odds)))) * 334
    assert stats.chisquare(np.histogram(founded, np.array(edges) + 0.5)[0], expected).pvalue > ALARM


# Parents, lists, dependence.


def test_parents_come_with_size() -> None:
    assert set(draw_tables(20, 29, 4).organizations["parent"]) == {""}
    for seed in range(5):
        bodies = draw_tables(193, 100, seed).organizations
        parents = bodies[bodies["code"].isin(bodies["parent"])]
        assert len(parents) >= 1
        assert (parents["universal"].max(), parents["assessed_share"].min() > 0) == (1, True)


def test_lists_are_of_the_bodies_that_shocks_mean() -> None:
    real, drawn = read_tables(), draw_tables(60, 30, 1)
    ranked, available = ranked_codes(real)[1], tuple(drawn.organizations["code"])
    for name, codes in real.lists.items():
        assert drawn.lists[name] == organizations_standing_in(codes, ranked, available)
    assert len(drawn.lists["memo-2026-01-07"]) == round(66 * 30 / len(real.organizations))


def test_ranks() -> None:
    states, bodies = ranked_codes(read_tables())
    assert states[:2] == ("USA", "CHN")
    assert bodies[0] == read_tables().organizations.set_index("code")["budget_usd"].idxmax()
    assert (len(set(states)), len(set(bodies))) == (193, len(read_tables().organizations))


def test_dependence_is_on_richer_bodies() -> None:
    tables = draw_tables(20, 200, 1)
    place = {code: row for row, code in enumerate(tables.organizations["code"])}
    pairs = [(place[a], place[b]) for a, b in zip(tables.dependence["organization"], tables.dependence["depends_on"],
                                                  strict=True)]  # fmt: skip
    assert len(pairs) == round(len(read_tables().dependence) * 200 / len(known(read_tables())))
    assert all(poor > rich for poor, rich in pairs)
    issue = tables.organizations["issue_area"].to_numpy(str)
    assert np.mean([issue[a] == issue[b] for a, b in pairs]) > 0.8
