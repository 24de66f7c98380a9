"""The world on a map and as a network: places and colours are those of the report's own figures."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Curve

from abm.config.errors import ConfigError, one_of
from abm.state.world import Array
from experiments.plots.axes import Grid, one_axes, panels, shorten
from experiments.report.network import (
    CAMP_COLOURS,
    CENTRE,
    HEALTH,
    HEALTH_SPAN,
    SIZE,
    Layout,
    Ties,
    cut_ties,
    first_and_last,
    lay_out,
    ties_note,
    ties_of,
)
from experiments.report.result_view import View
from experiments.report.svg import ACTOR, DIVERGING, GAIN, INK, LOSS, QUIET, SOFT, TWIN, mix
from experiments.report.world_map import Theme, class_words, classes, colour_of, on_map, shapes, themes

BARS = 12
NAMED = 14
"""States that have a name in the network, the most influential ones; organizations of the start if there are so few."""


def draw_map(view: View, theme: str | None, ax: Axes | None) -> Axes:
    """Draw a theme on a map, or as bars; `theme` is a part of its title, None for the first."""
    found = themes(view)
    chosen = [one for one in found if theme is None or theme.lower() in one.title.lower()]
    if not chosen:
        raise ConfigError(f"unknown theme {theme!r}; known are {one_of([one.title for one in found])}")
    if not on_map(view):
        return _bars(view, chosen[0], one_axes(ax, 7.0, 3.6))
    ax = one_axes(ax, 7.5, 4.0)
    world, (steps, colours) = shapes(), classes(chosen[0])
    ax.add_collection(PolyCollection(list(rings(world["other"])), facecolors="#d9d9d6", linewidths=0))
    for code, shape in world["shapes"].items():
        colour = colour_of(chosen[0], code, steps, colours, view)
        ax.add_collection(PolyCollection(list(rings(shape)), facecolors=colour, edgecolors="white", linewidths=0.2))
    spots = np.array([world["points"][code] for code in world["markers"]], float)
    fills = [colour_of(chosen[0], code, steps, colours, view) for code in world["markers"]]
    ax.scatter(spots[:, 0], spots[:, 1], s=9, c=fills, edgecolors=SOFT, linewidths=0.3, zorder=3)
    ax.set(xlim=(0, world["width"]), ylim=(world["height"], 0), aspect="equal")
    ax.axis("off")
    ax.set_title(f"{chosen[0].title}: {chosen[0].unit}", fontsize=9, loc="left")
    below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "ncols": 5}
    ax.legend(handles=_map_marks(view, chosen[0]), fontsize=8, frameon=False, **below)
    return ax


def rings(shape: str) -> Iterable[Array]:
    """Yield the rings of an SVG path of absolute places (`M x,y x,y Z`), each of shape (corner, 2)."""
    for ring in shape.replace("Z", "").split("M"):
        if ring.strip():
            yield np.array([place.split(",") for place in ring.split()], float)


def _map_marks(view: View, theme: Theme) -> list[Patch]:
    """Return the legend of a map: each class of values with its colour."""
    steps, colours = classes(theme)
    marks = [Patch(color=colour, label=word) for colour, word in zip(colours, class_words(theme, steps), strict=True)]
    return marks + [Patch(color=ACTOR, label="who acts")] * bool(view.actors)


def _bars(view: View, theme: Theme, ax: Axes) -> Axes:
    """Draw the states with the largest values as bars."""
    order = sorted(theme.values, key=lambda code: (-abs(theme.values[code]), code))[:BARS]
    values = [theme.values[code] for code in order]
    if not order:
        ax.text(0.5, 0.5, "No state stands out.", ha="center", transform=ax.transAxes)
    colours = [DIVERGING[-2] if value > 0 else DIVERGING[1] for value in values]
    ax.barh(range(len(order)), values, color=colours)
    ax.set_yticks(range(len(order)), [view.name(code) for code in order], fontsize=8)
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.set_title(f"{theme.title}: {theme.unit}", fontsize=9, loc="left")
    return ax


def draw_networks(view: View, *, legend: bool) -> Grid:
    """Draw the network in the first and in the last quarter of run 0, side by side."""
    first, last = first_and_last(view)
    before, after = ties_of(view, first), ties_of(view, last)
    layout = lay_out(view)
    usual = before.pairs - cut_ties(view, before, after)
    grid = panels(2, 2, 3.8, 4.7)
    _network(grid[0], view, layout, view.bodies(view.first), before, usual, LOSS)
    _network(grid[1], view, layout, view.bodies(view.last), after, before.pairs, GAIN)
    for ax, words in zip(grid, (f"Before: {view.first}", f"After: {view.last}"), strict=True):
        ax.set_title(words, fontsize=10, pad=20)  # above the names on the ring
    if legend:
        look: dict[str, Any] = {"title": _network_note(view), "title_fontsize": 8, "fontsize": 8, "frameon": False}
        grid[0].figure.legend(handles=_network_marks(view), loc="outside lower center", ncols=4, **look)
    return grid


def _network(
    ax: Axes,
    view: View,
    layout: Layout,
    now: pd.DataFrame,
    ties: Ties,
    usual: frozenset[tuple[str, str]],
    marked: str,
) -> None:
    """Draw one network; ties beyond the usual ones have the colour `marked`."""
    alive, built = set(now.index[now["alive"].astype(bool)]), set(view.bodies(view.first).index)
    drawn = [tie for tie in ties.drawn if tie[0] in layout.states and tie[1] in layout.bodies and tie[1] in alive]
    for wanted, colour, width in ((True, "#b9b9b4", 0.4), (False, marked, 1.0)):
        curves = [_curve(layout, tie) for tie in drawn if (tie in usual) is wanted]
        ax.add_collection(PathCollection(curves, facecolors="none", edgecolors=colour, linewidths=width, alpha=0.7))
    for code, row in now.to_dict("index").items():
        if code in layout.bodies:
            _body(ax, layout, str(code), row)
            if code in built and len(built) <= NAMED:  # clubs lie too near for names
                _name_body(ax, layout, str(code), view.name(str(code)))
    _states(ax, view, layout)
    ax.set(xlim=(30, SIZE - 30), ylim=(SIZE - 10, -10), aspect="equal")
    ax.axis("off")


def _network_note(view: View) -> str:
    """Return what the network leaves out: most ties, or the names of clubs."""
    clubs = "; organizations without a name: clubs founded in the run"
    return ties_note(view) + clubs * (len(view.bodies(view.first)) <= NAMED)


def _curve(layout: Layout, tie: tuple[str, str]) -> Curve:
    """Return the curve of a tie, bent towards the centre."""
    (x1, y1), (x2, y2) = layout.states[tie[0]], layout.bodies[tie[1]]
    bend = ((x1 + CENTRE) / 2, (y1 + CENTRE) / 2)
    return Curve([(x1, y1), bend, (x2, y2)], [Curve.MOVETO, Curve.CURVE3, Curve.CURVE3])


def _body(ax: Axes, layout: Layout, code: str, row: Mapping[Any, Any]) -> None:
    """Draw one organization: its area by budget, its colour by effectiveness."""
    x, y = layout.bodies[code]
    left = float(row["budget"]) if np.isfinite(row["budget"]) else 1.0
    if not row["alive"]:
        ax.add_patch(_disc(x, y, layout.radii[code], facecolor="none", edgecolor=TWIN, linestyle=":"))
        return
    colour = mix((float(row["effectiveness"]) - 1 + HEALTH_SPAN) / (2 * HEALTH_SPAN), HEALTH)
    edge, width = (ACTOR, 1.3) if row["shocked"] else ("white", 0.5)
    radius = max(2.4, layout.radii[code] * max(left, 0.0) ** 0.5)
    ax.add_patch(_disc(x, y, radius, facecolor=colour, edgecolor=edge, linewidth=width))


def _name_body(ax: Axes, layout: Layout, code: str, name: str) -> None:
    """Write the name of an organization below its disc."""
    x, y = layout.bodies[code]
    ax.text(x, y + layout.radii[code] + 3, shorten(name, 24), fontsize=7, ha="center", va="top", zorder=4)


def _disc(x: float, y: float, radius: float, **look: Any) -> Any:
    """Return a disc."""
    unit = Curve.unit_circle()
    return PathPatch(Curve(np.asarray(unit.vertices) * radius + np.array([x, y]), unit.codes), **look)


def _states(ax: Axes, view: View, layout: Layout) -> None:
    """Draw the states on the ring, the most influential ones with their names."""
    camps = view.result.states.drop_duplicates("code").set_index("code")["camp"]
    order = [*view.actors, *[code for code in view.large if code not in view.actors]]
    order = [code for code in order if code in layout.states]
    places = np.array([layout.states[code] for code in order])
    fills = [ACTOR if code in view.actors else CAMP_COLOURS[str(camps[code])] for code in order]
    ax.scatter(places[:, 0], places[:, 1], s=[20 if code in view.actors else 6 for code in order], c=fills, zorder=3)
    taken: list[float] = []
    for code in order:
        x, y = layout.states[code]
        angle = float(np.degrees(np.arctan2(x - CENTRE, CENTRE - y)))
        if len(taken) < NAMED and all(min(abs(angle - one), 360 - abs(angle - one)) > 5 for one in taken):
            taken.append(angle)
            turn: dict[str, Any] = {"rotation": 90 - angle if angle >= 0 else -90 - angle, "rotation_mode": "anchor"}
            away = 1 + 12 / np.hypot(x - CENTRE, y - CENTRE)
            at = (CENTRE + (x - CENTRE) * away, CENTRE + (y - CENTRE) * away)
            ax.text(*at, view.name(code), fontsize=7, ha="left" if angle >= 0 else "right", va="center", **turn)


def _network_marks(view: View) -> list[Any]:
    """Return the legend of both networks."""
    dot: dict[str, Any] = {"marker": "o", "linestyle": "none"}
    marks = [
        Line2D([], [], color=HEALTH[0], label=f"effectiveness {1 - HEALTH_SPAN:g} or less", **dot),
        Line2D([], [], color=HEALTH[2], label="as at rest", **dot),
        Line2D([], [], color=HEALTH[-1], label=f"{1 + HEALTH_SPAN:g} or more", **dot),
        Line2D([], [], markeredgecolor=ACTOR, markerfacecolor=QUIET, label="shocks aim at it", **dot),
        Line2D([], [], color=LOSS, label="before: tie that is cut"),
        Line2D([], [], color=GAIN, label="after: tie that is new"),
        *(Line2D([], [], color=colour, label=f"{camp} state", **dot) for camp, colour in CAMP_COLOURS.items()),
    ]
    return marks + [Line2D([], [], color=INK, label="who acts", **dot)] * bool(view.actors)
