"""`abm claims`: the claims C01 to C46 put to the test."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.common import FAILED_RUNS, WRONG_USE, app
from experiments.runs.progress_bar import advancing

if TYPE_CHECKING:
    from experiments.claims.claim import Claim


@app.command()
def claims(
    full: Annotated[bool, typer.Option("--full", help="the published numbers: more replicates and points")] = False,
    only: Annotated[str | None, typer.Option(metavar="C05,C12", help="these claims only")] = None,
    out: Annotated[Path | None, typer.Option(help="folder [default: results/claims-quick or -full]")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="processes [default: one per core]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the results as JSON and nothing else")] = False,
) -> None:
    """Test the claims C01 to C46: where they hold, what decides them, and which rule they rest on.

    If it is interrupted, rerun the same command to resume.
    """
    from experiments.claims.assess import FULL, QUICK, assess  # heavy imports, needed by this command only
    from experiments.claims.results import BY, outcome, write
    from experiments.report.claims import page
    from experiments.runs.parallel import kept_beside
    from experiments.storage.folders import check_folder

    chosen = _chosen(only)
    folder = out or Path("results") / f"claims-{'full' if full else 'quick'}"
    check_folder(folder, BY)
    command = " ".join(["abm claims", *["--full"] * full, *([f"--only {only}"] if only else [])])
    with kept_beside(folder, command) as memory:
        with advancing("groups of runs", as_json) as progress:
            size = FULL if full else QUICK
            assessment = assess(chosen, size, workers=workers, progress=progress, memory=memory)
        found = outcome(chosen, assessment, command)
        write(found, assessment, folder, page(found, assessment))
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        _show(found, folder)
    failed = [row for row in found["claims"] if row["failed"]]
    for row in failed:
        print(f"failed: {row['id']}: {row['failed']} of its runs: {row['error']}", file=sys.stderr)
    if failed:
        raise typer.Exit(FAILED_RUNS)


def _chosen(only: str | None) -> "Sequence[Claim]":
    """Return the claims named; stops with a message where one is unknown."""
    from experiments.claims import CLAIMS

    if only is None:
        return CLAIMS
    wanted = [name.strip().upper() for name in only.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in {claim.id for claim in CLAIMS}]
    if unknown or not wanted:
        named = f"unknown claim {unknown[0]!r}" if unknown else "no claim is named"
        print(f"abm: {named}; claims are C01 to C46", file=sys.stderr)
        raise typer.Exit(WRONG_USE)
    return [claim for claim in CLAIMS if claim.id in wanted]


def _show(found: dict[str, Any], folder: Path) -> None:
    """Print a table that a person can read, and how it was made."""
    from rich.console import Console
    from rich.table import Table

    from experiments.claims.results import by_verdict, dependence

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("id", "left"), ("verdict", "left"), ("default", "right"), ("space", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
    table.add_column("no rule", justify="right", no_wrap=True)
    table.add_column("measured (threshold)", no_wrap=True)
    table.add_column("claim")
    for row in found["claims"]:
        shares = [_percent(row[key]) for key in ("holds_calibrated", "holds_space", "holds_without_rule")]
        table.add_row(row["id"], row["verdict"], *shares, _measured(row), row["title"])
    console.print(table)
    made = found["made"]
    counted = ", ".join(f"{number} {name}" for name, number in by_verdict(found["claims"]).items())
    console.print(
        f"\n{counted}. {made['size'].capitalize()} version: {made['replicates']} replicates at the default point, "
        f"{made['points']} points of the space ({made['points_dropped_by_quiet_filter']} of {made['points_tried']} "
        f"dropped because their world drifts without a shock), {made['replicates_without_rule']} replicates without "
        f"the rule. Shares: how often the claim holds.\n{dependence(found)}\n"
        f"Report: {folder / 'claims.html'}   ({made['wall_seconds']} s)",
        soft_wrap=True,
    )


def _percent(share: float | None) -> str:
    """Return a share as text."""
    return "-" if share is None else f"{100 * share:.0f} %"


def _measured(row: dict[str, Any]) -> str:
    """Return the measured mean with its interval and the threshold."""
    value = row["value"]
    if value["mean"] is None:
        return f"- ({row['threshold']:g})"
    return f"{value['mean']:.3g} [{value['low']:.3g}, {value['high']:.3g}] ({row['threshold']:g})"
