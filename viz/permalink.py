"""The address of a page: the page's state as the query of a link, and the state that a link restores."""

import json
import re
from dataclasses import fields, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from abm.config.reader import ConfigError
from abm.config.refusals import NotAChoice, TooLong, UnknownScenario
from viz.page_state import LANGUAGES, MOST_QUARTERS, TABS, PageState, scenarios
from viz.player import COLOURS, MODES, VIEWS
from viz.refusals import reason
from viz.words import words

LONGEST = 16_000
NAME = re.compile(r"[\w.-]{0,40}")
CODE = re.compile(r"[\w ./:&-]{0,60}")
ALLOWED = {"language": LANGUAGES, "mode": MODES, "tab": TABS, "view": VIEWS, "colour": COLOURS}


class AddressError(ConfigError):
    """A link that cannot be followed."""


def query_of(state: PageState) -> str:
    """Return the query of a link that restores the state: what differs from the default world."""
    usual = PageState()
    pairs = []
    for field in fields(state):
        value = getattr(state, field.name)
        if value == getattr(usual, field.name):
            continue
        if field.name == "config":
            value = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        pairs.append((field.name, int(value) if isinstance(value, bool) else value))
    return urlencode(pairs, quote_via=quote, safe=",:{}[]")


def state_of(query: str) -> PageState:
    """Return the state of a link. Raises AddressError for whatever is wrong with it."""
    query = "&".join(filter(None, (query or "").removeprefix("?").split("&")))  # one sign too many does no harm
    if len(query) > LONGEST:
        raise AddressError("too long", TooLong())
    state = PageState()
    known = {field.name for field in fields(state)}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=40, errors="strict")
        found = {key: _value(key, text) for key, text in pairs if key in known}
        state = replace(state, **found)
        _ = state.experiment, state.compared
    except ConfigError as error:
        raise AddressError(str(error)[:300], error.refusal, error.path) from None
    except (ValueError, RecursionError) as error:
        raise AddressError(str(error)[:300]) from None
    return replace(state, quarter=min(state.quarter, state.experiment.quarters - 1))


def read_link(query: str) -> tuple[PageState, str]:
    """Return the state that a link asks for and ""; for a bad link, the default state and what is wrong with it."""
    try:
        return state_of(query), ""
    except AddressError as error:
        language = language_of(query)
        problem = words(language)["status.link"].format(reason=reason(error, language))
        return replace(PageState(), language=language), problem


def language_of(query: str) -> str:
    """Return the language that even a broken link asks for."""
    asked = re.search(r"(?:^|[?&])language=(\w+)", query or "")
    return asked[1] if asked and asked[1] in LANGUAGES else LANGUAGES[0]


def _value(key: str, text: str) -> Any:
    """Return one value of a link. Raises ConfigError, or ValueError for what cannot be read."""
    if key in ("scenario", "second"):
        names = scenarios()
        if text not in names and not (key == "second" and text == ""):
            raise ConfigError(f"{key}: no shipped scenario {text[:60]!r}", UnknownScenario(text), (key,))
        return text
    if key == "config":
        config = json.loads(text)
        if not isinstance(config, dict) or "extends" in config:
            raise ValueError("config: must be a JSON object of changes")
        return config
    if key in ("quarter", "step"):
        return min(max(0, int(text[:6])), MOST_QUARTERS)
    if key in ("presentation", "table"):
        return text == "1"
    if key in ALLOWED and text not in ALLOWED[key]:
        message = f"{key}: {text[:60]!r} is none of {', '.join(ALLOWED[key])}"
        raise ConfigError(message, NotAChoice(text), (key,))
    if not (CODE if key == "selected" else NAME).fullmatch(text):
        raise ConfigError(f"{key}: {text[:60]!r} is no name", NotAChoice(text), (key,))
    return text
