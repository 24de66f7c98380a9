"""What the transcriptions are written in: a world as plain lists, the draws of section 7.0, a little arithmetic.

Nothing here is taken from the code of the processes. Numbers are Python floats; a body's row is o, a state's i.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abm.state.world import FIELDS, World

Told = tuple[str, int, int]
"""An event: kind, row of the state, row of the organization (-1 for none)."""


class Seen:
    """The world before a phase: every field as nested lists, with the ranges to loop over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.quarter, self.start = world.quarter, world.start
        self.slot_keys, self.issues, self.built = world.slot_keys, world.issues, world.built
        self.state_ids, self.organization_ids = world.state_ids.tolist(), world.organization_ids.tolist()
        self.states, self.bodies = range(len(world.gdp)), range(len(world.issue))
        self.areas, self.axes = range(len(world.issues)), range(2)
        self.M = [sum(self.member[i][o] for i in self.states) for o in self.bodies]
        self.in_scope = [self.alive[o] * self.members_known[o] for o in self.bodies]
        self.area = [int(issue) for issue in self.issue]
        gifts = [sum(self.initial_voluntary[i][o] for i in self.states) for o in self.bodies]
        self.gift_share = [gift / max(sum(gifts), 1) for gift in gifts]

    def __getattr__(self, name: str) -> Any:
        """Return a field as lists, made when first asked for."""
        if name not in FIELDS:
            raise AttributeError(name)
        setattr(self, name, getattr(self._world, name).tolist())
        return self.__dict__[name]

    def by_draw_id(self) -> list[int]:
        """The states in the order of their draw ids."""
        return sorted(self.states, key=lambda i: self.state_ids[i])


@dataclass
class Outcome:
    """What a process commits: fields that change, events, and organizations to found."""

    fields: dict[str, Any] = field(default_factory=dict)
    events: list[Told] = field(default_factory=list)
    founded: list[dict[str, Any]] = field(default_factory=list)


def stream_of(seed: tuple[int, int], *names: object) -> np.random.Generator:
    """stream(seed, names...) of section 7.0."""
    digest = hashlib.sha256("/".join(str(name) for name in names).encode()).digest()
    words = [int.from_bytes(digest[4 * w : 4 * w + 4], "little") for w in range(4)]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([*seed, *words])))


class Luck:
    """The random numbers of one process: one stream, one of its own for each founded organization, one fixed."""

    def __init__(self, seed: tuple[int, int], process: str, state_ids: list[int], organization_ids: list[int]) -> None:
        self.seed, self.process = seed, process
        self.state_ids, self.organization_ids = state_ids, organization_ids
        self.common = stream_of(seed, process)
        self.taken = 0

    def states(self, *shape: int) -> list[Any]:
        """Uniform numbers (state, *shape)."""
        drawn = self.common.random((len(self.state_ids), *shape)).tolist()
        return [drawn[identity] for identity in self.state_ids]

    def normals(self, *shape: int) -> list[Any]:
        """Standard normal numbers (state, *shape)."""
        drawn = self.common.standard_normal((len(self.state_ids), *shape)).tolist()
        return [drawn[identity] for identity in self.state_ids]

    def bodies(self, founded: Sequence[str], *shape: int) -> list[Any]:
        """Uniform numbers (organization, *shape); 0 in rows that were never used."""
        drawn = self.common.random((len(self.organization_ids), *shape)).tolist()
        own = self.founded(founded, math.prod(shape))
        return [drawn[identity] for identity in self.organization_ids] + [np.reshape(x, shape).tolist() for x in own]

    def body_normals(self, founded: Sequence[str]) -> list[float]:
        """Standard normal numbers (organization,); 0 in rows of founded organizations."""
        drawn = self.common.standard_normal(len(self.organization_ids)).tolist()
        return [drawn[identity] for identity in self.organization_ids] + [0.0] * len(founded)

    def pairs(self, founded: Sequence[str]) -> list[list[float]]:
        """Uniform numbers (state, organization); 0 in columns that were never used."""
        count = len(self.state_ids)
        drawn = self.common.random((count, len(self.organization_ids))).tolist()
        own = self.founded(founded, count)
        return [[drawn[i][o] for o in self.organization_ids] + [column[i] for column in own] for i in self.state_ids]

    def founded(self, keys: Sequence[str], count: int) -> list[list[float]]:
        """The next numbers of organizations founded in the run, 0 for rows that were never used: SplitMix64."""
        places = range(self.taken + 1, self.taken + count + 1)
        self.taken += count
        return [[split_mix(self.start(key), n) if key else 0.0 for n in places] for key in keys]

    def start(self, key: str) -> int:
        """Where the numbers of a founded organization begin."""
        name = "/".join(str(part) for part in (*self.seed, self.process, key))
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")

    def fixed_uniforms(self, count: int) -> list[float]:
        """Uniform numbers that are the same in every quarter."""
        return stream_of(self.seed, self.process, "fixed").random(count).tolist()

    def fixed_normals(self, count: int) -> list[float]:
        """Normal numbers that are the same in every quarter."""
        return stream_of(self.seed, self.process, "fixed").standard_normal(count).tolist()


def split_mix(start: int, place: int) -> float:
    """The uniform number at a place of a sequence of SplitMix64."""
    word = (start + place * 0x9E3779B97F4A7C15) % 2**64
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
    return ((word ^ (word >> 31)) >> 11) * 2.0**-53


Transcription = Callable[[Seen, Any, Luck], Outcome]


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def sigma(x: float) -> float:
    """1 / (1 + e^-x)."""
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def quarterly(p: float) -> float:
    """A yearly probability as one of a quarter: 1 - (1 - p)^(1/4)."""
    return 1 - (1 - p) ** 0.25


def distance(x: Sequence[float], y: Sequence[float]) -> float:
    """|x - y|."""
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(x, y, strict=True)))


def shares(column: Iterable[float]) -> list[float]:
    """x_i / sum of x, 0 where the sum is 0."""
    values = list(column)
    total = sum(values)
    return [value / total if total else 0.0 for value in values]


def copied(rows: list[Any]) -> list[Any]:
    """A list, or a list of lists, to be changed."""
    return [copied(row) if isinstance(row, list) else row for row in rows]


def table(w: Seen, value: Callable[[int, int], Any]) -> list[list[Any]]:
    """value(i, o) for each state and body."""
    return [[value(i, o) for o in w.bodies] for i in w.states]


def tie(w: Seen, value: Callable[[int, int], Any]) -> list[list[Any]]:
    """value(i, j) for each two states."""
    return [[value(i, j) for j in w.states] for i in w.states]


def column(w: Seen, value: Callable[[int, int], float], o: int) -> list[float]:
    """value(i, o) for each state."""
    return [value(i, o) for i in w.states]


def value(w: Seen, i: int, o: int) -> float:
    """value_io of section 7.12."""
    achieved = w.salience[i][w.area[o]] * w.initial_effectiveness[o] * w.effectiveness[o]
    voice = 1 + w.agenda_share[i][o] + w.posts_share[i][o]
    need = min(len(w.states) * w.programme_need[i], 1)
    money = sum(w.dues_rate[i][p] + w.initial_voluntary[i][p] for p in w.bodies)
    price = (w.dues_rate[i][o] + w.initial_voluntary[i][o]) / max(money, 1)
    return achieved * math.exp(-w.distance_aversion[i] * w.distance[i][o]) * voice + need * w.gift_share[o] - price
