"""The folder of a sweep: written a shard at a time, read while it is written.

`manifest.json` says which study it is; `plan.parquet` holds the points, `keys.parquet` the content key of every planned
run. Runs stand in `shards/runs-N.parquet` (a row each) and `shards/series-N.parquet` (a row for each quarter), what
failed in `failures/`. Every file is written under another name and renamed when it is complete; a shard of series
counts once its shard of runs is there. So readers see whole shards only, and what is there is never lost or doubled.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from abm.config.errors import ConfigError
from abm.config.plugins import Finder, unloaded
from abm.outcomes import outcome_names
from abm.regimes import REGIMES, label_of
from experiments.runs.display import PlotAccessor, shown_html, shown_text
from experiments.storage.atomic import FolderError
from experiments.storage.foreign import object_in, schema_of, table_in
from experiments.sweeps.shards import partner, shards
from experiments.sweeps.study import Study, read_study
from experiments.sweeps.tasks import FACTOR, PLACE

SAID = {"study": dict, "identity": dict} | dict.fromkeys(("scenario", "folder", "config_digest", "sources"), str)
"""What a manifest says at least, with its kind."""
OTHER = ("status", "seconds", "ensemble_row", "quarter", "last")


class Sweep:
    """The stored results of a study, with figures (`plot`); opened by `open_sweep`.

    Frames hold what is stored at the moment of the call. The study can be run only if the sweep was opened with a
    finder of code (`find`).
    """

    plot = PlotAccessor("experiments.plots.sweep_plots:SweepPlots")

    def __init__(self, folder: Path, find: Finder = unloaded) -> None:
        self.folder = folder
        self._find = find

    def _facts(self) -> list[str]:
        """Return what the sweep holds, for its display."""
        planned, stored = len(self.keys()), len(self.runs()) if shards(self.folder, "runs") else 0
        design = f"{self.study.design.method} design of {len(self.points())} points"
        return [design, f"{stored} of {planned} runs stored", str(self.folder)]

    def __repr__(self) -> str:
        """Return one line that names the scenario, the design and the runs."""
        return shown_text("Sweep", str(self.study.experiment.title or self.study.scenario), self._facts())

    def _repr_html_(self) -> str:
        """Return the first points as HTML, for notebooks."""
        notes = ["Frames: points(), runs(), series(), effects(), outcomes(), regimes(). Figures: see sweep.plot."]
        title = str(self.study.experiment.title or self.study.scenario)
        return shown_html(title, self._facts(), {"First points": self.points().head()}, notes)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the folder says about itself."""
        return object_in(self.folder / "manifest.json")

    @cached_property
    def study(self) -> Study:
        """The study, made again from the manifest. Raises ConfigError where it is refused."""
        held = self.manifest
        try:
            study = read_study(held["study"], folder=Path(held["folder"]), find=self._find)
        except ConfigError as error:
            raise ConfigError(f"{self.folder}/manifest.json: {error}") from None
        return study.model_copy(update={"scenario": held["scenario"]})

    def points(self) -> pd.DataFrame:
        """Return the points of the design: index point, a column for each factor's path."""
        return table_in(self.folder / "plan.parquet", ["point"]).set_index("point")

    def keys(self) -> pd.DataFrame:
        """Return the planned runs: key, point, replicate, twin."""
        return table_in(self.folder / "keys.parquet", PLACE)

    def table(self, columns: Sequence[str], kind: str = "series", where: ds.Expression | None = None) -> pa.Table:
        """Return columns of all stored runs or series as an Arrow table, for queries of one's own.

        `where` is a condition such as `pyarrow.dataset.field("last")`. It holds whatever is stored, in the numbering
        of points of its time; `runs` and `series` go by the plan.
        """
        dataset = self._dataset(kind)
        kept = [name for name in columns if name in dataset.schema.names]
        return dataset.to_table(columns=kept, filter=where)

    def runs(self) -> pd.DataFrame:
        """Return stored runs of the plan: key, point, replicate, twin, status, factors, outcomes, seconds."""
        found = self._planned(self._dataset("runs").to_table().to_pandas())
        return found.sort_values(["point", "replicate", "twin"], ignore_index=True)

    def series(self, measures: Sequence[str] | None = None, *, last: bool = False) -> pd.DataFrame:
        """Return measures by quarter: key, point, replicate, twin, quarter, factors, a column for each measure.

        `measures` are all by default, which may be a lot; `last` keeps the last quarter of each run only.
        """
        dataset = self._dataset("series")
        fixed = [name for name in dataset.schema.names if name in (*PLACE, "quarter") or name.startswith(FACTOR)]
        others = [name for name in dataset.schema.names if name not in fixed and name != "last"]
        wanted = others if measures is None else [name for name in measures if name in others]
        where = ds.field("last") if last else None
        found = self._planned(dataset.to_table(columns=fixed + wanted, filter=where).to_pandas())
        return found.sort_values(["point", "replicate", "twin", "quarter"], ignore_index=True)

    def effects(self) -> pd.DataFrame:
        """Return shock minus twin in the last quarter: index point and replicate, a column for each measure."""
        ends = self.series(last=True).set_index(["point", "replicate", "twin"])
        values = ends[[name for name in map(str, ends.columns) if _is_result(name)]]
        own, twin = (values[ends.index.get_level_values("twin") == flag].droplevel("twin") for flag in (False, True))
        return (own - twin).dropna(how="all")

    def outcomes(self) -> pd.DataFrame:
        """Return outcomes of the runs with shocks: index point and replicate; the twin's as `twin.<name>`."""
        runs = self.runs().set_index(["point", "replicate"])
        names = [name for name in map(str, runs.columns) if _is_result(name)]
        own, twin = (runs.loc[runs["twin"] == flag, names] for flag in (False, True))
        together = [name for name in outcome_names("pair") if name in own]
        for name in together:  # a twin that came later than its run holds what they have together
            own[name] = own[name].fillna(twin[name])
        return own.join(twin.drop(columns=together).add_prefix("twin."))

    def regimes(self) -> pd.DataFrame:
        """Return `label` and the membership in each regime of runs with a twin: index point and replicate."""
        degrees = self.outcomes().reindex(columns=[f"degree.{name}" for name in REGIMES]).dropna()
        degrees = degrees.set_axis(list(REGIMES), axis=1)
        labels = [label_of(row) for row in degrees.to_dict("records")]  # type: ignore[arg-type]
        return degrees.assign(label=pd.Series(labels, degrees.index, dtype=object))[["label", *REGIMES]]

    def failures(self) -> pd.DataFrame:
        """Return planned runs that failed and have not been made since: key, place, error, traceback, command."""
        columns = [*PLACE, "error", "traceback", "command"]
        files = sorted((self.folder / "failures").glob("*.parquet"))
        if not files:
            return pd.DataFrame(columns=columns)
        found = pd.concat([table_in(file, columns) for file in files], ignore_index=True)
        kept = shards(self.folder, "runs")
        made = {key for shard in kept for key in table_in(shard, PLACE, ["key"])["key"]}
        found = found.drop_duplicates("key", keep="last")
        return self._planned(found[~found["key"].isin(made)])[columns].reset_index(drop=True)

    def _dataset(self, kind: str) -> ds.Dataset:
        """Return the whole shards of a kind."""
        runs = shards(self.folder, "runs")
        files = runs if kind == "runs" else [partner(file) for file in runs]
        if not files:
            raise FolderError(f"{self.folder} holds no runs yet")
        return ds.dataset([str(file) for file in files], schema=_common(files), format="parquet")

    def _planned(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of planned runs, numbered as in the plan."""
        keys = self.keys()
        known = frame.drop_duplicates("key")[list(PLACE)].merge(keys, how="left", on="key", suffixes=("", "_plan"))
        same = len(known) == frame["key"].nunique() and all(
            (known[name] == known[f"{name}_plan"]).all() for name in PLACE[1:]
        )
        if same:
            return frame
        return frame.drop(columns=list(PLACE[1:])).merge(keys, on="key")[list(frame.columns)]


def _common(files: Collection[Path]) -> pa.Schema:
    """Return a schema with the columns of all files."""
    return pa.unify_schemas([schema_of(file, PLACE) for file in files], promote_options="permissive")


def open_sweep(folder: str | Path, find: Finder = unloaded) -> Sweep:
    """Return the stored results of a sweep, finished or not; no code is loaded unless `find` does so.

    Raises FolderError where there is none.
    """
    place = Path(folder)
    held = object_in(place / "manifest.json")
    if "study" not in held:
        raise FolderError(f"{place} holds no sweep; `abm sweep STUDY --out {place}` makes one")
    lacking = [name for name, kind in SAID.items() if not isinstance(held.get(name), kind)]
    if lacking:
        raise FolderError(f"{place}/manifest.json is not that of a sweep: {lacking[0]} is missing or of another kind")
    return Sweep(place, find)


def sweep_digest(folder: str | Path) -> str:
    """Return the SHA-256 of all stored runs of the plan: of their values, not of files, order or numbering.

    It is computed from the tables, shard by shard, so that it tells whether they are what they were.
    """
    sweep = open_sweep(folder)
    planned = set(sweep.keys()["key"])
    found: dict[str, list[str]] = {}
    for shard in shards(sweep.folder, "runs"):
        for key, digest in _shard_digests(shard):
            if key in planned:
                found.setdefault(key, []).append(digest)
    lines = sorted(f"{key} {digest}\n" for key, digests in found.items() for digest in digests)
    if lines:
        outcomes = sweep.outcomes()
        pairs = [name for name in outcome_names("pair") if name in outcomes]
        together = outcomes[pairs].reset_index().merge(sweep.keys().query("~twin"), on=["point", "replicate"])
        rows = together.sort_values("key")[["key", *pairs]].drop_duplicates("key")
        lines += [f"{row}\n" for row in rows.itertuples(index=False, name=None)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _shard_digests(shard: Path) -> Iterator[tuple[str, str]]:
    """Yield the key of each run of a shard with the digest of its own outcomes and of its series."""
    runs: Any = table_in(shard, PLACE).set_index("key")
    series: Any = table_in(partner(shard), (*PLACE, "quarter"))
    together = outcome_names("pair")
    outcomes = sorted(name for name in runs if _is_result(name) and name not in together)
    measures = sorted(name for name in series if _is_result(name))
    quarters = series["quarter"].to_numpy()
    values = series[measures].to_numpy(float)
    for key, rows in series.groupby("key", sort=False).indices.items():
        kept = ~np.isnan(values[rows]).all(axis=0)  # a measure that only other runs of the shard have
        digest = hashlib.sha256("\n".join([*np.array(measures)[kept], *quarters[rows]]).encode())
        digest.update(np.ascontiguousarray(values[rows][:, kept], "<f8").tobytes())
        digest.update(np.ascontiguousarray(runs.loc[key, outcomes].to_numpy(float), "<f8").tobytes())
        yield str(key), digest.hexdigest()


def _is_result(name: str) -> bool:
    """Return whether a column holds a measure or an outcome."""
    return name not in (*PLACE, *OTHER) and not name.startswith(FACTOR)
