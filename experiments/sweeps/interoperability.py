"""The model in other people's tools: a SALib problem, and a model of the exploratory modelling workbench, from a study.

study = read_study("contagion-lhs")
problem = salib_problem(study)                          # names and bounds, for SALib.sample and SALib.analyze
outcomes = evaluate(study, SALib.sample.latin.sample(problem, 64), ["shocked.effectiveness"])

model = ema_model(study, ["shocked.effectiveness"])     # needs the extra `ema`
experiments, outcomes = ema_workbench.perform_experiments(model, scenarios=64)
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import loguniform
from threadpoolctl import threadpool_limits

from abm.comparison import Comparison
from abm.config.errors import nearest
from abm.config.experiment import keys_of
from abm.config.reader import ConfigError, Experiment, load_experiment
from abm.outcomes import OUTCOMES, outcome_names, outcomes_of_pair
from abm.state.world import Array
from experiments.sweeps.run_pair import finished_run
from experiments.sweeps.study import Design, Factor, Study, read_study

EMA = find_spec("ema_workbench") is not None
if EMA:
    from ema_workbench import (
        BooleanParameter,
        CategoricalParameter,
        IntegerParameter,
        Model,
        RealParameter,
        ScalarOutcome,
    )

Values = Mapping[str, Any]


def salib_problem(study: Study | str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """Return SALib's problem of a study's factors: `num_vars`, `names` (paths) and `bounds`.

    A factor on a log scale has the bounds of its common logarithm, one with values runs over their places in the list,
    0 to their number: `values_of` turns a row of such a sample into values. Raises ConfigError for a list of points,
    which has no ranges.
    """
    study = read_study(study)
    if not study.factors:
        raise ConfigError("a list of points has no factors with ranges; SALib needs these")
    bounds = [_bounds(factor) for factor in study.factors.values()]
    return {"num_vars": len(bounds), "names": list(study.factors), "bounds": bounds}


def values_of(study: Study, row: Sequence[float] | Array) -> dict[str, Any]:
    """Return the values, by path, that a row of a sample of `salib_problem` stands for."""
    return {path: _value(study, path, float(number)) for path, number in zip(study.factors, row, strict=True)}


def evaluate(study: Study | str | Path | Mapping[str, Any], sample: Array, outcomes: Sequence[str]) -> Array:
    """Return outcomes at the rows of a sample of `salib_problem`, means over replicates; shape (row, outcome).

    Runs in this process, nothing is stored; for thousands of runs use `experiments.sweeps.sweep.run_sweep`. Raises
    ConfigError
    for unknown outcomes and for values that the model refuses.
    """
    study = read_study(study)
    found = [outcomes_of(study.experiment, values_of(study, row), outcomes, study.twins) for row in sample]
    return np.array([[row[name] for name in outcomes] for row in found])


def outcomes_of(
    experiment: Experiment, values: Values, outcomes: Sequence[str], twins: bool = True
) -> dict[str, float]:
    """Return means over replicates of outcomes at values by path: run less twin, or the run alone without twins.

    An outcome is a measure (its last quarter), also as `shocked.<name>`, or one of `abm.outcomes` such as `followers`;
    those of a pair, such as `refill_4`, need twins and stand as they are.
    """
    experiment = experiment.with_values(values)
    runs = [_one(experiment, replicate, outcomes, twins) for replicate in range(experiment.replicates)]
    return {name: float(np.mean([run[name] for run in runs])) for name in outcomes}


def ema_model(
    source: Study | str | Path | Mapping[str, Any] | Experiment,
    outcomes: Sequence[str],
    *,
    uncertainties: Mapping[str, tuple[float, float]] | None = None,
    levers: Sequence[str] = (),
    name: str = "multilateral",
) -> Any:
    """Return an `ema_workbench.Model` of a study, or of a scenario with `uncertainties` (path -> low, high).

    `levers` are the factors that somebody decides on; the others are uncertainties. Names of the workbench hold no
    dots: `legitimacy.blame_weight` is called `legitimacy__blame_weight` there, `shocked.budget` `shocked__budget`.
    Raises ConfigError without the extra `ema`, and for unknown paths and outcomes.
    """
    if not EMA:
        raise ConfigError("the workbench is not installed; get it with `uv sync --extra ema`")
    study = _as_study(source, uncertainties)
    wrong = [path for path in levers if path not in study.factors]
    if wrong:
        raise ConfigError(f"the lever {wrong[0]!r} is not a factor{nearest(wrong[0], study.factors)}")
    outcomes_of(study.experiment.with_values({"replicates": 1}), {}, outcomes, study.twins)  # refuses unknown ones
    model = Model(name.replace("-", "_"), function=_function(study, outcomes))
    model.uncertainties = [_parameter(study, path) for path in study.factors if path not in levers]
    model.levers = [_parameter(study, path) for path in levers]
    model.outcomes = [ScalarOutcome(dotless(outcome)) for outcome in outcomes]
    return model


def dotless(path: str) -> str:
    """Return a name that can be one of Python."""
    return path.replace(".", "__").replace("-", "_")


def _as_study(source: Any, uncertainties: Mapping[str, tuple[float, float]] | None) -> Study:
    """Return a study, made of a scenario where there are uncertainties."""
    if uncertainties is None:
        if isinstance(source, Experiment):
            raise ConfigError("a scenario has no ranges; name `uncertainties` as path -> (low, high)")
        return read_study(source)
    experiment = load_experiment(source)
    for path, ends in uncertainties.items():
        for end in ends:
            experiment.with_values({path: end})
    factors = {path: Factor(low=float(low), high=float(high)) for path, (low, high) in uncertainties.items()}
    study = Study(scenario="base", design=Design(method="lhs", samples=1), factors=factors)
    study._experiment = experiment
    return study


def _bounds(factor: Factor) -> list[float]:
    """Return the bounds of a factor in a sample."""
    if factor.values:
        return [0.0, float(len(factor.values))]
    ends = [float(factor.low or 0.0), float(factor.high or 0.0)]
    return np.log10(ends).tolist() if factor.scale == "log" else ends


def _value(study: Study, path: str, number: float) -> Any:
    """Return the value that a number of a sample stands for."""
    factor = study.factors[path]
    if factor.values:
        return factor.values[min(int(number), len(factor.values) - 1)]
    value = float(10**number) if factor.scale == "log" else number
    return round(value) if _whole(study, path) else value


def _whole(study: Study, path: str) -> bool:
    """Return whether a factor takes whole numbers only."""
    value: Any = study.experiment.layer().values
    for key in keys_of(path, value):
        value = value.get(key) if isinstance(value, dict) else value[key]
    return isinstance(value, int) and not isinstance(value, bool)


def _parameter(study: Study, path: str) -> Any:
    """Return a factor as a parameter of the workbench."""
    factor, name = study.factors[path], dotless(path)
    if factor.values:
        two = set(factor.values) == {True, False} and all(isinstance(value, bool) for value in factor.values)
        return BooleanParameter(name) if two else CategoricalParameter(name, list(factor.values))
    low, high = float(factor.low or 0.0), float(factor.high or 0.0)
    if factor.scale == "log":
        return RealParameter.from_dist(name, loguniform(low, high))
    return IntegerParameter(name, int(low), int(high)) if _whole(study, path) else RealParameter(name, low, high)


def _function(study: Study, outcomes: Sequence[str]) -> Callable[..., dict[str, float]]:
    """Return the function that the workbench calls with one value for each factor."""
    paths = {dotless(path): path for path in study.factors}
    rounded = {path for path, factor in study.factors.items() if factor.scale == "log" and _whole(study, path)}

    def run(**values: Any) -> dict[str, float]:
        known = {paths[name]: value for name, value in values.items() if name in paths}
        given = {path: round(value) if path in rounded else value for path, value in known.items()}
        found = outcomes_of(study.experiment, given, outcomes, study.twins)
        return {dotless(name): value for name, value in found.items()}

    return run


def _one(experiment: Experiment, replicate: int, outcomes: Sequence[str], twins: bool) -> dict[str, float]:
    """Return the outcomes of one replicate, less those of its twin where there is one."""
    with threadpool_limits(limits=1):
        run = finished_run(experiment, replicate, False)
        twin = finished_run(experiment, replicate, True) if twins else None
        pair = {} if twin is None else outcomes_of_pair(Comparison(run, twin))
    found = run.last() | {name: OUTCOMES[name].function(run) for name in outcome_names("run")}
    known = {*found, *pair}
    for name in outcomes:
        if name not in known:
            raise ConfigError(f"unknown outcome {name!r}{nearest(name, known)}")
    if twin is None:
        return {name: found[name] for name in outcomes}
    other = twin.last() | {name: OUTCOMES[name].function(twin) for name in outcome_names("run")}
    return {name: pair[name] if name in pair else found[name] - other[name] for name in outcomes}
