"""Random numbers: the only maker of generators, and the draws that make two worlds comparable.

Every process draws from its own named stream and draws fixed shapes each quarter, so that a run and its no-shock
twin meet the same numbers wherever the shock has not reached (common random numbers). Draws belong to draw ids, not
to rows: permuting or renaming rows carries their numbers along.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Seed = tuple[int, int]
"""(seed of the experiment, index of the replicate)."""


def stream(seed: Seed, *name: str | int) -> np.random.Generator:
    """Return the generator of the stream `name` of a replicate; the same arguments give the same numbers."""
    digest = hashlib.sha256("/".join(str(part) for part in name).encode()).digest()
    words = [int.from_bytes(digest[start : start + 4], "little") for start in range(0, 16, 4)]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed[0], seed[1], *words])))


class Draws:
    """The random numbers of one process in one run.

    Built-in rows share the process's stream and are indexed by draw id; an organization founded during the run has
    a stream of its own, named after (issue, founder, quarter), so that its birth changes no other number.
    """

    def __init__(self, seed: Seed, name: str, state_ids: Integers, organization_ids: Integers) -> None:
        self._seed = seed
        self._name = name
        self._stream = stream(seed, name)
        self._founded: dict[str, np.random.Generator] = {}
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

        Slots that were never used have the key "" and get 0.
        """
        built = len(self._organizations)
        drawn = np.zeros((built + len(founded), *shape))
        self._stream.random(out=drawn[:built])
        if self._permuted:
            drawn[:built] = drawn[self._organizations]
        for row, key in enumerate(founded, built):
            if key:
                self._own(key).random(out=drawn[row : row + 1])
        return drawn

    def organization_normals(self, founded: Sequence[str]) -> Floats:
        """Return standard normal numbers of shape (organization,), 0 in the rows of founded organizations."""
        drawn = self._stream.standard_normal(len(self._organizations))
        return np.append(drawn[self._organizations], np.zeros(len(founded)))

    def fixed_normals(self, count: int) -> Floats:
        """Return the standard normal numbers of this run: the same in every quarter; shape (count,)."""
        key = ("normal", count)
        if key not in self._fixed:
            self._fixed[key] = stream(self._seed, self._name, "fixed").standard_normal(count)
        return self._fixed[key]

    def fixed_uniforms(self, count: int) -> Floats:
        """Return uniform numbers of this run: the same in every quarter; shape (count,)."""
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
        drawn = np.zeros((count, built + len(founded)))
        drawn[:, :built] = own
        for column, key in enumerate(founded, built):
            if key:
                drawn[:, column] = self._own(key).random(count)[self._states]
        return drawn

    def _own(self, key: str) -> np.random.Generator:
        """Return the stream of a founded organization."""
        if key not in self._founded:
            self._founded[key] = stream(self._seed, self._name, key)
        return self._founded[key]
