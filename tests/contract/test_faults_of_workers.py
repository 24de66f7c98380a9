"""Each command that has workers, when one dies or has no memory: it says so, and what the others made is kept."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from experiments.storage.kept_answers import Checkpoint
from experiments.studies.study_result import Report, Size
from experiments.sweeps.read_sweep import open_sweep
from tests.ailing import answer
from tests.contract.test_faults_of_commands import call, one_sentence

pytestmark = pytest.mark.long  # limits and deaths of whole processes, which the processes of a quick suite share
STARTS = {"ProcessPoolExecutor", "Pool", "get_context", "fork"}
"""What starts processes that compute."""
RULE = """
from typing import ClassVar

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal
from tests.ailing import suffer


class AilingParameters(Parameters):
    share: float = parameter(0.4, low=0, high=1, source="assumption", doc="Share of runs that end badly.")


class Ailing(Process):
    name: ClassVar[str] = "ailing"
    parameters: ClassVar[type[Parameters]] = AilingParameters

    def propose(self, world, values, draws):
        if world.quarter == world.start and draws.states()[0] < values.share:
            suffer("WAY")
        return Proposal({})
"""
CONFIG = """
world: {source: synthetic, states: 8, organizations: 4}
quarters: 4
replicates: 6
seed: 5
processes: [{use: 'ailing_WAY:Ailing', after: deals}]
"""
SAYS = {"dies": "ended with signal 9", "memory": "MemoryError: Unable to allocate"}


@pytest.fixture(params=SAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a worker ends; a scenario and a study of a rule with which it does so lie in the working folder."""
    way = str(request.param)
    monkeypatch.chdir(tmp_path)
    Path(f"ailing_{way}.py").write_text(RULE.replace("WAY", way))
    config = CONFIG.replace("WAY", way)
    Path("own.yaml").write_text(f"extends: base\n{config}")
    factors = "factors: {membership.contagion_log_odds: {low: 0, high: 6}}\ntwins: false\n"
    Path("study.yaml").write_text(f"scenario: base\n{config}design: {{method: lhs, samples: 1}}\n{factors}")
    return way


def test_run_keeps_what_the_other_workers_made(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["run", "own.yaml", "--no-twin", "--workers", "2", "--out", "out"]) == 3
    said = capsys.readouterr().err
    failed = json.loads(Path("out/outcomes.json").read_text())["failed_runs"]
    assert 0 < len(failed) < 6
    assert all(SAYS[way] in row["error"] for row in failed)
    assert all(f"failed: run {row['run']}: " in said for row in failed)
    assert "Traceback" not in said
    kept = set(pd.read_parquet("out/series.parquet")["run"])
    assert kept == set(range(6)) - {row["run"] for row in failed}


def test_sweep_keeps_what_the_other_workers_made(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["sweep", "study.yaml", "--workers", "2", "--out", "out"]) == 3
    said, sweep = capsys.readouterr().err, open_sweep("out")
    failed = sweep.failures()
    assert 0 < len(failed) < 6
    assert all(SAYS[way] in error for error in failed["error"])
    assert f"{len(failed)} runs failed; out/failures lists why" in said
    assert "Traceback" not in said
    assert set(sweep.runs()["key"]) == set(sweep.keys()["key"]) - set(failed["key"])


def test_a_command_of_which_every_run_fails_says_so(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    everyone = ["--set", "ailing.share=1", "--workers", "2", "--out", "out"]
    assert call(["run", "own.yaml", "--no-twin", *everyone, "--replicates", "2"]) == 3
    said = capsys.readouterr().err.lstrip()  # the bar's empty line
    assert said.startswith("abm: every run failed; the first one: ")
    assert SAYS[way] in said.partition("\n")[0]
    assert not Path("out").exists()


@pytest.fixture
def study_of_answers(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have `abm study gains` ask for six answers of workers, the third of which ends badly as long as `ailing` is."""

    def run(size: Size, out: Path) -> Report:
        (out / "found.txt").write_text(str(size.spread(answer, [(str(tmp_path), way, number) for number in range(6)])))
        return Report({})

    monkeypatch.setattr("experiments.studies.registry.study", lambda _: SimpleNamespace(run=run))
    (tmp_path / "ailing").touch()
    return way


def test_what_workers_answer_is_kept_for_the_next_call(
    study_of_answers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`validate`, `claims` and all studies have their answers in this way."""
    command = ["study", "gains", "--workers", "2", "--out", "out"]
    assert call(command) == {"dies": 3, "memory": 5}[study_of_answers]
    said = one_sentence(capsys.readouterr().err)
    assert {"dies": "ended with signal 9", "memory": "the memory is used up"}[study_of_answers] in said
    assert "memory" in said
    assert said.endswith("what is computed is kept, and the same command goes on")
    assert not Path("out").exists()
    with Path("out.readings").open(encoding="utf-8") as lines:
        mark = json.loads(next(lines))["checkpoint of"]
    assert Checkpoint(Path("out.readings"), mark).found
    Path("ailing").unlink()
    assert call(command) == 0
    assert Path("out/found.txt").read_text() == str([*range(6)])


def test_all_processes_are_started_by_the_pool_of_workers(trees: dict[Path, ast.Module]) -> None:
    """What is tried here of some commands holds for those that are too dear to try."""
    starting: dict[str, set[str]] = {}
    for path, module in trees.items():
        if path.parts[0] in ("abm", "experiments", "viz"):
            nodes = list(ast.walk(module))
            used = {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}
            used |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
            starting |= {path.as_posix(): used & STARTS} if used & STARTS else {}
    assert starting == {"abm/workers.py": {"ProcessPoolExecutor", "get_context"}}
