"""The named studies, and the folder that each leaves: tables, figures and a summary that says how it was made."""

import platform
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from abm.config.errors import nearest
from abm.config.reader import ConfigError
from experiments.runs.fingerprint import sources_digest
from experiments.runs.parallel import kept_beside
from experiments.storage.atomic import write_json
from experiments.storage.folders import check_folder, replacing
from experiments.studies.study_result import Report, Size

STUDIES: Mapping[str, str] = {
    "thresholds": "what chance makes in a world without a shock: the thresholds of regimes",
    "replicates": "how many replicates the numbers need: from when on their spread is stable",
    "rescue": "headline 1, diminishing rescue: refill against the number and the sum of simultaneous cuts",
    "instruments": "headline 2, league table of instruments: what is lost per unit of the actor's share",
    "return-window": "headline 3, window of return: what is regained two years after a return, by its year",
    "gains": "the loops: each link is pushed, and the gain of a turn is what comes back",
    "predictions": "dated predictions for 2026 to 2029: followers, refill, budgets",
    "calibration": "history matching: which parameter values the calibration patterns leave",
    "reachability": "where each regime is most probable, tipping points, quiet drift",
    "phases": "where the world tips: orders by size of the shock and strength of the loops, single removals",
    "paper": "the exit of January 2026 as a paper that writes itself, with a summary in English and Chinese",
    "what-it-takes": "claims that hold nowhere in the plausible space: which assumptions they would need",
    "robustness": "patterns, claims and headline results under the structural alternatives",
}
"""Name -> what it shows. Each is a module of this package."""


class StudyModule(Protocol):
    """What the module of a study offers."""

    def run(self, size: Size, out: Path) -> Report:
        """Carry the study out and write its tables and figures into a folder."""


def study(name: str) -> StudyModule:
    """Return the module of a study. Raises ConfigError for an unknown name and for a missing extra."""
    if name not in STUDIES:
        raise ConfigError(f"no study {name!r}{nearest(name, STUDIES)}; there are {', '.join(STUDIES)}")
    try:
        module: Any = import_module(f"experiments.studies.{name.replace('-', '_')}")
    except ModuleNotFoundError as error:
        if error.name == "sklearn":
            raise ConfigError(f"study {name} needs scikit-learn: pip install 'multilateral-abm[ema]'") from None
        raise
    return module


def make(name: str, size: Size, folder: Path) -> dict[str, Any]:
    """Carry a study out, write its folder in one rename and return its summary.

    The folder holds `summary.json` beside the study's own files. A study that was ended goes on where it stopped.
    Raises FolderError where the folder, or the file of answers beside it, holds anything else.
    """
    module = study(name)
    by = f"abm study {name}"
    check_folder(folder, by)
    began = time.perf_counter()
    with kept_beside(folder, command(name, size)) as memory, replacing(folder, by) as fresh:
        report = module.run(replace(size, memory=memory), fresh)
        summary = {
            "study": name,
            "title": STUDIES[name],
            "full": size.full,
            "command": command(name, size),
            "results": report.results,
            "lines": list(report.lines),
            "digests": {"sources": sources_digest(), **report.digests},
            "versions": {"multilateral-abm": version("multilateral-abm"), "python": platform.python_version()},
            "date": datetime.now(UTC).date().isoformat(),
            "seconds": round(time.perf_counter() - began, 1),
        }
        write_json(fresh / "summary.json", summary)
    return summary


def command(name: str, size: Size) -> str:
    """Return the command that makes a study of this size again."""
    settings = "".join(f" --set {text}" for text in size.overrides)
    return f"abm study {name}{' --full' if size.full else ''}{settings}"
