"""The result of making something again: what differs, and what has changed since it was made."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from abm.config.errors import dotted
from abm.config.experiment import leaves
from abm.config.reader import Experiment
from experiments.runs.fingerprint import sources_digest, this_platform

SHOWN = 5
"""Keys that a warning names."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Reproduction:
    """The result of making something again: differences {table, first_difference}, and warnings on what has changed."""

    differences: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    runs: int = 0

    @property
    def equal(self) -> bool:
        """Whether everything is equal."""
        return not self.differences

    @property
    def near(self) -> bool:
        """Whether everything is equal but for the last digits of numbers, as on another processor; events are equal."""
        return all(entry["first_difference"].get("near", False) for entry in self.differences)

    @property
    def verdict(self) -> str:
        """The answer in words."""
        return "equal" if self.equal else "equal to 1e-9, events equal" if self.near else "not equal"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values for scripts."""
        return {
            "equal": self.equal, "near": self.near, "differences": self.differences, "warnings": self.warnings,
            "runs": self.runs,
        }  # fmt: skip


def difference(table: str, text: str, **details: Any) -> dict[str, Any]:
    """Return one difference as scripts read it: the table, and details of the first one with a text for people."""
    return {"table": table, "first_difference": {**details, "text": text}}


def changed_since(manifest: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each version, platform or source that is not the one of the manifest."""
    found = [
        f"{name}: made with {made}, now {now}"
        for name, made in manifest.get("versions", {}).items()
        if (now := _version(name)) != made
    ]
    here = this_platform()
    found += [
        f"platform: made on {made}, now {here[name]}"
        for name, made in manifest.get("platform", {}).items()
        if here.get(name, made) != made
    ]
    made = manifest.get("sources")
    if made is not None and made != sources_digest():
        found.append(f"sources of the model: made with digest {made[:12]}, now {sources_digest()[:12]}")
    return found


def added_since(config: Mapping[str, Any], experiment: Experiment) -> list[str]:
    """Return a sentence on the keys that a stored config does not have yet, none where it has all."""
    known = set(leaves(config, ()))
    added = [dotted(path) for path in leaves(experiment.resolved(), ()) if path not in known]
    if not added:
        return []
    few = ", ".join(added[:SHOWN]) + (f" and {len(added) - SHOWN} more" if len(added) > SHOWN else "")
    return [f"config: made before these keys existed, which stand at their defaults: {few}"]


def _version(name: str) -> str:
    """Return the version of Python or of a package, "not installed" for none."""
    if name == "python":
        return platform.python_version()
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
