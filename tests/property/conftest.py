"""Runs of this folder are checked after each process, so that none can leave bounds unseen within a quarter."""

from collections.abc import Iterator

import pytest

from abm.simulation import Simulation


@pytest.fixture(scope="module", autouse=True)
def checked_after_each_process() -> Iterator[None]:
    """Check bounds of what every process proposes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Simulation, "check_each", True)
        yield
