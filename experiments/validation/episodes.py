"""Episodes: what was observed after an exit, beside what the model gives for the same scenario.

The table of observations is the user's own (columns in COLUMNS, one row a quantity); `tables/episodes.csv` holds known
ones. Each scenario runs with its twin; a row compares the observed value with the runs' 5th to 95th percentile.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm.config import ConfigError
from abm.simulation import Simulation
from experiments.outcomes import FOLLOWING_QUARTERS, NEGLIGIBLE_LOSS, refill
from experiments.studies.pool import spread
from experiments.validation.books import Books
from experiments.validation.readings import SEED, scenario

KNOWN = Path(__file__).parent / "tables" / "episodes.csv"
COLUMNS = ("episode", "scenario", "organization", "quantity", "observed", "low", "high", "seen", "source", "note")
NEEDED = COLUMNS[:5]
QUANTITIES = {
    r"followers": "other states that announce their exit within twelve quarters",
    r"follower:\w+": "1 where this state is among them",
    r"back_(\d+)": "1 where the leaver is back so many quarters after the effect",
    r"refill_(\d+)": "what others give more over what is lost, in the twelve months that end so many quarters after",
    r"budget_cut_(\d+)": "share of its budget that the body loses by so many quarters after",
    r"staff_cut_(\d+)": "the same of its staff",
    r"cut_per_loss_(\d+)": "cut of the budget over the share of income lost",
    r"staff_per_budget_(\d+)": "cut of staff over cut of the budget",
}
"""Quantities and their meaning; money falls in the quarter from which quarters are counted."""
QUICK_REPLICATES, FULL_REPLICATES = 16, 500
LONGEST = 36
"""Quarters after the first act that are run at most."""
RARE = 0.05
LEAST_LOSS = 0.01
"""Share of income, or of the budget, below which ratios to it are not taken: the leaver is back."""


@dataclass(frozen=True)
class Observation:
    """One observed quantity of one episode; `low` and `high` (or inf) where it is known as a range."""

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

    @property
    def happens(self) -> bool:
        """Whether the quantity is something that happens in a run or does not."""
        return self.quantity.startswith(("follower:", "back_"))


def observations(path: Path) -> list[Observation]:
    """Return the observations of a table. Raises ConfigError naming the line that is wrong."""
    if not path.is_file():
        raise ConfigError(f"{path}: no such table of observations; its columns are {', '.join(COLUMNS)}")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigError(f"{path}: the column {missing[0]} is missing; needed are {', '.join(NEEDED)}")
        return [_observation(row, path, reader.line_num) for row in reader]


def _observation(row: Mapping[str, str | None], path: Path, line: int) -> Observation:
    """Return one row, checked."""
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    quantity = cells["quantity"]
    if not any(re.fullmatch(form, quantity) for form in QUANTITIES):
        known = ", ".join(form.replace(r"(\d+)", "4").replace(r"\w+", "GBR") for form in QUANTITIES)
        raise ConfigError(f"{path}:{line}: quantity {quantity!r} is unknown; write one like {known}")
    observed, low, high = (
        _number(cells[name] or cells["observed"], name, f"{path}:{line}") for name in ("observed", "low", "high")
    )
    if not (low <= observed <= high and np.isfinite(observed)):
        raise ConfigError(f"{path}:{line}: observed {observed:g} does not lie between {low:g} and {high:g}")
    place = path.parent / cells["scenario"]
    name = str(place) if place.is_file() else cells["scenario"]
    told = {name: cells[name] for name in ("episode", "organization", "quantity", "seen", "source", "note")}
    return Observation(scenario=name, observed=observed, low=low, high=high, **told)


def _number(text: str, name: str, place: str) -> float:
    """Return a cell as a number."""
    try:
        value = float(text)
    except ValueError:
        raise ConfigError(f"{place}: {name} {text!r} is no number") from None
    if np.isnan(value):
        raise ConfigError(f"{place}: {name} {text!r} is no number")
    return value


def compare_episodes(
    rows: Sequence[Observation],
    replicates: int,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Return every observation with the model's mean, 5th and 95th percentile, and whether it lies within."""
    groups = list(dict.fromkeys((row.scenario, row.organization) for row in rows))
    for name, body in groups:
        _check(name, body)
    quantities = {group: tuple(r.quantity for r in rows if (r.scenario, r.organization) == group) for group in groups}
    tasks = [(*group, quantities[group], number) for group in groups for number in range(replicates)]
    found: dict[tuple[str, str], list[dict[str, float]]] = {group: [] for group in groups}
    for task, values in zip(tasks, spread(observe, tasks, workers, progress), strict=True):
        found[task[0], task[1]].append(values)
    return [_compared(row, [values[row.quantity] for values in found[row.scenario, row.organization]]) for row in rows]


def _check(name: str, body: str) -> None:
    """Raise ConfigError where a scenario does not load or does not aim at the body."""
    if body not in Simulation(scenario(name), (SEED, 0)).first_exits:
        raise ConfigError(f"{name}: no shock of this scenario aims at {body}")


def observe(name: str, body: str, quantities: Iterable[str], number: int) -> dict[str, float]:
    """Run a scenario and its twin once; return quantities of one body, NaN where a run does not tell."""
    experiment = scenario(name)
    run, twin = (Books(e, number, body, experiment, stop=LONGEST) for e in (experiment, experiment.twin()))
    return {quantity: _measured(quantity, run, twin) for quantity in quantities}


def _measured(quantity: str, run: Books, twin: Books) -> float:
    """Return one quantity of a pair of runs."""
    kind, _, rest = quantity.partition(":") if ":" in quantity else quantity.rpartition("_")
    if quantity == "followers":
        return float(len(run.followers(FOLLOWING_QUARTERS)))
    if kind == "follower":
        return float(rest in run.followers(FOLLOWING_QUARTERS))
    if kind == "back":
        return run.back(int(rest))
    return _money(kind, int(rest), run, twin)


def _money(kind: str, after: int, run: Books, twin: Books) -> float:
    """Return a quantity of money or staff so many quarters after money first falls."""
    lost = (twin.flows - run.flows) @ run.leavers
    fell = np.flatnonzero(lost > NEGLIGIBLE_LOSS * run.yearly_budget / 4) if run.yearly_budget else np.empty(0, int)
    if not fell.size or fell[0] + after > len(lost):
        return float("nan")
    last = int(fell[0]) + after - 1
    if kind == "refill":
        outcome = refill(run.flows, twin.flows, run.leavers, run.yearly_budget, after)
        return outcome[0] if outcome else float("nan")
    budget, staff = (1 - run.series[name][last] / max(twin.series[name][last], 1e-9) for name in ("budget", "staff"))
    year = slice(max(last - 3, 0), last + 1)
    share = float(lost[year].sum()) / max(float(twin.series["income"][year].sum()), 1e-9)
    if kind in ("cut_per_loss", "staff_per_budget"):
        above, below = (budget, share) if kind == "cut_per_loss" else (staff, budget)
        return float(above / below) if below > LEAST_LOSS else float("nan")
    return float({"budget_cut": budget, "staff_cut": staff}[kind])


def _compared(row: Observation, values: Sequence[float]) -> dict[str, Any]:
    """Return the entry of one observation."""
    known = np.array([value for value in values if np.isfinite(value)])
    mean, low, high = (None, None, None) if not known.size else (
        float(known.mean()), *(float(end) for end in np.percentile(known, [5, 95]))
    )  # fmt: skip
    return {
        "episode": row.episode, "scenario": Path(row.scenario).stem, "organization": row.organization,
        "quantity": row.quantity, "observed": row.observed,
        "observed_low": _plain(row.low), "observed_high": _plain(row.high),
        "mean": mean, "low": low, "high": high, "inside": _inside(row, known), "runs": len(values),
        "told": int(known.size), "seen": row.seen, "source": row.source, "note": row.note,
    }  # fmt: skip


def _plain(value: float) -> float | None:
    """Return a bound as a plain number, None where there is none."""
    return value if np.isfinite(value) else None


def _inside(row: Observation, known: Any) -> bool | None:
    """Return whether the observation agrees with the runs, None where no run tells.

    What happens or does not agrees where at least one run in twenty does the same; a number where its range meets
    the runs' 5th to 95th percentile.
    """
    if not known.size:
        return None
    if row.happens:
        return bool((known == row.observed).mean() >= RARE)
    low, high = np.percentile(known, [5, 95])
    return bool(row.low <= high + 1e-9 and row.high >= low - 1e-9)
