"""Maps of the world: one colour for each state, markers for the smallest, bars where a world is not on the map."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.report.html import note
from experiments.report.markup import joined
from experiments.report.result_view import View, number
from experiments.report.svg import (
    ACTOR,
    DIVERGING,
    QUIET,
    SEQUENTIAL,
    Axis,
    drawing,
    hint,
    key,
    label,
    line,
    nice_step,
    swatch,
    tag,
    tick_text,
)

MARKER = 2.6


class Theme(NamedTuple):
    """What a map shows: values by code, their colours and words."""

    title: str
    values: Mapping[str, float]
    hints: Mapping[str, str]
    diverging: bool
    unit: str
    digits: int


@lru_cache(maxsize=1)
def shapes() -> dict[str, Any]:
    """Return the outlines of the states as `abm/data/map/README.md` describes them."""
    found: dict[str, Any] = json.loads((files("abm.data") / "map" / "world.json").read_text(encoding="utf-8"))
    return found


def on_map(view: View) -> bool:
    """Return whether every state of the world is on the map."""
    codes = set(view.result.states["code"].unique())
    return codes <= set(shapes()["points"])


def outlines() -> str:
    """Return the outlines once, for the maps to point at."""
    drawn = joined(tag("path", id=f"land-{code}", d=shape) for code, shape in shapes()["shapes"].items())
    drawn += tag("path", id="land-other", d=shapes()["other"])
    return tag("svg", tag("defs", drawn), width=0, height=0, class_="store", aria_hidden="true")


def themes(view: View) -> list[Theme]:
    """Return what is mapped: followers, trust in the actor, influence."""
    found = [_followers(view)] if view.shocks else []
    focus = view.called(view.actors[0]) if len(view.actors) == 1 else "the actors"
    if view.actors:
        trust = view.state_change("trust_in_actor").drop(labels=view.actors, errors="ignore")
        found.append(_theme(view, f"Trust in {focus}", trust, "change on a scale from −1 to 1", 2))
    influence = 100 * view.state_change("agenda_share")
    found.append(_theme(view, "Influence on agendas", influence, "change of the mean share, percentage points", 3))
    return found


def _theme(view: View, title: str, values: pd.Series, unit: str, digits: int) -> Theme:
    """Return a theme of changes."""
    kept = {str(code): float(value) for code, value in values.items() if np.isfinite(value)}
    hints = {code: f"{view.name(code)}: {number(value, digits, sign=True)}" for code, value in kept.items()}
    return Theme(title, kept, hints, True, f"{unit}, against {view.against}", digits)


def _followers(view: View) -> Theme:
    """Return how many exits a state announces beyond its twin's, by state."""
    values: dict[str, float] = {}
    words: dict[str, list[str]] = {}
    for row in view.result.outcomes.get("followers", []):
        excess = row["probability"] - row.get("twin_probability", 0.0)
        values[row["iso3"]] = values.get(row["iso3"], 0.0) + excess
        chance = f"{view.name(row['organization'])} {row['probability']:.0%}"
        words.setdefault(row["iso3"], []).append(f"{chance} (twin {row.get('twin_probability', 0.0):.0%})")
    hints = {code: f"{view.name(code)}: {'; '.join(parts)}" for code, parts in words.items()}
    unit = "exits from shocked organizations announced per run in three years" + (", less the twin's" * view.compares)
    return Theme("Followers", values, hints, False, unit, 2)


def world_map(view: View, theme: Theme) -> str:
    """Return a map with its legend, or bars for a world that is not on the map."""
    steps, colours = classes(theme)
    if not on_map(view):
        return _bars(view, theme)
    world = shapes()
    body = tag("use", href="#land-other", fill="#d9d9d6")
    painted = {code: colour_of(theme, code, steps, colours, view) for code in world["points"]}
    states = set(view.result.states["code"].unique())
    for code in world["shapes"]:
        body += tag("use", _hint(view, theme, code, states), href=f"#land-{code}", fill=painted[code])
    for code in world["markers"]:
        x, y = world["points"][code]
        body += tag("circle", _hint(view, theme, code, states), cx=x, cy=y, r=MARKER, fill=painted[code], class_="spot")
    words = f"World map. {theme.title}: {theme.unit}. {top(view, theme)}"
    return drawing(world["width"], world["height"], words, body, class_="map") + _legend(view, theme, steps, colours)


def _hint(view: View, theme: Theme, code: str, states: set[str]) -> str:
    """Return what the pointer shows on a state."""
    if code not in states:
        return hint(f"{code}: not in this world")
    return hint(theme.hints.get(code, f"{view.name(code)}: {'an actor' if code in view.actors else 'none'}"))


def classes(theme: Theme) -> tuple[list[float], tuple[str, ...]]:
    """Return limits of classes and their colours; the middle class of changes is none."""
    sizes = np.abs(list(theme.values.values())) if theme.values else np.zeros(1)
    top_ = float(np.quantile(sizes, 0.97)) if theme.diverging else float(sizes.max())
    top_ = max(top_, 10.0**-theme.digits)
    if theme.diverging:
        step = nice_step(0.6 * top_, 3)
        return [step * place for place in (-3.0, -2.0, -1.0, -0.1, 0.1, 1.0, 2.0, 3.0)], DIVERGING
    step = nice_step(0.8 * top_, 4)
    return [step * place for place in (0.01, 1.0, 2.0, 3.0, 4.0)], SEQUENTIAL


def colour_of(theme: Theme, code: str, steps: list[float], colours: tuple[str, ...], view: View) -> str:
    """Return the colour of a state."""
    if code in view.actors:
        return ACTOR
    return colours[int(np.searchsorted(steps, theme.values[code]))] if code in theme.values else QUIET


def _legend(view: View, theme: Theme, steps: list[float], colours: tuple[str, ...]) -> str:
    """Return the legend of a map."""
    entries = [(swatch(colour), text) for colour, text in zip(colours, class_words(theme, steps), strict=True)]
    if view.actors:
        entries.append((swatch(ACTOR), "who acts"))
    return key(entries)


def class_words(theme: Theme, steps: list[float]) -> list[str]:
    """Return what each class of values is called, from the lowest to the highest."""
    step = steps[-1] - steps[-2]
    texts = [tick_text(value, step) for value in steps]
    between = [f"{a} to {b}" for a, b in pairwise(texts)]
    if theme.diverging:
        middle = len(between) // 2
        around = [f"{texts[middle - 1]} to 0", "about 0", f"0 to {texts[middle + 2]}"]
        return [f"under {texts[0]}", *between[: middle - 1], *around, *between[middle + 2 :], f"over {texts[-1]}"]
    return ["none", f"up to {texts[1]}", *between[1:], f"over {texts[-1]}"]


def top(view: View, theme: Theme, count: int = 5) -> str:
    """Return the largest values in words."""
    order = sorted(theme.values, key=lambda code: (-abs(theme.values[code]), code))[:count]
    order = [code for code in order if abs(theme.values[code]) >= 0.5 * 10.0**-theme.digits]
    if not order:
        return "No state stands out."
    texts = [f"{view.name(code)} {number(theme.values[code], theme.digits, sign=theme.diverging)}" for code in order]
    return f"Largest: {'; '.join(texts)}."


def _bars(view: View, theme: Theme) -> str:
    """Return bars of the twelve states with the largest values."""
    order = sorted(theme.values, key=lambda code: (-abs(theme.values[code]), code))[:12]
    if not order:
        return note("empty", top(view, theme))
    reach = max(abs(theme.values[code]) for code in order) or 1.0
    across = Axis(-reach if theme.diverging else 0.0, reach, 150, 560)
    body = line(across(0), 4, across(0), 22 * len(order) + 4, class_="rule")
    for row, code in enumerate(order):
        value = theme.values[code]
        left, right = sorted((across(0), across(value)))
        colour = ACTOR if code in view.actors else DIVERGING[-2] if value > 0 else DIVERGING[1]
        body += label(140, 22 * row + 19, view.name(code), text_anchor="end")
        body += tag(
            "rect", hint(theme.hints[code]), x=left, y=22.0 * row + 8, width=right - left, height=14, fill=colour
        )
        body += label(570, 22 * row + 19, number(value, theme.digits, sign=theme.diverging))
    return drawing(620, 22 * len(order) + 10, f"{theme.title}: {top(view, theme)}", body, class_="bars")
