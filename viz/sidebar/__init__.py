"""The sidebar (header and controls) and the board of outcomes and claims below the player.

Both widgets draw plain HTML from values that the server sends, and answer with messages.
"""

from pathlib import Path

import anywidget
import traitlets

FOLDER = Path(__file__).parent
SHARED = ("build.js", "forms.js")


def _module(*names: str) -> str:
    """Return one JavaScript module made of several files."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in (*SHARED, *names))


class Sidebar(anywidget.AnyWidget):
    """Header and controls. Messages to the server have a key `do`; `session.py` lists them."""

    _esm = _module("story.js", "parameters.js", "composer.js", "lessons.js", "sidebar.js")
    _css = (FOLDER / "sidebar.css").read_text(encoding="utf-8")

    words = traitlets.Dict().tag(sync=True)
    catalogue = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    lesson = traitlets.Dict().tag(sync=True)
    room = traitlets.Dict().tag(sync=True)
    address = traitlets.Unicode().tag(sync=True)


class Board(anywidget.AnyWidget):
    """Outcome, league of organizations, claims and downloads, below the player."""

    _esm = _module("outcome.js", "claims.js", "board.js")

    words = traitlets.Dict().tag(sync=True)
    outcome = traitlets.Dict().tag(sync=True)
    claims = traitlets.List(traitlets.Dict()).tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
