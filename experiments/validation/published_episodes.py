"""The published comparison with past exits: a row for each quantity, and what they come to by kind of quantity.

`abm validate --episodes known --keep` writes both in a clone. The documents take their numbers from here.
"""

import csv
import io
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.storage.atomic import write_whole
from experiments.validation.published_validation import provenance

RESULTS = Path(__file__).parent / "results"
ROWS, SUMMARY = "episodes.csv", "episodes.json"
"""Files of the rows, and of the summary with the command, the date and the digest of the sources that made them."""
TEXTS = ("episode", "scenario", "organization", "quantity", "kind", "seen")
NUMBERS = (
    "observed", "observed_low", "observed_high", "noise", "mean", "low", "high", "model_low", "model_high", "told",
    "log_score", "log_score_nothing", "log_score_climatology",
)  # fmt: skip
INSIDE = {"yes": True, "no": False, "": None}
"""Whether a quantity lies in its interval, as it is written and as it is; None where no run tells it."""
HEADER = (*TEXTS, "inside", *NUMBERS)
DIGITS = 6


def command(table: str, full: bool, overrides: Sequence[str] = ()) -> str:
    """Return the command that compares a table of episodes."""
    settings = [part for text in overrides for part in ("--set", text)]
    return shlex.join(["abm", "validate", "--episodes", table, *["--full"] * full, *settings])


def write_published(found: Mapping[str, Any], folder: Path = RESULTS) -> None:
    """Keep a comparison of the known episodes as the published one, in compact form. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_cells(entry) for entry in found["episodes"])
    write_whole(folder / ROWS, text.getvalue().encode())
    write_whole(folder / SUMMARY, _summary(found).encode())


def _cells(entry: Mapping[str, Any]) -> list[str]:
    """Return the cells of one quantity; nothing where there is no number."""
    inside = {known: word for word, known in INSIDE.items()}[entry["inside"]]
    numbers = ("" if entry[name] is None else f"{entry[name]:.{DIGITS}g}" for name in NUMBERS)
    return [*(entry[name] for name in TEXTS), inside, *numbers]


def _summary(found: Mapping[str, Any]) -> str:
    """Return the summary as JSON, one line for each kind of quantity."""
    said = command(found["table"], not found["quick"], found["overrides"])
    head = provenance(said) | {"replicates": found["replicates"]}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(_short(row))}" for name, row in found["scores"].items())
    return f'{json.dumps(head)[:-1]}, "scores": {{\n{lines}\n}}}}\n'


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers of DIGITS digits."""
    return {name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value for name, value in row.items()}


def read_summary(folder: Path = RESULTS) -> dict[str, Any]:
    """Return the published summary: `scores` by kind of quantity, and what made them. Raises OSError."""
    found: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return found


def read_rows(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """Return the published rows, as `scores` and `coverage` take them. Raises OSError."""
    with (folder / ROWS).open(encoding="utf-8", newline="") as file:
        return [_entry(row) for row in csv.DictReader(file)]


def _entry(row: Mapping[str, str]) -> dict[str, Any]:
    """Return one quantity of its cells."""
    numbers = {name: float(row[name]) if row[name] else None for name in NUMBERS}
    return {name: row[name] for name in TEXTS} | {"inside": INSIDE[row["inside"]]} | numbers
