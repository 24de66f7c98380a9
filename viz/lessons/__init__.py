"""Guided tours: text files that a teacher can edit, one a lesson, both languages side by side.

A step sets the player (any field of `Show`), says something, and may ask a question; its reveal is shown after an
answer. Words in braces in a reveal stand for what the runs on the page give: `{shocked.budget}` for the mean
difference of a measure from the twin, `{followers}` and `{twin_followers}`, `{donors}`, `{regime}`, `{runs}`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

Texts = Mapping[str, str]
LANGUAGES = ("en", "zh")
PLACEHOLDER = re.compile(r"\{([\w.]+)\}")


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
class LessonStep:
    """One page of a lesson, in both languages."""

    text: Texts
    show: Show = field(default_factory=Show)
    question: Texts | None = None
    answers: tuple[Texts, ...] = ()
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
    answers = tuple(_texts(answer) for answer in row.get("answers", ()))
    if bool(answers) != ("question" in row) or bool(answers) != ("reveal" in row):
        raise ValueError("a question, its answers and a reveal go together")
    return LessonStep(
        _texts(row["text"]),
        Show(**row.get("show", {})),
        _texts(row["question"]) if "question" in row else None,
        answers,
        _texts(row["reveal"]) if "reveal" in row else None,
    )


def _texts(found: Mapping[str, str]) -> Texts:
    """Return a text in both languages."""
    if set(found) != set(LANGUAGES):
        raise ValueError(f"needs a text for each of {', '.join(LANGUAGES)}: {found}")
    return {language: " ".join(str(found[language]).split()) for language in LANGUAGES}
