"""The sentences that tell events, in English and Chinese: `events.en.json` and `events.zh.json` beside this file.

Chinese names of states and organizations stand in `names.zh.json`; the English ones are those of the tables.

`event.<kind>` is the sentence of a kind, with the holes {actor}, {bodies}, {count} of them, {issue} and one for each
detail; `.many` tells several organizations, `.alone` none, and `.heading` stands above a list. A detail is put in
words by `detail.<name>.<value>`, else by `detail.<name>` with the hole {value}.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from abm.events import Value


@cache
def event_words(language: str) -> dict[str, str]:
    """Return all texts on events by key; `language` is "en" or "zh"."""
    text = (Path(__file__).parent / f"events.{language}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@cache
def chinese_names() -> dict[str, str]:
    """Return the Chinese names of states and organizations by `name.<code>`."""
    return dict(json.loads((Path(__file__).parent / "names.zh.json").read_text(encoding="utf-8")))


def phrase(words: Mapping[str, str], name: str, value: Value) -> str:
    """Return a detail in words."""
    return words.get(f"detail.{name}.{value}") or words.get(f"detail.{name}", "").replace("{value}", str(value))


def sentence(
    words: Mapping[str, str], kind: str, details: Mapping[str, Value], actor: str, bodies: str, count: int
) -> str:
    """Return the sentence on one kind of event in `count` organizations, which `bodies` lists; no full stop.

    A kind that has no sentence (one of a user's process) is told by its name and details.
    """
    form = {0: ".alone", 1: ""}.get(count, ".many")
    text = words.get(f"event.{kind}{form}", words.get(f"event.{kind}"))
    if text is None:
        said = [f"{name.replace('_', ' ')} {value}" for name, value in details.items()]
        extra = f" ({', '.join(said)})" if said else ""
        return " ".join(part for part in (actor, kind.replace("_", " "), bodies) if part) + extra
    values = {name: phrase(words, name, value) for name, value in details.items()}
    return text.format_map(defaultdict(str, values, actor=actor, bodies=bodies, count=str(count)))
