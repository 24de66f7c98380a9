"""What acts do: one function for each kind of shock. What an act means for a body follows from the body.

`exit` resolves by body: a membership or treaty is left after its notice; in a UN organ, fund or office
participation and voluntary money stop at once. An act without an object has no effect, and says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from abm.shocks.kinds import LASTING
from abm.state.world import Array, Event, World


class DatedAct(NamedTuple):
    """One act of one state on one body (-1: none) in one quarter.

    `ends` marks the end of a reversible act; `share` is 1 / the number of bodies that the shock acts on.
    """

    quarter: int
    number: int
    shock: Any
    actor: int
    organization: int
    ends: bool = False
    share: float = 1.0


@dataclass
class Desk:
    """The fields that this quarter's acts change, copied when first touched, and the events they cause.

    `values` are the parameters of the process that carries the acts out, `schedule` all acts of the run.
    """

    world: World
    values: Any
    changed: dict[str, Array]
    events: list[Event]
    schedule: Sequence[DatedAct] = ()

    def running(self, act: DatedAct, *kinds: str) -> list[Any]:
        """Return the other acts of these kinds on the same body by the same state that have begun and not ended."""
        pair = [other for other in self.schedule if other[3:5] == act[3:5] and other.number != act.number]
        ended = {other.number for other in pair if other.ends and other.quarter <= self.world.quarter}
        begun = [other for other in pair if not other.ends and other.quarter <= self.world.quarter]
        return [other.shock for other in begun if other.shock.kind in kinds and other.number not in ended]

    def ended(self, act: DatedAct) -> bool:
        """Return whether the end of an act has come."""
        same = [other for other in self.schedule if other.ends and other[1] == act[1] and other[3:5] == act[3:5]]
        return any(other.quarter <= self.world.quarter for other in same)

    def leaving(self, act: DatedAct) -> bool:
        """Return whether the same state has left the same body, or decouples from it during its notice."""
        place = (act.actor, act.organization)
        if self.see("left_party")[place] != 0 and self.see("present")[place] == 0:
            return True
        departures = self.running(act, "exit", "leave_treaty", "review")
        decoupling = any(shock.mode == "decouple" for shock in departures)
        return bool(self.see("notice")[place] >= 0 and decoupling)

    def edit(self, name: str) -> Array:
        """Return the array of a field, to be changed in place."""
        if not self.see(name).flags.writeable:
            self.changed[name] = self.see(name).copy()
        return self.changed[name]

    def see(self, name: str) -> Array:
        """Return the array of a field as earlier acts of the quarter left it."""
        return self.changed[name] if name in self.changed else getattr(self.world, name)

    def tell(self, kind: str, act: DatedAct, detail: str = "") -> None:
        """Add a line to the story."""
        self.events.append(Event(kind, act.actor, act.organization, detail))


def leave(desk: Desk, act: DatedAct) -> None:
    """Announce an exit, or stop participation where there is no membership to leave."""
    world, shock = desk.world, act.shock
    place = (act.actor, act.organization)
    if world.exit_form[act.organization] == 2:
        leave_organ(desk, act)
        return
    if desk.see("member")[place] == 0 or desk.see("notice")[place] >= 0:
        desk.tell("no_effect", act, "no member" if desk.see("member")[place] == 0 else "already leaving")
        return
    notice = getattr(shock, "notice_quarters", 0)
    quarters = world.notice_rule[act.organization] if notice == "by_body" else float(notice)
    desk.edit("notice")[place] = quarters
    desk.edit("announced")[place] = 1.0
    if getattr(shock, "mode", "decouple") == "decouple":
        desk.edit("withheld")[place] = 1.0
        desk.edit("policy")[place] = 0.0
    desk.tell("announce", act, f"effective in {quarters:.0f} quarters" if quarters else "effective at once")


def leave_organ(desk: Desk, act: DatedAct) -> None:
    """Stop participation in, and voluntary money to, a body that cannot be left."""
    place = (act.actor, act.organization)
    if desk.see("present")[place] == 0:
        desk.tell("no_effect", act, "no participant")
        return
    stop_participation(desk, act)
    desk.edit("policy")[place] = 0.0
    desk.edit("announced")[place] = 1.0
    desk.edit("left_party")[place] = desk.see("party")[act.actor]


def stop_participation(desk: Desk, act: DatedAct) -> None:
    """Stay away from meetings, posts and votes; come back when the act ends, unless the body has been left."""
    place = (act.actor, act.organization)
    if act.ends:
        if not desk.leaving(act) and not desk.running(act, "stop_participation"):
            desk.edit("present")[place] = desk.see("member")[place]
            desk.tell("participation_resumed", act)
        return
    desk.edit("present")[place] = 0.0
    desk.edit("vacancy")[act.organization] += desk.see("posts")[place]
    desk.edit("posts")[place] = 0.0
    desk.tell("participation_stopped", act)


def leave_treaty(desk: Desk, act: DatedAct) -> None:
    """Leave where the body is a treaty; other bodies of the selection are left alone."""
    if desk.world.exit_form[act.organization] == 1:
        leave(desk, act)


def refuse(desk: Desk, act: DatedAct) -> None:
    """Never join; unsign where the state is a party."""
    place = (act.actor, act.organization)
    desk.edit("barred")[place] = 0.0 if act.ends else 1.0
    if act.ends:
        return
    desk.tell("refusal", act)
    if desk.see("member")[place] and desk.see("notice")[place] < 0 and desk.world.exit_form[act.organization] < 2:
        desk.edit("notice")[place] = 0.0
        desk.edit("announced")[place] = 1.0


def cut(desk: Desk, act: DatedAct) -> None:
    """Cut voluntary money (defund, freeze); at the end what other running cuts leave is restored."""
    place = (act.actor, act.organization)
    others = [1 - shock.fraction for shock in desk.running(act, "defund", "freeze")]
    left = min(others, default=1.0) if act.ends else min(desk.see("policy")[place], 1 - act.shock.fraction)
    desk.edit("policy")[place] = 0.0 if desk.leaving(act) else left
    if desk.world.rest_voluntary[place] > 0:
        desk.tell("funding_restored" if act.ends else "funding_cut", act)


def withhold(desk: Desk, act: DatedAct) -> None:
    """Withhold dues of a member; at the end what other running acts withhold stays withheld."""
    place = (act.actor, act.organization)
    others = [shock.fraction for shock in desk.running(act, "withhold_dues")]
    share = max(others, default=0.0) if act.ends else max(desk.see("withheld")[place], act.shock.fraction)
    desk.edit("withheld")[place] = desk.see("withheld")[place] if desk.leaving(act) else share
    desk.tell("dues_resumed" if act.ends else "dues_withheld", act)


def obstruct(desk: Desk, act: DatedAct) -> None:
    """Press the other members, from inside or outside."""
    desk.edit("obstruction")[act.actor, act.organization] = 0.0 if act.ends else act.shock.strength
    desk.tell("obstruction_ended" if act.ends else "obstruction", act)


def threaten(desk: Desk, act: DatedAct) -> None:
    """Start the clock of a threat with a demand."""
    place, shock = (act.actor, act.organization), act.shock
    if desk.see("member")[place] == 0 or desk.see("notice")[place] >= 0:
        desk.tell("no_effect", act, "no member")
        return
    desk.edit("threat")[place] = shock.deadline_quarters
    demand = shock.demand
    beyond = np.zeros(2) if demand == "actor" else np.array(demand) - desk.world.position[act.actor]
    desk.edit("demand")[place] = beyond
    desk.tell("threat", act)


def sanction(desk: Desk, act: DatedAct) -> None:
    """Hit the operating capacity of a body, or lift the sanction and leave the others."""
    row = act.organization
    running = [
        other.shock.strength
        for other in desk.schedule
        if other.shock.kind == "sanction"
        and other.organization == row
        and other.quarter <= desk.world.quarter
        and not other.ends
        and not desk.ended(other)
    ]
    desk.edit("capacity")[row] = float(np.prod([1 - strength for strength in running]))
    if not act.ends:
        said = desk.edit("rhetoric")
        said[act.actor, row] = max(said[act.actor, row], act.shock.strength)  # a sanction condemns, too
    desk.tell("sanction_lifted" if act.ends else "sanction", act)


def speak(desk: Desk, act: DatedAct) -> None:
    """Express contempt: blame for the body, and a cost in credibility for the speaker."""
    if act.ends:
        return
    said = desk.edit("rhetoric")
    place = (act.actor, act.organization)
    said[place] = max(said[place], act.shock.strength)  # of several shocks the loudest is heard
    desk.edit("credibility")[act.actor] *= 1 - desk.values.rhetoric_cost * act.shock.strength
    desk.tell("rhetoric", act)


def return_(desk: Desk, act: DatedAct) -> None:
    """Come back, or withdraw a notice; old arrears are settled as the act says."""
    place = (act.actor, act.organization)
    away = desk.see("left_party")[place] != 0 or desk.see("member")[place] > 0
    short = desk.see("present")[place] == 0 or desk.see("notice")[place] >= 0 or desk.see("policy")[place] < 1
    if not away or not (short or desk.see("withheld")[place] > 0):
        desk.tell("no_effect", act, "has not left" if away else "never was a member")
        return
    for name, value in (("member", 1.0), ("present", 1.0), ("policy", 1.0), ("withheld", 0.0), ("notice", -1.0)):
        desk.edit(name)[place] = value
    desk.edit("settle")[place] = act.shock.settle_arrears
    desk.tell("return", act)


def change_government(desk: Desk, act: DatedAct) -> None:
    """Put the other party into office; politics draws the consequences in the same quarter."""
    party = 1.0 if act.shock.government == "sovereigntist" else -1.0
    if desk.see("party")[act.actor] == party:
        desk.tell("no_effect", act, "that party is in office")
        return
    desk.edit("party")[act.actor] = party
    desk.edit("government_age")[act.actor] = -1.0


def redirect(desk: Desk, act: DatedAct) -> None:
    """Move savings here."""
    desk.edit("redirection")[act.actor, act.organization] = 0.0 if act.ends else act.share * act.shock.share
    desk.tell("redirection_ended" if act.ends else "redirection", act)


def act_alone(desk: Desk, act: DatedAct) -> None:
    """Act unilaterally: obligations that still bind the actor eat part of the gain; distrustful states censure."""
    world, actor, shock = desk.world, act.actor, act.shock
    if act.ends:
        return
    issue = world.issues.index(shock.issue_area)
    area = world.issue == issue
    bound = area * world.reciprocal * desk.see("present")[actor] * world.commitment[actor]
    freedom = 1 - bound.sum() / max(1.0, (area * world.reciprocal).sum())
    desk.edit("autonomy_gain")[actor] += shock.payoff * freedom
    distrust = float(world.capability @ (1 - world.trust[:, actor])) / 2
    desk.edit("censured")[actor] += desk.values.censure_weight * shock.strength * distrust
    hurt = desk.values.unilateral_betrayal * shock.strength * world.salience[:, issue]
    hurt[actor] = 0.0
    desk.edit("betrayal")[:, actor] += hurt
    desk.tell("unilateral_act", act)


ACTS: dict[str, Callable[[Desk, DatedAct], None]] = {
    "exit": leave, "leave_treaty": leave_treaty, "refuse": refuse, "stop_participation": stop_participation,
    "defund": cut, "freeze": cut, "withhold_dues": withhold, "obstruct": obstruct, "threaten": threaten,
    "sanction": sanction, "rhetoric": speak, "return": return_, "change_government": change_government,
    "redirect": redirect, "unilateral_act": act_alone,
}  # fmt: skip
"""What each kind of shock does; a review chooses its objects first, then does what an exit does."""


def dated(
    number: int, shock: Any, start: int, until: int | None, actors: Sequence[int], rows: Sequence[int]
) -> list[DatedAct]:
    """Return the acts of one shock: each actor on each body, staggered, with their ends; `rows` is [-1] for none.

    Bodies whose turn would come after the end are left alone.
    """
    gap = getattr(shock, "stagger_quarters", 0)
    first = start + getattr(shock, "audit_quarters", 0)
    last = None if shock.kind in LASTING else until
    begun = [
        DatedAct(first + gap * place, number, shock, actor, row, share=1 / len(rows))
        for actor in actors
        for place, row in enumerate(rows)
        if last is None or first + gap * place < last
    ]
    return begun if last is None else begun + [act._replace(quarter=last, ends=True) for act in begun]


def reviewed(world: World, acts: Sequence[DatedAct]) -> list[DatedAct]:
    """Return those reviewed memberships that are dropped: the share `bar` with the lowest value for their money.

    Value is what the body achieves in areas that matter to the state, as far as it fits and is heard there; its price
    is the share of the state's multilateral money that it costs.
    """
    actor = acts[0].actor
    rows = np.array([act.organization for act in acts])
    held = world.present[actor, rows] * world.counted[rows] > 0
    kept = [act for act, is_held in zip(acts, held, strict=True) if is_held]
    if not kept:
        return []
    rows = rows[held]
    money = (world.dues_rate + world.rest_voluntary)[actor]
    worth = world.salience[actor, world.issue[rows].astype(int)] * world.rest_effectiveness[rows]
    worth = (
        worth * world.effectiveness[rows] * np.exp(-world.distance[actor, rows] / 2) * (1 + world.agenda[actor, rows])
    )
    value = worth - money[rows] / max(float(money.sum()), 1.0)
    count = round(acts[0].shock.bar * len(rows))
    return [kept[place] for place in np.lexsort((world.organization_ids[rows], value))[:count]]
