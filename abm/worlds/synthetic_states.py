"""Drawn states: resampled from the built-in ones, with how they vote alike and who is allied.

A drawn state takes over the whole row of a built-in state (GDP, position, groups, term of office ...), so that
what belongs together stays together, and is jittered so that no row is a copy.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from abm.data.frames import Frames
from abm.data.reading import DISTANCE_OF_NO_AGREEMENT, schema
from abm.data.world_tables import ranked_codes, read_tables
from abm.shocks.targets import drawn_codes, states_standing_in
from abm.worlds.parameters import SyntheticParameters

type Floats = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.int64]
type Random = np.random.Generator


@dataclass(frozen=True)
class Society:
    """States, how they agree (states, states), who is allied, and their gifts as a share of GDP (states,)."""

    states: pd.DataFrame
    agreement: Floats
    alliances: pd.DataFrame
    purse: Floats

    @property
    def position(self) -> Floats:
        """Return positions, shape (states, 2)."""
        return self.states[["position_1", "position_2"]].to_numpy(float)

    @property
    def gdp(self) -> Floats:
        """Return GDP, shape (states,), USD a year."""
        return self.states["gdp_usd"].to_numpy(float)


def draw_society(real: Frames, purse: Floats, count: int, p: SyntheticParameters, random: Random) -> Society:
    """Return `count` states drawn from the built-in ones, whose gifts over GDP are `purse`."""
    states, rows = _states(real, count, p, random)
    return Society(states, _agreement(states, p, random), _alliances(real, states, p, random), purse[rows])


def scale_of_assessments(gdp: Floats, population: Floats, p: SyntheticParameters) -> Floats:
    """Return rates by capacity to pay, percent, shape (states,), summing to 100.

    Income below the world's mean per head is discounted by a share of the shortfall; rates lie between floor and
    ceiling. So few states that it could not hold (four, at 22 %) have no ceiling.
    """
    relative = gdp / population * population.sum() / gdp.sum()
    capacity = gdp * (1 - p.rate_relief * np.maximum(1 - relative, 0))
    ceiling = p.rate_ceiling if p.rate_ceiling * len(gdp) > 100 else 100.0

    def rates(unit: float) -> Floats:
        return np.clip(unit * capacity, p.rate_floor, ceiling)

    # the sum of the clipped rates rises with the rate of a unit of capacity
    between = bisected(lambda unit: float(rates(unit).sum()) < 100, 0.0, 100 / float(capacity.min()))
    return rates(sum(between) / 2)


def bisected(holds: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Return the neighbouring numbers between `low` and `high` from one to the other of which `holds` becomes false."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low, high


def distances(position: Floats, other: Floats) -> Floats:
    """Return distances between positions, shape (positions, others)."""
    return np.hypot(position[:, 0, None] - other[:, 0], position[:, 1, None] - other[:, 1])


def frame_of(table: str, rows: int, given: dict[str, Any]) -> pd.DataFrame:
    """Return a table of `rows` rows with every declared column in its type; what is not given is blank."""
    columns: dict[str, Any] = {}
    for rule in schema()[table]:
        if rule.type not in ("number", "integer", "flag"):
            columns[rule.name] = pd.Series(list(given.get(rule.name, [""] * rows)), dtype=str)
            continue
        blank = 0.0 if rule.type == "flag" else np.nan
        values = np.array(given.get(rule.name, np.full(rows, blank)), dtype=float)
        whole = rule.type != "number" and not np.isnan(values).any()
        columns[rule.name] = values.astype(np.int64) if whole else values
    return pd.DataFrame(columns)


def resampled(table: pd.DataFrame, rows: Indices, without: Iterable[str]) -> dict[str, Any]:
    """Return the columns of the resampled rows, `without` some."""
    return {name: table[name].to_numpy()[rows] for name in table.columns if name not in set(without)}


def _states(real: Frames, count: int, p: SyntheticParameters, random: Random) -> tuple[pd.DataFrame, Indices]:
    """Return drawn states by falling GDP, and their rows in the built-in world."""
    table = real.states
    largest = int(table["gdp_usd"].argmax())
    others = np.delete(np.arange(len(table)), largest)
    rows = np.concatenate([[largest], random.choice(others, count - 1)])
    gdp, population = _sizes(table, rows, p, random)
    order = np.argsort(-gdp, kind="stable")
    rows, gdp, population = rows[order], gdp[order], population[order]
    position = _positions(table[["position_1", "position_2"]].to_numpy(float), rows, p, random)
    own = {
        "code": drawn_codes("S", count),
        "name": drawn_codes("S", count),
        "isonumeric": [""] * count,
        "gdp_usd": gdp,
        "population": population,
        "un_rate": scale_of_assessments(gdp, population, p),
        "position_1": position[:, 0],
        "position_2": position[:, 1],
        "turned": np.zeros(count, np.int64),
        "emissions_share": _emissions(table, rows, gdp),
    }
    frame = frame_of("states", count, own | resampled(table, rows, own))
    _fill_groups(frame, real)
    return frame, rows


def _sizes(table: pd.DataFrame, rows: Indices, p: SyntheticParameters, random: Random) -> tuple[Floats, Floats]:
    """Return GDP and population of the drawn states; both sum to the built-in world's."""
    gdp, population = (table[name].to_numpy(float) for name in ("gdp_usd", "population"))
    income = np.log(gdp / population)
    noise = p.jitter * random.standard_normal((2, len(rows)))
    drawn = np.exp(np.log(gdp)[rows] + noise[0] * np.log(gdp).std())
    share = _with_a_largest(drawn, float(gdp.max() / gdp.sum()), p)
    people = share / np.exp(income[rows] + noise[1] * income.std())
    return share * gdp.sum(), np.maximum(people / people.sum() * population.sum(), 1.0)


def _with_a_largest(size: Floats, share: float, p: SyntheticParameters) -> Floats:
    """Return shares of the world of which the first has `share`, or the least lead over the mean if that is more.

    Where one of the others would come too near to the first, the differences between them are shrunk.
    """
    first = max(share, p.lead / len(size))
    limit = p.runner_up * first / (1 - first)
    others = size[1:] / size[1:].max()
    if 1 / others.sum() > limit:
        power, _ = bisected(lambda power: 1 / float((others**power).sum()) <= limit, 0.0, 1.0)
        others = others**power
    return np.concatenate([[first], (1 - first) * others / others.sum()])


def _positions(real: Floats, rows: Indices, p: SyntheticParameters, random: Random) -> Floats:
    """Return positions around the built-in centre at the usual mean distance, shape (states, 2)."""
    drawn = real[rows] + p.jitter * real.std(axis=0) * random.standard_normal((len(rows), 2))
    drawn = drawn - drawn.mean(axis=0)
    drawn = drawn * p.mean_distance / np.linalg.norm(drawn, axis=1).mean()
    return drawn + real.mean(axis=0)


def _emissions(table: pd.DataFrame, rows: Indices, gdp: Floats) -> Floats:
    """Return shares of emissions, percent: the model's emissions for each unit of GDP."""
    emissions = table["emissions_share"].fillna(0.0).to_numpy(float)
    drawn = (emissions / table["gdp_usd"].to_numpy(float))[rows] * gdp
    return drawn / max(float(drawn.sum()), 1e-12) * emissions.sum()


def _fill_groups(states: pd.DataFrame, real: Frames) -> None:
    """Give members to groups that nobody was drawn from, and the usual number of vetoes to the largest.

    The members are those that stand for the built-in ones: the largest for the largest.
    """
    ranked, codes = ranked_codes(read_tables())[0], list(states["code"])
    for group in real.groups["group"]:
        if group == "p5" or not states[group].any():
            members = list(real.states["code"][real.states[group] == 1])
            standing = states_standing_in(members, ranked, codes)
            states[group] = states["code"].isin(standing).astype(np.int64)


def _agreement(states: pd.DataFrame, p: SyntheticParameters, random: Random) -> Floats:
    """Return voting agreement, shape (states, states): falls with distance, with noise; whole per mille."""
    position = states[["position_1", "position_2"]].to_numpy(float)
    upper = np.triu_indices(len(states), 1)
    expected = 1 - distances(position, position)[upper] / DISTANCE_OF_NO_AGREEMENT
    noise = expected.std() * np.sqrt(1 / p.agreement_correlation**2 - 1)
    drawn = np.eye(len(states)) / 2
    drawn[upper] = np.clip(expected + noise * random.standard_normal(len(expected)), 0, 1)
    both: Floats = np.round(drawn + drawn.T, 3)
    return both


def _alliances(real: Frames, states: pd.DataFrame, p: SyntheticParameters, random: Random) -> pd.DataFrame:
    """Return alliances of larger states with near ones, as many for each state as in the built-in world."""
    count, position = len(states), states[["position_1", "position_2"]].to_numpy(float)
    weight = np.sqrt(states["gdp_usd"].to_numpy(float))
    number = round(len(real.alliances) * count / len(real.states))
    leaders = random.choice(count, number, p=weight / weight.sum())
    closeness = -distances(position[leaders], position) / p.mean_distance
    closeness += random.gumbel(size=(number, count))
    closeness[np.arange(number), leaders] = -np.inf
    pairs = np.sort(np.column_stack([leaders, closeness.argmax(axis=1)]), axis=1)  # (alliances, 2)
    pairs = np.unique(pairs, axis=0)
    codes = states["code"].to_numpy(object)[pairs]
    own = {
        "state_a": codes[:, 0],
        "state_b": codes[:, 1],
        "tie": random.choice(real.alliances["tie"].to_numpy(float), len(pairs)),
        "reason": ["drawn"] * len(pairs),
    }
    return frame_of("alliances", len(pairs), own)
