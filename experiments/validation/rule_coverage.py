"""What single rules do to coverage: the known episodes with each of some rules switched off, beside the default.

`python -m experiments.validation.rule_coverage` runs all and prints a row for each: coverage over all and by kind of
quantity, and log scores. All take the same replicates, so that what differs is the rule. A rule whose absence raises
coverage or the score speaks against it. `--keep` writes the rows to RESULTS (in a clone).
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from experiments.runs.parallel import kept_beside
from experiments.storage.atomic import write_whole
from experiments.storage.kept_answers import Checkpoint
from experiments.validation.coverage import scores
from experiments.validation.episodes import compare_episodes
from experiments.validation.observations import KNOWN, Observation, observations

REPLICATES = 8
KINDS = ("all", "refill", "budget", "staff", "followers")
NUMBERS = ("count", "coverage", "log_score")
OFF: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "budgets foresee announced cuts": ("operations.foresight=0",),
    "budgets no longer count on members that leave": ("operations.prudence=0",),
    "donors in retreat have less slack": ("funding.retreat=0",),
    "staff have elasticities of their own, larger without cash": (
        "initialization.elasticity_low=1", "initialization.elasticity_range=0", "operations.cash_pressure=0",
    ),
    "close allies leave together": ("membership.joint_probability=0",),
    "governments of like orientation follow": ("membership.contagion_form=flat",),
}  # fmt: skip
"""What is switched off by which settings (10.2 in the ODD); staff then go with the budget, one to one."""
RESULTS = Path(__file__).parent / "results" / "rules.csv"
OUT = Path("results/rule-coverage")
"""Beside it stands what an interrupted call leaves; the next one goes on from there."""


def rule_row(
    off: str,
    rows: Sequence[Observation],
    replicates: int,
    workers: int | None = None,
    memory: Checkpoint | None = None,
) -> dict[str, object]:
    """Return coverage and log scores by kind of quantity with one rule of OFF switched off.

    Raises ConfigError as `compare_episodes` does.
    """
    found = scores(compare_episodes(rows, replicates, workers, None, OFF[off], memory))
    row: dict[str, object] = {"off": off, "settings": " ".join(OFF[off]), "replicates": replicates}
    for kind in (kind for kind in KINDS if kind in found):
        row |= {f"{kind}_{name}": found[kind][name] for name in NUMBERS}
    return row


def main() -> None:
    """Run all and print the table."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--replicates", type=int, default=REPLICATES, help="runs of each scenario")
    reader.add_argument("--workers", type=int, default=None, help="processes (default: one per core)")
    reader.add_argument("--keep", action="store_true", help="keep the rows as the published ones (in a clone)")
    given = reader.parse_args()
    rows = [row for path in KNOWN for row in observations(path)]
    with kept_beside(OUT, f"rule_coverage {given.replicates}") as memory:
        found = pd.DataFrame([rule_row(off, rows, given.replicates, given.workers, memory) for off in OFF])
    if given.keep:
        write_whole(RESULTS, found.to_csv(index=False, float_format="%.6g").encode())
    sys.stdout.write(found.to_string(index=False, float_format=lambda value: f"{value:.2f}") + "\n")


if __name__ == "__main__":
    from experiments.validation.rule_coverage import main as by_name  # workers know its functions by this name

    by_name()
