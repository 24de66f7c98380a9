"""What a run leaves: tables and outcomes, with the digests that tell whether it was made again."""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.config.experiment import Experiment
from experiments.runs.display import PlotAccessor, shown_html, shown_text
from experiments.runs.fingerprint import sources_digest, this_platform
from experiments.runs.outcome_frames import effects_frame, followers_frame, orders_frame, refill_frame, values_frame

TABLES = ("series", "organizations", "states", "events", "memberships")
KEYS = {
    "series": ["run", "twin", "quarter", "measure"],
    "organizations": ["run", "twin", "quarter", "code"],
    "states": ["run", "twin", "quarter", "code"],
    "events": ["run", "twin", "quarter", "kind", "actor", "organization", "detail"],
    "memberships": ["run", "twin", "quarter", "state", "organization"],
}
ROUNDED = ("organizations", "states")
"""Tables whose files hold numbers in single precision; the others keep every digit."""
BINARY_DIGITS = 16
"""Binary digits that those files keep: five decimal ones, and whole numbers up to 65,536 as they are."""
PACKAGES = ("multilateral-abm", "numpy", "pandas", "mesa", "networkx", "pydantic", "pyarrow")


HEADLINE = (
    "shocked.effectiveness", "shocked.budget", "shocked.commitment", "shocked.legitimacy", "members", "clubs",
    "mean_trust_in_actor", "actor_wins", "actor_saving", "mean_trust", "global_provision", "bodies_alive",
)  # fmt: skip
"""Effects that are shown unless others are asked for."""


@dataclass(repr=False)
class Result:
    """Tables and outcomes of an experiment, with figures (`plot`).

    The tables are frames with a row for each observation; `abm.data_dictionary()` says what their columns mean.

    - `series`: `run`, `twin`, `ensemble_row`, `quarter`, `measure`, `value`.
    - `organizations`, `states`: a row for each run, twin, quarter and organization or state.
    - `events`: a row for each event; `memberships`: who takes part in what, at the start and at the end of run 0.
    - `outcomes`: what `abm run --json` prints; `effects`, `followers`, `refill`, `values` and `orders` are its frames.
    - `failed`: runs that raised, each with run, twin, error and traceback.
    """

    experiment: Experiment
    series: pd.DataFrame
    organizations: pd.DataFrame
    states: pd.DataFrame
    events: pd.DataFrame
    memberships: pd.DataFrame
    outcomes: dict[str, Any]
    wall_seconds: float = 0.0
    failed: list[dict[str, Any]] = field(default_factory=list)
    plot = PlotAccessor("experiments.plots.result_plots:ResultPlots")

    @property
    def effects(self) -> pd.DataFrame:
        """What the shock changes by the last quarter, a row for each measure; see `effects_frame`."""
        return effects_frame(self.outcomes)

    @property
    def followers(self) -> pd.DataFrame:
        """Who follows, a row for each state and organization; see `followers_frame`."""
        return followers_frame(self.outcomes)

    @property
    def refill(self) -> pd.DataFrame:
        """Who replaces the money that is lost, a row for each organization and donor; see `refill_frame`."""
        return refill_frame(self.outcomes)

    @property
    def values(self) -> pd.DataFrame:
        """All outcomes by run and twin; see `values_frame`."""
        return values_frame(self.outcomes)

    @property
    def orders(self) -> pd.DataFrame:
        """Which order each run ends in; see `orders_frame`."""
        return orders_frame(self.outcomes)

    def _facts(self) -> list[str]:
        """Return what the result rests on, for its display."""
        runs = self.series.loc[~self.series["twin"].astype(bool), "run"].nunique()
        quarters = f"{self.series['quarter'].min()} to {self.series['quarter'].max()}"
        facts = [f"{runs} run{'s' * (runs != 1)}{' with twins' * bool(self.series['twin'].any())}", quarters]
        return facts + [f"{len(self.failed)} failed"] * bool(self.failed)

    def __repr__(self) -> str:
        """Return one line that names the scenario, the runs and the quarters."""
        return shown_text("Result", self.experiment.heading, self._facts())

    def _repr_html_(self) -> str:
        """Return the headline effects and the orders as HTML, for notebooks."""
        effects = self.effects.reindex([name for name in HEADLINE if name in self.effects.index])
        shares = self.orders["regime"].value_counts(normalize=True).to_frame("share of runs")
        shown = effects[["mean", "low", "high", "unit", "meaning"]]
        tables = {"Effects in the last quarter, run less twin, with 90 % intervals": shown, "Orders": shares}
        notes = ["Tables: series, organizations, states, events, memberships. Figures: see result.plot."]
        return shown_html(self.experiment.heading, self._facts(), tables, notes)

    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield name and table, in the order of TABLES."""
        for name in TABLES:
            yield name, getattr(self, name)

    def stored(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name with the digits that their files hold."""
        return {name: as_stored(name, table) for name, table in self.tables()}


def as_stored(name: str, table: pd.DataFrame, before: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a table with the digits that its file holds, or with those of the file `before` that was read back.

    Files of versions before 0.3 hold double precision throughout.
    """
    doubles = table.select_dtypes("float64").columns
    if name not in ROUNDED or (before is not None and (before.reindex(columns=doubles).dtypes == "float64").all()):
        return table
    return table.assign(**{column: _rounded(table[column].to_numpy()) for column in doubles})


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return numbers rounded to BINARY_DIGITS, in single precision; shape as given."""
    parts, exponents = np.frexp(values.astype(np.float32))
    return np.ldexp(np.rint(parts * 2.0**BINARY_DIGITS) / np.float32(2.0**BINARY_DIGITS), exponents)


def table_digest(name: str, table: pd.DataFrame) -> str:
    """Return the SHA-256 of the values of a table as it is, columns and rows sorted."""
    ordered = table[sorted(table.columns)].sort_values(KEYS[name], kind="stable")
    digest = hashlib.sha256()
    for column in ordered.columns:
        values = ordered[column].to_numpy()
        digest.update(column.encode())
        if values.dtype.kind in "fiub":
            digest.update(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes())
        else:
            digest.update("\x1f".join(map(str, values)).encode())
    return digest.hexdigest()


def ensemble_name(experiment: Experiment) -> str | None:
    """Return the name of the ensemble that the replicates of an experiment draw from, None where it is off."""
    return None if experiment.ensemble == "off" else experiment.ensemble


def ensemble_rows(experiment: Experiment) -> list[int]:
    """Return the row of the ensemble that each replicate takes; 0 is the point default."""
    return [experiment.ensemble_row(number) for number in range(experiment.replicates)]


def manifest(result: Result, stored: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what is needed to make the result again, and what tells whether it was; `stored` are its stored tables."""
    experiment = result.experiment
    return {
        "config": experiment.resolved(),
        "config_digest": experiment.digest(),
        "provenance": {path: layer for path, layer in experiment.provenance.items() if layer != "default"},
        "seed": experiment.seed,
        "ensemble": {"name": ensemble_name(experiment), "rows": ensemble_rows(experiment)},
        "tables": {name: table_digest(name, table) for name, table in stored.items()},
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "platform": this_platform(),
        "sources": sources_digest(),
        "wall_seconds": round(result.wall_seconds, 2),
        "failed_runs": result.failed,
    }
