"""The one rule for "may I run this code": that of a folder that is read runs only if the user says so."""

from pathlib import Path

from abm.config.plugins import Finder, find_process, place_of
from abm.config.reader import ConfigError, Experiment


class UntrustedError(ConfigError):
    """A folder names code that would be run, and nobody has said that it may."""


def finder(folder: str | Path, experiment: Experiment, trust: bool) -> Finder:
    """Return what loads the code of an experiment's own processes.

    Raises UntrustedError, which says what would be run, where there is such code and no `trust`.
    """
    places = [place_of(entry.use, experiment.folder) for entry in experiment.processes]
    if places and not trust:
        raise UntrustedError(
            f"{folder} names code of its own, which would be run: {', '.join(places)}; "
            "read it first, then repeat with --trust"
        )
    return find_process
