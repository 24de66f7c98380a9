"""`abm rerun`: one run of a sweep again, in this process."""

import json
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import FAILED_RUNS, Trust, app


@app.command()
def rerun(
    folder: Annotated[Path, typer.Argument(help="folder of the sweep")],
    key: Annotated[str, typer.Argument(help="content key of the run, or its beginning")],
    time_limit: Annotated[float | None, typer.Option(min=0.01, help="seconds that the run may take")] = None,
    trust: Trust = False,
) -> None:
    """Rerun one run of a sweep without storing it; print its outcomes, or the traceback if it fails."""
    from experiments.reproduction.reproduce_sweep import rerun_stored  # heavy import, needed by this command only

    report = rerun_stored(folder, key, time_limit, trust)
    for run in report.runs:
        values = {name: None if value != value else value for name, value in run.outcomes.items()}  # NaN is no JSON
        place = {"key": run.key, "point": run.point, "replicate": run.replicate, "twin": run.twin}
        print(json.dumps(place | {"factors": run.factors, "outcomes": values, "seconds": run.seconds}, indent=1))
    for failure in report.failures:
        print(failure.traceback)
    if report.failures:
        raise typer.Exit(FAILED_RUNS)


@app.command(hidden=True, context_settings={"ignore_unknown_options": True, "help_option_names": []})
def repeat(_arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Answer the command's name of version 0.1 with the new one."""
    from abm.config.layers import ConfigError  # needed by this answer only

    raise ConfigError("`abm repeat` is now `abm rerun`")
