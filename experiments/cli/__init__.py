"""The command `abm`. One file here holds the commands that belong together.

They import at the top what a help text needs, and the rest when they are called: `abm --help` loads neither numpy nor
pydantic.
"""

import os
import signal
import sys
import time
from _thread import interrupt_main
from collections.abc import Sequence
from threading import Timer
from typing import Annotated, Any, NoReturn

import typer

from abm import __version__
from experiments.cli import (
    analysis,
    bench,
    claims,
    compare,
    configs,
    export,
    reproduce,
    rerun,
    run,
    study,
    sweep,
    validate,
    view,
)
from experiments.cli.common import (
    ENVIRONMENT,
    ENVIRONMENTAL,
    FAILED_RUNS,
    INTERRUPTED,
    OUT_OF_MEMORY,
    WRONG_USE,
    app,
    write_on_any_console,
)
from experiments.runs.readable import readable

__all__ = [
    "analysis",
    "app",
    "bench",
    "claims",
    "compare",
    "configs",
    "export",
    "main",
    "reproduce",
    "rerun",
    "run",
    "study",
    "sweep",
    "validate",
    "view",
]

PATIENCE = 3.0
"""Seconds after Ctrl-C in which another one is ignored."""
SOON = 0.05
"""Seconds until Ctrl-C is answered once more that fell into code which can raise nothing."""


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
    print(f"abm: {readable(message)}", file=sys.stderr)
    raise SystemExit(code)


def _refusals() -> tuple[type[Exception], ...]:
    """Return the errors that say that a command was used in a wrong way."""
    from abm.config.errors import ConfigError  # asked for after an error only
    from abm.data.reading import TablesError

    return ConfigError, TablesError, FileExistsError


def _without_results() -> tuple[type[Exception], ...]:
    """Return the errors that say that runs failed and that nothing was written for it."""
    from abm.workers import NothingFinishedError, WorkerLostError  # asked for after an error only

    return NothingFinishedError, WorkerLostError


class _Interrupted(BaseException):
    """The user pressed Ctrl-C; not a KeyboardInterrupt, for which the command framework has another exit code."""


def _interrupt(*_: object) -> NoReturn:
    """Stop, and give cleaning up its time; whoever presses Ctrl-C again after that ends everything at once."""
    patient_until = time.monotonic() + PATIENCE

    def again(*_: object) -> None:
        if time.monotonic() > patient_until:
            os.write(2, b"abm: interrupted twice and ended as it was\n")
            os._exit(INTERRUPTED)  # workers end with their main process

    signal.signal(signal.SIGINT, again)
    raise _Interrupted


def _unraisable(about: Any) -> None:
    """Interrupt once more where an interrupt fell into code that can raise nothing, as callbacks of weak references."""
    if about.exc_type is _Interrupted:
        signal.signal(signal.SIGINT, _interrupt)
        Timer(SOON, interrupt_main).start()
    else:
        sys.__unraisablehook__(about)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command; every foreseeable error is one message and an exit code, never a traceback."""
    before, hook = signal.signal(signal.SIGINT, _interrupt), sys.unraisablehook
    sys.unraisablehook = _unraisable
    write_on_any_console()
    try:
        _carry_out(arguments)
    finally:
        sys.unraisablehook = hook
        if signal.getsignal(signal.SIGINT) is _interrupt:  # once interrupted, it stays so until the end
            signal.signal(signal.SIGINT, before)


def _carry_out(arguments: Sequence[str] | None) -> None:
    """Run the command; turn errors into messages and exit codes."""
    try:
        app(args=arguments)
    except SystemExit:  # the usual end, which needs none of the errors below
        raise
    except (_Interrupted, KeyboardInterrupt) as stop:
        _stop(_with_notes("interrupted", stop, "nothing was written"), INTERRUPTED)
    except _refusals() as error:
        _stop(str(error), WRONG_USE)
    except OSError as error:
        what = ENVIRONMENTAL.get(error.errno or 0, f"{error.strerror or error}; choose another place with --out")
        _stop(_with_notes(f"{error.filename or 'writing'}: {what}", error), ENVIRONMENT)
    except MemoryError as error:
        _stop(_with_notes(OUT_OF_MEMORY, error), ENVIRONMENT)
    except _without_results() as error:
        message = f"{error}; perhaps the memory was used up" if getattr(error, "killed", False) else str(error)
        _stop(_with_notes(message, error), FAILED_RUNS)


def _with_notes(message: str, error: BaseException, otherwise: str = "") -> str:
    """Return a message with what a command says of what it leaves, or what holds `otherwise`."""
    return "; ".join(filter(None, [message, *getattr(error, "__notes__", [otherwise])]))
