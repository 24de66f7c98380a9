"""multilateral-abm: an agent-based model of multilateral institutions and of exits from them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.5.0"
__all__ = [
    "MultilateralModel",
    "Result",
    "ScenarioComparison",
    "Sweep",
    "analyze_sweep",
    "compare_scenarios",
    "data_dictionary",
    "load_experiment",
    "open_result",
    "open_sweep",
    "run_experiment",
    "run_sweep",
    "write_result",
]

if TYPE_CHECKING:
    from abm.config.reader import load_experiment
    from abm.model import MultilateralModel
    from experiments.analysis.sweep_analysis import analyze_sweep
    from experiments.report.result_folder import write_result
    from experiments.report.scenario_comparison import ScenarioComparison, compare_scenarios
    from experiments.runs.data_dictionary import data_dictionary
    from experiments.runs.result import Result
    from experiments.runs.run_experiment import run_experiment
    from experiments.runs.stored import open_result
    from experiments.sweeps.store import Sweep, open_sweep
    from experiments.sweeps.sweep import run_sweep

_MODULES = {
    "MultilateralModel": "abm.model",
    "Result": "experiments.runs.result",
    "ScenarioComparison": "experiments.report.scenario_comparison",
    "Sweep": "experiments.sweeps.store",
    "analyze_sweep": "experiments.analysis.sweep_analysis",
    "compare_scenarios": "experiments.report.scenario_comparison",
    "data_dictionary": "experiments.runs.data_dictionary",
    "load_experiment": "abm.config.reader",
    "open_result": "experiments.runs.stored",
    "open_sweep": "experiments.sweeps.store",
    "run_experiment": "experiments.runs.run_experiment",
    "run_sweep": "experiments.sweeps.sweep",
    "write_result": "experiments.report.result_folder",
}


def __getattr__(name: str) -> Any:
    """Import the public names when first used, so that `import abm` stays light."""
    if name not in _MODULES:
        raise AttributeError(f"module 'abm' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """List the public names before they are loaded."""
    return ["__version__", *__all__]
