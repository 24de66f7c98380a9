"""The page as a folder of files that needs no server: shipped stories, lessons and claims, opened by a double click.

The widgets are those of the served page. `session.js` does for them what `viz.session` does, but for what needs the
model. Data are scripts, since a page of a folder may read nothing else; nothing is fetched.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

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

PAGES = ("index.html", "page.js", "page.css")
"""Files beside the folder of data."""

Write = Callable[[Path, bytes], None]


class Rule(NamedTuple):
    """The rule for "may I write here", handed in: the page imports no command."""

    check: Callable[[Sequence[Path]], None]
    """Raises FileExistsError where one of the files is there and is not the page's own, unchanged."""
    write: Write
    """Writes one file whole, so that `check` knows it again. Raises as `check` does."""


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
    *,
    rule: Rule,
) -> list[Path]:
    """Write the page into a folder and return its files.

    `names` are the stories (none: all shipped ones); `told` hears the name of each when it is done, how many are done,
    and of how many. A story that the folder already holds, of the same config and `version` of the model, is kept: an
    export that was ended goes on where it was. Other files may stand in the folder. Raises FileExistsError where
    one of the page's names holds what no export wrote, or was changed since; RuntimeError where a run fails.
    """
    order = [story["name"] for story in stories("en") if story["name"] in (names or scenarios())]
    _check(folder, order, rule)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    pages = _page(folder, rule.write)
    keys = {name: f"{PageState(scenario=name).digest} {replicates} {version}" for name in order}
    kept = {name: _kept(folder, name, key) for name, key in keys.items()}
    asked = {name: _ask(queue, name, replicates, place) for place, name in enumerate(order) if kept[name] is None}
    written: list[Path] = []
    cards: dict[str, Any] = {}
    steps: dict[str, Any] = {}
    for place, name in enumerate(sorted(order, key=lambda one: one in asked), start=1):
        found = kept[name] or _written(folder, name, keys[name], asked.pop(name), rule.write)
        written += [_story(folder, name), _note(folder, name)]
        cards |= {name: found["card"]} if name in CARDS else {}
        steps |= found["lessons"]
        told(name, place, len(order))
    for language in LANGUAGES:
        data = language_data(language, tuple(order))
        written.append(_script(_language(folder, language), "languages", language, data, rule.write))
    common = {"cards": cards, "lessons": steps, "land": _encoded(LAND), "order": order, "replicates": replicates}
    written.append(_script(_common(folder), "common", "", common, rule.write))
    return [*written, *pages]


def _check(folder: Path, names: list[str], rule: Rule) -> None:
    """Raise FileExistsError where a folder has, in the place of a file of the page, anything but that file."""
    if (folder / "data").is_symlink():
        raise FileExistsError(f"{folder / 'data'} is a link, which an export does not follow; choose another folder")
    paths = [folder / name for name in PAGES] + [_common(folder), *(_language(folder, name) for name in LANGUAGES)]
    rule.check(paths + [place(folder, name) for name in names for place in (_story, _note)])


def _common(folder: Path) -> Path:
    """Return where the page of a folder finds what all stories share."""
    return folder / "data" / "common.js"


def _language(folder: Path, language: str) -> Path:
    """Return where the page of a folder finds the words of a language."""
    return folder / "data" / f"words-{language}.js"


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


def _written(folder: Path, name: str, key: str, waiting: _Waiting, write: Write) -> dict[str, Any]:
    """Write a story once its runs are there, then its note, and return it. Raises RuntimeError where a run failed."""
    _note(folder, name).unlink(missing_ok=True)
    wait_until(waiting.done)
    if waiting.failed:
        raise RuntimeError(f"a run of {name} failed")
    _script(_story(folder, name), "stories", name, story_data(name, waiting.runs), write)
    pairs = sum(part == "pair" for _, part in waiting.runs)
    note = {"key": key, "card": card(waiting.runs, pairs), "lessons": lesson_data(name, waiting.runs)}
    write(_note(folder, name), json.dumps(note, ensure_ascii=False).encode())
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
        "outcome": outcome(runs, 1 + len(pairs)),
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


def _page(folder: Path, write: Write) -> list[Path]:
    """Write the page itself: HTML, one script, one style sheet."""
    shell = Environment(loader=PackageLoader("viz", "static_page"), autoescape=True)
    index = shell.get_template("index.html").render(title=words("en")["title"], note=words("en")["static.script"])
    texts = (index, f"{script()}\n{read('static_page/session.js')}", style())
    for name, text in zip(PAGES, texts, strict=True):
        write(folder / name, text.encode())
    return [folder / name for name in PAGES]


def _script(path: Path, kind: str, name: str, data: Mapping[str, Any], write: Write) -> Path:
    """Write data as a script that hands them to the page."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    write(path, f"abmTake({json.dumps(kind)}, {json.dumps(name)}, {text});\n".encode())
    return path


def _encoded(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(data).decode()
