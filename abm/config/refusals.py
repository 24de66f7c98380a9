"""Why a config, a link or a choice is refused: every kind that the page tells in its own words, declared once.

A `ConfigError` carries one of them beside its message and its path. Nothing reads a kind or a detail from a message.
"""

from dataclasses import dataclass
from math import inf
from typing import ClassVar


@dataclass(frozen=True)
class Refusal:
    """The general kind: something is wrong at the path of the error, or with the whole where there is no path."""

    kind: ClassVar[str] = "other"


@dataclass(frozen=True)
class OutsideRun(Refusal):
    """A shock is announced in a quarter that the run does not have."""

    kind = "outside"
    quarter: str


@dataclass(frozen=True)
class OutOfRange(Refusal):
    """A number is below `low` or above `high`; an end that does not exist is infinite."""

    kind = "range"
    value: float
    low: float = -inf
    high: float = inf


@dataclass(frozen=True)
class TooLarge(Refusal):
    """A run is larger than one server runs for many: more than `most` quarters, states, organizations or shocks."""

    kind = "large"
    value: int
    most: int


@dataclass(frozen=True)
class UnknownKey(Refusal):
    """The path of the error leads to a key or parameter that does not exist."""

    kind = "unknown"


@dataclass(frozen=True)
class UnknownCode(Refusal):
    """A code names no state, group or organization of the world."""

    kind = "who"
    name: str


@dataclass(frozen=True)
class UnknownScenario(Refusal):
    """A name is that of no scenario."""

    kind = "story"
    name: str


@dataclass(frozen=True)
class NotAChoice(Refusal):
    """A text is none of those that can be chosen."""

    kind = "choice"
    value: str


@dataclass(frozen=True)
class NotYaml(Refusal):
    """A text is no YAML that a config could be: of other signs, another form, several documents, or empty."""

    kind = "yaml"


@dataclass(frozen=True)
class TooLong(Refusal):
    """A text is longer than is read."""

    kind = "long"


@dataclass(frozen=True)
class OwnNotAllowed(Refusal):
    """Processes or tables of the user's own, from someone who may not name files."""

    kind = "own"


OTHER = Refusal()
REFUSALS: dict[str, type[Refusal]] = {
    kind.kind: kind
    for kind in (
        OutsideRun, OutOfRange, TooLarge, UnknownKey, UnknownCode, UnknownScenario, NotAChoice, NotYaml, TooLong,
        OwnNotAllowed, Refusal,
    )
}  # fmt: skip
"""Every kind of refusal by its name."""
