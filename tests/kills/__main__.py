"""Kills: `uv run python -m tests.kills --times 100` ends each command that writes, at random moments and in three ways.

- `--by kill`: SIGKILL to all its processes. The command's folder must be absent, or whole and as its record says; for a
  command that goes on where it was ended, every file must be whole.
- `--by interrupt`: SIGINT to all, as Ctrl-C does. The same, and the command must end within seconds, as interrupted or
  as done, without a traceback, a process, or anything hidden beside its folder.
- `--by worker`: SIGKILL to one worker. The command must go on and write what it writes undisturbed.

In the end the command runs once more, in the same place, and must write what it writes undisturbed. A command that
hangs says where. `--only NAME ...` takes some commands. Commands run in forks of this process, with everything loaded,
so that most signals meet work.
"""

import argparse
import atexit
import contextlib
import faulthandler
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from experiments.cli import main as abm
from tests.kills.commands import WRITING, few_runs, half_done, in_folder, lasting, left_over, prepared
from tests.worlds_small import random_generator

LOADED = (
    "abm.simulation", "abm.data.write_world", "experiments.runs.run_experiment", "experiments.sweeps.sweep",
    "experiments.report.scenario_table", "experiments.report.exchange_formats", "experiments.report.write_result",
    "experiments.report.analysis", "experiments.analysis.sweep_analysis", "experiments.validation.validate",
    "experiments.validation.published_validation", "experiments.claims.results", "experiments.report.claims",
)  # fmt: skip
WAYS = ("kill", "interrupt", "worker")
LIMIT = 1800.0
"""Seconds that a command may take undisturbed, or after the death of a worker."""
PATIENCE = 30.0
"""Seconds that it may take to end after Ctrl-C."""
DEATH = 5.0
"""Seconds that its processes may take to end after it."""


class End(NamedTuple):
    """How a command ended: whether the signal met it at work, how long it took, and what was wrong."""

    met: bool
    seconds: float
    code: int
    said: str
    wrong: Sequence[str] = ()


def main() -> int:
    """Read the options, end commands, say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100, help="how often each command is ended in each way")
    parser.add_argument("--by", nargs="*", choices=WAYS, default=WAYS, help="ways to end it")
    parser.add_argument("--only", nargs="*", choices=list(WRITING), default=list(WRITING), metavar="NAME",
                        help=f"some of: {', '.join(WRITING)}")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in LOADED:
        import_module(name)
    warnings.filterwarnings("ignore", "This process .* is multi-threaded")  # the other thread is a library's, and idle
    few_runs()
    wrong = []
    folder = Path(tempfile.mkdtemp(prefix="kills-")).resolve()  # no TemporaryDirectory: forks would remove it
    try:
        prepared(finished, place := made(folder / "inputs"))
        for name in options.only:
            for way in options.by:
                if way != "worker" or WRITING[name].workers:
                    moments = random_generator("kills", options.seed, name, way).random(options.times)
                    wrong += [f"{name}, {way}: {text}" for text in trial(name, way, place, moments)]
    finally:
        shutil.rmtree(folder)
    print(*wrong, f"{len(wrong)} things are wrong", sep="\n")
    return min(len(wrong), 1)


def made(folder: Path) -> Path:
    """A new folder to work in."""
    folder.mkdir()
    in_folder(folder)
    return folder


def trial(name: str, way: str, place: Path, moments: np.ndarray) -> list[str]:
    """End a command at moments of its time; return what is wrong after any of them, and at the end."""
    command = WRITING[name]
    in_folder(place)
    own = {path.name for path in place.iterdir()}
    usual = finished(command.arguments)
    expected = lasting(place / command.out)
    forget(place, own)
    wrong: list[str] = []
    met = 0
    for moment in moments:
        end = ended(command.arguments, seconds := 1.1 * usual * float(moment), way)
        usual = usual if end.met else min(usual, end.seconds)
        met += end.met
        found = [*end.wrong, *half_done(place / command.out, command.resumes)]
        if way == "kill":
            for socket in (place / "tmp").glob("pymp-*"):  # the interpreter's own, which nobody can remove then
                shutil.rmtree(socket)
        elif way == "interrupt":
            found += [f"left over: {left}" for left in left_over(place, own)]
        elif end.code == 0 and lasting(place / command.out) != expected:
            found.append("it wrote something else than undisturbed")
        wrong += [f"after {seconds:.3f} s: {text}" for text in found]
        if not end.met or way == "worker" or (not command.resumes and moment < 1 / 2):
            forget(place, own)
    finished(command.arguments)
    if lasting(place / command.out) != expected:
        wrong.append("in the end it wrote something else than undisturbed")
    wrong += [f"left over: {left}" for left in left_over(place, own)]
    forget(place, own)
    print(f"{name}, {way}: {met} of {len(moments)} at work, {usual:.1f} s, {len(wrong)} wrong", *wrong,
          sep="\n  ", flush=True)  # fmt: skip
    return wrong


def forget(place: Path, own: set[str]) -> None:
    """Remove what a command wrote, so that the next one begins anew."""
    for path in place.iterdir():
        if path.name not in own:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def started(arguments: Sequence[str], said: Path) -> int:
    """Start a command in a fork of its own session; return its process once it has begun."""
    hears, tells = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(output, stream)
            faulthandler.register(signal.SIGUSR1, file=2)
            os.write(tells, b"begun")
            abm(list(arguments))
        except SystemExit as stop:
            code = int(stop.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            leave(code)
    os.close(tells)
    os.read(hears, 5)
    os.close(hears)
    return child


def leave(code: int) -> None:
    """End this process as the interpreter does: it waits for threads, then calls what was left to the end."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def finished(arguments: Sequence[str]) -> float:
    """Run a command to its end and return its seconds. Raises RuntimeError where it fails or takes too long."""
    end = waited(started(arguments, said := Path("tmp.said")), said, LIMIT)
    if end.code or end.wrong:
        raise RuntimeError(f"abm {' '.join(arguments)} ended with {end.code}: {end.said} {end.wrong}")
    return end.seconds


def waited(child: int, said: Path, limit: float) -> End:
    """Wait for a command to end; one that does not says where it is, and is killed."""
    began, wrong = time.monotonic(), list[str]()
    while (state := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > began + limit and not wrong:
            os.kill(child, signal.SIGUSR1)
            time.sleep(1)
            wrong.append(f"it hung: {said.read_text()}")
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.01)
    seconds = time.monotonic() - began
    if still := processes_of(child, DEATH):
        wrong.append(f"processes went on: {[process.cmdline() for process in still]}")
        os.killpg(child, signal.SIGKILL)
    return End(True, seconds, os.waitstatus_to_exitcode(state[1]), said.read_text(errors="replace"), wrong)


def processes_of(session: int, seconds: float) -> list[psutil.Process]:
    """The processes of a session that are still there after so many seconds."""
    until = time.monotonic() + seconds
    while found := [process for process in psutil.process_iter() if belongs(process, session)]:
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    return found


def belongs(process: psutil.Process, session: int) -> bool:
    """Whether a process is one of a session, and lives."""
    with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
        return os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE
    return False


def ended(arguments: Sequence[str], seconds: float, way: str) -> End:
    """End a command, or one of its workers, after so many seconds; say how it ended."""
    child = started(arguments, said := Path("tmp.said"))
    began = time.monotonic()
    while (taken := time.monotonic() - began) < seconds:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return waited(child, said, LIMIT)._replace(met=False, seconds=taken)
        time.sleep(0.002)
    if way == "kill":
        os.killpg(child, signal.SIGKILL)
        return waited(child, said, PATIENCE)
    if way == "interrupt":
        os.killpg(child, signal.SIGINT)
        end = waited(child, said, PATIENCE)
        allowed = (0, 130)
    else:
        met = kill_a_worker(child)
        end = waited(child, said, LIMIT)._replace(met=met)
        allowed = (0,)
    wrong, taken = list(end.wrong), taken + end.seconds
    if end.code not in allowed or "Traceback" in end.said or "ignored" in end.said:
        wrong.append(f"it ended with {end.code} and said {end.said}")
    return end._replace(wrong=wrong, seconds=taken)


def kill_a_worker(main: int) -> bool:
    """Kill one worker of a command; return whether it has any. They are forked by a process that it has started."""
    family = psutil.Process(main).children(recursive=True)
    workers = [process for process in family if process.ppid() not in (main, 1)]
    if not workers:
        return False
    workers[time.monotonic_ns() // 1000 % len(workers)].kill()
    return True


if __name__ == "__main__":
    sys.exit(main())
