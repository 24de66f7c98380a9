"""Runs of one experiment: every replicate with its no-shock twin, in parallel, joined into one result."""

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from abm.calendar import format_quarter, parse_quarter
from abm.config import load_experiment
from abm.experiment import Experiment
from abm.measures import names
from abm.simulation import Simulation
from abm.state import Array, World
from experiments.outcomes import effect_summary, followers, last_effects, refill, refill_summary, regime_summary
from experiments.results import Result

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
REFILL_TIMES = (4, 12)


@dataclass
class Run:
    """One finished run: its frames, and the money of shocked bodies by quarter and donor."""

    frames: dict[str, pd.DataFrame]
    flows: dict[str, Array]
    aims: dict[str, int]
    actors: tuple[str, ...]
    budgets: dict[str, float]
    rest: dict[str, Array]
    donors: tuple[str, ...]
    is_twin: bool


@dataclass
class Replicate:
    """A run, its twin, and the refill between them; or what went wrong."""

    number: int
    runs: list[Run]
    refills: list[dict[str, Any]]
    failed: list[dict[str, Any]]


def run_experiment(
    source: str | Path | Mapping[str, Any] | Experiment,
    overrides: Sequence[str] = (),
    *,
    twin: bool = True,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Run an experiment and return its result; nothing is written.

    `workers` are processes, by default as many as there are cores and replicates; the result does not depend on
    them. `progress(done, total)` is called after each replicate. Raises ConfigError for a bad config.
    """
    started = time.perf_counter()
    experiment = load_experiment(source, overrides)
    total = experiment.replicates
    count = min(total, workers if workers is not None else os.cpu_count() or 1)
    found: list[Replicate] = []
    for replicate in _replicates(experiment, twin, count):
        found.append(replicate)
        if progress is not None:
            progress(len(found), total)
    found.sort(key=lambda replicate: replicate.number)
    result = _joined(experiment, found)
    result.wall_seconds = time.perf_counter() - started
    return result


def _replicates(experiment: Experiment, twin: bool, workers: int) -> Iterator[Replicate]:
    """Yield replicates as they finish."""
    if workers <= 1:
        yield from (run_replicate(experiment, number, twin) for number in range(experiment.replicates))
        return
    for name in ONE_THREAD:  # read by the libraries of the workers when they start
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_ignore_interrupts) as pool:
        waiting = [pool.submit(run_replicate, experiment, number, twin) for number in range(experiment.replicates)]
        try:
            for future in as_completed(waiting):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the main process, which stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_replicate(experiment: Experiment, number: int, twin: bool) -> Replicate:
    """Run one replicate and, where there are shocks, its twin; a run that raises costs only itself."""
    replicate = Replicate(number, [], [], [])
    with threadpool_limits(limits=1):  # products split over threads would round otherwise
        _run_into(replicate, experiment, twin)
    if replicate.runs and not replicate.runs[0].is_twin:
        run = replicate.runs[0]
        before = replicate.runs[1].flows if len(replicate.runs) == 2 else _before(run, experiment)
        replicate.refills = _refills(run, before)
    return replicate


def _run_into(replicate: Replicate, experiment: Experiment, twin: bool) -> None:
    """Add the runs of a replicate to it, or what went wrong with them."""
    number = replicate.number
    for is_twin in (False, True) if twin else (False,):
        try:
            itself = is_twin and not experiment.shocks and replicate.runs
            replicate.runs.append(_as_twin(replicate.runs[0]) if itself else _run(experiment, number, is_twin))
        except Exception as error:
            replicate.failed.append({
                "run": number, "twin": is_twin, "error": f"{type(error).__name__}: {error}",
                "traceback": traceback.format_exc(),
            })  # fmt: skip


def _run(experiment: Experiment, number: int, is_twin: bool) -> Run:
    """Carry out one run and put its record into frames."""
    simulation = Simulation(experiment.twin() if is_twin else experiment, (experiment.seed, number), target=experiment)
    world = simulation.world
    aimed = {world.organization_codes[row]: int(row) for row in np.flatnonzero(simulation.shocked * world.full)}
    budgets = {code: 4 * float(world.rest_budget[row]) for code, row in aimed.items()}
    rest = {code: _resting_money(world, row) for code, row in aimed.items()}
    before = _memberships(world)
    flows: dict[str, list[Array]] = {code: [] for code in aimed}
    while not simulation.finished:
        simulation.step()
        for code, given in zip(aimed, _money(world, [*aimed.values()]), strict=True):
            flows[code].append(given)
    frames = _frames(simulation, number, is_twin)
    seats = [before, _memberships(world)] if number == 0 else [before.iloc[:0]]
    frames["memberships"] = _labelled(pd.concat(seats, ignore_index=True), number, is_twin)
    actors = tuple(code for code, acts in zip(world.state_codes, simulation.actors, strict=True) if acts)
    money = {code: np.array(rows) for code, rows in flows.items()}
    donors = (*world.state_codes, "private")
    return Run(frames, money, simulation.first_exits, actors, budgets, rest, donors, is_twin)


def _labelled(frame: pd.DataFrame, number: int, is_twin: bool) -> pd.DataFrame:
    """Return the frame with the run's number and whether it is a twin in front."""
    frame.insert(0, "twin", is_twin)
    frame.insert(0, "run", number)
    return frame


def _as_twin(run: Run) -> Run:
    """Return a run without shocks as its own twin."""
    frames = {name: frame.assign(twin=True) for name, frame in run.frames.items()}
    return replace(run, frames=frames, is_twin=True)


def _money(world: World, rows: Sequence[int]) -> list[Array]:
    """Return all money to some bodies by donor, private money last, USD per quarter; one array (state + 1,) a body."""
    given = world.money
    return [np.append(given[:, row], world.private_income[row]) for row in rows]


def _before(run: Run, experiment: Experiment) -> dict[str, Array]:
    """Return what stands for the twin where there is none: the mean flows of the four quarters before the first act."""
    start = parse_quarter(experiment.world.start)
    found = {}
    for code, flows in run.flows.items():
        first = run.aims[code] - start
        usual = flows[max(0, first - 4) : first] if first > 0 else run.rest[code][None]
        found[code] = np.broadcast_to(usual.mean(axis=0), flows.shape)
    return found


def _resting_money(world: World, column: int) -> Array:
    """Return all money to one body by donor at rest, USD per quarter; shape (state + 1,)."""
    return np.append(world.dues_rate[:, column] * world.member[:, column] + world.rest_voluntary[:, column], 0.0)


def _refills(run: Run, twin: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return refill of every shocked body with money, by time after the loss; `twin` are the flows without it."""
    leavers = np.array([float(donor in run.actors) for donor in run.donors])
    found = []
    for code, budget in run.budgets.items():
        lost = float(((twin[code] - run.flows[code]) @ leavers).max(initial=0.0)) * 4 / max(budget, 1.0)
        for after in REFILL_TIMES:
            outcome = refill(run.flows[code], twin[code], leavers, budget, after)
            if outcome is not None:
                value, parts = outcome
                found.append({"organization": code, "after": after, "value": value, "parts": parts, "lost_share": lost})
    return found


def _frames(simulation: Simulation, number: int, is_twin: bool) -> dict[str, pd.DataFrame]:
    """Return the tables of one run."""
    record, world = simulation.record, simulation.world
    quarters = [format_quarter(index) for index in record.quarters]
    frames = {
        "series": _series(simulation, quarters),
        "organizations": _organizations(simulation, quarters),
        "states": _states(simulation, quarters),
        "events": pd.DataFrame(
            [
                (format_quarter(index), event.kind, _code(world.state_codes, event.actor),
                 event.code, event.detail, index)
                for index, event in record.events
            ],
            columns=["quarter", "kind", "actor", "organization", "detail", "index"],
        ),
    }  # fmt: skip
    return {name: _labelled(frame, number, is_twin) for name, frame in frames.items()}


def _code(codes: Sequence[str], row: int) -> str:
    """Return the code of a row, "" for none."""
    return codes[row] if row >= 0 else ""


def _series(simulation: Simulation, quarters: Sequence[str]) -> pd.DataFrame:
    """Return system measures, means over bodies, and means over shocked bodies; long form."""
    blocks = [(names("system"), np.array(simulation.record.system)), (names("body"), simulation.body_means())]
    if simulation.shocked.any():
        shocked = tuple(f"shocked.{name}" for name in names("body"))
        blocks.append((shocked, simulation.body_means(shocked=True)))
    values = np.concatenate([block for _, block in blocks], axis=1)  # (quarter, measure)
    measures = [name for block_names, _ in blocks for name in block_names]
    return pd.DataFrame({
        "quarter": np.repeat(quarters, len(measures)), "measure": np.tile(measures, len(quarters)),
        "value": values.ravel(),
    })  # fmt: skip


def _organizations(simulation: Simulation, quarters: Sequence[str]) -> pd.DataFrame:
    """Return body measures by quarter and organization; slots that were never used are left out."""
    world, record = simulation.world, simulation.record
    total = len(world.organization_codes)
    wide = [np.pad(values, ((0, 0), (0, total - values.shape[1])), constant_values=np.nan) for values in record.bodies]
    values = np.array(wide).transpose(1, 0, 2).reshape(len(names("body")), -1)  # (measure, quarter x organization)
    columns: dict[str, Any] = {
        "quarter": np.repeat(quarters, total),
        "code": [simulation.code_of(row, index) for index in record.quarters for row in range(total)],
        "name": np.tile(np.array(world.organization_names, object), len(quarters)),
        "issue_area": np.tile([world.issues[int(issue)] for issue in world.issue], len(quarters)),
    }
    for name in ("alive", "counted"):
        rows = getattr(record, name)
        columns[name] = np.concatenate([np.pad(row, (0, total - len(row))) for row in rows]) > 0
    shocked = np.pad(simulation.shocked, (0, total - world.built)) > 0
    columns["shocked"] = np.tile(shocked, len(quarters))
    leaders = np.concatenate([np.pad(row, (0, total - len(row))) for row in record.leaders])
    columns["leader"] = np.where(columns["alive"], np.array(world.state_codes, object)[leaders], "")
    columns |= dict(zip(names("body"), values, strict=True))
    frame = pd.DataFrame(columns)
    return frame[frame["code"] != ""].reset_index(drop=True)


def _states(simulation: Simulation, quarters: Sequence[str]) -> pd.DataFrame:
    """Return state measures by quarter and state."""
    world, record = simulation.world, simulation.record
    values = np.array(record.states).transpose(1, 0, 2).reshape(len(names("state")), -1)
    labels = {-1.0: "rival", 0.0: "other", 1.0: "western"}
    columns: dict[str, Any] = {
        "quarter": np.repeat(quarters, len(world.state_codes)),
        "code": np.tile(np.array(world.state_codes, object), len(quarters)),
        "name": np.tile(np.array(world.state_names, object), len(quarters)),
        "camp": np.tile([labels[camp] for camp in world.camp], len(quarters)),
    }
    return pd.DataFrame(columns | dict(zip(names("state"), values, strict=True)))


def _memberships(world: World) -> pd.DataFrame:
    """Return who takes part in what now, with influence; before the first quarter and after the last."""
    rows, columns = np.nonzero(world.member * world.alive)
    return pd.DataFrame({
        "quarter": format_quarter(max(world.quarter - 1, world.start) if world.quarter > world.start else world.start),
        "state": np.array(world.state_codes, object)[rows],
        "organization": np.array(world.organization_codes, object)[columns],
        "present": world.present[rows, columns],
        "agenda": world.agenda[rows, columns],
        "first": world.quarter == world.start,
    })  # fmt: skip


def _joined(experiment: Experiment, replicates: Sequence[Replicate]) -> Result:
    """Join replicates into one result with its outcomes."""
    failed = [failure for replicate in replicates for failure in replicate.failed]
    runs = [run for replicate in replicates for run in replicate.runs]
    if not runs:
        raise RuntimeError(f"every run failed; the first one: {failed[0]['error']}\n{failed[0]['traceback']}")
    tables = {name: pd.concat([run.frames[name] for run in runs], ignore_index=True) for name in runs[0].frames}
    outcomes = _outcomes(experiment, tables, replicates, runs[0])
    outcomes["failed_runs"] = [{key: row[key] for key in ("run", "twin", "error")} for row in failed]
    tables["events"] = tables["events"].drop(columns="index")
    return Result(
        experiment,
        series=tables["series"],
        organizations=tables["organizations"],
        states=tables["states"],
        events=tables["events"],
        memberships=tables["memberships"],
        outcomes=outcomes,
        failed=failed,
    )


def _outcomes(
    experiment: Experiment, tables: Mapping[str, pd.DataFrame], replicates: Sequence[Replicate], first: Run
) -> dict[str, Any]:
    """Return the `--json` object, except for failures and the folder."""
    differences = last_effects(tables["series"])
    regimes, degrees = regime_summary(differences)
    refills = [row for replicate in replicates for row in replicate.refills]
    count = tables["series"].loc[~tables["series"]["twin"], "run"].nunique()
    return {
        "scenario": experiment.title,
        "config_digest": experiment.digest(),
        "seed": experiment.seed,
        "replicates": experiment.replicates,
        "quarters": experiment.quarters,
        "start": format_quarter(parse_quarter(experiment.world.start)),
        "actors": list(first.actors),
        "regimes": regimes,
        "regime_memberships": degrees,
        "effects": effect_summary(differences),
        "followers": followers(tables["events"], first.aims, first.actors, max(count, 1)),
        "refill": refill_summary(refills, first.donors),
    }
