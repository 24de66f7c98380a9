"""`abm export`: results for other programs, and the built-in world as a template."""

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import app


@app.command()
def export(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="folder of `abm run` or `abm sweep`")] = None,
    format_: Annotated[
        str, typer.Option("--format", help="graphml or gexf: networks; csv or json: networks and tables")
    ] = "csv",
    world: Annotated[str | None, typer.Option(help="instead of a result, write a world's tables: real")] = None,
    out: Annotated[Path | None, typer.Option(help="folder to write, new or empty [default: DIR/export/FORMAT]")] = None,
) -> None:
    """Write a result's networks and tables for other programs, or a world's tables as a template for your own."""
    from abm.config.errors import ConfigError  # heavy imports, here and below, needed by this command only

    if (folder is None) == (world is None):
        raise ConfigError("name either a result folder or --world real")
    if folder is None:
        _write_world(str(world), out)
        return
    from experiments.report.exchange_formats import export as write

    files = write(folder, format_, out)
    print(f"wrote {len(files)} files to {files[0].parent}: {', '.join(path.name for path in files)}")


def _write_world(world: str, out: Path | None) -> None:
    """Write a world's tables."""
    from abm.config.errors import ConfigError
    from abm.data.world_tables import read_tables
    from abm.data.write_world import write_tables
    from experiments.storage.folders import check_folder, replacing

    if world != "real":
        raise ConfigError(f"unknown world {world!r}; only real can be exported as tables")
    if out is None:
        raise ConfigError("name a folder for the world's tables with --out")
    by = "abm export --world real"
    check_folder(out, by)
    with replacing(out, by) as fresh:
        write_tables(read_tables(), fresh)
    print(f"wrote the tables of the built-in world to {out}; its README.md explains the format")
