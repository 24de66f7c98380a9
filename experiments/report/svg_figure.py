"""The plate: panels of a figure in one SVG file that stands alone, for print, with its caption below."""

import re
import textwrap
from collections.abc import Sequence

from experiments.report.svg import INK, SOFT, label, tag

FONT = "font-family:Helvetica,Arial,'Liberation Sans',sans-serif"
STYLE = (
    f"text{{{FONT};font-size:12px;fill:{SOFT}}}.title{{font-size:14.5px;font-weight:600;fill:{INK}}}"
    f".note{{font-size:11.5px}}.inside{{fill:#fff;font-weight:600}}.caption{{font-size:13px;fill:{INK}}}"
    ".rule{stroke:#e2e2dd;stroke-width:1}.strong{stroke:#8a8a85;stroke-width:1.2}"
)
BOX = re.compile(r'^<svg viewBox="0 0 ([\d.]+) ([\d.]+)"')
GAP, LINE = 24.0, 18.0


def plate(panels: Sequence[str], caption: str, columns: int = 3) -> str:
    """Return panels (SVG images as `drawing` makes them) in rows of `columns`, with a caption; one SVG image."""
    sizes = [_size(panel) for panel in panels]
    columns = max(1, min(columns, len(panels)))
    width = columns * max((size[0] for size in sizes), default=340.0) + (columns - 1) * GAP
    body, top = f"<style>{STYLE}</style>", 0.0
    for start in range(0, len(panels), columns):
        row = list(zip(panels[start : start + columns], sizes[start : start + columns], strict=True))
        left = 0.0
        for panel, (wide, high) in row:
            place = f'x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}" overflow="visible"'
            body += panel.replace("<svg ", f"<svg {place} ", 1)
            left += wide + GAP
        top += max(high for _, (_, high) in row) + GAP
    lines = textwrap.wrap(caption, max(40, int(width / 6.4)))
    body += "".join(label(0, top + LINE * place, words, class_="caption") for place, words in enumerate(lines))
    height = top + LINE * len(lines)
    box = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"-10 -6 {width + 20:g} {height + 12:g}"}
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tag("svg", body, **box, width=f"{width + 20:g}") + "\n"


def _size(panel: str) -> tuple[float, float]:
    """Return width and height of a panel."""
    found = BOX.match(panel)
    if found is None:
        raise ValueError(f"no panel: {panel[:60]}")
    return float(found[1]), float(found[2])
