"""The page of an analysis, and its figures as files for print; every caption says what it rests on."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from experiments.report.analysis_figures import (
    INDICES,
    box_panel,
    colour_of,
    index_panel,
    narrowing_panel,
    plane_panel,
    regime_colour,
    title_of_outcome,
)
from experiments.report.html import document, figure, grid, heading, note, section
from experiments.report.markup import EMPTY, fill, joined
from experiments.report.result_tables import table
from experiments.report.scenario_figures import amount, panel
from experiments.report.svg import key, svg_sheet, swatch

COLUMNS = "grid-template-columns:repeat(auto-fill,minmax(300px,1fr))"  # a single panel keeps its size
SIDE_BY_SIDE = 16
"""Points that fit into a figure; more stand in the table only."""
ROW = """<tr>\
{% for text, words in cells %}<td{% if words %} class="words"{% endif %}>{{ text }}</td>{% endfor %}</tr>"""


class Figure(NamedTuple):
    """A figure of an analysis: the name of its file, title, panels, caption, and a legend in HTML for the page."""

    name: str
    title: str
    panels: list[str]
    caption: str
    legend: str = EMPTY


def plates(found: Any) -> Iterator[tuple[str, str]]:
    """Yield name and SVG of each figure of an `experiments.analysis.sweep_analysis.Analysis`."""
    for each in figures(found):
        yield each.name, svg_sheet(each.panels, f"{each.caption} {found.samples.basis}")


def analysis_page(found: Any, notes: Sequence[str] = ()) -> str:
    """Return the page of an `experiments.analysis.sweep_analysis.Analysis` as HTML; `notes` say what is missing."""
    samples = found.samples
    title = samples.study.experiment.title or samples.study.scenario
    lead = "Which factors decide, in which ranges which order results, and how sure that is."
    body = heading(title, f"Analysis of a sweep · {len(samples.values)} runs", lead)
    body += joined(note("warning", text) for text in notes)
    for each in figures(found):
        panels = each.legend + grid(joined(each.panels), COLUMNS)
        body += section(each.name, each.title, figure(panels, each.caption, samples.basis) + _numbers(found, each.name))
    body += section("points", "Points of the design", _point_table(found))
    return document(f"Analysis: {title}", body)


def figures(found: Any) -> Iterator[Figure]:
    """Yield the figures that an analysis has the numbers for."""
    if len(found.sensitivity):
        yield _sensitivity(found)
    if len(found.boxes):
        yield _boxes(found)
    yield from _planes(found)
    if found.points["point"].nunique() <= SIDE_BY_SIDE:
        yield _points(found)
    if len(found.convergence):
        yield _convergence(found)


def _sensitivity(found: Any) -> Figure:
    """Return the figure of indices."""
    indices = [name for name in INDICES if name in set(found.sensitivity["index"])]
    panels = [index_panel(str(name), rows) for name, rows in found.sensitivity.groupby("outcome", sort=False)]
    caption = (
        f"Sensitivity by factor: {', '.join(INDICES[name] for name in indices)}. Points: index; bars: 90\u202f% "
        "interval over resampled points; (nothing) is a factor that does nothing; what is not above it is noise."
    )
    legend = key([(swatch(colour_of(name), "dot"), INDICES[name]) for name in indices])
    return Figure("sensitivity", "Which factors decide", panels, caption, legend)


def _boxes(found: Any) -> Figure:
    """Return the figure of boxes."""
    panels = [box_panel(str(name), rows) for name, rows in found.boxes.groupby("regime", sort=False)]
    caption = (
        "Boxes of factors in which a regime is most frequent (PRIM). Dark: the box within a factor's range; density: "
        "share of its runs that end in the regime; coverage: share of the regime's runs in it; p: chance that the "
        "factor is restricted by chance."
    )
    return Figure("boxes", "In which ranges which order results", panels, caption)


def _planes(found: Any) -> Iterator[Figure]:
    """Yield a figure for each pair of factors: the likeliest regime and the first outcomes over their plane."""
    samples = found.samples
    regimes = sorted(samples.labels.unique()) if samples.compares else []
    for number, ((one, two), cells) in enumerate(found.phases.items(), 1):
        shown = [name for name in samples.outcomes if samples.varies(name) and not name.startswith("regime.")]
        names = (["regime"] if regimes else []) + shown[:5]
        panels = [plane_panel(name, one, two, cells, regimes) for name in names]
        legend = key([(swatch(regime_colour(name, regimes)), name.replace("_", " ")) for name in regimes])
        words = "; ".join(f"{name.replace('_', ' ')} {regime_colour(name, regimes)}" for name in regimes)
        caption = f"Phase diagram of {one} and {two}: likeliest regime (pale where unsure) and mean outcomes by cell."
        caption += f" Colours: {words}." if words else ""
        if panels:
            yield Figure(f"phases-{number}", f"{one} and {two}", panels, caption, legend)


def _points(found: Any) -> Figure:
    """Return the figure of points side by side."""
    rows = found.points
    names = {point: _name(found, point) for point in rows["point"].unique()}
    frame = rows.assign(scenario=rows["point"].map(names), value=rows["mean"])
    panels = [panel(title_of_outcome(str(name)), block) for name, block in frame.groupby("outcome", sort=False)]
    return Figure("points", "Points side by side", panels, "Mean of each point with its 90\u202f% interval.")


def _name(found: Any, point: int) -> str:
    """Return a point by the values in which it differs from the first one."""
    points = found.samples.points
    first, own = points.iloc[0], points.loc[point]
    differing = [f"{str(name).split('.')[-1]} {_value(own[name])}" for name in points if own[name] != first[name]]
    return f"{point}: {', '.join(differing) or 'centre' if found.samples.study.design.method == 'oat' else point}"


def _value(value: Any) -> str:
    """Return the value of a factor."""
    return amount(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _convergence(found: Any) -> Figure:
    """Return the figure of convergence."""
    stable = found.replicates.set_index("outcome")["stable_from"]
    panels = [
        narrowing_panel(str(name), rows, float(stable[name]))
        for name, rows in found.convergence.groupby("outcome", sort=False)
    ]
    caption = (
        "Half the width of a point's 90\u202f% interval by number of replicates (root mean square of points). Dashed: "
        "from here on the standard deviation stays within 10\u202f% of that over all replicates."
    )
    return Figure("convergence", "How many replicates", panels, caption)


def _numbers(found: Any, name: str) -> str:
    """Return the table that belongs to a figure."""
    rows = {"sensitivity": found.sensitivity, "boxes": found.boxes, "convergence": found.replicates}.get(name)
    return frame_table(rows, f"The numbers of the figure; analysis/{name}.csv.") if rows is not None else EMPTY


def _point_table(found: Any) -> str:
    """Return the table of points, a column for each outcome."""
    wide = found.points.pivot_table(index="point", columns="outcome", values="mean", sort=False)
    frame = found.samples.points.join(wide.rename(columns=title_of_outcome)).reset_index()
    return frame_table(frame, "Values of factors and mean outcomes; intervals stand in analysis/points.csv.", shown=12)


def frame_table(frame: pd.DataFrame, caption: str, shown: int = 20) -> str:
    """Return a frame as a table; words to the left, numbers with three digits, rows beyond `shown` folded."""
    words = {name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])}
    whole = {name for name in frame if pd.api.types.is_integer_dtype(frame[name])}
    lines = []
    for row in frame.to_dict("records"):
        texts = {name: str(row[name]) if name in words | whole else amount(row[name]) for name in frame}
        lines.append(fill(ROW, cells=[(text, name in words) for name, text in texts.items()]))
    heads = [f"{'*' if name in words else ''}{str(name).replace('_', ' ')}" for name in frame]
    return table(caption, heads, lines, shown=shown)
