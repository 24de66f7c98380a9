"""The player: one component that draws a packed run and plays it in the browser without asking the server.

Map, network, curves, timeline and tables are drawn by the scripts beside this file; nothing is fetched.
"""

import zlib
from importlib.resources import files

import anywidget
import traitlets

VIEWS = ("map", "network", "series", "events")
MODES = ("run", "wipe", "difference", "side")
COLOURS = ("exit", "trust", "alignment", "influence")


def land() -> bytes:
    """Return the outlines of the states (see `abm/data/map/README.md`), compressed."""
    return zlib.compress((files("abm.data") / "map" / "world.json").read_bytes(), 9)


LAND = land()


class Player(anywidget.AnyWidget):
    """Draws a run.

    `run`, `twin` and `second` are bytes of `packed_run.pack` (empty: none), `replicates` those of `pack_series`; with
    the run they are to be `of` in all.
    `quarter` counts from 0; it is sent back once the user stays on one. `selected` is the code of a state or an
    organization, "" for none. `words` are all texts by key in the `language`, `details` further texts by code. `speed`
    is in quarters a second. `occurs` says where the events of run and twin occur (see `viz.worker_runs`);
    `titles` are those of the run and of the second scenario.
    """

    _esm = "export default Player;"  # of the script of `viz.page_files`
    land = traitlets.Bytes(LAND).tag(sync=True)
    run = traitlets.Bytes(b"").tag(sync=True)
    twin = traitlets.Bytes(b"").tag(sync=True)
    second = traitlets.Bytes(b"").tag(sync=True)
    replicates = traitlets.List(traitlets.Bytes()).tag(sync=True)
    of = traitlets.Int(1).tag(sync=True)
    occurs = traitlets.Dict().tag(sync=True)
    titles = traitlets.Dict().tag(sync=True)
    quarter = traitlets.Int(0, min=0).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    view = traitlets.Enum(VIEWS, "map").tag(sync=True)
    table = traitlets.Bool(False).tag(sync=True)
    colour = traitlets.Enum(COLOURS, "exit").tag(sync=True)
    mode = traitlets.Enum(MODES, "difference").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    details = traitlets.Dict().tag(sync=True)
    language = traitlets.Enum(("en", "zh"), "en").tag(sync=True)
    presentation = traitlets.Bool(False).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    speed = traitlets.Float(2.0, min=0.1).tag(sync=True)
