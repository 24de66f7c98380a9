"""The data of a run that do not change: names, kinds, money at rest, camps, actors, and the sources of values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abm.data.table import number
from abm.data.world_tables import Tables
from abm.simulation import Simulation
from abm.state.world import World

STATE_COLUMNS = ("gdp_usd", "un_rate", "position_1")
BODY_COLUMNS = ("budget_usd", "assessed_share", "founded")
"""Columns of the tables whose sources the page names beside a state or an organization."""


def facts_of(simulation: Simulation, codes: Sequence[str]) -> dict[str, Any]:
    """Return facts as plain values; `codes` are those of all organizations, in the order of the start and founding."""
    world, tables = simulation.world, simulation.tables
    return {
        "of": simulation.experiment.quarters,
        **_states(simulation, world),
        **_organizations(simulation, world, tables, codes),
        "issues": list(world.issues),
        "sources": _sources(tables, world.state_codes, codes),
    }


def _states(simulation: Simulation, world: World) -> dict[str, Any]:
    """Return what states are."""
    return {
        "states": list(world.state_codes),
        "state_names": list(world.state_names),
        "camps": [int(camp) for camp in world.camp],
        "gdp": [float(f"{value:.3g}") for value in world.gdp],
        "focus": [int(row) for row in np.flatnonzero(simulation.focus)],
        "actors": [int(row) for row in np.flatnonzero(simulation.actors)],
    }


def _organizations(simulation: Simulation, world: World, tables: Tables, codes: Sequence[str]) -> dict[str, Any]:
    """Return what organizations are; a club's code holds its issue area, founder and quarter.

    `budgets` are USD a year at rest, 0 where there is none; `founders` rows of states, -1 for what was there before.
    """
    table = tables.organizations
    kinds = dict(zip(table["code"], table["kind"], strict=True))
    years = dict(zip(table["code"], number(table, "founded", blank=0).astype(int).tolist(), strict=True))
    row = {code: index for index, code in enumerate(world.organization_codes[: world.built])}
    clubs = [code.split("/") if code not in row else [] for code in codes]
    return {
        "organizations": list(codes),
        "organization_names": [world.organization_names[row[code]] if code in row else code for code in codes],
        "issue": [
            world.issues.index(club[0]) if club else int(world.issue[row[code]])
            for code, club in zip(codes, clubs, strict=True)
        ],
        "kinds": [kinds.get(code, "club") for code in codes],
        "founded": [years[code] if code in row else int(code[-6:-2]) for code in codes],
        "founders": [world.state_codes.index(club[1]) if club else -1 for club in clubs],
        "budgets": [float(f"{4 * world.initial_budget[row[code]]:.4g}") if code in row else 0.0 for code in codes],
        "shocked": [index for index, code in enumerate(codes) if code in row and simulation.shocked[row[code]] > 0],
    }


def _sources(tables: Tables, states: Sequence[str], bodies: Sequence[str]) -> dict[str, Any]:
    """Return the basis of values: all different ones, and for every state and organization a place for each column."""
    known = {(row["table"], row["column"], row["row"]): _basis(row) for row in tables.basis.rows()}
    listed: dict[str, int] = {}

    def places(table: str, column: str, codes: Sequence[str]) -> list[int]:
        found = [known.get((table, column, code), known.get((table, column, "*"), "")) for code in codes]
        return [listed.setdefault(text, len(listed)) for text in found]

    of_states = {column: places("states", column, states) for column in STATE_COLUMNS}
    of_bodies = {column: places("organizations", column, bodies) for column in BODY_COLUMNS}
    return {"states": of_states, "organizations": of_bodies, "texts": list(listed)}


def _basis(row: Mapping[str, str]) -> str:
    """Return one row of the table of bases in a line: kind of basis, source, note."""
    return "; ".join(filter(None, (row["basis"], row["source"], row["note"])))
