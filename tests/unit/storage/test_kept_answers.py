"""Answers that are kept as they come: what is whole is taken over, what is somebody else's is left alone."""

import math
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from experiments.runs import parallel
from experiments.runs.parallel import kept_beside, spread
from experiments.storage.atomic import FolderError
from experiments.storage.kept_answers import Checkpoint

ANSWERS = {"one": [1.5, float("inf"), None], "two": {"deep": {"text": "\u4e2d"}}, "three": 0.1 + 0.2}


def square(number: int) -> list[int]:
    return [number, number**2]


def process(number: int) -> list[int]:
    """A number with the process that answers; 1 ends it."""
    if number == 1:
        os._exit(7)
    return [number, os.getpid()]


def instead(error: Exception, number: int) -> list[int]:
    return [number, -1]


def test_what_is_whole_is_taken_over_as_it_was_given(tmp_path: Path) -> None:
    memory = Checkpoint(tmp_path / "deep" / "kept", "mark")
    for key, answer in ANSWERS.items():
        memory.add(key, answer)
    memory.close()
    with (tmp_path / "deep" / "kept").open("ab") as file:
        file.write(b'["four", {"cut o')
    again = Checkpoint(tmp_path / "deep" / "kept", "mark")
    assert again.found == memory.found == ANSWERS
    again.add("four", [4])
    again.close()
    assert Checkpoint(tmp_path / "deep" / "kept", "mark").found == ANSWERS | {"four": [4]}


def test_an_answer_reads_the_same_whether_it_was_made_now_or_before(tmp_path: Path) -> None:
    memory = Checkpoint(tmp_path / "kept")
    memory.add("key", {"a": (1, math.nan)})
    assert memory.found["key"]["a"][0] == 1
    assert isinstance(memory.found["key"]["a"], list)
    assert math.isnan(memory.found["key"]["a"][1])
    with pytest.raises(TypeError):
        memory.add("other", {1, 2})
    memory.close()
    assert repr(Checkpoint(tmp_path / "kept").found) == repr(memory.found), "what was refused has left nothing"


def test_another_mark_begins_anew(tmp_path: Path) -> None:
    with closing(Checkpoint(tmp_path / "kept", "old")) as first:
        first.add("key", 1)
    other = Checkpoint(tmp_path / "kept", "new")
    assert not other.found
    assert Checkpoint(tmp_path / "kept", "old").found == {"key": 1}, "only the first answer takes its place"
    other.add("key", 2)
    other.close()
    assert Checkpoint(tmp_path / "kept", "new").found == {"key": 2}
    assert not Checkpoint(tmp_path / "kept", "old").found


@pytest.mark.parametrize("content", ["my notes\n", "", '["a", 1]\n', '{"other": "file"}\n'])
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "out.readings").write_text(content)
    with pytest.raises(FolderError, match=r"out\.readings holds other content"):
        kept_beside(tmp_path / "out", "abm something")
    assert (tmp_path / "out.readings").read_text() == content


def test_a_block_that_ends_well_leaves_no_file(tmp_path: Path) -> None:
    def ended(*keys: str) -> None:
        with kept_beside(tmp_path / "out", "abm something") as memory:
            for key in keys:
                memory.add(key, 1)
            raise KeyboardInterrupt

    file = tmp_path / "out.readings"
    for keys in ((), ("key",)):
        with pytest.raises(KeyboardInterrupt):
            ended(*keys)
        assert file.exists() == bool(keys)
    with kept_beside(tmp_path / "out", "abm something") as memory:
        assert memory.found == {"key": 1}
    assert not file.exists()


def test_the_file_stands_beside_the_folder_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert kept_beside(Path(), "x").path == tmp_path.with_name(f"{tmp_path.name}.readings")


def test_what_is_there_is_counted_and_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    told: list[tuple[int, int]] = []

    def noted(number: int) -> list[int]:
        made.append(number)
        if number == 3 and made.count(3) == 1:
            raise KeyboardInterrupt
        return square(number)

    def all_of(tasks: list[int]) -> list[Any]:
        with Checkpoint(tmp_path / "kept") as memory:
            return spread(noted, [(task,) for task in tasks], 1, lambda *counts: told.append(counts), memory)

    with pytest.raises(KeyboardInterrupt):
        all_of([1, 2, 3, 4])
    assert all_of([1, 2, 3, 4]) == [[1, 1], [2, 4], [3, 9], [4, 16]]
    assert made == [1, 2, 3, 3, 4]
    assert told == [(1, 4), (2, 4), (2, 4), (3, 4), (4, 4)]
    assert not (tmp_path / "kept").exists()


def test_answers_are_told_apart_by_function_and_task() -> None:
    memory = Checkpoint()
    assert spread(square, [(2,), (3,)], 1, memory=memory) == [[2, 4], [3, 9]]
    assert spread(square, [(3,), (2,)], 1, memory=memory) == [[3, 9], [2, 4]]
    assert len(memory.found) == 2
    assert spread(process, [(2,)], 1, memory=memory) == [[2, os.getpid()]]
    assert len(memory.found) == 3


def test_what_a_lost_process_costs_is_tried_again_by_the_next_call(tmp_path: Path) -> None:
    memory = Checkpoint(tmp_path / "kept")
    found = spread(process, [(0,), (1,), (2,)], 2, memory=memory, lost=instead)
    memory.close()
    assert [one[0] for one in found] == [0, 1, 2]
    assert [one[1] == -1 for one in found] == [False, True, False]
    assert os.getpid() not in [one[1] for one in found]
    assert sorted(one[0] for one in Checkpoint(tmp_path / "kept").found.values()) == [0, 2]


def test_the_mark_is_of_all_code_and_configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(kept_beside(tmp_path / "out", "abm something")) as memory:
        memory.add("key", 1)
    assert kept_beside(tmp_path / "out", "abm something").found
    assert not kept_beside(tmp_path / "out", "abm something else").found
    monkeypatch.setattr(parallel, "code_digest", lambda: "another")
    assert not kept_beside(tmp_path / "out", "abm something").found


def test_a_block_that_is_ended_says_that_what_is_computed_is_kept(tmp_path: Path) -> None:
    def ended(*keys: str) -> None:
        with Checkpoint(tmp_path / "some.readings", "now") as memory:
            for key in keys:
                memory.add(key, [1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stop:
        ended()
    assert not hasattr(stop.value, "__notes__")
    with pytest.raises(KeyboardInterrupt) as stop:
        ended("1")
    assert stop.value.__notes__ == ["what is computed is kept, and the same command goes on"]
