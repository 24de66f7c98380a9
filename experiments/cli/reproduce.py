"""`abm reproduce`: a result made again and compared."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.common import NOT_EQUAL, Trust, app

if TYPE_CHECKING:
    from experiments.reproduction.reproduction import Reproduction


@app.command()
def reproduce(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="folder of a run or a sweep, or a text that quotes one")
    ],
    sample: Annotated[
        int | None, typer.Option(min=1, help="for a sweep: rerun only this many runs, evenly spread over it")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="processes [default: one per core]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the comparison as JSON and nothing else")] = False,
    trust: Trust = False,
) -> None:
    """Run again what a folder's manifest describes and compare; exit 0 if all is equal, 4 if not.

    Another kind of processor may round differently; the answer is then "equal to 1e-9, events equal", also with exit 0.
    """
    from experiments.reproduction.reproduce_result import (
        reproduce as again,  # heavy import, needed by this command only
    )

    found = again(folder, sample=sample, workers=workers, trust=trust)
    if as_json:
        print(json.dumps(found.as_json(), indent=1, ensure_ascii=False, allow_nan=False))
    else:
        _print(folder, found)
    if not found.near:
        raise typer.Exit(NOT_EQUAL)


def _print(folder: Path, found: "Reproduction") -> None:
    """Print what differs, and what has changed since."""
    for warning in found.warnings:
        print(f"changed since: {warning}", file=sys.stderr)
    for entry in found.differences:
        print(f"{entry['table']}: {entry['first_difference']['text']}")
    print(f"{folder}: {found.verdict} ({found.runs} runs made again)")
