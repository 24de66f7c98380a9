"""multilateral-abm: an agent-based model of multilateral institutions and of exits from them."""

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"
__all__ = ["MultilateralModel", "load_experiment", "run_experiment"]

if TYPE_CHECKING:
    from abm.config.reader import load_experiment
    from abm.model import MultilateralModel
    from experiments.runs.run import run_experiment


def __getattr__(name: str) -> Any:
    """Import the public names when first used, so that `import abm` stays light."""
    if name == "MultilateralModel":
        from abm.model import MultilateralModel

        return MultilateralModel
    if name == "load_experiment":
        from abm.config.reader import load_experiment

        return load_experiment
    if name == "run_experiment":
        from experiments.runs.run import run_experiment

        return run_experiment
    raise AttributeError(f"module 'abm' has no attribute {name!r}")
