"""The command `abm`: run a scenario, list and check configs, write schemas and world tables."""

import errno
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from abm import __version__
from abm.config import ConfigError, base_yaml, describe, json_schema, load_experiment, shipped, write_base
from abm.experiment import Experiment
from abm.tables import TablesError, assumed_values, read_tables, write_tables

if TYPE_CHECKING:
    from experiments.results import Result

WRONG_USE, FAILED_RUNS, ENVIRONMENT, INTERRUPTED = 2, 3, 5, 130
ENVIRONMENTAL = {
    errno.ENOSPC: "the disk is full; free some space or choose another place with --out",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another place with --out",
    errno.EACCES: "no right to write there; choose another place with --out",
    errno.EPERM: "no right to write there; choose another place with --out",
    errno.EROFS: "the disk is read-only; choose another place with --out",
}
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An agent-based model of multilateral institutions: states and organizations exchange funding, legitimacy "
    "and votes; what follows when a state leaves is compared with the same world in which it stayed.\n\n"
    "Start with [bold]abm run us-exit-2026[/bold]. Exit codes: 0 done, 1 internal error, 2 wrong use or bad config, "
    "3 some runs failed, 5 environment (disk full, no rights), 130 interrupted.",
)
Scenario = Annotated[str, typer.Argument(help="name of a shipped scenario (see `abm configs`) or path of a config")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="override any value; repeatable")
]


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
    """Run one scenario and its no-shock twin; print what happened and write a result folder with a report."""
    from experiments.folder import check_folder, write_result  # heavy imports, needed by this command only
    from experiments.summary import summary

    given = {"seed": seed, "replicates": replicates, "quarters": quarters}
    overrides = [*(set_ or []), *(f"{key}={value}" for key, value in given.items() if value is not None)]
    experiment = load_experiment(scenario, overrides)
    folder = out or Path("results") / f"{Path(scenario).stem}-{experiment.digest()[:8]}"
    check_folder(folder, experiment.digest())
    result = _with_progress(experiment, not no_twin, workers, quiet=as_json)
    result.outcomes["scenario"] = Path(scenario).stem
    write_result(result, folder)
    if as_json:
        print(json.dumps(result.outcomes, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        console = Console(highlight=False, markup=False)
        console.print(summary(result), soft_wrap=not console.is_terminal)
        console.print(f"\nReport: {folder / 'report.html'}   ({result.wall_seconds:.1f} s)", soft_wrap=True)
    for failure in result.failed:
        print(
            f"failed: run {failure['run']}{' (twin)' if failure['twin'] else ''}: {failure['error']}", file=sys.stderr
        )
    if result.failed:
        raise typer.Exit(FAILED_RUNS)


def _with_progress(experiment: Experiment, twin: bool, workers: int | None, quiet: bool) -> "Result":
    """Run with a progress bar on the error stream, or silently."""
    from experiments.run import run_experiment

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("replicates" + (" with twins" if twin else ""), total=experiment.replicates)
        return run_experiment(
            experiment, twin=twin, workers=workers, progress=lambda done, _: progress.update(task, completed=done)
        )


@app.command()
def configs() -> None:
    """List shipped scenarios and studies, one line each."""
    entries = shipped()
    width = max((len(entry.name) for entry in entries), default=0)
    for kind in ("scenario", "study"):
        chosen = [entry for entry in entries if entry.kind == kind]
        if chosen:
            print({"scenario": "Scenarios (abm run NAME)", "study": "Studies"}[kind])
        for entry in chosen:
            print(f"  {entry.name:<{width}}  {entry.title}")


@app.command()
def check(
    file: Scenario,
    set_: Settings = None,
    assumed: Annotated[bool, typer.Option("--assumed", help="list the world's values that are assumptions")] = False,
) -> None:
    """Validate a config and show it resolved, with where each value came from."""
    experiment = load_experiment(file, set_ or [])
    print(describe(experiment))
    if experiment.world.source != "synthetic":
        lines = assumed_values(read_tables(Path(experiment.world.folder) if experiment.world.folder else None))
        print(f"\n{len(lines)} columns or rows of the world's tables hold assumed values" + (
            ":" if assumed else "; list them with --assumed."))  # fmt: skip
        if assumed:
            print("\n".join(f"  {line}" for line in lines))


@app.command()
def schema(
    base: Annotated[bool, typer.Option("--base", help="print base.yaml, every parameter once, instead")] = False,
    write_base_: Annotated[
        bool, typer.Option("--write-base", help="rewrite the shipped base.yaml after a change of parameters")
    ] = False,
) -> None:
    """Print the JSON Schema of configs, for editors."""
    if write_base_:
        print(f"wrote {write_base()}")
    elif base:
        print(base_yaml(), end="")
    else:
        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def export(
    world: Annotated[str, typer.Option(help="world whose tables are written: real")],
    out: Annotated[Path, typer.Option(help="folder for the tables; new or empty")],
) -> None:
    """Write a world's tables as a template for a world of your own (world: {source: tables, folder: ...})."""
    if world != "real":
        raise ConfigError(f"unknown world {world!r}; only real can be exported as tables")
    write_tables(read_tables(), out)
    print(f"wrote the tables of the built-in world to {out}; its README.md explains the format")


def _version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(f"multilateral-abm {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Take the options of the command itself."""


def _stop(message: str, code: int) -> NoReturn:
    """Print one message and end with an exit code."""
    print(f"abm: {message}", file=sys.stderr)
    raise SystemExit(code)


class _Interrupted(BaseException):
    """The user pressed Ctrl-C; not a KeyboardInterrupt, for which the command framework has another exit code."""


def _interrupt(*_: object) -> NoReturn:
    """Stop at once, and ignore further signals while cleaning up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise _Interrupted


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command; every foreseeable error is one message and an exit code, never a traceback."""
    signal.signal(signal.SIGINT, _interrupt)
    try:
        app(args=arguments)
    except (ConfigError, TablesError, FileExistsError) as error:
        _stop(str(error), WRONG_USE)
    except (_Interrupted, KeyboardInterrupt):
        _stop("interrupted; nothing was written", INTERRUPTED)
    except OSError as error:
        what = ENVIRONMENTAL.get(error.errno or 0, f"{error.strerror or error}; choose another place with --out")
        _stop(f"{error.filename or 'writing'}: {what}", ENVIRONMENT)
