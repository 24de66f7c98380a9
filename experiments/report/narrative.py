"""The event story: one replicate in sentences, year by year, and how often each kind of thing happens in all."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from abm.calendar import format_quarter
from abm.events import BOTH, EVENTS, from_json
from abm.words import event_words, phrase, sentence
from experiments.report.html import note
from experiments.report.markup import fill, joined
from experiments.report.result_tables import row_of, table
from experiments.report.result_view import View, listed, number, plural

YEAR = """<details class="year"{% if opened %} open{% endif %}>\
<summary><h3>{{ year }}</h3> <span>{{ told }}</span></summary>\
{{ items }}{% if background %}<div class="background"><h4>{{ words }}</h4>{{ background }}</div>{% endif %}</details>"""
ITEMS = """<ul>{% for text in texts %}<li>{{ text }}</li>{% endfor %}</ul>"""
OPEN_YEARS = 3
NAMED = 8
LARGE_STATES = 12
WORDS = event_words("en")
OWN_HEADING = ("founded",)
"""Kinds that are told under their heading for actors, too: a club's name says who founds it."""
UNTOLD = tuple(name for name, kind in EVENTS.items() if not kind.told)
ROUTINE = ("government", *(name for name, kind in EVENTS.items() if kind.routine))


class Told(NamedTuple):
    """An event of the story; `when` is the quarter as an integer."""

    when: int
    kind: str
    actor: str
    organization: str
    details: str
    occurs: str


def tell_story(view: View) -> Markup:
    """Return the story of one replicate in HTML, a section for each year; later years are folded."""
    events = view.story[~view.story["kind"].isin(UNTOLD)]
    if events.empty:
        return note("empty", "Nothing happened.")
    parts = []
    for place, (year, found) in enumerate(groupby(told(events), lambda event: event.when // 4)):
        own, background = parted(found, lambda event: event.occurs != BOTH or not view.compares)
        count = sum(event.kind not in ROUTINE for event in own)
        beyond = "that only the shock brings" if view.compares else "beyond routine"
        parts.append(
            fill(
                YEAR, opened=place < OPEN_YEARS, year=year, told=f"{plural(count, 'event')} {beyond}",
                items=_items(view, own), words=WORDS[f"occurs.{BOTH}"].capitalize(),
                background=_items(view, background) if background else "",
            )
        )  # fmt: skip
    return joined(parts)


def told(events: pd.DataFrame) -> list[Told]:
    """Return the rows of a table of events."""
    return [Told(*row) for row in zip(*(events[name].tolist() for name in Told._fields), strict=True)]


def parted(events: Iterable[Told], holds: Callable[[Told], bool]) -> tuple[list[Told], list[Told]]:
    """Return the events for which something holds, and the others."""
    parts: tuple[list[Told], list[Told]] = [], []
    for event in events:
        parts[not holds(event)].append(event)
    return parts


def _items(view: View, events: Sequence[Told]) -> Markup:
    """Return the sentences on some events of a year as a list."""
    return fill(ITEMS, texts=list(sentences(view, events)))


def sentences(view: View, events: Sequence[Told]) -> Iterator[str]:
    """Yield the sentences on one year: what actors did first, then the others, routine last."""
    acts, others = parted(events, lambda event: event.actor in view.actors and event.kind not in OWN_HEADING)
    yield from _acts(view, [event for event in acts if event.kind not in ROUTINE])
    by_kind: dict[str, list[Told]] = {}
    for event in others:
        by_kind.setdefault(event.kind, []).append(event)
    for kind in dict.fromkeys([*EVENTS, *by_kind]):
        if kind in by_kind and kind not in ROUTINE:
            yield f"{_heading(kind)}: {listed(list(_parts(view, by_kind[kind])), NAMED)}."
    yield from _governments(view, [event for event in events if event.kind == "government"])
    yield from _votes(view, events)


def _heading(kind: str) -> str:
    """Return the heading of a kind; that of a kind from elsewhere is its name."""
    return WORDS.get(f"event.{kind}.heading", kind.replace("_", " ").capitalize())


def _acts(view: View, events: Sequence[Told]) -> Iterator[str]:
    """Yield a sentence for each thing that an actor did in a quarter."""
    order = {kind: place for place, kind in enumerate(EVENTS)}
    groups: dict[tuple[int, str, str, str], list[str]] = {}
    for event in events:
        codes = groups.setdefault((event.when, event.kind, event.actor, event.details), [])
        codes += [event.organization] if event.organization else []
    for group in sorted(groups, key=lambda group: (group[0], order.get(group[1], len(order)))):
        when, kind, actor, details = group
        codes = groups[group]
        bodies = [view.body(codes[0])] if len(codes) == 1 else [view.name(code) for code in codes]
        text = sentence(WORDS, kind, from_json(details), view.called(actor), listed(bodies, NAMED), len(codes))
        yield f"{format_quarter(when)}: {text[0].upper() + text[1:]}."


def _parts(view: View, events: Sequence[Told]) -> Iterator[str]:
    """Yield who and what for events of one kind, those of one actor together."""
    by_actor: dict[str, list[Told]] = {}
    for event in events:
        by_actor.setdefault(event.actor, []).append(event)
    for actor, found in by_actor.items():
        bodies = list(dict.fromkeys(view.name(event.organization) for event in found if event.organization))
        if not actor or found[0].kind in OWN_HEADING:
            yield from bodies
            continue
        quarters = f"Q{found[0].when % 4 + 1}" if len(found) == 1 else ""
        inside = "; ".join(part for part in (listed(bodies, 4), quarters) if part)
        yield f"{view.called(actor)} ({inside})" if inside else view.called(actor)


def _governments(view: View, events: Sequence[Told]) -> Iterator[str]:
    """Yield one sentence on changes of government: the large states and the actors by name."""
    if not events:
        return
    big = {*view.large[:LARGE_STATES], *view.actors}
    named = [
        f"{view.called(event.actor)} ({phrase(WORDS, 'direction', from_json(event.details)['direction'])},"
        f" Q{event.when % 4 + 1})"
        for event in events
        if event.actor in big
    ]
    among = f", among them {listed(named, 12)}" if named else ", none of them among the most influential states"
    yield f"{plural(len(events), 'government changes', 'governments change')}{among}."


def _votes(view: View, events: Sequence[Told]) -> Iterator[str]:
    """Yield one sentence on votes lost and regained for arrears; actors by name."""
    for kind, verb, what in (
        ("vote_lost", "lose", "votes for arrears"),
        ("vote_regained", "regain", "votes suspended for arrears"),
    ):
        states = {event.actor for event in events if event.kind == kind}
        bodies = {event.organization for event in events if event.kind == kind}
        if not states:
            continue
        own = [view.called(code) for code in view.actors if code in states]
        among = f", {listed(own)} among them" if own else ""
        yield (
            f"{plural(len(states), 'state')} {verb}{'s' * (len(states) == 1)} {what}"
            f" in {plural(len(bodies), 'organization')}{among}."
        )


def frequencies(view: View) -> Markup:
    """Return a table of how often each kind happens per run, how often also without the shock, and in the twin."""
    events = [view.events, view.events[view.events["occurs"] == BOTH], view.twin_events]
    means = [part["kind"].value_counts() / max(view.runs, 1) for part in events[: 3 if view.compares else 1]]
    told_ = view.story["kind"].value_counts()
    rows = []
    for kind in dict.fromkeys([*EVENTS, *view.events["kind"]]):
        if kind in UNTOLD or not any(kind in mean for mean in means):
            continue
        cells = [f"{told_.get(kind, 0):,}", *(number(float(mean.get(kind, 0)), 1) for mean in means)]
        rows.append(row_of(_heading(kind), cells))
    heads = ["what", "told run", "mean of runs", *["of these also without the shock", "mean of twins"] * view.compares]
    return table(f"Events per run. {view.basis}.", heads, rows, shown=len(rows))
