"""Why a link, a config or a choice is refused, in the words of the page: the engine's are for who writes files."""

from collections.abc import Mapping
from dataclasses import asdict
from math import inf

from abm.config.errors import ConfigError, KeyPath, bearable, dotted
from abm.config.refusals import OTHER, OutOfRange
from viz.words import words

LONGEST = 60
"""Characters of somebody's text that a sentence repeats."""


def reason(error: ConfigError, language: str) -> str:
    """Return why something is refused, as a sentence in a language: made of kind, details and path of the error."""
    texts = words(language)
    details = {name: _shown(value) for name, value in asdict(error.refusal).items()}
    return texts[_key(error)].format(place=_title(error.path, texts), **details)


def _key(error: ConfigError) -> str:
    """Return the key of the sentence on an error: one for each kind, more where an end or the place is not known."""
    refusal = error.refusal
    if refusal == OTHER:
        return "reason.place" if error.path else "reason.damaged"
    if isinstance(refusal, OutOfRange) and inf in (-refusal.low, refusal.high):
        return "reason.least" if refusal.high == inf else "reason.most"
    return f"reason.{refusal.kind}"


def _title(path: KeyPath, texts: Mapping[str, str]) -> str:
    """Return the title of a parameter, or the path of what has none."""
    name = dotted(path).removeprefix("parameters.")
    return texts.get(f"parameter.{name}.title") or _shown(name)


def _shown(value: str | float) -> str:
    """Return a detail as the page shows it: on one line, and not too long."""
    if isinstance(value, float):
        value = f"{value:.15g}"
    return bearable(str(value)[:LONGEST])
