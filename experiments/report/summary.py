"""The text that `abm run` prints: the findings of the report, without its pictures."""

from experiments.report.headline import findings
from experiments.report.result_view import View, plural
from experiments.runs.result import Result


def summary(result: Result) -> str:
    """Return title, size and findings of a run as plain text."""
    experiment = result.experiment
    twins = " with twins" if result.series["twin"].any() else ""
    length, runs = plural(experiment.quarters, "quarter"), plural(experiment.replicates, "replicate")
    head = f"{experiment.title}\n{experiment.world.start}, {length}, {runs}{twins}"
    return "\n".join([head, *(f"- {about}: {sentence}" for about, sentence in findings(View(result)))])
