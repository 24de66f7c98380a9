"""Guided tours: text files that a teacher can edit, one a lesson, both languages side by side.

A step sets the player (any field of `Show`), says something, and may ask a question. The runs on the page give the
answer: `ask` names a quantity of `viz.question_quantities`, the quarter that it is asked for, and either the `limits`
between the answers (ascending) or nothing, where each answer names a party. What an answer `means` is told where the
runs give it.

Words in braces stand for what the runs give: `{number}` for the quantity with its interval, `{date}` for the quarter,
`{names}` for who stands out, `{runs}` for the number of runs.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from viz.question_quantities import SHARES, WAYS

Texts = Mapping[str, str]
LANGUAGES = ("en", "zh")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PLACEHOLDERS = ("number", "date", "names", "runs", "second")
UNITS = ("percent", "points", "count", "money")


@dataclass(frozen=True)
class Show:
    """What a step sets in the player; what is not given stays as it is."""

    scenario: str | None = None
    second: str | None = None
    view: str | None = None
    colour: str | None = None
    mode: str | None = None
    quarter: int | None = None
    selected: str | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields that are given."""
        found = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Ask:
    """What a question asks for.

    `number` is a quantity `way:of_what` or the name of one of several parties, `quarter` the quarter asked about
    (negative: from the end), `unit` how the number is written. `limits` are the bounds between the answers.
    """

    number: str
    quarter: int
    unit: str = "points"
    limits: tuple[float, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One answer: its text, what it means where the runs give it, and the party it stands for, if any."""

    text: Texts
    means: Texts
    party: str = ""


@dataclass(frozen=True)
class LessonStep:
    """One page of a lesson, in both languages."""

    text: Texts
    show: Show = field(default_factory=Show)
    question: Texts | None = None
    ask: Ask | None = None
    answers: tuple[Choice, ...] = ()
    reveal: Texts | None = None


@dataclass(frozen=True)
class Lesson:
    """A lesson: its name is that of its file."""

    name: str
    order: int
    minutes: int
    title: Texts
    steps: tuple[LessonStep, ...]


class LessonError(Exception):
    """A lesson's file that cannot be used; the message says which and why."""


@cache
def lessons(folder: Path = Path(__file__).parent) -> tuple[Lesson, ...]:
    """Return all lessons of a folder in order. Raises LessonError."""
    found = [_lesson(path) for path in folder.glob("*.toml")]
    return tuple(sorted(found, key=lambda lesson: lesson.order))


def lesson_named(name: str) -> Lesson | None:
    """Return a lesson, None where there is none of this name."""
    return next((lesson for lesson in lessons() if lesson.name == name), None)


def fill_placeholders(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders replaced; what is not known yet is an ellipsis."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], "…"), text)


def _lesson(path: Path) -> Lesson:
    """Return the lesson of a file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        steps = tuple(_step(row) for row in content.pop("steps"))
        return Lesson(path.stem, content.pop("order"), content.pop("minutes"), _texts(content.pop("title")), steps)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise LessonError(f"{path.name}: {error}") from error


def _step(row: dict[str, Any]) -> LessonStep:
    """Return one step of a file."""
    show = Show(**row.get("show", {}))
    parts = [part in row for part in ("question", "ask", "answers", "reveal")]
    if any(parts) and not all(parts):
        raise ValueError("a question, what it asks for, its answers and a reveal go together")
    if not any(parts):
        return LessonStep(_texts(row["text"]), show)
    answers = tuple(Choice(_texts(one["text"]), _texts(one["means"]), one.get("party", "")) for one in row["answers"])
    asked = Ask(**row["ask"] | {"limits": tuple(row["ask"].get("limits", ()))})
    _check(asked, answers)
    return LessonStep(_texts(row["text"]), show, _texts(row["question"]), asked, answers, _texts(row["reveal"]))


def _check(asked: Ask, answers: tuple[Choice, ...]) -> None:
    """Raise ValueError where a question does not fit its answers."""
    if asked.unit not in UNITS:
        raise ValueError(f"unit {asked.unit!r} is none of {', '.join(UNITS)}")
    if asked.number in SHARES:
        if asked.limits or not all(one.party for one in answers):
            raise ValueError(f"{asked.number}: each answer names a party, and there are no limits")
        return
    if asked.number.partition(":")[0] not in WAYS:
        raise ValueError(f"nothing gives {asked.number!r}")
    if len(answers) != len(asked.limits) + 1 or list(asked.limits) != sorted(asked.limits):
        raise ValueError("answers need ascending limits between them, one less than there are answers")


def _texts(found: Mapping[str, str]) -> Texts:
    """Return a text in both languages."""
    if set(found) != set(LANGUAGES):
        raise ValueError(f"needs a text for each of {', '.join(LANGUAGES)}: {found}")
    texts = {language: " ".join(str(found[language]).split()) for language in LANGUAGES}
    unknown = set(PLACEHOLDER.findall(" ".join(texts.values()))) - set(PLACEHOLDERS)
    if unknown:
        raise ValueError(f"nothing fills {', '.join(sorted(unknown))}")
    return texts
