"""The step of a lesson that a page shows: what opening it changes, and its texts."""

from typing import Any

from viz.lessons import fill_placeholders, lesson_named, lessons
from viz.page_state import PageState, shipped_experiment
from viz.words import words

GIVERS = 3
PERCENT = 100


def open_step(state: PageState, name: str, step: int) -> dict[str, Any]:
    """Return what opening a step of a lesson changes on the page."""
    lesson = lesson_named(name)
    if lesson is None:
        return {"lesson": "", "step": 0, "tab": "lessons"}
    step = min(max(0, step), len(lesson.steps) - 1)
    show: dict[str, Any] = {}
    for one in lesson.steps[: step + 1]:  # so that going back, or a link into the middle, shows the same
        show |= one.show.changes()
    changes: dict[str, Any] = {"lesson": name, "step": step, "tab": "lessons", **show}
    if "scenario" in show and (show["scenario"] != state.scenario or state.config):
        changes["config"] = {}
    quarters = shipped_experiment(show.get("scenario", state.scenario)).quarters
    if "quarter" in show:
        changes["quarter"] = min(show["quarter"], quarters - 1)
    return changes


def lesson_page(state: PageState, answer: int | None, outcome: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows of lessons: the list, or a step with its question and, once answered, the reveal."""
    language = state.language
    lesson = lesson_named(state.lesson)
    listed = [
        {"name": one.name, "title": one.title[language], "minutes": one.minutes, "steps": len(one.steps)}
        for one in lessons()
    ]
    if lesson is None:
        return {"lessons": listed, "name": ""}
    place = min(state.step, len(lesson.steps) - 1)
    step = lesson.steps[place]
    known = answer is not None and step.reveal is not None
    return {
        "lessons": listed,
        "name": lesson.name,
        "title": lesson.title[language],
        "step": place,
        "of": len(lesson.steps),
        "text": step.text[language],
        "question": step.question[language] if step.question else "",
        "answers": [one[language] for one in step.answers],
        "answer": -1 if answer is None else answer,
        "reveal": fill_placeholders(step.reveal[language], placeholder_values(outcome, language))
        if known and step.reveal
        else "",
    }


def placeholder_values(outcome: dict[str, Any], language: str) -> dict[str, str]:
    """Return what the runs on the page give, as words for the placeholders of a lesson."""
    texts = words(language)
    if not outcome.get("count"):
        return {}
    found = {row["name"]: _points(row) for row in outcome["measures"] if row["difference"] is not None}
    found |= {"runs": str(outcome["judged"] or outcome["count"])}
    followers = next(row for row in outcome["outcomes"] if row["name"] == "followers")
    found |= {"followers": _plain(followers["mean"]), "twin_followers": _plain(followers["twin_mean"])}
    givers = [row for row in outcome["donors"] if row["change"] > 0][:GIVERS]
    names = [f"{texts.get('name.' + row['code'], row['code'])} (+{row['change'] / 1e6:.0f})" for row in givers]
    found["donors"] = texts["list.joint"].join(names) or texts["nobody"]
    best = max(outcome["regimes"], key=lambda row: row["share"])
    found["regime"] = f"{texts['regime.' + best['name']]} ({best['share']:.0%})"
    return found


def _points(row: dict[str, Any]) -> str:
    """Return the mean difference, with its 90 % interval over runs; in percent for what is relative to rest."""
    relative = row["name"].startswith(("shocked.", "global", "actor_agenda_share")) and row["name"] != "shocked.members"
    shown = [row[key] for key in ("difference", "low", "high") if row[key] is not None]
    mean, *ends = (f"{PERCENT * value:+.1f} %" if relative else f"{value:+.2f}" for value in shown)
    return (mean + f" ({' … '.join(ends)})" * bool(ends)).replace("-", "−")


def _plain(value: float | None) -> str:
    """Return a number of one decimal, an ellipsis where there is none."""
    return "…" if value is None else f"{value:.1f}"
