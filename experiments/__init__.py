"""Studies on the model: designs, runs, stores, analyses and reports. The names below are those of `abm`, too."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.analysis.sweep_analysis import analyze_sweep
    from experiments.report.scenario_comparison import ScenarioComparison, compare_scenarios
    from experiments.report.write_result import write_result
    from experiments.runs.data_dictionary import data_dictionary
    from experiments.runs.result import Result
    from experiments.runs.run_experiment import run_experiment
    from experiments.runs.stored import open_result
    from experiments.sweeps.read_sweep import Sweep, open_sweep
    from experiments.sweeps.sweep import run_sweep

__all__ = [
    "Result",
    "ScenarioComparison",
    "Sweep",
    "analyze_sweep",
    "compare_scenarios",
    "data_dictionary",
    "open_result",
    "open_sweep",
    "run_experiment",
    "run_sweep",
    "write_result",
]
_MODULES = {
    "Result": "runs.result",
    "ScenarioComparison": "report.scenario_comparison",
    "Sweep": "sweeps.read_sweep",
    "analyze_sweep": "analysis.sweep_analysis",
    "compare_scenarios": "report.scenario_comparison",
    "data_dictionary": "runs.data_dictionary",
    "open_result": "runs.stored",
    "open_sweep": "sweeps.read_sweep",
    "run_experiment": "runs.run_experiment",
    "run_sweep": "sweeps.sweep",
    "write_result": "report.write_result",
}


def __getattr__(name: str) -> Any:
    """Import the public names when first used, so that a command loads what it needs only."""
    if name not in _MODULES:
        raise AttributeError(f"module 'experiments' has no attribute {name!r}")
    return getattr(import_module(f"experiments.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names before they are loaded."""
    return [*__all__]
