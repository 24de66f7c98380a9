"""What happens by itself: exits, deaths by size, births and modularity of worlds without a shock.

`python -m experiments.validation.quiet_worlds` runs `base` for twenty years, once a row of the ensemble. It prints
means over the rows with their middle 90 %. Bands are those of the published population (patterns 1, 4, 5 and 13). The
built-in world has mostly large organizations, so that its rates of exit and death lie lower. Large organizations are
those of nearly all states or of a thousand staff; at most 1 % of them should end in twenty years.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abm.events import Event
from abm.measures import Snapshot
from abm.outcomes import DEATHS
from abm.recording import Watcher
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.runs.parallel import kept_beside, spread
from experiments.validation.demography import SIZE_WORDS, Demography
from experiments.validation.pattern_verdicts import ratio
from experiments.validation.readings import SEED, YearlyModularity, options_of_rows, scenario

ROWS, QUARTERS = 64, 80
LARGE_STAFF, NEARLY_ALL = 1000, 0.8
"""People, and share of states, from which an organization is large."""
NUMBERS = ("one", "two", "more")
OUT = Path("results/quiet-worlds")
"""Beside it stands what an interrupted call leaves; the next one goes on from there."""
Row = dict[str, float | list[float]]


class QuietCounts(Watcher):
    """Counts a run: exits from organizations and clubs, births, and the large organizations that end."""

    def begin(self, simulation: Simulation) -> None:
        """Look at the organizations before the first quarter."""
        world = simulation.world
        built = slice(world.built)
        wide = world.counted_members[built] >= NEARLY_ALL * len(world.state_codes)
        self.large = ((world.staff_size[built] >= LARGE_STAFF) | wide) & (world.in_scope[built] > 0)
        self.ended = self.births = 0
        self.years = self.given_up = 0.0
        self.left: Counter[tuple[str, int]] = Counter()

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        """Count the quarter."""
        world = snapshot.world
        for event in events:
            if event.kind == "exit":
                self.left[event.code, int(self.years)] += 1
                self.given_up += event.organization < world.built and world.exit_form[event.organization] < 2
            self.births += event.kind == "founded"
            self.ended += event.kind in DEATHS and event.organization < world.built and self.large[event.organization]
        self.years += 0.25


def counted(number: int, overrides: tuple[str, ...] = ()) -> Row:
    """Return what happens in one row of the ensemble, as plain numbers; lists are by `NUMBERS` or by class of size."""
    simulation = Simulation(scenario("base", f"quarters={QUARTERS}", *overrides), (SEED, number))
    counts, sizes, levels = QuietCounts(), Demography(), YearlyModularity()
    simulation.run((counts, sizes, levels))
    several = Counter(min(left, len(NUMBERS)) for left in counts.left.values())
    reading, all_bodies = sizes.counts.reading(), np.array(levels.found)[:, 0]
    return {
        "years": counts.years, "exits": float(sum(counts.left.values())), "births": float(counts.births),
        "given_up": float(counts.given_up), "memberships": reading["memberships"],
        "bodies_left_by": [float(several[1 + place]) for place in range(len(NUMBERS))],
        "deaths": list(reading["deaths_by_size"]), "bodies": list(reading["years_by_size"]),  # type: ignore[arg-type]
        "large": float(counts.large.sum()), "large_ended": float(counts.ended),
        "modularity_range": float(all_bodies.max() - all_bodies.min()),
    }  # fmt: skip


def summary(rows: Sequence[Row]) -> pd.DataFrame:
    """Return each quantity: mean over rows, median, and their middle 90 %; pooled over rows where these are few."""
    of = {name: np.array([row[name] for row in rows], float) for name in rows[0]}
    by_row = {
        "exits a year": of["exits"] / of["years"],
        "exits a membership and year (.0002 to .001)": ratio(of["given_up"], of["memberships"], 1e-9),
        "new clubs a year (.5 to 2)": of["births"] / of["years"],
        "deaths an organization and year (.006 to .015)": ratio(of["deaths"].sum(1), of["bodies"].sum(1), 1e-9),
        "range of modularity in twenty years (to .009)": of["modularity_range"],
    }
    found = [{"quantity": name, **_over_rows(values)} for name, values in by_row.items()]
    left = of["bodies_left_by"].sum(axis=0)
    pooled = {
        f"organization-years with an exit that lose {word}": share
        for word, share in zip(NUMBERS, left / max(left.sum(), 1.0), strict=True)
    }
    rates = ratio(of["deaths"].sum(axis=0), of["bodies"].sum(axis=0), 1e-9)
    pooled |= {f"deaths a year, {word} members": rate for word, rate in zip(SIZE_WORDS, rates, strict=True)}
    pooled["large organizations that end (to .01)"] = of["large_ended"].sum() / max(of["large"].sum(), 1.0)
    return pd.DataFrame([*found, *({"quantity": name, "mean": float(value)} for name, value in pooled.items())])


def _over_rows(values: Array) -> dict[str, float]:
    """Return mean, median and the middle 90 % of values by row."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"mean": float(values.mean()), "median": float(middle), "low": float(low), "high": float(high)}


def main() -> None:
    """Run all rows and print what is found."""
    given = options_of_rows(__doc__, ROWS).parse_args()
    with kept_beside(OUT, "quiet worlds") as memory:
        rows = spread(counted, [(number,) for number in range(given.rows)], given.workers, memory=memory)
    shown = summary(rows).to_string(index=False, float_format=lambda value: f"{value:.5f}", na_rep="")
    sys.stdout.write(f"{shown}\nlarge organizations: {int(rows[0]['large'])} in each of {len(rows)} rows\n")  # type: ignore[arg-type]


if __name__ == "__main__":
    from experiments.validation.quiet_worlds import main as by_name  # workers know its functions by this name

    by_name()
