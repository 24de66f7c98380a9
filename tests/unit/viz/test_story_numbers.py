"""What the first screen says: every number is one of the runs', and the headline is the one that they bear out."""

from typing import Any, cast

import numpy as np
import pytest

from abm.outcomes import followers, refills
from abm.regimes import REGIMES
from tests.page_runs import Pairs, Runs, page_runs
from tests.worlds_small import among_few_states
from viz.outcome import outcome
from viz.page_state import PageState
from viz.question_quantities import Evidence
from viz.story_numbers import HARDLY, HORIZON, MOSTLY, dry, findings, headline, order
from viz.worker_runs import carry_out

EXPERIMENT = PageState(scenario="who-2025", config={"quarters": 32}).experiment
COUNT = 2


@pytest.fixture(scope="module")
def runs() -> tuple[Runs, Pairs]:
    with among_few_states():
        return page_runs(EXPERIMENT, COUNT)


@pytest.fixture(scope="module")
def finished(runs: tuple[Runs, Pairs]) -> Runs:
    with among_few_states():
        alone = {(0, "run"): carry_out(EXPERIMENT, 0, "run"), (0, "twin"): carry_out(EXPERIMENT, 0, "twin")}
    return runs[0] | alone


@pytest.fixture(scope="module")
def pairs(runs: tuple[Runs, Pairs]) -> Pairs:
    return runs[1]


def test_numbers_are_those_of_the_runs(finished: Runs, pairs: Pairs) -> None:
    found = findings(finished)
    assert (found["runs"], found["actors"], found["case"]["code"]) == (COUNT, ["USA"], "WHO")
    for year in (1, 3):
        shares = [refills(pair, 4 * year)["WHO"].share for pair in pairs]
        assert found["refill"][f"case_{year}"]["mean"] == pytest.approx(np.mean(shares))
    more = [len(followers(pair.run)) - len(followers(pair.counterfactual)) for pair in pairs if pair.counterfactual]
    assert found["followers"]["mean"] == pytest.approx(np.mean(more))
    trust = [pair.difference("mean_trust_in_actor")[HORIZON] for pair in pairs]
    assert found["trust"]["mean"] == pytest.approx(np.mean(trust), rel=1e-5)
    names = [pair.regime for pair in pairs]
    assert found["order"]["count"] == names.count(found["order"]["name"])


def test_the_money_of_the_case_adds_up(finished: Runs, pairs: Pairs) -> None:
    money = findings(finished)["case"]
    budget = pairs[0].run.money.budgets["WHO"]
    flows = [pair.run.money.by_organization["WHO"][:4].sum() / budget for pair in pairs]
    earned = money["twin"][0] - np.mean([pair.money_without("WHO")[0].sum() * 4 / budget for pair in pairs])
    shown = money["others"][3] + money["leaver"][3] + money["rescue"][3]
    assert shown == pytest.approx(np.mean(flows) + earned, abs=2e-3)
    assert max(money["leaver"][:8]) < 0.01 < money["share"]
    assert money["lost"] == pytest.approx(money["share"], rel=0.2)  # all of it goes
    replaced = [refills(pair, 4)["WHO"].share for pair in pairs]
    assert money["replaced"][3] == pytest.approx(np.mean(replaced), abs=0.02)


def test_bonds_are_those_of_the_first_run(finished: Runs, pairs: Pairs) -> None:
    bonds = findings(finished)["bonds"]
    (body,) = bonds["organizations"]
    out = [quarter for quarter, event in pairs[0].run.events if event.kind == "exit" and event.code == "WHO"]
    assert body["out"] == out[0] - pairs[0].run.quarters[0]
    assert body["share"][-1] < 1
    assert all(actor != "USA" and code == "WHO" for _, actor, code in bonds["follow"])


def number(mean: float, half: float = 0.01) -> dict[str, Any]:
    return {"mean": mean, "low": mean - half, "high": mean + half}


def said(first: float | None, third: float | None, more: float = 0.0, trust: float = 0.0) -> dict[str, Any]:
    refill = {"case_1": None if first is None else number(first), "case_3": None if third is None else number(third)}
    return {"refill": refill, "followers": number(more), "trust": number(trust), "actors": ["USA"]}


@pytest.mark.parametrize(
    ("found", "key"),
    [
        (said(0.8, 0.1), "rescue_goes"),
        (said(0.9, MOSTLY + 0.01), "others_pay"),
        (said(HARDLY - 0.02, HARDLY - 0.01), "gap_stays"),
        (said(0.5, 0.5), "part_paid"),
        (said(None, None, more=4.0, trust=-0.2), "others_follow"),
        (said(None, None, more=0.005, trust=-0.2), "trust_falls"),
        (said(None, None, more=0.005, trust=-0.005), "little_follows"),
        (said(None, None) | {"actors": []}, "nobody_acts"),
    ],
)
def test_the_headline_follows_from_the_numbers(found: dict[str, Any], key: str) -> None:
    assert headline(found) == key


def test_the_outcome_holds_every_quarter(finished: Runs, pairs: Pairs) -> None:
    told = outcome(finished, len(pairs))
    (row,) = [row for row in told["measures"] if row["name"] == "shocked.effectiveness"]
    own = [pair.run.measures["shocked.effectiveness"] for pair in pairs]
    assert row["run"] == pytest.approx(np.median(own, axis=0), rel=1e-3)
    effects = np.array([pair.difference("shocked.effectiveness") for pair in pairs])
    assert row["difference"] == pytest.approx(effects.mean(axis=0), rel=1e-3, abs=1e-6)
    assert all(low <= mean <= high for low, mean, high in zip(row["low"], row["difference"], row["high"], strict=True))


@pytest.mark.parametrize(
    ("replaced", "quarter"),
    [
        ([0.5, 0.2, 0.09, 0.0], 2),
        ([0.5, 0.05, 0.2, 0.0, None], 3),
        ([0.5, 0.2, 0.1], None),
        ([0.05, None, 0.0], None),
        ([], None),
    ],
)
def test_help_has_dried_up_where_it_stays_below_a_tenth(replaced: list[float | None], quarter: int | None) -> None:
    assert dry(replaced) == quarter


def test_what_is_lost_is_the_part_that_is_withheld() -> None:
    """Of a donor that withholds three tenths no more than that is lost, though it gives far more."""
    with among_few_states():
        runs, _ = page_runs(PageState(scenario="selective-hegemony", config={"quarters": 24}).experiment, COUNT)
    money = findings(runs)["case"]
    assert 0.2 * money["share"] < money["lost"] < 0.4 * money["share"]


def test_of_orders_that_are_as_frequent_one_is_told_whatever_the_order_of_the_runs() -> None:
    rows = {name: {f"degree.{one}": float(one == name) for one in REGIMES} for name in ("two_camps", "reform")}
    for together in ((rows["reform"], rows["two_camps"]), (rows["two_camps"], rows["reform"])):
        found = order(Evidence(cast(Any, None), (), together))
        assert found == {"name": "two_camps", "count": 1, "of": 2, "next": "reform"}
