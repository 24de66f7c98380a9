"""Result folders read back: tables, outcomes and manifest as they were written, with one clear message otherwise."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from abm.config.plugins import unloaded
from abm.config.reader import ConfigError, Experiment, load_experiment
from experiments.runs.readable import readable
from experiments.runs.result import KEYS, TABLES, Result
from experiments.storage.atomic import FolderError
from experiments.storage.foreign import object_in, table_in

WHOLE = {"seed", "quarters", "world"}
"""Keys that the config of a manifest has in any case."""


@dataclass(frozen=True)
class Stored:
    """A result folder: its manifest, its outcomes and its tables. Tables that cannot be read are listed in `broken`."""

    folder: Path
    manifest: dict[str, Any]
    outcomes: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    broken: dict[str, str]

    @property
    def name(self) -> str:
        """The scenario's short name, as `abm run` was given it; what is not seen of it has a mark in its place."""
        return readable(str(self.outcomes.get("scenario") or self.folder.name), kept="")

    @property
    def has_twins(self) -> bool:
        """Whether runs were made with their twins."""
        series = self.tables.get("series")
        return bool(series is None or series["twin"].any())

    def named(self, name: str) -> "Stored":
        """Return the same under another short name."""
        return replace(self, outcomes=self.outcomes | {"scenario": name})

    def experiment(self) -> Experiment:
        """Return the experiment of the manifest, without its code. Raises ConfigError where it is none."""
        try:
            return load_experiment(self.manifest["config"], find=unloaded)
        except ConfigError as error:
            raise ConfigError(f"{self.folder}/manifest.json: {error}") from None

    def result(self) -> Result:
        """Return the folder as the result that was written. Raises ConfigError where a table is missing."""
        if self.broken:
            raise ConfigError(next(iter(self.broken.values())))
        tables: dict[str, Any] = dict(self.tables)
        return Result(self.experiment(), **tables, outcomes=self.outcomes)


def is_sweep(folder: Path) -> bool:
    """Return whether a folder holds a sweep rather than the result of one scenario."""
    return (folder / "plan.parquet").is_file()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder. Raises ConfigError where there is none."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder")
    try:
        held = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{folder} holds no result: there is no manifest.json") from None
    except OSError as error:
        raise ConfigError(f"{folder}/manifest.json cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # the last of lists in lists without end
        raise ConfigError(f"{folder}/manifest.json is not JSON: {error}") from None
    if not isinstance(held, Mapping) or not ("study" in held or _says_config(held)):
        raise ConfigError(f"{folder}/manifest.json is not that of a result")
    return dict(held)


def _says_config(held: Mapping[str, Any]) -> bool:
    """Return whether a manifest holds a whole config with its digest."""
    config = held.get("config")
    return isinstance(config, Mapping) and config.keys() >= WHOLE and isinstance(held.get("config_digest"), str)


def read_result(folder: Path) -> Stored:
    """Return the result in a folder. Raises ConfigError where there is none."""
    manifest = read_manifest(folder)
    if is_sweep(folder) or "config" not in manifest:
        raise ConfigError(f"{folder} holds a sweep, not the result of one scenario")
    tables: dict[str, pd.DataFrame] = {}
    broken: dict[str, str] = {}
    for name in TABLES:
        try:
            tables[name] = table_in(folder / f"{name}.parquet", KEYS[name])
        except FolderError as error:
            broken[name] = str(error)
    return Stored(folder, manifest, _read_outcomes(folder), tables, broken)


def open_result(folder: str | Path) -> Result:
    """Return the result that `abm run` or `write_result` left in a folder; no code of its config is loaded.

    Raises ConfigError where there is none, or where a table cannot be read.
    """
    return read_result(Path(folder)).result()


def stored_of(result: Result) -> Stored:
    """Return a result as if it had been read from a folder; its name is that of the scenario."""
    experiment = result.experiment
    held = {"config": experiment.resolved(), "config_digest": experiment.digest()}
    name = str(result.outcomes.get("scenario") or experiment.title)
    return Stored(Path(name), held, result.outcomes, dict(result.tables()), {})


def _read_outcomes(folder: Path) -> dict[str, Any]:
    """Return the outcomes in a folder, nothing where they cannot be read."""
    return object_in(folder / "outcomes.json")
