"""Mesa's own tools on the model, as users call them."""

import mesa
import pandas as pd
import pytest

from abm import MultilateralModel
from abm.agents import OrganizationAgent, StateAgent

SYNTHETIC = {"world.source": ["synthetic"], "world.states": [20], "world.organizations": [10]}


def test_the_example_of_direct_use() -> None:
    model = MultilateralModel(scenario="us-exit-2026", rng=1)
    model.run_for(8)
    recorded = model.datacollector.get_model_vars_dataframe()
    assert len(recorded) == 8
    assert recorded["announcements"].sum() > 0
    assert {"USA", "WHO"} <= set(model.graph())
    assert model.graph().nodes["WHO"]["name"] == "World Health Organization"
    assert "United States" in set(model.events().actor)


@pytest.mark.parametrize("processes", [1, 2])
def test_batch_run(processes: int) -> None:
    parameters = {
        "scenario": ["base", "who-2025"],
        "membership.contagion_log_odds": [0.0, 6.0],
        "quarters": [4],
        "collect_agents": [False],
        **SYNTHETIC,
    }
    rows = mesa.batch_run(MultilateralModel, parameters, number_processes=processes, rng=[1, 2], display_progress=False)
    results = pd.DataFrame(rows).sort_values("RunId")
    assert len(results) == 2 * 2 * 2
    assert set(results.Step) == {4}
    shocked = results[results.scenario == "who-2025"]
    assert (shocked.announcements >= 0).all()
    assert shocked["shocked.members"].notna().all()
    assert results.total_income.std() > 0
    again = MultilateralModel(
        scenario="who-2025", rng=1, quarters=4, **{"membership.contagion_log_odds": 6.0},
        **{key: value for key, (value,) in SYNTHETIC.items()},
    )  # fmt: skip
    again.run_model()
    row = shocked[(shocked.rng == 1) & (shocked["membership.contagion_log_odds"] == 6.0)].iloc[0]
    assert {name: row[name] for name in again.measured} == again.measured


def test_batch_run_with_every_quarter_and_agent() -> None:
    rows = mesa.batch_run(
        MultilateralModel, {"scenario": "base", "quarters": 2, **SYNTHETIC},
        data_collection_period=1, rng=1, display_progress=False,
    )  # fmt: skip
    results = pd.DataFrame(rows)
    assert set(results.Step) == {1, 2}
    assert len(results) == 2 * (20 + 10)
    assert results.groupby("Step").credibility.count().tolist() == [20, 20]


def test_agent_sets() -> None:
    model = MultilateralModel("base", rng=1, **{key: value for key, (value,) in SYNTHETIC.items()})
    richest = max(model.agents_by_type[StateAgent], key=lambda state: state.gdp)
    large = model.agents_by_type[OrganizationAgent].select(lambda body: body.members >= 10)
    assert richest.gdp == model.world.gdp.max()
    assert all(body.members >= 10 for body in large)
    assert model.agents_by_type[StateAgent].agg("gdp", sum) == pytest.approx(model.world.gdp.sum())
