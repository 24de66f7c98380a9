"""The messages that a page can send, each one checked. No part of a message is run as code or used as a path."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Protocol

from abm.config.reader import ConfigError, config_text
from abm.config.refusals import TooLong
from viz.claims_board import claim_rows
from viz.composer_checks import problem_of
from viz.controls import PARAMETERS
from viz.lesson_view import open_step
from viz.lessons import lesson_named
from viz.page_state import (
    DEFAULT_SCENARIO,
    LANGUAGES,
    MOST_REPLICATES,
    MOST_SHOCKS,
    TABS,
    PageState,
    config_changes,
    plain,
    read_upload,
    scenarios,
)
from viz.permalink import state_of
from viz.phases import changes_at
from viz.player import MODES
from viz.words import words

LARGEST_UPLOAD = 200_000


class MessageError(Exception):
    """A message that cannot be followed."""


class Page(Protocol):
    """What messages act on: a session."""

    state: PageState
    replicates: int
    answers: dict[tuple[str, int], int]
    widgets: Any

    def choose(self, **changes: Any) -> None:
        """Take over other values."""

    def want_replicates(self, count: int) -> None:
        """Ask for another number of replicates."""

    def show_lesson(self) -> None:
        """Show the step of the lesson."""


def handle(session: Page, content: Any) -> None:
    """Do what a message asks for. Raises MessageError, or ConfigError for values that no run can have."""
    if not isinstance(content, dict) or content.get("do") not in HANDLERS:
        raise MessageError("unknown message")
    HANDLERS[content["do"]](session, content)


def checked_value(content: Mapping[str, Any], key: str, kind: type | tuple[type, ...]) -> Any:
    """Return a value of a message. Raises MessageError where it is missing or of another kind."""
    value = content.get(key)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise MessageError(f"{key}: missing or of the wrong kind")
    return value


def _scenario_name(name: str) -> str:
    """Return the name of a shipped scenario."""
    if name not in scenarios():
        raise MessageError(f"no shipped scenario {name[:60]!r}")
    return name


def _scenario(session: Page, content: Mapping[str, Any]) -> None:
    """Go to another story; nothing of the last one stays."""
    name = _scenario_name(checked_value(content, "name", str))
    session.choose(scenario=name, config={}, lesson="", quarter=0 if content.get("rewind") else session.state.quarter)


def _second(session: Page, content: Mapping[str, Any]) -> None:
    """Put another scenario beside the first, or none."""
    name = checked_value(content, "name", str)
    mode = "side" if name else ("difference" if session.state.mode == "side" else session.state.mode)
    session.choose(second=_scenario_name(name) if name else "", mode=mode)


def _parameter(session: Page, content: Mapping[str, Any]) -> None:
    """Move one parameter."""
    path = checked_value(content, "path", str)
    if path not in PARAMETERS:
        raise MessageError(f"no parameter {path[:60]!r} here")
    session.choose(config=session.state.with_parameter(path, float(checked_value(content, "value", (int, float)))))


def _key(session: Page, content: Mapping[str, Any]) -> None:
    """Set seed or length of the run."""
    key = checked_value(content, "key", str)
    if key not in ("seed", "quarters"):
        raise MessageError(f"no setting {key[:60]!r} here")
    session.choose(config=session.state.with_key(key, checked_value(content, "value", int)))


def _reset(session: Page, _content: Mapping[str, Any]) -> None:
    """Go back to the scenario as it ships."""
    session.choose(config={})


def _shocks(session: Page, content: Mapping[str, Any]) -> None:
    """Take over the composer's list of shocks."""
    shocks = checked_value(content, "shocks", list)
    if len(shocks) > MOST_SHOCKS:
        raise MessageError(f"at most {MOST_SHOCKS} shocks")
    texts = words(session.state.language)
    problem = problem_of(shocks, texts)
    if problem:
        raise MessageError(problem)
    config = session.state.with_key("shocks", plain({"shocks": shocks})["shocks"])
    config.pop("title", None)
    session.choose(config=config | ({"title": texts["story.composed"]} if "shocks" in config else {}))


def _view(session: Page, content: Mapping[str, Any]) -> None:
    """Set what decides the look of the page only."""
    allowed = {"language": LANGUAGES, "mode": MODES, "tab": TABS}
    changes: dict[str, Any] = {}
    for key, values in allowed.items():
        if key in content:
            changes[key] = checked_value(content, key, str)
            if changes[key] not in values:
                raise MessageError(f"{key}: none of {', '.join(values)}")
    if "presentation" in content:
        changes["presentation"] = checked_value(content, "presentation", bool)
    if "selected" in content:
        changes["selected"] = checked_value(content, "selected", str)[:60]
    session.choose(**changes)


def _replicates(session: Page, content: Mapping[str, Any]) -> None:
    """Ask for more or fewer replicates."""
    session.want_replicates(min(max(1, checked_value(content, "count", int)), MOST_REPLICATES))


def _upload(session: Page, content: Mapping[str, Any]) -> None:
    """Take over a config that the user has as a file."""
    text = checked_value(content, "text", str)
    if len(text.encode(errors="replace")) > LARGEST_UPLOAD:
        raise ConfigError(f"the file is larger than {LARGEST_UPLOAD // 1000} kB", TooLong())
    scenario, config = read_upload(text, checked_value(content, "name", str))
    session.choose(scenario=scenario, config=config)


def _download(session: Page, _content: Mapping[str, Any]) -> None:
    """Send the config of what is shown."""
    state = session.state
    text = config_text({"extends": state.scenario, **state.config, "replicates": session.replicates})
    name = f"{state.scenario}-{state.digest[:8]}.yaml"
    session.widgets.board.send({"do": "save", "name": name, "text": text})


def _link(session: Page, content: Mapping[str, Any]) -> None:
    """Go to what an address says, as the browser does with Back and Forward."""
    state = state_of(checked_value(content, "query", str))
    session.choose(**{field.name: getattr(state, field.name) for field in fields(state)})


def _lesson(session: Page, content: Mapping[str, Any]) -> None:
    """Open a step of a lesson, or leave it with an empty name."""
    name, step = checked_value(content, "name", str), checked_value(content, "step", int)
    if name and lesson_named(name) is None:
        raise MessageError("no such lesson")
    session.choose(**open_step(session.state, name, step))


def _answer(session: Page, content: Mapping[str, Any]) -> None:
    """Answer the question of a step."""
    session.answers[session.state.lesson, session.state.step] = checked_value(content, "answer", int)
    session.show_lesson()


def _phase(session: Page, content: Mapping[str, Any]) -> None:
    """Go to a place in the diagram of possible worlds."""
    size, place = checked_value(content, "size", int), float(checked_value(content, "place", (int, float)))
    config = dict(changes_at(size, place))
    if "shocks" in config:
        config["title"] = words(session.state.language)["phases.title"].format(count=size)
    session.choose(scenario=DEFAULT_SCENARIO, config=config, second="", lesson="")


def _show_claim(session: Page, content: Mapping[str, Any]) -> None:
    """Go to the run that shows a claim."""
    name = checked_value(content, "id", str)
    claim = next((claim for claim in claim_rows() if claim["id"] == name and claim["scenario"]), None)
    if claim is None:
        raise MessageError("no run is stored for this claim")
    config = config_changes(_scenario_name(claim["scenario"]), claim["values"])
    session.choose(scenario=claim["scenario"], config=config, second="", lesson="", tab="story")


HANDLERS: dict[str, Callable[[Page, Mapping[str, Any]], None]] = {
    "scenario": _scenario, "second": _second, "parameter": _parameter, "key": _key, "reset": _reset,
    "shocks": _shocks, "view": _view, "replicates": _replicates, "upload": _upload, "download": _download,
    "link": _link, "lesson": _lesson, "answer": _answer, "claim": _show_claim, "phase": _phase,
}  # fmt: skip
"""What each message does, by its key `do`."""
