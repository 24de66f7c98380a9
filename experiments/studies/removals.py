"""Single removals: what follows when one state leaves everything, or when one organization ends.

Each removal happens in the second year of a run of eight years at the point defaults, beside one world in which nothing
is removed, with the same luck. Ranked by what the world loses in all: how much less organizations achieve for their
problems. Sacco, Arenas and De Domenico (2023) took states and treaties out of the network of treaties, which does not
react: most disruptors were medium and small states, and single treaties mattered little but for the World Trade
Organization's.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.config.reader import load_experiment
from abm.measures import MEASURES, Snapshot
from abm.processes.vitality import burial
from abm.recording import FieldValues
from abm.simulation import Simulation
from abm.state.world import Array
from experiments.studies.composed_runs import scene

BEFORE, QUARTERS = 4, 32
LARGE = 20
"""States with most capability that count as large; all others are medium or small."""
TOP = 20
"""Removals at the top of the ranking that are told of."""


class Removal(NamedTuple):
    """What is removed: kind `state` or `organization`, by its code."""

    kind: str
    code: str


def all_removals(most: int | None, overrides: tuple[str, ...] = ()) -> list[Removal]:
    """Return all states and all organizations whose members are known, or the `most` largest of either kind."""
    world = Simulation(load_experiment("base", ["ensemble=off", *overrides]), (0, 0)).world
    states = [world.state_codes[row] for row in np.argsort(-world.capability, kind="stable")]
    weight = (world.capability @ world.member) * world.members_known[: len(world.alive)]
    bodies = [world.organization_codes[row] for row in np.argsort(-weight, kind="stable") if weight[row] > 0]
    return [Removal("state", code) for code in states[:most]] + [
        Removal("organization", code) for code in bodies[:most]
    ]


def at_removal(removal: Removal, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return what one removal changes of the world, in the last year."""
    whole, world = _ends(None, overrides), _ends(removal, overrides)
    losses = {name: whole[name] - world[name] for name in ("provision", "legitimacy", "income")}
    return {"kind": removal.kind, "code": removal.code, "capability": world["capability"], **losses} | {
        "seats": _lost(whole["seats"], world["seats"], removal, whole),
        "clubs": world["clubs"] - whole["clubs"],
    }


def _lost(whole: Array, left: Array, removal: Removal, known: dict[str, Any]) -> float:
    """Return the share of seats that others, elsewhere, have less; seats are (state, organization)."""
    counted = np.ones_like(whole)
    if removal.kind == "state":
        counted[known["states"].index(removal.code)] = 0.0
    else:
        counted[:, known["bodies"].index(removal.code)] = 0.0
    before = float((whole * counted).sum())
    return (before - float((left * counted).sum())) / max(before, 1.0)


@cache
def _whole(overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return the world in which nothing is removed."""
    return _run(None, overrides)


def _ends(removal: Removal | None, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return where a world ends: means over the last year, seats at its end."""
    return _whole(overrides) if removal is None else _run(removal, overrides)


def _run(removal: Removal | None, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Run one world."""
    shocks: list[dict[str, Any]] = []
    if removal is not None and removal.kind == "state":
        act = {"actor": removal.code, "organizations": "all", "announced": "2026Q1"}
        shocks = [{"kind": "exit", "notice_quarters": 0, **act}, {"kind": "refuse", **act}]
    experiment = scene(shocks, QUARTERS, ("ensemble=off", *overrides))
    simulation, watched = Simulation(experiment, (experiment.seed, 0)), FieldValues(JUDGED_BY)
    simulation.run([watched], BEFORE)
    if removal is not None and removal.kind == "organization":
        _end(simulation, removal.code)
    simulation.run([watched])
    world = simulation.world
    means = {name: float(np.mean(values[-4:])) for name, values in watched.values.items()}
    leavable = (world.exit_form[: world.built] < 2) * world.members_known[: world.built]
    named = world.state_codes.index(removal.code) if removal is not None and removal.kind == "state" else -1
    return means | {
        "seats": world.member[:, : world.built] * leavable,
        "states": list(world.state_codes),
        "bodies": list(world.organization_codes),
        "capability": float(world.capability[named]) if named >= 0 else 0.0,
    }


def _end(simulation: Simulation, code: str) -> None:
    """End one organization."""
    world = simulation.world
    ends = np.array([one == code for one in world.organization_codes])
    for name, values in burial(world, ends).items():
        setattr(world, name, values)


def _mean_legitimacy(snapshot: Snapshot) -> Array:
    """Return the mean legitimacy of the organizations that count; shape ()."""
    views = np.asarray(MEASURES["legitimacy"].function(snapshot))
    return np.asarray(np.nanmean(views[snapshot.in_scope > 0]))


JUDGED_BY: dict[str, Callable[[Snapshot], NDArray[Any]]] = {
    "provision": lambda snapshot: np.asarray(MEASURES["global_provision"].function(snapshot)),
    "income": lambda snapshot: np.asarray(MEASURES["total_income"].function(snapshot)),
    "clubs": lambda snapshot: np.asarray(MEASURES["clubs"].function(snapshot)),
    "legitimacy": _mean_legitimacy,
}
"""What removals are judged by."""


def ranked(removed: pd.DataFrame) -> pd.DataFrame:
    """Return removals ranked within each kind, those that cost most provision first."""
    some = removed.sort_values(["kind", "provision"], ascending=[False, False], ignore_index=True)
    return some.assign(rank=some.groupby("kind").cumcount() + 1)


def told(ranks: pd.DataFrame) -> tuple[str, ...]:
    """Return sentences on the ranking, beside what is known of the static network."""
    states, bodies = (ranks[ranks["kind"] == kind] for kind in ("state", "organization"))
    large = set(states.sort_values("capability", ascending=False)["code"].head(LARGE))
    top = states.head(TOP)
    alike = float(states["provision"].corr(states["capability"], "spearman"))
    small = sum(code not in large for code in top["code"])
    trade = bodies.loc[bodies["code"] == "WTO", "rank"]
    where = f" The World Trade Organization is number {trade.iloc[0]} of {len(bodies)}." if len(trade) else ""
    return (
        f"Single states that leave everything: the world loses most with {', '.join(states['code'].head(5))}; "
        f"{small} of the first {len(top)} are not among the {LARGE} largest; rank correlation with GDP {alike:.2f}. "
        "In the static network of treaties most disruptors were medium and small.",
        f"Single organizations that end: most is lost with {', '.join(bodies['code'].head(5))}.{where}",
    )
