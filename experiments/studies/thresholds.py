"""What chance alone makes: quantiles of quiet worlds, and the spread of signals among placebos, beside their twins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.measures import names
from abm.regime_by_chance import COMMON, RARE
from abm.state.world import Array
from experiments.studies.composed_runs import comparisons, ends, run_of, shocks_of
from experiments.studies.study_result import Report, Size

TITLE = "What chance makes in a world without a shock: the thresholds of regimes"
TARGET = "us-exit-2026"
"""Scenario whose organizations and leaver `shocked.` and `actor_` measures look at."""
SEED = 1
"""Seed of the quiet worlds, another than that of the scenarios that are judged by them."""
PLACEBOS = ("URY", "LKA", "GHA", "FJI", "ISL", "PRY", "LAO", "MWI")
"""Small states of all regions that make the exits of the target; none holds much money or influence."""
QUANTILES = (RARE, COMMON, 1 - COMMON, 1 - RARE)


def target_of(overrides: tuple[str, ...]) -> Experiment:
    """Return the experiment that quiet worlds are the twins of."""
    return load_experiment(TARGET, [f"seed={SEED}", "ensemble=off", *overrides])


def quiet_end(number: int, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return where a quiet run ends: `measures` by name, `bodies` and `aims`.

    `bodies` are organization measures, (measure, organization), NaN where dead; `aims` tell the organizations that the
    target aims at, (organization,).
    """
    target = target_of(overrides)
    run = run_of(target.twin(), number, target)
    built = run.world.built
    alive = run.series.in_scope[-1][:built] > 0
    bodies = np.where(alive, run.series.bodies[-1][:, :built], np.nan)
    return {"measures": ends(run), "bodies": bodies.tolist(), "aims": run.shocked.tolist()}


def differences(values: Array) -> Array:
    """Return all differences between two replicates, of both signs; shape (pair, ...) from (replicate, ...)."""
    one, other = np.triu_indices(len(values), 1)
    apart = values[one] - values[other]
    return np.concatenate([apart, -apart])


def quantiles(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return measure, of (world or body), quantile and value from the ends of quiet runs."""
    rows = []
    for measure in found[0]["measures"]:
        apart = differences(np.array([one["measures"][measure] for one in found]))
        rows += [(measure, "world", q, float(np.nanquantile(apart, q))) for q in QUANTILES]
    bodies = np.array([one["bodies"] for one in found])  # (replicate, measure, organization)
    aimed = np.array(found[0]["aims"]) > 0
    for place, measure in enumerate(names("body")):
        apart = differences(bodies[:, place])
        for name, part in ((measure, apart), (f"shocked.{measure}", apart[:, aimed])):
            rows += [(name, "body", q, float(np.nanquantile(part, q))) for q in QUANTILES]
    return pd.DataFrame(rows, columns=["measure", "of", "quantile", "value"])


def placebo(actor: str, number: int, overrides: tuple[str, ...]) -> dict[str, list[float]]:
    """Return the three-year means of all signals, by time, where a small state makes the exits of the target."""
    shocks = [shock | {"actor": actor} for shock in shocks_of(TARGET)]
    experiment = load_experiment({"extends": TARGET, "shocks": shocks}, [f"seed={SEED}", *overrides])
    (pair,) = comparisons([experiment], number)
    return {signal: values.tolist() for signal, values in pair.trajectory.means.items()}


def deviations(found: Sequence[Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """Return the standard deviation about zero of each signal over placebos and times, and its largest value."""
    rows = []
    for signal in found[0]:
        values = np.array([one[signal] for one in found])
        rows.append((signal, float(np.sqrt((values**2).mean())), float(values.max())))
    return pd.DataFrame(rows, columns=["signal", "deviation", "largest"])


def run(size: Size, out: Path) -> Report:
    """Run quiet worlds and placebos; write `chance_quantiles.csv` and `placebos.csv`.

    Those of full size become the tables of the same names in `abm/data`.
    """
    tasks = [(actor, number, size.overrides) for actor in PLACEBOS for number in range(size.of(quick=1, full=8))]
    table = deviations(size.spread(placebo, tasks))
    for column in ("deviation", "largest"):
        table[column] = [float(f"{value:.4g}") for value in table[column]]
    table = table.assign(runs=len(tasks), command=f"abm study thresholds{' --full' * size.full}")
    table.to_csv(out / "placebos.csv", index=False, lineterminator="\n")
    target = target_of(size.overrides)
    replicates = size.of(quick=16, full=128)
    found = size.spread(quiet_end, [(number, size.overrides) for number in range(replicates)])
    table = quantiles(found).assign(
        runs=replicates, digest=target.twin().digest()[:16], command="abm study thresholds --full"
    )
    table["value"] = [float(f"{value:.4g}") for value in table["value"]]
    table.to_csv(out / "chance_quantiles.csv", index=False, lineterminator="\n")
    return Report({"measures": table["measure"].nunique(), "replicates": replicates}, {"twin": target.twin().digest()})
