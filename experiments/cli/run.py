"""`abm run`: one scenario and its no-shock twin."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import FAILED_RUNS, Scenario, Settings, app


@app.command()
def run(
    scenario: Scenario,
    out: Annotated[Path | None, typer.Option(help="result folder [default: results/<scenario>-<digest>]")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="seed of all random numbers")] = None,
    replicates: Annotated[int | None, typer.Option(min=1, help="runs with different random numbers")] = None,
    quarters: Annotated[int | None, typer.Option(min=1, help="length of a run in quarters")] = None,
    set_: Settings = None,
    no_twin: Annotated[bool, typer.Option("--no-twin", help="leave out the world without the shock")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="processes [default: one per core]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON and nothing else")] = False,
) -> None:
    """Run one scenario and its no-shock twin; print the findings and write a result folder with a report."""
    from abm.config.reader import load_experiment  # heavy imports, needed by this command only
    from abm.workers import warm_up

    given = {"seed": seed, "replicates": replicates, "quarters": quarters}
    overrides = [*(set_ or []), *(f"{key}={value}" for key, value in given.items() if value is not None)]
    experiment = load_experiment(scenario, overrides)
    if workers != 1:
        warm_up()  # while this process loads what it needs for tables and report

    from rich.console import Console

    from experiments.report.headline import summary
    from experiments.report.write_result import check_result_folder, write_result
    from experiments.runs.run_experiment import run_experiment

    folder = out or Path("results") / f"{Path(scenario).stem}-{experiment.digest()[:8]}"
    check_result_folder(folder, experiment.digest())
    result = run_experiment(experiment, twin=not no_twin, workers=workers, progress=not as_json)
    result.outcomes["scenario"] = Path(scenario).stem
    console = Console(highlight=False, markup=False)
    if not as_json:  # before the report, which takes a while
        console.print(summary(result), soft_wrap=not console.is_terminal)
    write_result(result, folder)
    if as_json:
        print(json.dumps(result.outcomes, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        console.print(f"\nReport: {folder / 'report.html'}   ({result.wall_seconds:.1f} s)", soft_wrap=True)
    for failure in result.failed:
        print(
            f"failed: run {failure['run']}{' (twin)' if failure['twin'] else ''}: {failure['error']}", file=sys.stderr
        )
    if result.failed:
        raise typer.Exit(FAILED_RUNS)
