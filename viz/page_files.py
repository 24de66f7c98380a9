"""Files of the page that a browser keeps: one script of the four widgets, one style sheet, the words of a language.

A name holds the digest of what the file says, so that a browser need not ask for it again.
"""

import base64
import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from viz.words import LANGUAGES, words

EXPORT = "export default { render };"
SHARED = ("sidebar/build", "sidebar/figures", "sidebar/forms")
WIDGETS: dict[str, tuple[str, ...]] = {
    "Stage": (*SHARED, "stage/picture", "stage/bonds", "stage/numbers", "stage/stage"),
    "Player": (
        "sidebar/build", "sidebar/figures", "player/decoding", "player/words", "player/colours", "player/map",
        "player/network", "player/series", "player/panel", "player/tables", "player/downloads", "player/layout",
        "player/draw", "player/player",
    ),
    "Sidebar": (
        *SHARED, "sidebar/story", "sidebar/parameters", "sidebar/composer", "sidebar/lessons", "sidebar/sidebar",
    ),
    "Board": (*SHARED, "sidebar/outcome", "sidebar/claims", "sidebar/board"),
}  # fmt: skip
"""The scripts of each widget in the order in which they are joined; the last one exports what draws it."""
STYLES = ("stage/stage.css", "player/player.css", "sidebar/sidebar.css")


@dataclass(frozen=True)
class PageFile:
    """A file as it is sent, plain and compressed."""

    kind: str
    plain: bytes
    packed: bytes


def read(name: str) -> str:
    """Return a text of the page by its path below `viz`."""
    return (files("viz") / name).read_text(encoding="utf-8")


def joined(names: Sequence[str]) -> str:
    """Return scripts as one."""
    return "\n".join(read(f"{name}.js") for name in names)


def module(widget: str) -> str:
    """Return a widget as a module of its own, with D3."""
    return joined(("d3/d3", *WIDGETS[widget]))


@cache
def script() -> str:
    """Return all widgets as one plain script: constants by name, each with what draws it; and D3, once."""
    return "\n".join([read("d3/d3.js"), *(_wrapped(name) for name in WIDGETS)])


def _wrapped(widget: str) -> str:
    """Return a widget as a constant; a page of a folder may import no modules."""
    code = joined(WIDGETS[widget])
    if EXPORT not in code:
        raise RuntimeError(f"{widget} does not export what it renders")
    return f"const {widget} = (() => {{\n{code.replace(EXPORT, 'return { render };')}\n}})();"


@cache
def style() -> str:
    """Return the style of the page, with its letters (Source Sans 3, see `viz/fonts/LICENSE`)."""
    data = base64.b64encode((files("viz") / "fonts" / "source-sans-3.woff2").read_bytes()).decode()
    source = f"url(data:font/woff2;base64,{data}) format('woff2')"
    face = f'@font-face {{ font-family: "Source Sans 3"; font-weight: 200 900; font-display: swap; src: {source}; }}'
    return "\n".join([face, *map(read, STYLES)])


@cache
def page_files() -> dict[str, PageFile]:
    """Return the files by name."""
    texts = {
        "page.js": ("text/javascript", f"{script()}\n{read('stage/early.js')}"),
        "page.css": ("text/css", style()),
        **{f"words-{one}.js": ("text/javascript", _words(one)) for one in LANGUAGES},
    }
    return {
        _named(name, text.encode()): PageFile(f"{kind}; charset=utf-8", text.encode(), gzip.compress(text.encode(), 9))
        for name, (kind, text) in texts.items()
    }


def _words(language: str) -> str:
    """Return the words of a language as a script."""
    return f"const abmWords = {json.dumps(words(language), ensure_ascii=False)};"


def _named(name: str, text: bytes) -> str:
    """Return the name under which a file is served."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{sha256(text).hexdigest()[:12]}.{ending}"


def name_of(name: str) -> str:
    """Return the name under which a file is served, by the plain one."""
    stem, _, ending = name.rpartition(".")
    return next(one for one in page_files() if re.fullmatch(rf"{stem}-[0-9a-f]{{12}}\.{ending}", one))
