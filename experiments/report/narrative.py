"""The event story: one replicate in sentences, year by year, and how often each kind of thing happens in all."""

from collections.abc import Iterator

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


def tell_story(view: View) -> Markup:
    """Return the story of one replicate in HTML, a section for each year; later years are folded."""
    events = view.story[~view.story["kind"].isin(UNTOLD)]
    if events.empty:
        return note("empty", "Nothing happened.")
    parts = []
    for place, (year, found) in enumerate(events.groupby(events["when"] // 4)):
        background = (found["occurs"] == BOTH) & view.compares
        count = int((~found["kind"].isin(ROUTINE) & ~background).sum())
        beyond = "that only the shock brings" if view.compares else "beyond routine"
        parts.append(
            fill(
                YEAR, opened=place < OPEN_YEARS, year=year, told=f"{plural(count, 'event')} {beyond}",
                items=_items(view, found[~background]), words=WORDS[f"occurs.{BOTH}"].capitalize(),
                background=_items(view, found[background]) if background.any() else "",
            )
        )  # fmt: skip
    return joined(parts)


def _items(view: View, events: pd.DataFrame) -> Markup:
    """Return the sentences on some events of a year as a list."""
    return fill(ITEMS, texts=list(sentences(view, events)))


def sentences(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield the sentences on one year: what actors did first, then the others, routine last."""
    own = events["actor"].isin(view.actors)
    yield from _acts(view, events[own & ~events["kind"].isin([*OWN_HEADING, *ROUTINE])])
    others = events[~own | events["kind"].isin(OWN_HEADING)]
    by_kind = {str(kind): found for kind, found in others.groupby("kind", sort=False)}
    for kind in dict.fromkeys([*EVENTS, *by_kind]):
        if kind in by_kind and kind not in ROUTINE:
            yield f"{_heading(kind)}: {listed(list(_parts(view, by_kind[kind])), NAMED)}."
    yield from _governments(view, events[events["kind"] == "government"])
    yield from _votes(view, events)


def _heading(kind: str) -> str:
    """Return the heading of a kind; that of a kind from elsewhere is its name."""
    return WORDS.get(f"event.{kind}.heading", kind.replace("_", " ").capitalize())


def _acts(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for each thing that an actor did in a quarter."""
    order = {kind: place for place, kind in enumerate(EVENTS)}
    groups: dict[tuple[int, str, str, str], list[str]] = {}
    columns = (events[name].tolist() for name in ("when", "kind", "actor", "details", "organization"))
    for when, kind, actor, details, organization in zip(*columns, strict=True):
        groups.setdefault((when, kind, actor, details), []).extend([organization] if organization else [])
    for group in sorted(groups, key=lambda group: (group[0], order.get(group[1], len(order)))):
        when, kind, actor, details = group
        codes = groups[group]
        bodies = [view.body(codes[0])] if len(codes) == 1 else [view.name(code) for code in codes]
        text = sentence(WORDS, kind, from_json(details), view.called(actor), listed(bodies, NAMED), len(codes))
        yield f"{format_quarter(when)}: {text[0].upper() + text[1:]}."


def _parts(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield who and what for events of one kind, those of one actor together."""
    solo = events["kind"].iloc[0] in OWN_HEADING
    for actor, found in events.groupby("actor", sort=False):
        bodies = list(dict.fromkeys(view.name(code) for code in found["organization"] if code))
        quarters = f"Q{int(found['when'].iloc[0]) % 4 + 1}" if len(found) == 1 else ""
        if not actor or solo:
            yield from bodies
            continue
        inside = "; ".join(part for part in (listed(bodies, 4), quarters) if part)
        yield f"{view.called(str(actor))} ({inside})" if inside else view.called(str(actor))


def _governments(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield one sentence on changes of government: the large states and the actors by name."""
    if events.empty:
        return
    big = {*view.large[:LARGE_STATES], *view.actors}
    rows = zip(*(events[name].tolist() for name in ("actor", "details", "when")), strict=True)
    named = [
        f"{view.called(actor)} ({phrase(WORDS, 'direction', from_json(details)['direction'])}, Q{when % 4 + 1})"
        for actor, details, when in rows
        if actor in big
    ]
    among = f", among them {listed(named, 12)}" if named else ", none of them among the most influential states"
    yield f"{plural(len(events), 'government changes', 'governments change')}{among}."


def _votes(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield one sentence on votes lost and regained for arrears; actors by name."""
    for kind, verb, what in (
        ("vote_lost", "lose", "votes for arrears"),
        ("vote_regained", "regain", "votes suspended for arrears"),
    ):
        found = events[events["kind"] == kind]
        if found.empty:
            continue
        states, bodies = found["actor"].nunique(), found["organization"].nunique()
        own = [view.called(code) for code in view.actors if (found["actor"] == code).any()]
        among = f", {listed(own)} among them" if own else ""
        yield (
            f"{plural(states, 'state')} {verb}{'s' * (states == 1)} {what} in {plural(bodies, 'organization')}{among}."
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
