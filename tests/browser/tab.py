"""One tab for the tests of a file: each finds it empty, and another tab would compile every script anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Page

WIDTH, HEIGHT = 1366, 768


@dataclass
class Heard:
    """What a page asked for, what its scripts failed with, and what they said on the console."""

    asked: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def asked_beyond(self, *own: str) -> list[str]:
        """What was asked for whose address begins with none of these, and is no data of the page itself."""
        return [url for url in self.asked if not url.startswith((*own, "data:", "blob:"))]


@contextmanager
def emptied(tab: Page) -> Iterator[Heard]:
    """Empty the tab for one test, and hear what goes on in it."""
    tab.goto("about:blank")
    tab.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    tab.mouse.move(0, 0)
    heard = Heard()
    listeners = {
        "request": lambda request: heard.asked.append(request.url),
        "pageerror": lambda error: heard.failed.append(str(error)),
        "console": lambda message: heard.said.append(message.text),
    }
    for what, listener in listeners.items():
        tab.on(what, listener)  # type: ignore[call-overload]
    try:
        yield heard
    finally:
        for what, listener in listeners.items():
            tab.remove_listener(what, listener)
