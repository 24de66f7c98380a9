"""A process of one's own: in crises, organizations forgive poor members a part of their old arrears.

Named in `dues_holiday.yaml` beside this file; it runs right after funding.
"""

from typing import ClassVar

from abm.events import Detail, Event, EventKind
from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.state.world import World

HOLIDAY = EventKind(
    "holiday",
    actor="none",
    organization=False,
    theme="act",
    meaning="organizations forgive arrears",
    details={"states": Detail(int, "states", "that are forgiven a part")},
)


class DuesHolidayParameters(Parameters):
    """Parameters of forgiveness."""

    forgiven_share: float = parameter(
        0.5, low=0, high=1, unit="1/quarter", source="assumption", doc="Share of old arrears that is forgiven."
    )


class DuesHoliday(Process):
    """Fragile states that do not pay are forgiven a share of what they owe."""

    name: ClassVar[str] = "dues_holiday"
    parameters: ClassVar[type[Parameters]] = DuesHolidayParameters
    writes: ClassVar[tuple[str, ...]] = ("arrears",)
    event_kinds: ClassVar[tuple[EventKind, ...]] = (HOLIDAY,)

    def propose(self, world: World, values: DuesHolidayParameters, draws: Draws) -> Proposal:
        """Forgive."""
        forgiven = values.forgiven_share * world.lapsing * world.fragile  # (state,)
        events = [Event("holiday", details={"states": int((forgiven > 0).sum())})] if forgiven.any() else []
        return Proposal({"arrears": world.arrears * (1 - forgiven[:, None])}, events)
