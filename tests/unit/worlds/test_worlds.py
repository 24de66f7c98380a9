"""From tables to a world at rest: what is taken over, what is drawn, what starts balanced."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from abm.calendar import parse_quarter
from abm.config.reader import ConfigError, load_experiment
from abm.data.world_tables import members_at, money_at, read_tables
from abm.processes.vitality import VitalityParameters, death_probability
from abm.recording import record
from abm.simulation import Simulation
from abm.state.world import FIELDS, World, check
from abm.worlds.initialize import EXIT_FORMS, KINDS, RULES, build, private_gifts, tables_of
from abm.worlds.parameters import SyntheticParameters, WorldParameters
from abm.worlds.synthetic import draw_tables
from tests.liveness import limits
from tests.worlds_small import cut_experiment, cut_tables

SEED = (3, 0)


def world(**values: Any) -> World:
    return build(cut_experiment(**values), SEED, cut_tables())


def test_every_field_is_in_bounds_at_the_start() -> None:
    for start in ("2014Q1", "2017Q3", "2025Q1"):
        built = build(load_experiment({"world": {"start": start}}), SEED)
        for name in FIELDS:
            assert check(name, getattr(built, name), built) is None


def test_size_and_labels_of_the_built_in_world() -> None:
    built, tables = build(load_experiment("base"), SEED), read_tables()
    assert len(built.gdp) == len(set(built.state_codes)) == 193
    assert built.built == len(set(built.organization_codes)) == len(tables.organizations)
    assert built.quarter == built.start == parse_quarter("2025Q1")


def test_labels_are_those_of_the_tables() -> None:
    built, bodies = world(), cut_tables().organizations
    for field, column, names in (
        ("kind", "kind", KINDS),
        ("voting_rule", "voting_rule", RULES),
        ("exit_form", "exit_form", EXIT_FORMS),
    ):
        assert [names[int(row)] for row in getattr(built, field)] == bodies[column].tolist()
    assert [built.issues[int(row)] for row in built.issue] == bodies["issue_area"].tolist()
    assert built.notice_rule.tolist() == bodies["notice_quarters"].tolist()


def test_who_belongs_where_and_who_pays_what() -> None:
    built, tables = world(), cut_tables()
    start = parse_quarter("2025Q1")
    np.testing.assert_array_equal(built.member, members_at(tables, start))
    dues, gifts, budget = money_at(tables, start)
    np.testing.assert_allclose(built.dues_rate, dues / 4)
    named = ((dues + gifts) > 0).sum(axis=0) >= 3
    np.testing.assert_allclose(built.initial_voluntary[:, named], (gifts / 4 * built.member)[:, named])
    assert (built.initial_budget >= budget / 4 * (1 - 1e-12)).all()


def test_one_known_donor_is_not_the_only_one() -> None:
    """The panel's known 2 of 4.44 million come from one state; the rest is spread by GDP over the other members."""
    built = build(load_experiment("base"), (1, 0))
    column, known = built.organization_codes.index("IPCC"), built.state_codes.index("USA")
    given = 4 * built.initial_voluntary[:, column]
    assert given[known] == pytest.approx(2e6)
    assert given.sum() == pytest.approx(4.44e6, rel=0.01)
    others = np.delete(given, known)
    np.testing.assert_allclose(others / others.sum(), np.delete(built.gdp, known) / np.delete(built.gdp, known).sum())


def test_staff_is_that_of_the_table_and_unknown_is_not_small() -> None:
    tables, experiment = cut_tables(), cut_experiment()
    staff = dict(zip(tables.organizations["code"], world().staff_size, strict=True))
    assert (staff["WHO"], staff["Paris Agreement"]) == (9400, 0)
    blank = np.full(len(tables.organizations), np.nan)
    unknown = build(
        experiment, SEED, dataclasses.replace(tables, organizations=tables.organizations.replaced(staff=blank))
    )
    cost = experiment.values_of("initialization").cost_per_staff
    np.testing.assert_allclose(unknown.staff_size, 4 * unknown.initial_budget / cost)
    assert (unknown.staff_size == 0).any()


def test_nobody_owes_in_kind_where_a_table_does_not_say_so() -> None:
    tables, experiment = cut_tables(), cut_experiment()
    assert world().reciprocal.any()
    blank = tables.organizations.replaced(reciprocal=np.full(len(tables.organizations), np.nan))
    assert not build(experiment, SEED, dataclasses.replace(tables, organizations=blank)).reciprocal.any()


def test_large_and_universal_organizations_of_today_end_by_decision_only() -> None:
    today = Simulation(load_experiment("base"), SEED).world
    p = VitalityParameters()
    risk = dict(zip(today.organization_codes, 1 - (1 - death_probability(today, p)) ** 4, strict=True))
    by_decision = {"EU", "AU", "IMF", "World Bank", "WHO", "ICJ", "IPCC"}  # the last two have few staff, all states
    assert {code: risk[code] for code in by_decision} == pytest.approx(dict.fromkeys(by_decision, 0.0005))
    assert risk["ASEAN"] == pytest.approx(0.00473, abs=1e-5)  # 400 staff: log-odds -4 - .45 ln 20 a year


def test_budgets_balance_at_rest() -> None:
    built = world()
    income = built.initial_assessed + built.initial_voluntary.sum(axis=0) + built.other_income
    np.testing.assert_allclose(income, built.initial_budget)
    np.testing.assert_allclose(built.initial_assessed.sum(), built.dues_rate.sum())
    assert (built.kept_share <= 1).all()
    child, parent = built.organization_codes.index("OHCHR"), built.organization_codes.index("UN-RB")
    assert built.parent[child] == parent
    assert built.parent_share[child] + built.kept_share[parent] == pytest.approx(1)


def test_private_gifts_are_the_table_and_at_most_other_income() -> None:
    """Millions a year as quarters in dollars; of 344.5 million an other income of 50 million a quarter leaves 50."""
    built = build(load_experiment("base"), SEED)
    state, bodies = built.state_codes.index("USA"), built.organization_codes.index
    given = {code: built.private_at_rest[state, bodies(code)] for code in ("WHO", "UNICEF", "WFP")}
    assert given == pytest.approx({"WHO": 86.125e6, "UNICEF": 60.5e6, "WFP": 27.25e6})
    assert built.private_at_rest.sum() == pytest.approx(sum(given.values()))
    assert (built.private_at_rest.sum(axis=0) <= built.other_income).all()
    poor = built.changed(other_income=np.where(built.other_income > 0, 5e7, 0.0))
    assert private_gifts(poor, read_tables())[state, bodies("WHO")] == pytest.approx(5e7)


def test_relations_are_symmetric_and_bounded() -> None:
    built = world()
    np.testing.assert_allclose(built.agreement, built.agreement.T)
    np.testing.assert_allclose(built.trust, built.trust.T)
    np.testing.assert_allclose(np.diag(built.trust), 1)
    usa, gbr, chn = (built.state_codes.index(code) for code in ("USA", "GBR", "CHN"))
    assert built.trust[usa, gbr] > built.trust[usa, chn]


def test_shares_sum_to_one_where_there_are_members() -> None:
    built = world()
    peopled = built.members > 0
    for name in ("agenda_share", "posts_share", "expert_share"):
        np.testing.assert_allclose(getattr(built, name).sum(axis=0), peopled, err_msg=name)
    np.testing.assert_allclose(built.capability.sum(), 1)
    np.testing.assert_allclose(built.programme_need.sum(), 1)
    np.testing.assert_allclose(built.problem_share.sum(axis=0), 1)
    assert not built.members_known[~peopled].any()


def test_bodies_stand_at_the_centre_of_their_members() -> None:
    built = world()
    row = built.organization_codes.index("OECD")
    inside = built.member[:, row] > 0
    np.testing.assert_allclose(built.organization_position[row], built.position[inside].mean(axis=0))
    np.testing.assert_allclose(built.distance, built.reference_distance)
    np.testing.assert_allclose(built.position, built.home_position)


def test_everything_relative_is_one_and_nothing_is_under_way() -> None:
    built = world()
    for name in (
        "legitimacy",
        "effectiveness",
        "staff",
        "expertise",
        "willingness",
        "credibility",
        "voluntary_allowed",
        "capacity",
    ):
        assert (getattr(built, name) == 1).all(), name
    for name in (
        "announced",
        "exited",
        "withheld",
        "rescue",
        "redirected",
        "funding_gap",
        "blame",
        "betrayal",
        "deals",
    ):
        assert not getattr(built, name).any(), name
    assert (built.notice == -1).all()
    assert (built.threat == -1).all()


def test_lapsed_states_start_with_arrears_and_two_years_of_them_without_a_vote() -> None:
    experiment = cut_experiment().with_values({"dues.lapse_rate": 1.0, "dues.recovery_rate": 0.05})
    built = build(experiment, SEED, cut_tables())
    owing = built.arrears > 0
    assert owing.any()
    assert (built.fragile[owing.any(axis=1)] == 1).all()
    listed = (built.arrears >= 8 * built.dues_rate * (1 - 1e-9)) & owing
    np.testing.assert_array_equal(built.suspended > 0, listed & (built.suspends > 0))


def test_lapses_began_at_different_times_most_of_them_not_long_ago() -> None:
    """At a rate of recovery of .2 a year a lapse has lasted four to five years on average."""
    experiment = cut_experiment().with_values({"dues.lapse_rate": 1.0, "dues.recovery_rate": 0.2})
    found = [build(experiment, (seed, 0), cut_tables()) for seed in range(1, 9)]
    owed = np.concatenate([one.arrears[one.arrears > 0] for one in found])
    quarters = owed / np.concatenate([one.dues_rate[one.arrears > 0] for one in found])
    assert len(set(quarters.round(6))) > 5
    assert 8 < quarters.mean() < 32


def test_dues_share_sets_a_payer_and_scales_the_others() -> None:
    plain = world()
    other = world(world__dues_share={"UNESCO": {"USA": 0.25}})
    row, usa = plain.organization_codes.index("UNESCO"), plain.state_codes.index("USA")
    dues = other.dues_rate[:, row]
    assert dues[usa] / dues.sum() == pytest.approx(0.25)
    assert dues.sum() == pytest.approx(plain.dues_rate[:, row].sum())
    np.testing.assert_allclose(
        np.delete(dues, usa) / dues[0], np.delete(plain.dues_rate[:, row], usa) / plain.dues_rate[0, row]
    )
    others = np.arange(plain.built) != row
    np.testing.assert_array_equal(other.dues_rate[:, others], plain.dues_rate[:, others])


@pytest.mark.parametrize(
    ("wanted", "message"),
    [({"UNESCO": {"ISR": 0.1}}, "ISR is not a member of UNESCO"), ({"UNICEF": {"USA": 0.1}}, "UNICEF bills no dues")],
)
def test_dues_shares_that_nobody_could_pay_are_refused(wanted: dict[str, dict[str, float]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(load_experiment("base").with_values({"world.dues_share": wanted}), SEED)


def test_dues_share_of_a_synthetic_world_is_paid_by_those_who_stand_in() -> None:
    experiment = load_experiment({"world": {"source": "synthetic"}})
    plain = build(experiment, SEED)
    billing = next(row for row in np.flatnonzero(plain.dues_rate.sum(axis=0)) if plain.member[0, row])
    share = {plain.organization_codes[billing]: {"USA": 0.3}}
    dues = build(experiment.with_values({"world.dues_share": share}), SEED).dues_rate[:, billing]
    assert dues[0] / dues.sum() == pytest.approx(0.3)
    twice = {plain.organization_codes[billing]: {"USA": 0.1, "S001": 0.1}}
    with pytest.raises(ConfigError, match="stands for two of the states"):
        build(experiment.with_values({"world.dues_share": twice}), SEED)


@pytest.mark.parametrize("end", [0, 1])
def test_worlds_stay_within_bounds_at_the_ends_of_every_parameter(end: int) -> None:
    for name, field in WorldParameters.model_fields.items():
        ends = limits(field)
        assert ends is not None
        built = build(cut_experiment().with_values({f"initialization.{name}": ends[end]}), SEED, cut_tables())
        for declared in FIELDS:
            check(declared, getattr(built, declared), built)


def test_next_elections_lie_ahead_on_their_calendar() -> None:
    built = world()
    ahead = built.next_election - built.start
    assert (ahead >= 1).all()
    assert (ahead <= built.term + 1).all()
    usa = built.state_codes.index("USA")  # election of November 2028, in office from 2029Q1
    assert built.next_election[usa] == parse_quarter("2029Q1")


def test_an_election_that_took_office_at_the_start_comes_again_after_a_term() -> None:
    tables, experiment = cut_tables(), cut_experiment()
    count = len(tables.states)
    dated = tables.states.replaced(election_year=np.full(count, 2024.0), election_quarter=np.full(count, 4.0))
    built = build(experiment, SEED, dataclasses.replace(tables, states=dated))
    np.testing.assert_array_equal(built.next_election - built.start, built.term)


def test_who_has_no_budget_is_light() -> None:
    built = world()
    np.testing.assert_array_equal(built.has_budget, built.initial_budget > 0)
    assert {0, 1} == set(built.has_budget)


def _with(**values: float) -> World:
    given = {f"initialization.{name}": value for name, value in values.items()}
    return build(cut_experiment().with_values(given), SEED, cut_tables())


def test_a_bad_year_at_the_start_takes_a_tenth_of_all_gifts() -> None:
    built = _with(climate_start=-0.1)
    np.testing.assert_allclose(built.voluntary, 0.9 * built.initial_voluntary)
    assert (built.climate == -0.1).all()
    np.testing.assert_allclose(built.voluntary / built.luck, built.initial_voluntary)  # what a usual year will give


@pytest.mark.parametrize("part", [0.0, 0.25, 1.0])
def test_a_problem_is_of_the_able_and_of_the_many(part: float) -> None:
    built, states = _with(problem_capability=part, value_slope=0.3), cut_tables().states
    people = np.asarray(states["population"], float)
    expected = part * built.capability + (1 - part) * people / people.sum()
    np.testing.assert_allclose(built.problem_share[:, built.issues.index("health")], expected)
    assert (built.distance_aversion == 0.3).all()


@pytest.mark.parametrize("gap", [0.0, 0.3])
def test_parties_lie_apart_by_their_swing_and_a_least_gap(gap: float) -> None:
    """The United States swings by .9: its parties lie .9 apart, or as far as they can, around .5."""
    built = _with(least_party_gap=gap)
    np.testing.assert_allclose(built.party_gap, np.minimum(built.swing + gap, 1))
    usa = built.state_codes.index("USA")
    assert built.sovereigntism[usa] == pytest.approx(0.5 + built.party[usa] * min(0.9 + gap, 1) / 2)


def test_elasticities_of_staff_are_drawn_from_their_range() -> None:
    drawn = _with(elasticity_low=0.5, elasticity_range=0.2).elasticity
    assert ((drawn >= 0.5) & (drawn <= 0.7)).all()
    assert (_with(elasticity_low=0.8, elasticity_range=0.0).elasticity == 0.8).all()


def test_replicates_differ_in_what_is_drawn_only() -> None:
    one, other = world(), build(cut_experiment(), (3, 1), cut_tables())
    for name in ("member", "dues_rate", "position", "initial_trust", "gdp"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for name in ("elasticity", "initial_effectiveness", "propensity", "lobby"):
        assert (getattr(one, name) != getattr(other, name)).any(), name


@pytest.mark.parametrize(("states", "organizations"), [(2, 2), (10, 5), (60, 30)])
def test_synthetic_worlds_have_their_size_and_run(states: int, organizations: int) -> None:
    values = {"world": {"source": "synthetic", "states": states, "organizations": organizations}, "quarters": 4}
    simulation = Simulation(load_experiment(values), SEED)
    assert simulation.world.member.shape == (states, organizations)
    assert len(record(simulation).series.system) == 4


def test_tables_of_a_synthetic_world_depend_on_its_seed() -> None:
    def gdp(seed: int) -> list[float]:
        world_ = {"source": "synthetic", "states": 8, "organizations": 4, "seed": seed}
        return [float(value) for value in tables_of(load_experiment({"world": world_})).states["gdp_usd"]]

    assert gdp(1) == gdp(1)
    assert gdp(1) != gdp(2)


def test_sources_of_money_of_a_synthetic_world_are_spread_around_those_of_its_models() -> None:
    def dues_to_gifts(**values: float) -> np.ndarray:
        bodies = draw_tables(20, 40, 1, SyntheticParameters(**values)).organizations
        parts = [np.asarray(bodies[name], float) for name in ("assessed_share", "voluntary_share")]
        both = (parts[0] > 0) & (parts[1] > 0)
        return np.log(parts[0][both] / parts[1][both])

    models = dues_to_gifts(share_spread=0.0)
    usual, wider = (dues_to_gifts(share_spread=spread) - models for spread in (2.0, 5.0))
    assert np.std(usual) == pytest.approx(0.15 * 2 * np.sqrt(2), rel=0.5)
    np.testing.assert_allclose(wider, 2.5 * usual)


def test_whoever_bills_nothing_would_keep_what_it_collects() -> None:
    world = Simulation(cut_experiment(), (1, 0), cut_tables()).world
    bills_nothing = (world.parent < 0) & (world.dues_rate.sum(axis=0) == 0) & (world.alive > 0)
    assert bills_nothing.any()
    assert world.kept_share[bills_nothing].tolist() == [1.0] * int(bills_nothing.sum())


@pytest.mark.parametrize(
    ("state", "camp"), [("AUT", 1), ("TUR", 1), ("JPN", 1), ("FRA", 1), ("CHN", -1), ("KAZ", -1), ("CHE", 0)]
)
def test_one_group_is_enough_for_a_camp(state: str, camp: float) -> None:
    """Austria is in the European Union only, Turkey in NATO only, Japan in the Group of Seven only."""
    built = build(load_experiment("base"), SEED)
    assert built.camp[built.state_codes.index(state)] == camp
