"""Quantities that several claims are made of: functions of a recording, or of a run and its twin.

Recordings have the fields of `experiments.claims.watched_fields`. Organizations are those built with the world, rows of
them and of states are masks. Years are calendar years, the first and the last both included.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from abm.comparison import Comparison
from abm.recording import Recording
from abm.state.world import Array

Rows = NDArray[np.bool_]


def mean(values: NDArray[np.floating]) -> float:
    """Return the mean of what is a number, NaN where nothing is."""
    found = values[np.isfinite(values)]
    return float(found.mean()) if found.size else float("nan")


# --- of one run


def window(run: Recording, first: int, last: int) -> slice:
    """Return the quarters of the years `first` to `last`, counted from the start."""
    start = run.world.start
    return slice(max(4 * first - start, 0), 4 * last + 4 - start)


def bodies_called(run: Recording, codes: Iterable[str]) -> Rows:
    """Return which organizations have one of these codes; shape (organization,)."""
    return np.isin(run.world.organization_codes[: run.world.built], list(codes))


# --- of whom a comparison is about


def actor(pair: Comparison) -> int:
    """Return the row of the state that acts, the first if several do; the largest state where none does."""
    return int(pair.run.simulation.focus.argmax())


def others(pair: Comparison) -> Rows:
    """Return all states but the actor; shape (state,)."""
    return np.arange(len(pair.run.world.gdp)) != actor(pair)


def shocked(pair: Comparison) -> Rows:
    """Return the organizations that shocks aim at; shape (organization,)."""
    return pair.run.shocked > 0


def concerned(pair: Comparison) -> Rows:
    """Return the shocked organizations that live to the end in both worlds and whose members are known."""
    known = pair.run.world.members_known[: pair.run.world.built]
    return shocked(pair) & (pair.run.alive[-1] * pair.twin.alive[-1] * known > 0)


def funded(pair: Comparison) -> Rows:
    """Return the organizations concerned that have money."""
    return concerned(pair) & (pair.run.world.has_budget[: pair.run.world.built] > 0)


def left(pair: Comparison) -> Rows:
    """Return the organizations concerned from which the actor is away at any time, and not so in the twin."""
    run, twin = (one.fields["participation"][:, actor(pair)] for one in (pair.run, pair.twin))
    return np.asarray(concerned(pair) & ((run == 0) & (twin > 0)).any(axis=0))


# --- of run against twin


def change(pair: Comparison, measure: str, bodies: Rows, first: int, last: int) -> float:
    """Return run minus twin of a measure, mean over some organizations and the years `first` to `last`."""
    when = window(pair.run, first, last)
    return mean((pair.run.bodies[measure] - pair.twin.bodies[measure])[when][:, bodies])


def share(pair: Comparison, field: str, states: Rows, bodies: Rows, first: int, last: int) -> tuple[float, float]:
    """Return what states hold in organizations, mean over organizations and years, in the run and in the twin."""
    when = window(pair.run, first, last)
    held = [one.fields[field][when][:, states][:, :, bodies] for one in (pair.run, pair.twin)]
    return mean(held[0].sum(axis=1)), mean(held[1].sum(axis=1))


def stayers(pair: Comparison, field: str, bodies: Rows, first: int, last: int, states: Rows | None = None) -> float:
    """Return the relative change against the twin of what members hold that take part in both worlds.

    The actor does not count; `states` narrows the members, all others by default.
    """
    when = window(pair.run, first, last)
    among = others(pair) if states is None else states & others(pair)
    weight = pair.run.fields["participation"][when] * pair.twin.fields["participation"][when]
    weight = weight * among[:, None] * bodies
    held = [float((one.fields[field][when] * weight).sum()) for one in (pair.run, pair.twin)]
    return held[0] / held[1] - 1 if held[1] > 0 else float("nan")


def lost_money(pair: Comparison, bodies: Rows, first: int, last: int) -> Array:
    """Return what the actor gives less than in the twin, USD a year; shape (some organizations,)."""
    when = window(pair.run, first, last)
    given = [one.fields["money"][when, actor(pair)][:, bodies] for one in (pair.run, pair.twin)]
    return np.asarray(4 * (given[1] - given[0]).mean(axis=0), float)


def losing(pair: Comparison, first: int, last: int, least: float = 0.01) -> Rows:
    """Return the funded organizations in which the actor's loss is at least a share of the budget at rest."""
    built = pair.run.world.built
    rest = 4 * pair.run.world.initial_budget[:built]
    return funded(pair) & (lost_money(pair, np.ones(built, bool), first, last) >= least * np.maximum(rest, 1.0))


def farther(pair: Comparison, bodies: Rows, first: int, last: int) -> float:
    """Return how much farther adopted positions are from what the actor wants than in the twin, ideal points.

    The actor is looked at where it votes in the twin, so that its own turns do not count.
    """
    when = window(pair.run, first, last)
    seat = pair.twin.fields["votes"][when, actor(pair)][:, None]
    gaps = [np.linalg.norm(one.positions[when][:, bodies] - seat, axis=2) for one in (pair.run, pair.twin)]
    return mean(gaps[0] - gaps[1])


def trust_lost(pair: Comparison, states: Rows, first: int, last: int) -> float:
    """Return how much less some states trust the actor than in the twin."""
    when = window(pair.run, first, last)
    lost = pair.twin.fields["trust"] - pair.run.fields["trust"]
    return mean(lost[when][:, states & others(pair), actor(pair)])
