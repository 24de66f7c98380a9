"""Plain values with their origins: how layers of a config are merged and changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from abm.config.errors import ConfigError, KeyPath, dotted
from abm.config.refusals import OTHER, Refusal

MAXIMAL_DEPTH = 40
MAXIMAL_VALUES = 200_000
BUILT_IN = (float, str, bool, int, type(None))


@dataclass(frozen=True)
class Layer:
    """Nested plain values (mappings, tuples, numbers, texts) and where each of them was written.

    `origins` maps the path of a value to a place such as `my.yaml:12` or `--set`.
    """

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, str] = field(default_factory=dict)

    def origin(self, path: KeyPath) -> str:
        """Return where the value at `path` was written, else what it holds or is held by; "" if nowhere."""
        if path in self.origins or not path:
            return self.origins.get(path, "")
        inside = [place for other, place in self.origins.items() if other[: len(path)] == path]
        return inside[-1] if inside else self.origin(path[:-1])

    def error(self, path: KeyPath, message: str, refusal: Refusal = OTHER) -> ConfigError:
        """Return the error of the value at `path`, its place first."""
        parts = (self.origin(path), dotted(path), message)
        return ConfigError(": ".join(part for part in parts if part), refusal, path)


def merge(base: Layer, top: Layer) -> Layer:
    """Return `base` with `top` over it: mappings are merged, everything else is replaced."""
    kept = {path: place for path, place in base.origins.items() if not _replaced(path, top.values)}
    return Layer(_merged(base.values, top.values), kept | top.origins)


def untitled(layer: Layer) -> Layer:
    """Return a layer without its title and description."""
    told = ("title", "description")
    values = {key: value for key, value in layer.values.items() if key not in told}
    return Layer(values, {path: place for path, place in layer.origins.items() if not path or path[0] not in told})


def _replaced(path: KeyPath, values: Any) -> bool:
    """Return whether `values` puts something other than a mapping at `path` or above it."""
    for part in path:
        if not isinstance(values, dict):
            return True
        if part not in values:
            return False
        values = values[part]
    return not isinstance(values, dict)


def _merged(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Return nested mappings merged key by key."""
    result = dict(base)
    for key, value in top.items():
        old = base.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def plain_layer(source: Mapping[Any, Any], place: str = "") -> Layer:
    """Return a mapping of Python values as a layer, all of it written at `place`.

    Raises ConfigError for keys that are not text, values of other kinds, cycles and endless nesting.
    """
    origins: dict[KeyPath, str] = {}
    values = _plain(source, (), origins, place)
    return Layer(values, origins)


def origins_of(value: Any, path: KeyPath, place: str) -> dict[KeyPath, str]:
    """Return the paths of a plain value and of all it holds, each with the place where it was written."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
    found = {path: place}
    for key, inner in rows:
        found |= origins_of(inner, (*path, key), place)
    return found


def _plain(value: Any, path: KeyPath, origins: dict[KeyPath, str], place: str) -> Any:
    """Return one value with lists as tuples and NumPy scalars as numbers; remember every path."""
    origins[path] = place
    if len(path) > MAXIMAL_DEPTH or len(origins) > MAXIMAL_VALUES:
        raise ConfigError(f"{dotted(path[:3])}: nested too deeply or endlessly", path=path[:3])
    if type(value) in BUILT_IN:
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                message = f"{dotted(path)}: the key {str(key)[:60]} must be a text".lstrip(": ")
                raise ConfigError(message, path=path)
        return {key: _plain(inner, (*path, key), origins, place) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_plain(inner, (*path, row), origins, place) for row, inner in enumerate(value))
    if isinstance(value, PurePath):
        return str(value)
    if not isinstance(value, str | int | float) and getattr(value, "shape", None) == ():
        value = value.item()  # a NumPy scalar
    if not isinstance(value, str | int | float):
        raise ConfigError(f"{dotted(path)}: a {type(value).__name__} is not a value of a config", path=path)
    return _builtin(value)


def _builtin(value: Any) -> Any:
    """Return a number or text as the built-in type: np.float64 is a float and str enums are texts."""
    return next((kind(value) for kind in (bool, int, float, str) if isinstance(value, kind)), value)


def placed(values: Any, path: KeyPath, value: Any) -> Any:
    """Return nested values with `value` at `path`; mappings on the way are made where there are none.

    Raises KeyError when the path leads through a row that a list does not have, or through a plain value.
    """
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(values, tuple):
        if not isinstance(head, int) or not 0 <= head < len(values):
            raise KeyError(head)
        return (*values[:head], placed(values[head], rest, value), *values[head + 1 :])
    if not isinstance(values, dict | None):
        raise KeyError(head)
    return {**(values or {}), head: placed((values or {}).get(head), rest, value)}
