"""Worker processes: one thread each, answers as they come, quiet at Ctrl-C, ended with their main process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from operator import call, mul
from pathlib import Path
from typing import Any

import psutil
import pytest

from abm import workers
from abm.workers import ONE_THREAD, WorkerLostError, Workers, done_first, starting_workers, uninterrupted, wait_until
from experiments.runs.parallel import spread

MAIN = """
import os, time
from abm.workers import Workers

if __name__ == "__main__":
    pool = Workers(1)
    print(pool.submit(os.getpid).result() if {waiting} else pool.submit(time.sleep, 0) and 0, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with Workers(1) as found:
        yield found


def test_every_answer_comes(pool: Workers) -> None:
    assert sorted(pool.as_they_come(mul, [(2, 3), (4, 5), (1, 1)])) == [1, 6, 20]


def test_each_worker_has_one_thread_for_products(pool: Workers) -> None:
    assert [pool.submit(os.getenv, name).result() for name in ONE_THREAD] == ["1"] * len(ONE_THREAD)


def answered(task: tuple[Callable[..., object], *tuple[object, ...]]) -> None:
    """Give a pool this task and a hundred seconds of others, and stop at the first answer."""
    with Workers(1) as own:
        for _ in own.as_they_come(call, [task, *[(time.sleep, 10.0)] * 10]):
            raise KeyboardInterrupt


@pytest.mark.parametrize(("task", "error"), [((abs, 1), KeyboardInterrupt), ((divmod, 1, 0), ZeroDivisionError)])
def test_workers_end_at_once_where_the_block_ends_by_an_error(
    task: tuple[Callable[..., object], *tuple[object, ...]], error: type[BaseException]
) -> None:
    began = time.monotonic()
    with pytest.raises(error):
        answered(task)
    assert time.monotonic() - began < 9  # less than any of the others takes


def started(waiting: bool) -> subprocess.Popen[str]:
    """A main process with a worker that is there, or one that is only being born."""
    command = [sys.executable, "-c", MAIN.format(waiting=waiting)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def lives(number: int) -> bool:
    """Whether a process does more than wait to be counted as ended."""
    try:
        return str(psutil.Process(number).status()) != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_worker_ends_with_a_main_process_that_is_killed() -> None:
    main = started(waiting=True)
    assert main.stdout is not None
    worker = int(main.stdout.readline())
    main.kill()
    end = time.monotonic() + 10
    while lives(worker) and time.monotonic() < end:
        time.sleep(0.05)
    ended = not lives(worker)
    if not ended:
        os.kill(worker, signal.SIGKILL)  # it holds the pipes that are read to their end here
    main.communicate()
    assert ended


@pytest.mark.parametrize("age", [0.03, 0.1, 0.2])
def test_a_worker_that_is_being_born_leaves_an_interrupt_to_the_main_process(age: float) -> None:
    main = started(waiting=False)
    assert main.stdout is not None
    assert main.stdout.readline() == "0\n"
    time.sleep(age)
    os.killpg(main.pid, signal.SIGINT)
    _, errors = main.communicate(timeout=30)
    assert errors.count("Traceback") == 1  # the main process's own
    assert "spawn_main" not in errors


def test_workers_load_the_model_of_their_main_process(tmp_path: Path) -> None:
    (tmp_path / "abm").mkdir()
    (tmp_path / "abm" / "__init__.py").write_text("raise RuntimeError('another package of that name')")
    (tmp_path / "main.py").write_text(
        "import importlib\n"
        "from abm.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    with Workers(1) as pool:\n"
        "        print(pool.submit(str, 1).result(), pool.submit(importlib.import_module, 'abm').exception())\n"
    )
    code = f"import sys; sys.path[0] = {str(Path(__file__).parents[2])!r}; exec(open('main.py').read())"
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert "another package" not in answer.stdout + answer.stderr
    assert answer.stdout.startswith("1 ")


def test_an_interrupt_waits_until_a_worker_is_there() -> None:
    seen = []

    def interrupted() -> None:
        with starting_workers():
            os.kill(os.getpid(), signal.SIGINT)  # the other thread takes it, which has it not blocked
            time.sleep(0.2)
            seen.append("started")

    other = threading.Thread(target=time.sleep, args=(1.0,))
    other.start()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    other.join()
    assert seen == ["started"]


def die_in(folder: str, number: int) -> int:
    """End this process the first time for number 1, always for number 2."""
    mark = Path(folder) / f"{number}-{time.monotonic_ns()}"
    mark.write_text("")
    if number == 2 or (number == 1 and len(list(Path(folder).glob("1-*"))) == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_process_that_dies_costs_its_task_only(tmp_path: Path) -> None:
    tasks = [(str(tmp_path), number) for number in range(7)]
    with Workers(2) as own:
        others = [task for task in tasks if task[1] != 2]  # 2 could end the process of 1 before 1 does so itself
        assert sorted(own.as_they_come(die_in, others)) == [0, 1, 3, 4, 5, 6]
        found = list(own.as_they_come(die_in, tasks, lambda error, _, number: f"{number}: {error}"))
        assert {answer for answer in found if isinstance(answer, int)} == {0, 1, 3, 4, 5, 6}
        assert [answer for answer in found if isinstance(answer, str)] == [
            "2: the process ended with signal 9 while it was at this run"
        ]
        assert sorted(own.as_they_come(mul, [(2, 3), (4, 5)])) == [6, 20]
    with pytest.raises(WorkerLostError, match="signal 9"):
        spread(die_in, tasks[2:4], workers=2)
    assert spread(die_in, tasks[3:], workers=2) == [3, 4, 5, 6]


def test_processes_that_die_leave_no_open_files_behind() -> None:
    def one_dies(own: Workers) -> int:
        assert isinstance(own.submit(signal.raise_signal, signal.SIGKILL).exception(), BrokenProcessPool)
        assert own.submit(abs, -1).result() == 1
        return psutil.Process().num_fds()

    with Workers(1) as own:
        first, *later = [one_dies(own) for _ in range(6)]
    assert later[-1] <= first + 4  # one more may still be about to be closed
    with pytest.raises(RuntimeError, match="after shutdown"):  # nor does the pool in its place take more
        own.submit(abs, -1)


def stop_sending(size: int, seconds: float) -> bytes:
    """Stop in the midst of the answer, and end this process some time after."""

    def half(connection: Connection, message: bytes) -> None:
        os.write(connection.fileno(), message[: len(message) // 2])
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGKILL)

    Connection._send = half  # type: ignore[attr-defined]
    return bytes(size)


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_process_that_dies_while_it_answers_is_noticed(size: int) -> None:
    with Workers(2) as own:
        found = list(own.as_they_come(stop_sending, [(size, 0.0)], lambda error, *_: str(error).encode()))
        assert found == [b"the process ended with signal 9 while it was at this run"]
        assert list(own.as_they_come(mul, [(2, 3)])) == [6]


def test_a_process_that_answers_is_ended_like_any_other() -> None:
    own = Workers(2)
    for _ in range(2):
        own.submit(stop_sending, 1_000_000, 60.0)
    time.sleep(1)
    began = time.monotonic()
    own.end()
    assert time.monotonic() - began < 20


def test_an_interrupt_waits_until_no_lock_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def waited(busy: dict[Future[int], int], **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        seen.append(wait(busy, **options))
        return seen[-1]

    monkeypatch.setattr(workers, "wait", waited)
    with pytest.raises(KeyboardInterrupt):
        done_first({Future(): 1})
    assert len(seen) == 1


def test_a_signal_waits_until_an_event_and_what_must_not_be_interrupted_is_over() -> None:
    seen = []

    class Awaited(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            os.kill(os.getpid(), signal.SIGINT)
            seen.append("waited")
            return super().wait(timeout)

    with pytest.raises(KeyboardInterrupt):
        wait_until(Awaited())
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append("ended"))
    try:
        with uninterrupted():
            os.kill(os.getpid(), signal.SIGTERM)
            seen.append("begun")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == ["waited", "begun", "ended"]


def test_threads_that_start_workers_take_turns() -> None:
    main, spec = sys.modules["__main__"], sys.modules["__main__"].__spec__
    inside, leaves = threading.Event(), threading.Event()

    def start() -> None:
        with starting_workers():
            inside.set()
            leaves.wait(10)

    other = threading.Thread(target=start)
    other.start()
    inside.wait(10)
    threading.Timer(0.2, leaves.set).start()
    with starting_workers():  # else it would take what the other hides for what was there
        assert leaves.is_set()
    other.join()
    assert main.__spec__ is spec


def test_an_interrupt_while_an_answer_is_taken_ends_the_workers() -> None:
    def interrupted(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    before = {process.pid for process in workers_of_this()}
    with pytest.raises(KeyboardInterrupt) as kept:  # it keeps the frames, as a notebook does
        spread(time.sleep, [(0.0,), *[(60.0 + number,) for number in range(3)]], workers=2, progress=interrupted)
    assert not [process for process in workers_of_this() if process.pid not in before]
    assert kept.tb is not None


def workers_of_this() -> list[psutil.Process]:
    """The workers of this process that live; a process between them forks them."""
    family = psutil.Process().children(recursive=True)
    return [one for one in family if one.ppid() != os.getpid() and lives(one.pid)]


def test_work_goes_on_where_the_process_from_which_workers_are_forked_dies(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "import time, psutil\nfrom abm.workers import Workers\n"
        "def tasks():\n"
        "    yield (0.5,)\n"
        "    servers = []\n"
        "    while not servers:\n"
        "        children = psutil.Process().children()\n"
        "        servers = [one for one in children if 'forkserver' in ' '.join(one.cmdline())]\n"
        "    servers[0].kill()\n"
        "    yield from [(0.0,)] * 3\n"
        "with Workers(2) as pool:\n    print(list(pool.as_they_come(time.sleep, iter(tasks()))))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("[None, None, None, None]\n", "")


def test_a_script_without_a_guard_runs(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "from operator import mul\nfrom abm.workers import Workers\n"
        "with Workers(2) as pool:\n    print(sorted(pool.as_they_come(mul, [(2, 3), (4, 5)])))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("[6, 20]\n", "")
