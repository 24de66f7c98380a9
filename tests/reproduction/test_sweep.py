"""A sweep gives the same tables wherever it is carried out and however often it is interrupted."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from abm.rng import stream
from experiments.sweeps.executors import ExecutorPool, WorkerProcesses
from experiments.sweeps.read_sweep import open_sweep, sweep_digest
from experiments.sweeps.sweep import run_sweep

STUDY: dict[str, Any] = {
    "scenario": "us-exit-2026",
    "world": {"source": "synthetic", "states": 12, "organizations": 5},
    "quarters": 5,
    "seed": 5,
    "replicates": 2,
    "design": {"method": "random", "samples": 8},
    "factors": {"membership.contagion_log_odds": {"low": 0, "high": 6}},
}
RUNS = 32
FORKS = get_context("forkserver")
"""WorkerProcesses that begin with everything imported."""


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    FORKS.set_forkserver_preload(["experiments.sweeps.sweep"])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps") / "undisturbed"
    assert run_sweep(STUDY, folder, workers=0).done == RUNS
    return folder


def started(folder: Path, **options: Any) -> BaseProcess:
    process = FORKS.Process(target=run_sweep, args=(STUDY, folder), kwargs=options)
    process.start()
    return process


def check_whole(folder: Path) -> None:
    """Whatever moment it is, readers see whole runs, each once."""
    if not list(folder.glob("shards/runs-*.parquet")):
        return
    sweep = open_sweep(folder)
    runs, series = sweep.runs(), sweep.series(["exits"])
    assert runs["key"].is_unique
    assert set(series["key"]) == set(runs["key"])
    assert (series.groupby("key").size() == STUDY["quarters"]).all()


def killed_again_and_again(folder: Path, times: int, seed: int) -> int:
    """Kill the main process of a sweep at random moments; return how often it was at work when it was killed."""
    moments = stream((seed, 0), "kills").uniform(0.0, 0.6, times)
    hits = 0
    for moment in moments:
        process = started(folder, workers=0, shard_runs=3)
        process.join(moment)
        hits += process.is_alive()
        os.kill(process.pid or 0, signal.SIGKILL) if process.is_alive() else None
        process.join()
        check_whole(folder)
    return hits


def kill_workers(processes: WorkerProcesses, moments: list[float], stop: threading.Event, killed: list[int]) -> None:
    """Kill one worker after another, each a moment after there is one; keep their process ids in `killed`."""
    for moment in moments:
        while not stop.wait(0.01):
            fresh = [number for number in processes.process_ids() if number not in killed]
            if fresh:
                stop.wait(moment)
                os.kill(fresh[0], signal.SIGKILL)
                killed.append(fresh[0])
                break


def with_killed_workers(folder: Path, times: int, seed: int) -> int:
    """Carry out a sweep while its workers are killed at random moments; return how many were."""
    processes, stop, killed = WorkerProcesses(2), threading.Event(), list[int]()
    moments = stream((seed, 0), "kills").uniform(0.0, 0.3, times).tolist()
    thread = threading.Thread(target=kill_workers, args=(processes, moments, stop, killed))
    thread.start()
    try:
        run_sweep(STUDY, folder, executor=ExecutorPool(processes, 2, hard=True), shard_runs=3)
    finally:
        stop.set()
        thread.join()
        processes.shutdown()
    return len(killed)


def check_resumed(folder: Path, undisturbed: Path) -> None:
    """After going on to the end, everything is as if nothing had happened."""
    run_sweep(STUDY, folder, workers=0)
    assert len(open_sweep(folder).runs()) == RUNS
    assert open_sweep(folder).failures().empty
    assert sweep_digest(folder) == sweep_digest(undisturbed)


def test_three_kills_of_the_main_process(undisturbed: Path, tmp_path: Path) -> None:
    assert killed_again_and_again(tmp_path / "killed", 3, seed=1) > 0
    check_resumed(tmp_path / "killed", undisturbed)


def test_two_kills_of_workers(undisturbed: Path, tmp_path: Path) -> None:
    assert with_killed_workers(tmp_path / "killed", 2, seed=2) > 0
    check_resumed(tmp_path / "killed", undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_kills(undisturbed: Path, tmp_path: Path, seed: int) -> None:
    for turn in range(2):
        folder = tmp_path / f"killed-{turn}"
        assert killed_again_and_again(folder, 3, seed=10 * seed + turn) + with_killed_workers(folder, 2, seed) > 0
        check_resumed(folder, undisturbed)


def test_workers_end_with_the_main_process(tmp_path: Path) -> None:
    main = started(tmp_path / "orphans", workers=2)
    try:
        children = wait_for(lambda: worker_ids(main.pid or 0))
    finally:
        main.kill()
        main.join()
    assert children
    assert wait_for(lambda: not [pid for pid in children if Path(f"/proc/{pid}/stat").exists() and running(pid)])


def worker_ids(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:  # it has ended
        return []


def running(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for[T](condition: Callable[[], T], seconds: float = 20.0) -> T:
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_two_workers_give_the_same_digest(undisturbed: Path, tmp_path: Path) -> None:
    summary = run_sweep(STUDY, tmp_path / "two", workers=2)
    assert summary.digest == sweep_digest(undisturbed)
    assert summary.workers == 2


def test_dask_gives_the_same_digest(undisturbed: Path, tmp_path: Path) -> None:
    """A scheduler process and two worker processes, as on a cluster."""
    environment = os.environ | {"DASK_DISTRIBUTED__DASHBOARD__LINK": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    address = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    scheduler = subprocess.Popen([*dask, "--host", "127.0.0.1", "--scheduler-file", str(address)], **quiet)
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        "--nthreads",
        "1",
        "--nworkers",
        "2",
        "--no-dashboard",
    ]
    workers = subprocess.Popen([*worker, "--scheduler-file", str(address)], **quiet)
    try:
        assert wait_for(address.exists)
        where = json.loads(wait_for(address.read_text))["address"]
        summary = run_sweep(STUDY, tmp_path / "dask", executor="dask", scheduler=where, workers=2)
    finally:
        for process in (workers, scheduler):
            process.terminate()
            process.wait(20)
    assert summary.workers == 2
    assert summary.digest == sweep_digest(undisturbed)


@pytest.mark.skipif(shutil.which("mpiexec") is None, reason="no MPI here; .ci/run installs Debian's openmpi-bin")
def test_mpi_gives_the_same_digest(undisturbed: Path, tmp_path: Path) -> None:
    pytest.importorskip("mpi4py")
    config = tmp_path / "study.yaml"
    config.write_text(json.dumps(STUDY))  # JSON is YAML
    environment = os.environ | {
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    }  # fmt: skip
    command = ["mpiexec", "-n", "3", sys.executable, "-m", "mpi4py.futures", str(Path(sys.executable).with_name("abm"))]
    options = ["sweep", str(config), "--out", str(tmp_path / "mpi"), "--executor", "mpi", "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert f'"digest": "{sweep_digest(undisturbed)}"' in done.stdout
    assert '"workers": 2' in done.stdout
