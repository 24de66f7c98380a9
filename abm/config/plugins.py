"""Processes of a modeler's own: classes named "module:Class" in a config, looked up beside it, then among what is
installed. In worker processes too: a config carries the name and its folder, not the class.
"""

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from abm.config.errors import ConfigError
from abm.processes.base import Process


def find_process(use: str, folder: Path) -> type[Process]:
    """Return the class that `use` ("module:Class") names. Raises ConfigError where there is none."""
    module_name, class_name = use.split(":")
    module = _module(use, module_name, folder)
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, Process)):
        raise ConfigError(f"processes: {use}: {class_name} is no subclass of abm.processes.base.Process in that module")
    if not getattr(found, "name", ""):
        raise ConfigError(f"processes: {use}: the class needs a `name`; its parameters stand under it in a config")
    return found


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
