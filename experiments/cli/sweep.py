"""`abm sweep`: a designed experiment that goes on where it stopped."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.common import FAILED_RUNS, Settings, app

if TYPE_CHECKING:
    from experiments.sweeps.sweep import Progress, SweepSummary

Study = Annotated[str, typer.Argument(help="name of a shipped study (see `abm configs`) or path of a config")]


@app.command()
def sweep(
    study: Study,
    out: Annotated[Path, typer.Option(help="folder of the sweep; rerun the same command to resume")],
    workers: Annotated[
        int | None, typer.Option(min=0, help="processes [default: one per core]; 0: none but this")
    ] = None,
    executor: Annotated[str, typer.Option(help="where the runs take place: local, dask or mpi")] = "local",
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="a running Dask scheduler")] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.01, help="seconds that a run may take")] = None,
    set_: Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="print a summary as JSON and nothing else")] = False,
) -> None:
    """Run a designed experiment into a folder; interrupt it at any time and rerun the same command to resume."""
    from rich.console import Console  # heavy imports, needed by this command only
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from experiments.sweeps.study import number_of_points, read_study
    from experiments.sweeps.sweep import run_sweep

    planned = read_study(study, set_ or [])
    print(f"{study}: a design of {number_of_points(planned):,} points", file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[pace]}"))  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("runs", total=None, pace="")

        def shown(now: "Progress") -> None:
            bar.update(task, total=now.total, completed=now.done + now.failed, pace=pace(now))

        options: dict[str, Any] = {"executor": "dask" if scheduler else executor, "scheduler": scheduler}
        try:
            summary = run_sweep(planned, out, workers=workers, progress=shown, time_limit=time_limit, **options)
        except BaseException as stop:
            stop.add_note("what is finished is stored, and the same command goes on")
            raise
    print(json.dumps(_as_json(summary), indent=1) if as_json else _text(summary))
    if summary.failed:
        print(
            f"{summary.failed} runs failed; {out / 'failures'} lists why and how to rerun each",
            file=sys.stderr,
        )
        raise typer.Exit(FAILED_RUNS)


def pace(now: "Progress") -> str:
    """Return rate, time left and failures as text."""
    made = now.done - now.earlier + now.failed
    rate = made / max(now.seconds, 1e-9)
    left = (now.total - now.done - now.failed) / max(rate, 1e-9)
    time_left = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
    return f"{rate:.1f} runs/s, {time_left} left" + (f", {now.failed} failed" if now.failed else "")


def _as_json(summary: "SweepSummary") -> dict[str, Any]:
    """Return the `--json` object."""
    return {
        "out": str(summary.folder),
        "planned": summary.planned,
        "earlier": summary.earlier,
        "done": summary.done,
        "failed": summary.failed,
        "digest": summary.digest,
        "seconds": round(summary.seconds, 2),
        "workers": summary.workers,
    }


def _text(summary: "SweepSummary") -> str:
    """Return what was done as text."""
    stored = summary.earlier + summary.done
    rate = f" ({summary.done / summary.seconds:.1f} a second)" if summary.done else ""
    return (
        f"{stored} of {summary.planned} runs stored in {summary.folder}: {summary.earlier} before, {summary.done} now"
        f"{rate}, {summary.failed} failed\ndigest {summary.digest}"
    )
