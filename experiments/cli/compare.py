"""`abm compare`: scenarios side by side."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.common import app

if TYPE_CHECKING:
    import pandas as pd


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR DIR ...", help="result folders of `abm run`")],
    out: Annotated[
        Path | None, typer.Option(help="new or empty folder for comparison.csv, comparison.svg and comparison.html")
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help="effect to show, such as shocked.budget; repeatable")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print all rows as JSON and nothing else")] = False,
) -> None:
    """Compare scenarios side by side: effects with 90 % intervals, regimes, followers, refill and what is saved."""
    from experiments.report import scenario_table as comparing  # heavy imports, needed by this command only
    from experiments.report.scenario_figures import COMPARED, choose_rows
    from experiments.storage.folders import check_folder

    if out is not None:
        check_folder(out, comparing.BY)
    rows = comparing.compare(folders)
    measures = comparing.checked_measures(rows, outcome) if outcome else COMPARED
    if out is not None:
        comparing.write_comparison(rows, out, measures)
    if as_json:
        print(
            json.dumps(
                {"comparison": json.loads(rows.to_json(orient="records", double_precision=15))},
                indent=1,
                ensure_ascii=False,
            )
        )
        return
    _print(choose_rows(rows, measures))
    if out is not None:
        print(f"\nComparison: {out / 'comparison.html'}")


def _print(rows: "pd.DataFrame") -> None:
    """Print a row for each quantity and a column for each scenario."""
    from rich.console import Console
    from rich.table import Table

    from experiments.report.scenario_figures import amount, title_of_measure

    console = Console(highlight=False, markup=False)
    names = list(rows["scenario"].unique())
    note = (
        "In brackets: 90 % interval; for refill the middle half of the organizations that lose money. "
        "The median counts each organization once, where `abm run` tells what is replaced of each dollar. "
        "Organizations are those that all scenarios have in common."
    )
    table = Table("", *names, box=None, pad_edge=False, caption=note, caption_justify="left")
    for (kind, quantity), block in rows.groupby(["kind", "quantity"], sort=False):
        cells = {row["scenario"]: f"{amount(row['value'])} ({amount(row['low'])} to {amount(row['high'])})"
                 for row in block.to_dict("records")}  # fmt: skip
        words = title_of_measure(str(quantity)) if kind == "effect" else f"{kind}: {quantity}".replace("_", " ")
        table.add_row(words, *(cells.get(name, "–") for name in names))
    console.print(table)
