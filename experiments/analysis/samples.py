"""The samples of a sweep: inputs by point, outcomes by point and replicate, as every analysis takes them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.config.errors import nearest
from abm.config.reader import ConfigError
from abm.config.renamed import renamed
from abm.outcomes import outcome_names
from experiments.sweeps.read_sweep import open_sweep
from experiments.sweeps.study import Study, fill_blanks
from experiments.sweeps.tasks import FACTOR

Flags = NDArray[np.bool_]
HEADLINE = (
    "shocked.effectiveness", "shocked.budget", "shocked.legitimacy", "shocked.commitment", "members", "clubs",
    "mean_trust_in_actor", "mean_trust", "global_provision",
)  # fmt: skip
"""Effects that are analysed where neither the study nor the caller names any."""
OF_RUNS = ("followers", "refill_4", "refill_12")
REGIME = "regime."
RARE_SHARE = 0.02
"""A regime that fewer runs end in, or that all but so few end in, is not analysed."""


@dataclass(frozen=True)
class Samples:
    """A sweep as inputs and outcomes.

    `points`: values of factors, a row a point. `inputs`: the factors that vary, as numbers (words by their number in
    `words`), same rows. `values`: outcomes, index (point, replicate). `labels`: regimes, same index, empty without
    twins. `outcomes`: those to be analysed; `known` all there are.
    """

    folder: Path
    study: Study
    points: pd.DataFrame
    inputs: pd.DataFrame
    values: pd.DataFrame
    labels: pd.Series
    outcomes: tuple[str, ...]
    failed: int

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words of each factor that takes words or truths, in the order of their numbers in `inputs`."""
        return {str(path): words_of(self.points[path]) for path in self.inputs if words_of(self.points[path])}

    @cached_property
    def means(self) -> pd.DataFrame:
        """Means of outcomes over replicates; index point, in order."""
        return self.values.groupby(level="point").mean()

    @property
    def replicates(self) -> int:
        """The largest number of replicates of a point."""
        return int(self.values.groupby(level="point").size().max())

    @property
    def compares(self) -> bool:
        """Whether outcomes are effects, against twins."""
        return bool(len(self.labels))

    @property
    def basis(self) -> str:
        """What figures rest on, for captions: scenario, runs, and what outcomes are."""
        what = "effects against the twin in the last quarter" if self.compares else "values in the last quarter"
        runs = f"{len(self.values)} runs{' with twins' * self.compares}"
        failed = f"; {self.failed} failed and are missing" if self.failed else ""
        return (
            f"{self.study.experiment.title or self.study.scenario}: {self.study.design.method} design of "
            f"{len(self.means)} points, {runs}{failed}; {what}."
        )

    def by_replicate(self, outcome: str) -> pd.DataFrame:
        """Return an outcome by point (rows) and replicate (columns), NaN where there is none."""
        values = self.values[[outcome]].reset_index()
        return values.pivot_table(index="point", columns="replicate", values=outcome, dropna=False)

    def complete(self, outcome: str) -> tuple[pd.DataFrame, pd.Series]:
        """Return inputs and mean outcome of the points that have both."""
        mean = self.means[outcome].dropna()
        rows = self.inputs.reindex(mean.index).dropna()
        return rows, mean.loc[rows.index]

    def labelled(self, labels: pd.Series) -> "Samples":
        """Return the samples with other labels in the place of orders; `labels` has the index of `values`."""
        flags = {f"{REGIME}{name}": (labels == name).astype(float) for name in sorted(labels.unique())}
        kept = self.values.drop(columns=[name for name in self.values if str(name).startswith(REGIME)])
        outcomes = tuple(name for name in self.outcomes if not name.startswith(REGIME))
        return replace(self, values=kept.assign(**flags), labels=labels, outcomes=(*outcomes, *flags))

    def varies(self, outcome: str) -> bool:
        """Return whether an outcome differs between points at all."""
        mean = self.means[outcome].dropna()
        return len(mean) > 1 and float(mean.max() - mean.min()) > 1e-9 * max(1.0, float(mean.abs().max()))


def read_samples(folder: Path, outcomes: Sequence[str] = ()) -> Samples:
    """Return the samples of a stored sweep.

    `outcomes` are those to analyse; by default the study's own, or HEADLINE, followers, refill and the regimes that
    occur. Raises FolderError where there is no sweep, ConfigError for an outcome that is not stored.
    """
    sweep = open_sweep(folder)
    effects = sweep.effects()
    found = sweep.outcomes()
    labels = sweep.regimes()["label"] if len(effects) else pd.Series(dtype=object)
    own = found[[name for name in found if not str(name).startswith("twin.")]]
    if len(effects):
        own = own.assign(**{name: own[name] - found[f"twin.{name}"] for name in outcome_names("run") if name in own})
        flags = {f"{REGIME}{name}": (labels == name).astype(float) for name in sorted(labels.unique())}
        values = effects.join(own, how="left").assign(**flags)
    else:
        values = _last(folder).join(own, how="left")
    chosen = _chosen(outcomes, sweep.study, values)
    points = fill_blanks(sweep.study, sweep.points())
    return Samples(
        folder, sweep.study, points, as_numbers(points), values, labels, chosen, len(sweep.failures())
    )  # fmt: skip


def _last(folder: Path) -> pd.DataFrame:
    """Return measures of the last quarter by point and replicate."""
    ends = open_sweep(folder).series(last=True).set_index(["point", "replicate"])
    return ends[[name for name in ends if name not in ("key", "twin", "quarter") and not str(name).startswith(FACTOR)]]


def as_numbers(points: pd.DataFrame) -> pd.DataFrame:
    """Return the factors that vary as numbers, words and truths by their place in order."""
    columns = {}
    for path in points:
        values = points[path]
        order = {name: index for index, name in enumerate(words_of(values))}
        numbers = (values.astype(str).map(order) if order else values).astype(float)
        if numbers.min() < numbers.max():
            columns[str(path)] = numbers
    return pd.DataFrame(columns, index=points.index)


def words_of(values: pd.Series) -> tuple[str, ...]:
    """Return the words or truths that a factor takes, in order; none for one that takes numbers."""
    if not values.map(lambda value: isinstance(value, str | bool)).any():
        return ()
    return tuple(sorted(values.dropna().astype(str).unique()))


def _chosen(wanted: Sequence[str], study: Study, values: pd.DataFrame) -> tuple[str, ...]:
    """Return the outcomes to analyse."""
    known = [str(name) for name in values]
    for name in wanted:
        if name not in known:
            raise ConfigError(
                f"{name} {renamed('measure', name) or f'is not an outcome in this sweep{nearest(name, known)}'}"
            )
    if wanted:
        return tuple(dict.fromkeys(wanted))
    of_study = () if study.outcomes == "all" else study.outcomes
    named = [name for name in (of_study or HEADLINE) if name in known]
    regimes = [name for name in known if name.startswith(REGIME) and occurs(values[name])]
    return (*named, *(name for name in OF_RUNS if name in known and values[name].notna().any()), *regimes)


def occurs(flags: pd.Series) -> bool:
    """Return whether a regime is neither all but absent nor all but certain."""
    return bool(RARE_SHARE <= float(np.mean(flags)) <= 1 - RARE_SHARE)
