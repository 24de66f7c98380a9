"""The order of a quarter, its checks, and how what is proposed is committed."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from abm.events import Event, EventKind
from abm.parameters import Parameters
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.schedule import PROCESSES, SCHEDULE, PlanError, Step, inserted, plan, quarter
from abm.state.world import World
from tests.worlds_small import full_plan, small_world


def process(name_: str, writes_: Sequence[str] = (), **fields: Any) -> Process:
    """Return a process that adds to the fields it writes what `fields` say."""

    class Adding(Process):
        name, writes = name_, tuple(writes_)
        event_kinds = (EventKind(name_, "none", False, "act", "it runs"),)

        def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
            changes = {field: getattr(world, field) + step for field, step in fields.items()}
            return Proposal(changes, [Event(name_)])

    return Adding()


def planned(*processes: Process) -> list[Step]:
    return plan(processes, {item.name: Parameters() for item in processes}, (1, 0), small_world())


def names(processes: Iterable[Process]) -> list[str]:
    return [process.name for process in processes]


def test_schedule_is_registry_and_order_at_once() -> None:
    numbers = [int(stage.split()[0]) for stage in SCHEDULE]
    assert numbers == list(range(1, 10))
    places = [place for turns in SCHEDULE.values() for place in turns]
    assert list(PROCESSES.values()) == [process for process, _ in places]
    assert names(step.process for step in full_plan(small_world())) == list(PROCESSES)


def test_every_place_has_its_own_reason() -> None:
    reasons = [why for turns in SCHEDULE.values() for _, why in turns]
    assert len(set(reasons)) == len(reasons) == len(PROCESSES)
    assert all(why.endswith(".") and len(why.split()) >= 4 for why in reasons)


@pytest.mark.parametrize(
    ("processes", "message"),
    [
        ([process("a", ["moon"])], "a writes the field 'moon'"),
        ([process("a"), process("b"), process("a")], "two processes have the name 'a'"),
    ],
)
def test_impossible_plans_are_refused(processes: list[Process], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        planned(*processes)


def test_each_process_sees_what_the_one_before_it_committed() -> None:
    seen = {}

    class Seeing(Process):
        def __init__(self, name: str) -> None:
            self.name = name  # type: ignore[misc]

        def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
            seen[self.name] = float(world.staff[0])
            return Proposal()

    quarter(small_world(), planned(Seeing("before"), process("grow", ["staff"], staff=1.0), Seeing("later")))
    assert seen == {"before": 1.0, "later": 2.0}


def test_own_processes_stand_right_behind_the_named_one_in_the_order_given() -> None:
    shipped = [process("a"), process("b")]
    own = [(process("one"), "a"), (process("last"), "b"), (process("two"), "a"), (process("inner"), "one")]
    assert names(inserted(shipped, own)) == ["a", "one", "inner", "two", "b", "last"]
    assert names(inserted(shipped, [])) == ["a", "b"]
    with pytest.raises(PlanError, match="own is to run after 'nothing', which does not exist"):
        inserted(shipped, [(process("own"), "nothing")])


def test_two_processes_may_write_one_field_and_add_up() -> None:
    parts = [process("one", ["staff"], staff=1.0), process("two", ["staff"], staff=1.0)]
    world = small_world()
    events = quarter(world, planned(*parts))
    assert world.staff.tolist() == [3, 3]
    assert [event.kind for event in events] == ["one", "two"]


def test_bounds_are_checked_and_who_left_them_is_named() -> None:
    wild, tame = process("wild", ["staff"], staff=99.0), process("tame", ["expertise"], expertise=0.5)
    with pytest.raises(ValueError, match=r"wild in quarter 8100: staff is in \[100, 100\]"):
        quarter(small_world(), planned(wild, tame))
    with pytest.raises(ValueError, match="without declaring"):
        quarter(small_world(), planned(process("sly", [], staff=0.0)))


@pytest.mark.parametrize("field", ["staff", "trust"])
@pytest.mark.parametrize("amount", [99.0, -99.0, np.nan, np.inf])
def test_whatever_is_out_of_bounds_is_found_in_long_and_short_arrays(field: str, amount: float) -> None:
    with pytest.raises(ValueError, match=f"wild in quarter 8100: {field} is in"):
        quarter(small_world(), planned(process("wild", [field], **{field: amount})))


def test_what_is_set_right_within_the_quarter_is_found() -> None:
    there_and_back = planned(process("out", ["staff"], staff=99.0), process("back", ["staff"], staff=-99.0))
    with pytest.raises(ValueError, match="out in quarter 8100: staff"):
        quarter(small_world(), there_and_back)


def test_events_come_in_order_and_foundings_behind_their_process() -> None:
    class Founding(Process):
        name = "founding"

        def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
            row = {"code": "c", "key": "k", "founder": 1, "alive": 1.0}
            return Proposal(events=[Event("club", 1, details={"code": "c", "members": 2})], founded=[row])

    world = small_world()
    events = quarter(world, planned(process("early"), Founding(), process("late")))
    assert [event.kind for event in events] == ["early", "club", "founded", "late"]
    assert (events[2].actor, events[2].organization, events[2].code) == (1, 2, "c")


def test_swapping_two_processes_changes_the_result() -> None:
    """Exits take effect before dues are billed, and not after."""
    for swapped, billed in ((False, 0.0), (True, 100.0)):
        world = small_world(dues_rate=100.0, notice=[[0, -1], [-1, -1], [-1, -1]])
        steps = full_plan(world)
        order = names(step.process for step in steps)
        one, other = order.index("exits"), order.index("dues")
        if swapped:
            steps[one], steps[other] = steps[other], steps[one]
        quarter(world, steps)
        assert world.due[0, 0] == billed


def test_world_at_rest_stays_at_rest() -> None:
    """All processes, nothing by chance: but for ages and accounts nothing changes in eight quarters."""
    world, before = small_world(has_budget=1.0, initial_voluntary=10.0, voluntary=10.0), small_world()
    for name in ("initial_budget", "budget", "income", "income_memory", "spending"):
        setattr(world, name, np.full(2, 30.0))
    steps = full_plan(world)
    for _ in range(8):
        assert quarter(world, steps) == []
        world.quarter += 1
    for name in (
        "legitimacy",
        "effectiveness",
        "staff",
        "expertise",
        "trust",
        "agenda_share",
        "posts_share",
        "commitment",
        "credibility",
    ):
        np.testing.assert_allclose(getattr(world, name), getattr(before, name), rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(world.income, 30)
