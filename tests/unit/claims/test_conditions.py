"""What decides a claim, as data and as the sentence made of it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from experiments.claims.conditions import (
    CONDITIONS,
    Bound,
    Condition,
    NoNumber,
    NoSplit,
    OffByDefault,
    OtherFilter,
    OtherPrior,
    Setting,
    Where,
    WithoutRule,
)
from experiments.claims.results import read_published

TOLD = [
    (
        OffByDefault((Setting("trust.label_weight", 0.2), Setting("a.b", 1.0))),
        "mechanism off by default, tried with trust.label_weight = 0.2, a.b = 1",
    ),
    (WithoutRule("slack is short; off: large", 0.25), "without its rule (slack is short; off: large) it holds in 0.25 "
     "of replicates"),
    (
        Where((Bound("x.y", "above", -0.10001, 1.0, 0.26316), Bound("x.z", "is", ("a", "b"), 0.9, 0.0)), 0.95, 25),
        "holds where x.y > -0.1 (1.00, else 0.26) and x.z is a or b (0.90, else 0.00) (0.95 of 25 points)",
    ),
    (NoSplit(), "no single parameter separates where it holds"),
    (OtherPrior("refuted", 0.09, 0.28), "depends on the prior, with a triangular one: refuted (0.09 of points, not "
     "0.28)"),
    (OtherFilter("refuted", 0.18, None), "depends on the quiet filter, without it: refuted (0.18 of points, not nan)"),
    (NoNumber(0.15), "0.15 of measurements gave no number"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "sentence"), TOLD, ids=lambda value: getattr(value, "kind", ""))
def test_a_condition_is_told_and_stored(condition: Condition, sentence: str) -> None:
    assert condition.text == sentence
    stored = json.loads(json.dumps(condition.stored(), allow_nan=False))
    assert made_again(stored) == condition


def test_every_kind_is_tried() -> None:
    assert [condition.kind for condition, _ in TOLD] == list(CONDITIONS)


def test_kept_sentences_are_those_of_the_kept_data() -> None:
    for claim in read_published()["claims"]:
        assert claim["conditions"] == "; ".join(made_again(one).text for one in claim["conditions_data"]), claim["id"]


def made_again(stored: Mapping[str, Any]) -> Condition:
    """Return the condition that was stored."""
    details = dict(stored["details"])
    for name, kind in (("settings", Setting), ("bounds", Bound)):
        if name in details:
            details[name] = tuple(kind(**_tuples(one)) for one in details[name])
    return CONDITIONS[stored["kind"]](**details)


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with lists as tuples, as JSON has no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
