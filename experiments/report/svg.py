"""Drawing: small functions that return SVG text, and the colours that all figures share."""

import math
import re
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from experiments.report.markup import element, fill, joined

# Okabe and Ito's palette keeps apart under all common forms of colour blindness.
RUN, TWIN, LOSS, GAIN, ACTOR = "#0072B2", "#767676", "#D55E00", "#009E73", "#1a1a1a"
QUIET, INK, SOFT = "#e9e9e6", "#222222", "#5c5c5c"
CATEGORIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
DIVERGING = ("#7a3300", "#b85a12", "#e3924a", "#f6cfa6", QUIET, "#b9d9ec", "#72b0d8", "#2f7fb8", "#0a4a7a")
SEQUENTIAL = (QUIET, "#fbdcb4", "#f5b26b", "#e07b26", "#a84800", "#662900")
PRINT_FONT = "font-family:Helvetica,Arial,'Liberation Sans',sans-serif"
PRINT_STYLE = (
    f"text{{{PRINT_FONT};font-size:12px;fill:{SOFT}}}.title{{font-size:14.5px;font-weight:600;fill:{INK}}}"
    f".note{{font-size:11.5px}}.inside{{fill:#fff;font-weight:600}}.caption{{font-size:13px;fill:{INK}}}"
    ".rule{stroke:#e2e2dd;stroke-width:1}.strong{stroke:#8a8a85;stroke-width:1.2}"
)
KEY = """<ul class="key">{% for mark, words in entries %}<li>{{ mark }}<span>{{ words }}</span></li>{% endfor %}</ul>"""
SWATCH = """<svg class="swatch" viewBox="0 0 18 12" aria-hidden="true">{{ inside }}</svg>"""
STYLED = """<style>{{ style }}</style>"""
PANEL = re.compile(r'^<svg viewBox="0 0 ([\d.]+) ([\d.]+)"')
PANEL_GAP, CAPTION_LINE = 24.0, 18.0


class Axis(NamedTuple):
    """A linear scale from values to places; values beyond its ends stay at the ends."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        span = self.high - self.low
        share = min(1.0, max(0.0, (value - self.low) / span)) if span > 0 else 0.5
        return self.start + share * (self.end - self.start)


def nice_step(span: float, count: int) -> float:
    """Return a round step (1, 2, 2.5 or 5 times a power of ten) that divides a span into about `count` parts."""
    if not math.isfinite(span) or span <= 0:
        return 1.0
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999) * power


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Return round values from just below `low` to just above `high`."""
    least = max(1e-10, 1e-9 * max(abs(low), abs(high)))  # what is told apart of numbers of this size
    step = nice_step(max(high - low, least) if high > low else 0.0, count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(place * step, 12) for place in range(first, max(last, first + 1) + 1)]


def tick_text(value: float, step: float) -> str:
    """Return a value with as many decimals as its step needs, large ones shortened."""
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e4, "k")):
        if step >= size / 10 and abs(value) >= size:
            small = step / size
            size_, letter_ = (1e3, "k") if letter == "k" else (size, letter)
            return f"{value / size_:.{0 if small >= 1 or letter == 'k' else 1}f}{letter_}".replace("-", "\u2212")
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    scaled = step * 10**digits
    digits += abs(scaled - round(scaled)) > 1e-6  # a step of 2.5
    return f"{value + 0.0:,.{digits}f}".replace("-", "\u2212")


def tag(name: str, content: str = "", **attributes: Any) -> Markup:
    """Return an element; `_` in names of attributes stands for `-`, a trailing one is dropped; text is escaped."""
    named = {key.rstrip("_").replace("_", "-"): _plain(value) for key, value in attributes.items()}
    return element(name, content, named)


def _plain(value: Any) -> str:
    """Return a value as an attribute; numbers to a tenth."""
    return f"{round(value, 1):g}" if isinstance(value, float) else str(value)


def label(x: float, y: float, words: str, **attributes: Any) -> Markup:
    """Return text at a place."""
    return tag("text", words, x=float(x), y=float(y), **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> Markup:
    """Return a straight line."""
    return tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), **attributes)


def path(points: list[tuple[float, float]], *, closed: bool = False, **attributes: Any) -> Markup:
    """Return a line through points."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return tag("path", d=f"M{places}{'Z' if closed else ''}", **attributes)


def hint(words: str) -> Markup:
    """Return what shows when the pointer rests on an element."""
    return tag("title", words)


def drawing(width: float, height: float, words: str, body: str, **attributes: Any) -> Markup:
    """Return an SVG image; `words` say what is to be seen for whoever does not see it."""
    return tag("svg", body, viewBox=f"0 0 {width:g} {height:g}", role="img", aria_label=words, **attributes)


def mix(share: float, colours: tuple[str, ...]) -> str:
    """Return the colour at a share (0 to 1) of the way through colours."""
    place = min(1.0, max(0.0, share)) * (len(colours) - 1)
    left = min(int(place), len(colours) - 2)
    pairs = zip(_channels(colours[left]), _channels(colours[left + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * (place - left)):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def key(entries: Sequence[tuple[str, str]]) -> Markup:
    """Return a legend in HTML: pairs of a mark (HTML) and its words."""
    return fill(KEY, entries=entries)


def swatch(colour: str, kind: str = "box") -> Markup:
    """Return a mark for a legend: box, band (line on a band), dash, dot or ring."""
    middle: dict[str, Any] = {"d": "M0 6H18", "stroke": colour, "stroke_width": 2}
    around: dict[str, Any] = {"cx": 9, "cy": 6}
    inside = {
        "box": [tag("rect", width=18, height=12, fill=colour)],
        "band": [tag("rect", width=18, height=12, fill=colour, opacity=".22"), tag("path", **middle)],
        "dash": [tag("rect", width=18, height=12, fill=colour, opacity=".18"),
                 tag("path", **middle, stroke_dasharray="4 3")],
        "dots": [tag("path", d="M9 0V12", stroke=colour, stroke_width="1.5", stroke_dasharray="2 2")],
        "line": [tag("path", **middle)],
        "dot": [tag("circle", **around, r=5, fill=colour)],
        "ring": [tag("circle", **around, r="4.5", fill="none", stroke=colour, stroke_width=2)],
        "gone": [tag("circle", **around, r="4.5", fill="none", stroke=colour, stroke_dasharray="2 2")],
        "diamond": [tag("path", d="M9 0L14 6L9 12L4 6Z", fill=colour)],
    }[kind]  # fmt: skip
    return fill(SWATCH, inside=joined(inside))


def svg_sheet(panels: Sequence[str], caption: str, columns: int = 3) -> str:
    """Return one SVG file for print: panels (as `drawing` makes them) in rows of `columns`, with a caption below."""
    sizes = [_size(panel) for panel in panels]
    columns = max(1, min(columns, len(panels)))
    width = columns * max((size[0] for size in sizes), default=340.0) + (columns - 1) * PANEL_GAP
    body, top = str(fill(STYLED, style=Markup(PRINT_STYLE))), 0.0
    for start in range(0, len(panels), columns):
        row = list(zip(panels[start : start + columns], sizes[start : start + columns], strict=True))
        left = 0.0
        for panel, (wide, high) in row:
            frame = f'x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}" overflow="visible"'
            body += str(panel).replace("<svg ", f"<svg {frame} ", 1)
            left += wide + PANEL_GAP
        top += max(high for _, (_, high) in row) + PANEL_GAP
    lines = textwrap.wrap(caption, max(40, int(width / 6.4)))
    body += "".join(label(0, top + CAPTION_LINE * index, words, class_="caption") for index, words in enumerate(lines))
    height = top + CAPTION_LINE * len(lines)
    box = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"-10 -6 {width + 20:g} {height + 12:g}"}
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tag("svg", Markup(body), **box, width=f"{width + 20:g}")}\n'


def _size(panel: str) -> tuple[float, float]:
    """Return width and height of a panel."""
    found = PANEL.match(panel)
    if found is None:
        raise ValueError(f"no panel: {panel[:60]}")
    return float(found[1]), float(found[2])
