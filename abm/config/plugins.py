"""Processes of a modeler's own: classes named "module:Class" in a config, looked up beside it, then among what is
installed. In worker processes too: a config carries the name and its folder, not the class.
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from pydantic import ConfigDict

from abm.config.errors import ConfigError
from abm.parameters import Parameters
from abm.processes.base import Process

Finder = Callable[[str, Path], type[Process]]
"""Loads "module:Class" of a user's process; the folder is the config's own."""


class UnreadParameters(Parameters):
    """Parameters of a process whose code is not loaded: taken as they stand."""

    model_config = ConfigDict(extra="allow")


def unloaded(use: str, folder: Path) -> type[Process]:
    """Stand for the finder of an experiment that is read, not run: no code is loaded. Raises ConfigError if called."""
    raise ConfigError(f"processes: {use}: its code beside {folder} is not loaded where results are only read")


def find_process(use: str, folder: Path) -> type[Process]:
    """Return the class that `use` ("module:Class") names. Raises ConfigError where there is none."""
    module_name, class_name = use.split(":")
    module = _module(use, module_name, folder)
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, Process)):
        raise ConfigError(f"processes: {use}: {class_name} is not a subclass of abm.processes.base.Process")
    if not getattr(found, "name", ""):
        raise ConfigError(f"processes: {use}: the class needs a `name`; its parameters stand under it in a config")
    return found


def place_of(use: str, folder: Path) -> str:
    """Return where the code of `use` would be loaded from, without loading it."""
    file = _file(use.partition(":")[0], folder)
    return f"{use} from {file}" if file.is_file() else f"{use} from an installed package"


def _file(module: str, folder: Path) -> Path:
    """Return where a module beside a config would stand."""
    return folder.resolve().joinpath(*module.split(".")).with_suffix(".py")


def _module(use: str, name: str, folder: Path) -> ModuleType:
    """Return the module beside the config, else the installed one."""
    file = folder.joinpath(*name.split(".")).with_suffix(".py")
    try:
        if not file.is_file():
            return importlib.import_module(name)
        alias = f"_own_{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:16]}"
        if alias in sys.modules:
            return sys.modules[alias]
        spec = importlib.util.spec_from_file_location(alias, file)
        if spec is None or spec.loader is None:
            raise ImportError(f"{file} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        sys.modules[alias] = module
        spec.loader.exec_module(module)
        return module
    except ModuleNotFoundError as error:
        raise ConfigError(f"processes: {use}: no module {error.name!r} beside {folder} or installed") from None
    except (ImportError, SyntaxError) as error:
        raise ConfigError(f"processes: {use}: {error}") from None
