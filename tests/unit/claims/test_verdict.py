"""The rule of verdicts."""

import pytest

from abm.intervals import Share
from experiments.claims.verdict import verdict

SURE = {share: (share, share, share) for share in (0.0, 0.05, 0.3, 0.5, 0.85, 1.0)}


@pytest.mark.parametrize(
    ("calibrated", "space", "without", "switch", "expected"),
    [
        (1.0, 0.85, 1.0, False, "supported"),
        (1.0, 0.85, 0.3, False, "assumed"),
        (1.0, 0.5, 1.0, False, "conditional"),
        (1.0, 0.5, 0.0, True, "assumed"),
        (1.0, 0.5, 1.0, True, "conditional"),
        (0.5, 0.5, 0.5, False, "conditional"),
        (0.05, 0.05, 0.0, False, "refuted"),
        (0.05, 0.5, 0.0, False, "conditional"),
        (0.5, 0.05, 0.0, False, "conditional"),
    ],
)
def test_verdict_of_shares(calibrated: float, space: float, without: float, switch: bool, expected: str) -> None:
    assert verdict(SURE[calibrated], SURE[space], SURE[without], switch, 1.0) == expected


def test_nothing_measured_is_undecided() -> None:
    none: Share = (float("nan"), 0.0, 1.0)
    assert verdict(SURE[1.0], SURE[1.0], SURE[1.0], False, 0.4) == "undecided"
    assert verdict(SURE[1.0], none, SURE[1.0], False, 1.0) == "undecided"
    assert verdict(SURE[1.0], SURE[1.0], none, False, 1.0) == "undecided"


def test_an_interval_from_rarely_to_widely_is_undecided() -> None:
    assert verdict(SURE[0.5], (0.5, 0.15, 0.85), SURE[1.0], False, 1.0) == "undecided"
    assert verdict(SURE[0.5], (0.5, 0.15, 0.75), SURE[1.0], False, 1.0) == "conditional"
