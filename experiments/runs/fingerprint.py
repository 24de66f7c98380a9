"""The content key of a run: equal keys, equal results; whatever decides a result is in its key."""

import hashlib
import importlib.util
import platform
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from abm import data
from abm.config.experiment import Experiment, canonical
from abm.config.reader import configs_folder

ASIDE = ("_configs", "__pycache__", "words", "docs")
"""Folders of the package that no result depends on: copies of configs in a wheel, compiled files, sentences, pages."""


@lru_cache(maxsize=1)
def sources_digest() -> str:
    """Return the SHA-256 of the model's sources and of its data."""
    package = Path(data.__file__).resolve().parent.parent
    files = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".md")
    return files_digest((path for path in files if not set(path.relative_to(package).parts) & set(ASIDE)), package)


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return the SHA-256 of whatever the answers of studies depend on: model, data, configs, experiments."""
    package = Path(__file__).resolve().parents[1]
    parts = [path.relative_to(package) for ending in ("py", "csv", "yaml") for path in package.rglob(f"*.{ending}")]
    own = files_digest([package / path for path in parts if "results" not in path.parts], package)
    configs = configs_folder()
    return hashlib.sha256(
        f"{sources_digest()} {own} {files_digest(configs.rglob('*.yaml'), configs)}".encode()
    ).hexdigest()


def this_platform() -> dict[str, str]:
    """Return system, machine and the kernel of matrix products: what decides the last digits of sums."""
    kernels = {str(pool.get("architecture", "unknown")) for pool in threadpool_info() if pool["user_api"] == "blas"}
    return {"system": platform.system(), "machine": platform.machine(), "kernel": ", ".join(sorted(kernels))}


def files_digest(files: Iterable[Path], base: Path) -> str:
    """Return the SHA-256 of some files: of their names below a folder and their contents, in the order of names."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(base).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def processes_digest(experiment: Experiment) -> str:
    """Return the SHA-256 of the modules that hold the user's own processes."""
    digest = hashlib.sha256()
    for entry in experiment.processes:
        module = entry.use.partition(":")[0]
        file = experiment.folder.joinpath(*module.split(".")).with_suffix(".py")
        if not file.is_file():
            found = importlib.util.find_spec(module)
            file = Path(found.origin) if found and found.origin else file
        digest.update(entry.use.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


class Keys:
    """Makes the content keys of the runs of one experiment at different points."""

    def __init__(self, experiment: Experiment) -> None:
        config = experiment.identity()
        del config["replicates"]
        self._seed = experiment.seed
        self._processes = processes_digest(experiment)
        self._begun = hashlib.sha256(f'{{"config":{canonical(config)},'.encode())

    def of(self, values: Mapping[str, Any], replicate: int, twin: bool) -> str:
        """Return the key of the run at a point of the design: SHA-256 of canonical JSON, in hexadecimal.

        The JSON holds config (resolved, without title, description and replicates), point, processes, seed, sources
        and twin.
        """
        seed = [int(values.get("seed", self._seed)), replicate]
        sources = {"processes": self._processes, "seed": seed, "sources": sources_digest(), "twin": twin}
        digest = self._begun.copy()  # "config", the longest part, comes first in sorted order
        digest.update(canonical({"point": dict(values)} | sources)[1:].encode())
        return digest.hexdigest()
