"""The figures of `abm bench` measure what they say."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from abm.config.reader import load_experiment
from experiments.benchmark import last_measured, scaling, speed
from experiments.cli.bench import bench
from experiments.sweeps.scheduler import Progress

SMALL = {"extends": "us-exit-2026", "world": {"source": "synthetic", "states": 12, "organizations": 6}, "quarters": 16}


PROMISED = {
    "run_ms", "quarter_ms", "floor_ratio", "ratio_transcription", "startup_s", "first_result_s", "main_job_s",
    "sweep_runs_per_s", "growth", "load",
}  # fmt: skip


def test_the_keys_are_those_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "load_experiment", lambda name: load_experiment(SMALL | {"extends": name}))
    monkeypatch.setattr(speed, "SIZES", ((12, 6),))
    monkeypatch.setattr(speed, "LARGE_SIZES", ((24, 12),))
    monkeypatch.setattr(
        speed, "measure_growth", lambda *size: dict(zip(("states", "organizations"), size, strict=True))
    )
    found = speed.bench(rounds=2, jobs=False, large=True)
    assert set(found) >= PROMISED
    assert found["run_ms"] > 16 * 0.5 * found["quarter_ms"] > 0
    assert found["floor_ratio"] > 1
    assert found["ratio_transcription"] > 1
    assert found["growth"] == [{"states": 12, "organizations": 6}, {"states": 24, "organizations": 12}]


def test_loops_that_are_not_at_hand_have_no_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "TRANSCRIPTION", "tests.transcription.none_of_that_name")
    assert speed.ratio_of_loops(load_experiment(SMALL)) is None


def test_the_floor_grows_with_the_world() -> None:
    larger = SMALL | {"world": {"source": "synthetic", "states": 300, "organizations": 150}}
    assert scaling.floor_ms(load_experiment(larger)) > 1.5 * scaling.floor_ms(load_experiment(SMALL)) > 0


def test_a_worker_starts_without_loading_what_only_reports_need() -> None:
    """Tables and their library alone would take longer than that."""
    assert 0 < scaling.worker_start() < 1


def test_a_command_that_fails_gives_no_time() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        speed.command_seconds(("run", "no-such-scenario"))


def test_the_rate_of_a_sweep_leaves_its_start_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten runs stored by the first report, fifty by the last, four seconds later: ten a second."""
    clock = iter((100.0, 102.0, 104.0))

    def reported(study: Any, out: Any, progress: Any) -> None:
        for done in (0, 10, 10, 30, 50):
            progress(Progress(50, done, 0, 0, 0.0))

    monkeypatch.setattr(speed, "run_sweep", reported)
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(clock))
    assert speed.stored_rate() == 10


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_figures_are_compared_with_the_last_of_this_machine(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert last_measured.last_figures() == {}
    last_measured.keep_figures({"run_ms": 400.0, "sweep_runs_per_s": None, "growth": []})
    assert last_measured.ratios({"run_ms": 300.0, "sweep_runs_per_s": 8.0}, last_measured.last_figures()) == {
        "run_ms": 0.75
    }
    monkeypatch.setattr(last_measured.platform, "node", lambda: "another")
    assert last_measured.last_figures() == {}


def test_a_disk_that_takes_nothing_costs_no_figures(own_cache: Path) -> None:
    (own_cache / "multilateral-abm").write_text("no folder", encoding="utf-8")
    last_measured.keep_figures({"run_ms": 400.0})
    assert last_measured.last_figures() == {}


def test_the_command_compares_with_a_file(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = dict.fromkeys(PROMISED, 2.0) | {"growth": [], "scenario": "us-exit-2026", "rounds": 7, "load": 0.0}
    monkeypatch.setattr(speed, "bench", lambda **_: dict(figures))
    file = own_cache / "before.json"
    file.write_text(json.dumps(figures | {"run_ms": 4.0}), encoding="utf-8")
    bench(rounds=7, large=False, compare=file, as_json=True)
    assert json.loads(capsys.readouterr().out)["ratio_to_last"]["run_ms"] == 0.5
    bench(rounds=7, large=False, compare=None, as_json=False)
    assert "Compared with before: a run 1.00 times." in capsys.readouterr().out
    with pytest.raises(typer.BadParameter):
        bench(rounds=7, large=False, compare=own_cache / "none.json", as_json=True)


def test_memory_is_that_of_this_process() -> None:
    before = scaling.peak_mb()
    held = np.ones(60_000_000)
    assert held.sum() == 60_000_000
    assert scaling.peak_mb() > before + 200 or before > 700  # a larger one may have been held before
