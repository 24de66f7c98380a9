"""multilateral-abm: an agent-based model of multilateral institutions and of exits from them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.14.0"
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
    from abm.mesa_model import MultilateralModel
    from experiments import (
        Result,
        ScenarioComparison,
        Sweep,
        analyze_sweep,
        compare_scenarios,
        data_dictionary,
        open_result,
        open_sweep,
        run_experiment,
        run_sweep,
        write_result,
    )

_MODULES = {"MultilateralModel": "abm.mesa_model", "load_experiment": "abm.config.reader"}
"""Module of each name of the model; all others are names of `experiments`."""


def __getattr__(name: str) -> Any:
    """Import the public names when first used, so that `import abm` stays light."""
    if name not in __all__:
        raise AttributeError(f"module 'abm' has no attribute {name!r}")
    return getattr(import_module(_MODULES.get(name, "experiments")), name)


def __dir__() -> list[str]:
    """List the public names before they are loaded."""
    return ["__version__", *__all__]
