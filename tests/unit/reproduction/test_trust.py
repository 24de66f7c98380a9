"""Folders of results that name code: reading them runs none, and running it asks first."""

from pathlib import Path
from typing import Any

import pytest

from experiments.analysis.sweep_analysis import analyze_sweep
from experiments.cli import main
from experiments.report.exchange_formats import export
from experiments.report.scenario_table import compare
from experiments.report.write_result import write_result
from experiments.runs.run_experiment import run_experiment
from experiments.sweeps.sweep import run_sweep

CODE = """
from pathlib import Path
from typing import ClassVar

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal

Path("{mark}").touch()


class OwnParameters(Parameters):
    size: float = parameter(0.25, low=0, high=1, source="assumption", doc="Does nothing.")


class Own(Process):
    name: ClassVar[str] = "own"
    parameters: ClassVar[type[Parameters]] = OwnParameters

    def propose(self, world, values, draws):
        return Proposal({{}})
"""
BASE: dict[str, Any] = {
    "extends": "us-exit-2026", "world": {"source": "synthetic", "states": 10, "organizations": 4}, "quarters": 5,
    "seed": 5, "replicates": 2,
}  # fmt: skip


def config(name: str) -> dict[str, Any]:
    return BASE | {"processes": [{"use": f"{name}:Own", "after": "deals"}]}


@pytest.fixture
def received(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """A result and a sweep made with code that leaves a mark when it is loaded; the mark is gone again."""
    name = f"own_{request.node.name.partition('[')[0]}"
    mark = tmp_path / "mark"
    (tmp_path / f"{name}.py").write_text(CODE.format(mark=mark))
    monkeypatch.chdir(tmp_path)
    write_result(run_experiment(config(name), workers=1), tmp_path / "result")
    factors = {"own.size": {"low": 0, "high": 1}}
    study = {k: v for k, v in config(name).items() if k != "extends"} | {
        "scenario": "us-exit-2026", "design": {"method": "random", "samples": 2}, "factors": factors,
    }  # fmt: skip
    run_sweep(study, tmp_path / "sweep", workers=0)
    assert mark.exists()
    mark.unlink()
    (tmp_path / f"{name}.py").write_text("raise SystemExit('code that was received ran')")
    monkeypatch.setattr("sys.modules", {k: v for k, v in __import__("sys").modules.items() if "_own_" not in k})
    return tmp_path / "result", tmp_path / "sweep"


def test_reading_runs_no_code(received: tuple[Path, Path], tmp_path: Path) -> None:
    result, sweep = received
    assert len(compare([result, result])) > 0
    assert export(result, "csv", tmp_path / "csv")
    assert export(sweep, "csv", tmp_path / "sweep-csv")
    assert len(analyze_sweep(sweep).points) > 0
    for file in tmp_path.glob("own_*.py"):
        file.unlink()
    assert export(result, "graphml", tmp_path / "graphml")


def test_running_code_of_a_folder_asks(
    received: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, sweep = received
    for command in (["reproduce", str(result)], ["reproduce", str(sweep)], ["rerun", str(sweep), "a"]):
        with pytest.raises(SystemExit) as ended:
            main(command)
        message = capsys.readouterr().err
        assert ended.value.code == 2
        assert "--trust" in message
        assert f"{tmp_path}/own_test_running_code_of_a_folder_asks.py" in message
    (tmp_path / "own_test_running_code_of_a_folder_asks.py").write_text(CODE.format(mark=tmp_path / "mark"))
    with pytest.raises(SystemExit) as ended:
        main(["reproduce", str(result), "--trust", "--workers", "1"])
    assert ended.value.code in (0, None)
    assert (tmp_path / "mark").exists()
