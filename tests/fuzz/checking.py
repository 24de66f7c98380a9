"""One call of `abm check` in this process: its exit code, what it says, and whatever is wrong with that."""

import contextlib
import io
import os
import shutil
import signal
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.cli import main
from tests.fuzz.cases import Case

SECONDS, PATIENCE = 20.0, 300.0
"""Time of the processor, and of the clock on a busy machine, that one check may take."""
LONGEST = 4000
"""Letters of a refusal; a value of any size is shortened in it."""
FINE = (0, 2, 5)


class TooLongError(BaseException):
    """A check that does not end."""


def checked(case: Case, folder: Path) -> tuple[int, str, list[str]]:
    """Exit code, words, and what is wrong: a traceback, another code, no words, too many words, too long a time."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    before = Path.cwd()
    os.chdir(folder)
    code, wrong = 1, []
    try:
        with limited(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(["check", *case.arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    except TooLongError:
        wrong.append("takes too long")
    except BaseException:
        wrong.append(traceback.format_exc())
    finally:
        os.chdir(before)
    said = err.getvalue()
    if not wrong and code not in FINE:
        wrong.append(f"ends with {code}: {said[:LONGEST]}")
    if code and not wrong and not said.strip():
        wrong.append("says nothing")
    if len(said) > LONGEST:
        wrong.append(f"says {len(said)} letters: {said[:300]} ...")
    return code, said or out.getvalue(), wrong


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raise TooLongError in what runs longer than it may."""

    def stop(*_: Any) -> None:
        raise TooLongError

    for kind, number, seconds in (
        (signal.ITIMER_PROF, signal.SIGPROF, SECONDS),
        (signal.ITIMER_REAL, signal.SIGALRM, PATIENCE),
    ):
        signal.signal(number, stop)
        signal.setitimer(kind, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
