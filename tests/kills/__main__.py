"""Kills: `uv run python -m tests.kills --times 100` ends each command that writes at random moments.

After each kill the command's folder must be absent, or whole and as its record says; for a command that goes on where
it was ended, every file must be whole. After the last kill the command runs to its end, in the same place: it must
succeed, leave nothing hidden beside its folder, and write what it writes undisturbed. `--only NAME ...` takes some
commands, the dear ones too. Commands run in forks of this process, with everything loaded, so that kills meet work.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from experiments.cli import main as abm
from tests.kills.commands import WRITING, Writing, half_done, in_folder, lasting, left_over, prepared
from tests.worlds_small import random_generator

LOADED = (
    "abm.simulation", "abm.data.write_world", "experiments.runs.run_experiment", "experiments.sweeps.sweep",
    "experiments.report.scenario_table", "experiments.report.exchange_formats", "experiments.report.write_result",
    "experiments.report.analysis", "experiments.analysis.sweep_analysis",
)  # fmt: skip
LIMIT = 1800.0
"""Seconds that a command may take undisturbed."""


def main() -> int:
    """Read the options, kill, say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100, help="kills of each command")
    parser.add_argument("--only", nargs="*", help=f"some of: {', '.join(WRITING)}")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in LOADED:
        import_module(name)
    chosen = options.only or [name for name, command in WRITING.items() if not command.dear]
    wrong = []
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        prepared(finished, place := made(Path(folder).resolve() / "inputs"))
        for name in chosen:
            found = kills(WRITING[name], place, options.times, options.seed)
            wrong += [f"{name}: {text}" for text in found]
    print(*wrong, f"{len(wrong)} things are wrong", sep="\n")
    return min(len(wrong), 1)


def made(folder: Path) -> Path:
    """A new folder to work in."""
    folder.mkdir()
    in_folder(folder)
    return folder


def kills(command: Writing, place: Path, times: int, seed: int) -> list[str]:
    """End a command at random moments of its time; return what is wrong after any of them, and at the end."""
    in_folder(place)
    began = time.monotonic()
    finished(command.arguments)
    usual = time.monotonic() - began
    expected = lasting(place / command.out)
    own = {path.name for path in place.iterdir()}
    forget(place / command.out)
    moments = random_generator("kills", seed, *command.arguments).uniform(0, 1.1 * usual, times)
    wrong, ended = [], 0
    for moment in moments:
        ended += killed(command.arguments, float(moment))
        wrong += half_done(place / command.out, command.resumes)
        if not command.resumes and len(moments) > 1 and moment < usual / 2:
            forget(place / command.out)
    finished(command.arguments)
    if command.reproduced:
        finished(("reproduce", command.out, "--workers", "1"))
    elif lasting(place / command.out) != expected:
        wrong.append("in the end it wrote something else than undisturbed")
    wrong += [f"left over: {name}" for name in left_over(place, own)]
    name = " ".join(command.arguments[:2])
    print(f"{name}: {ended} of {times} killed within {usual:.1f} s, {len(wrong)} wrong", flush=True)
    return wrong


def forget(folder: Path) -> None:
    """Move a folder out of the way, so that the next command begins anew."""
    if folder.exists():
        kept = folder.parent / "tmp" / "gone"
        kept.mkdir(parents=True, exist_ok=True)
        folder.rename(kept / f"{time.monotonic_ns()}")


def started(arguments: Sequence[str]) -> int:
    """Start a command in a fork of its own session; return its process."""
    child = os.fork()
    if child == 0:
        os.setsid()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(silence, stream)
        code = 1
        try:
            abm(list(arguments))
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            os._exit(code)
    return child


def finished(arguments: Sequence[str]) -> None:
    """Run a command to its end. Raises RuntimeError where it fails or takes too long."""
    child, ends = started(arguments), time.monotonic() + LIMIT
    while (state := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > ends:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.01)
    if state[1]:
        raise RuntimeError(f"abm {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(state[1])}")


def killed(arguments: Sequence[str], moment: float) -> bool:
    """End a command and all its processes after so many seconds; return whether it was still at work."""
    child = started(arguments)
    time.sleep(moment)
    if os.waitpid(child, os.WNOHANG) != (0, 0):
        return False
    with contextlib.suppress(ProcessLookupError):  # it has no group of its own yet
        os.killpg(child, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


if __name__ == "__main__":
    sys.exit(main())
