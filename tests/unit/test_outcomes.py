"""Outcomes on runs made by hand: windows of followers, refill and its weights, troughs, money saved while out."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.comparison import Comparison, compare
from abm.deciding_rule import UNDECIDED
from abm.events import Event
from abm.intervals import interval, summary
from abm.measures import names
from abm.outcomes import (
    OUTCOMES,
    cut_total,
    cuts,
    decided,
    deciding_rules,
    followers,
    following,
    following_states,
    followings,
    outcomes_of_run,
    refill,
    refill_median,
    refill_total,
    refills,
    saved_while_out,
    trough,
)
from abm.recording import MoneyFlows, Recording, Series, record
from abm.simulation import Simulation
from abm.state.world import Array
from tests.worlds_small import cut_experiment, cut_tables

START = 8100
USA, POL, IRQ = 0, 1, 2


def recording(
    events: list[tuple[int, Event]] | None = None,
    flows: dict[str, Array] | None = None,
    saving: tuple[float, ...] = (),
    away: tuple[float, ...] = (),
) -> Recording:
    """Return a recording of a made-up run: the United States act on WHO at once and on UPU in the fifth quarter."""
    world = SimpleNamespace(state_codes=("USA", "POL", "IRQ"), start=START)
    first = {"WHO": START, "UPU": START + 4}
    on = dict.fromkeys(first, (USA,))
    actors = np.array([1.0, 0, 0])
    simulation: Any = SimpleNamespace(world=world, first_acts=first, actors_on=on, actors=actors, looked_at=())
    money, series = MoneyFlows(), Series()
    money.donors = ("USA", "POL", "private")
    money.by_organization = flows or {}
    money.budgets = dict.fromkeys(flows or {}, 400.0)
    series.quarters = [START + place for place in range(max(len(saving), 1))]
    series.away = list(away)
    made = Recording(simulation, series, events or [], money, np.ones(2))
    made.measures = {
        "actor_saving": np.array(saving),
        "shocked.budget": np.array(saving),
        "trust_gap": np.array(saving),
    }
    return made


def announced(after: int, state: int, code: str, rule: str = "affinity") -> tuple[int, Event]:
    return START + after, Event("announce", state, 0, {"rule": rule}, code=code)


def test_each_organization_has_its_own_window_of_three_years() -> None:
    events = [
        announced(0, USA, "WHO"),  # acts itself
        announced(0, POL, "WHO"),
        announced(3, POL, "UPU"),  # before the act on UPU
        announced(12, IRQ, "WHO"),
        announced(13, IRQ, "UPU"),
        announced(16, POL, "UPU"),
        announced(17, IRQ, "UPU"),  # a quarter too late, and a second time
        announced(5, IRQ, "IMO"),  # not aimed at
    ]
    run = recording(events)
    found = [(one.state, one.organization, one.lag) for one in followers(run)]
    assert found == [("POL", "WHO", 0), ("IRQ", "WHO", 12), ("IRQ", "UPU", 9), ("POL", "UPU", 12)]
    assert len(list(followings(run, within=None))) == 5
    assert list(following(events, {"WHO": START + 1}, {USA})) == [announced(12, IRQ, "WHO")]


def test_a_state_follows_out_of_an_organization_once() -> None:
    run = recording([announced(1, POL, "WHO"), announced(7, POL, "WHO")])
    assert [one.lag for one in followers(run)] == [1]


def test_effects_are_those_of_the_last_quarter_and_events_are_counted_by_kind() -> None:
    run, twin = (
        recording([announced(1, POL, "WHO"), announced(2, IRQ, "UPU")], saving=(9, 8, 5)),
        recording(saving=(1, 2, 3)),
    )
    assert run.last() == {"actor_saving": 5, "shocked.budget": 5, "trust_gap": 5}
    assert (run.count("announce"), run.count("announce", "exit"), run.count("exit"), run.years) == (2, 2, 0, 0.75)
    pair = Comparison(run, twin)
    assert pair.changes == {"actor_saving": 2, "shocked.budget": 2, "trust_gap": 2}
    assert pair.difference("trust_gap").tolist() == [8, 6, 2]
    assert Comparison(run, None).changes == {}


def test_states_that_follow_and_rules_that_decide_it_are_shares_of_runs_and_of_exits() -> None:
    """POL follows out of two organizations in one run and out of one in the other; IRQ once, by no single rule."""
    one = recording([announced(1, POL, "WHO", "act"), announced(9, POL, "UPU"), announced(9, IRQ, "UPU", UNDECIDED)])
    other = recording([announced(3, POL, "WHO")])
    runs = [followers(one), followers(other)]
    assert list(following_states(runs).items()) == [("POL", 1.0), ("IRQ", 0.5)]
    assert list(deciding_rules(runs).items()) == [("affinity", 0.5), ("act", 0.25), (UNDECIDED, 0.25)]
    assert decided(one) == pytest.approx(2 / 3)
    assert np.isnan(decided(recording([])))
    assert following_states([]) == deciding_rules([[], []]) == {}


def lossy(lost: float, given: float, quarters: int = 12) -> tuple[Array, Array]:
    """Return flows with and without the shock: the leaver gives `lost` less from the third quarter, another more."""
    without = np.tile([50.0, 50.0, 0.0], (quarters, 1))
    flows = without.copy()
    flows[2:, 0] -= lost
    flows[2:, 1] += given
    return flows, without


def test_refill_is_what_others_give_over_what_is_lost() -> None:
    flows, without = lossy(20.0, 5.0)
    leavers = np.array([1.0, 0, 0])
    answer = refill(flows, without, leavers, 400.0, 4)
    assert answer is not None
    assert answer[0] == pytest.approx(0.25)
    np.testing.assert_allclose(answer[1], [0, 0.25, 0])
    assert refill(flows, without, leavers, 400.0, 11) is None, "the run is too short"
    assert refill(without, without, leavers, 400.0, 4) is None, "nothing is lost"


def test_total_refill_weighs_organizations_by_their_loss() -> None:
    big, small = lossy(30.0, 15.0), lossy(10.0, 0.0)
    run = recording(flows={"WHO": big[0], "UPU": small[0]})
    comparison = Comparison(run, recording(flows={"WHO": big[1], "UPU": small[1]}))
    assert {code: (one.share, one.lost) for code, one in refills(comparison, 4).items()} == {
        "WHO": (pytest.approx(0.5), pytest.approx(120)), "UPU": (pytest.approx(0), pytest.approx(40)),
    }  # fmt: skip
    assert refill_total(comparison, 4) == pytest.approx(0.5 * 3 / 4)
    assert refill_median(comparison, 4) == pytest.approx(0.25)
    assert np.isnan(refill_total(Comparison(comparison.run, comparison.run), 4))


def test_only_the_leavers_of_an_organization_count_as_its_leavers() -> None:
    flows, without = lossy(20.0, 20.0)
    run, twin = (recording(flows={"WHO": one}) for one in (flows, without))
    run.simulation.actors_on = {"WHO": (USA,), "UPU": (POL,)}
    assert refills(Comparison(run, twin), 4)["WHO"].share == pytest.approx(1), "what Poland gives more is refill"


def test_trough_is_the_worst_quarter_in_the_direction_of_the_measure() -> None:
    run, twin = recording(saving=(0.0, -0.3, -0.1, 0.2)), recording(saving=(0.0, 0.0, 0.0, 0.0))
    lowest = trough(Comparison(run, twin), "shocked.budget")
    assert (lowest.effect, lowest.quarter) == (pytest.approx(-0.3), START + 1)
    highest = trough(Comparison(run, twin), "trust_gap")
    assert (highest.effect, highest.quarter) == (pytest.approx(0.2), START + 3), "more of it is worse"


def test_money_counts_as_saved_only_while_the_leaver_is_out() -> None:
    run = recording(saving=(5.0, 10.0, 20.0, 40.0), away=(1, 2, 2, 1))
    twin = recording(saving=(1.0, 1.0, 1.0, 1.0), away=(1, 1, 1, 1))
    assert saved_while_out(Comparison(run, twin)) == pytest.approx(9 + 19)
    assert np.isnan(saved_while_out(Comparison(twin, twin)))


def test_summary_has_the_interval_of_the_mean_and_percentiles_of_runs() -> None:
    assert interval([1.0, 3.0]) == pytest.approx((2.0, 2.0 - 6.313751515, 2.0 + 6.313751515))
    assert interval([4.0]) == (4.0, None, None)
    found = summary([1.0, float("nan"), 3.0])
    assert (found["mean"], found["low"]) == (2.0, pytest.approx(2.0 - 6.313751515))
    assert (found["p05"], found["p95"]) == (pytest.approx(1.1), pytest.approx(2.9))
    assert set(summary([float("nan")]).values()) == {None}


# On runs of the model


def shocked(**values: Any) -> Any:
    shocks = [{"kind": "exit", "actor": "USA", "organizations": ["WHO"], "announced": "2025Q2", "notice_quarters": 1}]
    return cut_experiment(quarters=8, shocks=shocks, **values)


def test_flows_are_summed_over_the_run() -> None:
    run = record(Simulation(shocked(), (5, 0), cut_tables()))
    found = outcomes_of_run(run)
    assert found["exits_total"] == run.count("exit") > 0
    assert found["announcements_total"] == run.count("announce") > 0


def test_leaver_is_out_from_the_effect_on() -> None:
    run = record(Simulation(shocked(), (5, 0), cut_tables()))
    left = next(quarter for quarter, event in run.events if event.kind == "exit")
    assert [bool(away) for away in run.series.away[: left - run.quarters[0]]] == [False] * (left - run.quarters[0])
    assert run.series.away[left - run.quarters[0]] == 1


def test_a_run_and_its_counterfactual_differ_by_the_shock() -> None:
    comparison = compare(shocked(), 0)
    assert comparison.counterfactual is not None
    assert comparison.counterfactual.is_twin
    np.testing.assert_array_equal(comparison.difference("shocked.members")[:1], [0.0])
    assert comparison.effects.keys() - comparison.changes.keys() == {"modularity", "modularity_excess", "modularity_z"}
    assert comparison.regimes[comparison.regime] == max(comparison.regimes.values())


def test_an_observer_sees_refill_against_the_year_before() -> None:
    """The leaver gives 20 less of 50; others give 5 more than without the shock, and 10 less in a bad year."""
    flows, without = lossy(20.0, 5.0)
    bad = np.where(np.arange(12) >= 2, -10.0, 0.0)[:, None] * [0, 1, 0]
    run, twin = recording(flows={"WHO": flows + bad}), recording(flows={"WHO": without + bad})
    run.money.rest = {"WHO": np.array([50.0, 50.0, 0.0])}
    comparison = Comparison(run, twin)
    assert refills(comparison, 4)["WHO"].share == pytest.approx(0.25)
    assert refills(comparison, 4, seen=True)["WHO"].share == pytest.approx(-0.25)
    assert refill_total(comparison, 4, seen=True) == pytest.approx(-0.25)
    assert OUTCOMES["refill_seen_4"].function(comparison) == pytest.approx(-0.25)


def with_budgets(levels: Array) -> Recording:
    """Return a recording with budgets of WHO and UPU relative to rest by quarter, (quarter, organization)."""
    run = recording(flows=dict.fromkeys(("WHO", "UPU"), np.zeros((len(levels), 3))))
    run.simulation.world.organization_codes = ("WHO", "UPU")
    run.series.quarters = [START + place for place in range(len(levels))]
    row = names("body").index("budget")
    for budgets in levels:
        block = np.ones((len(names("body")), 2))
        block[row] = budgets
        run.series.bodies.append(block)
        run.series.alive.append(np.ones(2))
    return run


def test_cuts_are_counted_from_the_act_against_the_twin_or_the_quarter_before() -> None:
    """WHO is acted on in the first quarter, UPU in the fifth, before which a good year has raised its budget to 1.2."""
    levels, without = np.ones((9, 2)), np.ones((9, 2))
    levels[4:, 0], without[4:, 0] = 0.72, 0.9
    levels[3, 1] = without[3, 1] = 1.2
    levels[8, 1], without[8, 1] = 0.9, 1.0
    comparison = Comparison(with_budgets(levels), with_budgets(without))
    assert cuts(comparison, "budget", 4) == pytest.approx({"WHO": 0.2, "UPU": 0.1})
    assert cuts(comparison, "budget", 4, seen=True) == pytest.approx({"WHO": 0.28, "UPU": 0.25})
    assert cut_total(comparison, "budget", 4) == pytest.approx(0.15)
    assert cuts(comparison, "budget", 5) == pytest.approx({"WHO": 0.2}), "the run ends before"
    comparison.run.series.alive[4] = np.array([0.0, 1.0])
    assert set(cuts(comparison, "budget", 4)) == {"UPU"}
