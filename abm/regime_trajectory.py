"""The path of a run through the regimes: signals of each quarter, regimes of every three years, with their dates.

A signal compares a run with its twin in one quarter. Regimes are judged by means of a signal over three years, at the
end of each quarter from the third year on. How far a run belongs to a regime is judged in its strongest three years: a
crisis that healed is a result, not continuity. Where the run stands at the end is reported separately.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from abm.regimes import REGIMES, certain, label_of, memberships
from abm.state.world import Array, Integers

WINDOW = 12
"""Quarters by which a regime is judged: three years."""
LEAST_BODIES = 3
"""Organizations of an issue area that must be in a condition for the area to count (a stated choice)."""
HOLLOW_WORK, HOLLOW_COMMITMENT = 0.8, 0.85
"""Effectiveness and commitment, as shares of the twin's, below which an organization is hollowed."""
EMPTIED = 0.9
"""Members, as a share of the twin's, up to which an organization is emptied: a tenth of them is gone."""
REFORMED = 0.15
"""How far adopted positions are apart, in units of ideal points, if an organization is reformed.

It is a quarter of the mean distance of states from the mean position, .62.
"""
KEPT = 0.95
"""Effectiveness and legitimacy, as shares of the twin's, that a reformed organization keeps."""
FEW_ACTORS = 3
"""The most states that may act for selective hegemony."""
STATES_OF_BODIES = ("hollowed", "emptied", "led_by_another", "asleep", "ended")
"""What can become of an organization; counted among those that shocks aim at."""


@dataclass(frozen=True)
class Course:
    """What one run shows, quarter by quarter; organizations are those of the start.

    `system` and `bodies` hold measures by name, (quarter,) and (quarter, organization). `alive`, `leader` (row of the
    leading state) are (quarter, organization), `position` (quarter, organization, axis), `holdings` and `given` (USD
    per quarter) (quarter, state), `births` the clubs founded so far (quarter,).
    """

    quarters: tuple[int, ...]
    system: Mapping[str, Array]
    bodies: Mapping[str, Array]
    alive: Array
    leader: Integers
    position: Array
    holdings: Array
    given: Array
    births: Array


@dataclass(frozen=True)
class Scene:
    """What does not change in a run.

    `known` marks organizations that count, `shocked` those that shocks aim at, (organization,). `actors` (state,) marks
    the states that act. `powers` holds the rows of each state outside blocs and of each bloc. `issue` (organization,)
    is the issue area.
    """

    known: Array
    shocked: Array
    issue: Integers
    actors: Array
    powers: Sequence[Integers]


class Spell(NamedTuple):
    """A period in one regime: the three years that end in `entered` are the first in it, those in `left` the first out.

    Both are indexes of quarters; `left` is None where the run ends in the regime.
    """

    regime: str
    entered: int
    left: int | None


def flags(run: Course, twin: Course) -> dict[str, Array]:
    """Return what became of each organization compared with the twin, 0 or 1; (quarter, organization) by name."""
    part = {name: _part(run.bodies[name], twin.bodies[name]) for name in ("effectiveness", "commitment", "members")}
    view = _part(run.bodies["legitimacy"], twin.bodies["legitimacy"])
    apart = np.sqrt(((run.position - twin.position) ** 2).sum(axis=-1))
    there = run.alive * twin.alive
    ended = twin.alive * (1 - run.alive)
    hollow = (part["effectiveness"] < HOLLOW_WORK) | (part["commitment"] < HOLLOW_COMMITMENT)
    kept = (part["effectiveness"] >= KEPT) & (view >= KEPT)
    return {
        "hollowed": np.maximum(there * hollow, ended),
        "emptied": np.maximum(there * (part["members"] <= EMPTIED), ended),
        "led_by_another": there * (run.leader != twin.leader),
        "asleep": there * np.maximum(run.bodies["zombie"] - twin.bodies["zombie"], 0.0),
        "ended": ended,
        "reformed": there * (apart >= REFORMED) * kept,
    }


def signals(run: Course, twin: Course, scene: Scene) -> dict[str, Array]:
    """Return all signals of regimes, and the share of shocked organizations in each condition; (quarter,).

    hollowed, reformed, led_by_another: share of the organizations that shocks aim at or, where it is larger, of those
    of one issue area in which it is at least LEAST_BODIES. `shocked.<condition>`: share of the former alone.
    """
    found = flags(run, twin)
    counted = twin.alive * scene.known
    apart = {name: run.system[name] - twin.system[name] for name in ("left_by_others", "segregation", "trust_gap")}
    paid, usual = run.given @ scene.actors, twin.given @ scene.actors
    led, used = run.bodies["actor_agenda_share"], twin.bodies["actor_agenda_share"]
    aimed = counted * scene.shocked
    born, otherwise = run.births, twin.births
    gained = _gained(run.holdings - twin.holdings, scene)
    return {
        **{name: _spread(found[name], counted, scene) for name in ("hollowed", "reformed", "led_by_another")},
        **{f"shocked.{name}": _share(found[name], aimed) for name in STATES_OF_BODIES},
        **apart,
        "gained": gained,
        "taken_over": _ratio(gained, twin.holdings @ scene.actors),
        "births_more": born - otherwise,
        "births_ratio": (born - otherwise) / np.maximum(otherwise, 1.0),
        "club_weight": run.system["club_weight"] - twin.system["club_weight"],
        "money_saved": usual - paid,
        "saved": _ratio(usual - paid, usual),
        "wins_lost": twin.system["actor_wins"] - run.system["actor_wins"],
        "influence_lost": 1 - _part(_share(led, aimed), _share(used, aimed)),
        "actors_too_many": np.full(len(run.quarters), max(float(scene.actors.sum()) - FEW_ACTORS, 0.0)),
    }


def _part(value: Array, of: Array) -> Array:
    """Return a value as a share of another, 1 where the other is 0 or either is unknown; shape as given."""
    known = ~(np.isnan(value) | np.isnan(of)) & (np.nan_to_num(of) > 0)
    return np.divide(value, of, out=np.ones_like(value), where=known)


def _share(values: Array, counted: Array) -> Array:
    """Return the mean over counted organizations, 0 if none counts; (quarter,)."""
    return np.asarray((np.nan_to_num(values) * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1e-9))


def _spread(flag: Array, counted: Array, scene: Scene) -> Array:
    """Return the share of flagged organizations among those that shocks aim at or, if larger, in an issue area."""
    areas = [counted * (scene.issue == area) for area in np.unique(scene.issue)]
    shares = [_share(flag, some) * ((flag * some).sum(axis=1) >= LEAST_BODIES) for some in areas]
    return np.max([_share(flag, counted * scene.shocked), *shares], axis=0)


def _gained(more: Array, scene: Scene) -> Array:
    """Return how much more than in the twin the power that gains most holds, 0 if none gains; (quarter,)."""
    gains = (more * (1 - scene.actors)).T
    return np.maximum(np.max([gains[power].sum(axis=0) for power in scene.powers], axis=0), 0.0)


def _ratio(part: Array, whole: Array) -> Array:
    """Return part / whole, 0 where the whole is 0; (quarter,)."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def smoothed(values: Array, window: int = WINDOW) -> Array:
    """Return means over the last `window` entries, from the first full window on; over all if there are fewer."""
    return np.asarray(sliding_window_view(values, min(window, len(values))).mean(axis=1))


@dataclass(frozen=True)
class Trajectory:
    """The path of one run from the quarter `start` on.

    `quarters` are the last ones of each period of three years, `means` the signals over the periods, `now` the signals
    of the last quarter alone.
    """

    start: int
    quarters: tuple[int, ...]
    means: Mapping[str, Array]
    now: Mapping[str, float]

    @cached_property
    def degrees(self) -> dict[str, Array]:
        """How far each period of three years belongs to each regime; (window,) by regime."""
        return memberships(self.means)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The regime of each period of three years."""
        return tuple(
            label_of({name: float(self.degrees[name][place]) for name in REGIMES})
            for place in range(len(self.quarters))
        )

    def strongest(self, scale: float = 1.0) -> dict[str, float]:
        """Return how far the run belongs to each regime in its strongest three years, 0 to 1.

        Continuity is what the others leave over. `scale` multiplies all thresholds.
        """
        found = memberships(self.means, scale)
        most = {name: float(found[name].max()) for name in REGIMES[1:]}
        return {"continuity": 1 - max(most.values()), **most}

    @property
    def regime(self) -> str:
        """The regime that labels the run: that of its strongest three years."""
        return label_of(self.strongest())

    @property
    def at_end(self) -> str:
        """The regime of the last three years."""
        return self.labels[-1]

    @property
    def in_last_quarter(self) -> str:
        """The regime of the last quarter alone."""
        found = memberships({name: np.array([value]) for name, value in self.now.items()})
        return label_of({name: float(found[name][0]) for name in REGIMES})

    @property
    def certain(self) -> bool:
        """Whether the run's regime exceeds chance; True for continuity."""
        if self.regime == "continuity":
            return True
        place = int(self.degrees[self.regime].argmax())
        return certain(self.regime, {name: float(values[place]) for name, values in self.means.items()})

    @cached_property
    def spells(self) -> tuple[Spell, ...]:
        """The periods in regimes other than continuity, in order."""
        found: list[Spell] = []
        labels = ("", *self.labels)
        changes = [place for place in range(len(self.labels)) if labels[place] != labels[place + 1]]
        for place, following in zip(changes, [*changes[1:], None], strict=True):
            left = None if following is None else self.quarters[following]
            found.append(Spell(self.labels[place], self.quarters[place], left))
        return tuple(spell for spell in found if spell.regime != "continuity")

    @property
    def spell(self) -> Spell | None:
        """The first period in the run's regime, None for continuity."""
        return next((spell for spell in self.spells if spell.regime == self.regime), None)

    def peak(self, signal: str) -> float:
        """Return the largest three-year mean of a signal."""
        return float(self.means[signal].max())


def trajectory(run: Course, twin: Course, scene: Scene) -> Trajectory:
    """Return the path of a run compared with its twin."""
    found = signals(run, twin, scene)
    means = {name: smoothed(values) for name, values in found.items()}
    ends = run.quarters[-len(next(iter(means.values()))) :]
    return Trajectory(run.quarters[0], ends, means, {name: float(values[-1]) for name, values in found.items()})
