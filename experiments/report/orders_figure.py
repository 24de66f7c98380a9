"""Which order, and when: shares of runs over time, and the place of this run in the kept diagram of phases."""

from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from abm.config.reader import load_experiment
from experiments.report.result_view import View, percent, plural
from experiments.report.svg import (
    ACTOR,
    CATEGORIES,
    QUIET,
    SEQUENTIAL,
    Axis,
    drawing,
    hint,
    key,
    label,
    line,
    mix,
    swatch,
    tag,
)

KEPT = "studies/results/phases/cells.csv"
"""The diagram that is kept: cells of the study `phases` along the axis of additivity."""
ADDITIVITY = "membership.additivity"
LIKELY = 1 / 3
"""Probability from which others are said to give up a tenth of their seats: one run in three."""
WHOLE, SOME = 0.5, 0.15
"""Shares of all organizations that a state leaves from which it counts as a leaver, and as that of the 66."""
LEAVING = ("announce", "participation_stopped")
"""Kinds of events by which a state leaves."""
WIDTH, LEFT, RIGHT, STEP = 560.0, 130.0, 550.0, 20.0


def words_of(regime: str) -> str:
    """Return the name of a regime as a reader sees it."""
    return regime.replace("_", " ")


def over_time(view: View) -> str:
    """Return a strip for each order that occurs: how many runs are in it, by the end of three years; "" for none."""
    found = view.result.outcomes.get("orders_over_time") or {}
    quarters, shares = found.get("quarters") or [], found.get("shares") or {}
    occurring = [name for name in shares if any(shares[name])]
    if len(quarters) < 2 or occurring == ["continuity"]:
        return ""
    along = Axis(0, len(quarters), LEFT, RIGHT)
    body = ""
    for row, name in enumerate(occurring):
        top = 8 + STEP * row
        body += label(LEFT - 8, top + 13, words_of(name), text_anchor="end")
        for place, share in enumerate(shares[name]):
            body += tag(
                "rect", hint(f"{words_of(name)}, {quarters[place]}: {share:.0%}"), x=along(place), y=top,
                width=along(place + 1) - along(place) + 0.3, height=STEP - 4,
                fill=QUIET if not share else mix(share, SEQUENTIAL),
            )  # fmt: skip
    bottom = 8 + STEP * len(occurring)
    for place, quarter in enumerate(quarters):
        if quarter.endswith("Q4") and int(quarter[:4]) % 2 == 0:
            body += label(along(place + 0.5), bottom + 12, quarter[:4], text_anchor="middle")
    words = "; ".join(f"{words_of(name)} {shares[name][-1]:.0%} at the end" for name in occurring)
    return drawing(WIDTH, bottom + 18, f"Share of runs in each order: {words}", body)


class Place(NamedTuple):
    """Where a run lies in the diagram: leavers (0 the exit from the 66) and additivity."""

    leavers: float
    additivity: float


@cache
def kept_cells() -> pd.DataFrame:
    """Return the kept cells along additivity, empty where none are kept: sorted by place and size."""
    file = files("experiments") / KEPT
    if not file.is_file():
        return pd.DataFrame(columns=["axis", "place", "size", "tipped", "likeliest", "share", "runs"])
    with file.open(encoding="utf-8") as text:
        cells = pd.read_csv(text)
    return cells[cells["axis"] == "additivity"].sort_values(["place", "size"], ignore_index=True)


def place_of(view: View) -> Place | None:
    """Return where the run lies; None where no state leaves at least as much as in the exit from the 66."""
    leaves = view.events[view.events["kind"].isin(LEAVING) & view.events["actor"].isin(view.actors)]
    bodies = max(view.result.organizations["code"].nunique(), 1)
    left = leaves[leaves["run"] == view.story_run].groupby("actor")["organization"].nunique() / bodies
    if view.result.experiment.world.source != "real" or kept_cells().empty or not (left >= SOME).any():
        return None
    parameters = load_experiment(view.result.experiment.resolved()).resolved()["parameters"]
    section, name = ADDITIVITY.split(".")
    return Place(float((left >= WHOLE).sum()), float(parameters[section][name]))


def distance(view: View) -> str | None:
    """Return how far it is to where others leave in bulk, from the kept diagram; None where it does not apply."""
    place = place_of(view)
    if place is None:
        return None
    cells = kept_cells()
    row = cells[cells["place"] == min(cells["place"], key=lambda one: abs(one - place.additivity))]
    over = row[row["tipped"] >= LIKELY]
    higher = cells[(cells["size"] >= place.leavers) & (cells["tipped"] >= LIKELY)]
    here = "one state leaves a part" if place.leavers < 1 else plural(int(place.leavers), "state") + " leave all"
    start = f"In the kept study of phases ({int(row['runs'].max())} rows of the ensemble a cell; here {here}) "
    event = "one run in three sees others give up a tenth of their seats"
    if len(over):
        first = over["size"].min()
        if first <= place.leavers:
            return f"{start}{event} already with shocks of this size."
        return f"{start}{event} from {plural(int(first), 'leaver')} on that leave everything."
    if len(higher):
        least = higher.sort_values(["place", "size"]).iloc[0]
        return (
            f"{start}that happens in fewer than one run in three up to {int(row['size'].max())} leavers; {event} "
            f"where exits add up more: {int(least['size'])} leavers at an additivity of {least['place']:g}."
        )
    return f"{start}fewer than one run in three sees others give up a tenth of their seats, up to the largest shock."


def diagram(view: View) -> str:
    """Return the kept diagram of phases with a mark where this run lies, "" where it lies outside."""
    place = place_of(view)
    if place is None:
        return ""
    cells = kept_cells()
    sizes, rows = sorted(cells["size"].unique()), sorted(cells["place"].unique())
    orders = list(dict.fromkeys(cells["likeliest"]))
    colours = {name: CATEGORIES[number % len(CATEGORIES)] for number, name in enumerate(orders)}
    across, up = Axis(0, len(sizes), LEFT, RIGHT), Axis(0, len(rows), 14 + 40.0 * len(rows), 14)
    body = ""
    for cell in cells.to_dict("records"):
        column, row = sizes.index(cell["size"]), rows.index(cell["place"])
        said = f"{words_of(str(cell['likeliest']))} {cell['share']:.0%}; others leave in bulk {cell['tipped']:.0%}"
        body += tag(
            "rect", hint(said), x=across(column), y=up(row + 1), width=across(1) - across(0) - 2, height=38.0,
            fill=colours[cell["likeliest"]], fill_opacity=f"{0.15 + 0.4 * float(cell['share']):.2f}",
        ) + label(across(column) + 6, up(row + 0.42), percent(float(cell["tipped"])), class_="title")  # fmt: skip
    for column, size in enumerate(sizes):
        body += label(across(column + 0.5), up(0) + 16, "the 66" if size == 0 else f"{size:g}", text_anchor="middle")
    body += label(across(len(sizes) / 2), up(0) + 34, "states that leave everything", text_anchor="middle")
    for row, value in enumerate(rows):
        body += label(LEFT - 8, up(row + 0.42), f"additivity {value:g}", text_anchor="end")
    x, y = across(_between(place.leavers, sizes) + 0.5), up(_between(place.additivity, rows) + 0.5)
    body += tag("circle", hint("here"), cx=x, cy=y, r=8.0, fill="none", stroke=ACTOR, stroke_width=2.5)
    body += line(x, y - 9, x, y - 15, stroke=ACTOR, stroke_width=2) + label(x + 11, y - 8, "here", class_="title")
    marks = [(swatch(colours[name]), words_of(name)) for name in orders]
    words = (
        f"Likeliest order by leavers and additivity; here: {place.leavers:g} leavers, additivity {place.additivity:g}"
    )
    return key(marks) + tag("div", drawing(WIDTH, up(0) + 42, words, body), class_="bars")


def _between(value: float, marks: list[float]) -> float:
    """Return the place of a value among marks, in steps from the first; at an end where it lies beyond."""
    for number, (one, other) in enumerate(pairwise(marks)):
        if value < other:
            return number + max(0.0, (value - one) / (other - one))
    return float(len(marks) - 1)
