"""Figures of the named studies: lines with intervals, bars and maps, each with its caption inside the file."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

COLOURS = ("#0a5488", "#c4622d", "#3f8f5b", "#7a4f9a", "#8a8a8a", "#b8860b", "#222222", "#5fa8d3", "#a23b52")
SETTINGS: Any = {
    "svg.hashsalt": "multilateral-abm",  # the same numbers make the same file
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclass(frozen=True)
class Line:
    """One line: places, values, and the ends of their intervals."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Panel:
    """One pair of axes with its lines."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    logarithmic: bool = False
    level: float | None = None


@dataclass(frozen=True)
class Bars:
    """One panel of horizontal bars with intervals, from the top down."""

    title: str
    x: str
    labels: Sequence[str]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Cells:
    """One panel of coloured cells: `values` (row, column), rows from the bottom up."""

    title: str
    x: str
    y: str
    columns: Sequence[str]
    rows: Sequence[str]
    values: Any
    unit: str = ""
    limits: tuple[float, float] | None = field(default=None)


def draw(file: Path, panels: Sequence[Panel | Bars | Cells], caption: str) -> None:
    """Write panels side by side into one SVG file, the caption below: scenario, runs, what the intervals are."""
    with mpl.rc_context(SETTINGS):
        columns = min(len(panels), 3)
        rows = -(-len(panels) // columns)
        figure = Figure(figsize=(4.2 * columns + 0.4, 3.4 * rows + 1.0), layout="constrained")
        for index, panel in enumerate(panels, 1):
            axes = figure.add_subplot(rows, columns, index)
            axes.set_title(panel.title, fontsize=10, loc="left")
            axes.set_xlabel(panel.x)
            if isinstance(panel, Panel):
                _lines(axes, panel)
            elif isinstance(panel, Bars):
                _bars(axes, panel)
            else:
                _cells(axes, panel)
        figure.supxlabel(textwrap.fill(caption, 62 * columns), fontsize=8, x=0.01, ha="left")
        figure.savefig(file, metadata={"Date": None})


def _lines(axes: Any, panel: Panel) -> None:
    """Draw lines with bands."""
    axes.set_ylabel(panel.y)
    for line, colour in zip(panel.lines, COLOURS, strict=False):
        axes.plot(line.x, line.y, "o-", color=colour, label=line.label, markersize=3, linewidth=1.3)
        axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.15, linewidth=0)
    if panel.level is not None:
        axes.axhline(panel.level, color="#888", linewidth=0.8, linestyle=":")
    if panel.logarithmic:
        axes.set_xscale("log", base=2)
        ticks = sorted({float(x) for line in panel.lines for x in line.x})
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    if len(panel.lines) > 1:
        axes.legend(frameon=False, fontsize=7)


def _bars(axes: Any, panel: Bars) -> None:
    """Draw horizontal bars with whiskers."""
    places = np.arange(len(panel.labels))
    values = np.array(panel.y, float)
    ends = np.maximum([values - np.array(panel.low, float), np.array(panel.high, float) - values], 0)
    axes.barh(places, values, xerr=ends, color=COLOURS[0], alpha=0.8, ecolor="#222", height=0.65)
    axes.axvline(0, color="#222", linewidth=0.8)
    axes.set_yticks(places, panel.labels)
    axes.invert_yaxis()


def _cells(axes: Any, panel: Cells) -> None:
    """Draw coloured cells with a scale."""
    low, high = panel.limits or (None, None)
    image = axes.imshow(
        np.asarray(panel.values, float), origin="lower", aspect="auto", cmap="viridis", vmin=low, vmax=high
    )
    axes.set_ylabel(panel.y)
    axes.set_xticks(range(len(panel.columns)), panel.columns, rotation=60)
    axes.set_yticks(range(len(panel.rows)), panel.rows)
    axes.figure.colorbar(image, ax=axes, label=panel.unit)
