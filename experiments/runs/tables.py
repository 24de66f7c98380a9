"""The recording of one run as tables: series, organizations, states, events, memberships."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from abm.calendar import format_quarter
from abm.measures import names
from abm.recording import Recording
from abm.state.world import World


def frames_of(recording: Recording, number: int) -> dict[str, pd.DataFrame]:
    """Return the tables of one run."""
    world = recording.simulation.world
    quarters = [format_quarter(index) for index in recording.quarters]
    frames = {
        "series": _series(recording, quarters),
        "organizations": _organizations(recording, quarters),
        "states": _states(recording, quarters),
        "events": pd.DataFrame(
            [
                (format_quarter(index), event.kind, _code(world.state_codes, event.actor), event.code, event.detail)
                for index, event in recording.events
            ],
            columns=["quarter", "kind", "actor", "organization", "detail"],
        ),
    }
    return {name: labelled(frame, number, recording.is_twin) for name, frame in frames.items()}


def _code(codes: Sequence[str], row: int) -> str:
    """Return the code of a row, "" for none."""
    return codes[row] if row >= 0 else ""


def _series(recording: Recording, quarters: Sequence[str]) -> pd.DataFrame:
    """Return all measures by quarter, and those of the network in the last one; long form."""
    measures, values, last = recording.measures, np.array([*recording.measures.values()]).T, recording.network
    return pd.DataFrame({
        "quarter": np.append(np.repeat(quarters, len(measures)), [quarters[-1]] * len(last)),
        "measure": np.append(np.tile([*measures], len(quarters)), list(last)),
        "value": np.append(values.ravel(), list(last.values())),
    })  # fmt: skip


def _organizations(recording: Recording, quarters: Sequence[str]) -> pd.DataFrame:
    """Return body measures by quarter and organization; slots that were never used are left out."""
    world, series = recording.simulation.world, recording.series
    total = len(world.organization_codes)
    wide = [np.pad(values, ((0, 0), (0, total - values.shape[1])), constant_values=np.nan) for values in series.bodies]
    values = np.array(wide).transpose(1, 0, 2).reshape(len(names("body")), -1)  # (measure, quarter x organization)
    columns: dict[str, Any] = {
        "quarter": np.repeat(quarters, total),
        "code": [series.code_of(row, place) for place in range(len(quarters)) for row in range(total)],
        "name": np.tile(np.array(world.organization_names, object), len(quarters)),
        "issue_area": np.tile([world.issues[int(issue)] for issue in world.issue], len(quarters)),
    }
    for name, rows in (("alive", series.alive), ("counted", series.counted)):
        columns[name] = np.concatenate([np.pad(row, (0, total - len(row))) for row in rows]) > 0
    shocked = np.pad(recording.shocked, (0, total - world.built)) > 0
    columns["shocked"] = np.tile(shocked, len(quarters))
    leaders = np.concatenate([np.pad(row, (0, total - len(row))) for row in series.leaders])
    columns["leader"] = np.where(columns["alive"], np.array(world.state_codes, object)[leaders], "")
    columns |= dict(zip(names("body"), values, strict=True))
    frame = pd.DataFrame(columns)
    return frame[frame["code"] != ""].reset_index(drop=True)


def _states(recording: Recording, quarters: Sequence[str]) -> pd.DataFrame:
    """Return state measures by quarter and state."""
    world = recording.simulation.world
    values = np.array(recording.series.states).transpose(1, 0, 2).reshape(len(names("state")), -1)
    labels = {-1.0: "rival", 0.0: "other", 1.0: "western"}
    columns: dict[str, Any] = {
        "quarter": np.repeat(quarters, len(world.state_codes)),
        "code": np.tile(np.array(world.state_codes, object), len(quarters)),
        "name": np.tile(np.array(world.state_names, object), len(quarters)),
        "camp": np.tile([labels[camp] for camp in world.camp], len(quarters)),
    }
    return pd.DataFrame(columns | dict(zip(names("state"), values, strict=True)))


def effects_by_run(series: pd.DataFrame) -> pd.DataFrame:
    """Return effects read from a table of series: run less twin in the last quarter; rows are runs, none without twins.

    They are those of `abm.recording.Comparison.effects`.
    """
    last = series[series["quarter"] == series["quarter"].max()]
    if last["twin"].nunique() < 2:
        return pd.DataFrame()
    wide = last.pivot_table(index="run", columns=["twin", "measure"], values="value", dropna=False)
    return (wide[False] - wide[True]).dropna(how="all")


def memberships_of(world: World) -> pd.DataFrame:
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


def labelled(frame: pd.DataFrame, number: int, is_twin: bool) -> pd.DataFrame:
    """Return the frame with the run's number and whether it is a twin in front."""
    frame.insert(0, "twin", is_twin)
    frame.insert(0, "run", number)
    return frame
