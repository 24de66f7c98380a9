"""Each process agrees with a literal, slow, loop-per-agent transcription of the ODD's equations, to 1e-9."""

from contextlib import suppress
from typing import Any

import pytest

from abm.processes.base import Process, Proposal
from abm.rng import Draws
from abm.schedule import PROCESSES
from abm.state.world import World
from tests.liveness import PATHS
from tests.odd_tables import ODD
from tests.test_odd import events_listed
from tests.transcription.comparing import Notes, compared
from tests.transcription.drawing import drawn

WORLDS = (4, 7, 8, 11, 12, 15, 19, 22, 23, 26, 27, 30, 31, 35, 38, 39, 40, 43, 45, 46, 47, 48, 49, 51)
"""Of the first 52 those that move every field, tell every event and show every parameter, twice where 52 do."""
MANY = 1552
RARE = {"founded"}
"""Told by the schedule, not by a process."""


def run(number: int, notes: Notes, probe: bool = False) -> None:
    """Run the experiment of a number with every process beside its transcription."""
    experiment, tables = drawn(number)
    compared(experiment, (number, number % 3), tables, notes, probe).run()


def run_until_wrong(number: int, notes: Notes) -> None:
    """Run the experiment of a number until something disagrees."""
    experiment, tables = drawn(number)
    simulation = compared(experiment, (number, 0), tables, notes)
    while not simulation.finished and not notes.wrong:
        simulation.step()


@pytest.fixture(scope="module")
def notes() -> Notes:
    notes = Notes()
    for number in WORLDS:
        run(number, notes, probe=True)
    return notes


@pytest.mark.parametrize("name", PROCESSES)
def test_process_is_its_transcription(name: str, notes: Notes) -> None:
    """Every field and every event of a process in 24 random small worlds, nine quarters each."""
    assert [what for what in notes.wrong if what.startswith(f"{name} ")] == []
    assert {(name, field) for field in PROCESSES[name].writes} - notes.moved == set(), "fields that never moved"


def test_every_event_was_compared(notes: Notes) -> None:
    assert events_listed(ODD.read_text(encoding="utf-8")) - RARE - set(notes.events) == set()


def test_every_parameter_could_be_told(notes: Notes) -> None:
    """Each parameter, moved a fifth of the way to an end of its range, makes some proposal of these worlds disagree."""
    paths = {path for path in PATHS if path.partition(".")[0] in PROCESSES}
    assert paths - notes.seen == set()


@pytest.mark.long
def test_process_is_its_transcription_in_many_worlds() -> None:
    notes = Notes()
    for number in set(range(MANY)) - set(WORLDS):
        run(number, notes)
    assert notes.wrong == []


# The comparison itself, on processes that are wrong.


@pytest.mark.parametrize("name", PROCESSES)
def test_turned_sign_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that moves its fields the other way disagrees with its transcription."""
    right = PROCESSES[name].propose

    def wrong(self: Process, world: World, values: Any, draws: Draws) -> Proposal:
        proposal = right(self, world, values, draws)
        proposal.fields = {key: 2 * getattr(world, key) - new for key, new in proposal.fields.items()}
        return proposal

    notes = Notes()

    def tells(number: int) -> bool:
        with suppress(Exception):  # a world that went wrong may fail in a later process; what counts was noted before
            run_until_wrong(number, notes)
        return any(what.startswith(f"{name} ") for what in notes.wrong)

    monkeypatch.setattr(PROCESSES[name], "propose", wrong)
    assert any(tells(number) for number in range(9))
