"""What the parts of a report read: a result with its names, quarters and comparisons worked out once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from abm.calendar import parse_quarter
from abm.config.errors import ConfigError
from abm.state.world import Array
from experiments.runs.result import Result

CLUB = re.compile(r"(?P<issue>[^/]+)/(?P<state>[^/]+)/(?P<year>\d{4})Q\d")
ARTICLE = re.compile(
    r"United \w+|Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros|Seychelles|DR Congo|Vatican"
    r"|.*(Republic|Islands|Emirates|Federation|Kingdom|Is\.|Rep\.)"
)
NOUN = re.compile(
    r"\b(Organi[sz]ation|Commission|Panel|Agency|Fund|Centre|Center|Committee|Council|Programme|Institute|Office|Union"
    r"|Convention|Agreement|Bank|Court|Forum|Entity|Conference|Protocol|Treaty|Secretariat|Group|Facility|Platform"
    r"|Alliance|Department|Mechanism|Coalition|Association|Compact|Plan|College|University|Corporation|Authority"
    r"|League|Community|operations|Partnership|Network|Commonwealth|Tribunal)\b"
)
LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class View:
    """A result as the report reads it."""

    result: Result

    @cached_property
    def quarters(self) -> list[str]:
        """All quarters of the run, in order."""
        return sorted(self.result.series["quarter"].unique())

    @property
    def first(self) -> str:
        """The first quarter."""
        return self.quarters[0]

    @property
    def last(self) -> str:
        """The last quarter."""
        return self.quarters[-1]

    @cached_property
    def finished(self) -> list[int]:
        """Numbers of the runs that finished, twins not counted."""
        series = self.result.series
        return sorted(int(run) for run in series.loc[~series["twin"].astype(bool), "run"].unique())

    @property
    def runs(self) -> int:
        """How many runs finished, twins not counted."""
        return len(self.finished)

    @property
    def story_run(self) -> int:
        """The number of the replicate whose story the report tells: the first one that finished."""
        return self.finished[0]

    @property
    def shocks(self) -> int:
        """Number of shocks in the config."""
        return len(self.result.experiment.shocks)

    @cached_property
    def compares(self) -> bool:
        """Whether runs with shocks can be compared with twins without."""
        return bool(self.shocks) and self.result.series["twin"].nunique() == 2

    @cached_property
    def shocked(self) -> list[str]:
        """Codes of the organizations that shocks aim at, in the order of the world."""
        table = self.result.organizations
        return list(table.loc[table["shocked"].astype(bool), "code"].unique())

    @cached_property
    def actors(self) -> list[str]:
        """Codes of the states whose acts the shocks are."""
        return [str(code) for code in self.result.outcomes.get("actors", [])] if self.shocks else []

    @cached_property
    def names(self) -> dict[str, str]:
        """Names by code, of states and organizations; clubs are named after founder and issue."""
        frames = (self.result.states, self.result.organizations)
        found = {
            str(code): str(name)
            for frame in frames
            for code, name in frame[["code", "name"]].drop_duplicates("code").itertuples(index=False)
        }
        for code in found:
            if (club := CLUB.fullmatch(code)) is not None:
                founder = found.get(club["state"], club["state"])
                found[code] = f"the {club['issue'].replace('-', ' ')} club of {founder} ({club['year']})"
        return found

    def name(self, code: str) -> str:
        """Return the name of a state or an organization, the code itself where there is none."""
        return self.names.get(code, "foundations, firms and cities" if code == "private" else code)

    def called(self, code: str) -> str:
        """Return the name of a state as it stands in a sentence: some take an article."""
        name = self.name(code)
        return f"the {name}" if ARTICLE.fullmatch(name) else name

    def body(self, code: str) -> str:
        """Return the name of an organization as it stands in a sentence: common nouns take an article."""
        name = self.name(code)
        return f"the {name}" if NOUN.search(name) and not name.startswith("the ") else name

    @cached_property
    def large(self) -> list[str]:
        """Codes of states by falling influence on the agenda in the first quarter of the told run."""
        start = self._rows(self.result.states, self.first, twin=False)
        start = start[start["run"] == self.story_run]
        return [str(code) for code in start.sort_values("agenda_share", ascending=False, kind="stable")["code"]]

    @cached_property
    def events(self) -> pd.DataFrame:
        """Events of runs with shocks; `when` is the quarter as an integer."""
        return self._dated(twin=False)

    @cached_property
    def twin_events(self) -> pd.DataFrame:
        """Events of the twins, empty where nothing is compared; `when` is the quarter as an integer."""
        return self._dated(twin=True) if self.compares else self.events.iloc[:0]

    def _dated(self, *, twin: bool) -> pd.DataFrame:
        """Return events with the quarter as an integer."""
        events = self.result.events[self.result.events["twin"].astype(bool) == twin]
        index = {quarter: parse_quarter(quarter) for quarter in self.quarters}
        return events.assign(when=events["quarter"].map(index).astype(int))

    @cached_property
    def story(self) -> pd.DataFrame:
        """Events of the told replicate, in order."""
        return self.events[self.events["run"] == self.story_run].sort_values("when", kind="stable")

    @cached_property
    def first_acts(self) -> dict[str, int]:
        """Quarter (integer) of the first act on each organization that shocks aim at, by code."""
        found = self.result.outcomes.get("first_acts") or {}
        return {code: parse_quarter(quarter) for code, quarter in found.items()}

    def by_run(self, outcome: str, *, twin: bool = False) -> "pd.Series[float]":
        """Return an outcome of `abm.outcomes` by run, NaN where it does not apply. Raises ConfigError without it."""
        entry = (self.result.outcomes.get("outcomes") or {}).get(outcome)
        if entry is None:
            raise ConfigError(f"the result holds no outcome {outcome!r}; an earlier version made it: run it again")
        values = entry["twin_by_replicate" if twin else "by_replicate"]
        return pd.Series({run: values.get(str(run)) for run in self.finished}, dtype=float)

    def bands(self, measures: Iterable[str]) -> dict[tuple[str, bool], Array]:
        """Return 5th percentile, median and 95th over runs by (measure, twin); each of shape (quarter, 3)."""
        series = self.result.series
        wanted = series[series["measure"].isin(list(measures))]
        if not self.compares:
            wanted = wanted[~wanted["twin"].astype(bool)]
        ordered = wanted.sort_values(["measure", "twin", "quarter", "run"])
        return {
            (str(measure), bool(twin)): np.quantile(
                block["value"].to_numpy(float).reshape(len(self.quarters), -1), LEVELS, axis=1
            ).T
            for (measure, twin), block in ordered.groupby(["measure", "twin"])
        }

    def effect_bands(self, measure: str) -> Array:
        """Return 5th percentile, median and 95th over runs of run less twin, shape (quarter, 3).

        Raises ConfigError where the result has no twins.
        """
        if not self.compares:
            raise ConfigError("a difference from the twin needs twins: run the scenario with them")
        wide = self.result.series[self.result.series["measure"] == measure].pivot_table(
            index="quarter", columns=["twin", "run"], values="value", dropna=False
        )
        return np.nanquantile((wide[False] - wide[True]).to_numpy(float), LEVELS, axis=1).T

    def state_change(self, measure: str) -> pd.Series:
        """Return the change of a state measure by code: run less twin in the last quarter, else last less first."""
        return self._change(self.result.states, measure)

    def _change(self, table: pd.DataFrame, measure: str) -> pd.Series:
        """Return the mean over runs of last quarter against the twin's, or against the first quarter."""
        last = self._means(table, self.last, [measure], twin=False)[measure]
        if self.compares:
            return last - self._means(table, self.last, [measure], twin=True)[measure]
        return last - self._means(table, self.first, [measure], twin=False)[measure]

    @cached_property
    def _kept(self) -> dict[Any, pd.DataFrame]:
        """Rows that were looked up before, so that a large table is searched once for each quarter."""
        return {}

    def _rows(self, table: pd.DataFrame, quarter: str, *, twin: bool) -> pd.DataFrame:
        """Return the rows of one quarter, of runs with shocks or of twins."""
        key = (id(table), quarter, twin)
        if key not in self._kept:
            self._kept[key] = table[(table["quarter"] == quarter) & (table["twin"].astype(bool) == twin)]
        return self._kept[key]

    def _means(self, table: pd.DataFrame, quarter: str, measures: Sequence[str], *, twin: bool) -> pd.DataFrame:
        """Return means over runs in one quarter by code."""
        return self._rows(table, quarter, twin=twin).groupby("code", sort=False)[list(measures)].mean()

    def body_means(self, measures: Sequence[str], *, twin: bool = False, start: bool = False) -> pd.DataFrame:
        """Return means over runs of measures of organizations in the last (or first) quarter; rows are codes."""
        return self._means(self.result.organizations, self.first if start else self.last, measures, twin=twin)

    def bodies(self, quarter: str) -> pd.DataFrame:
        """Return the organizations of the told run in one quarter, by code."""
        if quarter not in self._kept:
            rows = self._rows(self.result.organizations, quarter, twin=False)
            self._kept[quarter] = rows[rows["run"] == self.story_run].drop_duplicates("code").set_index("code")
        return self._kept[quarter]

    @property
    def effects(self) -> dict[str, dict[str, Any]]:
        """Effects by measure, empty where there is no comparison."""
        return dict(self.result.outcomes.get("effects") or {}) if self.compares else {}

    @cached_property
    def against(self) -> str:
        """What changes are measured against, in words."""
        return "the same world without the shock" if self.compares else f"the start ({self.first})"

    @cached_property
    def basis(self) -> str:
        """What figures rest on, for captions: number of runs and quarters."""
        runs = f"{self.runs} runs" if self.runs > 1 else "one run"
        twins = ", each with a twin without the shock" if self.compares and self.runs > 1 else ""
        twins = " and its twin without the shock" if self.compares and self.runs == 1 else twins
        return f"{runs}{twins}; {self.first} to {self.last}"

    @cached_property
    def band_words(self) -> str:
        """What lines and bands show, for captions."""
        return "Lines: median; bands: 5th to 95th percentile of runs." if self.runs > 1 else "One run: no band."


def listed(parts: Sequence[str], limit: int = 8) -> str:
    """Return parts joined as in a sentence; beyond the limit only their number is given."""
    if len(parts) > limit + 1:
        parts = [*parts[:limit], f"{len(parts) - limit} more"]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(value: float, digits: int = 0) -> str:
    """Return a share as percent, with a true minus sign."""
    return number(100 * value, digits) + "\u202f%"


def number(value: float, digits: int = 2, *, sign: bool = False) -> str:
    """Return a number with a true minus sign, "–" where there is none."""
    if not np.isfinite(value):
        return "–"
    text = f"{round(value, digits) + 0.0:{'+' if sign else ''},.{digits}f}"
    return text.replace("+0", "0", 1) if sign and float(text.replace(",", "")) == 0 else text.replace("-", "\u2212")


def money(value: float) -> str:
    """Return an amount in USD in words people use."""
    for size, word in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if abs(value) >= size:
            return f"{number(value / size, 1)} {word} USD"
    return f"{number(value, 0)} USD"
