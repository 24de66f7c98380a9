"""Who fills the gap: for each organization that lost money, the share that others replaced, donor by donor."""

from collections.abc import Iterator
from typing import Any

from experiments.report.html import note
from experiments.report.markup import joined
from experiments.report.result_view import View, number, percent
from experiments.report.svg import CATEGORIES, INK, LOSS, TWIN, Axis, drawing, hint, key, label, line, swatch, tag

WIDTH, LEFT, RIGHT, STEP, TOP = 560.0, 20.0, 500.0, 42.0, 30.0
LOW, HIGH = -0.5, 1.5
SHOWN = 14
OTHERS = "#b9b9b4"
"""Colour of donors that have none of their own."""


def known_refills(view: View) -> list[dict[str, Any]]:
    """Return the entries of refill that have a value after four quarters, largest loss first."""
    entries = view.result.outcomes.get("refill") or []
    return [entry for entry in entries if entry.get("after_4_quarters") is not None]


def leading(entries: list[dict[str, Any]]) -> list[str]:
    """Return the donors that replace most over the entries, most first."""
    sums: dict[str, float] = {}
    for entry in entries:
        for donor, share in entry["by"].items():
            sums[donor] = sums.get(donor, 0.0) + max(share, 0.0)
    return sorted(sums, key=lambda donor: (-sums[donor], donor))[: len(CATEGORIES) - 1]


def refill_bars(view: View) -> str:
    """Return the bars with their legend, or a sentence where nothing was lost."""
    entries = known_refills(view)[:SHOWN]
    if not entries:
        return note("empty", "No organization lost enough money, for long enough, to speak of a refill.")
    donors = leading(entries)
    colours = dict(zip(donors, CATEGORIES, strict=False))
    across = Axis(LOW, HIGH, LEFT, RIGHT)
    bottom = TOP + STEP * len(entries)
    body = joined(
        line(across(mark), TOP - 6, across(mark), bottom, class_="rule" if mark not in (0, 1) else "strong")
        + label(across(mark), 16, percent(mark), text_anchor="middle")
        for mark in (-0.5, 0.0, 0.5, 1.0, 1.5)
    )
    for row, entry in enumerate(entries):
        body += _bar(view, entry, TOP + STEP * row, across, colours)
    words = "Refill after four quarters. " + "; ".join(
        f"{view.name(entry['organization'])} {entry['after_4_quarters']:.0%}" for entry in entries
    )
    marks = [(swatch(colour), view.name(donor)) for donor, colour in colours.items()]
    marks += [(swatch(OTHERS), "other donors"), (swatch(LOSS, "ring"), "less than in the twin (left of 0)")]
    marks.append((swatch(INK, "diamond"), "refill after twelve quarters"))
    return key(marks) + tag("div", drawing(WIDTH, bottom + 6, words, body), class_="bars")


def parts(entry: dict[str, Any], donors: list[str]) -> Iterator[tuple[str, float, float]]:
    """Yield donor, share of the loss and left end of each part of a bar: gifts to the right of 0, falls to the left.

    The last part is that of all other donors; parts of nothing are left out.
    """
    shares = {donor: entry["by"].get(donor, 0.0) for donor in donors}
    shares["other donors"] = entry["after_4_quarters"] - sum(shares.values())
    right = left = 0.0
    for donor, share in shares.items():
        if share > 0:
            yield donor, share, right
            right += share
        elif share < 0:
            left += share
            yield donor, share, left


def _bar(view: View, entry: dict[str, Any], y: float, across: Axis, colours: dict[str, str]) -> str:
    """Return the bar of one organization: gifts to the right of zero, losses to the left, and where it stands later."""
    name = view.name(entry["organization"])
    shown = name if len(name) <= 62 else name[:61].rstrip() + "…"
    lost = f" (−{entry['lost_share']:.0%})" if entry.get("lost_share") is not None else ""
    drawn = label(0, y + 12, shown + lost, class_="name")
    for donor, share, start in parts(entry, list(colours)):
        words = hint(f"{name}: {view.name(donor)} {percent(share, 1)} of the loss")
        width = across(start + abs(share)) - across(start)
        look = {"fill": colours.get(donor, OTHERS)} if share > 0 else {"fill": "none", "stroke": LOSS}
        if width >= 0.3:
            drawn += tag("rect", words, x=across(start), y=y + 18.0, width=width, height=15, **look)
    drawn += _later(name, entry, y + 25.5, across)
    return drawn + label(RIGHT + 8, y + 30, percent(entry["after_4_quarters"]), fill=INK)


def _later(name: str, entry: dict[str, Any], y: float, across: Axis) -> str:
    """Return where the refill stands after twelve quarters; an arrow's tip where that is off the scale."""
    later = entry.get("after_12_quarters")
    if later is None:
        return ""
    x, words = across(later), hint(f"{name}: {number(100 * later, 0)} % after twelve quarters")
    if LOW <= later <= HIGH:
        return tag("path", words, d=f"M{x:.1f},{y - 6:.1f}l5,6l-5,6l-5,-6Z", class_="later")
    side = 7 if later > HIGH else -7
    return tag("path", words, d=f"M{x:.1f},{y - 6:.1f}l{side},6l{-side},6Z", class_="later", stroke=TWIN)
