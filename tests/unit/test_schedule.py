"""The plan of a quarter: its order, its checks, and how a phase commits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from abm.events import Event, EventKind
from abm.parameters import Parameters
from abm.processes import PROCESSES
from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.schedule import PHASES, PlanError, plan, quarter
from abm.state.world import World
from tests.worlds_small import full_plan, small_world


def process(name_: str, phase_: str, writes_: Sequence[str] = (), reads_: Sequence[str] = (), **fields: Any) -> Process:
    """Return a process that adds to the fields it writes what `fields` say."""

    class Adding(Process):
        name, phase, reads, writes = name_, phase_, tuple(reads_), tuple(writes_)
        event_kinds = (EventKind(name_, "none", False, "act", "it runs"),)

        def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
            changes = {field: getattr(world, field) + step for field, step in fields.items()}
            return Proposal(changes, [Event(name_)])

    return Adding()


def planned(*processes: Process) -> list[tuple[str, list[Any]]]:
    return plan(processes, {item.name: Parameters() for item in processes}, (1, 0), small_world())


def test_phases_stand_in_the_order_of_a_quarter() -> None:
    numbers = [int(text.split()[0]) for _, text in PHASES]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 10))
    assert [phase for phase, _ in full_plan(small_world())] == [name for name, _ in PHASES]
    shuffled = planned(process("b", "trust"), process("a", "acts"))
    assert [phase for phase, _ in shuffled] == ["acts", "trust"]


@pytest.mark.parametrize(
    ("processes", "message"),
    [
        ([process("a", "nowhere")], "a stands in an unknown phase 'nowhere'"),
        ([process("a", "after nowhere")], "a runs after an unknown phase 'nowhere'"),
        ([process("a", "acts", ["moon"])], "a names the field 'moon'"),
        ([process("a", "acts", reads_=["moon"])], "a names the field 'moon'"),
        ([process("a", "acts", ["staff"]), process("b", "acts", ["staff"])], "a and b both write staff in phase acts"),
    ],
)
def test_impossible_plans_are_refused(processes: list[Process], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        planned(*processes)


def test_same_field_in_two_phases_is_no_conflict() -> None:
    assert len(planned(process("a", "acts", ["staff"]), process("b", "trust", ["staff"]))) == 2


def test_processes_of_one_phase_see_the_same_world_and_later_phases_the_new_one() -> None:
    seen = {}

    class Seeing(Process):
        def __init__(self, name: str, phase: str) -> None:
            self.name, self.phase = name, phase  # type: ignore[misc]

        def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
            seen[self.name] = float(world.staff[0])
            return Proposal()

    parts = [process("grow", "acts", ["staff"], staff=1.0), Seeing("beside", "acts"), Seeing("later", "trust")]
    quarter(small_world(), planned(*parts))
    assert seen == {"beside": 1.0, "later": 2.0}


def test_own_process_runs_in_a_phase_of_its_own_behind_the_named_one() -> None:
    parts = [process("a", "acts", ["staff"]), process("own", "after acts", ["staff"]), process("c", "trust")]
    order = planned(*parts)
    assert [[step.process.name for step in steps] for _, steps in order] == [["a"], ["own"], ["c"]]


def test_two_own_processes_behind_one_phase_are_committed_one_after_the_other() -> None:
    parts = [process("one", "after acts", ["staff"], staff=1.0), process("two", "after acts", ["staff"], staff=1.0)]
    world = small_world()
    events = quarter(world, planned(*parts))
    assert world.staff.tolist() == [3, 3]
    assert [event.kind for event in events] == ["one", "two"]


def test_checks_can_be_left_out_but_declarations_hold() -> None:
    wild = planned(process("wild", "acts", ["staff"], staff=99.0))
    with pytest.raises(ValueError, match=r"wild in quarter 8100: staff is in \[100, 100\]"):
        quarter(small_world(), wild)
    world = small_world()
    quarter(world, wild, checked=False)
    assert world.staff.tolist() == [100, 100]
    with pytest.raises(ValueError, match="without declaring"):
        quarter(small_world(), planned(process("sly", "acts", [], staff=0.0)), checked=False)


def test_events_come_in_the_order_of_phases_and_foundings_behind_their_process() -> None:
    class Founding(Process):
        name, phase = "founding", "clubs"

        def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
            row = {"code": "c", "key": "k", "founder": 1, "alive": 1.0}
            return Proposal(events=[Event("club", 1, details={"code": "c", "members": 2})], founded=[row])

    world = small_world()
    events = quarter(world, planned(process("late", "trust"), Founding(), process("early", "acts")))
    assert [event.kind for event in events] == ["early", "club", "founded", "late"]
    assert (events[2].actor, events[2].organization, events[2].code) == (1, 2, "c")


def test_swapping_two_phases_changes_the_result() -> None:
    """A leader announces, others react: exits take effect before dues are billed, and not after."""
    for swapped, billed in ((False, 0.0), (True, 100.0)):
        world = small_world(dues_rate=100.0, notice=[[0, -1], [-1, -1], [-1, -1]])
        phases = full_plan(world)
        names = [name for name, _ in phases]
        one, other = names.index("departures"), names.index("billing")
        if swapped:
            phases[one], phases[other] = phases[other], phases[one]
        quarter(world, phases)
        assert world.due[0, 0] == billed


def test_world_at_rest_stays_at_rest() -> None:
    """All processes, nothing by chance: but for ages and accounts nothing changes in eight quarters."""
    world, before = small_world(full=1.0, rest_voluntary=10.0, voluntary=10.0), small_world()
    for name in ("rest_budget", "budget", "income", "income_memory", "spending"):
        setattr(world, name, np.full(2, 30.0))
    phases = full_plan(world)
    for _ in range(8):
        assert quarter(world, phases) == []
        world.quarter += 1
    for name in (
        "legitimacy",
        "effectiveness",
        "staff",
        "expertise",
        "trust",
        "agenda",
        "posts",
        "commitment",
        "credibility",
    ):
        np.testing.assert_allclose(getattr(world, name), getattr(before, name), rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(world.income, 30)


def test_every_process_is_planned() -> None:
    planned_ = [step.process.name for _, steps in full_plan(small_world()) for step in steps]
    assert planned_ == list(PROCESSES)
