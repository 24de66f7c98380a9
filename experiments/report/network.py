"""The network of states and organizations, before and after: states on a ring, organizations inside, ties between."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.state.world import Array
from abm.worlds.initialize import tables_of
from experiments.report.markup import joined
from experiments.report.result_view import View, money, number
from experiments.report.svg import (
    ACTOR,
    GAIN,
    LOSS,
    RUN,
    TWIN,
    drawing,
    hint,
    key,
    label,
    mix,
    swatch,
    tag,
)

SIZE, CENTRE, RING, INNER = 710.0, 355.0, 230.0, 182.0
FILL = 0.4
"""Share of the inner disc that the discs of organizations cover."""
HEALTH = ("#d95f02", "#f6c79b", "#e4e4e0", "#9cc7e3", "#0a66a8")
HEALTH_SPAN = 0.25
"""Effectiveness this far from rest has the full colour."""
STRONG = 3
"""Ties drawn by organization: to as many of its most influential states, and to the actors."""
FEW = 60
"""Where no more ties than this are there at the start, all are drawn."""
CAMPS = ("western", "other", "rival")
CAMP_COLOURS = {"western": RUN, "other": "#8a8a85", "rival": "#9a3d6b"}


class Layout(NamedTuple):
    """Places of states and organizations by code, radii of organizations at the start, and places of issue areas."""

    states: dict[str, tuple[float, float]]
    bodies: dict[str, tuple[float, float]]
    radii: dict[str, float]
    issues: dict[str, tuple[float, float]]


class Ties(NamedTuple):
    """Participation at one time: pairs (state, organization), and the pairs that are drawn."""

    pairs: frozenset[tuple[str, str]]
    drawn: list[tuple[str, str]]


def networks(view: View) -> list[tuple[str, str]]:
    """Return caption and drawing of the network in the first and in the last quarter of the run whose story is told."""
    first, last = first_and_last(view)
    if first.empty:
        return []
    before, after = ties_of(view, first), ties_of(view, last)
    layout = lay_out(view)
    start, end = view.bodies(view.first), view.bodies(view.last)
    return [
        (
            f"Before: {view.first}",
            _network(view, layout, start, before, before.pairs - cut_ties(view, before, after), LOSS),
        ),
        (f"After: {view.last}", _network(view, layout, end, after, before.pairs, GAIN)),
    ]


def legend(view: View) -> str:
    """Return the legend of both networks."""
    entries = [
        (swatch(HEALTH[0], "dot"), f"effectiveness {1 - HEALTH_SPAN:g} of rest or less"),
        (swatch(HEALTH[2], "dot"), "as at rest"),
        (swatch(HEALTH[-1], "dot"), f"{1 + HEALTH_SPAN:g} or more"),
        (swatch(TWIN, "gone"), "ended"),
        (swatch(LOSS, "line"), "before: tie that is cut in the run"),
        (swatch(GAIN, "line"), "after: tie that is new"),
        *[(swatch(CAMP_COLOURS[camp], "box"), f"{camp} states") for camp in CAMPS],
    ]
    if view.shocked:
        entries.insert(3, (swatch(ACTOR, "ring"), "organization that shocks aim at"))
    if view.actors:
        entries.append((swatch(ACTOR, "dot"), "who acts"))
    return key(entries)


def first_and_last(view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return participation in the run whose story is told: at the start, and after the last quarter."""
    frame = view.result.memberships
    frame = frame[~frame["twin"].astype(bool) & (frame["run"] == view.story_run) & (frame["participation"] > 0)]
    first = frame["first"].astype(bool)
    return frame[first], frame[~first]


def cut_ties(view: View, before: Ties, after: Ties) -> frozenset[tuple[str, str]]:
    """Return ties that end in the told run, those that are taken up again included."""
    ended = view.story[view.story["kind"].isin(["exit", "participation_stopped"])]
    cut = frozenset(zip(ended["actor"], ended["organization"], strict=True))
    return cut | (before.pairs - after.pairs)


def all_drawn(view: View) -> bool:
    """Return whether all ties are drawn, which is so in a small world."""
    return len(first_and_last(view)[0]) <= FEW


def ties_note(view: View) -> str:
    """Return which ties are drawn."""
    of_actors = ", and all of the actors" * bool(view.actors)
    return "Ties: all" if all_drawn(view) else f"Ties: the three most influential states of each{of_actors}"


def ties_of(view: View, frame: pd.DataFrame) -> Ties:
    """Return all pairs of a state and an organization in which it takes part, and the ties that are drawn."""
    strongest = len(frame) if all_drawn(view) else STRONG
    pairs = frozenset(zip(frame["state"], frame["organization"], strict=True))
    ranked = frame.sort_values("agenda_share", ascending=False, kind="stable")
    strong = ranked[ranked["agenda_share"] > 0].groupby("organization", sort=False).head(strongest)
    own = frame[frame["state"].isin(view.actors)]
    kept = pd.concat([strong, own]).drop_duplicates(["state", "organization"])
    return Ties(pairs, list(zip(kept["state"], kept["organization"], strict=True)))


def lay_out(view: View) -> Layout:
    """Return where states and organizations are drawn; the same before and after."""
    both = pd.concat([view.bodies(view.first), view.bodies(view.last)])
    both = both[~both.index.duplicated()].sort_values("issue_area", kind="stable")
    budgets = _budgets(view)
    radii = {str(code): _radius(budgets.get(str(code), float("nan"))) for code in both.index}
    factor = min(3.0, INNER * (FILL / sum(radius**2 for radius in radii.values())) ** 0.5)
    radii = {code: radius * factor for code, radius in radii.items()}
    issues = list(both["issue_area"].unique())
    shares = both["issue_area"].value_counts().reindex(issues).to_numpy(float)
    ends = np.cumsum(shares) / shares.sum() * 2 * np.pi
    middle = ends - shares / shares.sum() * np.pi  # (issue,)
    centre = dict(zip(issues, middle, strict=True))
    angles = np.array([centre[issue] for issue in both["issue_area"]])
    spots = _packed(angles, np.array(list(radii.values())))
    bodies = {code: (float(x), float(y)) for code, (x, y) in zip(radii, spots, strict=True)}
    return Layout(
        _ring(view),
        bodies,
        radii,
        {issue: _polar(RING - 14, angle) for issue, angle in centre.items()},
    )


def _budgets(view: View) -> dict[str, float]:
    """Return yearly budgets in USD as the world's tables state them, by code."""
    table = tables_of(view.result.experiment).organizations
    return {str(code): float(amount) for code, amount in zip(table["code"], table["budget_usd"], strict=True)}


def _radius(budget: float) -> float:
    """Return the relative radius of an organization.

    It grows less than the budget, or the largest would hide the rest.
    """
    return 3.6 if not budget > 0 else 3.6 + 4.2 * (budget / 1e9) ** 0.35


def _polar(radius: float, angle: float) -> tuple[float, float]:
    """Return a place around the centre; angle 0 is at the top."""
    return CENTRE + radius * float(np.sin(angle)), CENTRE - radius * float(np.cos(angle))


def _packed(angles: Array, radii: Array, rounds: int = 140) -> Array:
    """Return places of discs near the middle of their sector, moved apart until they hardly overlap.

    Shape (organization, 2).
    """
    count = len(angles)
    turn = np.arange(count) * 2.39996  # the golden angle spreads equal starts
    home = 100.0 * np.stack([np.sin(angles), -np.cos(angles)], axis=1)
    spots = home + 9.0 * np.sqrt(1 + np.arange(count) % 17)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    need = radii[:, None] + radii[None, :] + 3.5
    for _ in range(rounds):
        gap = spots[:, None] - spots[None, :]
        far = np.hypot(gap[..., 0], gap[..., 1]) + np.eye(count) * 1e9
        push = np.maximum(need - far, 0) / np.maximum(far, 1e-6) * 0.5
        spots = spots + (gap * push[..., None]).sum(axis=1) + 0.008 * (home - spots)
        size = np.hypot(spots[:, 0], spots[:, 1]) + radii
        spots = spots * np.minimum(1.0, INNER / size)[:, None]
    return spots + CENTRE


def _ring(view: View) -> dict[str, tuple[float, float]]:
    """Return places of states on the ring, camp by camp; influential ones stand apart (golden ratio)."""
    rank = {code: row for row, code in enumerate(view.large)}
    camps = view.result.states.drop_duplicates("code").set_index("code")["camp"]
    by_camp = [[code for code in rank if camps[code] == camp] for camp in CAMPS]
    by_camp = [inside for inside in by_camp if inside]
    places: dict[str, tuple[float, float]] = {}
    start = -0.35 * np.pi
    for inside in by_camp:
        share = 0.5 * len(inside) / len(rank) + 0.5 / len(by_camp)  # small camps get more room than their number
        order = sorted(range(len(inside)), key=lambda row: (0.5 + 0.618034 * row) % 1)
        for slot, row in enumerate(order):
            places[inside[row]] = _polar(RING, start + 2 * np.pi * share * (slot + 1.5) / (len(inside) + 2))
        start += 2 * np.pi * share
    return places


def _network(
    view: View, layout: Layout, now: pd.DataFrame, ties: Ties, usual: frozenset[tuple[str, str]], marked: str
) -> str:
    """Return one network; ties beyond the usual ones have the colour `marked`."""
    plain, special = "", ""
    alive = set(now.index[now["alive"].astype(bool)])
    for state, body in ties.drawn:
        if state not in layout.states or body not in layout.bodies or body not in alive:
            continue
        (x1, y1), (x2, y2) = layout.states[state], layout.bodies[body]
        curve = f"M{x1:.0f},{y1:.0f}Q{(x1 + CENTRE) / 2:.0f},{(y1 + CENTRE) / 2:.0f} {x2:.0f},{y2:.0f}"
        if (state, body) in usual:
            plain += curve
        else:
            special += curve
    drawn = tag("path", d=plain or "M0,0", class_="tie") + tag(
        "path", d=special or "M0,0", class_="tie", style=f"stroke:{marked};stroke-width:1.1"
    )
    drawn += joined(
        _body(view, layout, code, row) for code, row in now.to_dict("index").items() if code in layout.bodies
    )
    drawn += _states(view, layout)
    drawn += _issues(layout)
    living = int(now["alive"].astype(bool).sum())
    words = f"Network of {len(layout.states)} states and {living} living organizations with {len(ties.pairs):,} ties"
    return drawing(SIZE, SIZE, words, drawn, class_="network")


def _issues(layout: Layout) -> str:
    """Return the names of issue areas inside the ring; one that would lie on another moves inwards."""
    drawn, taken = "", list[tuple[float, float, float]]()
    for issue, (x, y) in layout.issues.items():
        words, anchor = issue.replace("-", " "), _anchor(x)
        width = 7.4 * len(words)
        left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        while any(left < right and left + width > start and abs(y - row) < 16 for start, right, row in taken):
            y += 16 if y < CENTRE else -16
        taken.append((left, left + width, y))
        drawn += label(x, y + 4, words, text_anchor=anchor, class_="halo")
    return drawn


def _anchor(x: float) -> str:
    """Return how a label inside the ring is anchored, so that it stays inside."""
    return "middle" if abs(x - CENTRE) < 0.3 * RING else "start" if x < CENTRE else "end"


def _body(view: View, layout: Layout, code: str, row: Mapping[Any, Any]) -> str:
    """Return one organization: its area by budget, its colour by effectiveness."""
    x, y = layout.bodies[code]
    left = float(row["budget"]) if np.isfinite(row["budget"]) else 1.0
    radius = layout.radii[code] if not row["alive"] else max(2.4, layout.radii[code] * max(left, 0.0) ** 0.5)
    words = view.name(code)
    if not row["alive"]:
        return tag("circle", hint(f"{words}: ended"), cx=x, cy=y, r=radius, class_="ended")
    health = float(row["effectiveness"])
    colour = mix((health - 1 + HEALTH_SPAN) / (2 * HEALTH_SPAN), HEALTH)
    edge = {"class_": "aim"} if row["shocked"] else {"class_": "body"}
    words += f": effectiveness {number(health)}, {row['members']:.0f} members"
    words += f", led by {view.name(str(row['leader']))}" if row["leader_share"] > 0 else ""
    return tag("circle", hint(words), cx=x, cy=y, r=float(radius), fill=colour, **edge)


def _states(view: View, layout: Layout) -> str:
    """Return the states on the ring, the most influential ones with their names."""
    camps = view.result.states.drop_duplicates("code").set_index("code")["camp"]
    drawn, taken = "", list[float]()
    for rank, code in enumerate([*view.actors, *[code for code in view.large if code not in view.actors]]):
        if code not in layout.states:
            continue
        x, y = layout.states[code]
        colour = ACTOR if code in view.actors else CAMP_COLOURS[str(camps[code])]
        radius = 6.0 if code in view.actors else 4.5 if rank < 12 else 2.2
        drawn += tag("circle", hint(view.name(code)), cx=x, cy=y, r=radius, fill=colour)
        angle = float(np.degrees(np.arctan2(x - CENTRE, CENTRE - y)))
        if rank < 30 and all(min(abs(angle - other), 360 - abs(angle - other)) > 3.6 for other in taken):
            taken.append(angle)
            drawn += _name(view.name(code), angle)
    return drawn


def _name(words: str, angle: float) -> str:
    """Return a name that points outwards from the ring."""
    words = words if len(words) <= 14 else words[:13].rstrip() + "…"
    x, y = _polar(RING + 10, float(np.radians(angle)))
    flip = angle < 0
    turn = angle + 90 if flip else angle - 90
    anchor = "end" if flip else "start"
    return tag(
        "text",
        words,
        text_anchor=anchor,
        class_="state",
        transform=f"translate({x:.1f} {y:.1f}) rotate({turn:.1f})",
        dy=4,
    )


def sizes_note(view: View) -> str:
    """Return what the sizes of organizations mean, with the largest as an example."""
    budgets = {code: amount for code, amount in _budgets(view).items() if amount > 0}
    if not budgets:
        return "No organization has a budget."
    largest = max(budgets, key=lambda code: budgets[code])
    example = f"largest: {view.name(largest)}, {money(budgets[largest])}"
    return f"Discs grow with the yearly budget ({example}), less than in proportion."
