"""The published numbers, kept in compact form, and the folder of a validation."""

import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments.report.validation import page
from experiments.runs.fingerprint import sources_digest
from experiments.storage.atomic import write_json, write_whole
from experiments.storage.folders import replacing
from experiments.validation.readings import SEED

KEPT = Path(__file__).parent / "results" / "patterns.json"
BY = "abm validate"
"""Marks the folders of validations, so that each may take the place of another."""
KEEPING = (
    "id", "value", "low", "high", "verdict", "role", "n0", "n1", "n0_value", "n1_value", "discriminates", "replicates",
    "parts",
)  # fmt: skip


def read_published() -> dict[str, Any] | None:
    """Return the published numbers with the command, the date and the digest of the sources that made them."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else None


def write_published(found: Mapping[str, Any], path: Path = KEPT) -> None:
    """Keep a full validation as the published numbers, in compact form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    patterns = [{key: entry[key] for key in KEEPING} for entry in found["patterns"]]
    head = {key: found[key] for key in ("command", "made", "sources", "seed", "seconds")}
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, allow_nan=False) for entry in patterns)
    write_whole(path, f'{json.dumps(head)[:-1]}, "patterns": [\n{lines}\n]}}\n'.encode())


def with_provenance(
    found: Mapping[str, Any], full: bool, only: str | None, overrides: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a validation with what is needed to make it again."""
    return {**found, **provenance(command(full, only, overrides))}


def provenance(said: str) -> dict[str, Any]:
    """Return what tells how published numbers were made: command, date, digest of the sources and seed."""
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    return {"command": said, "made": made, "sources": sources_digest(), "seed": SEED}


def command(full: bool, only: str | None, overrides: Sequence[str] = ()) -> str:
    """Return the command that makes a validation."""
    parts = ["abm", "validate", *["--full"] * full, *([] if only is None else ["--only", only])]
    return shlex.join(parts + [part for text in overrides for part in ("--set", text)])


def write_episodes(found: Mapping[str, Any], folder: Path) -> None:
    """Write `episodes.json` and a manifest into a folder, in one rename. Raises as `write_folder` does."""
    named = {key: found[key] for key in ("table", "overrides")}
    manifest = {"sources": sources_digest(), "seed": SEED} | named
    with replacing(folder, BY) as fresh:
        _write(fresh, {"manifest": manifest, "episodes": found})


def write_folder(found: Mapping[str, Any], folder: Path) -> None:
    """Write `validation.json`, `validation.html` and a manifest into a folder, in one rename.

    Raises FolderError where it holds other content and OSError where the disk does not take it.
    """
    manifest = {key: found[key] for key in ("command", "made", "sources", "seed")}
    with replacing(folder, BY) as fresh:
        _write(fresh, {"manifest": manifest, "validation": found})
        (fresh / "validation.html").write_text(page(found, read_published()), encoding="utf-8")


def _write(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """Write some values as JSON files of these names."""
    for name, values in files.items():
        write_json(folder / f"{name}.json", values)
