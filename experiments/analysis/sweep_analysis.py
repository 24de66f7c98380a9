"""The analysis of one sweep as tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.analysis.convergence import by_point, convergence, replicates_needed
from experiments.analysis.phase_diagram import pairs_that_matter, phase_table
from experiments.analysis.samples import Samples, read_samples
from experiments.analysis.scenario_discovery import boxes, scores
from experiments.analysis.sensitivity import COLUMNS, sensitivity

FILES = ("sensitivity", "boxes", "points", "convergence", "replicates")


@dataclass(frozen=True)
class Analysis:
    """The tables of one sweep; those that its design does not allow are empty. See the modules for their columns."""

    samples: Samples
    sensitivity: pd.DataFrame
    boxes: pd.DataFrame
    phases: dict[tuple[str, str], pd.DataFrame]
    points: pd.DataFrame
    convergence: pd.DataFrame
    replicates: pd.DataFrame

    def files(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield the name, without ending, of each table that is not empty, and the table."""
        for name in FILES:
            if len(table := getattr(self, name)):
                yield name, table
        for number, ((one, two), table) in enumerate(self.phases.items(), 1):
            yield f"phases-{number}", table.assign(x_factor=one, y_factor=two)


def analyze_sweep(folder: str | Path, outcomes: Sequence[str] = ()) -> Analysis:
    """Return all tables of a stored sweep: sensitivity, boxes, phase diagrams, means by point, replicates needed.

    `outcomes` are those to analyse; by default the study's own, or the headline effects, followers, refill and the
    orders that occur. Raises FolderError where there is no sweep, ConfigError for an outcome that is not stored.
    """
    return analysis_of(read_samples(Path(folder), outcomes))


def analysis_of(samples: Samples) -> Analysis:
    """Return all tables of some samples."""
    parts = [table for table in (sensitivity(samples), scores(samples)) if len(table)]
    indices = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    narrowing = convergence(samples)
    pairs = [] if samples.study.design.method == "oat" else pairs_that_matter(samples, indices)
    return Analysis(
        samples=samples,
        sensitivity=indices,
        boxes=boxes(samples),
        phases={pair: phase_table(samples, *pair) for pair in pairs},
        points=by_point(samples),
        convergence=narrowing,
        replicates=replicates_needed(samples, narrowing),
    )
