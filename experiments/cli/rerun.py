"""`abm repeat`: one run of a sweep once more, in this process."""

import json
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import FAILED_RUNS, app


@app.command()
def repeat(
    folder: Annotated[Path, typer.Argument(help="folder of the sweep")],
    key: Annotated[str, typer.Argument(help="content key of the run, or its beginning")],
    time_limit: Annotated[float | None, typer.Option(min=0.01, help="seconds that the run may take")] = None,
) -> None:
    """Carry out one run of a sweep again, without storing it; print its outcomes, or what goes wrong."""
    from experiments.reproduction.rerun import repeated

    report = repeated(folder, key, time_limit)
    for run in report.runs:
        values = {name: None if value != value else value for name, value in run.outcomes.items()}  # NaN is no JSON
        place = {"key": run.key, "point": run.point, "replicate": run.replicate, "twin": run.twin}
        print(json.dumps(place | {"factors": run.factors, "outcomes": values, "seconds": run.seconds}, indent=1))
    for failure in report.failures:
        print(failure.traceback)
    if report.failures:
        raise typer.Exit(FAILED_RUNS)
