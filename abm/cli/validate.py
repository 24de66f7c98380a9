"""`abm validate`: the patterns of the evidence, the model and two null models."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from abm.cli.common import app
from abm.config import ConfigError

if TYPE_CHECKING:
    from experiments.validation.scores import Pattern

OUT = Path("results/validation")
WIDE = 170
"""Columns of the table where the output is no terminal."""


@app.command()
def validate(
    full: Annotated[bool, typer.Option("--full", help="500 replicates: the numbers that are published")] = False,
    only: Annotated[str | None, typer.Option(metavar="1,4,15", help="some patterns only")] = None,
    out: Annotated[Path, typer.Option(help="folder for figures and numbers")] = OUT,
    keep: Annotated[bool, typer.Option("--keep", help="keep a full run as the published numbers (in a clone)")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="processes [default: one per core]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdicts as JSON and nothing else")] = False,
) -> None:
    """Hold the model against sixteen published patterns, with two null models beside it; quick unless --full."""
    from experiments.folder import check_folder  # heavy imports, needed by this command only
    from experiments.validation import kept
    from experiments.validation.validate import validate as run

    patterns = _chosen(only)
    if keep and (only or not full):
        raise ConfigError("--keep: only a full run of all patterns is kept; write abm validate --full --keep")
    check_folder(out, kept.FOLDER_DIGEST)
    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress:
        task = progress.add_task("trials", total=None)
        found = run(patterns, full, workers, lambda done, total: progress.update(task, completed=done, total=total))
    found = kept.stamped(found, full, only) | {"published": kept.kept(), "out": str(out)}
    if keep:
        kept.keep(found)
    kept.write_folder(found, out)
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        _print(found, out)


def _chosen(only: str | None) -> "tuple[Pattern, ...]":
    """Return the patterns of a list of numbers, all for none. Raises ConfigError for another text."""
    from experiments.validation.patterns import PATTERNS

    if only is None:
        return PATTERNS
    known = {str(pattern.id): pattern for pattern in PATTERNS}
    wanted = [part.strip() for part in only.split(",")]
    wrong = [part for part in wanted if part not in known]
    if wrong:
        raise ConfigError(f"--only: there is no pattern {wrong[0]!r}; write numbers from 1 to 16, such as 1,4,15")
    return tuple(known[part] for part in wanted)


def _print(found: dict[str, Any], out: Path) -> None:
    """Print the table of verdicts, and what it rests on."""
    from experiments.validation.words import counts, table

    console = Console(highlight=False, markup=False)
    console = console if console.is_terminal else Console(highlight=False, markup=False, width=WIDE)
    head, *rows = table(found)
    shown = Table(*head, box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*row)
    console.print(shown, soft_wrap=False)
    console.print(counts(found), soft_wrap=not console.is_terminal)
    console.print(f"\nFigures: {out / 'validation.html'}   ({found['seconds']} s)", soft_wrap=True)
