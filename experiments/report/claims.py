"""The report of claims: one self-contained page with a table, what contradicts what, and a small figure per claim."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from experiments.claims.assess import Assessment
from experiments.claims.results import by_verdict, dependence, values
from experiments.report.html import document, figure, heading, section
from experiments.report.markup import fill, joined
from experiments.report.result_view import plural
from experiments.report.svg import (
    LOSS,
    RUN,
    SOFT,
    TWIN,
    Axis,
    drawing,
    hint,
    label,
    line,
    nice_step,
    tag,
    tick_text,
)

ROWS = (
    ("calibrated", "default point", RUN),
    ("space", "plausible space", "#56B4E9"),
    ("without", "rule off", TWIN),
    ("reversed", "rule reversed", "#CC79A7"),
    ("placebo", "a small state", "#E69F00"),
)
WIDTH, LEFT, ROW = 520.0, 110.0, 24.0
LEAD = (
    "Each claim is a hypothesis that could fail: a number, a threshold fixed before the first run, and runs with and "
    "without the one rule that would make it true by itself. Shares are of replicates or points in which it holds."
)


VERDICTS = """<div class="scroll"><table><thead><tr>\
{% for name in heads %}<th scope="col"{% if loop.index0 < words %} class="words"{% endif %}>{{ name }}</th>{% endfor %}\
</tr></thead><tbody>{% for row in rows %}<tr>{% for cell in row %}\
<td{% if loop.index0 < words %} class="words"{% endif %}>{{ cell }}</td>{% endfor %}</tr>{% endfor %}\
</tbody></table></div>"""
LINK = """<a href="#{{ id }}">{{ id }}</a>"""
BOLD = """<b>{{ text }}</b>"""
CLAIM = """<h3 id="{{ row.id }}">{{ row.id }} · {{ row.title }}</h3><p><b>{{ row.verdict }}</b> \
<span lang="zh">{{ row.title_zh }}</span></p>{{ picture }}<dl class="facts">\
{% for name, text in told %}<dt>{{ name }}</dt><dd>{{ text }}</dd>{% endfor %}</dl>"""
PARAGRAPH = """<p>{{ text }}</p>"""


def page(found: Mapping[str, Any], assessment: Assessment) -> str:
    """Return the whole report as HTML."""
    rows = found["claims"]
    counted = ", ".join(f"{number} {name}" for name, number in by_verdict(rows).items())
    parts = [heading("The claims", f"{plural(len(rows), 'claim')} · {counted}", LEAD)]
    parts.append(section("table", "Verdicts", _table(rows)))
    parts.append(fill(PARAGRAPH, text=dependence(found)))
    if found["contradictions"]:
        parts.append(section("against", "Claims that contradict each other", _against(found["contradictions"])))
    frame = values(assessment)
    basis = _basis(found["made"])
    figures = joined(_claim(row, frame[frame["claim"] == row["id"]], basis) for row in rows)
    parts.append(section("claims", "One by one", figures))
    parts.append(section("made", "How it was made", _made(found["made"])))
    return document("The claims", joined(parts))


def _basis(made: Mapping[str, Any]) -> str:
    """Return what the numbers rest on."""
    return (
        f"{made['replicates']} replicates at the default point, {made['points']} points of the space, "
        f"{made['replicates_without_rule']} replicates without the rule; 90 % intervals."
    )


def _percent(share: float | None) -> str:
    """Return a share as text."""
    return "–" if share is None else f"{100 * share:.0f} %"


def _html_table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> Markup:
    """Return a table; the first `words` columns text."""
    return fill(VERDICTS, heads=head, rows=rows, words=words)


def _table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the table of verdicts."""
    shares = ("holds_calibrated", "holds_space", "holds_without_rule")
    return _html_table(
        ("", "Claim", "Verdict", "Default", "Space", "Rule off"),
        [
            (
                fill(LINK, id=row["id"]), row["title"], fill(BOLD, text=row["verdict"]),
                *(_percent(row[key]) for key in shares),
            )
            for row in rows
        ],
        words=3,
    )  # fmt: skip


def _against(pairs: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the table of contradictions: which claim holds at how many points of the space."""
    keys = ("first_only", "second_only", "both", "neither")
    return _html_table(
        ("First", "Second", "Only the first", "Only the second", "Both", "Neither", "Points"),
        [(*pair["claims"], *(_percent(pair[key]) for key in keys), str(pair["points"])) for pair in pairs],
        words=2,
    )


def _claim(row: Mapping[str, Any], frame: Any, basis: str) -> Markup:
    """Return one claim: its words, verdict and figure."""
    found = {kind: frame.loc[frame["kind"] == kind, "value"].dropna().to_numpy(float) for kind, _, _ in ROWS}
    told = [
        ("Mechanism", row["mechanism"]),
        ("Threshold", f"{row['threshold']:g} ({row['why']})"),
        ("Refuted by", row["refuted_by"]),
        ("Rule", row["rule"]["text"]),
        ("Conditions", row["conditions"] or "none: the same at all points"),
        ("Scenario", row["scenario"]),
        ("Declared in commit", row["committed"] or "unknown"),
    ]
    caption = f"{row['measure']}; the dashed line is the threshold."
    return fill(CLAIM, row=row, picture=figure(strips(found, row["threshold"], caption), caption, basis), told=told)


def strips(found: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]], threshold: float, words: str) -> Markup:
    """Return strips of dots, one row per kind of run, with the threshold; every dot is one replicate."""
    shown = [(name, colour, found[kind]) for kind, name, colour in ROWS if found[kind].size]
    every = np.concatenate([dots for _, _, dots in shown] or [np.zeros(1)])
    low, high = np.quantile(every, (0.02, 0.98))
    low, high = min(float(low), threshold), max(float(high), threshold)
    pad = 0.06 * (high - low) or 1.0
    scale = Axis(low - pad, high + pad, LEFT, WIDTH - 12)
    bottom = ROW * len(shown) + 8
    body = line(scale(threshold), 2, scale(threshold), bottom, stroke=LOSS, stroke_width=1.5, stroke_dasharray="4 3")
    for index, (name, colour, dots) in enumerate(shown):
        y = ROW * (index + 0.5) + 4
        body += label(LEFT - 8, y + 4, name, text_anchor="end") + _dots(dots, scale, y, colour)
    step = nice_step(high - low, 4)
    for tick in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step:
        body += line(scale(tick), bottom, scale(tick), bottom + 4, stroke=SOFT)
        body += label(scale(tick), bottom + 17, tick_text(float(tick), step), text_anchor="middle")
    return drawing(WIDTH, bottom + 22, words, body, style=f"max-width:{WIDTH:g}px")


def _dots(values: np.ndarray[Any, np.dtype[np.float64]], scale: Axis, y: float, colour: str) -> Markup:
    """Return one row of dots with a bar at their mean; neighbours are moved up and down to be seen."""
    mean = float(values.mean())
    dots = joined(
        tag("circle", hint(f"{value:.3g}"), cx=float(scale(value)), cy=y + 3.0 * (index % 3 - 1), r=2.6, fill=colour,
            opacity=".55")
        for index, value in enumerate(np.sort(values))
    )  # fmt: skip
    return dots + line(scale(mean), y - 8, scale(mean), y + 8, stroke=colour, stroke_width=3)


def _made(made: Mapping[str, Any]) -> Markup:
    """Return how the numbers were made."""
    rows = [(name.replace("_", " "), str(value)) for name, value in made.items()]
    return _html_table(("", ""), rows, words=2)
