"""Episodes: what was observed after an exit, beside what the model gives for the same scenario.

The table of observations is the user's own (columns in COLUMNS, one row a quantity); `tables/episodes.csv` holds known
ones. Each scenario runs with its twin to its end; a row compares the observed value with the runs' 5th to 95th
percentile. A run that does not tell a quantity says why, and is left out.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm.config.errors import nearest, one_of
from abm.config.reader import ConfigError
from abm.data.reading import Sheet, read_sheet
from abm.data.tables import TablesError
from abm.outcomes import FOLLOWING_QUARTERS, first_loss, refill
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.studies.parallel import spread
from experiments.validation.organization_accounts import Books, books_of
from experiments.validation.readings import SEED, scenario

KNOWN = Path(__file__).parent / "tables" / "episodes.csv"
COLUMNS = ("episode", "scenario", "organization", "quantity", "observed", "low", "high", "seen", "source", "note")
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
}
"""One of each kind of quantity, and its meaning; quarters count from the one in which money falls, that included."""
SPELLING = re.compile(r"([a-z_]*[a-z])(:.+|_[0-9]+|)")
YEARLY = ("refill", "cut_per_loss")
"""Kinds that look at twelve months: sooner than four quarters these reach back before the loss."""
QUICK_REPLICATES, FULL_REPLICATES = 16, 500
RARE = 0.05
LEAST_LOSS = 0.01
"""Share of income, or of the budget, below which ratios to it are not taken: they would be noise over nearly nil."""
DIED, SHORT = "organization died", "run too short"

type Told = float | str
"""A quantity of one run, or why the run does not tell it."""


class UndefinedQuantityError(Exception):
    """A run does not tell a quantity; the message says why."""


@dataclass(frozen=True)
class Observation:
    """One observed quantity of one episode; `low` and `high` (or inf) where it is known as a range.

    `place` is the file and line that it comes from.
    """

    episode: str
    scenario: str
    organization: str
    quantity: str
    observed: float
    low: float
    high: float
    seen: str
    source: str
    note: str
    place: str

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
        _check_code("column", name, COLUMNS, f"{path}:1")
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
    own = path.parent / cells["scenario"]
    name = str(own) if own.is_file() else cells["scenario"]
    texts = {name: cells[name] for name in ("episode", "organization", "quantity", "seen", "source", "note")}
    told = Observation(scenario=name, observed=observed, low=low, high=high, place=place, **texts)
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
        raise ConfigError(f"{place}: {name} {text!r} is no number; write it like 0.25")
    return value


def _check_numbers(row: Observation) -> None:
    """Raise ConfigError for numbers that a quantity cannot have."""
    if row.happens and not (row.observed in (0, 1) and row.low == row.high):
        raise ConfigError(f"{row.place}: {row.quantity} is observed or not; write 1 or 0, and no other low and high")
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


def compare_episodes(
    rows: Sequence[Observation],
    replicates: int,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    overrides: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return every observation with the model's mean, 5th and 95th percentile, and whether it lies within.

    `overrides` are texts `PATH=VALUE` put on top of every scenario. Raises ConfigError naming the row whose scenario
    does not load, does not aim at its organization, or cannot have its follower.
    """
    _check_scenarios(rows, overrides)
    groups = list(dict.fromkeys((row.scenario, row.organization) for row in rows))
    quantities = {group: tuple(r.quantity for r in rows if (r.scenario, r.organization) == group) for group in groups}
    tasks = [(*group, quantities[group], number, overrides) for group in groups for number in range(replicates)]
    found: dict[tuple[str, str], list[dict[str, Told]]] = {group: [] for group in groups}
    for task, values in zip(tasks, spread(observe, tasks, workers, progress), strict=True):
        found[task[0], task[1]].append(values)
    return [
        compare_observation(row, [values[row.quantity] for values in found[row.scenario, row.organization]])
        for row in rows
    ]


def _check_scenarios(rows: Iterable[Observation], overrides: Sequence[str]) -> None:
    """Raise ConfigError for the first row that does not fit its scenario; each scenario is built once."""
    built: dict[str, Simulation] = {}
    for row in rows:
        if row.scenario not in built:
            try:
                built[row.scenario] = Simulation(scenario(row.scenario, *overrides), (SEED, 0))
            except ConfigError as error:
                raise ConfigError(f"{row.place}: {error}") from error
        _check_codes(row, built[row.scenario])


def _check_codes(row: Observation, simulation: Simulation) -> None:
    """Raise ConfigError where a row names no organization that the scenario aims at, or no state that could follow."""
    world = simulation.world
    _check_code("organization", row.organization, world.organization_codes[: world.built], row.place)
    if row.organization not in simulation.first_acts:
        raise ConfigError(f"{row.place}: {row.scenario}: no shock of this scenario aims at {row.organization}")
    kind, rest = parts(row.quantity)
    if kind == "follower":
        _check_code("state", rest[1:], world.state_codes, row.place)
        if simulation.actors[world.state_codes.index(rest[1:])]:
            raise ConfigError(f"{row.place}: {rest[1:]} acts in this scenario, so that it cannot be a follower")


def _check_code(what: str, code: str, known: Sequence[str], place: str) -> None:
    """Raise ConfigError for a code or name that is not known."""
    if code not in known:
        raise ConfigError(f"{place}: unknown {what} {code!r}{nearest(code, known) or f'; known are {one_of(known)}'}")


def observe(
    name: str, body: str, quantities: Iterable[str], number: int, overrides: Sequence[str] = ()
) -> dict[str, Told]:
    """Run a scenario and its twin once; return quantities of one organization, or why the runs do not tell them."""
    experiment = scenario(name, *overrides)
    run, twin = (books_of(e, number, body, experiment) for e in (experiment, experiment.twin()))
    return {quantity: value_or_reason(quantity, run, twin) for quantity in quantities}


def value_or_reason(quantity: str, run: Books, twin: Books) -> Told:
    """Return one quantity of a pair of runs, or why they do not tell it."""
    try:
        return _measured(quantity, run, twin)
    except UndefinedQuantityError as reason:
        return str(reason)


def _measured(quantity: str, run: Books, twin: Books) -> float:
    """Return one quantity of a pair of runs. Raises UndefinedQuantityError."""
    kind, rest = parts(quantity)
    _reach(run.first_act, run)
    if not run.acted(twin):
        raise UndefinedQuantityError("no act took place")
    if kind in ("followers", "follower"):
        _reach(run.first_act + FOLLOWING_QUARTERS, run)
        followers = run.followers(FOLLOWING_QUARTERS)
        return float(rest[1:] in followers if rest else len(followers))
    after = int(rest[1:])
    return _back(after, run) if kind == "back" else _money(kind, after, run, twin)


def _reach(quarter: int, *pair: Books) -> None:
    """Raise UndefinedQuantityError where an organization has died by a quarter, or the runs end before it."""
    if any(books.died_by(quarter) for books in pair):
        raise UndefinedQuantityError(DIED)
    if quarter > pair[0].end:
        raise UndefinedQuantityError(SHORT)


def _back(after: int, run: Books) -> float:
    """Return 1 where a leaver is back so many quarters after the effect, else 0. Raises UndefinedQuantityError."""
    if run.left is None:
        raise UndefinedQuantityError(DIED if run.died else SHORT if run.notice_runs else "nobody left")
    _reach(run.left + after, run)
    return float(run.back(after))


def _money(kind: str, after: int, run: Books, twin: Books) -> float:
    """Return a quantity of money or staff so many quarters after money first falls. Raises UndefinedQuantityError."""
    if not run.yearly_budget:
        raise UndefinedQuantityError("light organization without money of its own")
    lost = (twin.flows - run.flows) @ run.leavers  # (quarter,), USD per quarter
    fell = first_loss(lost, run.yearly_budget)
    first = run.first_act - run.start if fell is None else fell
    last = first + after - 1
    _reach(run.start + last, run, twin)
    if fell is None:
        raise UndefinedQuantityError(SHORT if run.notice_runs else "loss under .1 % of the budget")
    if kind == "refill":
        return _refill(after, first, lost, run, twin)
    budget, staff = (1 - run.series[name][last] / max(twin.series[name][last], 1e-9) for name in ("budget", "staff"))
    if kind == "cut_per_loss":
        year = slice(last - 3, last + 1)
        return _ratio(budget, lost[year].sum() / max(twin.series["income"][year].sum(), 1e-9), "share of income lost")
    if kind == "staff_per_budget":
        return _ratio(staff, budget, "cut of the budget")
    return float({"budget_cut": budget, "staff_cut": staff}[kind])


def _refill(after: int, first: int, lost: Array, run: Books, twin: Books) -> float:
    """Return refill in the year that ends so many quarters after the first loss. Raises UndefinedQuantityError."""
    loss, first_loss = lost[first + after - 4 : first + after].sum(), lost[first : first + 4].sum()
    outcome = refill(run.flows, twin.flows, run.leavers, run.yearly_budget, after)
    if outcome is None or loss < LEAST_LOSS * run.yearly_budget:
        raise UndefinedQuantityError("loss of that year under 1 % of the budget")
    if loss < first_loss / 2:  # the leaver pays again, and what others gave more would be set against next to nothing
        raise UndefinedQuantityError("loss of that year under half of the first year's")
    return outcome[0]


def _ratio(above: float, below: float, name: str) -> float:
    """Return a ratio. Raises UndefinedQuantityError where it is one to nearly nothing."""
    if below <= LEAST_LOSS:
        raise UndefinedQuantityError(f"{name} under 1 %")
    return float(above / below)


def compare_observation(row: Observation, values: Sequence[Told]) -> dict[str, Any]:
    """Return the entry of one observation."""
    known = np.array([value for value in values if not isinstance(value, str)])
    low, high = _ends(row, known) if known.size else (None, None)
    return {
        "episode": row.episode, "scenario": Path(row.scenario).stem, "organization": row.organization,
        "quantity": row.quantity, "observed": row.observed,
        "observed_low": _plain(row.low), "observed_high": _plain(row.high),
        "mean": float(known.mean()) if known.size else None, "low": low, "high": high, "inside": _inside(row, known),
        "runs": len(values), "told": int(known.size), "reason": _reason(values),
        "seen": row.seen, "source": row.source, "note": row.note,
    }  # fmt: skip


def _reason(values: Sequence[Told]) -> str | None:
    """Return why runs do not tell, and in how many of them where not in all; None where every run tells."""
    counts = Counter(value for value in values if isinstance(value, str)).most_common()
    among = [why if count == len(values) else f"{why} in {count} of {len(values)} runs" for why, count in counts]
    return "; ".join(among) or None


def _plain(value: float) -> float | None:
    """Return a bound as a plain number, None where there is none."""
    return value if np.isfinite(value) else None


def _ends(row: Observation, known: Array) -> tuple[float, float]:
    """Return the runs' 5th and 95th percentile.

    Those of whole numbers are values of runs, outward: at least one run in twenty lies at or beyond each.
    """
    methods = ("lower", "higher") if row.counted else ("linear", "linear")
    low, high = (float(np.percentile(known, q, method=m)) for q, m in zip((5, 95), methods, strict=True))  # type: ignore[call-overload]
    return low, high


def _inside(row: Observation, known: Array) -> bool | None:
    """Return whether the observation agrees with the runs, None where no run tells.

    What happens or does not agrees where at least one run in twenty does the same; a number where its range meets
    the runs' 5th to 95th percentile.
    """
    if not known.size:
        return None
    if row.happens:
        return bool((known == row.observed).mean() >= RARE)
    low, high = _ends(row, known)
    return bool(row.low <= high + 1e-9 and row.high >= low - 1e-9)
