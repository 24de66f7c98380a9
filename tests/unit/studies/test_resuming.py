"""Studies, claims and validations go on where they were ended, and then write what they write undisturbed."""

from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import getsource
from pathlib import Path
from typing import Any

import pytest

from experiments.claims import CLAIMS, assess
from experiments.claims.assess import QUICK, Assessment, Job, JobResult
from experiments.cli import main
from experiments.runs import parallel
from experiments.storage.kept_answers import Checkpoint
from experiments.studies.registry import STUDIES, make
from experiments.studies.study_result import Size
from experiments.validation import validate
from tests.kills.commands import digests, lasting

TINY = ("world.source=synthetic", "world.states=12", "world.organizations=8", "quarters=6")
CHOSEN = [claim for claim in CLAIMS if claim.id in ("C18", "C20")]
answers = parallel.answers_as_they_come


class Answers:
    """The answers that are made, counted; the one after `most` ends the command."""

    def __init__(self, most: int | None = None) -> None:
        self.most, self.made = most, 0

    def __call__(self, *about: Any) -> Iterator[tuple[str, Any, bool]]:
        for answer in answers(*about):
            if self.made == self.most:
                raise KeyboardInterrupt
            self.made += 1
            yield answer


def made(command: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, most: int | None = None) -> int:
    """How many answers a command made; it is ended after `most`."""
    counted = Answers(most)
    monkeypatch.setattr(parallel, "answers_as_they_come", counted)
    if most is None:
        command()
    else:
        with pytest.raises(KeyboardInterrupt):
            command()
    return counted.made


class Few(Size):
    """Two where a quick version has several."""

    def of[Value](self, *, quick: Value, full: Value) -> Value:
        return type(quick)(min(2, quick)) if isinstance(quick, int) else quick  # type: ignore[call-arg]


def study(name: str, folder: Path) -> Callable[[], Any]:
    return lambda: make(name, Few(workers=1, overrides=TINY), folder)


def test_a_study_goes_on_where_it_was_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made(study("thresholds", tmp_path / "whole"), monkeypatch)
    assert made(study("thresholds", tmp_path / "some"), monkeypatch, most=whole - 2) == whole - 2
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["some.readings", "whole"]
    assert made(study("thresholds", tmp_path / "some"), monkeypatch) == 2
    assert not (tmp_path / "some.readings").exists()
    expected, found = lasting(tmp_path / "whole"), lasting(tmp_path / "some")
    assert len(found) > 1
    assert found == expected


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_keeps_its_answers(name: str) -> None:
    module = import_module(f"experiments.studies.{name.replace('-', '_')}")
    parts = sorted(Path(module.__path__[0]).glob("*.py")) if hasattr(module, "__path__") else []
    source = getsource(module) + "".join(part.read_text(encoding="utf-8") for part in parts)
    assert "size.spread(" in source
    assert "import spread" not in source
    assert "Workers" not in source


def claimed(job: Job) -> JobResult:
    """What may come of a job: one point in three drifts, one claim has no number."""
    values = {name: float("nan") if name == "C20" else float(job.replicate) for name in job.claims}
    return JobResult(job, job.point % 3 > 0, values, {}, dict.fromkeys(job.claims, 2))


def test_claims_go_on_where_they_were_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def assessed(place: Path) -> Assessment:
        with Checkpoint(place) as memory:
            found.append(assess.assess(CHOSEN, QUICK, workers=1, memory=memory))
        return found[-1]

    found: list[Assessment] = []
    monkeypatch.setattr(assess, "answer", claimed)
    whole = made(lambda: assessed(tmp_path / "whole"), monkeypatch)
    assert made(lambda: assessed(tmp_path / "some"), monkeypatch, most=whole - 1) == whole - 1
    assert made(lambda: assessed(tmp_path / "some"), monkeypatch) == 1
    first, second = found
    assert repr(second.answers) == repr(first.answers)
    assert (second.dropped, second.tried, second.places.tolist()) == (first.dropped, first.tried, first.places.tolist())


def test_the_commands_keep_their_answers_beside_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assess, "answer", claimed)
    monkeypatch.setattr(validate, "replicates_of", lambda *_: 2)
    for number, command in enumerate(
        (["claims", "--only", "C18"], ["validate", "--only", "14", "--set", "quarters=8"])
    ):
        out = tmp_path / str(number)

        def called(arguments: list[str] = [*command, "--out", str(out), "--workers", "1"]) -> None:  # noqa: B006
            with pytest.raises(SystemExit) as ended:
                main(arguments)
            if ended.value.code == 130:
                raise KeyboardInterrupt

        made(called, monkeypatch, most=1)
        assert out.with_name(f"{number}.readings").is_file()
        assert not out.exists()
        made(called, monkeypatch)
        assert digests(out)
        assert not out.with_name(f"{number}.readings").exists()
