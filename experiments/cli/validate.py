"""`abm validate`: the patterns of the evidence, the model and two null models."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.common import FAILED_RUNS, Settings, app
from experiments.runs.progress_bar import advancing

if TYPE_CHECKING:
    from experiments.validation.pattern_verdicts import Pattern

OUT = Path("results/validation")
EPISODES_OUT = Path("results/episodes")
WIDE = 170
"""Columns of the table where the output is no terminal."""


@app.command()
def validate(
    full: Annotated[bool, typer.Option("--full", help="192 replicates: the published numbers")] = False,
    only: Annotated[str | None, typer.Option(metavar="1,4,15", help="some patterns only")] = None,
    out: Annotated[Path, typer.Option(help="folder for figures and numbers")] = OUT,
    episodes: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="compare episodes with a table of observations (known: ours)"),
    ] = None,
    docking: Annotated[
        bool, typer.Option("--docking", help="compare published models and predictions with this model")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="keep a full run, or known episodes, as published (in a clone)")
    ] = False,
    set_: Settings = None,
    workers: Annotated[int | None, typer.Option(min=1, help="processes [default: one per core]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdicts as JSON and nothing else")] = False,
) -> None:
    """Compare the model with sixteen published patterns and two null models; quick unless --full.

    If it is interrupted, rerun the same command to resume.
    """
    from abm.config.errors import ConfigError  # heavy imports, here and below, needed by this command only

    settings = tuple(set_ or ())
    if docking:
        if only is not None or keep or episodes is not None or settings:
            raise ConfigError("--docking has configs of its own; write abm validate --docking, with --full or --json")
        _docking(full, as_json)
    elif episodes is not None:
        if only is not None:
            raise ConfigError("--only is for patterns; leave it out beside --episodes")
        _episodes(episodes, full, out if out != OUT else EPISODES_OUT, keep, settings, workers, as_json)
    else:
        _patterns(only, full, out, keep, settings, workers, as_json)


def _patterns(
    only: str | None,
    full: bool,
    out: Path,
    keep: bool,
    overrides: Sequence[str],
    workers: int | None,
    as_json: bool,
) -> None:
    """Compare patterns with the model and two null models, print and write what comes out."""
    from abm.config.errors import ConfigError  # heavy imports, needed by this part only
    from experiments.runs.parallel import kept_beside
    from experiments.storage.folders import check_folder
    from experiments.validation import published_validation
    from experiments.validation.validate import validate as run

    patterns = _chosen(only)
    if keep and (only or overrides or not full):
        raise ConfigError(
            "--keep: only a full run of all patterns, as they are, is kept; write abm validate --full --keep"
        )
    check_folder(out, published_validation.BY)
    with kept_beside(out, published_validation.command(full, only, overrides)) as memory:
        with advancing("runs", as_json) as progress:
            found = run(patterns, full, workers, progress, tuple(overrides), memory)
        found = published_validation.with_provenance(found, full, only, overrides)
        found |= {"published": published_validation.read_published(), "out": str(out)}
        published_validation.write_folder(found, out)
        if keep:
            published_validation.write_published(found)
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        _print(found, out)
    for failure in found["failed_runs"]:
        print(f"failed: {failure['trial']}, run {failure['run']}: {failure['error']}", file=sys.stderr)
    if found["failed_runs"]:
        raise typer.Exit(FAILED_RUNS)


def _episodes(
    table: str,
    full: bool,
    out: Path,
    keep: bool,
    overrides: Sequence[str],
    workers: int | None,
    as_json: bool,
) -> None:
    """Compare episodes with a table of observations, print and write what comes out."""
    from abm.config.errors import ConfigError  # heavy imports, needed by this option only
    from experiments.runs.parallel import kept_beside
    from experiments.storage.folders import check_folder
    from experiments.storage.kept_answers import Checkpoint
    from experiments.validation import published_episodes, published_validation
    from experiments.validation.coverage import coverage, scores
    from experiments.validation.episodes import FULL_REPLICATES, QUICK_REPLICATES, compare_episodes
    from experiments.validation.observations import KNOWN, observations
    from experiments.validation.text_tables import coverage_table, episode_table

    shipped = table == "known"  # scenarios of somebody's own may have changed since
    if keep and (overrides or not shipped):
        raise ConfigError(
            "--keep: only the known episodes, as they are, are kept; write abm validate --episodes known --keep"
        )
    rows = [row for path in (KNOWN if shipped else (Path(table),)) for row in observations(path)]
    check_folder(out, published_validation.BY)
    count = FULL_REPLICATES if full else QUICK_REPLICATES
    said = published_episodes.command(table, full, overrides)
    with kept_beside(out, said) if shipped else Checkpoint() as memory:
        with advancing("runs", as_json) as progress:
            compared = compare_episodes(rows, count, workers, progress, overrides, memory)
        found: dict[str, Any] = {
            "quick": not full, "episodes": compared, "coverage": coverage(compared), "scores": scores(compared),
            "replicates": count, "table": table, "overrides": list(overrides), "out": str(out),
        }  # fmt: skip
        published_validation.write_episodes(found, out)
        if keep:
            published_episodes.write_published(found)
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        _show(episode_table(compared))
        _tell("")
        _show(coverage_table(found["scores"]))
        untold = sum(row["inside"] is None for row in compared)
        agree = f"{sum(row['inside'] is True for row in compared)} of {len(compared)}"
        _tell(f"\nObservations that agree: {agree}{f'; not told: {untold}' if untold else ''}.")
        _tell(f"{'Quick run: few replicates.' if not full else 'Full run.'} Table: {out / 'episodes.json'}")


def _docking(full: bool, as_json: bool) -> None:
    """Print the published numbers beside those of this model."""
    from experiments.validation.docking.docking_table import docking_table  # heavy imports, needed by this option only
    from experiments.validation.text_tables import docking_rows

    table = docking_table(full)
    if as_json:
        print(table.to_json(orient="records", indent=1, double_precision=15, force_ascii=False))
        return
    _show(docking_rows(table))
    known = table["agrees"].dropna()
    _tell(f"\nAs published: {int(known.astype(bool).sum())} of {len(known)}. Beside the others stands why.")


def _chosen(only: str | None) -> "tuple[Pattern, ...]":
    """Return the patterns of a list of numbers, all for none. Raises ConfigError for another text."""
    from abm.config.errors import ConfigError
    from experiments.validation.patterns.registry import PATTERNS

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
    from experiments.validation.text_tables import counts, table

    _show(table(found))
    _tell(counts(found))
    _tell(f"\nFigures: {out / 'validation.html'}   ({found['seconds']} s)")


def _show(rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table, its head first; wide where the output is no terminal."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    console = console if console.is_terminal else Console(highlight=False, markup=False, width=WIDE)
    shown = Table(*rows[0], box=None, pad_edge=False)
    for row in rows[1:]:
        shown.add_row(*row)
    console.print(shown)


def _tell(text: str) -> None:
    """Print a sentence."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    console.print(text, soft_wrap=not console.is_terminal)
