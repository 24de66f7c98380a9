"""The command: one clear message and the right exit code for whatever is wrong, and nothing half-written."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from abm.config.experiment import Experiment
from experiments.cli import main
from experiments.report import write_result
from experiments.runs import run_with_twin

SMALL = ["--quarters", "4", "--replicates", "2", "--workers", "1", "--set", "world.source=synthetic"]


def call(*arguments: str) -> int:
    """Run the command in this process and return its exit code."""
    try:
        main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    raise AssertionError("the command did not end by itself")


@pytest.mark.parametrize("arguments", [["--version"], ["run", "no-such-scenario"]])
def test_a_command_leaves_interrupts_as_it_found_them(arguments: list[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    call(*arguments)
    assert signal.getsignal(signal.SIGINT) is before


def test_json_is_all_there_is_on_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "who-2025", *SMALL, "--out", str(tmp_path / "out"), "--json") == 0
    outcomes = json.loads(capsys.readouterr().out)
    assert outcomes["scenario"] == "who-2025"
    assert outcomes["out"] == str(tmp_path / "out")
    assert json.loads((tmp_path / "out" / "outcomes.json").read_text()) == outcomes


def test_the_summary_and_the_report_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "who-2025", *SMALL, "--out", str(tmp_path / "out")) == 0
    text = capsys.readouterr().out
    assert "What happens" in text
    assert "Who follows" in text
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "us-exit-2025"], "us-exit-2025"),
        (["run", "base", "--set", "membership.contagion=3"], "contagion"),
        (["run", "base", "--set", "membership.contagion_log_odds=99"], "-2 to 8"),
        (["run", "base", "--set", "nonsense"], "nonsense"),
        (["run", "base", "--quarters", "0"], "quarters"),
        (["run", "base", "--quarters", "999"], "quarters"),
        (["check", "nowhere.yaml"], "nowhere.yaml"),
        (["export", "--world", "mars", "--out", "x"], "mars"),
        (["launch"], "launch"),
        (["repeat", "folder", "key", "--time-limit", "3"], "`abm repeat` is now `abm rerun`"),
        (["run", "base", "--speed", "9"], "--speed"),
    ],
)
def test_wrong_use_is_one_message_and_exit_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(*arguments) == 2
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message
    assert not list(tmp_path.iterdir())


REFUSED = {
    "no member": "extends: base\nworld:\n  dues_share: {WTO: {IRN: .5}}\n",
    "no dues": "extends: base\nworld:\n  dues_share: {UNICEF: {USA: .5}}\n",
    "two rows in one": "world:\n  source: synthetic\n  dues_share: {O001: {USA: .1, S001: .1}}\n",
    "unknown step": "extends: base\nprocesses: [{use: 'idle:Idle', after: nowhere}]\n",
    "club": "extends: base\nshocks: [{kind: found_club, issue_area: helth, announced: 2026Q1}]\n",
    "year 10000": "extends: base\nquarters: 4\nworld: {source: synthetic, start: 9999Q4}\n",
    "two writers": "extends: base\nprocesses: [{use: 'idle:Idle', after: funding}, {use: 'idle:Idle', after: trust}]\n",
}
IDLE = "from abm.processes.base import Process\nclass Idle(Process):\n    name = 'idle'\n"


@pytest.mark.parametrize("config", REFUSED.values(), ids=REFUSED)
def test_check_says_what_run_would_say(
    config: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("idle.py").write_text(IDLE)
    Path("mine.yaml").write_text(config)
    said = []
    for command in ("check", "run"):
        assert call(command, "mine.yaml") == 2
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert said[0].count("\n") == 1
    assert "Traceback" not in said[0]
    assert not Path("results").exists()


def test_a_folder_with_other_content_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert call("run", "base", *SMALL, "--out", str(tmp_path)) == 2
    assert "other content" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_result_of_the_same_config_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert call("run", "base", *SMALL, "--out", out) == 0
    before = (tmp_path / "out").stat().st_ino
    assert call("run", "base", *SMALL, "--out", out) == 0
    assert (tmp_path / "out").stat().st_ino != before
    assert call("run", "base", *SMALL, "--seed", "1", "--out", out) == 2


@pytest.mark.parametrize("command", [("run", "base", *SMALL), ("export", "--world", "real")])
def test_what_the_user_added_or_edited_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    out = tmp_path / "out"
    assert call(*command, "--out", str(out)) == 0
    edited = out / ("states.csv" if command[0] == "export" else "report.html")
    edited.write_text("mine")
    (out / "notes.txt").write_text("mine")
    assert call(*command, "--out", str(out)) == 2
    message = capsys.readouterr().err
    assert edited.name in message
    assert "notes.txt" in message
    assert (edited.read_text(), (out / "notes.txt").read_text()) == ("mine", "mine")


def test_a_place_without_room_or_rights_is_exit_5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "base", *SMALL, "--out", "/proc/nowhere/out") == 5
    assert "Traceback" not in capsys.readouterr().err


def test_a_full_disk_is_exit_5_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(write_result, "write_report", full)
    assert call("run", "base", *SMALL, "--out", str(tmp_path / "out")) == 5
    assert "full" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_interrupt_is_exit_130_and_leaves_nothing(tmp_path: Path) -> None:
    begin = "from experiments.cli import main; print('loaded', flush=True); main()"
    command = [sys.executable, "-c", begin, "run", "base", "--replicates", "60"]
    running = subprocess.Popen(
        [*command, "--workers", "2", "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout
    assert running.stdout.readline() == "loaded\n", "on a busy machine this takes a while"
    time.sleep(4)
    os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C does: to the workers as well
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.iterdir())


def test_a_second_interrupt_ends_at_once_what_does_not_clean_up() -> None:
    stuck = (
        "import time\nfrom experiments import cli\ncli.PATIENCE = 0.2\ndef stuck(args):\n"
        "    try:\n        print('loaded', flush=True)\n        time.sleep(60)\n"
        "    finally:\n        print('cleans up', flush=True)\n        time.sleep(60)\n"
        "cli.app = stuck\ncli.main()"
    )
    running = subprocess.Popen([sys.executable, "-c", stuck], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout
    assert running.stdout.readline() == "loaded\n"
    running.send_signal(signal.SIGINT)
    assert running.stdout.readline() == "cleans up\n"
    running.send_signal(signal.SIGINT)  # at once: pressed twice by the same impatience
    time.sleep(0.5)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert errors == "abm: interrupted twice and ended as it was\n"


def test_an_interrupt_that_falls_into_a_callback_is_not_lost() -> None:
    lost = (
        "import signal, time, weakref\nfrom experiments import cli\nclass Held: pass\ndef command(args):\n"
        "    held = Held()\n    seen = weakref.ref(held, lambda _: signal.raise_signal(signal.SIGINT))\n"
        "    del held\n    for _ in range(400): time.sleep(0.05)\n"  # the callback can raise nothing
        "cli.app = command\ncli.main()"
    )
    done = subprocess.run([sys.executable, "-c", lost], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (130, "abm: interrupted; nothing was written\n")


def test_an_export_of_the_page_whose_run_fails_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise RuntimeError("a run of who-2025 failed")

    monkeypatch.setattr("viz.static_page.write_folder", failing)
    assert call("view", "--export", str(tmp_path / "page")) == 3
    said = "abm: a run of who-2025 failed; the stories before it are kept, and the same command goes on\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("stranger", ["a page", "a link", "a linked folder"])
def test_an_export_of_the_page_leaves_strangers_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stranger: str
) -> None:
    page, elsewhere = tmp_path / "page", tmp_path / "elsewhere"
    page.mkdir()
    elsewhere.mkdir()
    (elsewhere / "mine.css").write_text("mine")
    if stranger == "a page":
        (page / "index.html").write_text("mine")
    elif stranger == "a link":
        (page / "page.css").symlink_to(elsewhere / "mine.css")
    else:
        (page / "data").symlink_to(elsewhere)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    assert call("view", "--export", str(page)) == 2
    assert capsys.readouterr().err.startswith(f"abm: {page}")
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before
    assert {path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == {"mine"}


def test_an_interrupted_export_of_the_page_says_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("viz.static_page._ask", lambda *_: signal.raise_signal(signal.SIGINT))
    assert call("view", "--export", str(tmp_path / "page")) == 130
    said = "abm: interrupted; stories that are done are kept, and the same command goes on\n"
    assert capsys.readouterr().err == said
    assert call("view", "--export", str(tmp_path / "page")) == 130  # its own files do not stop it


def test_the_help_text_lists_no_old_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--help") == 0
    listed = capsys.readouterr().out.partition("Commands")[2]
    assert "  rerun " in listed
    assert "repeat" not in listed


def test_configs_are_listed_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("configs") == 0
    assert "us-exit-2026" in capsys.readouterr().out
    assert call("check", "us-exit-2026", "--assumed") == 0
    text = capsys.readouterr().out
    assert "contagion_log_odds" in text
    assert "us-exit-2026.yaml" in text
    assert "assumed" in text


def test_schema_is_json_and_names_every_process(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema") == 0
    assert "contagion_log_odds" in json.dumps(json.loads(capsys.readouterr().out))
    assert call("schema", "--base") == 0
    assert "contagion_log_odds" in capsys.readouterr().out


def test_an_exported_world_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("export", "--world", "real", "--out", str(tmp_path / "my-world")) == 0
    config = tmp_path / "mine.yaml"
    config.write_text("extends: who-2025\nworld: {source: tables, folder: my-world/}\n")
    assert call("run", str(config), "--quarters", "4", "--replicates", "1", "--out", str(tmp_path / "mine")) == 0
    assert call("run", "who-2025", "--quarters", "4", "--replicates", "1", "--out", str(tmp_path / "real")) == 0
    mine, real = (json.loads((tmp_path / name / "manifest.json").read_text())["tables"] for name in ("mine", "real"))
    assert mine == real


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_without_all_characters_gets_plain_ones(encoding: str) -> None:
    code = (
        "from experiments.cli import app, main\n"
        "@app.command()\n"
        "def words() -> None: print('\\u221211.2\\u202fmillion, 4 \\u2265 3: \\u4e2d')\n"
        "main(['words'])"
    )
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stdout) == (0, b"-11.2 million, 4 >= 3: \\u4e2d\n")


DEADLY = """
import os
from typing import ClassVar

from abm.parameters import Parameters
from abm.processes.base import Process, Proposal


class Deadly(Process):
    name: ClassVar[str] = "deadly"
    parameters: ClassVar[type[Parameters]] = Parameters

    def propose(self, world, values, draws):
        if world.quarter == world.start and draws.states()[0] < 0.4:
            os._exit(9)
        return Proposal({})
"""


def test_a_run_that_ends_its_process_costs_only_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deadly.py").write_text(DEADLY)
    world = "world: {source: synthetic, states: 8, organizations: 4}\nquarters: 4\nreplicates: 6\nseed: 5\n"
    (tmp_path / "own.yaml").write_text(f"extends: base\n{world}processes: [{{use: 'deadly:Deadly', after: deals}}]\n")
    assert call("run", str(tmp_path / "own.yaml"), "--no-twin", "--workers", "2", "--out", str(tmp_path / "out")) == 3
    message = capsys.readouterr().err
    failed = json.loads((tmp_path / "out" / "outcomes.json").read_text())["failed_runs"]
    assert 0 < len(failed) < 6
    assert all("exit code 9" in row["error"] for row in failed)
    assert all(f"failed: run {row['run']}" in message for row in failed)


def test_where_twins_finish_and_no_run_does_every_run_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def carried_out(experiment: Experiment, number: int, is_twin: bool) -> Any:
        return carry_out(experiment, number, is_twin) if is_twin else 1 / 0

    carry_out = run_with_twin._run
    monkeypatch.setattr(run_with_twin, "_run", carried_out)
    world = "world: {source: synthetic, states: 8, organizations: 4}\nquarters: 2\nreplicates: 2\n"
    (tmp_path / "own.yaml").write_text(f"extends: base\n{world}shocks: [{{kind: freeze, announced: 2025Q1}}]\n")
    assert call("run", str(tmp_path / "own.yaml"), "--workers", "1", "--out", str(tmp_path / "out")) == 3
    assert "every run failed; the first one: ZeroDivisionError" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
