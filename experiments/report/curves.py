"""Curves over time: small panels with the median and the band of runs, beside those of the twins."""

from collections.abc import Sequence

import numpy as np

from abm.calendar import format_quarter, parse_quarter
from abm.measures import MEASURES
from abm.state.world import Array
from experiments.report.html import grid
from experiments.report.markup import joined
from experiments.report.result_view import View, number
from experiments.report.svg import (
    RUN,
    SOFT,
    TWIN,
    Axis,
    drawing,
    key,
    label,
    line,
    path,
    swatch,
    tag,
    tick_text,
    ticks,
)

WIDTH, HEIGHT = 340.0, 212.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 330.0, 46.0, 186.0
TITLES = {
    "funding_gap_share": "Budget gap", "rescue": "Money to close gaps", "budget": "Budget", "staff": "Staff",
    "effectiveness": "Effectiveness", "legitimacy": "Legitimacy", "commitment": "Commitment", "expertise": "Expertise",
    "reserves": "Reserves", "income": "Income", "members": "Members", "leader_changed": "Leadership changed",
    "position_shift": "Positions moved", "mean_trust_in_actor": "Trust in {focus}", "clubs": "Clubs",
    "global_provision": "Global provision", "bodies_alive": "Organizations alive",
    "mean_agreement_with_actor": "Agreement with {focus}", "actor_wins": "Votes won by {focus}",
    "actor_saving": "Saved by {focus}", "mean_trust": "Mean trust", "trust_gap": "Trust gap between camps",
    "total_income": "Income of all organizations",
    "actor_agenda_share": "Influence of {focus}", "actor_distance": "Distance from {focus}",
    "actor_posts_share": "Posts of {focus}",
    "programmes_lost_total": "Programmes missing", "suspended_votes": "Votes suspended",
    "zombie": "Organizations asleep", "left_by_others": "Seats given up by others", "segregation": "Segregation",
    "club_weight": "Weight of clubs", "power_share": "Share of the leading power",
    "power_changed": "Another power leads",
    "legitimacy_spread": "Spread of views", "private": "Private money", "funding_hhi": "Concentration of money",
    "arrears": "Arrears", "leader_share": "Share of the leader", "agenda_hhi": "Concentration of influence",
    "exits": "Exits taking effect", "announcements": "Exits announced", "donor_hhi": "Concentration of donors",
}  # fmt: skip


def focus_words(view: View) -> str:
    """Return how the states in focus are called in the middle of a title."""
    if not view.actors:
        return view.called(view.large[0]) if view.large else "the largest state"
    return view.called(view.actors[0]) if len(view.actors) == 1 else "the actors"


def title_of(view: View, measure: str) -> str:
    """Return the title of a measure; a name that no table knows is made readable."""
    plain = measure.removeprefix("shocked.")
    return TITLES.get(plain, plain.replace("_", " ").capitalize()).format(focus=focus_words(view))


def doc_of(measure: str) -> str:
    """Return what a measure means, "" for one that is not registered."""
    found = MEASURES.get(measure.removeprefix("shocked."))
    return found.doc if found else ""


def panels(view: View, measures: Sequence[str]) -> str:
    """Return a grid of panels, one for each measure that the result holds, with a legend."""
    bands = view.bands(measures)
    kept = [measure for measure in measures if (measure, False) in bands]
    drawn = joined(_panel(view, measure, bands[measure, False], bands.get((measure, True))) for measure in kept)
    return _legend(view) + grid(drawn)


def _legend(view: View) -> str:
    """Return the legend that panels share."""
    entries = [(swatch(RUN, "band"), "with the shock" if view.shocks else "runs")]
    if view.compares:
        entries.append((swatch(TWIN, "dash"), "twin: same world, no shock"))
    if view.shocks:
        entries.append((swatch(SOFT, "dots"), "an act of the scenario is announced"))
    return key(entries)


def _panel(view: View, measure: str, run: Array, twin: Array | None) -> str:
    """Return one panel."""
    values = np.concatenate([run, twin]) if twin is not None else run
    marks = ticks(*_limits(values[np.isfinite(values)]), 4)
    up = Axis(marks[0], marks[-1], BOTTOM, TOP)
    along = Axis(0, max(len(view.quarters) - 1, 1), LEFT, RIGHT)
    body = _frame(marks, up) + _years(view, along) + _announcements(view, along)
    for rows, colour in ((twin, TWIN), (run, RUN)):
        body += _band(rows, along, up, colour) if rows is not None else ""
    body += label(0, 14, title_of(view, measure), class_="title") + label(0, 30, doc_of(measure), class_="note")
    words = (
        f"{title_of(view, measure)}: {_medians(run)} with the shock" if twin is not None else title_of(view, measure)
    )
    words += f", {_medians(twin)} in the twin" if twin is not None else f": {_medians(run)}"
    return drawing(WIDTH, HEIGHT, f"{words} ({doc_of(measure)})", body)


def _medians(rows: Array) -> str:
    """Return first and last median in words."""
    return f"from {number(rows[0, 1], 3)} to {number(rows[-1, 1], 3)}"


def _limits(values: Array) -> tuple[float, float]:
    """Return limits of an axis: never narrower than what would blow up noise."""
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low == high == 0:
        return 0.0, 1.0
    least = 0.02 * max(abs(low), abs(high))
    return (low, high) if high - low >= least else (low - least / 2, high + least / 2)


def _frame(marks: list[float], up: Axis) -> str:
    """Return grid lines and the numbers of the vertical axis."""
    step = marks[1] - marks[0]
    return joined(
        line(LEFT, up(mark), RIGHT, up(mark), class_="rule")
        + label(LEFT - 5, up(mark) + 4, tick_text(mark, step), text_anchor="end")
        for mark in marks
    )


def _years(view: View, along: Axis) -> str:
    """Return the years below the horizontal axis, as many as fit."""
    start = parse_quarter(view.first)
    count = len(view.quarters)
    if count < 8:
        return joined(
            label(along(place), BOTTOM + 16, format_quarter(start + place), text_anchor=_anchor(place, count))
            for place in range(0, count, max(1, count // 3))
        )
    gap = max(1, round(count / 4 / 5))
    places = [place for place in range(count) if (start + place) % 4 == 0 and (start + place) // 4 % gap == 0]
    return joined(
        line(along(place), BOTTOM, along(place), BOTTOM + 4, class_="rule")
        + label(along(place), BOTTOM + 17, str((start + place) // 4), text_anchor="middle")
        for place in places
    )


def _anchor(index: int, count: int) -> str:
    """Return how the label of a quarter is anchored, so that it stays inside the panel."""
    return "middle" if count == 1 or 0 < index < count - 1 else "start" if index == 0 else "end"


def _announcements(view: View, along: Axis) -> str:
    """Return a dotted line where a shock is announced."""
    start = parse_quarter(view.first)
    dates = sorted({parse_quarter(shock.announced) - start for shock in view.result.experiment.shocks})
    return joined(line(along(place), TOP - 4, along(place), BOTTOM, class_="act") for place in dates[:12])


def _band(rows: Array, along: Axis, up: Axis, colour: str) -> str:
    """Return median and band; a dot where there is one quarter only."""
    rows = np.where(np.isfinite(rows), rows, np.nan)
    places = [along(place) for place in range(len(rows))]
    good = [place for place in range(len(rows)) if np.isfinite(rows[place]).all()]
    if len(good) < 2:
        return joined(tag("circle", cx=places[p], cy=up(rows[p, 1]), r=4.0, fill=colour) for p in good)
    lower = [(places[p], up(rows[p, 0])) for p in good]
    upper = [(places[p], up(rows[p, 2])) for p in reversed(good)]
    middle = [(places[p], up(rows[p, 1])) for p in good]
    dash = "5 3" if colour == TWIN else "none"
    return path(lower + upper, closed=True, fill=colour, opacity=0.2) + path(
        middle, fill="none", stroke=colour, stroke_width=2, stroke_linejoin="round", stroke_dasharray=dash
    )
