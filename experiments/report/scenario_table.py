"""Scenarios side by side: effects, regimes, followers and refill of result folders, with intervals, in one table.

Where all results have the same world, seed and length, replicate r of each meets the same luck. The difference from
the first scenario is then taken run by run, and its interval is much narrower than those of the effects. Means over
organizations and refill are over the same organizations in all scenarios: those that every one aims at, or that lose
money in every one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.config.errors import nearest
from abm.config.reader import ConfigError
from abm.config.renamed import renamed
from abm.intervals import interval, wilson
from abm.measures import names
from experiments.report.refills_figure import known_refills
from experiments.report.result_view import View
from experiments.report.scenario_figures import COMPARED, comparison_page, comparison_plate
from experiments.runs.outcome_frames import effects_by_run
from experiments.runs.stored import Stored, read_result
from experiments.storage.folders import replacing

COLUMNS = (
    "scenario", "runs", "kind", "quantity", "value", "low", "high", "interval",
    "less_first", "less_first_low", "less_first_high",
)  # fmt: skip
NUMBERS = ("value", "low", "high", *COLUMNS[-3:])
OVER_RUNS = "90 % interval of the mean over runs"
OVER_SHARE = "90 % interval of the share of runs (Wilson)"
OVER_BODIES = "middle half of the organizations"
BY = "abm compare"


def compare(folders: Sequence[Path]) -> pd.DataFrame:
    """Return the comparison of the results in folders, see `compare_results`.

    Raises ConfigError for a folder that holds no result, and as that does.
    """
    return compare_results([read_result(folder) for folder in folders])


def compare_results(results: Sequence[Stored]) -> pd.DataFrame:
    """Return one row per scenario and quantity, with the columns COLUMNS; missing numbers are NaN.

    `kind` is effect, regime, followers, refill or money. Raises ConfigError for fewer than two results and for results
    without twins.
    """
    if len(results) < 2:
        raise ConfigError("a comparison needs two results or more")
    labels = _labels(results)
    bodies = in_common([set(View(stored.result()).shocked) for stored in results])
    losers = in_common(
        [{entry["organization"] for entry in known_refills(View(stored.result()))} for stored in results]
    )
    samples = [_samples(stored, bodies) for stored in results]
    paired = len({_luck(stored) for stored in results}) == 1
    first = samples[0] if paired else {}
    frames = [
        _rows(stored, name, sample, first if number else {}, losers)
        for number, (stored, name, sample) in enumerate(zip(results, labels, samples, strict=True))
    ]
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def _labels(results: Sequence[Stored]) -> list[str]:
    """Return a name for each result: the scenario's, with the folder's where two are alike."""
    found = [stored.name for stored in results]
    return [
        name if found.count(name) == 1 else f"{name} ({stored.folder.name})"
        for name, stored in zip(found, results, strict=True)
    ]


def _luck(stored: Stored) -> str:
    """Return what has to be equal for replicates of two results to be the same draw."""
    config = stored.manifest["config"]
    return repr((config["seed"], config["quarters"], sorted(config["world"].items(), key=lambda item: item[0])))


def in_common(sets: Sequence[set[str]]) -> frozenset[str] | None:
    """Return what all sets have in common, None where they are alike."""
    return None if all(one == sets[0] for one in sets) else frozenset.intersection(*map(frozenset, sets))


def effects_over(stored: Stored, bodies: frozenset[str]) -> dict[str, pd.Series]:
    """Return effects on means over some organizations by measure: run less twin in the last quarter, by run.

    Those that are out of scope in the run or in its twin are left out of both. A measure that none has is not returned.
    """
    table = stored.tables["organizations"]
    last = table[(table["quarter"] == table["quarter"].max()) & table["code"].isin(bodies) & table["in_scope"]]
    run, twin = (last[last["twin"] == flag].set_index(["run", "code"]) for flag in (False, True))
    both = run.index.intersection(twin.index)
    changes = {name: run.loc[both, name] - twin.loc[both, name] for name in names("body") if name in run}
    means = {f"shocked.{name}": change.groupby(level="run").mean() for name, change in changes.items()}
    return {name: values for name, values in means.items() if len(values)}


def _samples(stored: Stored, bodies: frozenset[str] | None) -> dict[tuple[str, str], pd.Series]:
    """Return numbers by run for each (kind, quantity): effects, the excess of followers, and what the actors save.

    `bodies` are the organizations that means over shocked ones are taken over, all that the scenario aims at for None.
    """
    view = View(stored.result())
    effects = effects_by_run(view.result.series)
    if effects.empty:
        raise ConfigError(f"{stored.folder} holds no twins to compare with; run it without --no-twin")
    samples = {("effect", str(name)): effects[name] for name in effects}
    if bodies is not None:
        samples = {key: values for key, values in samples.items() if not key[1].startswith("shocked.")}
        samples |= {("effect", name): values for name, values in effects_over(stored, bodies).items()}
    extra = view.by_run("followers") - view.by_run("followers", twin=True)
    samples |= {("followers", "exits that follow, beyond the twin"): extra.dropna()}
    saved = view.by_run("saved_while_out").dropna()
    return samples | ({("money", "saved while the actors are out, USD"): saved} if len(saved) else {})


def _rows(
    stored: Stored,
    name: str,
    samples: dict[tuple[str, str], pd.Series],
    first: dict[tuple[str, str], pd.Series],
    losers: frozenset[str] | None,
) -> pd.DataFrame:
    """Return the rows of one scenario; `first` holds the numbers by run of the scenario it is compared with."""
    rows = []
    for (kind, quantity), values in samples.items():
        row = _row(kind, quantity, *interval(values), OVER_RUNS)
        if (kind, quantity) in first:
            pairs = (values - first[kind, quantity]).dropna()
            ends = interval(pairs) if len(pairs) else (np.nan, None, None)
            row |= dict(zip(COLUMNS[-3:], ends, strict=True))
        rows.append(row)
    frame = pd.DataFrame([*rows, *_regimes(stored), *_refill(stored, losers)], columns=list(COLUMNS))
    return frame.assign(scenario=name, runs=_pairs(stored)).astype(dict.fromkeys(NUMBERS, float))


def _pairs(stored: Stored) -> int:
    """Return the number of twins, each of which stands beside its run."""
    return int(stored.tables["series"].loc[lambda table: table["twin"], "run"].nunique())


def _row(
    kind: str, quantity: str, value: float, low: float | None, high: float | None, interval: str
) -> dict[str, Any]:
    """Return one row of the table, without its scenario and not yet compared with the first one."""
    found = {"kind": kind, "quantity": quantity, "value": value, "low": low, "high": high}
    return found | {"interval": interval if low is not None else ""}


def _regimes(stored: Stored) -> list[dict[str, Any]]:
    """Return the shares of runs by regime with their 90 % intervals by Wilson's formula."""
    runs = _pairs(stored)
    rows = []
    for regime, share in stored.outcomes["regimes"].items():
        _, low, high = wilson(round(share * runs), runs)
        rows.append(_row("regime", regime, share, low, high, OVER_SHARE))
    return rows


def _refill(stored: Stored, losers: frozenset[str] | None) -> list[dict[str, Any]]:
    """Return the median refill over organizations that lose money, after one and three years, with its middle half.

    `losers` are the organizations that it is taken over, all for None.
    """
    rows = []
    entries = known_refills(View(stored.result()))
    entries = [entry for entry in entries if losers is None or entry["organization"] in losers]
    for after, words in (("after_4_quarters", "after a year"), ("after_12_quarters", "after three years")):
        values = [entry[after] for entry in entries if entry.get(after) is not None]
        if values:
            middle, low, high = np.quantile(values, [0.5, 0.25, 0.75]).tolist()
            rows.append(_row("refill", f"median refill {words}", middle, low, high, OVER_BODIES))
    return rows


def checked_measures(rows: pd.DataFrame, measures: Sequence[str]) -> tuple[str, ...]:
    """Return measures that the rows hold effects of. Raises ConfigError with the nearest name for another one."""
    known = list(rows.loc[rows["kind"] == "effect", "quantity"].unique())
    for name in measures:
        if name not in known:
            raise ConfigError(
                f"{name} {renamed('measure', name) or f'is not an effect in these results{nearest(name, known)}'}"
            )
    return tuple(measures)


def write_comparison(rows: pd.DataFrame, folder: Path, measures: tuple[str, ...] = COMPARED) -> None:
    """Write a comparison's table, figure and page. Raises FileExistsError where the folder holds something else."""
    with replacing(folder, BY) as fresh:
        rows.to_csv(fresh / "comparison.csv", index=False)
        (fresh / "comparison.svg").write_text(comparison_plate(rows, measures), encoding="utf-8")
        (fresh / "comparison.html").write_text(comparison_page(rows, measures), encoding="utf-8")
