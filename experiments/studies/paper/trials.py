"""The runs beside the main ones: each rule switched off in turn, the placebo, and the record of past exits."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from abm.config.reader import load_experiment
from abm.regimes import label_of
from experiments.runs.run_with_twin import run_replicate
from experiments.studies.study_result import Size
from experiments.validation.episodes import compare_episodes
from experiments.validation.observations import KNOWN, observations

SCENARIO, PLACEBO = "us-exit-2026", "placebo-small-state"


class Variant(NamedTuple):
    """A rule switched off: the values that do so, and what that means in English and Chinese."""

    values: Mapping[str, Any]
    en: str
    zh: str


VARIANTS = {
    "as it is": Variant({}, "all rules as they are", "所有规则照常"),
    "contagion": Variant({"membership.contagion_log_odds": 0.0}, "no exit makes others likelier", "退出不再传染"),
    "additivity": Variant({"membership.additivity": 0.0}, "many exits count as one", "多次退出只算一次"),
    "views": Variant({"legitimacy.peer_rate": 0.0}, "views do not spread to trusting states", "看法不在互信国家间传播"),
    "conditional cooperation": Variant(
        {"commitment.conditionality": 0.0}, "commitment does not follow that of others", "承诺不随他国变化"
    ),
    "refill": Variant(
        {"funding.appeal": 0.0, "funding.dues_appeal": 0.0}, "nobody is asked to fill gaps", "无人被请填补缺口"
    ),
    "clubs": Variant({"clubs.intercept": -20.0}, "no clubs are founded", "不成立俱乐部"),
    "return": Variant(
        {"membership.return_rate": 0.0, "membership.new_party_return_rate": 0.0}, "nobody returns", "无人重返"
    ),
}
"""Name -> rule. The values stand on top of the row of the ensemble that a replicate has."""
ALONE = "as it is"


def trial(scenario: str, variant: str, number: int, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return what one replicate of a variant shows against its twin."""
    experiment = load_experiment(scenario, overrides).with_values(VARIANTS[variant].values)
    replicate = run_replicate(experiment, number, twin=True)
    found = replicate.findings
    if found is None or not found.effects:
        raise RuntimeError(f"{scenario}, {variant}, run {number}: {replicate.failed[0]['traceback']}")
    values, effects = found.values, found.effects
    return {
        "scenario": scenario, "variant": variant, "replicate": number,
        "followers": values[False]["followers"] - values[True]["followers"],
        "refill": values[False]["refill_total_12"],
        "effectiveness": found.troughs["shocked.effectiveness"].effect,
        "legitimacy": found.troughs["shocked.legitimacy"].effect,
        "seats": effects["left_by_others"], "clubs": effects["clubs"],
        "world_effectiveness": effects["effectiveness"], "world_legitimacy": effects["legitimacy"],
        "world_budget": effects["budget"], "order": label_of(found.regimes),
    }  # fmt: skip


def trials(size: Size) -> pd.DataFrame:
    """Return all trials, a row each: every variant of the exit, and the placebo with all rules as they are."""
    count = size.of(quick=2, full=16)
    cases = [*((SCENARIO, name) for name in VARIANTS), (PLACEBO, ALONE)]
    tasks = [(scenario, name, number, size.overrides) for scenario, name in cases for number in range(count)]
    return pd.DataFrame(size.spread(trial, tasks))


def coverage_of(size: Size) -> pd.DataFrame:
    """Return every known quantity of past exits beside the interval of the model."""
    rows = [row for path in KNOWN for row in observations(path)]
    return pd.DataFrame(
        compare_episodes(rows, size.of(quick=4, full=32), size.workers, size.progress, size.overrides, size.memory)
    )
