"""Scheduled shocks act in the first step of their quarter, in the order of the config."""

from collections.abc import Sequence
from typing import ClassVar

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.shocks.effects import EFFECTS, PendingChanges, reviewed
from abm.shocks.targets import DatedAct
from abm.state.derived import cleared
from abm.state.world import EXIT_FORMS, Array, World


class ScheduledShocksParameters(Parameters):
    """Parameters of what acts do beside their plain meaning."""

    rhetoric_cost: float = parameter(
        0.02, low=0, high=0.5, source="assumption", doc="Credibility that contempt at full strength costs its speaker."
    )
    unilateral_betrayal: float = parameter(
        0.1, low=0, high=1, source="assumption", doc="Trust lost by a unilateral act at full strength."
    )
    censure_weight: float = parameter(
        1.0, low=0, high=5, source="assumption", doc="Censure per unit of a unilateral act that distrustful states see."
    )
    fading_rate: float = parameter(
        0.1, low=0, high=1, unit="1/quarter", source="assumption", doc="Rate at which censure and gains of acts fade."
    )


class ScheduledShocks(Process):
    """The scheduled shocks of one run are carried out. `schedule` lists them by date and order in the config."""

    name: ClassVar[str] = "scheduled_shocks"
    stream: ClassVar[str] = "acts"  # as in version 0.1.0: the same shocks happen
    parameters: ClassVar[type[Parameters]] = ScheduledShocksParameters
    writes: ClassVar[tuple[str, ...]] = (
        "announced", "rhetoric", "autonomy_gain", "censured", "notice", "withheld", "voluntary_allowed",
        "participation", "vacancy", "posts_share", "refuses_to_join", "obstruction", "threat", "demand", "capacity",
        "credibility", "member", "settle", "party", "government_age", "redirection", "betrayal", "party_at_exit",
        "founding", "example_quarters", "grievance", "pressing", "position", "bought",
    )  # fmt: skip

    def __init__(self, schedule: Sequence[DatedAct] = ()) -> None:
        self.schedule = tuple(schedule)
        self._until = [self._heard_until(act) for act in self.schedule]

    def propose(self, world: World, p: ScheduledShocksParameters, draws: Draws) -> Proposal:
        """Carry out the acts of this quarter, in the order of the config."""
        uniforms = draws.fixed_uniforms(1 + max((act.number for act in self.schedule), default=-1))
        spans = zip(self.schedule, self._until, strict=True)
        happening = [(act, until) for act, until in spans if uniforms[act.number] < act.shock.probability]
        changes = PendingChanges(world, p, self._fresh(world, p), [], [act for act, _ in happening])
        today = [act for act, until in happening if act.quarter <= world.quarter < until]
        today.sort(key=lambda act: act.number)  # what lasts stands in the schedule where it began
        for act in self._chosen(world, today):
            if act.organization >= 0 and world.in_scope[act.organization] == 0:
                changes.tell("no_effect", act, reason=self._out_of_scope(world, act.organization))
            elif act.ends or self._allowed(changes, act):
                EFFECTS[act.shock.kind](changes, act)
        return Proposal(changes.changed, changes.events)

    @staticmethod
    def _out_of_scope(world: World, organization: int) -> str:
        """Return why a shock has no effect on an organization that is out of scope."""
        if world.alive[organization] == 0:
            return "the_body_is_gone"
        form = EXIT_FORMS[int(world.exit_form[organization])]
        return "no_state_belongs" if form == "none" else "its_members_are_unknown"

    def _heard_until(self, act: DatedAct) -> int:
        """Return the quarter in which an act is over: rhetoric, a censure or a sanction that lasts is heard again."""
        spoken = act.shock.kind == "rhetoric" or getattr(act.shock, "action", "") in ("censure", "sanction")
        ends = [other.quarter for other in self.schedule if other.ends and other.number == act.number]
        return max(act.quarter + 1, ends[0]) if spoken and not act.ends and ends else act.quarter + 1

    @staticmethod
    def _fresh(world: World, p: ScheduledShocksParameters) -> dict[str, Array]:
        """Return the flows of a new quarter: nothing announced, nothing said, memories of acts fading."""
        return {
            "announced": cleared(world.announced),
            "rhetoric": cleared(world.rhetoric),
            "autonomy_gain": world.autonomy_gain * (1 - p.fading_rate),
            "censured": world.censured * (1 - p.fading_rate),
        }

    @staticmethod
    def _chosen(world: World, acts: list[DatedAct]) -> list[DatedAct]:
        """Return the acts to carry out: those of a review are the memberships it drops."""
        plain = [act for act in acts if act.shock.kind != "review"]
        batches: dict[tuple[int, int], list[DatedAct]] = {}
        for act in acts:
            if act.shock.kind == "review":
                batches.setdefault((act.number, act.actor), []).append(act)
        return plain + [act for batch in batches.values() for act in reviewed(world, batch)]

    @staticmethod
    def _allowed(changes: PendingChanges, act: DatedAct) -> bool:
        """Return whether the condition of the shock holds now."""
        condition = act.shock.condition
        if condition is None:
            return True
        if condition == "member":
            return bool(changes.see("member")[act.actor, act.organization] > 0)
        return bool((changes.see("party")[act.actor] > 0) == (condition == "sovereigntist"))
