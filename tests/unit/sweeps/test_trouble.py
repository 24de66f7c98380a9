"""A run that raises, gives no numbers, hangs or ends its process costs only itself; the command says so."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.reproduction.rerun import repeated
from experiments.sweeps.executors import Crew, Processes, WorkerLostError
from experiments.sweeps.runner import Limit
from experiments.sweeps.scheduler import HOPELESS, Chunk, Drive, SweepSummary
from experiments.sweeps.shards import Writer
from experiments.sweeps.store import open_sweep
from experiments.sweeps.study import read_study
from experiments.sweeps.sweep import run_sweep
from experiments.sweeps.tasks import Report, Task
from tests.unit.cli.test_cli import call


def test_trouble_costs_only_itself(troubled: Callable[..., Path], tmp_path: Path) -> None:
    crew = Crew(Processes(2), 2, hard=True)
    try:
        summary = run_sweep(troubled(0, 1, 2, 3, 4, twins="false"), tmp_path / "out", executor=crew, time_limit=1.5)
    finally:
        crew.executor.shutdown()
    sweep = open_sweep(tmp_path / "out")
    assert (summary.done, summary.failed) == (1, 4)
    assert sweep.runs()["point"].tolist() == [0]
    errors = sweep.failures().set_index("point")["error"]
    assert errors[1] == "RuntimeError: as told"
    assert "finite" in errors[2]
    assert errors[3] == "OutOfTimeError: took longer than 1.5 s and did not end by itself"
    assert errors[4] == "WorkerLostError: the process ended with signal 9 while it was at this run"
    row = sweep.failures().set_index("point", drop=False).loc[1]
    assert "in propose" in row["traceback"]
    assert row["command"] == f"abm repeat {tmp_path / 'out'} {row['key']}"
    (failure,) = repeated(tmp_path / "out", row["key"]).failures
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


def test_the_twin_of_a_failed_run_is_kept(tmp_path: Path, tiny: dict[str, object]) -> None:
    """One that raises leaves its partner; what ends its process is found among the two."""
    drive, chunk = _drive(tmp_path, tiny, limit=Limit(5.0, hard=True))
    lost = WorkerLostError(-9)
    drive._lost(chunk, lost)
    assert [len(each.tasks) for each in drive._suspects] == [1, 1]
    pair = drive._suspects.popleft()
    drive._suspects.clear()
    drive._lost(pair, lost)  # tried again first: it may have been killed from outside
    again = drive._suspects.popleft()
    drive._lost(again, lost)
    halves = list(drive._suspects)
    assert [list(half.tasks[0].keys) for half in halves] == [[False], [True]]
    drive._sort(halves[0], Report(runs=[]))
    drive._lost(halves[1], WorkerLostError(-signal.SIGALRM))
    assert drive._summary.failed == 1
    assert drive._failures[0].twin
    assert "took longer than 5 s" in drive._failures[0].error


def test_a_pair_whose_halves_both_work_is_tried_as_a_pair(tmp_path: Path, tiny: dict[str, object]) -> None:
    drive, chunk = _drive(tmp_path, tiny)
    pair = Chunk(chunk.tasks[:1], losses=1)
    drive._lost(pair, WorkerLostError(-9))
    for half in [drive._suspects.popleft(), drive._suspects.popleft()]:
        drive._sort(half, Report())
    (proven,) = drive._suspects
    assert proven.proven
    assert proven.tasks == pair.tasks
    drive._lost(Chunk(proven.tasks, losses=1, proven=True), WorkerLostError(-9))
    assert [failure.twin for failure in drive._failures] == [False, True]


def test_workers_that_never_finish_anything_end_the_sweep(tmp_path: Path, tiny: dict[str, object]) -> None:
    drive, chunk = _drive(tmp_path, tiny)
    for _ in range(HOPELESS):
        drive._lost(chunk, WorkerLostError(1))
    with pytest.raises(RuntimeError, match="workers die before"):
        drive._lost(chunk, WorkerLostError(1))


def _drive(folder: Path, tiny: dict[str, object], limit: Limit | None = None) -> tuple[Drive, Chunk]:
    """A drive without workers, and a chunk of two pairs."""
    summary = SweepSummary(folder, 8, 0)
    tasks = [Task(point, 0, {}, {False: f"run{point}", True: f"twin{point}"}) for point in range(2)]
    crew = Crew(Processes(0), 0, hard=True)
    return Drive(read_study(tiny), crew, limit or Limit(), Writer(folder), summary), Chunk(tasks)


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
    assert call(*row["command"].split()[1:]) == 3
    assert "RuntimeError: as told" in capsys.readouterr().out
    assert call("repeat", out, open_sweep(out).runs()["key"].iloc[0]) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"]["refill_4"] is None
    assert call("repeat", out, "") == 2


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
    command = [
        str(Path(sys.executable).with_name("abm")),
        "sweep",
        "contagion-lhs",
        "--out",
        str(tmp_path / "out"),
        "--workers",
        "1",
    ]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    end = time.monotonic() + 60
    while not (tmp_path / "out" / "manifest.json").exists() and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1.0)
    os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C does: to the workers as well
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted; what is finished is stored" in errors
    assert "Traceback" not in errors
    small = ["--set", "design.samples=1", "--workers", "0"]
    assert call("sweep", "contagion-lhs", "--out", str(tmp_path / "out"), *small) == 0
