"""Calibration by history matching: which values of the free parameters can the calibration patterns not rule out?

Points of a Latin hypercube are run. For every pattern a Gaussian process, the emulator, learns how the pattern depends
on the parameters that matter to it. A point is ruled out where a pattern lies more than three standard deviations (of
emulator, chance, observation and the model's own error together) from what was observed (Craig et al. 1997; Vernon et
al. 2010). To be ruled out by no single pattern is little: most such points miss several bands at once. So points are
drawn from these by how likely all patterns are together. A second wave is run among the points drawn. It tests the
emulators on runs that they have not seen, and sharpens them. A parameter that narrows by less than a fifth is not
identified and is always swept.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from abm.config.reader import load_experiment
from abm.rng import stream
from abm.schedule import PROCESSES
from abm.state.world import Array, Integers
from experiments.report.study_drawing import Bars, draw
from experiments.studies.calibration_targets import LEAST, TARGETS, Target, pattern_values
from experiments.studies.choose_ensemble_rows import even_rows
from experiments.studies.study_result import Report, Size
from experiments.sweeps.sampling import Levels, Scheme, unit_points
from experiments.sweeps.study import Study, read_study

STUDY = "calibration"
CUTOFF = 3.0
"""Standard deviations from which a point is ruled out."""
DISCREPANCY = 1.0
"""Standard deviation of the model's own error, in those of what was observed: taken as large, as is usual (an
assumption), so that intervals do not become too narrow."""
IDENTIFIED = 0.2
"""Narrowing from which a parameter counts as identified."""
ACTIVE = 8
"""Parameters that an emulator looks at: those that go with the pattern most."""
POINTS = 240_000
"""Points that a full study draws from."""
AT_ONCE = 20_000
"""Points at which an emulator is read at once, so that memory stays small."""
DRAWN = 4000
"""Points that are drawn by likelihood, with replacement."""
KEPT = 200
"""Draws that are kept in a file."""
ROWS = 63
"""Rows of the ensemble; the point default, which is not written, is one more."""


def on_scale(target: Target, values: Array) -> Array:
    """Return values on the scale on which a pattern is compared; on a log scale none at all is read as LEAST."""
    return np.log(np.maximum(values, LEAST * target.low)) if target.log else np.asarray(values, float)


def observation(target: Target) -> tuple[float, float]:
    """Return what was observed and its standard deviation, on the scale of comparison; the band is read as 95 %."""
    value, low, high = on_scale(target, np.array([target.value, target.low, target.high])).tolist()
    return value, (high - low) / 4


class Emulator:
    """What a pattern is at any point, learnt from runs: mean and standard deviation, with that of chance in it."""

    def __init__(self, points: Array, values: Array, target: Target) -> None:
        """Learn from `points` (point, parameter) in the unit cube and `values` (point,); NaN are left out."""
        self.target = target
        known = ~np.isnan(values)
        y = on_scale(target, values[known])
        x = points[known]
        self._mean, self._deviation = float(y.mean()), max(float(y.std()), 1e-9)
        strength = np.nan_to_num(
            np.abs(np.corrcoef(x.T, y)[-1, :-1]) + np.abs(np.corrcoef((x.T - 0.5) ** 2, y)[-1, :-1])
        )
        self.active = np.sort(np.argsort(-strength)[:ACTIVE])
        kernel = ConstantKernel(1.0, (0.05, 20)) * RBF(np.ones(len(self.active)), (0.2, 20)) + WhiteKernel(
            0.2, (1e-3, 2)
        )
        self._process = GaussianProcessRegressor(kernel, n_restarts_optimizer=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound: the parameter does not matter
            self._process.fit(x[:, self.active], (y - self._mean) / self._deviation)

    def at(self, points: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation at points (point, parameter); shapes (point,)."""
        parts = np.array_split(points[:, self.active], range(AT_ONCE, len(points), AT_ONCE))
        found = [self._process.predict(part, return_std=True) for part in parts]
        mean, deviation = (np.concatenate(values) for values in zip(*found, strict=True))
        return self._mean + self._deviation * mean, self._deviation * deviation

    def implausibility(self, points: Array) -> Array:
        """Return how many standard deviations lie between a pattern and what was observed; shape (point,).

        They are those of the emulator (chance in it), of the observation, and of the model's own error.
        """
        mean, deviation = self.at(points)
        value, error = observation(self.target)
        return np.abs(mean - value) / np.sqrt(deviation**2 + error**2 * (1 + DISCREPANCY**2))


def emulators(points: Array, values: Mapping[str, Array]) -> dict[str, Emulator]:
    """Return an emulator of every pattern that varies over the points at all."""
    return {
        name: Emulator(points, values[name], target)
        for name, target in TARGETS.items()
        if np.nanstd(on_scale(target, values[name])) > 1e-12
    }


def implausibility(found: Mapping[str, Emulator], points: Array) -> pd.DataFrame:
    """Return the implausibility of points by pattern."""
    return pd.DataFrame({name: emulator.implausibility(points) for name, emulator in found.items()})


def levels_of(study: Study) -> dict[str, Levels]:
    """Return the factors of a study as samplers take them."""
    return {path: factor.levels(whole=False) for path, factor in study.factors.items()}


def settings(factors: Mapping[str, Levels], point: Array) -> dict[str, Any]:
    """Return the values of a point of the unit cube by path."""
    return {path: level.at(float(share)) for (path, level), share in zip(factors.items(), point, strict=True)}


def evaluate(factors: Mapping[str, Levels], points: Array, replicates: int, size: Size) -> dict[str, Array]:
    """Run all points and return the mean over replicates of every pattern; shapes (point,)."""
    tasks = [(settings(factors, point), number) for point in points for number in range(replicates)]
    found = size.spread(pattern_values, tasks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a pattern that no replicate can tell stays NaN
        return {
            name: np.nanmean(np.array([one[name] for one in found]).reshape(len(points), replicates), axis=1)
            for name in TARGETS
        }


def not_ruled_out(implausible: pd.DataFrame) -> Integers:
    """Return the rows of points that no pattern rules out; where there are none, of the least implausible hundredth."""
    worst = implausible.max(axis=1).to_numpy()
    plausible = np.flatnonzero(worst <= CUTOFF)
    return plausible if len(plausible) else np.argsort(worst)[: max(len(worst) // 100, 1)]


def likely(implausible: pd.DataFrame, count: int, seed: int) -> Integers:
    """Return rows of `count` points that are not ruled out, drawn with replacement by how likely all patterns are.

    A point's weight is exp(-I/2), where I is the sum of its squared implausibilities `implausible` (point, pattern):
    patterns are taken as independent.
    """
    rows = not_ruled_out(implausible)
    total = (implausible.to_numpy()[rows] ** 2).sum(axis=1)
    weight = np.exp(-(total - total.min()) / 2)
    return stream((seed, 0), "likely").choice(rows, count, p=weight / weight.sum())


def different(drawn: Integers) -> Integers:
    """Return rows in the order in which they were drawn, each once."""
    return drawn[np.sort(np.unique(drawn, return_index=True)[1])]


def run(size: Size, out: Path) -> Report:
    """Run two waves; write points drawn by likelihood, the ensemble, two tables and a figure."""
    study = read_study(STUDY, [text for text in size.overrides if text.startswith("design.")])
    factors, seed = levels_of(study), study.design.seed or 0
    first = size.of(quick=28, full=study.design.samples or 0)
    replicates = size.of(quick=1, full=study.experiment.replicates)
    scheme = Scheme("lhs", first, 0, False, seed)
    one = unit_points(scheme, list(factors.values()))
    values = evaluate(factors, one, replicates, size)
    before = emulators(one, values)
    many = unit_points(
        scheme._replace(samples=size.of(quick=4000, full=POINTS), seed=scheme.seed + 1), list(factors.values())
    )
    two = many[different(likely(implausibility(before, many), DRAWN, seed))[: max(first // 3, 2)]]
    again = evaluate(factors, two, replicates, size)
    both = np.concatenate([one, two])
    after = emulators(both, {name: np.concatenate([values[name], again[name]]) for name in TARGETS})
    implausible = implausibility(after, many)
    left = Left(many, implausible, likely(implausible, DRAWN, seed + 1))
    _write(out, factors, after, left, _tried(before, two, again))
    return _report(out, factors, left, again, study)


class Left(NamedTuple):
    """What history matching leaves: points (point, parameter), their implausibility by pattern, and the rows drawn."""

    many: Array
    implausible: pd.DataFrame
    drawn: Integers

    @property
    def kept(self) -> Array:
        """Points drawn; shape (draw, parameter)."""
        return np.asarray(self.many[self.drawn])


def _tried(found: Mapping[str, Emulator], points: Array, values: Mapping[str, Array]) -> dict[str, float]:
    """Return the share of unseen runs within two standard deviations of each emulator."""
    shares = {}
    for name, emulator in found.items():
        mean, deviation = emulator.at(points)
        apart = np.abs(on_scale(emulator.target, values[name]) - mean) / deviation
        shares[name] = float(np.mean(apart[~np.isnan(apart)] <= 2))
    return shares


def _write(
    out: Path,
    factors: Mapping[str, Levels],
    found: Mapping[str, Emulator],
    left: Left,
    tried: Mapping[str, float],
) -> None:
    """Write points drawn, rows of the ensemble, and the tables of parameters and patterns."""
    rows = [settings(factors, point) for point in left.kept[:KEPT]]
    frame = pd.DataFrame(rows).map(lambda value: float(f"{value:.5g}"))
    frame.to_csv(out / "calibrated_points.csv", index=False)
    chosen = even_rows(left.kept, defaults(factors), min(ROWS, len(different(left.drawn))), len(factors))
    table = pd.DataFrame([settings(factors, point) for point in chosen])
    table.map(lambda value: f"{value:.4g}").to_csv(out / "ensemble.csv", index=False, lineterminator="\n")
    parameters(factors, left).to_csv(out / "parameters.csv", index=False, float_format="%.4g")
    patterns(found, left, tried).to_csv(out / "patterns.csv", index=False, float_format="%.4g")


def measure_narrowing(points: Array, prior: Array, weights: tuple[Array, Array]) -> Array:
    """Return by how much each parameter's interquartile range shrank, 0 to 1; shape (parameter,)."""
    return 1 - _range(points, weights[0]) / _range(prior, weights[1])


def _range(points: Array, weight: Array) -> Array:
    """Return weighted interquartile ranges; shape (parameter,)."""
    ends = []
    for quantile in (0.25, 0.75):
        order = np.argsort(points, axis=0)
        mass = np.cumsum(weight[order], axis=0) / weight.sum()
        rows = (mass < quantile).sum(axis=0).clip(max=len(points) - 1)
        ends.append(np.take_along_axis(points, order, axis=0)[rows, range(points.shape[1])])
    return ends[1] - ends[0]


def triangular(points: Array, peaks: Array) -> Array:
    """Return the density of a prior that is highest at the defaults and 0 at the ends; `weights` (point, parameter)."""
    rising, falling = points / np.maximum(peaks, 1e-3), (1 - points) / np.maximum(1 - peaks, 1e-3)
    return np.minimum(rising, falling)


def defaults(factors: Mapping[str, Levels]) -> Array:
    """Return where the defaults stand in the ranges, 0 to 1; shape (parameter,)."""
    values = load_experiment("base").resolved()["parameters"]
    grid = np.linspace(0, 1, 1001)
    found = []
    for path, level in factors.items():
        process, _, name = path.partition(".")
        found.append(grid[np.argmin([abs(level.at(share) - values[process][name]) for share in grid])])
    return np.array(found)


def parameters(factors: Mapping[str, Levels], left: Left) -> pd.DataFrame:
    """Return, for every parameter, range, quartiles left, narrowing under two priors, and the pattern that does it.

    Under the triangular prior each parameter is re-weighted by its own density. Assumptions that no pattern was
    thought to touch follow, as not identified.
    """
    many, kept = left.many, left.kept
    flat = (np.ones(len(kept)), np.ones(len(many)))
    peaks = defaults(factors)
    weights = triangular(kept, peaks), triangular(many, peaks)
    uniform = measure_narrowing(kept, many, flat)
    alone = {
        name: measure_narrowing(many, many, (np.exp(-(each**2) / 2) * (each <= CUTOFF), flat[1]))
        for name in left.implausible
        if ((each := left.implausible[name].to_numpy()) <= CUTOFF).sum() > 20
    }
    rows = []
    for place, (path, level) in enumerate(factors.items()):
        column = kept[:, [place]], many[:, [place]]
        other = float(measure_narrowing(*column, (weights[0][:, place], weights[1][:, place]))[0])
        by = max(zip((gain[place] for gain in alone.values()), alone, strict=True), default=(0.0, ""))[1]
        identified = min(uniform[place], other) >= IDENTIFIED
        quarters = [level.at(float(np.quantile(kept[:, place], q))) for q in (0.25, 0.5, 0.75)]
        rows.append(
            (path, level.low, level.high, *quarters, uniform[place], other, by if identified else "", identified)
        )
    names = ("parameter", "low", "high", "quartile_1", "median", "quartile_3", "narrowing_uniform",
             "narrowing_triangular", "identified_by", "identified")  # fmt: skip
    rest = [(path, *[np.nan] * 5, 0.0, 0.0, "", False) for path in assumptions() if path not in factors]
    return pd.DataFrame(rows + rest, columns=names)


def assumptions() -> list[str]:
    """Return the paths of all numeric parameters whose source is an assumption."""
    return [
        f"{process}.{name}"
        for process, cls in PROCESSES.items()
        for name, info in cls.parameters.model_fields.items()
        if info.annotation in (float, int) and isinstance(extra := info.json_schema_extra, dict)
        if extra.get("source") == "assumption"
    ]


def patterns(found: Mapping[str, Emulator], left: Left, tried: Mapping[str, float]) -> pd.DataFrame:
    """Return target, emulated range over the points drawn, and share ruled out alone, for each pattern."""
    rows = []
    for name, emulator in found.items():
        mean, _ = emulator.at(left.kept)
        shown_ = np.exp(mean) if emulator.target.log else mean
        ruled = float(np.mean(left.implausible[name] > CUTOFF))
        rows.append(
            (
                name,
                *emulator.target[:3],
                *np.quantile(shown_, [0.05, 0.5, 0.95]),
                ruled,
                tried.get(name),
                emulator.target.source,
            )
        )
    names = (
        "pattern",
        "observed",
        "low",
        "high",
        "p05",
        "median",
        "p95",
        "ruled_out_alone",
        "emulator_tried",
        "source",
    )
    return pd.DataFrame(rows, columns=names)


def _report(out: Path, factors: Mapping[str, Levels], left: Left, again: Mapping[str, Array], study: Study) -> Report:
    """Return the numbers and sentences of the summary; draw the figure."""
    table = pd.read_csv(out / "parameters.csv").head(len(factors))
    known = table[table["identified"]].sort_values("narrowing_uniform", ascending=False)
    inside = np.all([
        (target.low <= again[name]) & (again[name] <= target.high) | np.isnan(again[name])
        for name, target in TARGETS.items()
    ], axis=0)  # fmt: skip
    misses = {
        name: float(np.nanmean((again[name] >= target.low) & (again[name] <= target.high)))
        for name, target in TARGETS.items()
    }
    worst = left.implausible.max(axis=1)
    share, best, points = float((worst <= CUTOFF).mean()), worst.min(), len(different(left.drawn))
    results = {
        "share_not_implausible": share,
        "different_points_drawn": points,
        "least_implausibility": float(best),
        "identified": dict(zip(known["parameter"], known["identified_by"], strict=True)),
        "not_identified": table[~table["identified"]]["parameter"].tolist(),
        "second_wave_points_within_all_bands": float(inside.mean()),
        "second_wave_points_within_band": misses,
    }
    _figure(table, out / "calibration.svg")
    lines = (
        f"Of the space {share:.2%} is not ruled out (least implausibility {best:.1f}).",
        f"{len(left.drawn)} draws by likelihood hold {points} different points.",
        f"{len(known)} of {len(factors)} parameters are identified; most: "
        + ", ".join(known["parameter"].head(8))
        + ".",
        "Patterns hit by points of the second wave: "
        + ", ".join(f"{name} {value:.0%}" for name, value in misses.items())
        + ".",
    )
    return Report(results, {"base": study.experiment.digest()}, lines)


def _figure(table: pd.DataFrame, file: Path) -> None:
    """Draw by how much the parameters narrowed, the most first: the smaller narrowing of two priors, which decides."""
    least = table.set_index("parameter")[["narrowing_uniform", "narrowing_triangular"]].min(axis=1)
    least = least.sort_values(ascending=False).head(24)
    bars = least.tolist()
    draw(
        file,
        [Bars("Narrowing by history matching", "1 - interquartile range left", least.index.tolist(), bars, bars, bars)],
        "Uniform or triangular prior over the ranges of configs/studies/calibration.yaml, whichever narrows less; "
        f"below {IDENTIFIED:g}: not identified.",
    )
