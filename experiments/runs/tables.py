"""The record of one run as tables: series, organizations, states, events, memberships."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from abm.calendar import format_quarter
from abm.events import as_json, occurrences
from abm.measures import names
from abm.networks import fragmentation
from abm.simulation import Simulation
from abm.state.world import Array, World

NULL_DRAWS = 8
"""Random memberships that the modularity at the end of a run is compared with."""


def frames_of(simulation: Simulation, number: int, is_twin: bool) -> dict[str, pd.DataFrame]:
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
                 event.code, event.detail, as_json(event.details), "", index)
                for index, event in record.events
            ],
            columns=["quarter", "kind", "actor", "organization", "detail", "details", "occurs", "index"],
        ),
    }  # fmt: skip
    return {name: labelled(frame, number, is_twin) for name, frame in frames.items()}


def mark_occurrences(run: pd.DataFrame, counterfactual: pd.DataFrame) -> None:
    """Say in both tables of events, of a run and of its counterfactual, where each event occurs: column `occurs`."""
    columns = ["index", "kind", "actor", "organization"]
    happenings = [list(events[columns].itertuples(index=False, name=None)) for events in (run, counterfactual)]
    run["occurs"], counterfactual["occurs"] = occurrences(*happenings)


def _code(codes: Sequence[str], row: int) -> str:
    """Return the code of a row, "" for none."""
    return codes[row] if row >= 0 else ""


def measured(simulation: Simulation) -> tuple[list[str], Array]:
    """Return the names of system measures, means over bodies, means over shocked bodies; values (quarter, measure)."""
    blocks = [(names("system"), np.array(simulation.record.system)), (names("body"), simulation.body_means())]
    if simulation.shocked.any():
        shocked = tuple(f"shocked.{name}" for name in names("body"))
        blocks.append((shocked, simulation.body_means(shocked=True)))
    return [name for block, _ in blocks for name in block], np.concatenate([values for _, values in blocks], axis=1)


def _series(simulation: Simulation, quarters: Sequence[str]) -> pd.DataFrame:
    """Return all measures by quarter, and those of the network in the last one; long form."""
    measures, values = measured(simulation)
    last = closing(simulation)
    return pd.DataFrame({
        "quarter": np.append(np.repeat(quarters, len(measures)), [quarters[-1]] * len(last)),
        "measure": np.append(np.tile(measures, len(quarters)), list(last)),
        "value": np.append(values.ravel(), list(last.values())),
    })  # fmt: skip


def closing(simulation: Simulation) -> dict[str, float]:
    """Return what is measured of the network in the last quarter only, being slow: modularity and its null model."""
    return fragmentation(simulation.world, 0, draws=NULL_DRAWS)


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
