"""`abm study`: one of the named studies behind the published numbers."""

import json
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import Settings, app
from experiments.runs.progress_bar import advancing


@app.command()
def study(
    name: Annotated[str | None, typer.Argument(help="name of a study; without one, lists the studies")] = None,
    full: Annotated[bool, typer.Option("--full", help="the published size, not the quick version")] = False,
    out: Annotated[Path | None, typer.Option(help="folder [default: results/study-<name>]")] = None,
    set_: Settings = None,
    workers: Annotated[int | None, typer.Option(min=1, help="processes [default: one per core]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON and nothing else")] = False,
) -> None:
    """Run one of the studies behind the published numbers; quick unless --full.

    If it is interrupted, rerun the same command to resume.
    """
    from experiments.studies.registry import STUDIES, make
    from experiments.studies.study_result import Size  # heavy imports, needed by this command only

    if name is None:
        print("\n".join(f"{key:<14} {title}" for key, title in STUDIES.items()))
        return
    folder = out or Path("results") / f"study-{name}{'-full' if full else ''}"
    with advancing(f"{name}, {'full' if full else 'quick'}", as_json) as progress:
        summary = make(name, Size(full, workers, tuple(set_ or ()), progress), folder)
    if as_json:
        print(json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False))
        return
    kind = "full" if full else "quick version; --full makes the published numbers"
    print(f"{summary['title']} ({kind})")
    print("\n".join(f"- {line}" for line in summary["lines"]))
    print(f"\n{folder}   ({summary['seconds']:.1f} s)")
