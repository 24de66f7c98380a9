"""Every process writes the fields that it declares, no more and no less, and what it reads can be recorded."""

from typing import Any

import pytest

from abm.processes.base import Process, Proposal
from abm.schedule import PROCESSES
from abm.state.world import World
from tests.recorded_reads import looked_at, touched
from tests.worlds_small import Luck, small_world


@pytest.mark.parametrize("name", PROCESSES)
def test_declared_fields_are_those_written(name: str) -> None:
    assert touched()[name].written == set(PROCESSES[name].writes)


class Careless(Process):
    """Looks at three fields, one of them by way of a value derived from it."""

    name, writes = "careless", ("trust",)

    def propose(self, world: World, values: Any, draws: Any) -> Proposal:
        return Proposal({"trust": world.trust * world.members.any() * world.credibility})


def test_reads_are_recorded() -> None:
    world = small_world()
    assert world.members.tolist() == [3, 3]
    fields, proposal = looked_at(Careless(), world, None, Luck(world))
    assert fields == {"member", "credibility", "trust"}
    assert set(proposal.fields) == {"trust"}
