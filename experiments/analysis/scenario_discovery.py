"""Scenario discovery: which factors separate outcomes, and in which box of factors a regime lies.

Feature scores are the importances of extra trees (Geurts, Ernst and Wehenkel 2006); boxes are found by PRIM (Friedman
and Fisher 1999), as the exploratory modelling workbench does both. That is the extra `ema`; without it these analyses
are left out, and the page says so. Both libraries are loaded when first needed: that takes seconds.
"""

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from abm.intervals import NORMAL
from abm.rng import stream
from experiments.analysis.samples import REGIME, Samples
from experiments.analysis.sensitivity import COLUMNS, DUMMY, LEAST_POINTS

AVAILABLE = find_spec("ema_workbench") is not None and find_spec("sklearn") is not None
MISSING = "Feature scores and boxes need the extra `ema`: uv sync --extra ema."
TREES, SCORE_RESAMPLES = 60, 10
BOX_COLUMNS = (
    "regime",
    "factor",
    "low",
    "high",
    "range_low",
    "range_high",
    "words",
    "all_words",
    "coverage",
    "density",
    "share",
    "runs",
    "p",
)
PEEL, LEAST_MASS = 0.05, 0.05
"""Share of runs that PRIM takes off at a time, and the smallest box; half the regime's share where that is less."""


def scores(samples: Samples) -> pd.DataFrame:
    """Return feature scores with the columns of `sensitivity`, index `score`; they add up to 1 over factors.

    A factor that does nothing is among them. The interval is that over resampled points.
    """
    found: list[dict[str, Any]] = []
    for outcome in samples.outcomes if AVAILABLE else ():
        inputs, mean = samples.complete(outcome)
        if len(mean) < LEAST_POINTS or inputs.empty or not samples.varies(outcome):
            continue
        luck = stream((len(mean), 0), "analysis", "scores", outcome)
        places = np.column_stack([inputs.to_numpy(float), luck.random(len(inputs))])
        values = mean.to_numpy(float)
        draws = luck.integers(len(values), size=(SCORE_RESAMPLES, len(values)))
        again = np.array([_importances(places[draw], values[draw], TREES // 3) for draw in draws])
        half, best = NORMAL * again.std(axis=0, ddof=1), _importances(places, values, TREES)
        for row, name in enumerate([*inputs.columns, DUMMY]):
            cells = (outcome, name, "score", best[row], best[row] - half[row], best[row] + half[row], len(values))
            found.append(dict(zip(COLUMNS, cells, strict=True)))
    return pd.DataFrame(found, columns=list(COLUMNS))


def _importances(places: Any, values: Any, trees: int) -> Any:
    """Return the importance of each column for the values; adds up to 1, or is 0 where values are all alike."""
    forest = import_module("sklearn.ensemble").ExtraTreesRegressor(trees, min_samples_leaf=2, random_state=1, n_jobs=1)
    return forest.fit(places, values).feature_importances_


def boxes(samples: Samples) -> pd.DataFrame:
    """Return the limits of the best box of each regime, a row for each restricted factor, columns BOX_COLUMNS.

    A factor that takes numbers has `low` and `high` within its whole range; one that takes words has those in the box
    (`words`) out of `all_words`, separated by commas, since words have no order.

    `coverage` is the share of the regime's runs that lie in the box. `density` is the share of the box's runs that end
    in the regime, `share` that of all runs. Along PRIM's path the box with the highest harmonic mean of coverage and
    density is taken. `p` is the chance that a random box of this size restricts the factor as well (quasi-p; Bryant
    and Lempert 2010). A regime without a useful box has no row.
    """
    found: list[dict[str, Any]] = []
    for regime in sorted(samples.labels.unique()) if AVAILABLE and samples.compares else ():
        flags = samples.labels == regime
        if f"{REGIME}{regime}" in samples.outcomes and len(samples.inputs.columns):
            found += _box(samples, str(regime), flags)
    return pd.DataFrame(found, columns=list(BOX_COLUMNS))


def _box(samples: Samples, regime: str, flags: pd.Series) -> list[dict[str, Any]]:
    """Return the rows of one regime's box."""
    places = flags.index.get_level_values("point")
    inputs = samples.inputs.reindex(places).reset_index(drop=True)
    kept = inputs.notna().all(axis=1)
    inputs, wanted = inputs[kept].reset_index(drop=True), flags.to_numpy(bool)[kept.to_numpy()]
    said = samples.points.reindex(places[kept.to_numpy()])
    inputs = inputs.assign(**{name: pd.Categorical(said[name].astype(str)) for name in samples.words})
    if len(inputs) < LEAST_POINTS or wanted.all() or not wanted.any():
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the workbench's own, about the frames that it handles
        mass = min(LEAST_MASS, float(wanted.mean()) / 2)
        prim = import_module("ema_workbench.analysis.prim")
        box = prim.Prim(inputs, wanted, peel_alpha=PEEL, mass_min=mass).find_box()
    path = box.peeling_trajectory
    quality = 2 * path["coverage"] * path["density"] / (path["coverage"] + path["density"]).clip(lower=1e-9)
    chosen = int(quality.to_numpy().argmax())
    limits, chances = box.box_lims[chosen], box.p_values[chosen]
    rows = []
    for name in inputs.columns:
        limit = _limit(limits[name].tolist(), inputs[name])
        if limit is None:
            continue
        cells = (
            regime, name, *limit, float(path["coverage"].iloc[chosen]), float(path["density"].iloc[chosen]),
            float(wanted.mean()), len(wanted), float(np.nanmax([*chances.get(name, []), -1.0])),
        )  # fmt: skip
        rows.append(dict(zip(BOX_COLUMNS, cells, strict=True)))
    return rows


def _limit(ends: list[Any], values: pd.Series) -> tuple[float, float, float, float, str, str] | None:
    """Return low, high, range, words and all words of a factor in a box; None where it is not restricted."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        every = [word for word in values.cat.categories if (values == word).any()]
        inside = [word for word in every if word in ends[0]]
        return None if inside == every else (*(np.nan,) * 4, ", ".join(inside), ", ".join(every))
    found = (float(ends[0]), float(ends[1]), float(values.min()), float(values.max()))
    return None if found[:2] == found[2:] else (*found, "", "")
