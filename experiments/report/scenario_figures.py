"""Scenarios side by side: a panel for each quantity with a point and an interval for each scenario, and the page."""

import numpy as np
import pandas as pd

from abm.measures import MEASURES
from experiments.report.curves import TITLES
from experiments.report.html import document, figure, grid, heading, section
from experiments.report.markup import joined
from experiments.report.result_tables import row_of, small, table
from experiments.report.result_view import number, plural
from experiments.report.svg import CATEGORIES, INK, Axis, drawing, label, line, svg_sheet, tag, tick_text, ticks
from experiments.runs.result import HEADLINE

COMPARED = tuple(name for name in HEADLINE if name != "actor_saving")
"""Effects that a comparison shows; what is saved is told over all the time in which the actors are out."""
WIDTH, LEFT, RIGHT, TOP, STEP = 340.0, 12.0, 328.0, 46.0, 34.0
CAPTION = (
    "Points: mean effect in the last quarter, share of runs, or median refill; bars: 90\u202f% interval, for refill "
    "the middle half of the organizations that lose money."
)


def choose_rows(rows: pd.DataFrame, measures: tuple[str, ...] = COMPARED) -> pd.DataFrame:
    """Return the rows worth a look: these effects, regimes that some run ends in, followers, refill, what is saved."""
    seen = rows.groupby(["kind", "quantity"])["value"].transform("max")
    wanted = rows["quantity"].isin(measures) | rows["kind"].isin(["followers", "refill", "money"])
    return rows[wanted | ((rows["kind"] == "regime") & (seen > 0))]


def comparison_panels(rows: pd.DataFrame) -> list[str]:
    """Return a panel for each quantity of a comparison's rows."""
    return [panel(str(quantity), block) for (_, quantity), block in rows.groupby(["kind", "quantity"], sort=False)]


def comparison_plate(rows: pd.DataFrame, measures: tuple[str, ...] = COMPARED) -> str:
    """Return the figure of a comparison as one SVG file with its caption."""
    return svg_sheet(comparison_panels(choose_rows(rows, measures)), f"{CAPTION} {_basis(rows)}")


def comparison_page(rows: pd.DataFrame, measures: tuple[str, ...] = COMPARED) -> str:
    """Return the page of a comparison: the panels, and all numbers in tables."""
    lead = "What each scenario changes against its own twin, the same world with the same luck and no shock."
    panels = grid(joined(comparison_panels(choose_rows(rows, measures))))
    body = section("figure", "Side by side", figure(panels, CAPTION, _basis(rows)))
    body += section("tables", "In numbers", _table(rows, list(rows["scenario"].unique())))
    return document("Scenarios side by side", heading("Scenarios side by side", "Comparison", lead) + body)


def _basis(rows: pd.DataFrame) -> str:
    """Return the scenarios and runs that a comparison rests on."""
    counts = sorted({int(count) for count in rows["runs"].unique()})
    runs = plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"
    return f"{', '.join(rows['scenario'].unique())}; {runs} of each, with twins."


def title_of_measure(name: str) -> str:
    """Return a measure's name in words, with the organizations it is taken over."""
    plain = name.removeprefix("shocked.")
    words = TITLES.get(plain, (plain[:1].upper() + plain[1:]).replace("_", " ")).format(focus="the actors")
    where = ", organizations concerned" if name != plain else ""
    unit = MEASURES[plain].unit if plain in MEASURES else ""
    words += f", {unit.replace('/', ' a ')}" if unit.startswith("USD") else ""
    return words + (where or (", all organizations" if plain in MEASURES and MEASURES[plain].kind == "body" else ""))


def panel(quantity: str, rows: pd.DataFrame) -> str:
    """Return one panel: a row for each of the `scenario`s with `value`, `low` and `high`."""
    values = rows[["value", "low", "high"]].to_numpy(float)
    finite = np.append(values[np.isfinite(values)], 0.0)
    marks = ticks(float(finite.min()), float(finite.max()), 4)
    across = Axis(marks[0], marks[-1], LEFT, RIGHT)
    bottom = TOP + STEP * len(rows)
    step = marks[1] - marks[0]
    body = label(0, 14, title_of_measure(quantity), class_="title")
    for mark in marks:
        body += line(across(mark), TOP - 12, across(mark), bottom, class_="strong" if mark == 0 else "rule")
        body += label(across(mark), bottom + 15, tick_text(mark, step), text_anchor="middle")
    for index, row in enumerate(rows.to_dict("records")):
        body += _mark(row["scenario"], [row[key] for key in ("value", "low", "high")], across, index)
    words = "; ".join(f"{row['scenario']}: {number(row['value'], 3)}" for row in rows.to_dict("records"))
    return drawing(WIDTH, bottom + 24, f"{title_of_measure(quantity)}. {words}", body)


def _mark(name: str, values: list[float], across: Axis, index: int) -> str:
    """Return the name, interval and point of one scenario."""
    middle, colour = TOP + STEP * index + 12, CATEGORIES[index % len(CATEGORIES)]
    value, low, high = values
    body = label(LEFT, middle - 9, name)
    if np.isfinite([low, high]).all():
        body += line(across(low), middle, across(high), middle, stroke=colour, stroke_width=5, opacity=0.45)
    return body + tag("circle", cx=across(value), cy=float(middle), r=4.5, fill=colour, stroke=INK, stroke_width=0.6)


def _table(rows: pd.DataFrame, names: list[str]) -> str:
    """Return all numbers, a column for each scenario."""
    lines = []
    for (kind, quantity), block in rows.groupby(["kind", "quantity"], sort=False):
        cells = {str(row["scenario"]): _cell(row["value"], row["low"], row["high"]) for row in block.to_dict("records")}
        words = title_of_measure(str(quantity)) if kind == "effect" else str(quantity).replace("_", " ")
        lines.append(row_of(words, [str(kind), *(cells.get(name, "–") for name in names)]))
    return table("Value and interval by scenario.", ["quantity", "*kind", *names], lines, shown=200)


def _cell(value: float, low: float, high: float) -> str:
    """Return a value with its interval."""
    return small(amount(value), f"{amount(low)} to {amount(high)}") if np.isfinite(low) else amount(value)


def amount(value: float) -> str:
    """Return a number with three significant digits, large ones shortened, "–" for none."""
    if not np.isfinite(value):
        return "–"
    for size, letter in ((1e9, "bn"), (1e6, "m")):
        if abs(value) >= size:
            return amount(value / size) + letter
    digits = 0 if value == 0 else max(0, min(6, 2 - int(np.floor(np.log10(abs(value))))))
    return number(value, digits)
