"""The last figures of `abm bench` on this machine, and how new ones compare with them."""

import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from experiments.storage.atomic import write_json

COMPARED = {
    "run_ms": "a run", "quarter_ms": "a quarter", "startup_s": "a worker's start", "first_result_s": "the first result",
    "main_job_s": "the main job", "sweep_runs_per_s": "runs of a sweep per second",
}  # fmt: skip
"""The figures of which a ratio to the last ones says something, with their names in a sentence."""


def last_file() -> Path:
    """Return where the last figures are kept: in the user's folder of caches."""
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "multilateral-abm" / "bench.json"


def read_figures(file: Path) -> dict[str, Any]:
    """Return figures that `abm bench --json` printed; raises OSError or ValueError where there are none to read."""
    found = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{file} holds no figures of `abm bench`")
    return found


def last_figures() -> dict[str, Any]:
    """Return the last figures of this machine; none where there are none, or where they are of another machine."""
    try:
        found = read_figures(last_file())
    except (OSError, ValueError):
        return {}
    return found if found.get("machine") == platform.node() else {}


def keep_figures(figures: Mapping[str, Any]) -> None:
    """Keep figures as the last ones of this machine, where its disk takes them."""
    file = last_file()
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, dict(figures) | {"machine": platform.node()})


def ratios(figures: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, float]:
    """Return figures over earlier ones, for those of which both are there."""
    pairs = {name: (figures.get(name), earlier.get(name)) for name in COMPARED}
    return {name: new / old for name, (new, old) in pairs.items() if new and old}
