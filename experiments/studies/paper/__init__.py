"""The exit of January 2026 as a paper that makes itself again: runs, tables, figures, and a text of computed numbers.

The paper is in English, with a summary of two pages in English and Chinese. Every result in them is computed by this
study or read from the kept results of the studies that it cites; `facts.json` holds all of them. Each sentence that
says which way something goes is chosen by the numbers.
"""

from pathlib import Path

from abm.config.reader import load_experiment
from experiments.runs.run_experiment import run_experiment
from experiments.storage.atomic import write_json
from experiments.studies.paper.facts import gather
from experiments.studies.paper.figures import draw_figures
from experiments.studies.paper.text import said, write_texts
from experiments.studies.paper.trials import SCENARIO, coverage_of, trials
from experiments.studies.study_result import Report, Size


def run(size: Size, out: Path) -> Report:
    """Make all runs, write tables, figures and texts, and return the first sentences."""
    experiment = load_experiment(SCENARIO, [*size.overrides, f"replicates={size.of(quick=4, full=64)}"])
    result = run_experiment(experiment, workers=size.workers)
    tried = trials(size)
    covered = coverage_of(size)
    facts = gather(result, tried, covered)
    tried.to_csv(out / "trials.csv", index=False, float_format="%.5g")
    covered.to_csv(out / "coverage.csv", index=False, float_format="%.4g")
    write_json(out / "facts.json", facts)
    draw_figures(result, facts, out)
    write_texts(facts, out)
    return Report({key: facts[key] for key in ("orders", "followers", "refill", "troughs")},
                  {SCENARIO: experiment.digest()}, said(facts))  # fmt: skip
