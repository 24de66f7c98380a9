"""Configs from someone who may not name files: what is refused, and changes that are put on without reading any."""

from collections.abc import Mapping
from typing import Any

from abm.config.ensemble import extend
from abm.config.experiment import Experiment, build
from abm.config.layers import Layer, plain_layer
from abm.config.refusals import OwnNotAllowed


def load_changes(base: Experiment, values: Mapping[str, Any], name: str = "config") -> Experiment:
    """Return a checked experiment with `values`, in the form of a config, over another one: no file is read.

    They come from someone who may not name files, as in `abm.config.reader.load_text`. Raises ConfigError
    with one clear message.
    """
    layer = plain_layer(values, name)
    refuse_files(layer)
    return build(extend(base.layer(), layer))


def refuse_files(layer: Layer) -> None:
    """Raise ConfigError where a config names a folder of tables or modules with processes."""
    world = layer.values.get("world")
    if isinstance(world, dict) and (world.get("folder") is not None or world.get("source") == "tables"):
        message = "a folder of tables cannot be used here; run it with `abm run`"
        raise layer.error(("world",), message, OwnNotAllowed())
    if layer.values.get("processes"):
        message = "processes of your own cannot be used here; run them with `abm run`"
        raise layer.error(("processes",), message, OwnNotAllowed())
