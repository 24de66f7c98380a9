"""Axes that all figures share: sizes, grids of panels, quarters along an axis, intervals."""

from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import pyplot, rc_context
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, MaxNLocator, MultipleLocator
from numpy.typing import ArrayLike, NDArray

from abm.calendar import format_quarter
from abm.measures import MEASURES
from abm.state.world import Array
from experiments.report.study_drawing import SETTINGS
from experiments.report.svg import SOFT

type Grid = NDArray[np.object_]
"""Axes of a figure with several panels, in order, shape (panel,)."""

RELATIVE = ("relative to rest", "share of rest")
"""How the meaning of a measure ends that is compared with its value at rest."""
PANEL = (3.7, 2.5)
"""Width and height of a panel, inches."""


class Figures:
    """What `.plot` gives: its methods draw, and it lists no other names, at a prompt and where names are completed."""

    def __dir__(self) -> list[str]:
        """List the figures."""
        return [name for name in vars(type(self)) if not name.startswith("_")]

    def __repr__(self) -> str:
        """Return one line that names the figures."""
        return f"<figures: {', '.join(self.__dir__())}>"


def one_axes(ax: Axes | None, width: float = 7.0, height: float = 4.0) -> Axes:
    """Return the axes to draw on: those given, or those of a new figure of a size in inches."""
    return tidy(pyplot.subplots(figsize=(width, height), layout="constrained")[1] if ax is None else ax)


def panels(count: int, columns: int = 2, width: float = PANEL[0], height: float = PANEL[1]) -> Grid:
    """Return the axes of a new figure of `count` panels in rows of `columns`; sizes are in inches a panel."""
    columns = max(1, min(columns, count))
    rows = max(1, -(-count // columns))
    size = (columns * width, rows * height)
    found = pyplot.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)[1].ravel()
    for spare in found[count:]:
        spare.remove()
    return np.array([tidy(ax) for ax in found[:count]], dtype=object)


def tidy(ax: Axes) -> Axes:
    """Return axes without the upper and right frame, with pale lines behind what is drawn."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(visible=True, color="#e6e6e2", linewidth=0.7)
    ax.tick_params(labelsize=8, colors=SOFT)
    return ax


def years(quarters: Sequence[int]) -> Array:
    """Return quarters, as integers, as years; the first quarter of 2025 is 2025.0."""
    return np.asarray(quarters, float) / 4


def label_years(ax: Axes) -> None:
    """Mark whole years along the horizontal axis, or quarters where it is shorter than two years."""
    low, high = ax.get_xlim()
    if high - low >= 2:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=2))
    else:
        ax.xaxis.set_major_locator(MultipleLocator(0.25 if high - low < 1 else 0.5))
        ax.xaxis.set_major_formatter(lambda year, _: format_quarter(round(4 * year)))


def scale_of(measure: str) -> str:
    """Return what an axis says of a measure: its unit, or how it relates to rest; empty for other pure numbers."""
    known = MEASURES.get(measure.removeprefix("shocked."))
    if known is None:
        return ""
    if known.unit != "1":
        return known.unit
    return next((words for words in RELATIVE if known.doc.endswith(words)), "")


def label_amounts(ax: Axes, measure: str, *, along: bool = False) -> None:
    """Name unit or scale of a measure beside its axis, vertical or `along` the bottom, and shorten amounts of money."""
    axis = ax.xaxis if along else ax.yaxis
    scale = scale_of(measure) or _ends(measure)
    if scale.startswith("USD"):
        axis.set_major_formatter(EngFormatter(sep=""))
    axis.set_label_text(scale, fontsize=8)


def _ends(measure: str) -> str:
    """Return from where to where a measure can reach, for an axis; empty where there is no end."""
    known = MEASURES.get(measure.removeprefix("shocked."))
    if known is None or not (isfinite(known.low) and isfinite(known.high)):
        return ""
    return f"scale {known.low:g} to {known.high:g}".replace("-", "−")


def draw_band(ax: Axes, x: Array, rows: Array, colour: str, label: str, dashed: bool = False) -> None:
    """Draw the median of runs with the band from the 5th to the 95th percentile; `rows` has shape (quarter, 3)."""
    low, middle, high = np.where(np.isfinite(rows), rows, np.nan).T
    ax.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
    style: dict[str, Any] = {"linestyle": "--" if dashed else "-", "marker": "o" if len(x) == 1 else None}
    ax.plot(x, middle, color=colour, linewidth=1.8, label=label, **style)


def draw_interval(ax: Axes, values: ArrayLike, y: float, colour: str, label: str | None = None) -> None:
    """Draw a value with its interval on a row; `values` are value, low and high, NaN for no interval."""
    value, low, high = np.asarray(values, float)
    if np.isfinite([low, high]).all():
        ax.plot([low, high], [y, y], color=colour, linewidth=4, alpha=0.4, solid_capstyle="butt")
    ax.plot([value], [y], "o", color=colour, markersize=5, label=label)


def save_figure(ax: Axes, path: str | Path) -> None:
    """Save the figure that axes belong to. Raises OSError where the disk does not take it."""
    figure = ax.get_figure(root=True)
    assert figure is not None  # axes that were removed have none
    figure.savefig(path, dpi=110, bbox_inches="tight")


def save_vector(draw: Callable[[], Axes], path: str | Path) -> None:
    """Draw a figure, save it as SVG and close it; the same numbers make the same bytes.

    Raises OSError where the disk does not take it.
    """
    with rc_context(SETTINGS):
        figure = draw().get_figure(root=True)
        assert figure is not None  # axes that were removed have none
        figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)


def shorten(text: str, length: int = 40) -> str:
    """Return a text, its end left out where it is longer than so many characters."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
