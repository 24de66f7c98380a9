"""One run of a stored sweep once more: what the command in the row of a failure does."""

import pickle
from pathlib import Path

from abm.config.reader import ConfigError
from experiments.sweeps.runner import Limit, run_tasks
from experiments.sweeps.store import open_sweep
from experiments.sweeps.study import points, values_at
from experiments.sweeps.tasks import Report, Task


def repeated(folder: str | Path, key: str, time_limit: float | None = None) -> Report:
    """Return what comes of the planned run with a content key (or a beginning of it that no other has).

    Nothing is stored, and a run that hangs within a quarter is not ended. Raises ConfigError for an unknown key.
    """
    sweep = open_sweep(folder)
    keys = sweep.keys().drop_duplicates("key")
    found = keys[keys["key"].str.startswith(key)]
    if len(found) != 1:
        raise ConfigError(f"{len(found)} runs of {folder} have a key that begins with {key!r}; give the key of one")
    place = found.iloc[0]
    point, replicate, twin = int(place["point"]), int(place["replicate"]), bool(place["twin"])
    task = Task(point, replicate, values_at(points(sweep.study), point), {twin: str(place["key"])}, alone=True)
    return run_tasks(pickle.dumps(sweep.study.experiment), [task], Limit(time_limit))
