"""The page: sections in order, each figure with its caption, and the style they share."""

from collections.abc import Sequence
from html import escape

from experiments.report.curves import panels
from experiments.report.headline import findings
from experiments.report.html import document, figure, heading, section
from experiments.report.narrative import frequencies, tell_story
from experiments.report.network import legend, networks, sizes_note
from experiments.report.orders_figure import diagram, over_time
from experiments.report.refills_figure import refill_bars
from experiments.report.result_tables import effects, followers, league, outcomes
from experiments.report.result_view import View, percent, plural
from experiments.report.settings import settings
from experiments.report.timeline import timeline
from experiments.report.world_map import on_map, outlines, themes, top, world_map

MONEY = ("funding_gap_share", "rescue", "budget")
WORK = ("effectiveness", "legitimacy", "commitment")
AROUND = ("mean_trust_in_actor", "actor_wins", "members", "bodies_alive", "clubs", "global_provision")


def page(view: View) -> str:
    """Return the whole report as HTML."""
    title = view.result.experiment.title or "A run without a title"
    parts = [_head(view, title), _numbers(view), _maps(view), _networks(view), _tables(view), _story(view)]
    parts.append(section("settings", "How it was made", settings(view)))
    land = outlines() if on_map(view) else ""
    return document(title, "".join(parts), land)


def _figure(view: View, body: str, caption: str) -> str:
    """Return a figure; its caption says which scenario and runs it rests on."""
    scenario = view.result.experiment.title or "untitled scenario"
    return figure(body, caption, f"{scenario}. {view.basis}.")


def _head(view: View, title: str) -> str:
    """Return the headline: title, what was done, and what came of it."""
    experiment = view.result.experiment
    items = "".join(f"<li><b>{escape(about)}.</b> {escape(text)}</li>" for about, text in findings(view))
    found = f'<ul class="findings">{items}</ul>{_regimes(view)}{_caution(view)}'
    failed = view.result.outcomes.get("failed_runs") or []
    note = f'<p class="warning">{plural(len(failed), "run")} failed, missing here.</p>' if failed else ""
    head = heading(title, f"Report of a scenario · {view.basis}", experiment.description)
    return head + note + section("findings", "What came of it", found)


def _regimes(view: View) -> str:
    """Return a bar of the regimes' probabilities where they differ between runs."""
    found = {name: share for name, share in (view.result.outcomes.get("regimes") or {}).items() if share > 0}
    if not view.compares or len(found) < 2:
        return ""
    cells = "".join(
        f'<span style="flex:{share:.4f}">{escape(name.replace("_", " "))} {percent(share)}</span>'
        for name, share in sorted(found.items(), key=lambda item: -item[1])
    )
    return f'<div class="regimes" role="img" aria-label="Probabilities of regimes">{cells}</div>'


def _orders(view: View) -> str:
    """Return orders over time, and the place in the diagram of phases; "" where nothing leaves continuity."""
    body = ""
    strips, phases = over_time(view), diagram(view)
    if strips:
        caption = "Share of runs in each order, over the three years that end in each quarter."
        body += "<h3>Which order, and when</h3>" + _figure(view, f'<div class="bars">{strips}</div>', caption)
    if phases:
        caption = (
            "The kept study of phases: likeliest order (pale where unsure) and the share of rows of the ensemble in "
            "which others give up a tenth of their seats, by states that leave everything and by how exits add up."
        )
        body += "<h3>Where it stands</h3>" + _figure(view, phases, caption)
    return body


def _caution(view: View) -> str:
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
    return f'<p class="caution">{text} They are what follows from the model’s rules, not a forecast.</p>'


def _numbers(view: View) -> str:
    """Return the curves: money, work, and the wider world."""
    prefix = "shocked." if view.shocked and view.shocks else ""
    which = "the organizations that the shocks aim at (means)" if prefix else "all organizations (means)"
    body = ""
    for title, measures, caption in (
        ("Money", MONEY, f"Gap, refill and budgets of {which}, relative to rest."),
        ("Work and standing", WORK, f"Effectiveness, legitimacy and commitment in {which}."),
    ):
        body += f"<h3>{title}</h3>" + _figure(
            view, panels(view, [prefix + name for name in measures]), f"{caption} {view.band_words}"
        )
    if view.shocks:
        caption = (
            "Each organization’s loss is the fall of the actors’ money; bars show the share of it that others gave "
            "instead within a year, on average over runs. In brackets: the loss as a share of the income."
        )
        body += "<h3>Who fills the gap</h3>" + _figure(view, refill_bars(view), caption)
    caption = f"The world around: trust, votes, membership, and what organizations achieve in all. {view.band_words}"
    body += "<h3>The world around</h3>" + _figure(view, panels(view, AROUND), caption) + _orders(view)
    return section("numbers", "Over time", body)


def _maps(view: View) -> str:
    """Return the maps, or bars for a world that is not on the map."""
    body = ""
    for theme in themes(view):
        caption = f"{theme.title}: {theme.unit}. {top(view, theme)}"
        caption += " Boundaries imply no position; circles mark the smallest states." if on_map(view) else ""
        body += f"<h3>{escape(theme.title)}</h3>" + _figure(view, world_map(view, theme), caption)
    return section("maps", "Where in the world", body)


def _networks(view: View) -> str:
    """Return the network before and after, and the timeline."""
    body = ""
    drawn = networks(view)
    if drawn:
        pair = "".join(f'<div class="scroll"><h4>{escape(title)}</h4>{image}</div>' for title, image in drawn)
        caption = (
            "States on the ring (names: the most influential), organizations inside by issue area. Ties: the three "
            f"most influential states of each{', and all of the actors' * bool(view.actors)}. {sizes_note(view)} "
            f"Run {view.story_run}."
        )
        body = "<h3>States and organizations</h3>" + _figure(
            view, f'{legend(view)}<div class="pair">{pair}</div>', caption
        )
    caption = f"What happens when in run {view.story_run}. Discs grow with the number of events of a quarter."
    if view.compares:
        caption += " Pale discs hold only events that also happen without the shock."
    body += "<h3>Timeline</h3>" + _figure(view, f'<div class="scroll">{timeline(view)}</div>', caption)
    return section("network", "Who is where, and what happens when", body)


def _tables(view: View) -> str:
    """Return the tables of organizations, outcomes, followers and effects."""
    if not view.shocks:
        return ""
    parts: Sequence[tuple[str, str]] = (
        (
            "The organizations concerned",
            league(view) if view.shocked else '<p class="empty">No organization is aimed at.</p>',
        ),
        ("Outcomes", outcomes(view)),
        ("Followers", followers(view)),
        ("Effects", effects(view)),
    )
    return section("tables", "In numbers", "".join(f"<h3>{title}</h3>{body}" for title, body in parts))


def _story(view: View) -> str:
    """Return the event story and how typical it is."""
    lead = f'<p class="caution">One of {view.runs} runs (run {view.story_run}); the table tells how typical it is.</p>'
    table = f"<h3>How often in all runs</h3>{frequencies(view)}"
    return section("story", "The story of one run", (lead if view.runs > 1 else "") + tell_story(view) + table)
