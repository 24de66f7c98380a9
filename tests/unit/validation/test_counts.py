"""How many patterns are met, by their role in this model and by the role they were meant for."""

from typing import Any

from experiments.validation.text_tables import counts


def entry(role: str, meant: str, verdict: str, discriminates: bool = False) -> dict[str, Any]:
    return {"role": role, "evidence_role": meant, "verdict": verdict, "discriminates": discriminates}


def test_roles_are_counted_apart_and_by_both_readings() -> None:
    patterns = [
        entry("calibrate", "calibrate", "in"),
        entry("specify", "validate", "in", discriminates=True),
        entry("validate", "validate", "out"),
        entry("validate", "validate", "in"),
    ]
    text = counts({"patterns": patterns, "quick": False, "published": None})
    assert "calibrate 1 of 1, specify 1 of 1, validate 1 of 2 (0 discriminating)" in text
    assert "meant them for: validate 2 of 3 (1 discriminating)" in text


def test_nothing_is_said_of_roles_that_do_not_occur() -> None:
    text = counts({"patterns": [entry("verify", "verify", "in")], "quick": True, "published": None})
    assert "meant" not in text
    assert "validate" not in text.replace("abm validate", "")
