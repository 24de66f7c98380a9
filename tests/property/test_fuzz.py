"""A small part of the fuzzer: whatever a config holds, it is accepted or refused in one message; worlds stay in bounds.

The large part is a command: `uv run python -m tests.fuzz`.
"""

from pathlib import Path

import pytest

from tests.fuzz.cases import MAKERS, case
from tests.fuzz.checking import checked
from tests.fuzz.worlds import pairs, wrong_in_config, wrong_in_pair, wrong_in_world

SEED = 2
CONFIGS = 40


def test_configs_are_accepted_or_refused(tmp_path: Path) -> None:
    codes = set()
    for number in range(CONFIGS):
        made = case(SEED, number)
        code, said, wrong = checked(made, tmp_path / "now")
        assert wrong == [], (number, made.kind, said)
        codes.add((made.kind, code))
    assert {kind for kind, _ in codes} == set(MAKERS)
    assert {code for _, code in codes} == {0, 2}


def test_a_command_that_fails_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("abm.simulation.rehearse", failing)
    wrong = [checked(case(SEED, number), tmp_path / "now")[2] for number in range(20)]
    assert any("ZeroDivisionError" in text for texts in wrong for text in texts)


def test_worlds_keep_what_must_hold() -> None:
    assert [wrong_in_world(number) for number in (1003, 1004)] == [[], []]
    assert wrong_in_pair(*pairs()[17]) == []


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 2000, 200))
def test_many_configs_and_worlds(first: int, tmp_path: Path) -> None:
    for number in range(first, first + 200):
        made = case(SEED, number)
        code, said, wrong = checked(made, tmp_path / "now")
        if code == 0 and made.kind == "valid" and len(made.arguments) == 1:
            wrong += wrong_in_config(tmp_path / "now" / "config.yaml")
        assert wrong == [], (number, made.kind, said)
    assert [number for number in range(2000 + first // 10, 2020 + first // 10) if wrong_in_world(number)] == []
