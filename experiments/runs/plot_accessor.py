"""`result.plot`: the figures of a result, a sweep or a comparison, which load at their first use."""

from importlib import import_module
from typing import Any


class PlotAccessor:
    """Gives the figures of the object that it is an attribute of, as pandas gives those of a frame.

    `place` names their class as "module:Class". It is imported at the first use only: matplotlib takes longer to load
    than a small run takes, and workers never draw.
    """

    def __init__(self, place: str) -> None:
        self._module, self._name = place.split(":")

    def __get__(self, owner: object | None, kind: type) -> Any:
        """Return the figures of an object, or the class of figures where a class is asked."""
        figures = getattr(import_module(self._module), self._name)
        return figures if owner is None else figures(owner)
