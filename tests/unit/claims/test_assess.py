"""Running claims: what a job does, what a failure costs, what results say, and the command."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from abm.comparison import Comparison
from experiments.claims import CLAIMS, assess
from experiments.claims.assess import Assessment, AssessmentSize, Job, JobResult, answer, is_tried_on_placebo
from experiments.claims.design_space import FIXED, factors
from experiments.claims.results import commit_of, declaration_digest, outcome, read_published, row, values, write
from experiments.cli import main
from experiments.report.claims import page
from tests.worlds_small import among_few_states

BY_ID = {claim.id: claim for claim in CLAIMS}
POINTS = ("space", "drifting")
TINY = AssessmentSize(calibrated=1, points=1, space=1, without=1)


def _answers(numbers: Mapping[str, list[float]], claim: str = "C18") -> Assessment:
    """Return an assessment with given values by kind."""
    found = []
    for kind, measured in numbers.items():
        for place, value in enumerate(measured):
            job = Job(kind, place if kind in POINTS else -1, 0 if kind in POINTS else place, {}, (claim,))
            found.append(JobResult(job, values={claim: value}, runs={claim: 2}))
    points = len(numbers.get("space", []))
    return Assessment(TINY, found, np.full((points, len(factors())), 0.5), 1, points + 1, 1.0)


def test_job_measures_its_claims_only_and_the_rule_moves_them() -> None:
    found = answer(Job("calibrated", -1, 0, {}, ("C18",)))
    assert set(found.values) == {"C18"}
    assert found.values["C18"] > 0
    assert not found.failed
    assert found.runs["C18"] == 2
    off = answer(Job("without", -1, 0, BY_ID["C18"].rule, ("C18",)))
    assert abs(off.values["C18"]) < found.values["C18"]


def test_failure_costs_only_its_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(pairs: Mapping[str, Comparison]) -> float:
        raise ZeroDivisionError("on purpose")

    bad = replace(BY_ID["C18"], id="C99", value=broken)
    monkeypatch.setattr(assess, "CLAIMS", (bad, BY_ID["C18"]))
    found = answer(Job("calibrated", -1, 0, {}, ("C18", "C99")))
    assert np.isnan(found.values["C99"])
    assert "on purpose" in found.failed["C99"]
    assert np.isfinite(found.values["C18"])


def test_placebo_is_the_small_state_and_only_for_the_large_exit() -> None:
    tried = [claim.id for claim in CLAIMS if is_tried_on_placebo(claim)]
    assert {"C05", "C19", "C20", "C28"} <= set(tried)
    assert not {"C01", "C15", "C36"} & set(tried)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"calibrated": [1.0] * 9, "space": [1.0] * 9, "without": [1.0] * 9}, "supported"),
        ({"calibrated": [1.0] * 9, "space": [1.0] * 9, "without": [0.0] * 9}, "assumed"),
        ({"calibrated": [1.0] * 9, "space": [1.0] * 5 + [0.0] * 4, "without": [1.0] * 9}, "conditional"),
        ({"calibrated": [0.0] * 9, "space": [0.0] * 9, "without": [0.0] * 9}, "refuted"),
        ({"calibrated": [float("nan")] * 9, "space": [0.0] * 9, "without": [0.0] * 9}, "undecided"),
    ],
)
def test_row_gives_the_verdict_of_its_values(numbers: dict[str, list[float]], expected: str) -> None:
    assessment = _answers(numbers)
    found = row(BY_ID["C18"], values(assessment), assessment)
    assert found["verdict"] == expected
    assert found["runs"] == 2 * 27
    assert found["threshold"] == BY_ID["C18"].threshold
    json.dumps(found, allow_nan=False)


def test_verdicts_are_given_in_other_spaces_too() -> None:
    """Where a claim holds at every point of the rim and at none in the middle, the prior decides."""
    numbers = {"calibrated": [0.0] * 9, "space": [1.0] * 3 + [0.0] * 7, "without": [0.0] * 9, "drifting": [1.0] * 10}
    assessment = _answers(numbers)
    assessment.places[:3] = 0.001
    found = row(BY_ID["C18"], values(assessment), assessment)
    assert found["verdict"] == "conditional"
    assert found["holds_space"] == 0.3
    assert found["other_spaces"]["triangular"]["verdict"] == "refuted"
    assert found["other_spaces"]["unfiltered"] == {"verdict": "conditional", "holds_space": 0.65}
    told = {one["kind"]: one["details"] for one in found["conditions_data"]}
    share = found["other_spaces"]["triangular"]["holds_space"]
    assert told["prior"] == {"verdict": "refuted", "share": share, "uniform": 0.3}
    assert "filter" not in told
    assert f"depends on the prior, with a triangular one: refuted ({share:.2f} of points" in found["conditions"]


def test_shares_count_values_that_reach_the_threshold() -> None:
    at = BY_ID["C18"].threshold
    found = row(BY_ID["C18"], values(a := _answers({"calibrated": [at, at - 1e-6, 1.0, 0.0]})), a)
    assert found["holds_calibrated"] == 0.5


def test_contradictions_are_counted_over_points() -> None:
    first, second = (
        _answers({"space": measured}, claim) for measured, claim in (([1, 1, 0, 0], "C27"), ([1, 0, 1, 0], "C28"))
    )
    joined = replace(first, answers=[*first.answers, *second.answers])
    (found,) = outcome([BY_ID["C27"], BY_ID["C28"]], joined, "abm claims")["contradictions"]
    assert [found[key] for key in ("first_only", "second_only", "both", "neither")] == [0.25] * 4


def test_commit_of_a_declaration_is_found_in_a_clone() -> None:
    hashes = {commit_of(BY_ID[name]) for name in ("C01", "C21", "C44")}
    stored = {entry["id"]: entry["committed"] for entry in read_published().get("claims", [])}
    in_clone = (Path(__file__).parents[3] / ".git").exists()
    assert all(hashes) if in_clone else hashes == {stored.get(name) for name in ("C01", "C21", "C44")}


def test_digest_of_a_declaration_moves_with_its_threshold() -> None:
    claim = BY_ID["C01"]
    assert declaration_digest(claim) == declaration_digest(replace(claim))
    assert declaration_digest(claim) != declaration_digest(replace(claim, threshold=0.1))


def test_report_holds_every_claim_and_stands_alone() -> None:
    assessment = _answers({"calibrated": [0.02, 0.03], "space": [0.01] * 12, "without": [0.0]})
    html = page(outcome([BY_ID["C18"]], assessment, "abm claims"), assessment)
    assert html.count("<svg") == 1
    assert BY_ID["C18"].title in html
    assert BY_ID["C18"].title_zh in html
    assert html.count("<circle") == 15
    assert "http" not in html.replace("http://www.w3.org", "").replace("http-equiv", "")


def test_folder_with_other_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assessment = _answers({"calibrated": [1.0]})
    with pytest.raises(FileExistsError, match=r"mine\.txt"):
        write(outcome([BY_ID["C18"]], assessment, ""), assessment, tmp_path, "")


def test_command_prints_json_and_writes_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assess, "QUICK", TINY)
    out = tmp_path / "claims"
    with among_few_states(), pytest.raises(SystemExit) as stopped:
        main(["claims", "--only", "c18", "--json", "--out", str(out), "--workers", "1"])
    assert stopped.value.code == 0
    found = json.loads(capsys.readouterr().out)
    (entry,) = found["claims"]
    assert entry["id"] == "C18"
    assert entry["verdict"] in ("supported", "conditional", "refuted", "assumed", "undecided")
    assert entry["runs"] in (6, 8), "three pairs, and one more if the point drawn first is not quiet"
    written = {"claims.json", "values.csv", "points.csv", "claims.html", ".written.json"}
    assert {path.name for path in out.iterdir()} == written
    assert set(FIXED) == {"membership.coefficient_spread"}


def test_unknown_claim_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["claims", "--only", "C47"])
    assert stopped.value.code == 2
    assert "C47" in capsys.readouterr().err
