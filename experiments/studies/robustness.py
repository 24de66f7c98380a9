"""Robustness: what becomes of patterns, claims, regimes and headline results under the structural alternatives.

Every alternative changes a rule's form or switches a mechanism on, nothing else. The calibration patterns, the share of
replicates in which each claim holds, the regimes of `us-exit-2026` and `total-exit`, and one number of each headline
result are computed again and set beside the default. One row changes nothing but the random numbers: what turns there
turns by chance.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.config.reader import load_experiment, setting
from abm.regimes import REGIMES
from experiments.claims.assess import evaluate as claims_under
from experiments.report.study_drawing import Bars, draw
from experiments.studies.calibration_targets import TARGETS, pattern_values
from experiments.studies.composed_runs import comparisons
from experiments.studies.estimates import Estimate, estimate, ratio_of_means
from experiments.studies.instruments import costs
from experiments.studies.rescue import deep
from experiments.studies.return_window import gaps
from experiments.studies.study_result import Report, Size
from experiments.validation.patterns.registry import PATTERNS
from experiments.validation.validate import evaluate as patterns_under

OTHER_DRAWS = "default, other draws"
ALTERNATIVES: dict[str, dict[str, Any]] = {
    "default": {},
    OTHER_DRAWS: {},
    "betrayal linear": {"trust.betrayal_form": "linear"},
    "betrayal convex": {"trust.betrayal_form": "convex"},
    "betrayal remembered 1 year": {"trust.betrayal_half_life": 1.0},
    "betrayal remembered 3 years": {"trust.betrayal_half_life": 3.0},
    "betrayal remembered 10 years": {"trust.betrayal_half_life": 10.0},
    "betrayal never forgotten": {"trust.betrayal_half_life": 1000.0},
    "rivals rally": {"legitimacy.rivals": "rally"},
    "no incumbency": {"leadership.incumbency": 0.0},
    "strong incumbency": {"leadership.incumbency": 0.9},
    "clubs take no attention": {"clubs.attention_weight": 0.0},
    "clubs take much attention": {"clubs.attention_weight": 1.0},
    "contagion by alignment": {"membership.contagion_form": "aligned"},
    "moving baseline": {"politics.baseline": "moving"},
    "habits of leaving": {"membership.propensity_spread": 1.0},
    "bandwagon": {"funding.bandwagon": 0.5},
    "substitution": {"funding.bandwagon": -0.5},
    "regional pools": {"funding.pooling": 0.5},
    "appeals that fade at once": {"funding.fading_rate": 0.3},
    "one appeal for all": {"funding.appeal_spread": 0.0},
    "no good or bad years": {"funding.climate_spread": 0.0, "funding.chance_spread": 0.0},
    "donors follow donors": {"funding.conditional_giving": 0.3},
    "budgets foresee nothing": {"operations.prudence": 0.0, "operations.passing_counted": 1.0},
    "dues are cut as gifts are": {"operations.dues_budgets": "grace", "operations.freeze": 0.0},
    "sleep and few members kill": {"vitality.inactivity_log_odds": 2.5, "vitality.members_log_odds": -0.2},
}
ON_PATTERNS = (
    "default", "contagion by alignment", "moving baseline", "habits of leaving", "sleep and few members kill",
)  # fmt: skip
"""Alternatives under which the patterns of `abm validate` are scored again, in the full version: of exits, deaths
and baselines, which most patterns are about."""
SCENARIOS = ("us-exit-2026", "total-exit")
HALF_LIFE, RETURN = 8.5, (2029,)
DEEP = 0.5
"""Share of gifts cut in the headline of rescue."""


def _recovered(good: str, runs: pd.DataFrame) -> Estimate:
    """Return the share of what an absence cost that is back two years after a return in 2029."""
    missing, *ends = ratio_of_means(
        runs[f"return: {good} missing after"].to_numpy(), runs[f"return: {good} missing in absence"].to_numpy()
    )
    return Estimate(1 - missing, *(1 - end for end in reversed(ends)))


def _mean(quantity: str, runs: pd.DataFrame) -> Estimate:
    """Return the mean of a quantity over replicates."""
    return estimate(runs[quantity].to_numpy())


HEADLINES: dict[str, Callable[[pd.DataFrame], Estimate]] = {
    "rescue: refill per doubling of the sum": partial(_mean, "rescue: refill per doubling of the sum"),
    "instruments: freeze less exit": partial(_mean, "instruments: freeze less exit"),
    "return: trust recovered": partial(_recovered, "trust"),
    "return: posts recovered": partial(_recovered, "posts"),
}
"""One number of each headline result, two of the last, from the replicates of an alternative."""


def one(values: Mapping[str, Any], number: int) -> dict[str, float]:
    """Return patterns, regimes and headline numbers of one replicate under an alternative."""
    settings = tuple(f"{path}={value}" for path, value in values.items())
    found = {f"pattern {name}": value for name, value in pattern_values(values, number).items()}
    scenarios = [load_experiment(name, settings) for name in SCENARIOS]
    for name, pair in zip(SCENARIOS, comparisons(scenarios, number), strict=True):
        changed = pair.changes
        found |= {f"{name}: {regime}": float(pair.regime == regime) for regime in REGIMES}
        found[f"{name}: shocked effectiveness"] = changed["shocked.effectiveness"]
        found[f"{name}: shocked legitimacy"] = changed["shocked.legitimacy"]
    return found | _headlines(values, settings, number)


def _headlines(values: Mapping[str, Any], settings: tuple[str, ...], number: int) -> dict[str, float]:
    """Return one number of each headline result in one replicate."""
    shallow, steep = (deep(part, number, settings)[0] for part in (DEEP / 4, DEEP))
    half = float(values.get("trust.betrayal_half_life", HALF_LIFE))
    missing = gaps(half, number, RETURN, settings)
    exit_, freeze = (costs(name, number, settings)[0] for name in ("exit", "freeze"))
    return {
        "rescue: refill per doubling of the sum": (steep - shallow) / 2,
        "instruments: effectiveness lost to exit": exit_,
        "instruments: freeze less exit": freeze - exit_,
        "return: trust missing in absence": float(missing["lost"][0][3]),
        "return: trust missing after": float(missing["after"][0][3]),
        "return: posts missing in absence": float(missing["lost"][0][1]),
        "return: posts missing after": float(missing["after"][0][1]),
    }


def alternatives(overrides: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Return the settings of each alternative by name, on top of those that are given."""
    given = dict(map(setting, overrides))
    return {name: given | values for name, values in ALTERNATIVES.items()}


def run(size: Size, out: Path) -> Report:
    """Run all alternatives; write tables of quantities, claims and headlines, in full of patterns, and a figure."""
    replicates = size.of(quick=2, full=8)
    names = list(ALTERNATIVES)
    settings = alternatives(size.overrides)
    tasks = [(settings[name], number) for name in names for number in replicate_numbers(name, replicates)]
    runs = pd.DataFrame(size.spread(one, tasks))
    runs.index = pd.Index(np.repeat(names, replicates), name="alternative")
    table = runs.groupby("alternative").mean().reindex(names).T.rename_axis("quantity")
    table.to_csv(out / "robustness.csv", float_format="%.4g")
    heads = {row: {name: told(runs.loc[[name]]) for name in names} for row, told in HEADLINES.items()}
    pd.DataFrame(
        [
            {"headline": row, "alternative": name, **one._asdict()}
            for row, of in heads.items()
            for name, one in of.items()
        ]
    ).to_csv(out / "headlines.csv", index=False, float_format="%.4g")
    tried = size.of(quick=["default", OTHER_DRAWS, "betrayal convex"], full=names)
    claims = pd.DataFrame(
        {n: claims_under(settings[n], replicate_numbers(n, replicates), size.workers, size.memory) for n in tried}
    )
    claims.rename_axis("claim").to_csv(out / "claims.csv", float_format="%.3f")
    patterns = _patterns(size, out)
    _figure(heads, out / "robustness.svg", replicates)
    report = _report(table, claims, patterns, heads, replicates)
    return replace(report, digests={"base": load_experiment("base", size.overrides).digest()})


def replicate_numbers(name: str, replicates: int) -> range:
    """Return the numbers of an alternative's replicates: the same for all, but for the row of other draws."""
    return range(replicates, 2 * replicates) if name == OTHER_DRAWS else range(replicates)


def _patterns(size: Size, out: Path) -> dict[str, list[int]]:
    """Return the patterns of `abm validate` that lie outside their bands under some alternatives; full version only."""
    if not size.full:
        return {}
    settings = alternatives(size.overrides)
    table = pd.DataFrame(
        {name: patterns_under(settings[name], True, size.workers, size.memory) for name in ON_PATTERNS}
    )
    table.rename_axis("pattern").to_csv(out / "patterns.csv", float_format="%.4g")
    bands = {pattern.id: pattern.band for pattern in PATTERNS if pattern.band is not None}
    return {
        str(name): [number for number, (low, high) in bands.items() if not low <= float(column[str(number)]) <= high]
        for name, column in table.items()
    }


def _report(
    table: pd.DataFrame,
    claims: pd.DataFrame,
    patterns: Mapping[str, list[int]],
    heads: Mapping[str, Mapping[str, Estimate]],
    replicates: int,
) -> Report:
    """Return what changes: patterns that leave their bands, claims that turn, labels, headline numbers."""
    values: dict[str, dict[str, float]] = {
        str(row): dict(zip(ALTERNATIVES, table.loc[row].tolist(), strict=True)) for row in table.index
    }
    left = {name: patterns_left(values, name) for name in ALTERNATIVES}
    flips = {str(name): turned_claims(claims, str(name)) for name in claims.columns}
    results: dict[str, Any] = {
        "replicates": replicates,
        "calibration_patterns_that_leave_their_band": left,
        "validated_patterns_outside_their_band": dict(patterns),
        "claims_that_turn": flips,
        "headlines": {row: {name: one._asdict() for name, one in of.items()} for row, of in heads.items()},
        "commonest_regime": {name: [_commonest(values, scene, name) for scene in SCENARIOS] for name in ALTERNATIVES},
    }
    lines = [
        f"{name}: patterns out {', '.join(left[name]) or 'none'}; claims that turn "
        f"{', '.join(flips.get(name, [])) or 'none' if name in flips else 'not tried'}."
        for name in ALTERNATIVES
        if name != "default" and (left[name] or flips.get(name))
    ]
    return Report(results, lines=tuple(lines) or ("Nothing turns.",))


def patterns_left(values: Mapping[str, Mapping[str, float]], name: str) -> list[str]:
    """Return the patterns that are in their band by default and outside it under an alternative."""
    return [
        key
        for key, target in TARGETS.items()
        if target.low <= values[f"pattern {key}"]["default"] <= target.high
        and not target.low <= values[f"pattern {key}"][name] <= target.high
    ]


def turned_claims(claims: pd.DataFrame, name: str) -> list[str]:
    """Return the claims that hold in most replicates by default and in few under an alternative, or the reverse."""
    known = claims[name].notna() & claims["default"].notna()
    return [str(one) for one in claims.index[known & ((claims[name] >= 0.5) != (claims["default"] >= 0.5))]]


def _commonest(values: Mapping[str, Mapping[str, float]], scene: str, name: str) -> str:
    """Return the commonest regime of a scenario under an alternative."""
    return max((values[f"{scene}: {regime}"][name], regime) for regime in REGIMES)[1]


def _figure(heads: Mapping[str, Mapping[str, Estimate]], file: Path, replicates: int) -> None:
    """Draw the headline numbers under every alternative."""
    panels = [Bars(row, "value", list(of), *map(list, zip(*of.values(), strict=True))) for row, of in heads.items()]
    draw(
        file,
        panels,
        f"One number of each headline result under every structural alternative: mean of {replicates} replicates with "
        "90 % interval.",
    )
