"""`abm view`: the browser demonstration."""

import errno
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import FAILED_RUNS, app

SHELF = "abm-view"
"""Name of the temporary folder for recordings; that of a server that was killed is removed by the next."""
KEPT = 0.02
"""Minutes within which no story is computed: those told by then were kept."""


@app.command()
def view(
    port: Annotated[int, typer.Option(min=0, max=65535, help="port; 0 takes any free one")] = 8765,
    host: Annotated[str, typer.Option(help="address to listen on; any but loopback opens the page to the network")] = (
        "127.0.0.1"
    ),
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="further name, with its port, that browsers may use: behind a tunnel, container or proxy"),
    ] = None,
    prefix: Annotated[str, typer.Option(help="path under which a proxy shows the page, such as /teach")] = "",
    export: Annotated[
        Path | None, typer.Option(help="write the page with all shipped stories into this folder instead; no server")
    ] = None,
) -> None:
    """Open the browser demonstration on this machine; Ctrl-C ends it."""
    if export is not None:
        _export(export)
        return
    from experiments.storage.folders import temporary  # heavy imports, needed by this command only
    from viz.server import serve

    def ready(address: str) -> None:
        print(f"Open {address} in a browser. Ctrl-C ends the server.", flush=True)

    try:
        with temporary(SHELF) as shelf:
            serve(host, port, ready, allow_host or (), prefix, shelf)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OSError(error.errno, "is in use; choose another one with --port", f"{host}:{port}") from None
        raise
    except BaseException as stop:
        stop.add_note("the page is closed")
        raise


def _export(folder: Path) -> None:
    """Write the page into a folder; stories of the same model that it holds are kept, as is what is not the page's."""
    from experiments.runs.fingerprint import files_digest, sources_digest
    from experiments.storage.folders import check_beside, temporary, write_beside
    from viz import __file__ as page
    from viz.run_queue import WORKERS, RunQueue
    from viz.static_page import Rule, write_folder

    started, kept = time.monotonic(), 0

    def told(name: str, done: int, of: int) -> None:
        nonlocal kept
        minutes = (time.monotonic() - started) / 60
        kept += minutes < KEPT  # it was there
        left = minutes * (of - done) / max(1, done - kept)
        print(f"{name}: {done} of {of}, {minutes:.1f} min, about {left:.0f} min left", flush=True)

    version = sources_digest() + files_digest(Path(page).parent.rglob("*.py"), Path(page).parent)
    rule = Rule(check_beside, write_beside)
    with temporary(SHELF) as shelf:
        queue = RunQueue(WORKERS + 1, shelf=shelf)  # one always waits for a visitor, and here nobody comes
        try:
            written = write_folder(folder, queue, told=told, version=version, rule=rule)
        except RuntimeError as error:
            print(f"abm: {error}; the stories before it are kept, and the same command goes on", file=sys.stderr)
            raise typer.Exit(FAILED_RUNS) from None
        except BaseException as stop:
            stop.add_note("stories that are done are kept, and the same command goes on")
            raise
        finally:
            queue.close()
    size = sum(path.stat().st_size for path in written) / 1e6
    print(f"{len(written)} files, {size:.1f} MB: open {folder / 'index.html'} by a double click.")
