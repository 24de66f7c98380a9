"""The declarations of the claims: complete, runnable, and each with a rule that it could rest on."""

import math

import pytest

from abm.config.reader import load_experiment, shipped
from experiments.claims import CLAIMS
from experiments.claims.claim import Case, Claim

NAMES = {entry.name for entry in shipped()}


def test_all_46_are_there_in_order() -> None:
    assert [claim.id for claim in CLAIMS] == [f"C{number:02d}" for number in range(1, 47)]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_declaration_is_complete(claim: Claim) -> None:
    texts = (claim.title, claim.measure, claim.why, claim.refuted_by, claim.mechanism, claim.rule_text)
    assert all(len(text) >= 5 for text in texts)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in claim.title_zh)
    assert set(claim.sources.split()) <= set("ZPSNT")
    assert math.isfinite(claim.threshold)
    assert claim.value.__doc__ is not None
    assert claim.value.__doc__.startswith(claim.id)
    assert {case.scenario for case in claim.cases.values()} <= NAMES


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_rule_off_is_another_experiment(claim: Claim) -> None:
    """Switching off the rule changes what is run; where the mechanism is off by default, turning it on does."""
    assert claim.rule
    changed = claim.switched_on or claim.rule
    assert any(_differs(case, changed) for case in claim.cases.values())
    if claim.switched_on:
        assert not any(_differs(case, claim.rule) for case in claim.cases.values())
    if claim.reversed is not None:
        (path,) = claim.reversed
        used = {path: (claim.switched_on or _default(path)).get(path)}
        assert claim.reversed[path] * float(used[path] or 0) < 0


def _differs(case: Case, overrides: dict[str, object]) -> bool:
    return case.experiment(overrides).digest() != case.experiment({}).digest()


def _default(path: str) -> dict[str, float]:
    process, name = path.split(".")
    return {path: getattr(getattr(load_experiment("base").parameters, process), name)}


def test_shocks_of_a_fixed_case_stay() -> None:
    bare, fixed = (Case("us-exit-2026", fixed=flag) for flag in (False, True))
    off = {"shocks.0.probability": 0.0}
    assert _differs(bare, off)
    assert not _differs(fixed, off)
