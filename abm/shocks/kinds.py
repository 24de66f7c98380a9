"""Kinds of shocks: dated records of what a state does to organizations, as a config writes them.

A shock announced in quarter q acts in the first step of q; what it does stands in `abm.shocks.effects`, one function
for each kind. Shocks are data: any actor, any organizations, any date, in any combination.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from abm.calendar import parse_quarter
from abm.config.errors import nearest, one_of, shown

SELECTORS = ("list", "issue_area", "kind")
MAXIMAL_QUARTERS = 4 * 100
"""A hundred years: as long as the longest run."""
FARTHEST = 10
"""Coordinate up to which a position is taken; states lie within 3 of the centre."""


class Selector(NamedTuple):
    """Which organizations: `by` codes, list, issue_area, kind or all; `names` what is looked for."""

    by: str
    names: tuple[str, ...] = ()

    def plain(self) -> Any:
        """Return the selector as a config writes it."""
        return {"codes": list(self.names), "all": "all"}.get(self.by) or {self.by: self.names[0]}


def _wrong(message: str) -> PydanticCustomError:
    """Return an error whose message reaches the user as it is."""
    return PydanticCustomError("shock", "{message}", {"message": message})


def _quarter(text: str) -> str:
    """Check the text of a quarter."""
    try:
        parse_quarter(text)
    except ValueError as error:
        raise _wrong(f"{error}") from error
    return text


def _codes(value: Any, what: str) -> tuple[str, ...]:
    """Check a list of codes."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(code, str) for code in value):
        raise _wrong(f"{shown(value)} is not {what}")
    twice = {code for code in value if value.count(code) > 1}
    if twice:
        raise _wrong(f"{sorted(twice)[0]} is named twice")
    return tuple(value)


def _selector(value: Any) -> Selector:
    """Check a selector of organizations as a config writes it."""
    form = "a selection; write [WHO, UNESCO], {list: name}, {issue_area: name}, {kind: name} or all"
    if isinstance(value, Selector):
        return value
    if value == "all":
        return Selector("all")
    if not isinstance(value, Mapping):
        return Selector("codes", _codes(value, form))
    if len(value) != 1 or not all(isinstance(name, str) for name in value.values()):
        raise _wrong(f"{shown(value)} is not {form}")
    by, name = next(iter(value.items()))
    if by not in SELECTORS:
        raise _wrong(f"{by!r} is not a way to select{nearest(by, SELECTORS)} Allowed: {one_of(SELECTORS)}")
    return Selector(str(by), (name,))


def _actor(value: Any) -> str | tuple[str, ...]:
    """Check an actor: a state's code, the name of a group, or a list of codes."""
    return value if isinstance(value, str) and value else _codes(value, "an actor; write USA, EU or [USA, ISR]")


def _is_point(value: Any) -> bool:
    """Return whether a value is a point of the two-dimensional policy space."""
    numbers = isinstance(value, list | tuple) and all(
        isinstance(part, int | float) and not isinstance(part, bool) and abs(part) <= FARTHEST for part in value
    )
    return numbers and len(value) == 2


def _point(value: Any) -> tuple[float, float]:
    """Check a point of the two-dimensional policy space."""
    if _is_point(value):
        return float(value[0]), float(value[1])
    raise _wrong(f"{shown(value)} is not a position; write [x, y] between -{FARTHEST} and {FARTHEST}")


def _demand(value: Any) -> str | tuple[float, float]:
    """Check a demand: "actor" or a point of the two-dimensional policy space."""
    if value == "actor":
        return "actor"
    if _is_point(value):
        return float(value[0]), float(value[1])
    raise _wrong(
        f"{shown(value)} is not a demand; write actor, or a position [x, y] between -{FARTHEST} and {FARTHEST}"
    )


def _notice(value: Any) -> int | str:
    """Check a notice period."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value == "by_body" or (whole and 0 <= value <= MAXIMAL_QUARTERS):
        return value
    raise _wrong(f"{shown(value)} is not a notice period; write 0 to {MAXIMAL_QUARTERS} quarters, or by_body")


def _plain(value: Any) -> Any:
    """Return a tuple as the list that a config writes."""
    return list(value) if isinstance(value, tuple) else value


_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}
_NAMED = [
    {"type": "object", "properties": {key: _TEXT}, "required": [key], "additionalProperties": False}
    for key in SELECTORS
]
_POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_QUARTERS = {"type": "integer", "minimum": 0, "maximum": MAXIMAL_QUARTERS}

Quarter = Annotated[str, AfterValidator(_quarter), WithJsonSchema({**_TEXT, "pattern": r"^\d{4}Q[1-4]$"})]
Organizations = Annotated[
    Selector,
    PlainValidator(_selector),
    PlainSerializer(Selector.plain),
    WithJsonSchema({"anyOf": [_TEXTS, *_NAMED, {"const": "all"}]}),
]
Actor = Annotated[
    str | tuple[str, ...],
    PlainValidator(_actor),
    PlainSerializer(_plain),
    WithJsonSchema({"anyOf": [_TEXT, _TEXTS]}),
]
Demand = Annotated[
    str | tuple[float, float],
    PlainValidator(_demand),
    PlainSerializer(_plain),
    WithJsonSchema({"anyOf": [{"const": "actor"}, _POINT]}),
]
Point = Annotated[
    tuple[float, float],
    PlainValidator(_point),
    PlainSerializer(_plain),
    WithJsonSchema(_POINT),
]
Notice = Annotated[int | str, PlainValidator(_notice), WithJsonSchema({"anyOf": [_QUARTERS, {"const": "by_body"}]})]


def declare(default: float, low: float, high: float, doc: str, unit: str = "1") -> Any:
    """Declare a number of a record with its range, meaning and unit."""
    return Field(default, ge=low, le=high, description=doc, json_schema_extra={"unit": unit})


class Shock(BaseModel):
    """What every shock has: its actor, dates, probability and condition.

    `lasting` kinds are reversed by nothing but another shock: they have no `until`. Those that are `suffered` are done
    to the state that they name.
    """

    lasting: ClassVar[bool] = False
    suffered: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: str = Field(description="what is done")
    id: str | None = Field(
        None, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", description="name for paths such as shocks.<id>.fraction"
    )
    actor: Actor = Field("USA", description="code of a state, name of a group (EU, BRICS), or list of codes")
    announced: Quarter = Field(description="quarter in which the shock acts first")
    until: Quarter | None = Field(None, description="quarter in which a reversible act ends; none: never")
    probability: float = declare(1.0, 0, 1, "chance of happening, one draw per replicate")
    condition: Literal["sovereigntist", "internationalist", "member"] | None = Field(
        None,
        description="acts only under such a government of the actor, or only where the actor is a member",
    )
    note: str = Field("", description="free text")


class Act(Shock):
    """A shock that aims at organizations."""

    organizations: Organizations = Field(description="which organizations")
    stagger_quarters: int = declare(
        0, 0, 40, "acts on the k-th organization begin k times as many quarters later", "quarters"
    )


class Departure(Act):
    """A shock that ends memberships after a notice period."""

    lasting: ClassVar[bool] = True

    notice_quarters: Notice = Field(
        "by_body", description="quarters from announcement to effect, or the organization's own"
    )
    mode: Literal["bargain", "decouple"] = Field(
        "decouple",
        description="during notice a bargainer pays its dues, a decoupler lets them become arrears",
    )


class Exit(Departure):
    """Leave the membership, the treaty, or (UN organs, funds, offices) participation and voluntary money."""

    kind: Literal["exit"]


class LeaveTreaty(Departure):
    """Leave the treaties of the selection only."""

    kind: Literal["leave_treaty"]


class Refuse(Act):
    """Never join, or unsign."""

    kind: Literal["refuse"]


class StopParticipation(Act):
    """Stay away from meetings, posts and votes; dues go on."""

    kind: Literal["stop_participation"]


class Defund(Act):
    """Cut voluntary money to the selected organizations."""

    kind: Literal["defund"]
    fraction: float = declare(1.0, 0, 1, "share of the voluntary money that is cut")


class Freeze(Act):
    """Cut all voluntary money at once, everywhere unless organizations are named."""

    kind: Literal["freeze"]
    organizations: Organizations = Field(Selector("all"), description="which organizations")
    fraction: float = declare(1.0, 0, 1, "share of the voluntary money that is frozen")


class WithholdDues(Act):
    """Stay a member without paying: dues become arrears."""

    kind: Literal["withhold_dues"]
    fraction: float = declare(1.0, 0, 1, "share of the dues that is not paid")


class Obstruct(Act):
    """Press the other members' votes and money, from inside or outside."""

    kind: Literal["obstruct"]
    strength: float = declare(0.5, 0, 1, "pressure relative to the strongest")


class Threaten(Act):
    """Demand a change of position and threaten to leave by a deadline."""

    lasting: ClassVar[bool] = True

    kind: Literal["threaten"]
    deadline_quarters: int = declare(4, 1, 40, "quarters from the threat to the exit", "quarters")
    demand: Demand = Field("actor", description="the actor's own position, or a point [x, y]")


class Sanction(Act):
    """Sanction the organization and its staff: its operating capacity falls."""

    kind: Literal["sanction"]
    strength: float = declare(0.3, 0, 1, "share of the operating capacity that is hit")


class Rhetoric(Act):
    """Express contempt without acting."""

    kind: Literal["rhetoric"]
    strength: float = declare(0.5, 0, 1, "contempt relative to the strongest")


class Review(Departure):
    """Score all memberships for some quarters, then leave those worth least."""

    kind: Literal["review"]
    organizations: Organizations = Field(Selector("all"), description="which organizations")
    bar: float = declare(0.5, 0, 1, "share of the reviewed memberships, lowest value first, that is dropped")
    audit_quarters: int = declare(4, 0, 40, "quarters from the announcement to the decision", "quarters")


class Return(Act):
    """Come back as a member and restore participation and money."""

    lasting: ClassVar[bool] = True

    kind: Literal["return"]
    settle_arrears: float = declare(1.0, 0, 1, "share of old arrears that is paid at once")


class ChangeGovernment(Shock):
    """Put another kind of government into office."""

    lasting: ClassVar[bool] = True

    kind: Literal["change_government"]
    government: Literal["sovereigntist", "internationalist"] = Field(description="kind of government that takes office")


class Redirect(Act):
    """Move what the actor saves to other organizations instead of keeping it."""

    kind: Literal["redirect"]
    share: float = declare(1.0, 0, 1, "share of the actor's savings that is moved")


class UnilateralAct(Shock):
    """Act alone where obligations would have constrained the actor."""

    kind: Literal["unilateral_act"]
    issue_area: str = Field(description="issue area of the obligations that are broken")
    strength: float = declare(0.5, 0, 1, "how far the act breaks obligations")
    payoff: float = declare(0.001, 0, 0.1, "gain of the actor", "share of GDP")


class Press(Act):
    """Press the other members to vote as the actor does on one resolution, the first of the next session."""

    lasting: ClassVar[bool] = True

    kind: Literal["press"]
    strength: float = declare(1.0, 0, 1, "pressure relative to the strongest")


class ShiftPosition(Shock):
    """Jump to another position, until the government changes."""

    lasting: ClassVar[bool] = True

    kind: Literal["shift_position"]
    position: Point = Field(description="the new position, a point [x, y] of the policy space")


class Discipline(Act):
    """Be acted on: the organization censures, sanctions, suspends or expels the state.

    States that are not members can be censured and sanctioned: a court may act on them, and their allies feel it.
    """

    suffered: ClassVar[bool] = True

    kind: Literal["discipline"]
    action: Literal["censure", "sanction", "suspend", "expel"] = Field(
        "censure", description="what the organization does to the state that is named as actor"
    )
    strength: float = declare(0.5, 0, 1, "how hard it hits the state relative to the hardest")


class FoundClub(Shock):
    """Invite others to a club; who joins, and whether it comes about, is up to them."""

    lasting: ClassVar[bool] = True

    kind: Literal["found_club"]
    issue_area: str = Field(description="issue area of the club")
    club: Literal["deep", "leaders"] = Field(
        "deep", description="a deep club of close states, or a leader's club that draws transactional ones"
    )


AnyShock = Annotated[
    Exit | LeaveTreaty | Refuse | StopParticipation | Defund | Freeze | WithholdDues | Obstruct | Threaten
    | Sanction | Rhetoric | Review | Return | ChangeGovernment | Redirect | UnilateralAct | FoundClub
    | Discipline | Press | ShiftPosition,
    Field(discriminator="kind"),
]  # fmt: skip
SHOCKS: dict[str, type[Shock]] = {
    get_args(record.model_fields["kind"].annotation)[0]: record for record in get_args(get_args(AnyShock)[0])
}
"""Record of each kind."""
LASTING = frozenset(kind for kind, record in SHOCKS.items() if record.lasting)
"""Kinds that nothing but another shock reverses."""
