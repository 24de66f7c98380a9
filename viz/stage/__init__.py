"""The stage: the first screen. One finding with its question, the picture of one case, four numbers, cards of stories.

It draws what `viz.findings` says of the runs and knows no numbers of its own.
"""

from importlib.resources import files

import anywidget
import traitlets

SCRIPTS = ("d3/d3.js", "sidebar/build.js", "sidebar/forms.js", "stage/picture.js", "stage/bonds.js", "stage/numbers.js",
           "stage/stage.js")  # fmt: skip


class Stage(anywidget.AnyWidget):
    """Draws findings. `cards` holds those of the stories with cards, by name, as their runs are finished."""

    _esm = "\n".join((files("viz") / name).read_text(encoding="utf-8") for name in SCRIPTS)
    _css = (files("viz.stage") / "stage.css").read_text(encoding="utf-8")

    words = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    findings = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    stories = traitlets.List(traitlets.Dict()).tag(sync=True)
    cards = traitlets.Dict().tag(sync=True)
    phases = traitlets.Dict().tag(sync=True)
