"""A study so small that a whole sweep takes a second, and a process of one's own that makes trouble."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TINY: dict[str, Any] = {
    "scenario": "us-exit-2026",
    "world": {"source": "synthetic", "states": 12, "organizations": 5},
    "quarters": 5,
    "seed": 5,
    "replicates": 2,
    "design": {"method": "lhs", "samples": 3},
    "factors": {
        "membership.contagion_log_odds": {"low": 0, "high": 6},
        "legitimacy.peer_rate": {"low": 0, "high": 0.5},
    },
}
TROUBLE = """
import os
import time
from typing import ClassVar

import numpy as np

from abm.parameters import Parameters, parameter
from abm.processes.base import Process, Proposal


class TroubleParameters(Parameters):
    kind: float = parameter(0, low=0, high=4, source="assumption", doc="1 raises, 2 is NaN, 3 hangs, 4 dies")


class Trouble(Process):
    name: ClassVar[str] = "trouble"
    parameters: ClassVar[type[Parameters]] = TroubleParameters
    reads: ClassVar[tuple[str, ...]] = ("income",)
    writes: ClassVar[tuple[str, ...]] = ("income",)

    def propose(self, world, values, draws):
        if values.kind == 1:
            raise RuntimeError("as told")
        if values.kind == 2:
            return Proposal({"income": world.income * np.nan})
        if values.kind == 3:
            numbers = np.ones((1000, 1000))
            while True:
                numbers = numbers @ numbers / 1000
        if values.kind == 4:
            os.kill(os.getpid(), 9)
        return Proposal()
"""


@pytest.fixture
def tiny() -> dict[str, Any]:
    """The smallest study: three points, two replicates with twins, twelve runs."""
    return dict(TINY)


@pytest.fixture
def troubled(tmp_path: Path) -> Callable[..., Path]:
    """Make a study with one point for each kind of trouble."""

    def make(*kinds: int, **keys: Any) -> Path:
        (tmp_path / "trouble.py").write_text(TROUBLE)
        text = f"""
scenario: us-exit-2026
world: {{source: synthetic, states: 12, organizations: 5}}
quarters: 5
replicates: 1
processes: [{{use: "trouble:Trouble", after: funding}}]
design: {{method: grid}}
factors:
  trouble.kind: {{values: {list(kinds)}}}
"""
        path = tmp_path / "trouble.yaml"
        path.write_text(text + "".join(f"{key}: {value}\n" for key, value in keys.items()))
        return path

    return make
