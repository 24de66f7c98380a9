"""Runs as the page carries them out, with the recordings that it makes its numbers of."""

from collections.abc import Iterator

import pytest

from abm.comparison import Comparison
from abm.config.experiment import Experiment
from abm.recording import Recording
from abm.simulation import Simulation
from viz import packed_run
from viz.worker_runs import Finished, carry_out

Runs = dict[tuple[int, str], Finished]
Pairs = tuple[Comparison, ...]


def page_runs(experiment: Experiment, count: int) -> tuple[Runs, Pairs]:
    """Return what the page gets of `count` replicates with twins, and the same runs as the model leaves them."""
    left: dict[bool, Recording] = {}
    finished: Runs = {}
    pairs: list[Comparison] = []
    quarters = packed_run.quarters

    def watched(simulation: Simulation, twin: bool) -> Iterator[Recording]:
        for found in quarters(simulation, twin):
            left[twin] = found
            yield found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed_run, "quarters", watched)
        for number in range(count):
            finished[number, "pair"] = carry_out(experiment, number, "pair")
            pairs.append(Comparison(left[False], left[True]))
    return finished, tuple(pairs)
