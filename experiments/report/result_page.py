"""The page: sections in order, each figure with its caption, and the style they share."""

from collections.abc import Sequence

from markupsafe import Markup

from experiments.report.curves import panels
from experiments.report.headline import findings
from experiments.report.html import document, figure, heading, note, part, scroll, section
from experiments.report.markup import EMPTY, fill, joined
from experiments.report.narrative import frequencies, tell_story
from experiments.report.network import legend, networks, sizes_note, ties_note
from experiments.report.orders_figure import diagram, over_time
from experiments.report.refills_figure import refill_bars
from experiments.report.result_tables import effects, followers, league, outcomes
from experiments.report.result_view import View, percent, plural
from experiments.report.settings import settings
from experiments.report.timeline import timeline
from experiments.report.world_map import on_map, outlines, themes, top, world_map

MONEY = ("funding_gap_share", "rescue", "budget")
WORK = ("effectiveness", "legitimacy", "commitment")
FINDINGS = """<ul class="findings">\
{% for about, text in found %}<li><b>{{ about }}.</b> {{ text }}</li>{% endfor %}</ul>"""
REGIMES = """<div class="regimes" role="img" aria-label="Probabilities of regimes">\
{% for width, name, share in shares %}<span style="flex:{{ width }}">{{ name }} {{ share }}</span>{% endfor %}</div>"""
BARS = """<div class="bars">{{ strips }}</div>"""
PAIR = """<div class="pair">\
{% for title, image in drawn %}<div class="scroll"><h4>{{ title }}</h4>{{ image }}</div>{% endfor %}</div>"""
AROUND = ("mean_trust_in_actor", "actor_wins", "members", "bodies_alive", "clubs", "global_provision")


def page(view: View) -> str:
    """Return the whole report as HTML."""
    title = view.result.experiment.heading
    parts = [_head(view, title), _numbers(view), _maps(view), _networks(view), _tables(view), _story(view)]
    parts.append(section("settings", "How it was made", settings(view)))
    land = outlines() if on_map(view) else ""
    return document(title, joined(parts), land)


def _figure(view: View, body: str, caption: str) -> Markup:
    """Return a figure; its caption says which scenario and runs it rests on."""
    scenario = view.result.experiment.heading
    return figure(body, caption, f"{scenario}. {view.basis}.")


def _head(view: View, title: str) -> Markup:
    """Return the headline: title, what was done, and what came of it."""
    experiment = view.result.experiment
    found = fill(FINDINGS, found=list(findings(view))) + _regimes(view) + _caution(view)
    failed = view.result.outcomes.get("failed_runs") or []
    missing = note("warning", f"{plural(len(failed), 'run')} failed, missing here.") if failed else EMPTY
    head = heading(title, f"Report of a scenario · {view.basis}", experiment.description)
    return head + missing + section("findings", "What came of it", found)


def _regimes(view: View) -> Markup:
    """Return a bar of the regimes' probabilities where they differ between runs."""
    found = {name: share for name, share in (view.result.outcomes.get("regimes") or {}).items() if share > 0}
    if not view.compares or len(found) < 2:
        return EMPTY
    ranked = sorted(found.items(), key=lambda item: -item[1])
    return fill(REGIMES, shares=[(f"{share:.4f}", name.replace("_", " "), percent(share)) for name, share in ranked])


def _orders(view: View) -> Markup:
    """Return orders over time, and the place in the diagram of phases; "" where nothing leaves continuity."""
    body = EMPTY
    strips, phases = over_time(view), diagram(view)
    if strips:
        caption = "Share of runs in each order, over the three years that end in each quarter."
        body += part("Which order, and when", _figure(view, fill(BARS, strips=strips), caption))
    if phases:
        caption = (
            "The kept study of phases: likeliest order (pale where unsure) and the share of rows of the ensemble in "
            "which others give up a tenth of their seats, by states that leave everything and by how exits add up."
        )
        body += part("Where it stands", _figure(view, phases, caption))
    return body


def _caution(view: View) -> Markup:
    """Return what the numbers are, and are not."""
    if view.compares and view.runs > 1:
        text = (
            "Effects compare each run with its twin, which has the same luck but no shock; intervals are 90\u202f% "
            "t-intervals of the mean."
        )
    elif view.runs > 1:
        text = "Ranges are over runs that differ in their luck only."
    else:
        text = "One run only: nothing here tells an effect from luck."
    if view.result.experiment.world.source == "synthetic":
        text += (
            " The world is drawn at random: its states and organizations stand in for those that the scenario names."
        )
    return note("caution", f"{text} They are what follows from the model’s rules, not a forecast.")


def _numbers(view: View) -> Markup:
    """Return the curves: money, work, and the wider world."""
    prefix = "shocked." if view.shocked and view.shocks else ""
    which = "the organizations that the shocks aim at (means)" if prefix else "all organizations (means)"
    body = EMPTY
    for title, measures, caption in (
        ("Money", MONEY, f"Gap, refill and budgets of {which}, relative to rest."),
        ("Work and standing", WORK, f"Effectiveness, legitimacy and commitment in {which}."),
    ):
        drawn = panels(view, [prefix + name for name in measures])
        body += part(title, _figure(view, drawn, f"{caption} {view.band_words}"))
    if view.shocks:
        caption = (
            "Each organization’s loss is the fall of the actors’ money; bars show the share of it that others gave "
            "instead within a year, on average over runs. In brackets: the loss as a share of the income."
        )
        body += part("Who fills the gap", _figure(view, refill_bars(view), caption))
    caption = f"The world around: trust, votes, membership, and what organizations achieve in all. {view.band_words}"
    body += part("The world around", _figure(view, panels(view, AROUND), caption)) + _orders(view)
    return section("numbers", "Over time", body)


def _maps(view: View) -> Markup:
    """Return the maps, or bars for a world that is not on the map."""
    body = EMPTY
    for theme in themes(view):
        caption = f"{theme.title}: {theme.unit}. {top(view, theme)}"
        caption += " Boundaries imply no position; circles mark the smallest states." if on_map(view) else ""
        body += part(theme.title, _figure(view, world_map(view, theme), caption))
    return section("maps", "Where in the world", body)


def _networks(view: View) -> Markup:
    """Return the network before and after, and the timeline."""
    body = EMPTY
    drawn = networks(view)
    if drawn:
        caption = (
            "States on the ring (names: the most influential), organizations inside by issue area. "
            f"{ties_note(view)}. {sizes_note(view)} "
            f"Run {view.story_run}."
        )
        body += part("States and organizations", _figure(view, legend(view) + fill(PAIR, drawn=drawn), caption))
    caption = f"What happens when in run {view.story_run}. Discs grow with the number of events of a quarter."
    if view.compares:
        caption += " Pale discs hold only events that also happen without the shock."
    body += part("Timeline", _figure(view, scroll(timeline(view)), caption))
    return section("network", "Who is where, and what happens when", body)


def _tables(view: View) -> Markup:
    """Return the tables of organizations, outcomes, followers and effects."""
    if not view.shocks:
        return EMPTY
    parts: Sequence[tuple[str, str]] = (
        (
            "The organizations concerned",
            league(view) if view.shocked else note("empty", "No organization is aimed at."),
        ),
        ("Outcomes", outcomes(view)),
        ("Followers", followers(view)),
        ("Effects", effects(view)),
    )
    return section("tables", "In numbers", joined(part(title, body) for title, body in parts))


def _story(view: View) -> Markup:
    """Return the event story and how typical it is."""
    lead = note("caution", f"One of {view.runs} runs (run {view.story_run}); the table tells how typical it is.")
    table = part("How often in all runs", frequencies(view))
    return section("story", "The story of one run", (lead if view.runs > 1 else EMPTY) + tell_story(view) + table)
