"""The quick look at a mutant of a rule: processes beside their transcriptions in a few of the 52 worlds."""

import pytest

from tests.transcription.comparing import Notes
from tests.transcription.test_transcription import run_until_wrong

WORLDS = 9


@pytest.mark.parametrize("number", range(WORLDS))
def test_processes_are_their_transcriptions(number: int) -> None:
    notes = Notes()
    run_until_wrong(number, notes)
    assert notes.wrong == []
