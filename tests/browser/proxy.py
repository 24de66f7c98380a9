"""A reverse proxy as operators set one up: it shows a server under a path, and takes the path away from requests."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


async def _pipe(reader: Reader, writer: Writer) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _shown(reader: Reader, writer: Writer, target: int, prefix: str) -> None:
    """Hand one connection on: one request each, or a channel."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        first, headers = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)
        method, path, version = first.split(b" ")
        if not path.startswith(prefix.encode()):
            writer.close()
            return
        if b"upgrade: websocket" not in headers.lower():
            kept = [line for line in headers.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            headers = b"Connection: close\r\n" + b"\r\n".join(kept)
        behind, onward = await asyncio.open_connection("127.0.0.1", target)
        try:
            onward.write(b" ".join([method, path[len(prefix) :] or b"/", version]) + b"\r\n" + headers)
            await asyncio.gather(_pipe(reader, onward), _pipe(behind, writer))
        finally:
            onward.close()
            writer.close()


def _stop(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    loop.call_soon_threadsafe(stop.set)


async def _serve(listening: socket.socket, target: int, prefix: str, up: Future[Callable[[], None]]) -> None:
    """Serve until what is handed out through `up` is called."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    server = await asyncio.start_server(lambda *ends: _shown(*ends, target, prefix), sock=listening)
    up.set_result(lambda: _stop(loop, stop))
    await stop.wait()
    server.close()


@contextmanager
def proxied(listening: socket.socket, target: int, prefix: str) -> Iterator[None]:
    """Show the server on port `target` of this machine under a path of the address that is listened on."""
    up: Future[Callable[[], None]] = Future()
    thread = Thread(target=lambda: asyncio.run(_serve(listening, target, prefix, up)), daemon=True)
    thread.start()
    stop = up.result(10)
    try:
        yield
    finally:
        stop()
        thread.join(10)
