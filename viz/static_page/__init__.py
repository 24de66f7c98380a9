"""The page as a folder of files that needs no server: shipped stories, lessons and claims, opened by a double click.

The widgets are those of the served page. `session.js` does for them what `viz.session` does, but for what needs the
model. Data are scripts, since a page of a folder may read nothing else; nothing is fetched.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from jinja2 import Environment, PackageLoader

from abm.workers import wait_until
from viz.claims_board import claim_rows
from viz.controls import catalogue, stories, values
from viz.gallery import CARDS, card
from viz.lesson_view import lesson_page, open_step
from viz.lessons import lessons
from viz.outcome import outcome
from viz.page_files import read, script, style
from viz.page_state import LANGUAGES, REPLICATES, PageState, scenarios
from viz.phases import phases
from viz.player import LAND
from viz.question_quantities import evidence
from viz.run_queue import RunQueue
from viz.words import words
from viz.worker_runs import Finished, Part, occurrences_of

Runs = dict[tuple[int, str], Finished]


@dataclass
class _Waiting:
    """The runs of one story as they come."""

    wanted: int
    runs: Runs = field(default_factory=dict)
    done: Event = field(default_factory=Event)
    failed: bool = False

    def take(self, number: int, part: Part, finished: Finished | None) -> None:
        """Note a finished run."""
        if finished is None:
            self.failed = True
        else:
            self.runs[number, part] = finished
        if self.failed or len(self.runs) == self.wanted:
            self.done.set()


def write_folder(
    folder: Path,
    queue: RunQueue,
    names: tuple[str, ...] = (),
    replicates: int = REPLICATES,
    told: Callable[[str, int, int], None] = lambda _name, _done, _of: None,
    version: str = "",
) -> list[Path]:
    """Write the page into a folder and return its files.

    `names` are the stories (none: all shipped ones); `told` hears the name of each when it is done, how many are done,
    and of how many. A story that the folder already holds, of the same config and `version` of the model, is kept: an
    export that was ended goes on where it was. Raises RuntimeError where a run fails.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    pages = _page(folder)
    order = [story["name"] for story in stories("en") if story["name"] in (names or scenarios())]
    keys = {name: f"{PageState(scenario=name).digest} {replicates} {version}" for name in order}
    kept = {name: _kept(folder, name, key) for name, key in keys.items()}
    asked = {name: _ask(queue, name, replicates, place) for place, name in enumerate(order) if kept[name] is None}
    written: list[Path] = []
    cards: dict[str, Any] = {}
    steps: dict[str, Any] = {}
    for place, name in enumerate(sorted(order, key=lambda one: one in asked), start=1):
        found = kept[name] or _written(folder, name, keys[name], asked.pop(name))
        written += [_story(folder, name), _note(folder, name)]
        cards |= {name: found["card"]} if name in CARDS else {}
        steps |= found["lessons"]
        told(name, place, len(order))
    for language in LANGUAGES:
        path = folder / "data" / f"words-{language}.js"
        written.append(_script(path, "languages", language, language_data(language, tuple(order))))
    common = {"cards": cards, "lessons": steps, "land": _encoded(LAND), "order": order, "replicates": replicates}
    written.append(_script(folder / "data" / "common.js", "common", "", common))
    return [*written, *pages]


def _story(folder: Path, name: str) -> Path:
    """Return where the page of a folder finds a story."""
    return folder / "data" / f"story-{name}.js"


def _note(folder: Path, name: str) -> Path:
    """Return where a folder notes what a story was made of, and what the page as a whole takes from it."""
    return folder / "data" / f"story-{name}.json"


def _kept(folder: Path, name: str, key: str) -> dict[str, Any] | None:
    """Return the note of a story that is there and was made of the same; None where there is none."""
    note = _note(folder, name)
    if not note.exists() or not _story(folder, name).exists():
        return None
    found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return found if found["key"] == key else None


def _written(folder: Path, name: str, key: str, waiting: _Waiting) -> dict[str, Any]:
    """Write a story once its runs are there, then its note, and return it. Raises RuntimeError where a run failed."""
    _note(folder, name).unlink(missing_ok=True)
    wait_until(waiting.done)
    if waiting.failed:
        raise RuntimeError(f"a run of {name} failed")
    _script(_story(folder, name), "stories", name, story_data(name, waiting.runs))
    note = {"key": key, "card": card(waiting.runs), "lessons": lesson_data(name, waiting.runs)}
    partial = _note(folder, name).with_suffix(".partial")
    partial.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
    partial.replace(_note(folder, name))
    return note


def _ask(queue: RunQueue, name: str, replicates: int, place: int) -> _Waiting:
    """Ask the queue for all runs of a story, behind those of the stories before it."""
    experiment = PageState(scenario=name).experiment
    pairs: list[tuple[int, Part]] = [(number, "pair") for number in range(replicates)]
    parts: list[tuple[int, Part]] = [(0, "run"), (0, "twin"), *pairs]
    waiting = _Waiting(len(parts))
    for number, part in parts:
        queue.request(
            experiment, experiment.digest(), number, part,
            lambda _key, found, number=number, part=part: waiting.take(number, part, found),  # type: ignore[misc]
            behind=place,
        )  # fmt: skip
    return waiting


def story_data(name: str, runs: Runs) -> dict[str, Any]:
    """Return what the page needs of one story."""
    state = PageState(scenario=name)
    pairs = sorted(key for key in runs if key[1] == "pair" and key[0])
    return {
        "run": _encoded(runs[0, "run"].packed),
        "twin": _encoded(runs[0, "twin"].packed),
        "replicates": [_encoded(runs[key].packed) for key in pairs],
        "occurs": occurrences_of(runs[0, "run"], runs[0, "twin"]),
        "outcome": outcome(runs),
        "values": {language: values(replace(state, language=language)) for language in LANGUAGES},
        "config": state.text(),
        "phases": phases(state),
    }


def language_data(language: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return words, controls and claims of a language; only stories of the folder are offered."""
    offered = catalogue(language)
    listed = [story for story in offered["stories"] if story["name"] in names]
    return {
        "words": words(language),
        "catalogue": offered | {"stories": listed},
        "stories": [story | {"card": story["name"] in CARDS} for story in listed],
        "claims": [claim | {key: claim[key][language] for key in ("title", "conditions")} for claim in claim_rows()],
        "lessons": lesson_page(PageState(language=language), None, None, True)["lessons"],
    }


def lesson_data(scenario: str, runs: Runs) -> dict[str, Any]:
    """Return the steps of all lessons that stand on a story: what they change, and their pages, each told in full."""
    world, found = evidence(runs), {}
    for lesson in lessons():
        state = PageState()
        for place in range(len(lesson.steps)):
            state = replace(state, **open_step(state, lesson.name, place))
            if state.scenario == scenario:
                changes = {key: getattr(state, key) for key in SHOWN}
                pages = {one: lesson_page(replace(state, language=one), 0, world, True) for one in LANGUAGES}
                found[f"{lesson.name} {place}"] = {"changes": changes, "pages": pages}
    return found


SHOWN = ("scenario", "second", "view", "colour", "mode", "quarter", "selected", "lesson", "step", "tab")
"""What opening a step of a lesson sets."""


def _page(folder: Path) -> list[Path]:
    """Write the page itself: HTML, one script, one style sheet."""
    shell = Environment(loader=PackageLoader("viz", "static_page"), autoescape=True)
    texts = {
        "index.html": shell.get_template("index.html").render(
            title=words("en")["title"], note=words("en")["static.script"]
        ),
        "page.js": f"{script()}\n{read('static_page/session.js')}",
        "page.css": style(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def _script(path: Path, kind: str, name: str, data: Mapping[str, Any]) -> Path:
    """Write data as a script that hands them to the page."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"abmTake({json.dumps(kind)}, {json.dumps(name)}, {text});\n", encoding="utf-8")
    return path


def _encoded(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(data).decode()
