"""Sensitivity: which factors move an outcome, by the method that the design was made for, each with 90 % intervals.

Sobol indices (Saltelli's design) and Morris' elementary effects need their own designs; PAWN, which compares the
distribution of an outcome within slices of a factor with the whole, takes any other sampled one (Pianosi and Wagener
2018).
All by SALib. PAWN is above zero even for a factor that does nothing; one that is drawn for that purpose shows how far.
"""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from SALib.analyze import morris, pawn, sobol

from abm.intervals import NORMAL
from abm.rng import stream
from abm.state.world import Array
from experiments.analysis.samples import Flags, Samples
from experiments.sweeps.study import unit_points_of

COLUMNS = ("outcome", "factor", "index", "value", "low", "high", "points")
LEVEL = 0.9
DUMMY = "(nothing)"
"""The factor that does nothing."""
RESAMPLES, PAWN_RESAMPLES = 400, 15
LEAST_POINTS = 24
"""Fewer points than this are too few for slices."""


def sensitivity(samples: Samples) -> pd.DataFrame:
    """Return a row for each outcome, factor and index, with the columns COLUMNS; empty for designs without a method.

    Indices: `S1` and `ST` (Sobol), `S2 with <factor>` (second order), `mu_star` and `sigma` (Morris), `pawn` (median
    over slices). `low` and `high` end the 90 % interval over resampled points; NaN for sigma.
    """
    method = samples.study.design.method
    found: list[dict[str, Any]] = []
    for outcome in samples.outcomes:
        if not samples.varies(outcome):
            continue
        if method not in ("grid", "oat"):
            found += OWN.get(method, pawn_rows)(samples, outcome)
    return pd.DataFrame(found, columns=list(COLUMNS))


def ranking(table: pd.DataFrame, outcome: str) -> list[str]:
    """Return the factors of an outcome, those that matter most first, by the best index there is."""
    for index in ("ST", "mu_star", "pawn", "score"):
        rows = table[(table["outcome"] == outcome) & (table["index"] == index) & (table["factor"] != DUMMY)]
        if len(rows):
            return [str(name) for name in rows.sort_values("value", ascending=False, kind="stable")["factor"]]
    return []


def sobol_rows(samples: Samples, outcome: str) -> list[dict[str, Any]]:
    """Return Sobol indices of one outcome; groups of points of which one is missing are left out."""
    names = list(samples.study.paths)
    pairs = samples.study.design.second_order and len(names) > 1
    values, count = _whole_blocks(samples, outcome, (2 * len(names) + 2) if pairs else len(names) + 2)
    if count < 2 or np.ptp(values) == 0:
        return []
    problem = _problem(names)
    found = sobol.analyze(
        problem, values, calc_second_order=pairs, num_resamples=RESAMPLES, conf_level=LEVEL, seed=_seed(outcome)
    )
    rows = [
        _row(outcome, name, index, found[index][place], found[f"{index}_conf"][place], len(values))
        for index in ("S1", "ST")
        for place, name in enumerate(names)
    ]
    if pairs:
        rows += [
            _row(outcome, names[one], f"S2 with {names[two]}", found["S2"][one, two], found["S2_conf"][one, two],
                 len(values))
            for one in range(len(names))
            for two in range(one + 1, len(names))
        ]  # fmt: skip
    return rows


def morris_rows(samples: Samples, outcome: str) -> list[dict[str, Any]]:
    """Return mean absolute elementary effects and their spread; trajectories with a missing point are left out."""
    names = list(samples.study.paths)
    size = len(names) + 1
    values, count = _whole_blocks(samples, outcome, size)
    if count < 2:
        return []
    kept = _whole(samples, outcome, size)
    places = unit_points_of(samples.study)[kept.repeat(size)]
    found = morris.analyze(
        _problem(names), places, values, num_resamples=RESAMPLES, conf_level=LEVEL,
        num_levels=samples.study.design.levels, seed=_seed(outcome),
    )  # fmt: skip
    rows = []
    for index, name in enumerate(names):
        rows.append(_row(outcome, name, "mu_star", found["mu_star"][index], found["mu_star_conf"][index], len(values)))
        rows.append(_row(outcome, name, "sigma", found["sigma"][index], np.nan, len(values)))
    return rows


def pawn_rows(samples: Samples, outcome: str) -> list[dict[str, Any]]:
    """Return PAWN indices (median over slices), and that of a factor that does nothing."""
    inputs, mean = samples.complete(outcome)
    if len(mean) < LEAST_POINTS or inputs.empty:
        return []
    luck = stream((_seed(outcome), 0), "analysis", "pawn")
    places = np.column_stack([inputs.to_numpy(float), luck.random(len(inputs))])
    names = [*inputs.columns, DUMMY]
    values = mean.to_numpy(float)
    whole = _pawn(names, places, values)
    draws = luck.integers(len(values), size=(PAWN_RESAMPLES, len(values)))
    again = np.array([_pawn(names, places[draw], values[draw]) for draw in draws])  # (resample, factor)
    # resampled points repeat, which lifts the index; its spread is right, its middle is not
    half = NORMAL * again.std(axis=0, ddof=1)
    return [_row(outcome, name, "pawn", whole[row], half[row], len(values)) for row, name in enumerate(names)]


def _pawn(names: list[str], places: Array, values: Array) -> Array:
    """Return the PAWN index of each factor."""
    slices = 8 if len(values) >= 96 else 4 if len(values) >= 40 else 2  # edges of others are not exact numbers
    found = pawn.analyze(_problem(names), places, values, S=slices)
    return np.asarray(found["median"], float)


def _whole(samples: Samples, outcome: str, size: int) -> Flags:
    """Return which blocks of `size` points are complete; shape (block,)."""
    mean = samples.means[outcome].reindex(range(len(samples.points)))
    blocks = mean.to_numpy(float)[: len(mean) // size * size].reshape(-1, size)
    whole: Flags = np.isfinite(blocks).all(axis=1)
    return whole


def _whole_blocks(samples: Samples, outcome: str, size: int) -> tuple[Array, int]:
    """Return the outcome at the points of complete blocks, in order, and the number of these blocks."""
    kept = _whole(samples, outcome, size)
    mean = samples.means[outcome].reindex(range(len(samples.points))).to_numpy(float)
    return mean[: len(kept) * size].reshape(-1, size)[kept].ravel(), int(kept.sum())


def _problem(names: list[str]) -> dict[str, Any]:
    """Return SALib's problem of factors from 0 to 1, as designs are sampled."""
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _seed(outcome: str) -> int:
    """Return a seed for the resampling of an outcome, the same each time."""
    return zlib.crc32(outcome.encode()) + 1


def _row(outcome: str, factor: str, index: str, value: float, half: float, points: int) -> dict[str, Any]:
    """Return one row; `half` is half the width of the interval."""
    found = (outcome, factor, index, float(value), float(value - half), float(value + half), points)
    return dict(zip(COLUMNS, found, strict=True))


OWN: dict[str, Callable[[Samples, str], list[dict[str, Any]]]] = {"sobol": sobol_rows, "morris": morris_rows}
"""Designs that have an analysis of their own."""
