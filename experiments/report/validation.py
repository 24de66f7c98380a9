"""The page of a validation: a table of verdicts and one figure for each pattern."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from experiments.report.html import document, figure, heading, note, section
from experiments.report.markup import EMPTY, fill, joined
from experiments.report.svg import GAIN, LOSS, RUN, TWIN, Axis, drawing, hint, label, line, tag, tick_text, ticks

WIDTH, LEFT, RIGHT, ROW = 620.0, 92.0, 600.0, 26.0
MODELS = (("model", "model", RUN), ("n0", "chance", TWIN), ("n1", "logit", TWIN))
"""Key, name in figures and colour."""
LEAD = (
    "Sixteen patterns from the literature and from public data, each with its target, the band in which a value counts "
    "as met, and what the model and two null models give. Chance ends memberships at the published base rate and "
    "nothing else; the logit is the published exit model with plain accounting. A pattern that one of them meets too "
    "is not evidence for this model."
)

VERDICTS = """<div class="scroll"><table><thead><tr>\
{% for name in names %}<th style="text-align:left">{{ name }}</th>{% endfor %}\
</tr></thead><tbody>{% for cells in rows %}<tr>\
{% for cell in cells %}<td class="words">{{ cell }}</td>{% endfor %}</tr>{% endfor %}\
</tbody></table></div>"""
PARTS = """<div class="scroll"><table><thead>\
<tr><th></th><th>model</th><th>interval</th><th>chance</th><th>logit</th></tr></thead><tbody>\
{% for name, cells in parts %}<tr><th>{{ name }}</th>\
{% for cell in cells %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}\
</tbody></table></div>"""


def page(found: Mapping[str, Any], kept: Mapping[str, Any] | None) -> str:
    """Return the whole page; `kept` are published numbers to stand beside those of a quick run."""
    published = {entry["id"]: entry for entry in kept["patterns"]} if kept else {}
    words = f"{'Quick run' if found['quick'] else 'Full run'} · {found['command']} · {found['made']}"
    body = heading("Patterns and null models", words, LEAD)
    body += section("verdicts", "Verdicts", _table(found["patterns"], published) + _source(kept))
    for entry in found["patterns"]:
        body += section(f"p{entry['id']}", f"{entry['id']} {entry['name']}", _pattern(entry, published))
    return document("Patterns and null models", body)


def _source(kept: Mapping[str, Any] | None) -> Markup:
    """Return where the published numbers come from."""
    if kept is None:
        return note("caution", "No published numbers are kept yet.")
    made = f"Published numbers: {kept['command']}, {kept['made']}, sources {kept['sources'][:8]}."
    return note("caution", made)


def figures(value: float | None) -> str:
    """Return a number of three digits, a dash where there is none."""
    return "–" if value is None else f"{value:.3g}"


def _table(entries: Sequence[Mapping[str, Any]], published: Mapping[int, Mapping[str, Any]]) -> Markup:
    """Return the table of verdicts."""
    names = ("", "pattern", "role", "target", "model", "verdict", "chance", "logit", "discriminates", "published")
    return fill(VERDICTS, names=names, rows=[_row(entry, published.get(entry["id"])) for entry in entries])


def _row(entry: Mapping[str, Any], published: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the cells of one row of the table."""
    full = "" if published is None else f"{figures(published['value'])} {published['verdict']}"
    return (
        str(entry["id"]), entry["name"], entry["role"], entry["target"],
        f"{figures(entry['value'])} ({figures(entry['low'])} to {figures(entry['high'])})", entry["verdict"],
        f"{figures(entry['n0_value'])} {entry['n0']}", f"{figures(entry['n1_value'])} {entry['n1']}",
        "yes" if entry["discriminates"] else "no", full,
    )  # fmt: skip


def _pattern(entry: Mapping[str, Any], published: Mapping[int, Mapping[str, Any]]) -> Markup:
    """Return figure, numbers and words of one pattern."""
    caption = f"{entry['parts'][0]['name'].capitalize()}. Target: {entry['target']}. Met if {entry['rule']}."
    basis = f"{entry['population'].rstrip('.')}. {entry['replicates']} replicates; interval: {entry['interval']}."
    notes = note("caution", entry["notes"]) if entry["notes"] else EMPTY
    table = fill(PARTS, parts=[(part["name"], _part(part)) for part in entry["parts"]])
    return figure(strip(entry, published.get(entry["id"])), caption, basis) + table + notes


def _part(part: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the numbers of a part of a pattern."""
    return (
        figures(part["model"]),
        f"{figures(part['low'])} to {figures(part['high'])}",
        *(figures(part[name]) for name in ("n0", "n1")),
    )


def strip(entry: Mapping[str, Any], published: Mapping[str, Any] | None = None) -> Markup:
    """Return the figure of a pattern: its band, and the values of the models on one axis, SVG."""
    told = None if published is None else published["value"]
    known = [*(entry[key] for key in ("value", "low", "high", "n0_value", "n1_value")), told]
    values = [value for value in known if value is not None] + [*(entry["band"] or ())]
    marks = ticks(min([0.0, *values]), max([0.0, *values]) or 1.0)
    scale = Axis(marks[0], marks[-1], LEFT, RIGHT)
    bottom = 14 + ROW * len(MODELS)
    body = joined(_mark(scale, mark, bottom, marks[1] - marks[0]) for mark in marks)
    if entry["band"]:
        low, high = (scale(end) for end in entry["band"])
        body = tag("rect", x=low, y=6.0, width=max(high - low, 1.0), height=bottom - 6, fill=GAIN, opacity=".18") + body
    for index, (key, name, colour) in enumerate(MODELS):
        body += _model(entry, key, name, colour, 14 + ROW * (index + 0.5), scale)
    if told is not None:
        body += tag("path", hint("published"), d=_diamond(scale(told), 14 + ROW * 0.5), fill=LOSS)
    return drawing(WIDTH, bottom + 26, f"{entry['name']}: {figures(entry['value'])}", body, class_="bars")


def _mark(scale: Axis, mark: float, bottom: float, step: float) -> Markup:
    """Return a line of the axis with its number."""
    text = tick_text(mark, step) if step >= 0.01 else f"{mark:g}"
    place = scale(mark)
    return line(place, 6, place, bottom, class_="rule") + label(place, bottom + 16, text, text_anchor="middle")


def _model(entry: Mapping[str, Any], key: str, name: str, colour: str, height: float, scale: Axis) -> Markup:
    """Return the row of one model."""
    value, verdict = (entry["value"], entry["verdict"]) if key == "model" else (entry[f"{key}_value"], entry[key])
    body = label(LEFT - 10, height + 4, f"{name}: {verdict}", text_anchor="end", class_="name")
    if value is None:
        return body + label(LEFT + 8, height + 4, "has nothing of the kind", class_="note")
    if key == "model" and entry["low"] is not None:
        body += line(scale(entry["low"]), height, scale(entry["high"]), height, stroke=colour, stroke_width="3")
    dot = tag("circle", hint(f"{name} {figures(value)}"), cx=scale(value), cy=height, r=5.5, fill=colour)
    return body + dot


def _diamond(x: float, y: float) -> str:
    """Return the path of a diamond."""
    return f"M{x:.1f} {y - 6:.1f}L{x + 5:.1f} {y:.1f}L{x:.1f} {y + 6:.1f}L{x - 5:.1f} {y:.1f}Z"
