"""SALib's and the workbench's own functions take what is made of a study."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from SALib.sample import latin

from abm.config.errors import ConfigError
from experiments.sweeps.interoperability import ema_model, evaluate, outcomes_of, salib_problem, values_of
from experiments.sweeps.study import read_study

WORLD = {"source": "synthetic", "states": 12, "organizations": 6}
STUDY: dict[str, Any] = {
    "scenario": "who-2025", "world": WORLD, "quarters": 6, "seed": 5, "replicates": 1,
    "design": {"method": "random", "samples": 2},
    "factors": {
        "legitimacy.blame_weight": {"low": 0.1, "high": 5.0, "scale": "log"},
        "legitimacy.rivals": {"values": ["listen", "rally"]},
        "shocks.0.notice_quarters": {"low": 0, "high": 4},
    },
}  # fmt: skip
OUTCOMES = ["shocked.legitimacy", "followers"]


@pytest.fixture(autouse=True)
def _without_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")


def test_a_problem_names_paths_and_bounds() -> None:
    problem = salib_problem(STUDY)
    assert problem["names"] == list(STUDY["factors"])
    assert np.allclose(problem["bounds"], [[-1.0, np.log10(5)], [0, 2], [0, 4]])
    values = values_of(read_study(STUDY), [-1.0, 1.99, 2.6])
    assert values == {
        "legitimacy.blame_weight": pytest.approx(0.1), "legitimacy.rivals": "rally", "shocks.0.notice_quarters": 3,
    }  # fmt: skip
    with pytest.raises(ConfigError, match="no factors"):
        salib_problem(STUDY | {"factors": {}, "design": {"method": "list", "points": [{"seed": 1}]}})


def test_a_sample_of_salib_is_evaluated() -> None:
    study = read_study(STUDY)
    sample = latin.sample(salib_problem(study), 2, seed=1)
    found = evaluate(study, sample, OUTCOMES)
    assert found.shape == (2, 2)
    alone = outcomes_of(study.experiment, values_of(study, sample[1]), OUTCOMES)
    assert found[1].tolist() == [alone[name] for name in OUTCOMES]
    with pytest.raises(ConfigError, match=r"did you mean followers"):
        evaluate(study, sample, ["follower"])


def test_a_model_runs_in_the_workbench() -> None:
    workbench = import_module("ema_workbench")  # takes seconds, which every process that collects tests would need
    model = ema_model(STUDY, OUTCOMES, levers=["legitimacy.rivals"])
    kinds = {parameter.name: type(parameter) for parameter in [*model.uncertainties, *model.levers]}
    assert kinds["legitimacy__blame_weight"] is workbench.RealParameter
    assert kinds["legitimacy__rivals"] is workbench.CategoricalParameter
    experiments, outcomes = workbench.perform_experiments(model, scenarios=2, policies=1)
    row = experiments.iloc[0]
    given = {path: row[path.replace(".", "__")] for path in STUDY["factors"]}
    given = {path: value.item() if hasattr(value, "item") else value for path, value in given.items()}
    expected = outcomes_of(read_study(STUDY).experiment, given, OUTCOMES)
    assert outcomes["shocked__legitimacy"][0] == expected["shocked.legitimacy"]


def test_a_scenario_with_ranges_is_a_model_too() -> None:
    config = {"extends": "who-2025", "world": WORLD, "quarters": 6, "replicates": 1}
    model = ema_model(config, ["clubs"], uncertainties={"legitimacy.blame_weight": (0.0, 2.0)})
    assert [parameter.name for parameter in model.uncertainties] == ["legitimacy__blame_weight"]
    with pytest.raises(ConfigError, match="blame_weight"):
        ema_model(config, ["clubs"], uncertainties={"legitimacy.blame_weight": (0.0, 99.0)})
    with pytest.raises(ConfigError, match="lever"):
        ema_model(STUDY, ["clubs"], levers=["legitimacy.rival"])


def test_the_workbench_draws_a_log_scale_as_such() -> None:
    factors = {"membership.contagion_log_odds": {"low": 0.001, "high": 0.5, "scale": "log"}}
    (parameter,) = ema_model(STUDY | {"factors": factors}, ["followers"]).uncertainties
    assert parameter.dist.ppf([0.0, 0.5, 1.0]) == pytest.approx([0.001, 0.0005**0.5, 0.5])
