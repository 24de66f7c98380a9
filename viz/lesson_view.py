"""The step of a lesson that a page shows: what opening it changes, its texts, and the answer that the runs give."""

from bisect import bisect
from dataclasses import dataclass
from typing import Any

from abm.calendar import format_quarter, parse_quarter
from viz.lessons import Ask, LessonStep, fill_placeholders, lesson_named, lessons
from viz.page_state import PageState, shipped_experiment
from viz.question_quantities import PRIVATE, SHARES, Evidence, extra_donors, gainers, numbers, said_of
from viz.words import words

NAMED = 3
PERCENT = 100
FEWEST = 2
"""Pairs of runs below which no answer is given: one run has no interval."""


@dataclass(frozen=True)
class Given:
    """The answer that runs give: its place, the number behind it (mean, low, high), and other places it may be."""

    place: int
    number: dict[str, Any]
    others: tuple[int, ...] = ()


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


def lesson_page(state: PageState, answer: int | None, world: Evidence | None, complete: bool) -> dict[str, Any]:
    """Return what the page shows of lessons: the list, or a step with its question and, once answered, the reveal.

    `world` are the runs on the page; the reveal waits until they are `complete`.
    """
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
    ready = world is not None and complete and world.count >= FEWEST
    told = reveal(step, world, state) if step.ask and answer is not None and world is not None and ready else {}
    return {
        "lessons": listed,
        "name": lesson.name,
        "title": lesson.title[language],
        "step": place,
        "of": len(lesson.steps),
        "text": step.text[language],
        "question": asked_at(step, state),
        "answers": [one.text[language] for one in step.answers],
        "answer": -1 if answer is None else answer,
        "waiting": bool(step.question) and not ready,
        "reveal": told.get("text", ""),
        "right": told.get("right", -1),
        "others": told.get("others", []),
    }


def asked_at(step: LessonStep, state: PageState) -> str:
    """Return a question with its quarter, "" for a step without one."""
    if step.question is None or step.ask is None:
        return ""
    return fill_placeholders(step.question[state.language], {"date": _date(state, step.ask.quarter)})


def given_by(world: Evidence, step: LessonStep) -> Given | None:
    """Return the answer that the runs give to the question of a step, None where it does not apply to them."""
    asked = step.ask
    assert asked is not None
    if asked.number in SHARES:
        return _largest(world, step, asked)
    said = said_of(numbers(world, asked.number, asked.quarter))
    if said is None:
        return None
    place = bisect(asked.limits, said["mean"])
    ends = [bisect(asked.limits, said[end]) for end in ("low", "high") if said[end] is not None]
    reached = range(min([place, *ends]), max([place, *ends]) + 1)
    return Given(place, said, tuple(other for other in reached if other != place))


def _largest(world: Evidence, step: LessonStep, asked: Ask) -> Given | None:
    """Return the party with the largest number, and those whose interval reaches its mean."""
    found = SHARES[asked.number](world, world.quarter(asked.quarter))
    said = [said_of(found[one.party]) for one in step.answers]
    means = [-1.0 if one is None else one["mean"] for one in said]
    place = max(range(len(means)), key=lambda one: means[one])
    best = said[place]
    if best is None or best["mean"] <= 0:
        return None
    low = best["low"] if best["low"] is not None else best["mean"]
    others = [
        row for row, one in enumerate(said) if row != place and one is not None and (one["high"] or one["mean"]) > low
    ]
    return Given(place, best, tuple(others))


def reveal(step: LessonStep, world: Evidence, state: PageState) -> dict[str, Any]:
    """Return the reveal of a question: its text with number and meaning, the place of the answer that the runs give."""
    language, texts = state.language, words(state.language)
    assert step.ask is not None
    assert step.reveal is not None
    given = given_by(world, step)
    if given is None:
        return {"text": texts["lessons.not_here"], "right": -1, "others": []}
    filled = {
        "number": written(given.number, step.ask.unit, language),
        "date": _date(state, step.ask.quarter),
        "runs": str(world.count),
        "names": _names(world, step.ask, language),
    }
    parts = [fill_placeholders(step.reveal[language], filled), step.answers[given.place].means[language]]
    if given.others:
        parts.append(texts["lessons.open"])
    return {"text": texts["sentence.space"].join(parts), "right": given.place, "others": list(given.others)}


def _names(world: Evidence, asked: Ask, language: str) -> str:
    """Return who stands out in what is asked for, in words."""
    texts = words(language)
    if asked.number == "givers":
        found = [code for code, _ in extra_donors(world, asked.quarter, NAMED)]
    elif asked.number.startswith("largest_gain"):
        found = gainers(world, asked.quarter, NAMED)
    else:
        return ""
    names = [texts["donor.private"] if code == PRIVATE else texts.get(f"name.{code}", code) for code in found]
    return texts["list.joint"].join(names) or texts["nobody"]


def written(number: dict[str, Any], unit: str, language: str) -> str:
    """Return a mean with its 90 % interval in the unit of a question."""
    texts = words(language)
    forms: dict[str, tuple[str, float]] = {
        "percent": (texts["percent"].format(value="{:.0f}"), PERCENT), "points": ("{:.2f}", 1), "count": ("{:.1f}", 1),
        "money": (texts["money.middle"].format(amount="{:,.0f}"), 1 / float(texts["money.middle.unit"])),
    }  # fmt: skip
    form, factor = forms[unit]
    mean, low, high = (form.format(factor * (number[key] or 0.0)) for key in ("mean", "low", "high"))
    known = number["low"] is not None
    said = texts["number.interval"].format(mean=mean, low=low, high=high) if known else mean
    return said.replace("-", "−")


def _date(state: PageState, quarter: int) -> str:
    """Return the name of a quarter of the run on the page (negative: from the end)."""
    experiment = state.experiment
    place = quarter if quarter >= 0 else experiment.quarters + quarter
    return format_quarter(parse_quarter(experiment.world.start) + min(place, experiment.quarters - 1))
