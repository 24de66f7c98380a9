"""The stage: the first screen. One finding with its question, the picture of one case, four numbers, cards of stories.

It draws what `viz.findings` says of the runs and knows no numbers of its own.
"""

import base64
from importlib.resources import files

import anywidget
import traitlets

SCRIPTS = ("d3/d3.js", "sidebar/build.js", "sidebar/forms.js", "stage/picture.js", "stage/bonds.js", "stage/numbers.js",
           "stage/stage.js")  # fmt: skip


def font_face() -> str:
    """Return the style that names the font of the page (Source Sans 3, see `viz/fonts/LICENSE`) and holds it."""
    data = base64.b64encode((files("viz") / "fonts" / "source-sans-3.woff2").read_bytes()).decode()
    source = f"url(data:font/woff2;base64,{data}) format('woff2')"
    return f'@font-face {{ font-family: "Source Sans 3"; font-weight: 200 900; font-display: swap; src: {source}; }}\n'


class Stage(anywidget.AnyWidget):
    """Draws findings. `cards` holds those of the stories with cards, by name, as their runs are finished."""

    _esm = "\n".join((files("viz") / name).read_text(encoding="utf-8") for name in SCRIPTS)
    _css = font_face() + (files("viz.stage") / "stage.css").read_text(encoding="utf-8")

    words = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    findings = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    stories = traitlets.List(traitlets.Dict()).tag(sync=True)
    cards = traitlets.Dict().tag(sync=True)
    phases = traitlets.Dict().tag(sync=True)
