"""The events of a run: every kind that processes and shocks may report, declared once, and which of them a shock adds.

An event names a state, an organization, both or neither, and carries typed details. `EVENTS` declares what each kind
names and carries; an event of another form is rejected when it is committed. Its sentences in both languages are in
`abm/words` under the key `EventKind.sentence`; nothing parses a detail from a sentence.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

Value = int | float | str
NO_DETAILS: Mapping[str, Value] = {}
TOLERANCE = 4
"""Quarters by which an event may be earlier or later in the counterfactual and still count as the same event."""
ONLY_WITH, BOTH, ONLY_WITHOUT = "only_with", "both", "only_without"
OCCURRENCES = (ONLY_WITH, BOTH, ONLY_WITHOUT)
"""An event occurs only with the shock, also without it, or (in the counterfactual) only without it."""
Happening = tuple[int, str, str, str]
"""Quarter, kind, code of the actor and code of the organization ("" for none)."""


class EventError(ValueError):
    """An event of an undeclared kind, or of another form than its kind declares."""


class Event(NamedTuple):
    """Something of a `kind` that `actor` (a state's row or -1) did in `organization` (a row or -1), with its details.

    The schedule fills in the rest: `code` is the organization's code at the time, since another organization may take
    over its row later; `detail` is the details in words.
    """

    kind: str
    actor: int = -1
    organization: int = -1
    details: Mapping[str, Value] = NO_DETAILS
    code: str = ""
    detail: str = ""

    def __hash__(self) -> int:
        return hash((self.kind, self.actor, self.organization, self.code))  # details are a mapping: equal, not hashed


class Detail(NamedTuple):
    """Declaration of one detail: its type, unit and meaning, and the texts that it may be (empty: any)."""

    type: type[int] | type[float] | type[str]
    unit: str
    meaning: str
    choices: tuple[str, ...] = ()

    def admits(self, value: Any) -> bool:
        """Return whether a value has the type and is one of the choices."""
        return type(value) is self.type and (not self.choices or value in self.choices)


def _by_name(event: Event) -> str:
    """Return the details as names with values."""
    if not event.details:
        return ""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in event.details.items())


class EventKind(NamedTuple):
    """Declaration of one kind of event.

    `actor` is who the event says acts: a state, only the organization itself, or nobody. `organization` says whether it
    names an organization: always, never or (None) sometimes. `theme` groups kinds for timelines. `routine` kinds are so
    frequent that they are summarized; kinds that are not `told` are covered by another kind. `text` writes the details
    for the column `detail` of the table of events.
    """

    name: str
    actor: Literal["state", "organization", "none"]
    organization: bool | None
    theme: str
    meaning: str
    details: Mapping[str, Detail] = {}
    text: Callable[[Event], str] = _by_name
    routine: bool = False
    told: bool = True

    @property
    def sentence(self) -> str:
        """The key of its sentence in `abm/words`."""
        return f"event.{self.name}"

    def check(self, event: Event) -> None:
        """Raise EventError if an event does not have the declared form."""
        if event.details.keys() != self.details.keys():
            raise EventError(
                f"event {self.name} has the details {sorted(event.details)}, must have {sorted(self.details)}"
            )
        for name, value in event.details.items():
            if not self.details[name].admits(value):
                wanted = self.details[name].choices or self.details[name].type.__name__
                raise EventError(f"event {self.name}: {name} is {value!r}, must be {wanted}")
        if (event.actor >= 0) != (self.actor == "state"):
            raise EventError(f"event {self.name} names row {event.actor} as its actor, must name {self.actor}")
        if self.organization is not None and (event.organization >= 0) != self.organization:
            must = "must" if self.organization else "must not"
            raise EventError(f"event {self.name} names row {event.organization}, {must} name an organization")


def _announced(event: Event) -> str:
    """Return when an exit announced by a shock takes effect, or that it follows a threat; "" for the hazard."""
    if event.details["origin"] != "shock":
        return "after a failed threat" if event.details["origin"] == "threat" else ""
    quarters = event.details["notice_quarters"]
    return f"effective in {quarters} quarters" if quarters else "effective at once"


def _reason(event: Event) -> str:
    """Return why an act had no effect."""
    return str(event.details["reason"]).replace("_", " ")


RULES = (
    "shock", "threat", "affinity", "agreement", "example", "act", "ally", "review", "views", "value", "distance",
    "size", "other", "none",
)  # fmt: skip
"""What can decide an announced exit: a shock, a failed threat, or one of the rules in `abm.deciding_rule`."""
ANNOUNCED = {
    "notice_quarters": Detail(int, "quarters", "until the exit takes effect"),
    "origin": Detail(str, "", "a shock, the state's own hazard or review, a threat", ("shock", "hazard", "threat")),
    "rule": Detail(str, "", "without which it would be less than half as likely, if there is one", RULES),
}
REASONS = (
    "no_member", "already_leaving", "no_participant", "has_not_left", "never_was_a_member", "that_party_is_in_office",
    "the_body_is_gone", "its_members_are_unknown", "no_state_belongs", "too_few_join",
)  # fmt: skip
CLUB = {
    "code": Detail(str, "", "the club's code"),
    "members": Detail(int, "states", "founding members"),
}
ACTION = {"action": Detail(str, "", "what it does", ("censure", "sanction", "suspend", "expel"))}
DIRECTION = {"direction": Detail(str, "", "of the new party", ("sovereigntist", "internationalist"))}


def _pair(name: str, theme: str, meaning: str, **more: Any) -> EventKind:
    """Return a kind in which a state acts on an organization."""
    return EventKind(name, "state", True, theme, meaning, **more)


EVENTS: dict[str, EventKind] = {
    kind.name: kind
    for kind in (
        _pair("announce", "announcement", "a state announces its exit", details=ANNOUNCED, text=_announced),
        _pair("exit", "exit", "an exit takes effect"),
        _pair("participation_stopped", "exit", "a shock ends participation without an exit"),
        _pair("participation_resumed", "return", "a state takes part again"),
        EventKind(
            "no_effect", "state", None, "no_effect", "an act of a shock has no object",
            {"reason": Detail(str, "", "why", REASONS)}, _reason,
        ),
        _pair("return", "return", "a state returns, by a shock or by itself"),
        _pair("notice_withdrawn", "return", "a state withdraws the notice of its exit"),
        _pair("refusal", "act", "a state declares never to join"),
        _pair("funding_cut", "act", "policy cuts voluntary money"),
        _pair("funding_restored", "act", "policy allows voluntary money again"),
        _pair("dues_withheld", "act", "policy withholds dues"),
        _pair("dues_resumed", "act", "policy pays dues again"),
        _pair("obstruction", "act", "a state presses the other members"),
        _pair("obstruction_ended", "act", "the pressure ends"),
        _pair("press", "act", "a state presses the others on one resolution"),
        EventKind("position_shift", "state", False, "act", "the position of a state jumps"),
        _pair("threat", "threat", "a state threatens to leave"),
        _pair("concession", "threat", "the organization gives way to a threat"),
        _pair("bluff", "threat", "a threat is neither met nor carried out"),
        _pair("sanction", "act", "a sanction hits the organization's capacity"),
        _pair("sanction_lifted", "act", "the sanction ends"),
        _pair("rhetoric", "act", "a state expresses contempt"),
        _pair("redirection", "act", "a leaver moves its savings to the organization"),
        _pair("redirection_ended", "act", "it moves them there no longer"),
        _pair(
            "discipline", "discipline", "the organization acts on a state", details=ACTION,
            text=lambda event: str(event.details["action"]),
        ),
        _pair("discipline_ended", "discipline", "its act on a state ends", details=ACTION),
        EventKind("unilateral_act", "state", False, "act", "an act that obligations would have constrained"),
        _pair("adaptation", "answer", "the organization moves towards a state that has announced its exit"),
        _pair("resistance", "answer", "the organization moves away from a state that has announced its exit"),
        EventKind(
            "government", "state", False, "government", "the other party takes office", DIRECTION,
            lambda event: f"a more {event.details['direction']} government takes office",
        ),
        EventKind("invitation", "state", False, "club", "a state invites others to a club of its own"),
        EventKind(
            "club", "state", False, "club", "a club is proposed and finds enough members", CLUB,
            lambda event: f"{event.details['code']} with {event.details['members']} members", told=False,
        ),
        _pair("founded", "club", "a club comes into being", text=lambda event: event.code),
        EventKind("zombie", "organization", True, "sleep", "an organization falls asleep"),
        EventKind("death", "organization", True, "end", "an organization ends"),
        EventKind("replaced", "organization", True, "end", "an organization ends; a younger one holds its members"),
        _pair("vote_lost", "vote", "arrears of two full years cost the vote", routine=True),
        _pair("vote_regained", "vote", "the vote is regained", routine=True),
    )
}  # fmt: skip
"""Every kind of event by name, in the order used in stories."""


def recorded(event: Event, code: str = "", own: Sequence[EventKind] = ()) -> Event:
    """Return a checked event with the code of its organization and its details in words.

    `own` are the kinds that a user's process declares beside EVENTS. Raises EventError.
    """
    kind = EVENTS.get(event.kind) or next((kind for kind in own if kind.name == event.kind), None)
    if kind is None:
        raise EventError(f"{event.kind} is not a declared kind of event; EVENTS or the process must declare it")
    kind.check(event)
    coded = Event(event.kind, event.actor, event.organization, event.details, code)
    text = kind.text(coded)
    return coded._replace(detail=text) if text else coded


def as_json(details: Mapping[str, Value]) -> str:
    """Return details as JSON, "" for none."""
    return json.dumps(details, ensure_ascii=False) if details else ""


def from_json(text: str) -> dict[str, Value]:
    """Return the details that `as_json` wrote."""
    return dict(json.loads(text)) if text else {}


def occurrences(run: Sequence[Happening], counterfactual: Sequence[Happening]) -> tuple[list[str], list[str]]:
    """Return where each event of a run, and each of its counterfactual, occurs: one of OCCURRENCES.

    Two events are the same if kind, actor and organization are equal and their quarters differ by at most TOLERANCE.
    They are paired one to one: the smallest difference first, then the earliest. The code of a club contains the
    quarter of its founding, so a club founded in another quarter is another club.
    """
    waiting: dict[Happening, list[int]] = {}
    for place, event in enumerate(counterfactual):
        waiting.setdefault(event, []).append(place)
    with_shock, without = [ONLY_WITH] * len(run), [ONLY_WITHOUT] * len(counterfactual)
    for gap in range(TOLERANCE + 1):
        for place in [place for place, mark in enumerate(with_shock) if mark == ONLY_WITH]:
            quarter, kind, actor, organization = run[place]
            for when in (quarter - gap, quarter + gap):
                if places := waiting.get((when, kind, actor, organization)):
                    with_shock[place] = without[places.pop(0)] = BOTH
                    break
    return with_shock, without
