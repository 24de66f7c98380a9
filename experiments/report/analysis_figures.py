"""Figures of an analysis: indices of factors with intervals, boxes of regimes, planes of two factors, convergence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.report.markup import joined
from experiments.report.scenario_figures import amount, title_of_measure
from experiments.report.svg import (
    CATEGORIES,
    INK,
    QUIET,
    SEQUENTIAL,
    Axis,
    drawing,
    hint,
    label,
    line,
    mix,
    path,
    tag,
    tick_text,
    ticks,
)

WIDTH, LEFT, RIGHT, TOP, STEP = 340.0, 12.0, 328.0, 46.0, 32.0
INDICES = {
    "S1": "first order", "ST": "total", "mu_star": "mean absolute effect", "sigma": "spread of effects", "pawn": "PAWN",
    "score": "feature score",
}  # fmt: skip
REGIME = "regime."


def title_of_outcome(name: str) -> str:
    """Return an outcome in words."""
    if name.startswith(REGIME):
        return f"Regime: {name.removeprefix(REGIME).replace('_', ' ')}"
    known = {"followers": "Followers, beyond the twin", "refill_4": "Refill after a year"}
    return known.get(name, "Refill after three years" if name == "refill_12" else title_of_measure(name))


def colour_of(index: str) -> str:
    """Return the colour of an index."""
    return CATEGORIES[list(INDICES).index(index) % len(CATEGORIES)]


def index_panel(outcome: str, rows: pd.DataFrame) -> str:
    """Return the indices of one outcome: a row for each factor, a mark with its interval for each index."""
    indices = [name for name in INDICES if name in set(rows["index"])]
    factors = list(dict.fromkeys(rows["factor"]))
    order = rows[rows["index"] == indices[-1]].set_index("factor")["value"]
    factors.sort(key=lambda name: -float(order.get(name, 0.0)))
    values = rows[["value", "low", "high"]].to_numpy(float)
    finite = np.append(values[np.isfinite(values)], 0.0)
    marks = ticks(float(finite.min()), float(finite.max()), 4)
    step = 18.0 + 8 * len(indices)
    across, bottom = Axis(marks[0], marks[-1], LEFT, RIGHT), TOP + step * len(factors)
    body = label(0, 14, title_of_outcome(outcome), class_="title") + _rules(marks, across, bottom)
    for index, factor in enumerate(factors):
        body += label(LEFT, TOP + step * index + 3, factor)
        for row in rows[rows["factor"] == factor].to_dict("records"):
            if row["index"] in indices:
                body += _mark(row, across, TOP + step * index + 10 + 8 * indices.index(row["index"]))
    words = "; ".join(f"{row['factor']} {row['index']} {amount(row['value'])}" for row in rows.to_dict("records"))
    return drawing(WIDTH, bottom + 24, f"{title_of_outcome(outcome)}: {words}", body)


def _rules(marks: list[float], across: Axis, bottom: float) -> str:
    """Return vertical grid lines with their numbers below."""
    step = marks[1] - marks[0]
    return joined(
        line(across(mark), TOP - 12, across(mark), bottom, class_="strong" if mark == 0 else "rule")
        + label(across(mark), bottom + 15, tick_text(mark, step), text_anchor="middle")
        for mark in marks
    )


def _mark(row: Mapping[Any, Any], across: Axis, height: float) -> str:
    """Return an index as a dot with its interval."""
    value, low, high = (float(row[key]) for key in ("value", "low", "high"))
    colour = colour_of(str(row["index"]))
    body = hint(f"{row['factor']}, {row['index']}: {amount(value)} ({amount(low)} to {amount(high)})")
    if np.isfinite([low, high]).all():
        body += line(across(low), height, across(high), height, stroke=colour, stroke_width=4, opacity=0.45)
    dot = tag("circle", cx=across(value), cy=float(height), r=3.6, fill=colour, stroke=INK, stroke_width=0.5)
    return tag("g", body + dot)


def box_panel(regime: str, rows: pd.DataFrame) -> str:
    """Return the box of one regime: for each factor that it restricts, its part of the factor's range."""
    first = rows.iloc[0]
    body = label(0, 14, title_of_outcome(REGIME + regime), class_="title")
    note = f"density {amount(first['density'])} (all: {amount(first['share'])}), coverage {amount(first['coverage'])}"
    body += label(0, 31, note, class_="note")
    for index, row in enumerate(rows.to_dict("records")):
        height = TOP + STEP * 1.35 * index + 16
        words = f"{row['factor']}: {box_limit(row)}"
        words += f" (p {amount(row['p'])})" if row["p"] >= 0 else ""
        body += label(LEFT, height - 6, words)
        body += tag("rect", x=LEFT, y=float(height), width=RIGHT - LEFT, height=9.0, fill=QUIET)
        body += _words_bar(row, height) if row["words"] else _range_bar(row, height)
    return drawing(WIDTH, TOP + STEP * 1.35 * len(rows) + 14, f"Box of {regime}: {note}", body)


def box_limit(row: Mapping[Any, Any]) -> str:
    """Return how far a box restricts a factor: from where to where, or to which words."""
    return str(row["words"]) if row["words"] else f"{amount(row['low'])} to {amount(row['high'])}"


def _range_bar(row: Mapping[Any, Any], height: float) -> str:
    """Return the part of a factor's range that lies in the box, and the ends of the range."""
    across = Axis(row["range_low"], row["range_high"], LEFT, RIGHT)
    left, right = across(row["low"]), across(row["high"])
    body = tag("rect", x=left, y=float(height), width=max(right - left, 1.0), height=9.0, fill=CATEGORIES[0])
    body += label(LEFT, height + 21, amount(row["range_low"]), class_="note")
    return body + label(RIGHT, height + 21, amount(row["range_high"]), class_="note", text_anchor="end")


def _words_bar(row: Mapping[Any, Any], height: float) -> str:
    """Return how many of a factor's words lie in the box, and all of them."""
    inside, every = str(row["words"]).split(", "), str(row["all_words"]).split(", ")
    part = (RIGHT - LEFT) * len(inside) / len(every)
    body = tag("rect", x=LEFT, y=float(height), width=part, height=9.0, fill=CATEGORIES[0])
    return body + label(LEFT, height + 21, shortened(f"of {', '.join(every)}", 56), class_="note")


def shortened(text: str, length: int) -> str:
    """Return a text, its end left out where it is longer than so many characters."""
    return text if len(text) <= length else f"{text[: max(length - 1, 1)]}…"


def plane_panel(outcome: str, one: str, two: str, cells: pd.DataFrame, regimes: list[str]) -> str:
    """Return an outcome over the plane of two factors; the outcome `regime` is the likeliest regime of each cell."""
    names = {axis: _words_along(cells, axis) for axis in ("x", "y")}
    cells = placed(cells)
    across = Axis(float(cells["x_low"].min()), float(cells["x_high"].max()), 46.0, RIGHT)
    up = Axis(float(cells["y_low"].min()), float(cells["y_high"].max()), 286.0, 46.0)
    values = cells[outcome].to_numpy(float) if outcome != "regime" else np.zeros(len(cells))
    low, high = (float(np.nanmin(values)), float(np.nanmax(values))) if np.isfinite(values).any() else (0.0, 1.0)
    body = label(0, 14, "Likeliest regime" if outcome == "regime" else title_of_outcome(outcome), class_="title")
    for row, value in zip(cells.to_dict("records"), values, strict=True):
        body += _cell(row, value, (low, high), across, up, regimes if outcome == "regime" else [])
    body += _plane_axes((one, two), names, across, up)
    if outcome != "regime":
        body += label(0, 31, f"pale {amount(low)}, dark {amount(high)}", class_="note")
    return drawing(WIDTH, 326, f"{outcome} over {one} and {two}: from {amount(low)} to {amount(high)}", body)


def _words_along(cells: pd.DataFrame, axis: str) -> dict[int, str]:
    """Return the words along an axis by the number of their cell, none for a factor that takes numbers."""
    return {int(row[axis]): str(row[f"{axis}_word"]) for row in cells.to_dict("records") if row[f"{axis}_word"]}


def placed(cells: pd.DataFrame) -> pd.DataFrame:
    """Return cells with limits for words, too: a cell each, side by side."""
    ends = {f"{axis}_{end}": cells[axis] + half for axis in ("x", "y") for end, half in (("low", -0.5), ("high", 0.5))}
    return cells.assign(**{name: cells[name].fillna(values) for name, values in ends.items()})


def _cell(
    row: Mapping[Any, Any], value: float, span: tuple[float, float], across: Axis, up: Axis, regimes: list[str]
) -> str:
    """Return one cell of a plane."""
    left, right = across(float(row["x_low"])), across(float(row["x_high"]))
    top, bottom = up(float(row["y_high"])), up(float(row["y_low"]))
    share = (value - span[0]) / (span[1] - span[0]) if span[1] > span[0] else 0.0
    said, opacity = amount(value), 1.0
    colour = mix(share, SEQUENTIAL) if np.isfinite(share) else "#ffffff"
    if regimes:
        said, opacity = f"{row['regime']} {amount(float(row['regime_share']))}", float(row["regime_share"])
        colour = regime_colour(str(row["regime"]), regimes)
    box = {"x": left, "y": top, "width": right - left, "height": bottom - top, "stroke": "#ffffff"}
    return tag("rect", hint(f"{said} ({row['runs']} runs)"), **box, fill=colour, fill_opacity=opacity)


def regime_colour(regime: str, regimes: list[str]) -> str:
    """Return the colour of a regime among those that occur."""
    return CATEGORIES[regimes.index(regime) % len(CATEGORIES)] if regime in regimes else QUIET


def _plane_axes(factors: tuple[str, str], names: Mapping[str, Mapping[int, str]], across: Axis, up: Axis) -> str:
    """Return the numbers, or words, and names of both axes."""
    one, two = factors
    body = label(across.end, up.start + 34, one, text_anchor="end") + label(across.start, up.end - 4, two)
    room = int((across.end - across.start) / (across.high - across.low) / 6.5)  # characters in a cell
    for value, text in _marks(across, names["x"], room):
        body += label(across(value), up.start + 16, text, text_anchor="middle")
    for value, text in _marks(up, names["y"], 7):
        body += label(across.start - 5, up(value) + 4, text, text_anchor="end")
    return body


def _marks(scale: Axis, words: Mapping[int, str], room: int) -> list[tuple[float, str]]:
    """Return where along an axis a text stands: each word, or the ends and the middle of numbers."""
    if words:
        return [(float(place), shortened(word, room)) for place, word in words.items()]
    return [(value, amount(value)) for value in (scale.low, (scale.low + scale.high) / 2, scale.high)]


def narrowing_panel(outcome: str, rows: pd.DataFrame, stable: float) -> str:
    """Return how the interval narrows with replicates; a line where the variance has become stable."""
    counts, widths = rows["replicates"].to_numpy(float), rows["half_width"].to_numpy(float)
    marks = ticks(0.0, float(widths.max()), 4)
    across, up = Axis(2, max(float(counts.max()), 3.0), 46.0, RIGHT), Axis(0, marks[-1], 186.0, 40.0)
    body = label(0, 14, title_of_outcome(outcome), class_="title")
    for mark in marks:
        body += line(46, up(mark), RIGHT, up(mark), class_="rule")
        body += label(41, up(mark) + 4, tick_text(mark, marks[1] - marks[0]), text_anchor="end")
    for count in sorted({2.0, *counts[:: max(1, len(counts) // 5)], float(counts.max())}):
        body += label(across(count), 202, f"{count:g}", text_anchor="middle")
    if np.isfinite(stable):
        body += line(across(stable), 40, across(stable), 186, stroke=INK, stroke_dasharray="3 3")
    points = [(across(count), up(width)) for count, width in zip(counts, widths, strict=True)]
    body += path(points, fill="none", stroke=CATEGORIES[0], stroke_width=2)
    body += joined(tag("circle", cx=x, cy=y, r=3.0, fill=CATEGORIES[0]) for x, y in points)
    words = f"from {amount(widths[0])} at 2 to {amount(widths[-1])} at {counts[-1]:g} replicates"
    return drawing(WIDTH, 212, f"Half width of the interval, {title_of_outcome(outcome)}: {words}", body)
