"""The recording of one run as columns of its tables: series, organizations, states, events, memberships.

Workers make these; the main process joins those of all runs to tables (`experiments.runs.run_experiment`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.calendar import format_quarter
from abm.events import Event, Happening, as_json, occurrences
from abm.measures import names
from abm.recording import Recording
from abm.state.world import World

type Columns = dict[str, NDArray[Any]]
"""A table: an array by the name of its column, all of one length."""


def columns_of(recording: Recording, number: int) -> dict[str, Columns]:
    """Return the columns of the tables of one run, by table; memberships are not among them."""
    quarters = [format_quarter(index) for index in recording.quarters]
    tables = {
        "series": _series(recording, quarters),
        "organizations": _organizations(recording, quarters),
        "states": _states(recording, quarters),
        "events": _events(recording),
    }
    return {name: label_rows(columns, number, recording.is_twin) for name, columns in tables.items()}


def _events(recording: Recording) -> Columns:
    """Return what happened, a row for each event."""
    codes = recording.world.state_codes
    rows = [
        (
            format_quarter(index),
            event.kind,
            _code(codes, event.actor),
            event.code,
            event.detail,
            as_json(event.details),
            "",
        )
        for index, event in recording.events
    ]
    names_ = ("quarter", "kind", "actor", "organization", "detail", "details", "occurs")
    return dict(zip(names_, np.array(rows, object).reshape(-1, len(names_)).T, strict=True))


def mark_occurrences(runs: Sequence[Recording], events: Sequence[Columns]) -> None:
    """Say in the events of a run and of its counterfactual where each occurs: column `occurs`."""
    for columns, marks in zip(events, occurrences(*(_happenings(run) for run in runs)), strict=True):
        columns["occurs"] = np.array(marks, object)


def _happenings(recording: Recording) -> list[Happening]:
    """Return quarter, kind, actor and organization of each event, by their codes."""
    codes = recording.world.state_codes
    return [_happening(codes, index, event) for index, event in recording.events]


def _happening(codes: Sequence[str], index: int, event: Event) -> Happening:
    """Return quarter, kind, actor and organization of an event, by their codes."""
    return index, event.kind, _code(codes, event.actor), event.code


def _code(codes: Sequence[str], row: int) -> str:
    """Return the code of a row, "" for none."""
    return codes[row] if row >= 0 else ""


def _series(recording: Recording, quarters: Sequence[str]) -> Columns:
    """Return all measures by quarter, and those of the network in the last one; long form, with the ensemble's row."""
    measures, values, last = recording.measures, np.array([*recording.measures.values()]).T, recording.network
    return {
        "ensemble_row": np.full(values.size + len(last), recording.simulation.ensemble_row),
        "quarter": np.append(np.repeat(quarters, len(measures)), [quarters[-1]] * len(last)),
        "measure": np.append(np.tile([*measures], len(quarters)), list(last)),
        "value": np.append(values.ravel(), list(last.values())),
    }


def _organizations(recording: Recording, quarters: Sequence[str]) -> Columns:
    """Return organization measures by quarter and organization; slots that were never used are left out."""
    world, series = recording.world, recording.series
    total = len(world.organization_codes)
    wide = [np.pad(values, ((0, 0), (0, total - values.shape[1])), constant_values=np.nan) for values in series.bodies]
    values = np.array(wide).transpose(1, 0, 2).reshape(len(names("body")), -1)  # (measure, quarter x organization)
    columns: Columns = {
        "quarter": np.repeat(quarters, total),
        "code": np.array(
            [series.code_of(row, place) for place in range(len(quarters)) for row in range(total)], object
        ),
        "name": np.tile(np.array(world.organization_names, object), len(quarters)),
        "issue_area": np.tile([world.issues[int(issue)] for issue in world.issue], len(quarters)),
    }
    for name, rows in (("alive", series.alive), ("in_scope", series.in_scope)):
        columns[name] = np.concatenate([np.pad(row, (0, total - len(row))) for row in rows]) > 0
    shocked = np.pad(recording.shocked, (0, total - world.built)) > 0
    columns["shocked"] = np.tile(shocked, len(quarters))
    leaders = np.concatenate([np.pad(row, (0, total - len(row))) for row in series.leaders])
    columns["leader"] = np.where(columns["alive"], np.array(world.state_codes, object)[leaders], "")
    columns |= dict(zip(names("body"), values, strict=True))
    used = columns["code"] != ""
    return {name: values[used] for name, values in columns.items()}


def _states(recording: Recording, quarters: Sequence[str]) -> Columns:
    """Return state measures by quarter and state."""
    world = recording.world
    values = np.array(recording.series.states).transpose(1, 0, 2).reshape(len(names("state")), -1)
    labels = {-1.0: "rival", 0.0: "other", 1.0: "western"}
    columns: Columns = {
        "quarter": np.repeat(quarters, len(world.state_codes)),
        "code": np.tile(np.array(world.state_codes, object), len(quarters)),
        "name": np.tile(np.array(world.state_names, object), len(quarters)),
        "camp": np.tile([labels[camp] for camp in world.camp], len(quarters)),
    }
    return columns | dict(zip(names("state"), values, strict=True))


def memberships_of(world: World) -> Columns:
    """Return who takes part in what now, with influence; before the first quarter and after the last."""
    rows, columns = np.nonzero(world.member * world.alive)
    quarter = max(world.quarter - 1, world.start)  # the clock stands at the next one
    return {
        "quarter": np.full(len(rows), format_quarter(quarter)),
        "state": np.array(world.state_codes, object)[rows],
        "organization": np.array(world.organization_codes, object)[columns],
        "participation": world.participation[rows, columns],
        "agenda_share": world.agenda_share[rows, columns],
        "first": np.full(len(rows), world.quarter == world.start),
    }


def label_rows(columns: Columns, number: int, is_twin: bool) -> Columns:
    """Return the columns with the run's number and whether it is a twin in front."""
    length = len(next(iter(columns.values())))
    return {"run": np.full(length, number), "twin": np.full(length, is_twin), **columns}


def stack(parts: Sequence[Columns]) -> Columns:
    """Return the rows of all parts, one below the other; they have the same columns."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
