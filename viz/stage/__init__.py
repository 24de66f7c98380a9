"""The stage: the first screen. One finding with its question, the picture of one case, four numbers, cards of stories.

It draws what `viz.story_numbers` says of the runs and knows no numbers of its own.
"""

import anywidget
import traitlets


class Stage(anywidget.AnyWidget):
    """Draws findings. `cards` holds those of the stories with cards, by name, as their runs are finished."""

    _esm = "export default Stage;"  # of the script of `viz.page_files`

    words = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    findings = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    stories = traitlets.List(traitlets.Dict()).tag(sync=True)
    cards = traitlets.Dict().tag(sync=True)
    phases = traitlets.Dict().tag(sync=True)
