"""Random numbers: the only maker of generators, and the draws that make two worlds comparable.

Every process draws from its own named stream, in fixed shapes each quarter. So a run and its no-shock twin get the same
numbers wherever the shock has not reached (common random numbers). Draws belong to draw ids, not to rows: if rows are
permuted or renamed, their numbers move with them.
"""

import hashlib
import random  # noqa: TID251 - here generators are made
from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Seed = tuple[int, int]
"""(seed of the experiment, index of the replicate)."""
PlainGenerator = random.Random

GAMMA = np.uint64(0x9E3779B97F4A7C15)
"""Step from one place in a SplitMix64 sequence to the next."""
MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""Factors with which SplitMix64 mixes the bits of a place."""


def stream(seed: Seed, *name: str | int) -> np.random.Generator:
    """Return the generator of the stream `name` of a replicate; the same arguments give the same numbers."""
    digest = hashlib.sha256("/".join(str(part) for part in name).encode()).digest()
    words = [int.from_bytes(digest[start : start + 4], "little") for start in range(0, 16, 4)]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed[0], seed[1], *words])))


def plain_stream(seed: Seed, *name: str | int) -> PlainGenerator:
    """Return a generator from Python's standard library, which draws single numbers faster than NumPy's."""
    return PlainGenerator(number_of(*seed, *name))


class Draws:
    """The random numbers of one process in one run.

    Built-in rows share the process's stream and are indexed by draw id. An organization founded during the run has a
    sequence of its own, named after (issue, founder, quarter), so that its founding changes no other number. Its
    numbers are those of SplitMix64 (Steele, Lea and Flood 2014): a function of the start of the sequence and the place
    in it, so that all founded organizations draw in one call.
    """

    def __init__(self, seed: Seed, name: str, state_ids: Integers, organization_ids: Integers) -> None:
        self._seed = seed
        self._name = name
        self._stream = stream(seed, name)
        self._keys: tuple[str, ...] = ()
        self._taken = 0
        self._fixed: dict[tuple[str, int], Floats] = {}
        self._states = state_ids
        self._organizations = organization_ids
        self._permuted = any(bool((ids != np.arange(len(ids))).any()) for ids in (state_ids, organization_ids))

    def states(self, *shape: int) -> Floats:
        """Return uniform numbers in [0, 1) of shape (state, *shape)."""
        drawn = self._stream.random((len(self._states), *shape))
        return drawn[self._states] if self._permuted else drawn

    def state_normals(self, *shape: int) -> Floats:
        """Return standard normal numbers of shape (state, *shape)."""
        drawn = self._stream.standard_normal((len(self._states), *shape))
        return drawn[self._states] if self._permuted else drawn

    def organizations(self, founded: Sequence[str], *shape: int) -> Floats:
        """Return uniform numbers of shape (organization, *shape); `founded` names the rows after the built-in ones.

        Unused slots have the key "" and get 0.
        """
        built = len(self._organizations)
        drawn = np.empty((built + len(founded), *shape))
        self._stream.random(out=drawn[:built])
        if self._permuted:
            drawn[:built] = drawn[self._organizations]
        drawn[built:] = self._of_founded(founded, prod(shape)).reshape(-1, *shape)
        return drawn

    def organization_normals(self, founded: Sequence[str]) -> Floats:
        """Return standard normal numbers of shape (organization,), 0 in the rows of founded organizations."""
        drawn = self._stream.standard_normal(len(self._organizations))
        return np.append(drawn[self._organizations], np.zeros(len(founded)))

    def fixed_normals(self, count: int) -> Floats:
        """Return standard normal numbers that are the same in every quarter of this run; shape (count,)."""
        key = ("normal", count)
        if key not in self._fixed:
            self._fixed[key] = stream(self._seed, self._name, "fixed").standard_normal(count)
        return self._fixed[key]

    def fixed_uniforms(self, count: int) -> Floats:
        """Return uniform numbers that are the same in every quarter of this run; shape (count,)."""
        key = ("uniform", count)
        if key not in self._fixed:
            self._fixed[key] = stream(self._seed, self._name, "fixed").random(count)
        return self._fixed[key]

    def pairs(self, founded: Sequence[str]) -> Floats:
        """Return uniform numbers of shape (state, organization)."""
        count, built = len(self._states), len(self._organizations)
        own = self._stream.random((count, built))
        if self._permuted:
            own = own[self._states][:, self._organizations]
        drawn = np.empty((count, built + len(founded)))
        drawn[:, :built] = own
        drawn[:, built:] = self._of_founded(founded, count)[:, self._states].T
        return drawn

    def _of_founded(self, keys: Sequence[str], count: int) -> Floats:
        """Return the next uniform numbers of founded organizations, 0 for the key ""; shape (organization, count)."""
        places = np.arange(self._taken + 1, self._taken + count + 1, dtype=np.uint64)
        self._taken += count
        if not keys:
            return np.empty((0, count))
        if keys != self._keys:
            self._keys = tuple(keys)
            self._starts = np.array([number_of(*self._seed, self._name, key) for key in keys], np.uint64)
            self._used = np.array([key != "" for key in keys])[:, None]
        words = self._starts[:, None] + GAMMA * places
        words = (words ^ (words >> 30)) * MIX[0]
        words = (words ^ (words >> 27)) * MIX[1]
        words ^= words >> 31
        return (words >> 11) * 2.0**-53 * self._used


def number_of(*name: str | int) -> int:
    """Return a whole number of 64 bits that stands for a name."""
    digest = hashlib.sha256("/".join(str(part) for part in name).encode()).digest()
    return int.from_bytes(digest[:8], "little")
