"""The desk around the stage: header and controls, and below the stage the board of outcomes and claims.

Two widgets draw plain HTML from what the server tells them, and say in messages what the user wants.
"""

from pathlib import Path

import anywidget
import traitlets

FOLDER = Path(__file__).parent
SHARED = ("build.js", "forms.js")


def _module(*names: str) -> str:
    """Return one JavaScript module made of several files."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in (*SHARED, *names))


class Desk(anywidget.AnyWidget):
    """Header and controls. Messages to the server have a key `do`; `session.py` lists them."""

    _esm = _module("story.js", "parameters.js", "composer.js", "lessons.js", "desk.js")
    _css = (FOLDER / "desk.css").read_text(encoding="utf-8")

    words = traitlets.Dict().tag(sync=True)
    catalogue = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    lesson = traitlets.Dict().tag(sync=True)
    address = traitlets.Unicode().tag(sync=True)


class Board(anywidget.AnyWidget):
    """Outcome, league of organizations, claims and downloads, below the stage."""

    _esm = _module("outcome.js", "claims.js", "board.js")

    words = traitlets.Dict().tag(sync=True)
    outcome = traitlets.Dict().tag(sync=True)
    claims = traitlets.List(traitlets.Dict()).tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
