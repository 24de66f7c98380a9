"""`abm analyze`: what a stored sweep says."""

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.common import app

if TYPE_CHECKING:
    from experiments.analysis.sweep_analysis import Analysis


@app.command()
def analyze(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder of `abm sweep`, finished or not")],
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help="outcome to analyse, such as shocked.budget; repeatable")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder for page, tables and figures [default: DIR]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the tables as JSON and nothing else")] = False,
) -> None:
    """Analyse a sweep: sensitivity, feature scores, boxes and phase diagrams of regimes, replicates needed."""
    warnings.filterwarnings("ignore", message="ipyparallel not installed")  # of a package that we use without it
    from experiments.analysis.write_analysis import analyze as write  # heavy imports, needed by this command only

    found, files = write(folder, outcome or (), out)
    if as_json:
        tables = {
            name: json.loads(table.to_json(orient="records", double_precision=15)) for name, table in found.files()
        }
        print(json.dumps({"outcomes": list(found.samples.outcomes), "tables": tables}, indent=1, ensure_ascii=False))
        return
    _print(found)
    print(f"\nAnalysis: {files[0]} ({len(files) - 1} tables and figures in {files[-1].parent})")


def _print(found: "Analysis") -> None:
    """Print what decides each outcome, and the boxes of regimes."""
    from rich.console import Console

    from experiments.analysis.sensitivity import ranking
    from experiments.report.analysis_figures import box_limit, title_of_outcome

    console = Console(highlight=False, markup=False)
    console.print(found.samples.basis, soft_wrap=not console.is_terminal)
    for outcome in found.samples.outcomes:
        best = ranking(found.sensitivity, outcome)[:3]
        if best:
            console.print(f"- {title_of_outcome(outcome)}: most by {', then '.join(best)}", soft_wrap=True)
    for regime, rows in found.boxes.groupby("regime"):
        limits = ", ".join(f"{row['factor']} {box_limit(row)}" for row in rows.to_dict("records"))
        first = rows.iloc[0]
        density, share = (f"{100 * first[name]:.0f} %" for name in ("density", "share"))
        console.print(f"- {regime}: {density} of the runs with {limits} (of all runs {share})", soft_wrap=True)
