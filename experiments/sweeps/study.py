"""Studies: a scenario, factors with ranges, and the design that says at which points it is run.

A study config is read by `read_study` and checked to the last key like a scenario; `points` lays out its design. Draws
of a design come from `abm.rng.stream` with the design's seed, so that a study has the same points everywhere.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from abm.config.errors import ConfigError, nearest
from abm.config.experiment import Experiment, canonical, config_error, keys_of
from abm.config.layers import Layer
from abm.config.plugins import Finder
from abm.config.reader import STUDY_KEYS, load_study, read_layer
from abm.config.renamed import renamed
from abm.config.sections import StrictModel
from abm.measures import MEASURES, names
from abm.outcomes import outcome_names
from abm.simulation import rehearse
from experiments.sweeps.point_list import listed_points
from experiments.sweeps.sampling import SAMPLED, Levels, Scheme, lay_out, size_of, unit_points

__all__ = [
    "Design", "Factor", "Study", "checked_points", "describe_study", "fill_blanks", "is_study", "number_of_points",
    "points", "read_study", "unit_points_of", "values_at",
]  # fmt: skip

Value = bool | int | float | str
MAXIMAL_POINTS = 1_000_000


class Factor(StrictModel):
    """What is varied: a range from `low` to `high`, or a few values."""

    low: float | None = Field(None, description="lower end of the range")
    high: float | None = Field(None, description="upper end of the range")
    values: tuple[Value, ...] | None = Field(None, description="values instead of a range")
    scale: Literal["linear", "log"] = Field("linear", description="on which a range is spread evenly")

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse factors that are neither a range nor values."""
        ranged = self.low is not None and self.high is not None
        if ranged == bool(self.values) or (self.values and (self.low is not None or self.high is not None)):
            raise ValueError("write low and high, or values")
        if ranged and not (self.low or 0.0) < (self.high or 0.0):
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.scale == "log" and (self.values or (self.low or 0.0) <= 0):
            raise ValueError("a log scale needs a range above 0")
        return self

    def levels(self, whole: bool) -> Levels:
        """Return the factor as samplers take it; `whole` for factors that take whole numbers only."""
        return Levels(self.low or 0.0, self.high or 0.0, self.values or (), self.scale == "log", whole)


class Design(StrictModel):
    """At which points of the factors a study is run."""

    method: Literal["grid", "oat", "lhs", "sobol", "morris", "random", "list"] = Field(description="kind of design")
    samples: int | None = Field(
        None,
        ge=1,
        le=MAXIMAL_POINTS,
        description="points (lhs, random, of a list), base points (sobol, a power of two), trajectories (morris)",
    )
    levels: int = Field(4, ge=2, le=1000, description="levels of a range in a grid, one at a time, and for morris")
    second_order: bool = Field(False, description="sobol: points for pairs of factors, too")
    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="seed of the design (that of the scenario)")
    file: str | None = Field(None, description="list: CSV file beside this one, a column for each factor")
    points: tuple[dict[str, Value], ...] | None = Field(None, description="list: the points themselves")

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse keys that the method does not know, and miss those that it needs."""
        if self.method in SAMPLED and self.samples is None:
            raise ValueError(f"a {self.method} design needs samples")
        if self.method not in SAMPLED and self.method != "list" and self.samples is not None:
            raise ValueError(f"a {self.method} design has no samples; it has levels")
        if self.method == "sobol" and (self.samples or 0).bit_count() != 1:
            raise ValueError(f"samples of a sobol design must be a power of two, not {self.samples}")
        if self.method == "morris" and self.levels % 2:
            raise ValueError(
                f"levels of a morris design must be even, not {self.levels}: an odd number leaves out ends"
            )
        if (self.method == "list") != (self.file is not None or self.points is not None):
            raise ValueError("a list needs a file or points, and no other design has them")
        return self


class Study(StrictModel):
    """A designed experiment. Made by `read_study`; `experiment` is its scenario with the study's own keys over it."""

    scenario: str = Field(description="shipped name or path of the scenario to study")
    factors: dict[str, Factor] = Field({}, description="path of a value -> how it is varied")
    design: Design = Field(description="at which points it is run")
    outcomes: Literal["all"] | tuple[str, ...] = Field(
        "all", description="measures and outcomes that count; all are kept"
    )
    twins: bool = Field(True, description="run the world without the shock beside each run")

    _experiment: Experiment = PrivateAttr(default_factory=Experiment)

    @property
    def experiment(self) -> Experiment:
        """The scenario at the centre of the design."""
        return self._experiment

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of all factors, in order."""
        listed = self.design.points or ()
        return tuple(self.factors) or tuple(dict.fromkeys(path for point in listed for path in point))

    def resolved(self) -> dict[str, Any]:
        """Return the study as plain, JSON-able values from which `read_study` makes it again."""
        return self.experiment.resolved() | self.model_dump(mode="json", exclude_none=True) | {"scenario": "base"}


def read_study(
    source: str | Path | Mapping[str, Any] | Study,
    overrides: Sequence[str] = (),
    folder: Path | None = None,
    find: Finder | None = None,
) -> Study:
    """Return a checked study: a shipped name, a path, or a mapping of the same keys.

    `overrides` are texts `PATH=VALUE` on the scenario (`quarters=8`) or on the study (`design.samples=16`); `folder` is
    where a mapping's files are looked up. Raises ConfigError with one clear message for whatever is wrong; points are
    checked by `checked_points`.
    """
    if isinstance(source, Study):
        return source
    experiment, layer = load_study(source, overrides, folder, find)
    if "design" not in layer.values:
        raise layer.error(("design",), "is missing: at which points the study is run, as {method: lhs, samples: 60}")
    factors = layer.values.get("factors")
    for path in factors if isinstance(factors, dict) else ():
        _validated(Factor, layer, ("factors", path))
    study = _validated(Study, layer, ())
    study = _with_listed(study, layer, experiment.folder)
    study._experiment = experiment
    _check_factors(study, layer)
    _check_size(study, layer)
    _check_outcomes(study, layer)
    return study


def _validated[R: StrictModel](kind: type[R], layer: Layer, path: tuple[str, ...]) -> R:
    """Return the values at a path of a layer as a record. Raises ConfigError."""
    values: Any = layer.values
    for key in path:
        values = values[key]
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise config_error(error, layer, kind, path) from None


def points(study: Study) -> pd.DataFrame:
    """Return the points of the design: a row each, a column for each factor's path, index `point`."""
    if study.design.method == "list":
        frame = pd.DataFrame(list(study.design.points or ()), columns=list(study.paths), dtype=object)
    else:
        rows = lay_out(_scheme(study), [_levels(study, path) for path in study.paths], _centre(study))
        frame = pd.DataFrame(rows, columns=list(study.paths), dtype=object)
    return frame.infer_objects().rename_axis("point")


def unit_points_of(study: Study) -> Any:
    """Return the sampled points before they are mapped to the factors' ranges, each in 0 to 1; (point, factor).

    For designs that are sampled (lhs, sobol, morris, random); what SALib's analyses take with bounds of 0 and 1.
    """
    return unit_points(_scheme(study), [_levels(study, path) for path in study.paths])


def values_at(frame: pd.DataFrame, point: int) -> dict[str, Value]:
    """Return the values of one point by path, as plain numbers and texts; whole numbers as integers.

    A blank in a list of points leaves the scenario's own value.
    """
    found: dict[str, Any] = {str(path): _plain(frame[path].loc[point]) for path in frame.columns}
    return {path: value for path, value in found.items() if value is not None and value == value}  # not None, not NaN


def fill_blanks(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """Return points with the scenario's own values in place of blanks."""
    own = dict(zip(study.paths, _centre(study), strict=True))
    return frame.fillna({path: own[str(path)] for path in frame if isinstance(own.get(str(path)), Value)})


def checked_points(study: Study) -> pd.DataFrame:
    """Return `points(study)`, each world built. Raises ConfigError, which names the point that cannot be run."""
    frame = points(study)
    built: set[str] = set()
    for point in frame.index:
        values = values_at(frame, point)
        try:
            experiment = study.experiment.with_values(values)
            if (world := _refusable(experiment)) not in built:
                rehearse(experiment)
                built.add(world)
        except ConfigError as error:
            said = ", ".join(f"{path}={value}" for path, value in values.items())
            raise ConfigError(f"point {point} of the design ({said}): {error}") from None
    return frame


def _refusable(experiment: Experiment) -> str:
    """Return what decides whether a world can be built: no more than its processes where nobody's dues are set.

    Of dues it counts whose are set; that they are possible shares is checked before.
    """
    world = experiment.world.model_dump()
    if not (dues := world.pop("dues_share")):
        return ""
    payers = {body: sorted(shares) for body, shares in dues.items()}
    return canonical({"world": world, "payers": payers, "drawn": experiment.values_of("synthetic").model_dump()})


def _plain(value: Any) -> Value:
    """Return a number of NumPy as one of Python, whole ones as integers: equal runs have equal keys."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _scheme(study: Study) -> Scheme:
    """Return method and sizes of the design as samplers take them."""
    design = study.design
    seed = study.experiment.seed if design.seed is None else design.seed
    return Scheme(design.method, design.samples or 0, design.levels, design.second_order, seed)


def _levels(study: Study, path: str) -> Levels:
    """Return a factor as samplers take it."""
    own = _own_value(study.experiment, path)
    return study.factors[path].levels(whole=isinstance(own, int) and not isinstance(own, bool))


def _centre(study: Study) -> list[Any]:
    """Return the scenario's own values of the factors."""
    return [_own_value(study.experiment, path) for path in study.paths]


def _own_value(experiment: Experiment, path: str) -> Any:
    """Return the scenario's own value at a path, None where it has none."""
    value: Any = experiment.layer().values
    for key in keys_of(path, value):
        inside = isinstance(value, dict) and key in value
        listed = isinstance(value, tuple) and isinstance(key, int) and key < len(value)
        value = value[key] if inside or listed else None
    return value


def _with_listed(study: Study, layer: Layer, folder: Path) -> Study:
    """Return a study whose list of points, if it has one, stands in it and no longer in a file."""
    design = study.design
    if design.method != "list":
        if not study.factors:
            raise layer.error(("factors",), "is missing or empty: what the study varies")
        return study
    if study.factors:
        raise layer.error(("factors",), "a list of points has its own values; remove the factors")
    listed = list(design.points or ()) if design.file is None else _rows_of(folder / design.file, layer)
    if not listed:
        raise layer.error(("design", "points"), "the list of points is empty")
    if design.samples is not None:
        listed = [listed[row] for row in Scheme("list", design.samples, 2, False, design.seed or 0).chosen(len(listed))]
    update = {"points": tuple(listed), "file": None, "samples": None}
    return study.model_copy(update={"design": design.model_copy(update=update)})


def _rows_of(file: Path, layer: Layer) -> list[dict[str, Value]]:
    """Return the rows of a CSV file as points."""
    try:
        return listed_points(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise layer.error(("design", "file"), f"{file} cannot be read: {error}") from None


def _check_factors(study: Study, layer: Layer) -> None:
    """Raise ConfigError for a factor whose path leads nowhere or whose ends are out of range."""
    for path, factor in study.factors.items():
        place = ": ".join(part for part in (layer.origin(("factors", path)), "factors") if part)
        try:
            whole = _levels(study, path).whole
        except ConfigError as error:
            raise ConfigError(f"{place}: {error}") from None
        for value in factor.values or (factor.low, factor.high):
            if whole and isinstance(value, float) and not value.is_integer():
                raise layer.error(("factors", path), f"takes whole numbers; {value:g} is none")
            study.experiment.with_values({path: _plain(value)}, place)


def number_of_points(study: Study) -> int:
    """Return how many points the design has, without laying it out; of one factor at a time, at most."""
    if study.design.method == "list":
        return len(study.design.points or ())
    return size_of(_scheme(study), [_levels(study, path) for path in study.paths])


def _check_size(study: Study, layer: Layer) -> None:
    """Raise ConfigError for a design that is too large to be laid out."""
    count = number_of_points(study)
    if count > MAXIMAL_POINTS:
        raise layer.error(("design",), f"has {count:,} points; at most {MAXIMAL_POINTS:,} are possible")


def _check_outcomes(study: Study, layer: Layer) -> None:
    """Raise ConfigError for an outcome that is neither a measure nor one of `abm.outcomes`."""
    known = {*MEASURES, *(f"shocked.{name}" for name in names("body")), *outcome_names("run", "pair")}
    for row, name in enumerate(() if study.outcomes == "all" else study.outcomes):
        if name not in known:
            raise layer.error(
                ("outcomes", row),
                f"{name} {renamed('measure', name) or f'is not a measure or outcome{nearest(name, known)}'}",
            )


def is_study(source: str) -> bool:
    """Return whether a config is a study. Raises ConfigError where it cannot be read."""
    layer, _ = read_layer(source)
    return any(key in layer.values for key in STUDY_KEYS)


def describe_study(study: Study) -> str:
    """Return design, factors and number of runs as text; raises ConfigError for a point that cannot be run."""
    frame = checked_points(study)
    replicates = study.experiment.replicates
    runs = len(frame) * replicates * (2 if study.twins else 1)
    size = f"{len(frame)} points, {replicates} replicates{' with twins' if study.twins else ''}: {runs} runs"
    lines = [f"Study of {study.scenario}: {study.design.method} design, {size}"]
    for path in study.paths:
        values = frame[path].dropna()
        listed = ", ".join(sorted({str(value) for value in values}))
        span = f"{values.min():g} to {values.max():g}" if values.dtype.kind in "if" else listed
        own = _own_value(study.experiment, path)
        lines.append(f"  {path}  {span}  ({values.nunique()} values; {own} in the scenario)")
    return "\n".join(lines)
