"""A visitor of the demonstration without a browser: it speaks to the server as the page's own scripts do."""

import asyncio
import json
import struct
import time
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect

LARGEST = 8_000_000


def decoded(message: str | bytes) -> dict[str, Any]:
    """The JSON part of a message; binary ones begin with the number and the offsets of their parts."""
    if isinstance(message, str):
        return dict(json.loads(message))
    count = struct.unpack("!I", message[:4])[0]
    offsets = struct.unpack(f"!{count}I", message[4 : 4 + 4 * count])
    return dict(json.loads(message[offsets[0] : offsets[1] if count > 1 else None]))


class Visitor:
    """One page: opens a session, keeps what the server tells each widget, and says messages."""

    def __init__(self, address: str, query: str = "") -> None:
        self.address, self.query = address, query
        self.widgets: dict[str, dict[str, Any]] = {}
        self.told = asyncio.Event()
        self.changes: dict[tuple[str, str], int] = {}
        self._number = 0

    async def __aenter__(self) -> Self:
        own = urlsplit(self.address).netloc
        self.kernel, self.session = str(uuid4()), uuid4().hex
        channel = f"ws://{own}/jupyter/api/kernels/{self.kernel}/channels?session_id={self.session}"
        self.cookie = f"solara-session-id={uuid4()}"
        self.channel: ClientConnection = await connect(
            channel,
            origin=f"http://{own}",
            additional_headers={"Cookie": self.cookie},
            max_size=LARGEST,  # type: ignore[arg-type]
            open_timeout=60,
        )
        self._listening = asyncio.create_task(self._listen())
        control = uuid4().hex
        await self._send("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
        await self._send(
            "comm_msg", {"comm_id": control, "data": {"method": "run", "args": {"path": f"/?{self.query}"}}}
        )
        await self.until(lambda: all(self.id_of(key) for key in ("catalogue", "land", "claims")))
        return self

    async def close_tab(self) -> None:
        """Go as a browser does whose tab is closed: it says so to the server."""
        await self.__aexit__()
        own = urlsplit(self.address).netloc
        request = Request(
            f"http://{own}/_solara/api/close/{self.kernel}?session_id={self.session}",
            method="POST",
            headers={"Origin": f"http://{own}", "Cookie": self.cookie},
        )
        await asyncio.to_thread(lambda: urlopen(request).close())

    def lose(self) -> None:
        """Go as a page does whose network is lost: without a word."""
        self._listening.cancel()
        self.channel.transport.abort()

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        await self.channel.close()

    def id_of(self, key: str) -> str:
        """The widget that has a trait."""
        return next((name for name, state in self.widgets.items() if key in state), "")

    def state(self, key: str, trait: str) -> Any:
        """A trait of the widget that has `key`."""
        return self.widgets.get(self.id_of(key), {}).get(trait)

    def times(self, key: str, trait: str) -> int:
        """How often a trait of the widget that has `key` was told."""
        return self.changes.get((self.id_of(key), trait), 0)

    async def say(self, **message: Any) -> None:
        """Send a message of the sidebar."""
        await self._send(
            "comm_msg", {"comm_id": self.id_of("catalogue"), "data": {"method": "custom", "content": message}}
        )

    async def show(self, **state: Any) -> None:
        """Tell the server what the user did in the player."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        await self._send("comm_msg", {"comm_id": self.id_of("land"), "data": data})

    async def until(self, true: Any, patience: float = 120.0) -> float:
        """Wait until something is true; the seconds it took."""
        started = time.monotonic()
        while not true():
            self.told.clear()
            await asyncio.wait_for(self.told.wait(), patience)
        return time.monotonic() - started

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        self._number += 1
        header = {"msg_id": f"{self.session}-{self._number}", "msg_type": kind, "session": self.session,
                  "username": "", "version": "5.2", "date": "2026-01-01T00:00:00Z"}  # fmt: skip
        message = {"header": header, "msg_id": header["msg_id"], "msg_type": kind, "parent_header": {}, "metadata": {},
                   "content": content, "buffers": [], "channel": "shell"}  # fmt: skip
        await self.channel.send(json.dumps(message))

    async def _listen(self) -> None:
        async for message in self.channel:
            found = decoded(message)
            content = found.get("content", {})
            data, name = content.get("data", {}), content.get("comm_id", "")
            if found.get("msg_type") == "comm_open" or data.get("method") == "update":
                state = data.get("state", {})
                paths = {path[0]: True for path in data.get("buffer_paths", [])}
                known = self.widgets.setdefault(name, {})
                for trait, value in {**state, **paths}.items():
                    known[trait] = value
                    self.changes[name, trait] = self.changes.get((name, trait), 0) + 1
            self.told.set()
