"""Coverage without single rules: what is switched off, and what is said of it."""

from typing import Any

import pytest

from abm.config.reader import load_experiment
from experiments.validation import rule_coverage
from experiments.validation.observations import Observation


@pytest.mark.parametrize("off", [name for name in rule_coverage.OFF if rule_coverage.OFF[name]])
def test_every_setting_changes_the_default(off: str) -> None:
    default = load_experiment("base").digest()
    for setting in rule_coverage.OFF[off]:
        assert load_experiment("base", [setting]).digest() != default, setting


def test_a_row_is_of_the_runs_without_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def compare(rows: Any, replicates: int, workers: Any, progress: Any, overrides: Any, memory: Any) -> list[Any]:
        asked.append((replicates, overrides))
        nulls = dict.fromkeys(("log_score_nothing", "log_score_climatology"), -2.0)
        ends = dict.fromkeys(("low", "high", "model_low", "model_high"), 1.0)
        entry = {"quantity": "refill_4", "kind": "refill", "seen": "yes", **nulls, **ends}
        return [entry | {"inside": inside, "log_score": -1.0} for inside in (True, False)]

    monkeypatch.setattr(rule_coverage, "compare_episodes", compare)
    rows: list[Observation] = []
    row = rule_coverage.rule_row("donors in retreat have less slack", rows, 4)
    assert asked == [(4, ("funding.retreat=0",))]
    assert (row["refill_count"], row["refill_coverage"], row["refill_log_score"]) == (2, 0.5, -1.0)
    assert "staff_count" not in row
