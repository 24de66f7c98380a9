"""What decides a claim: each kind of condition, declared once as data with the sentence that is made of it.

`claims.json` keeps both. The page tells the data in its own words, in both languages; nothing parses the sentence.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

Share = float | None
"""A share of replicates, points or measurements; None where none has a number."""


def _two_digits(share: Share) -> str:
    """Return a share as text."""
    return "nan" if share is None else f"{share:.2f}"


@dataclass(frozen=True)
class Condition:
    """Something that decides a claim, of a declared kind, with its details as fields."""

    kind: ClassVar[str]

    @property
    def text(self) -> str:
        """The condition as a sentence."""
        raise NotImplementedError

    def stored(self) -> dict[str, Any]:
        """Return kind and details as `claims.json` keeps them."""
        return {"kind": self.kind, "details": asdict(self)}


@dataclass(frozen=True)
class Setting:
    """The value that a parameter is given."""

    path: str
    value: float


@dataclass(frozen=True)
class OffByDefault(Condition):
    """The mechanism is off by default and was turned on to try the claim."""

    kind = "off"
    settings: tuple[Setting, ...]

    @property
    def text(self) -> str:
        """The condition as a sentence."""
        return f"mechanism off by default, tried with {', '.join(f'{on.path} = {on.value:g}' for on in self.settings)}"


@dataclass(frozen=True)
class WithoutRule(Condition):
    """The claim rests on its rule: without it, it holds in this share of replicates."""

    kind = "without_rule"
    rule: str
    share: Share

    @property
    def text(self) -> str:
        """The condition as a sentence."""
        return f"without its rule ({self.rule}) it holds in {_two_digits(self.share)} of replicates"


@dataclass(frozen=True)
class Bound:
    """One side of a split: a parameter above or below a value, or one of some choices.

    `share` is how often the claim holds on this side, `elsewhere` on the other.
    """

    path: str
    relation: Literal["above", "below", "is"]
    value: float | tuple[str, ...]
    share: float
    elsewhere: float

    @property
    def text(self) -> str:
        """The side as part of a sentence."""
        sign = {"above": ">", "below": "<", "is": "is"}[self.relation]
        value = " or ".join(self.value) if isinstance(self.value, tuple) else f"{self.value:.3g}"
        return f"{self.path} {sign} {value} ({_two_digits(self.share)}, else {_two_digits(self.elsewhere)})"


@dataclass(frozen=True)
class Where(Condition):
    """The part of the space where the claim holds, the share of its points in which it does, and their number."""

    kind = "where"
    bounds: tuple[Bound, ...]
    share: Share
    points: int

    @property
    def text(self) -> str:
        """The condition as a sentence."""
        bounds = " and ".join(bound.text for bound in self.bounds)
        return f"holds where {bounds} ({_two_digits(self.share)} of {self.points} points)"


@dataclass(frozen=True)
class NoSplit(Condition):
    """The claim holds at some points and not at others, and no parameter tells which."""

    kind = "none"

    @property
    def text(self) -> str:
        """The condition as a sentence."""
        return "no single parameter separates where it holds"


@dataclass(frozen=True)
class OtherSpace(Condition):
    """The verdict is another one in another space: there the claim holds in `share` of points, here in `uniform`."""

    words: ClassVar[str]
    verdict: str
    share: Share
    uniform: Share

    @property
    def text(self) -> str:
        """The condition as a sentence."""
        shares = f"{_two_digits(self.share)} of points, not {_two_digits(self.uniform)}"
        return f"{self.words}: {self.verdict} ({shares})"


@dataclass(frozen=True)
class OtherPrior(OtherSpace):
    """The verdict under a triangular prior."""

    kind = "prior"
    words = "depends on the prior, with a triangular one"


@dataclass(frozen=True)
class OtherFilter(OtherSpace):
    """The verdict if worlds that drift without a shock count, too."""

    kind = "filter"
    words = "depends on the quiet filter, without it"


@dataclass(frozen=True)
class NoNumber(Condition):
    """This share of measurements gave no number."""

    kind = "missing"
    share: Share

    @property
    def text(self) -> str:
        """The condition as a sentence."""
        return f"{_two_digits(self.share)} of measurements gave no number"


CONDITIONS: dict[str, type[Condition]] = {
    kind.kind: kind for kind in (OffByDefault, WithoutRule, Where, NoSplit, OtherPrior, OtherFilter, NoNumber)
}
"""Every kind of condition by its name, in the order in which a claim lists them."""
