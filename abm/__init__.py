"""multilateral-abm: an agent-based model of multilateral institutions and of exits from them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.3.0"
__all__ = ["MultilateralModel", "load_experiment", "run_experiment"]

if TYPE_CHECKING:
    from abm.config.reader import load_experiment
    from abm.model import MultilateralModel
    from experiments.runs.run_experiment import run_experiment

_MODULES = {
    "MultilateralModel": "abm.model",
    "load_experiment": "abm.config.reader",
    "run_experiment": "experiments.runs.run_experiment",
}


def __getattr__(name: str) -> Any:
    """Import the public names when first used, so that `import abm` stays light."""
    if name not in _MODULES:
        raise AttributeError(f"module 'abm' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """List the public names before they are loaded."""
    return ["__version__", *__all__]
