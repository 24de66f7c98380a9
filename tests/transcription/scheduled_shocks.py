"""7.1 scheduled_shocks."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.transcription.reading import Luck, Outcome, Seen, Told, copied, value

LASTING = (
    "exit", "leave_treaty", "threaten", "review", "return", "change_government", "found_club", "press",
    "shift_position",
)  # fmt: skip
CHANGED = (
    "announced", "rhetoric", "autonomy_gain", "censured", "notice", "withheld", "voluntary_allowed", "participation",
    "vacancy", "posts_share", "refuses_to_join", "obstruction", "threat", "demand", "capacity", "credibility",
    "member", "settle", "party", "government_age", "redirection", "betrayal", "party_at_exit",
    "founding", "example_quarters", "grievance", "pressing", "position", "bought",
)  # fmt: skip


class Deed(NamedTuple):
    """What state i does to body o (-1: none): it begins, and ends, in a quarter; `number` is that of the shock."""

    number: int
    shock: Any
    i: int
    o: int
    begins: int
    ends: int | None
    share: float


def deeds(number: int, shock: Any, actors: Sequence[int], bodies: Sequence[int]) -> list[Deed]:
    """The dates of shock n by each of its actors on its p-th body."""
    q = quarter_of(shock.announced) + (shock.audit_quarters if shock.kind == "review" else 0)
    until = quarter_of(shock.until) if shock.until and shock.kind not in LASTING else None
    found = []
    for i in actors:
        for p, o in enumerate(bodies):
            begins = q + p * getattr(shock, "stagger_quarters", 0)
            if until is None or begins < until:
                found.append(Deed(number, shock, i, o, begins, until, 1 / len(bodies)))
    return found


def quarter_of(text: str) -> int:
    year, quarter = text.split("Q")
    return 4 * int(year) + int(quarter) - 1


@dataclass
class Day:
    """The acts of one quarter: what they have changed so far, and the deeds of all shocks that happen."""

    w: Seen
    v: Any
    now: dict[str, Any]
    deeds: list[Deed]
    events: list[Told]

    def tell(self, kind: str, d: Deed) -> None:
        self.events.append((kind, d.i, d.o))

    def runs(self, d: Deed) -> bool:
        return d.begins <= self.w.quarter and (d.ends is None or d.ends > self.w.quarter)

    def running(self, d: Deed, *kinds: str) -> list[Any]:
        """Running shocks of these kinds, but this one, of the same state on the same body."""
        same = [e for e in self.deeds if (e.i, e.o) == (d.i, d.o) and e.number != d.number]
        return [e.shock for e in same if e.shock.kind in kinds and self.runs(e)]

    def leaving(self, d: Deed) -> bool:
        if self.now["party_at_exit"][d.i][d.o] != 0 and self.now["participation"][d.i][d.o] == 0:
            return True
        decoupling = [s for s in self.running(d, "exit", "leave_treaty", "review") if s.mode == "decouple"]
        return self.now["notice"][d.i][d.o] >= 0 and bool(decoupling)


def scheduled_shocks(w: Seen, v: Any, luck: Luck, planned: Sequence[Deed]) -> Outcome:
    lots = luck.fixed_uniforms(1 + max((d.number for d in planned), default=-1))
    happening = [d for d in planned if lots[d.number] < d.shock.probability]
    day = Day(w, v, {name: copied(getattr(w, name)) for name in CHANGED}, happening, [])
    for name in ("announced", "rhetoric"):
        day.now[name] = [[0.0 for _ in w.bodies] for _ in w.states]
    for name in ("autonomy_gain", "censured"):
        day.now[name] = [(1 - v.fading_rate) * x for x in day.now[name]]
    for d in happening:
        today = d.begins == w.quarter and d.shock.kind != "review"
        if today or (lasts(d) and d.ends is not None and d.begins < w.quarter < d.ends):
            carry_out(day, d, BEGIN[d.shock.kind])
        elif d.ends == w.quarter:
            carry_out(day, d, END[d.shock.kind], conditional=False)
    for d in reviewed(w, [d for d in happening if d.shock.kind == "review" and d.begins == w.quarter]):
        carry_out(day, d, leave)
    return Outcome(day.now, day.events)


def lasts(d: Deed) -> bool:
    return d.shock.kind == "rhetoric" or (d.shock.kind == "discipline" and d.shock.action in ("censure", "sanction"))


def carry_out(day: Day, d: Deed, act: Callable[[Day, Deed], None], conditional: bool = True) -> None:
    if d.o >= 0 and not day.w.in_scope[d.o]:
        day.tell("no_effect", d)
    elif not conditional or allowed(day, d):
        act(day, d)


def allowed(day: Day, d: Deed) -> bool:
    if d.shock.condition == "member":
        return day.now["member"][d.i][d.o] > 0
    party = {"sovereigntist": 1, "internationalist": -1}
    return d.shock.condition is None or day.now["party"][d.i] == party[d.shock.condition]


def leave(day: Day, d: Deed) -> None:
    if day.w.exit_form[d.o] == 2:
        leave_organ(day, d)
    elif not day.now["member"][d.i][d.o] or day.now["notice"][d.i][d.o] >= 0:
        day.tell("no_effect", d)
    else:
        notice = d.shock.notice_quarters
        day.now["notice"][d.i][d.o] = day.w.notice_rule[d.o] if notice == "by_body" else notice
        day.now["announced"][d.i][d.o] = 1.0
        if d.shock.mode == "decouple":
            day.now["withheld"][d.i][d.o] = 1.0
            day.now["voluntary_allowed"][d.i][d.o] = 0.0
        day.tell("announce", d)


def leave_organ(day: Day, d: Deed) -> None:
    if not day.now["participation"][d.i][d.o]:
        day.tell("no_effect", d)
        return
    stop_participation(day, d)
    day.now["voluntary_allowed"][d.i][d.o] = 0.0
    day.now["announced"][d.i][d.o] = 1.0
    day.now["notice"][d.i][d.o] = -1.0
    day.now["party_at_exit"][d.i][d.o] = day.now["party"][d.i]


def leave_treaty(day: Day, d: Deed) -> None:
    if day.w.exit_form[d.o] == 1:
        leave(day, d)


def refuse(day: Day, d: Deed) -> None:
    day.now["refuses_to_join"][d.i][d.o] = 1.0
    day.tell("refusal", d)
    if day.now["member"][d.i][d.o] and day.now["notice"][d.i][d.o] < 0 and day.w.exit_form[d.o] < 2:
        day.now["notice"][d.i][d.o] = 0.0
        day.now["announced"][d.i][d.o] = 1.0
        day.tell("announce", d)


def refuse_no_more(day: Day, d: Deed) -> None:
    day.now["refuses_to_join"][d.i][d.o] = 0.0


def press(day: Day, d: Deed) -> None:
    day.now["pressing"][d.i][d.o] = d.shock.strength
    day.tell("press", d)


def jump(day: Day, d: Deed) -> None:
    day.now["position"][d.i] = list(d.shock.position)
    day.tell("position_shift", d)


def acted_on(day: Day, d: Deed) -> None:
    if not day.now["member"][d.i][d.o] and d.shock.action in ("suspend", "expel"):
        day.tell("no_effect", d)
        return
    day.now["grievance"][d.i][d.o] = max(day.now["grievance"][d.i][d.o], d.shock.strength)
    if d.shock.action in ("suspend", "expel"):
        day.now["vacancy"][d.o] += day.now["posts_share"][d.i][d.o]
        day.now["posts_share"][d.i][d.o] = day.now["participation"][d.i][d.o] = 0.0
    if d.shock.action == "expel":
        day.now["member"][d.i][d.o] = day.now["withheld"][d.i][d.o] = 0.0
        day.now["bought"][d.i][d.o] = 0.0
        day.now["notice"][d.i][d.o] = day.now["threat"][d.i][d.o] = -1.0
        day.now["refuses_to_join"][d.i][d.o] = 1.0
        day.now["party_at_exit"][d.i][d.o] = day.now["party"][d.i]
    day.tell("discipline", d)


def acted_on_no_more(day: Day, d: Deed) -> None:
    if d.shock.action == "suspend" and not day.leaving(d):
        day.now["participation"][d.i][d.o] = day.now["member"][d.i][d.o]
    if d.shock.action == "expel":
        day.now["refuses_to_join"][d.i][d.o] = 0.0
    day.tell("discipline_ended", d)


def stop_participation(day: Day, d: Deed) -> None:
    if not day.now["participation"][d.i][d.o]:
        day.tell("no_effect", d)
        return
    day.now["vacancy"][d.o] += day.now["posts_share"][d.i][d.o]
    day.now["posts_share"][d.i][d.o] = day.now["participation"][d.i][d.o] = 0.0
    day.tell("participation_stopped", d)


def participate(day: Day, d: Deed) -> None:
    away = day.now["participation"][d.i][d.o] < day.now["member"][d.i][d.o]
    if away and not day.leaving(d) and not day.running(d, "stop_participation"):
        day.now["participation"][d.i][d.o] = day.now["member"][d.i][d.o]
        day.tell("participation_resumed", d)


def cut(day: Day, d: Deed) -> None:
    allowed_share = min(day.now["voluntary_allowed"][d.i][d.o], 1 - d.shock.fraction)
    day.now["voluntary_allowed"][d.i][d.o] = 0.0 if day.leaving(d) else allowed_share
    if day.w.initial_voluntary[d.i][d.o]:
        day.tell("funding_cut", d)


def restore(day: Day, d: Deed) -> None:
    others = [1 - shock.fraction for shock in day.running(d, "defund", "freeze")]
    day.now["voluntary_allowed"][d.i][d.o] = 0.0 if day.leaving(d) else min(others, default=1.0)
    if day.w.initial_voluntary[d.i][d.o]:
        day.tell("funding_restored", d)


def withhold(day: Day, d: Deed) -> None:
    if not day.now["member"][d.i][d.o]:
        day.tell("no_effect", d)
        return
    if not day.leaving(d):
        day.now["withheld"][d.i][d.o] = max(day.now["withheld"][d.i][d.o], d.shock.fraction)
    day.tell("dues_withheld", d)


def pay_again(day: Day, d: Deed) -> None:
    if not day.now["member"][d.i][d.o]:
        return
    if not day.leaving(d):
        others = [shock.fraction for shock in day.running(d, "withhold_dues")]
        day.now["withheld"][d.i][d.o] = max(others, default=0.0)
    day.tell("dues_resumed", d)


def obstruct(day: Day, d: Deed) -> None:
    day.now["obstruction"][d.i][d.o] = d.shock.strength
    day.tell("obstruction", d)


def obstruct_no_more(day: Day, d: Deed) -> None:
    day.now["obstruction"][d.i][d.o] = 0.0
    day.tell("obstruction_ended", d)


def threaten(day: Day, d: Deed) -> None:
    if not day.now["member"][d.i][d.o] or day.now["notice"][d.i][d.o] >= 0:
        day.tell("no_effect", d)
        return
    day.now["threat"][d.i][d.o] = d.shock.deadline_quarters
    own = day.w.position[d.i]
    point = own if d.shock.demand == "actor" else d.shock.demand
    day.now["demand"][d.i][d.o] = [point[x] - own[x] for x in day.w.axes]
    day.tell("threat", d)


def capacity(day: Day, d: Deed) -> None:
    """Capacity left by all sanctions on the body that have begun and not ended, by whomever."""
    sanctions = [e for e in day.deeds if e.shock.kind == "sanction" and e.o == d.o and day.runs(e)]
    day.now["capacity"][d.o] = math.prod(1 - e.shock.strength for e in sanctions)


def sanction(day: Day, d: Deed) -> None:
    capacity(day, d)
    day.now["rhetoric"][d.i][d.o] = max(day.now["rhetoric"][d.i][d.o], d.shock.strength)
    day.tell("sanction", d)


def lift(day: Day, d: Deed) -> None:
    capacity(day, d)
    day.tell("sanction_lifted", d)


def speak(day: Day, d: Deed) -> None:
    day.now["rhetoric"][d.i][d.o] = max(day.now["rhetoric"][d.i][d.o], d.shock.strength)
    day.now["credibility"][d.i] *= 1 - day.v.rhetoric_cost * d.shock.strength
    day.tell("rhetoric", d)


def reviewed(w: Seen, decisions: list[Deed]) -> list[Deed]:
    """Those held memberships of lowest value, for each shock and actor."""
    dropped: list[Deed] = []
    for number, i in sorted({(d.number, d.i) for d in decisions}, key=[(d.number, d.i) for d in decisions].index):
        held = [
            d for d in decisions if (d.number, d.i) == (number, i) and w.in_scope[d.o] and w.participation[i][d.o] > 0
        ]
        held.sort(key=lambda d: (value(w, d.i, d.o), w.organization_ids[d.o]))
        dropped += held[: round(held[0].shock.bar * len(held))] if held else []
    return dropped


def come_back(day: Day, d: Deed) -> None:
    def now(name: str) -> float:
        return day.now[name][d.i][d.o]

    known = now("party_at_exit") != 0 or now("member") > 0
    short = now("participation") == 0 or now("notice") >= 0 or now("voluntary_allowed") < 1 or now("withheld") > 0
    if not (known and short):
        day.tell("no_effect", d)
        return
    for name, later in (
        ("member", 1.0),
        ("participation", 1.0),
        ("voluntary_allowed", 1.0),
        ("withheld", 0.0),
        ("notice", -1.0),
        ("example_quarters", -1.0),
    ):
        day.now[name][d.i][d.o] = later
    day.now["settle"][d.i][d.o] = d.shock.settle_arrears
    day.tell("return", d)


def change_government(day: Day, d: Deed) -> None:
    party = 1.0 if d.shock.government == "sovereigntist" else -1.0
    if day.now["party"][d.i] == party:
        day.tell("no_effect", d)
        return
    day.now["party"][d.i], day.now["government_age"][d.i] = party, -1.0


def redirect(day: Day, d: Deed) -> None:
    day.now["redirection"][d.i][d.o] = d.shock.share * d.share
    day.tell("redirection", d)


def redirect_no_more(day: Day, d: Deed) -> None:
    day.now["redirection"][d.i][d.o] = 0.0
    day.tell("redirection_ended", d)


def act_alone(day: Day, d: Deed) -> None:
    w, k = day.w, day.w.issues.index(d.shock.issue_area)
    A = [o for o in w.bodies if w.area[o] == k]
    bound = sum(w.reciprocal[o] * day.now["participation"][d.i][o] * w.commitment[d.i][o] for o in A)
    day.now["autonomy_gain"][d.i] += d.shock.payoff * (1 - bound / max(1, sum(w.reciprocal[o] for o in A)))
    seen = sum(w.capability[j] * (1 - w.trust[j][d.i]) / 2 for j in w.states)
    day.now["censured"][d.i] += day.v.censure_weight * d.shock.strength * seen
    for j in w.states:
        if j != d.i:
            day.now["betrayal"][j][d.i] += day.v.unilateral_betrayal * d.shock.strength * w.salience[j][k]
    day.tell("unilateral_act", d)


def invite(day: Day, d: Deed) -> None:
    day.now["founding"][d.i][day.w.issues.index(d.shock.issue_area)] = 2.0 if d.shock.club == "leaders" else 1.0
    day.tell("invitation", d)


def nothing(day: Day, d: Deed) -> None:
    """What was said or done once has no end of its own."""


BEGIN = {
    "exit": leave, "leave_treaty": leave_treaty, "refuse": refuse, "stop_participation": stop_participation,
    "defund": cut, "freeze": cut, "withhold_dues": withhold, "obstruct": obstruct, "threaten": threaten,
    "sanction": sanction, "rhetoric": speak, "return": come_back, "change_government": change_government,
    "redirect": redirect, "unilateral_act": act_alone,
    "found_club": invite, "discipline": acted_on, "press": press, "shift_position": jump,
}  # fmt: skip
END = {
    "refuse": refuse_no_more, "stop_participation": participate, "defund": restore, "freeze": restore,
    "withhold_dues": pay_again, "obstruct": obstruct_no_more, "sanction": lift, "rhetoric": nothing,
    "redirect": redirect_no_more, "unilateral_act": nothing,
    "discipline": acted_on_no_more,
}  # fmt: skip
