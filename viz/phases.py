"""The diagram of possible worlds: the kept study of phases, and where the world on the page lies in it.

The study is read as a file; without it there is no diagram.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from abm.config.reader import ConfigError
from abm.regimes import REGIMES
from viz.page_state import DEFAULT_SCENARIO, PageState, shipped_experiment, value_of

AXIS, PARAMETER = "additivity", "membership.additivity"
LISTED = 0
"""The size of the exit from the 66 organizations; larger sizes are states that leave everything."""
LEAVERS = ("USA", "GBR", "JPN", "CAN", "ISR", "ARG", "AUS", "KOR", "ITA", "POL")
"""Who leaves, in this order, as in the study."""
EXIT = {"kind": "exit", "organizations": "all", "announced": "2026Q1", "notice_quarters": 4}


def stored() -> Path:
    """Return the file of cells, which is there once the study is kept."""
    return Path(str(files("abm"))).parent / "experiments" / "studies" / "results" / "phases" / "cells.csv"


@cache
def cells(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the cells of the diagram: size, place, the likeliest order, its share and the number of runs."""
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["axis"] == AXIS and row["likeliest"] in REGIMES]
    return tuple(
        {
            "size": int(row["size"]), "place": float(row["place"]), "name": row["likeliest"],
            "share": float(row["share"]), "runs": int(row["runs"]),
        }
        for row in rows
    )  # fmt: skip


def phases(state: PageState, path: Path | None = None) -> dict[str, Any]:
    """Return the diagram and where the page's world lies in it (None: outside), nothing without the study."""
    found = cells(path or stored())
    if not found:
        return {}
    sizes, places = (sorted({row[key] for row in found}) for key in ("size", "place"))
    return {"sizes": sizes, "places": places, "cells": list(found), "here": _here(state, sizes, places)}


def _here(state: PageState, sizes: list[int], places: list[float]) -> dict[str, Any] | None:
    """Return the size and the nearest place of the world on the page, None where its shocks are others."""
    size = next((one for one in sizes if _same(state, one)), None)
    if size is None:
        return None
    own = value_of(state.experiment, PARAMETER)
    return {"size": size, "place": min(places, key=lambda place: abs(place - own))}


def _same(state: PageState, size: int) -> bool:
    """Return whether the page's shocks are those of a size."""
    wanted = shipped_experiment(DEFAULT_SCENARIO).resolved()["shocks"] if size == LISTED else exits(size)
    shown = [{key: shock.get(key) for key in EXIT | {"actor": ""}} for shock in state.experiment.resolved()["shocks"]]
    return shown == [{key: shock.get(key) for key in EXIT | {"actor": ""}} for shock in wanted]


def exits(size: int) -> list[dict[str, Any]]:
    """Return the exits of so many states from everything."""
    return [EXIT | {"actor": state} for state in LEAVERS[:size]]


def changes_at(size: int, place: float, path: Path | None = None) -> Mapping[str, Any]:
    """Return the config that leads from the exit from the 66 to a cell. Raises ConfigError for no cell."""
    if not any((row["size"], row["place"]) == (size, place) for row in cells(path or stored())):
        raise ConfigError("no such place in the diagram")
    base = PageState(scenario=DEFAULT_SCENARIO)
    config = base.with_parameter(PARAMETER, place)
    return config if size == LISTED else config | {"shocks": exits(size)}
