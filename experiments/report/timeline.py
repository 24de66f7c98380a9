"""The timeline: what happened when, one row for each kind of thing, in the told replicate."""

from collections.abc import Callable, Set
from typing import NamedTuple

import pandas as pd

from abm.calendar import format_quarter, parse_quarter
from abm.events import BOTH, EVENTS
from experiments.report.html import note
from experiments.report.markup import joined
from experiments.report.result_view import View, listed, plural
from experiments.report.svg import ACTOR, GAIN, LOSS, RUN, SOFT, TWIN, Axis, drawing, hint, label, line, tag

WIDTH, LEFT, RIGHT, TOP, STEP = 1000.0, 232.0, 985.0, 30.0, 34.0
LARGE_STATES = 12
Holds = Callable[[pd.DataFrame], "pd.Series[bool]"]


class Row(NamedTuple):
    """A row of the timeline: its label, colour, and which events belong to it."""

    title: str
    colour: str
    holds: Holds


def rows(view: View) -> list[Row]:
    """Return the rows of the timeline; those of actors only where there are any."""
    own = set(view.actors)
    big = set(view.large[:LARGE_STATES]) | own
    others = [
        Row("Exits announced" + " by others" * bool(own), LOSS, _of("announcement", but=own)),
        Row("Exits taking effect", LOSS, _of("exit", but=own)),
        Row("Returns", GAIN, _of("return", but=own)),
        Row("Threats, concessions, bluffs", "#E69F00", _of("threat", but=own)),
        Row("Organizations act on states", "#56B4E9", _of("discipline")),
        Row("Organizations adapt or resist", RUN, _of("answer")),
        Row("Organizations fall asleep or end", TWIN, _of("sleep", "end")),
        Row("Clubs founded", "#9a3d6b", _of("club")),
        Row("New governments, large states", SOFT, _of("government", by=big)),
    ]
    if not own:
        return others
    who = view.name(view.actors[0]) if len(own) == 1 else "The actors"
    return [
        Row(f"{who}: acts", ACTOR, _of("announcement", "return", "act", "threat", by=own)),
        Row(f"{who}: out", ACTOR, _of("exit", by=own)),
        *others,
    ]


def _of(*themes: str, by: Set[str] | None = None, but: Set[str] = frozenset()) -> Holds:
    """Return what chooses the events of some themes: those `by` some states, or of all `but` some."""
    kinds = [name for name, kind in EVENTS.items() if kind.theme in themes and kind.told]
    return lambda e: e.kind.isin(kinds) & ~e.actor.isin(but) & (by is None or e.actor.isin(by))


def timeline(view: View) -> str:
    """Return the timeline; rows without any event are left out."""
    story = view.story
    kept = [(row, story[row.holds(story)]) for row in rows(view)]
    kept = [(row, events) for row, events in kept if len(events)]
    if not kept:
        return note("empty", "Nothing happened that a timeline could show.")
    start = parse_quarter(view.first)
    along = Axis(start, max(start + len(view.quarters) - 1, start + 1), LEFT + 14, RIGHT - 14)
    bottom = TOP + STEP * len(kept)
    body = _years(view, along, bottom)
    for place, (row, events) in enumerate(kept):
        body += _row(view, row, events, TOP + STEP * (place + 0.5), along)
    words = "Timeline. " + "; ".join(f"{row.title}: {len(events)}" for row, events in kept)
    return drawing(WIDTH, bottom + 6, words, body, class_="wide")


def _years(view: View, along: Axis, bottom: float) -> str:
    """Return the years above the rows."""
    start = parse_quarter(view.first)
    marks = [start + place for place in range(len(view.quarters)) if (start + place) % 4 == 0]
    marks = marks[:: max(1, len(marks) // 16)] or [start]
    return joined(
        line(along(mark), TOP - 6, along(mark), bottom, class_="rule")
        + label(along(mark), 16, str(mark // 4), text_anchor="middle")
        for mark in marks
    )


def _row(view: View, row: Row, events: pd.DataFrame, y: float, along: Axis) -> str:
    """Return one row: a disc for each quarter, its area by the number of events."""
    drawn = line(LEFT, y, RIGHT, y, class_="rule") + label(LEFT - 10, y + 4, row.title, text_anchor="end")
    for _, found in events.groupby("when"):
        when, count = int(found["when"].iloc[0]), len(found)
        radius = min(15.0, 3.2 + 1.9 * (count - 1) ** 0.5)
        background = int((found["occurs"] == BOTH).sum()) if view.compares else 0
        also = f" ({background} also without the shock)" if background else ""
        words = f"{format_quarter(when)}: {plural(count, 'event')}{also}: {_who(view, found)}"
        shade = "event background" if background == count else "event"
        drawn += tag("circle", hint(words), cx=along(when), cy=y, r=radius, fill=row.colour, class_=shade)
        if radius >= 8:
            drawn += label(along(when), y + 4, str(count), text_anchor="middle", class_="inside")
    return drawn


def _who(view: View, found: pd.DataFrame) -> str:
    """Return who did what, shortened."""
    pairs = zip(found["actor"].tolist(), found["organization"].tolist(), strict=True)
    texts = [" – ".join(view.name(code) for code in pair if code) for pair in pairs]
    return listed(list(dict.fromkeys(texts)), 6)
