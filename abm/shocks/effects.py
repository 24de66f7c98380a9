"""Effects of shocks: one function for each kind. What an act means for an organization follows from the organization.

`exit` resolves by organization: a membership or treaty is left after its notice; in a UN organ, fund or office
participation and voluntary money stop at once. An act without an object has no effect, and says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.events import Event, Value
from abm.shocks.targets import DatedAct
from abm.state.world import Array, World


@dataclass
class PendingChanges:
    """The fields that this quarter's acts change, copied when first touched, and the events they cause.

    `values` are the parameters of the process that carries the acts out, `schedule` all acts of the run.
    """

    world: World
    values: Any
    changed: dict[str, Array]
    events: list[Event]
    schedule: Sequence[DatedAct] = ()

    def running(self, act: DatedAct, *kinds: str) -> list[Any]:
        """Return the state's other running acts of these kinds on the same organization."""
        pair = [other for other in self.schedule if other.pair == act.pair and other.number != act.number]
        ended = {other.number for other in pair if other.ends and other.quarter <= self.world.quarter}
        begun = [other for other in pair if not other.ends and other.quarter <= self.world.quarter]
        return [other.shock for other in begun if other.shock.kind in kinds and other.number not in ended]

    def ended(self, act: DatedAct) -> bool:
        """Return whether the end of an act has come."""
        same = [
            other for other in self.schedule if other.ends and other.number == act.number and other.pair == act.pair
        ]
        return any(other.quarter <= self.world.quarter for other in same)

    def leaving(self, act: DatedAct) -> bool:
        """Return whether the same state has left the same organization, or decouples from it during its notice."""
        place = (act.actor, act.organization)
        if self.see("party_at_exit")[place] != 0 and self.see("participation")[place] == 0:
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

    def tell(self, kind: str, act: DatedAct, **details: Value) -> None:
        """Add a line to the story."""
        self.events.append(Event(kind, act.actor, act.organization, details))


def leave(changes: PendingChanges, act: DatedAct) -> None:
    """Announce an exit, or stop participation where there is no membership to leave."""
    world, shock = changes.world, act.shock
    place = (act.actor, act.organization)
    if world.exit_form[act.organization] == 2:
        leave_organ(changes, act)
        return
    if changes.see("member")[place] == 0 or changes.see("notice")[place] >= 0:
        changes.tell("no_effect", act, reason="no_member" if changes.see("member")[place] == 0 else "already_leaving")
        return
    notice = getattr(shock, "notice_quarters", 0)
    quarters = world.notice_rule[act.organization] if notice == "by_body" else float(notice)
    changes.edit("notice")[place] = quarters
    changes.edit("announced")[place] = 1.0
    if getattr(shock, "mode", "decouple") == "decouple":
        changes.edit("withheld")[place] = 1.0
        changes.edit("voluntary_allowed")[place] = 0.0
    changes.tell("announce", act, notice_quarters=int(quarters), origin="shock", rule="shock")


def leave_organ(changes: PendingChanges, act: DatedAct) -> None:
    """Stop participation in, and voluntary money to, an organization that cannot be left."""
    place = (act.actor, act.organization)
    if changes.see("participation")[place] == 0:
        changes.tell("no_effect", act, reason="no_participant")
        return
    stop_participation(changes, act)
    changes.edit("voluntary_allowed")[place] = 0.0
    changes.edit("announced")[place] = 1.0
    changes.edit("notice")[place] = -1.0  # what ends now does not end again
    changes.edit("party_at_exit")[place] = changes.see("party")[act.actor]


def stop_participation(changes: PendingChanges, act: DatedAct) -> None:
    """Stay away from meetings, posts and votes; come back when the act ends, unless the organization has been left."""
    place = (act.actor, act.organization)
    if act.ends:
        away = changes.see("participation")[place] < changes.see("member")[place]
        if away and not changes.leaving(act) and not changes.running(act, "stop_participation"):
            changes.edit("participation")[place] = changes.see("member")[place]
            changes.tell("participation_resumed", act)
        return
    if changes.see("participation")[place] == 0:
        changes.tell("no_effect", act, reason="no_participant")
        return
    vacate(changes, act)
    changes.tell("participation_stopped", act)


def vacate(changes: PendingChanges, act: DatedAct) -> None:
    """End participation, and leave the posts to others."""
    place = (act.actor, act.organization)
    changes.edit("participation")[place] = 0.0
    changes.edit("vacancy")[act.organization] += changes.see("posts_share")[place]
    changes.edit("posts_share")[place] = 0.0


def leave_treaty(changes: PendingChanges, act: DatedAct) -> None:
    """Leave where the organization is a treaty; other organizations of the selection are left alone."""
    if changes.world.exit_form[act.organization] == 1:
        leave(changes, act)


def refuse(changes: PendingChanges, act: DatedAct) -> None:
    """Never join; unsign where the state is a party."""
    place = (act.actor, act.organization)
    changes.edit("refuses_to_join")[place] = 0.0 if act.ends else 1.0
    if act.ends:
        return
    changes.tell("refusal", act)
    if (
        changes.see("member")[place]
        and changes.see("notice")[place] < 0
        and changes.world.exit_form[act.organization] < 2
    ):
        changes.edit("notice")[place] = 0.0
        changes.edit("announced")[place] = 1.0
        changes.tell("announce", act, notice_quarters=0, origin="shock", rule="shock")


def cut(changes: PendingChanges, act: DatedAct) -> None:
    """Cut voluntary money (defund, freeze); at the end what other running cuts leave is restored."""
    place = (act.actor, act.organization)
    others = [1 - shock.fraction for shock in changes.running(act, "defund", "freeze")]
    left = (
        min(others, default=1.0) if act.ends else min(changes.see("voluntary_allowed")[place], 1 - act.shock.fraction)
    )
    changes.edit("voluntary_allowed")[place] = 0.0 if changes.leaving(act) else left
    if changes.world.initial_voluntary[place] > 0:
        changes.tell("funding_restored" if act.ends else "funding_cut", act)


def withhold(changes: PendingChanges, act: DatedAct) -> None:
    """Withhold dues of a member; at the end what other running acts withhold stays withheld."""
    place = (act.actor, act.organization)
    if changes.see("member")[place] == 0:
        if not act.ends:
            changes.tell("no_effect", act, reason="no_member")
        return
    others = [shock.fraction for shock in changes.running(act, "withhold_dues")]
    share = max(others, default=0.0) if act.ends else max(changes.see("withheld")[place], act.shock.fraction)
    changes.edit("withheld")[place] = changes.see("withheld")[place] if changes.leaving(act) else share
    changes.tell("dues_resumed" if act.ends else "dues_withheld", act)


def obstruct(changes: PendingChanges, act: DatedAct) -> None:
    """Press the other members, from inside or outside."""
    changes.edit("obstruction")[act.actor, act.organization] = 0.0 if act.ends else act.shock.strength
    changes.tell("obstruction_ended" if act.ends else "obstruction", act)


def threaten(changes: PendingChanges, act: DatedAct) -> None:
    """Start the clock of a threat with a demand."""
    place, shock = (act.actor, act.organization), act.shock
    if changes.see("member")[place] == 0 or changes.see("notice")[place] >= 0:
        changes.tell("no_effect", act, reason="no_member")
        return
    changes.edit("threat")[place] = shock.deadline_quarters
    demand = shock.demand
    beyond = np.zeros(2) if demand == "actor" else np.array(demand) - changes.world.position[act.actor]
    changes.edit("demand")[place] = beyond
    changes.tell("threat", act)


def sanction(changes: PendingChanges, act: DatedAct) -> None:
    """Hit the operating capacity of an organization, or lift the sanction and leave the others."""
    row = act.organization
    running = [
        other.shock.strength
        for other in changes.schedule
        if other.shock.kind == "sanction"
        and other.organization == row
        and other.quarter <= changes.world.quarter
        and not other.ends
        and not changes.ended(other)
    ]
    changes.edit("capacity")[row] = float(np.prod([1 - strength for strength in running]))
    if not act.ends:
        said = changes.edit("rhetoric")
        said[act.actor, row] = max(said[act.actor, row], act.shock.strength)  # a sanction condemns, too
    changes.tell("sanction_lifted" if act.ends else "sanction", act)


def speak(changes: PendingChanges, act: DatedAct) -> None:
    """Express contempt: blame for the organization, and a cost in credibility for the speaker."""
    if act.ends:
        return
    said = changes.edit("rhetoric")
    place = (act.actor, act.organization)
    said[place] = max(said[place], act.shock.strength)  # of several shocks the loudest is heard
    changes.edit("credibility")[act.actor] *= 1 - changes.values.rhetoric_cost * act.shock.strength
    changes.tell("rhetoric", act)


def return_(changes: PendingChanges, act: DatedAct) -> None:
    """Come back, or withdraw a notice; old arrears are settled as the act says."""
    place = (act.actor, act.organization)
    away = changes.see("party_at_exit")[place] != 0 or changes.see("member")[place] > 0
    short = (
        changes.see("participation")[place] == 0
        or changes.see("notice")[place] >= 0
        or changes.see("voluntary_allowed")[place] < 1
    )
    if not away or not (short or changes.see("withheld")[place] > 0):
        changes.tell("no_effect", act, reason="has_not_left" if away else "never_was_a_member")
        return
    for name, value in (
        ("member", 1.0),
        ("participation", 1.0),
        ("voluntary_allowed", 1.0),
        ("withheld", 0.0),
        ("notice", -1.0),
        ("example_quarters", -1.0),
    ):
        changes.edit(name)[place] = value
    changes.edit("settle")[place] = act.shock.settle_arrears
    changes.tell("return", act)


def change_government(changes: PendingChanges, act: DatedAct) -> None:
    """Put the other party into office; politics draws the consequences in the same quarter."""
    party = 1.0 if act.shock.government == "sovereigntist" else -1.0
    if changes.see("party")[act.actor] == party:
        changes.tell("no_effect", act, reason="that_party_is_in_office")
        return
    changes.edit("party")[act.actor] = party
    changes.edit("government_age")[act.actor] = -1.0


def redirect(changes: PendingChanges, act: DatedAct) -> None:
    """Move savings here."""
    changes.edit("redirection")[act.actor, act.organization] = 0.0 if act.ends else act.share * act.shock.share
    changes.tell("redirection_ended" if act.ends else "redirection", act)


def act_alone(changes: PendingChanges, act: DatedAct) -> None:
    """Act unilaterally: obligations that still bind the actor eat part of the gain; distrustful states censure."""
    world, actor, shock = changes.world, act.actor, act.shock
    if act.ends:
        return
    issue = world.issues.index(shock.issue_area)
    area = world.issue == issue
    bound = area * world.reciprocal * changes.see("participation")[actor] * world.commitment[actor]
    freedom = 1 - bound.sum() / max(1.0, (area * world.reciprocal).sum())
    changes.edit("autonomy_gain")[actor] += shock.payoff * freedom
    distrust = float(world.capability @ (1 - world.trust[:, actor])) / 2
    changes.edit("censured")[actor] += changes.values.censure_weight * shock.strength * distrust
    hurt = changes.values.unilateral_betrayal * shock.strength * world.salience[:, issue]
    hurt[actor] = 0.0
    changes.edit("betrayal")[:, actor] += hurt
    changes.tell("unilateral_act", act)


def found_club(changes: PendingChanges, act: DatedAct) -> None:
    """Have the state propose a club this quarter; the process `clubs` invites and founds."""
    issue = changes.world.issues.index(act.shock.issue_area)
    changes.edit("founding")[act.actor, issue] = 2.0 if act.shock.club == "leaders" else 1.0
    changes.tell("invitation", act)


def reviewed(world: World, acts: Sequence[DatedAct]) -> list[DatedAct]:
    """Return those reviewed memberships that are dropped: the share `bar` with the lowest value."""
    actor = acts[0].actor
    rows = np.array([act.organization for act in acts])
    held = world.participation[actor, rows] * world.in_scope[rows] > 0
    kept = [act for act, is_held in zip(acts, held, strict=True) if is_held]
    if not kept:
        return []
    rows = rows[held]
    count = round(acts[0].shock.bar * len(rows))
    return [kept[place] for place in np.lexsort((world.organization_ids[rows], world.value[actor, rows]))[:count]]


def press(changes: PendingChanges, act: DatedAct) -> None:
    """Press the other members on the first resolution of the next session."""
    changes.edit("pressing")[act.actor, act.organization] = act.shock.strength
    changes.tell("press", act)


def shift_position(changes: PendingChanges, act: DatedAct) -> None:
    """Jump to another position; politics measures the distances in the same quarter."""
    changes.edit("position")[act.actor] = act.shock.position
    changes.tell("position_shift", act)


def discipline(changes: PendingChanges, act: DatedAct) -> None:
    """Let the organization act on the state: censure or sanction it, again while the act lasts, suspend or expel it."""
    place, action = (act.actor, act.organization), act.shock.action
    if act.ends:
        if action == "suspend" and not changes.leaving(act):
            changes.edit("participation")[place] = changes.see("member")[place]
        if action == "expel":
            changes.edit("refuses_to_join")[place] = 0.0
        changes.tell("discipline_ended", act, action=action)
        return
    if changes.see("member")[place] == 0 and action in ("suspend", "expel"):
        changes.tell("no_effect", act, reason="no_member")
        return
    felt = changes.edit("grievance")
    felt[place] = max(felt[place], act.shock.strength)
    if action in ("suspend", "expel"):
        vacate(changes, act)
    if action == "expel":
        for name, value in (("member", 0.0), ("withheld", 0.0), ("notice", -1.0), ("threat", -1.0), ("bought", 0.0),
                            ("refuses_to_join", 1.0)):  # fmt: skip
            changes.edit(name)[place] = value
        changes.edit("party_at_exit")[place] = changes.see("party")[act.actor]
    changes.tell("discipline", act, action=action)


EFFECTS: dict[str, Callable[[PendingChanges, DatedAct], None]] = {
    "exit": leave, "leave_treaty": leave_treaty, "refuse": refuse, "stop_participation": stop_participation,
    "defund": cut, "freeze": cut, "withhold_dues": withhold, "obstruct": obstruct, "threaten": threaten,
    "sanction": sanction, "rhetoric": speak, "review": leave, "return": return_,
    "change_government": change_government, "redirect": redirect, "unilateral_act": act_alone,
    "discipline": discipline, "press": press, "shift_position": shift_position,
    "found_club": found_club,
}  # fmt: skip
"""What each kind of shock does; of a review, to the memberships that it drops."""
