"""`abm view`: the browser demonstration."""

import errno
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.common import app


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
    from viz.server import serve  # heavy imports, needed by this command only

    def ready(address: str) -> None:
        print(f"Open {address} in a browser. Ctrl-C ends the server.", flush=True)

    try:
        serve(host, port, ready, allow_host or (), prefix)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OSError(error.errno, "is in use; choose another one with --port", f"{host}:{port}") from None
        raise


def _export(folder: Path) -> None:
    """Write the page into a folder."""
    from viz.run_queue import WORKERS, RunQueue
    from viz.static_page import write_folder

    queue = RunQueue(WORKERS + 1)  # one always waits for a visitor, and here nobody comes
    try:
        written = write_folder(folder, queue, told=lambda name: print(f"{name} is done", flush=True))
    finally:
        queue.close()
    size = sum(path.stat().st_size for path in written) / 1e6
    print(f"{len(written)} files, {size:.1f} MB: open {folder / 'index.html'} by a double click.")
