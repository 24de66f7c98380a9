"""The event story: one replicate in sentences, year by year, and how often each kind of thing happens in all."""

from collections.abc import Iterator
from html import escape

import pandas as pd

from abm.calendar import format_quarter
from experiments.report.result_view import View, listed, number, plural

OPEN_YEARS = 3
NAMED = 8
LARGE_STATES = 12
TELLING = {
    "announce": ("announces its exit from", "Exits announced"),
    "exit": ("leaves", "Exits that take effect"),
    "participation_stopped": ("stops taking part in", "Participation stopped"),
    "participation_resumed": ("takes part again in", "Participation resumed"),
    "no_effect": ("acts in vain on", "Acts without an object"),
    "return": ("returns to", "Returns"),
    "refusal": ("refuses to join", "Refusals"),
    "funding_cut": ("cuts voluntary money to", "Voluntary money cut"),
    "funding_restored": ("gives voluntary money again to", "Voluntary money restored"),
    "dues_withheld": ("withholds dues from", "Dues withheld"),
    "dues_resumed": ("pays dues again to", "Dues paid again"),
    "obstruction": ("obstructs", "Obstruction"),
    "obstruction_ended": ("stops obstructing", "Obstruction ended"),
    "threat": ("threatens to leave", "Threats to leave"),
    "concession": ("wins a concession from", "Concessions to those who threaten"),
    "bluff": ("threatened, and stays in", "Threats that prove a bluff"),
    "sanction": ("sanctions", "Sanctions"),
    "sanction_lifted": ("lifts its sanctions on", "Sanctions lifted"),
    "rhetoric": ("speaks with contempt of", "Contempt"),
    "redirection": ("redirects its savings to", "Savings redirected"),
    "redirection_ended": ("no longer redirects savings to", "Redirection ended"),
    "unilateral_act": ("acts unilaterally", "Unilateral acts"),
    "adaptation": ("is courted by", "Bodies that move towards the one who leaves"),
    "resistance": ("is resisted by", "Bodies that close ranks against the one who leaves"),
    "government": ("changes its government", "Changes of government"),
    "founded": ("founds", "Clubs founded"),
    "zombie": ("", "Bodies that fall asleep"),
    "death": ("", "Bodies that end"),
    "replaced": ("", "Bodies that end, their members sitting in a younger one"),
    "vote_lost": ("loses its vote in", "Votes suspended for arrears"),
    "vote_regained": ("regains its vote in", "Votes regained"),
}
"""What an actor does in a sentence, and the heading under which others' events of the kind are gathered."""
TOLD_ONCE = ("club",)
"""Kinds that another kind tells as well (a club decided and founded)."""
ROUTINE = ("government", "vote_lost", "vote_regained")


def told(view: View) -> str:
    """Return the story of the told replicate in HTML, a section for each year; later years are folded."""
    events = view.story[~view.story["kind"].isin(TOLD_ONCE)]
    if events.empty:
        return '<p class="empty">Nothing happened.</p>'
    parts = []
    for place, (year, found) in enumerate(events.groupby(events["when"] // 4)):
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences(view, found))
        opened = " open" if place < OPEN_YEARS else ""
        count = int((~found["kind"].isin(ROUTINE)).sum())
        head = f"<summary><h3>{year}</h3> <span>{plural(count, 'event')} beyond routine</span></summary>"
        parts.append(f'<details class="year"{opened}>{head}<ul>{items}</ul></details>')
    return "".join(parts)


def sentences(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield the sentences on one year: what actors did first, then the others, routine last."""
    own = events["actor"].isin(view.actors)
    yield from _acts(view, events[own & ~events["kind"].isin(["founded", *ROUTINE])])
    others = events[~own | events["kind"].isin(["founded"])]
    for kind in dict.fromkeys([*TELLING, *events["kind"]]):
        found = others[others["kind"] == kind]
        if len(found) and kind not in ROUTINE:
            yield f"{_heading(kind)}: {listed(list(_parts(view, found)), NAMED)}."
    yield from _governments(view, events[events["kind"] == "government"])
    yield from _votes(view, events)


def _heading(kind: str) -> str:
    """Return the heading of a kind; that of a kind from elsewhere is its name."""
    return TELLING[kind][1] if kind in TELLING else kind.replace("_", " ").capitalize()


def _acts(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for each thing that an actor did in a quarter."""
    order = {kind: place for place, kind in enumerate(TELLING)}
    groups: dict[tuple[int, str, str, str], list[str]] = {}
    columns = (events[name].tolist() for name in ("when", "kind", "actor", "detail", "organization"))
    for when, kind, actor, detail, organization in zip(*columns, strict=True):
        groups.setdefault((when, kind, actor, detail), []).extend([organization] if organization else [])
    for when, kind, actor, detail in sorted(groups, key=lambda group: (group[0], order.get(group[1], 99))):
        codes = groups[when, kind, actor, detail]
        bodies = [view.body(codes[0])] if len(codes) == 1 else [view.name(code) for code in codes]
        who, extra = view.called(actor), f" ({detail})" if detail else ""
        yield f"{format_quarter(when)}: {_act(kind, who, bodies, extra)}."


def _act(kind: str, who: str, bodies: list[str], extra: str) -> str:
    """Return what one actor did to some bodies, as a clause."""
    count, names = len(bodies), listed(bodies, NAMED)
    if kind == "exit" and count > 1:
        return f"{count} exits of {who} take effect: {names}"
    if kind == "adaptation":
        return f"{plural(count, 'body moves', 'bodies move')} towards {who} to keep it: {names}"
    if kind == "resistance":
        return f"{plural(count, 'body closes', 'bodies close')} ranks against {who}: {names}"
    if kind == "no_effect":
        return f"{plural(count, 'act')} of {who} {'has' if count == 1 else 'have'} no object{extra}: {names}"
    verb = TELLING[kind][0] if kind in TELLING else kind.replace("_", " ") + ":"
    subject = who[0].upper() + who[1:]
    if count < 2:
        return f"{subject} {verb} {names}".strip() + extra
    return f"{subject} {verb} {count} organizations{extra}: {names}"


def _parts(view: View, events: pd.DataFrame) -> Iterator[str]:
    """Yield who and what for events of one kind, those of one actor together."""
    solo = events["kind"].iloc[0] in ("founded",)
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
    rows = zip(*(events[name].tolist() for name in ("actor", "detail", "when")), strict=True)
    named = [
        f"{view.called(actor)} ({_kind_of(detail)}, Q{when % 4 + 1})" for actor, detail, when in rows if actor in big
    ]
    among = f", among them {listed(named, 12)}" if named else ", none of them among the most influential states"
    yield f"{plural(len(events), 'government changes', 'governments change')}{among}."


def _kind_of(detail: str) -> str:
    """Return the kind of government from the event's detail."""
    return next((f"more {word}" for word in ("sovereigntist", "internationalist") if word in detail), detail)


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


def frequencies(view: View) -> str:
    """Return a table of how often each kind of event happens per run, beside the twin."""
    counts = view.events["kind"].value_counts() / max(view.runs, 1)
    told_ = view.story["kind"].value_counts()
    twin = view.twin_events["kind"].value_counts() / max(view.runs, 1)
    order = [kind for kind in dict.fromkeys([*TELLING, *counts.index]) if kind in counts or kind in twin]
    rows = ""
    for kind in order:
        if kind in TOLD_ONCE:
            continue
        cells = [f"{told_.get(kind, 0):,}", number(float(counts.get(kind, 0)), 1)]
        cells += [number(float(twin.get(kind, 0)), 1)] if view.compares else []
        rows += f'<tr><th scope="row">{escape(_heading(kind))}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    heads = ["told run", "mean of runs", *["mean of twins"] * view.compares]
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<div class="scroll"><table><caption><span>Events per run. {escape(view.basis)}.</span></caption>'
        f'<thead><tr><th scope="col">what</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
