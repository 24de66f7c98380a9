"""A run that raises, gives no numbers, hangs or ends its process costs only itself; the command says so."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from abm.workers import WorkerLostError
from experiments.reproduction.reproduce_sweep import rerun_stored
from experiments.sweeps.executors import ExecutorPool, WorkerProcesses
from experiments.sweeps.read_sweep import open_sweep
from experiments.sweeps.run_pair import Limit
from experiments.sweeps.scheduler import MOST_LOSSES, Scheduler, SweepSummary
from experiments.sweeps.shards import Writer
from experiments.sweeps.study import read_study
from experiments.sweeps.sweep import run_sweep
from experiments.sweeps.tasks import RunRows, Task, TaskReport
from tests.unit.cli.test_cli import call


def test_trouble_costs_only_itself(troubled: Callable[..., Path], tmp_path: Path) -> None:
    pool = ExecutorPool(WorkerProcesses(2), 2, hard=True)
    try:
        summary = run_sweep(troubled(0, 1, 2, 3, 4, twins="false"), tmp_path / "out", executor=pool, time_limit=10)
    finally:
        pool.executor.shutdown()
    sweep = open_sweep(tmp_path / "out")
    assert (summary.done, summary.failed) == (1, 4)
    assert sweep.runs()["point"].tolist() == [0]
    errors = sweep.failures().set_index("point")["error"]
    assert errors[1] == "RuntimeError: as told"
    assert "finite" in errors[2]
    assert errors[3] == "OutOfTimeError: took longer than 10 s and did not end by itself"
    assert errors[4] == "WorkerLostError: the process ended with signal 9 while it was at this run"
    row = sweep.failures().set_index("point", drop=False).loc[1]
    assert "in propose" in row["traceback"]
    assert row["command"] == f"abm rerun {tmp_path / 'out'} {row['key']}"
    (failure,) = rerun_stored(tmp_path / "out", row["key"], trust=True).failures
    assert failure.error == row["error"]


def test_a_slow_run_ends_with_its_quarter(troubled: Callable[..., Path], tmp_path: Path) -> None:
    run_sweep(troubled(0, twins="false"), tmp_path / "out", workers=0, time_limit=1e-6)
    assert open_sweep(tmp_path / "out").failures()["error"].tolist() == ["OutOfTimeError: took longer than 1e-06 s"]


def test_failed_runs_are_tried_again(troubled: Callable[..., Path], tmp_path: Path) -> None:
    study = troubled(0, 1)
    assert run_sweep(study, tmp_path / "out", workers=0, time_limit=1e-6).failed == 4
    again = run_sweep(study, tmp_path / "out", workers=0)
    assert (again.done, again.failed) == (2, 2)
    assert len(open_sweep(tmp_path / "out").failures()) == 2


class Worker(Executor):
    """Stands in for worker processes: dies of tasks for which `kills` is true, and finishes all others at once."""

    def __init__(self, kills: Callable[[Task], bool], error: Exception) -> None:
        self.kills, self.error = kills, error
        self.chunks: list[int] = []

    def submit(self, _run: Any, _packed: bytes, tasks: list[Task], _limit: Limit) -> Future[TaskReport]:  # type: ignore[override]
        self.chunks.append(len(tasks))
        future = Future[TaskReport]()
        if any(map(self.kills, tasks)):
            future.set_exception(self.error)
        else:
            future.set_result(TaskReport(runs=[run_row(task, twin) for task in tasks for twin in task.keys]))
        return future


def run_row(task: Task, twin: bool) -> RunRows:
    """A finished run of one quarter without measures."""
    return RunRows(task.keys[twin], task.point, task.replicate, twin, {}, {}, (), ("2025Q1",), np.empty((1, 0)), 0.0)


def scheduled(folder: Path, tiny: dict[str, object], worker: Worker, limit: Limit | None = None) -> SweepSummary:
    """Carry out eight pairs with one worker."""
    tasks = deque(Task(point, 0, {}, {False: f"run{point}", True: f"twin{point}"}) for point in range(8))
    summary, pool = SweepSummary(folder, 16, 0), ExecutorPool(worker, 1, hard=True)
    Scheduler(read_study(tiny), pool, limit or Limit(), Writer(folder), summary).run(tasks)
    return summary


def failures_in(folder: Path) -> list[dict[str, Any]]:
    """Failed runs as they are stored."""
    return [row for file in sorted((folder / "failures").iterdir()) for row in pq.read_table(file).to_pylist()]


@pytest.mark.parametrize(
    ("exit_code", "said"), [(-9, "ended with signal 9"), (-signal.SIGALRM, "took longer than 5 s")]
)
def test_only_the_run_that_ends_its_worker_fails(
    tmp_path: Path, tiny: dict[str, object], exit_code: int, said: str
) -> None:
    """A chunk is bisected down to the twin of one point: all other runs are stored, its partner too."""
    worker = Worker(lambda task: task.point == 5 and True in task.carried_out(), WorkerLostError(exit_code))
    summary = scheduled(tmp_path, tiny, worker, Limit(5.0, hard=True))
    assert max(worker.chunks) > 1
    assert (summary.done, summary.failed) == (15, 1)
    assert Writer(tmp_path).stored() == {f"{kind}{point}" for kind in ("run", "twin") for point in range(8)} - {"twin5"}
    (failure,) = failures_in(tmp_path)
    assert (failure["key"], failure["twin"]) == ("twin5", True)
    assert said in failure["error"]


def test_a_worker_ended_from_outside_costs_no_run(tmp_path: Path, tiny: dict[str, object]) -> None:
    deaths = iter([True])
    worker = Worker(lambda task: task.point == 0 and next(deaths, False), WorkerLostError(-9))
    summary = scheduled(tmp_path, tiny, worker)
    assert (summary.done, summary.failed) == (16, 0)
    assert worker.chunks[:2] == [1, 1], "repeated as it is"


def test_a_pair_whose_runs_work_alone_fails_as_a_pair(tmp_path: Path, tiny: dict[str, object]) -> None:
    worker = Worker(lambda task: task.point == 5 and len(task.carried_out()) == 2, WorkerLostError(-9))
    summary = scheduled(tmp_path, tiny, worker)
    assert (summary.done, summary.failed) == (14, 2)
    assert [failure["key"] for failure in failures_in(tmp_path)] == ["run5", "twin5"]


def test_workers_that_never_finish_anything_end_the_sweep(tmp_path: Path, tiny: dict[str, object]) -> None:
    worker = Worker(lambda task: True, WorkerLostError(1))
    with pytest.raises(RuntimeError, match="workers die before"):
        scheduled(tmp_path, tiny, worker)
    assert len(worker.chunks) == MOST_LOSSES + 1


def test_the_command_lists_what_failed(
    troubled: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert call("sweep", str(troubled(0, 1)), "--out", out, "--workers", "0", "--json") == 3
    printed = capsys.readouterr()
    summary = json.loads(printed.out)
    assert {key: summary[key] for key in ("planned", "done", "failed")} == {"planned": 4, "done": 2, "failed": 2}
    assert "2 runs failed" in printed.err
    row = open_sweep(out).failures().iloc[0]
    again = row["command"].split()[1:]
    assert call(*again) == 2, "the folder names code of its own"
    assert call(*again, "--trust") == 3
    assert "RuntimeError: as told" in capsys.readouterr().out
    assert call("rerun", out, open_sweep(out).runs()["key"].iloc[0], "--trust") == 0
    assert json.loads(capsys.readouterr().out)["outcomes"]["refill_4"] is None
    assert call("rerun", out, "", "--trust") == 2


def test_wrong_use_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in (
        (["contagion-lsh"], "did you mean contagion-lhs?"),
        (["us-exit-2026"], "scenario: is missing"),
        (["contagion-lhs", "--executor", "slurm", "--workers", "1"], "unknown executor 'slurm'"),
        (["contagion-lhs", "--set", "design.samples=none"], "design.samples: must be a whole number"),
        (["contagion-lhs", "--set", "twins.x=1"], "twins: must be true or false"),
    ):
        assert call("sweep", *arguments, "--out", str(tmp_path / "out")) == 2
        message = capsys.readouterr().err
        assert said in message
        assert "Traceback" not in message


def test_check_shows_a_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "contagion-lhs") == 0
    text = capsys.readouterr().out
    assert "60 points, 3 replicates with twins: 360 runs" in text
    assert "legitimacy.peer_rate" in text


def test_an_interrupted_sweep_goes_on(tmp_path: Path) -> None:
    study = ["sweep", "contagion-lhs", "--out", str(tmp_path / "out"), "--set", "quarters=8"]
    running = subprocess.Popen(
        [str(Path(sys.executable).with_name("abm")), *study, "--workers", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while not (tmp_path / "out" / "manifest.json").exists() and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1.0)
    os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C does: to the workers as well
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted; what is finished is stored" in errors
    assert "Traceback" not in errors
    assert call(*study, "--set", "design.samples=1", "--workers", "0") == 0
