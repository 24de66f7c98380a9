"""The sidebar (header and controls) and the board of outcomes and claims below the player.

Both widgets draw plain HTML from values that the server sends, and answer with messages.
"""

import anywidget
import traitlets


class Sidebar(anywidget.AnyWidget):
    """Header and controls. Messages to the server have a key `do`; `session.py` lists them."""

    _esm = "export default Sidebar;"  # of the script of `viz.page_files`

    words = traitlets.Dict().tag(sync=True)
    catalogue = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    lesson = traitlets.Dict().tag(sync=True)
    room = traitlets.Dict().tag(sync=True)
    address = traitlets.Unicode().tag(sync=True)


class Board(anywidget.AnyWidget):
    """Outcome, league of organizations, claims and downloads, below the player."""

    _esm = "export default Board;"

    words = traitlets.Dict().tag(sync=True)
    outcome = traitlets.Dict().tag(sync=True)
    claims = traitlets.List(traitlets.Dict()).tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
