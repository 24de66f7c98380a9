"""Results made again: the config in a manifest is run again, and every table compared to the last stored digit.

A table is equal when three digests agree: the one in the manifest, that of the stored file and that of the new run.
This finds a file that was changed afterwards as well as a run with another result.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from abm.config.experiment import build, digest_of
from abm.config.plugins import Finder, unloaded
from abm.config.reader import ConfigError, Experiment, read_layer
from experiments.reproduction.reproduce_document import reproduce_text
from experiments.reproduction.reproduce_sweep import reproduce_sweep
from experiments.reproduction.reproduction import Progress, Reproduction, added_since, changed_since, difference
from experiments.reproduction.trust import UntrustedError, finder
from experiments.runs.first_difference import first_difference, tree_difference, trees_near
from experiments.runs.result import KEYS, Result, as_stored, table_digest
from experiments.runs.run_experiment import run_experiment
from experiments.runs.stored import Stored, is_sweep, read_result

NOT_COMPARED = ("out", "scenario", "config_digest")
"""Keys of the outcomes that say where, under which name and from which config a result was written."""


def reproduce(
    folder: Path,
    *,
    sample: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    trust: bool = False,
) -> Reproduction:
    """Make the result or the sweep in a folder again and compare; of a sweep all pairs of runs, or only `sample`.

    A text file, such as the README, is compared with what `abm run` prints now. A folder that names code of its own is
    run only with `trust`. Raises ConfigError where the folder holds neither.
    """
    if folder.is_file():
        return reproduce_text(folder, workers=workers, progress=progress)
    if is_sweep(folder):
        return reproduce_sweep(folder, sample=sample, workers=workers, progress=progress, trust=trust)
    return reproduce_result(folder, workers=workers, progress=progress, trust=trust)


def reproduce_result(
    folder: Path, *, workers: int | None = None, progress: Progress | None = None, trust: bool = False
) -> Reproduction:
    """Run again what the manifest of a result folder says and compare every table and the outcomes.

    Raises ConfigError where the folder holds no result.
    """
    stored = read_result(folder)
    warnings = changed_since(stored.manifest)
    try:
        experiment = experiment_of(stored.manifest)
        find = finder(folder, experiment, trust)
        experiment = experiment_of(stored.manifest, find)
    except UntrustedError:
        raise
    except ConfigError as error:
        return Reproduction([difference("manifest", f"its config is refused: {error}")], warnings)
    warnings += added_since(stored.manifest["config"], experiment)
    found = list(_manifest_differences(stored))
    lost = any(failure["twin"] for failure in stored.manifest.get("failed_runs", []))  # perhaps every twin
    result = run_experiment(experiment, twin=stored.has_twins or lost, workers=workers, progress=progress)
    for name, table in result.tables():
        found += _table_differences(stored, name, table)
    found += _outcome_differences(stored, result)
    return Reproduction(found, warnings, int(result.series[["run", "twin"]].drop_duplicates().shape[0]))


def experiment_of(manifest: Mapping[str, Any], find: Finder = unloaded) -> Experiment:
    """Return the experiment of a manifest. Raises ConfigError where it is none.

    Classes of the user's own processes are looked up beside the config file that named them, if it is still there.
    """
    layer, folder = read_layer(manifest["config"], _home(manifest))
    return build(layer, folder, find)


def _home(manifest: Mapping[str, Any]) -> Path:
    """Return the folder of the config that named the user's own processes, else the working folder."""
    for path, place in manifest.get("provenance", {}).items():
        folder = Path(str(place).rpartition(":")[0]).parent
        if str(path).startswith("processes") and folder.is_dir():
            return folder
    return Path()


def _manifest_differences(stored: Stored) -> Iterator[dict[str, Any]]:
    """Yield where manifest and outcomes contradict the config as it was written: one of them was changed since."""
    manifest, config = stored.manifest, stored.manifest["config"]
    digest = digest_of(config)
    for table, key, said, real in (
        ("manifest", "config_digest", manifest.get("config_digest"), digest),
        ("manifest", "seed", manifest.get("seed"), config.get("seed")),
        ("outcomes", "config_digest", stored.outcomes.get("config_digest"), digest),
    ):
        if said != real:
            text = f"{key} is {said} there, but the config in the manifest gives {real}: one of them was changed"
            yield difference(table, text, key=key, stored=said, again=real)


def _table_differences(stored: Stored, name: str, again: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the difference of one table, if there is any."""
    said = stored.manifest.get("tables", {}).get(name)
    if name in stored.broken:
        yield difference(name, f"{name}.parquet cannot be read: {stored.broken[name]}")
        return
    again = as_stored(name, again, stored.tables[name])
    held, made = table_digest(name, stored.tables[name]), table_digest(name, again)
    if held == made == said:
        return
    first = first_difference(stored.tables[name], again, KEYS[name])
    who = "the file was changed after it was written" if made == said else "the new run differs"
    if first is not None and held != said:
        first.pop("near", None)  # what was changed in the file is no rounding
    if first is None:
        who = f"the manifest says digest {said}, but file and new run have {made}"
    yield difference(name, f"{who}{'' if first is None else ': ' + first.pop('text')}", **(first or {}))


def _outcome_differences(stored: Stored, result: Result) -> Iterator[dict[str, Any]]:
    """Yield the first difference of the outcomes, if there is any."""
    left, right = (
        {key: value for key, value in outcomes.items() if key not in NOT_COMPARED}
        for outcomes in (stored.outcomes, result.outcomes)
    )
    first = tree_difference(left, right)
    if first is not None:
        path, held, made = first
        near = {"near": True} if trees_near(left, right) else {}
        text = f"{path} is {held}, in the new run {made}"
        yield difference("outcomes", text, key=path, stored=held, again=made, **near)
