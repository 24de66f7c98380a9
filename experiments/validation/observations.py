"""Tables of observations: what was seen after an exit, one row a quantity, read strictly.

The table is the user's own (columns in COLUMNS); KNOWN are those that come with the model.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.config.errors import nearest, one_of
from abm.config.reader import ConfigError
from abm.data.reading import Sheet, read_sheet
from abm.data.world_tables import TablesError

KNOWN = tuple(Path(__file__).parent / "tables" / name for name in ("episodes.csv", "cuts.csv"))
"""Known observations: those that were read, and those derived from the built-in accounts (`cuts_in_accounts`)."""
COLUMNS = (
    "episode", "scenario", "organization", "quantity", "observed", "low", "high", "noise", "seen", "source", "note",
)  # fmt: skip
NEEDED = COLUMNS[:5]
QUANTITIES = {
    "followers": "other states that announce their exit within twelve quarters",
    "follower:GBR": "1 where this state is among them",
    "back_4": "1 where the leaver is back so many quarters after the effect",
    "refill_4": "what others give more over what is lost, in the twelve months that end so many quarters after",
    "budget_cut_4": "share of its budget that the organization loses by so many quarters after",
    "staff_cut_4": "the same of its staff",
    "cut_per_loss_4": "cut of the budget over the share of income lost in the twelve months before",
    "staff_per_budget_4": "cut of staff over cut of the budget",
    "cut_begins": "quarters from the first act until less is spent than in the twin by a twentieth",
}
"""One of each kind of quantity, and its meaning; quarters count from the one in which money falls, that included."""
SPELLING = re.compile(r"([a-z_]*[a-z])(:.+|_[0-9]+|)")
KINDS = {
    "followers": "followers", "follower": "followers", "back": "returns", "refill": "refill", "budget_cut": "budget",
    "cut_per_loss": "budget", "staff_cut": "staff", "staff_per_budget": "staff", "cut_begins": "timing",
}  # fmt: skip
"""What each quantity is about: agreement is counted by it."""
YEARLY = ("refill", "cut_per_loss")
"""Kinds that look at twelve months: sooner than four quarters these reach back before the loss."""


@dataclass(frozen=True)
class Observation:
    """One observed quantity of one episode; `low` and `high` (or inf) where it is known as a range.

    `noise` is the standard deviation of what was observed that the exit has no part in, such as chance in the gifts of
    others; it is no part of what the runs tell. `place` is the file and line that the row comes from.
    """

    episode: str
    scenario: str
    organization: str
    quantity: str
    observed: float
    low: float
    high: float
    noise: float
    seen: str
    source: str
    note: str
    place: str

    @property
    def kind(self) -> str:
        """What the quantity is about, one of KINDS."""
        return KINDS[parts(self.quantity)[0]]

    @property
    def happens(self) -> bool:
        """Whether the quantity is something that happens in a run or does not."""
        return parts(self.quantity)[0] in ("follower", "back")

    @property
    def counted(self) -> bool:
        """Whether the quantity is a whole number in every run."""
        return self.happens or self.quantity == "followers"


def parts(quantity: str) -> tuple[str, str]:
    """Return the kind of a quantity and what follows it with its mark (":GBR", "_4"); blank if misspelt."""
    match = SPELLING.fullmatch(quantity)
    return (match[1], match[2]) if match else ("", "")


def observations(path: Path) -> list[Observation]:
    """Return the observations of a table. Raises ConfigError naming the line that is wrong."""
    sheet = _sheet(path)
    columns = {name.strip().lower(): [cell.strip() for cell in cells] for name, cells in sheet.cells.items()}
    for name in columns:
        check_code("column", name, COLUMNS, f"{path}:1")
    if len(columns) < len(sheet.cells):
        raise ConfigError(f"{path}:1: a column is named twice; keep one")
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise ConfigError(f"{path}: the column {missing[0]} is missing; needed are {', '.join(NEEDED)}")
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    told = [_observation(row, path, line) for row, line in zip(rows, sheet.lines, strict=True) if any(row.values())]
    if not told:
        raise ConfigError(f"{path}: has a header but no rows; add one row for each observation")
    _check_twice(told)
    return told


def _sheet(path: Path) -> Sheet:
    """Return the cells of a table as text. Raises ConfigError where it is no CSV file with commas."""
    if not path.is_file():
        raise ConfigError(f"{path}: no such table of observations; its columns are {', '.join(COLUMNS)}")
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.readline()
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if mark in head and "," not in head:
            raise ConfigError(f"{path}: its columns are parted by {name}; save it as CSV with commas")
    try:
        return read_sheet(path)
    except TablesError as error:
        raise ConfigError(str(error)) from error


def _observation(row: Mapping[str, str], path: Path, line: int) -> Observation:
    """Return one row, checked."""
    cells, place = {**dict.fromkeys(COLUMNS, ""), **row}, f"{path}:{line}"
    blank = [name for name in NEEDED if not cells[name]]
    if blank:
        raise ConfigError(f"{place}: {blank[0]} is blank")
    cells["seen"] = cells["seen"].lower()
    if cells["seen"] not in ("yes", "no", ""):
        raise ConfigError(
            f"{place}: seen {cells['seen']!r} is neither yes nor no; leave it blank where it is not known"
        )
    _check_quantity(cells["quantity"], place)
    observed, low, high = (
        _number(cells[name] or cells["observed"], name, place) for name in ("observed", "low", "high")
    )
    if not low <= observed <= high:
        raise ConfigError(f"{place}: observed {observed:g} does not lie between {low:g} and {high:g}")
    noise = _number(cells["noise"] or "0", "noise", place)
    own = path.parent / cells["scenario"]
    name = str(own) if own.is_file() else cells["scenario"]
    texts = {name: cells[name] for name in ("episode", "organization", "quantity", "seen", "source", "note")}
    told = Observation(
        scenario=name, observed=observed, low=low, high=high, noise=noise, place=place, **texts
    )  # fmt: skip
    _check_numbers(told)
    return told


def _check_quantity(quantity: str, place: str) -> None:
    """Raise ConfigError for a quantity that is unknown, or counts too few quarters."""
    kind, rest = parts(quantity)
    if (kind, rest[:1]) not in {(known, end[:1]) for known, end in map(parts, QUANTITIES)}:
        raise ConfigError(f"{place}: quantity {quantity!r} is unknown; write one like {', '.join(QUANTITIES)}")
    if rest.startswith("_") and int(rest[1:]) < 1:
        raise ConfigError(
            f"{place}: {quantity}: quarters after count from 1, the quarter of the loss or after the effect"
        )
    if kind in YEARLY and int(rest[1:]) < 4:
        raise ConfigError(
            f"{place}: {quantity}: its twelve months would reach back before the loss; write {kind}_4 or more"
        )


def _number(text: str, name: str, place: str) -> float:
    """Return a cell as a number."""
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if np.isnan(value) or (np.isinf(value) and name == "observed"):
        raise ConfigError(f"{place}: {name} {text!r} is not a number; write it like 0.25")
    return value


def _check_numbers(row: Observation) -> None:
    """Raise ConfigError for numbers that a quantity cannot have."""
    if row.happens and not (row.observed in (0, 1) and row.low == row.high):
        raise ConfigError(f"{row.place}: {row.quantity} is observed or not; write 1 or 0, and no other low and high")
    if row.noise < 0 or (row.noise and row.counted) or not np.isfinite(row.noise):
        raise ConfigError(f"{row.place}: noise is a standard deviation; write 0 or more, and none for what is counted")
    if row.quantity == "followers" and (row.low < 0 or not row.observed.is_integer()):
        raise ConfigError(f"{row.place}: followers are counted; write a whole number, 0 or more")
    most = row.high if np.isfinite(row.high) else row.observed
    if parts(row.quantity)[0] in ("budget_cut", "staff_cut") and most > 1:
        raise ConfigError(f"{row.place}: {row.quantity} is a share of 1; write 0.25 for 25 %")


def _check_twice(rows: Iterable[Observation]) -> None:
    """Raise ConfigError where two lines hold the same quantity."""
    first: dict[tuple[str, ...], Observation] = {}
    for row in rows:
        same = first.setdefault((row.episode, row.scenario, row.organization, row.quantity), row)
        if same is not row:
            raise ConfigError(
                f"{row.place}: {row.quantity} of {row.episode} stands in {same.place} already; keep one row"
            )


def check_code(what: str, code: str, known: Sequence[str], place: str) -> None:
    """Raise ConfigError for a code or name that is not known."""
    if code not in known:
        raise ConfigError(f"{place}: unknown {what} {code!r}{nearest(code, known) or f'; known are {one_of(known)}'}")
