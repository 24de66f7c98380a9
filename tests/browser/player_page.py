"""A page that holds nothing but the player: its scripts, its style, and a model that stands in for the server's."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from abm.words import chinese_names, event_words
from viz.page_files import module, read
from viz.player import LAND

WORDS = Path(__file__).resolve().parents[2] / "viz" / "words"
DEFAULTS: dict[str, Any] = {
    "quarter": 0, "selected": "", "view": "map", "table": False, "colour": "exit", "mode": "run", "details": {},
    "titles": {},    "occurs": {}, "language": "en", "presentation": False, "playing": False, "speed": 2,
}  # fmt: skip
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Player</title><style>body{margin:8px;font-family:sans-serif}%s</style></head>
<body><main><h1 hidden>Player</h1><div id="player"></div></main></body></html>"""
MODEL = """async ([code, values, blobs]) => {
  const bytes = (text) => {
    const found = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new DataView(found.buffer);
  };
  const state = { ...values, replicates: blobs.replicates.map(bytes) };
  for (const name of ["land", "run", "twin", "second"]) state[name] = bytes(blobs[name] ?? "");
  const listeners = {};
  window.told = [];
  window.model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; (window.pending ??= {})[name] = value; },
    save_changes: () => { window.told.push(window.pending); window.pending = {}; },
    on: (name, listener) => (listeners[name] ??= new Set()).add(listener),
    off: (name, listener) => listeners[name]?.delete(listener),
    server: (name, value) => { state[name] = value; for (const one of listeners[`change:${name}`] ?? []) one(); },
    listeners,
  };
  window.bytes = bytes;
  const module = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  window.closePlayer = await module.default.render({ model: window.model, el: document.getElementById("player") });
}"""


@cache
def words(language: str) -> dict[str, str]:
    """The player's texts, with names where there are any."""
    found = event_words(language) | (chinese_names() if language == "zh" else {})
    for path in sorted(WORDS.glob(f"*.{language}.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def encoded(data: bytes) -> str:
    """Bytes as the page takes them."""
    return base64.b64encode(data).decode()


def open_player(page: Page, run: bytes, twin: bytes = b"", replicates: tuple[bytes, ...] = (), **values: Any) -> None:
    """Show the player with a run, further values as its traits."""
    second = values.pop("second", b"")
    traits = {**DEFAULTS, "words": words(values.get("language", "en")), **values}
    blobs = {"land": LAND, "run": run, "twin": twin, "second": second}
    page.set_content(PAGE.replace("%s", read("player/player.css")))
    packed = {name: encoded(data) for name, data in blobs.items()} | {
        "replicates": [encoded(one) for one in replicates]
    }
    page.evaluate(MODEL, [module("Player"), traits, packed])
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def check_nothing_cut_off(page: Page, width: int) -> None:
    """Fail where the page, a picture or a text is wider than its place."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for canvas in page.locator("canvas:visible").all():
        box = canvas.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width + 0.5
    wide = page.evaluate(
        "() => [...document.querySelectorAll('.player button, .player figcaption, .player th, .player td')]"
        ".filter((node) => node.offsetParent && node.scrollWidth > node.clientWidth + 2)"
        ".map((node) => node.textContent)"
    )
    assert wide == []
