"""Results of claims: verdicts with their shares, what decides them, and the folder that keeps them."""

import hashlib
import inspect
import json
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.intervals import Share, mean_range, wilson
from experiments.claims import CLAIMS
from experiments.claims.assess import FULL, SEED, Assessment
from experiments.claims.claim import Claim
from experiments.claims.conditions import (
    Condition,
    NoNumber,
    OffByDefault,
    OtherFilter,
    OtherPrior,
    Setting,
    WithoutRule,
)
from experiments.claims.deciding_splits import deciding_splits, under_triangular
from experiments.claims.design_space import factors
from experiments.claims.verdict import RARELY_CALIBRATED, WITHOUT, verdict
from experiments.runs.fingerprint import files_digest
from experiments.storage.atomic import write_json
from experiments.storage.folders import replacing

STUDY = "claims-space"
"""Name of the design over the plausible space that verdicts rest on, `experiments.claims.design_space`."""
RIVALS = (("C02", "C37"), ("C05", "C37"), ("C27", "C28"))
"""Claims that contradict each other."""
OTHER_SPACES = {"triangular": OtherPrior, "unfiltered": OtherFilter}
"""Spaces in which verdicts are given once more, with the condition of a verdict that is another one there."""
KEPT = "claims.json"
BY = "abm claims"
ROOT = Path(__file__).parents[2]


def values(assessment: Assessment) -> pd.DataFrame:
    """Return every measured value; columns kind, claim, point, replicate, value."""
    rows = [
        (answer.job.kind, claim, answer.job.point, answer.job.replicate, value)
        for answer in assessment.answers
        for claim, value in answer.values.items()
    ]
    frame = pd.DataFrame(rows, columns=["kind", "claim", "point", "replicate", "value"])
    return frame.sort_values(["claim", "kind", "point", "replicate"], ignore_index=True)


def outcome(claims: Sequence[Claim], assessment: Assessment, command: str) -> dict[str, Any]:
    """Return the `--json` object: claims with verdicts, contradictions, what hangs on the space, how it was made."""
    frame = values(assessment)
    rows = [row(claim, frame[frame["claim"] == claim.id], assessment) for claim in claims]
    return {
        "claims": rows,
        "contradictions": [_contradiction(pair, frame, assessment) for pair in RIVALS if _has(claims, pair)],
        "depends_on_space": {
            name: [row["id"] for row in rows if row["other_spaces"][name]["verdict"] != row["verdict"]]
            for name in OTHER_SPACES
        },
        "made": _made(assessment, command),
    }


def row(claim: Claim, frame: pd.DataFrame, assessment: Assessment) -> dict[str, Any]:
    """Return one claim's entry; `frame` holds its values."""
    shares = {kind: _share(claim, frame, kind) for kind in ("calibrated", "without", "reversed", "placebo")}
    truth, places = _space(claim, frame, assessment)
    spaces = _spaces(claim, frame, truth, places)
    space = spaces["uniform"]
    asked = frame.loc[~frame["kind"].isin(["placebo", "drifting"]), "value"]
    measured = float(np.isfinite(asked).mean()) if len(asked) else 0.0
    verdicts = {
        name: verdict(shares["calibrated"], other, shares["without"], bool(claim.switched_on), measured)
        for name, other in spaces.items()
    }
    calibrated = frame.loc[frame["kind"] == "calibrated", "value"].to_numpy(float)
    decided = _conditions(claim, truth, places, shares, measured) + _depends(verdicts, spaces)
    failed = [answer.failed[claim.id] for answer in assessment.answers if claim.id in answer.failed]
    return _declared(claim) | {
        "verdict": verdicts["uniform"],
        "holds_calibrated": _number(shares["calibrated"][0]),
        "holds_space": _number(space[0]),
        "holds_without_rule": _number(shares["without"][0]),
        "holds_reversed": _number(shares["reversed"][0]),
        "holds_placebo": _number(shares["placebo"][0]),
        "intervals": {
            "calibrated": _ends(shares["calibrated"]),
            "space": _ends(space),
            "without_rule": _ends(shares["without"]),
        },
        "other_spaces": {
            name: {"verdict": verdicts[name], "holds_space": _number(spaces[name][0])} for name in OTHER_SPACES
        },
        "runs": sum(answer.runs.get(claim.id, 0) for answer in assessment.answers),
        "conditions": "; ".join(condition.text for condition in decided),
        "conditions_data": [condition.stored() for condition in decided],
        "value": _value(calibrated),
        "failed": len(failed),
        "error": failed[0].splitlines()[0] if failed else None,
    }


def _value(calibrated: NDArray[np.float64]) -> dict[str, float | None]:
    """Return mean and interval of what was measured at the default point."""
    interval = mean_range(calibrated[np.isfinite(calibrated)])
    return dict(zip(("mean", "low", "high"), map(_number, interval), strict=True))


def _declared(claim: Claim) -> dict[str, Any]:
    """Return what was said of a claim before its first run, and the commit that says it."""
    return {
        "id": claim.id,
        "title": claim.title,
        "title_zh": claim.title_zh,
        "scenario": claim.scenario,
        "study": STUDY,
        "sources": claim.sources,
        "mechanism": claim.mechanism,
        "measure": claim.measure,
        "threshold": claim.threshold,
        "why": claim.why,
        "refuted_by": claim.refuted_by,
        "rule": {"text": claim.rule_text, "off": dict(claim.rule), "reversed": claim.reversed},
        "switched_on": dict(claim.switched_on),
        "cases": {name: {"scenario": case.scenario, "values": dict(case.values)} for name, case in claim.cases.items()},
        "committed": commit_of(claim),
    }


def _share(claim: Claim, frame: pd.DataFrame, kind: str) -> tuple[float, float, float]:
    """Return the share of replicates in which a claim holds, among those with a number."""
    found = frame.loc[frame["kind"] == kind, "value"].dropna()
    return wilson(float((found >= claim.threshold).sum()), len(found))


def _space(
    claim: Claim, frame: pd.DataFrame, assessment: Assessment
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return in what share of its replicates a claim holds at each point, and the points' places."""
    shares = _by_point(claim, frame, "space")
    kept = sorted({answer.job.point for answer in assessment.answers if answer.job.kind == "space"})
    rows = [index for index, number in enumerate(kept) if number in shares.index]
    return np.asarray(shares, float), assessment.places[rows]


def _by_point(claim: Claim, frame: pd.DataFrame, kind: str) -> "pd.Series[Any]":
    """Return the share of replicates in which a claim holds, by point."""
    found = frame[frame["kind"] == kind].dropna(subset="value")
    return (found["value"] >= claim.threshold).groupby(found["point"]).mean()


def _spaces(
    claim: Claim, frame: pd.DataFrame, truth: NDArray[np.float64], places: NDArray[np.float64]
) -> dict[str, Share]:
    """Return in what share of the space a claim holds: uniform prior, triangular prior, drifting worlds counted too."""
    held = float(truth.sum())
    drifting = np.asarray(_by_point(claim, frame, "drifting"), float)
    found = {"uniform": wilson(held, len(truth)), "triangular": wilson(0, 0)}
    if len(truth):
        share, weight = under_triangular(places, truth)
        found["triangular"] = wilson(share * weight, weight)
    return found | {"unfiltered": wilson(held + float(drifting.sum()), len(truth) + len(drifting))}


def _depends(verdicts: Mapping[str, str], spaces: Mapping[str, Share]) -> list[Condition]:
    """Return in which other spaces the verdict is another one."""
    return [
        kind(verdicts[name], _number(spaces[name][0]), _number(spaces["uniform"][0]))
        for name, kind in OTHER_SPACES.items()
        if verdicts[name] != verdicts["uniform"]
    ]


def _conditions(
    claim: Claim,
    truth: NDArray[np.float64],
    places: NDArray[np.float64],
    shares: Mapping[str, tuple[float, float, float]],
    measured: float,
) -> list[Condition]:
    """Return what decides a claim."""
    found: list[Condition] = []
    if claim.switched_on:
        found.append(OffByDefault(tuple(Setting(path, value) for path, value in claim.switched_on.items())))
    without = shares["without"][0]
    held = max(shares["calibrated"][0], float(truth.mean()) if len(truth) else 0.0)
    if without < WITHOUT and held > RARELY_CALIBRATED:
        found.append(WithoutRule(claim.rule_text, _number(without)))
    splits = deciding_splits(factors(), places, truth, SEED)
    if splits is not None:
        found.append(splits)
    if measured < 1:
        found.append(NoNumber(_number(1 - measured)))
    return found


def _contradiction(pair: tuple[str, str], frame: pd.DataFrame, assessment: Assessment) -> dict[str, Any]:
    """Return which of two claims that contradict each other holds where, over the points of the space."""
    claims = [_named(name) for name in pair]
    tables = [_by_point(claim, frame[frame["claim"] == claim.id], "space") >= 0.5 for claim in claims]
    both = pd.concat(tables, axis=1, join="inner").to_numpy(bool)
    total = max(len(both), 1)
    return {
        "claims": list(pair),
        "first_only": float((both[:, 0] & ~both[:, 1]).sum() / total),
        "second_only": float((~both[:, 0] & both[:, 1]).sum() / total),
        "both": float(both.all(axis=1).sum() / total),
        "neither": float((~both.any(axis=1)).sum() / total),
        "points": len(both),
    }


def _named(name: str) -> Claim:
    return next(claim for claim in CLAIMS if claim.id == name)


def _has(claims: Sequence[Claim], pair: Sequence[str]) -> bool:
    """Return whether all of a pair were tried."""
    return set(pair) <= {claim.id for claim in claims}


def _made(assessment: Assessment, command: str) -> dict[str, Any]:
    """Return how results were made."""
    size = assessment.size
    return {
        "command": command,
        "size": "full" if size == FULL else "quick",
        "date": datetime.now(UTC).date().isoformat(),
        "version": version("multilateral-abm"),
        "python": platform.python_version(),
        "sources": files_digest([*(ROOT / "abm").rglob("*.py"), *Path(__file__).parent.rglob("*.py")], ROOT),
        "seed": SEED,
        "replicates": size.calibrated,
        "points": len(assessment.places),
        "replicates_at_points": size.space,
        "replicates_without_rule": size.without,
        "points_tried": assessment.tried,
        "points_dropped_by_quiet_filter": assessment.dropped,
        "factors": len(factors()),
        "wall_seconds": round(assessment.wall_seconds, 1),
    }


def declaration_digest(claim: Claim) -> str:
    """Return the SHA-256 of a claim's declaration and of the function that measures it."""
    parts = [
        claim.id, claim.title, claim.measure, claim.threshold, claim.why, claim.refuted_by, claim.rule_text,
        claim.rule, claim.reversed, claim.switched_on, claim.cases, inspect.getsource(claim.value),
    ]  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def commit_of(claim: Claim) -> str | None:
    """Return the commit that last changed a claim's declaration; the kept one outside a clone, None if unknown."""
    source = Path(inspect.getsourcefile(claim.value) or "")
    if (ROOT / ".git").exists():
        span = f'/id="{claim.id}"/,/^    ),$/:{source.relative_to(ROOT).as_posix()}'
        command = ["git", "-C", str(ROOT), "log", "-1", "-s", "--format=%h", "-L", span]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        if re.fullmatch(r"[0-9a-f]{7,40}", found):
            return found
    return next((row["committed"] for row in read_published().get("claims", []) if row["id"] == claim.id), None)


def read_published() -> dict[str, Any]:
    """Return the kept results of the full version, {} where there are none."""
    path = files("experiments.claims").joinpath("results", KEPT)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def nowhere() -> tuple[str, ...]:
    """Return the ids of the claims that hold in no published run of the plausible space."""
    return tuple(one["id"] for one in read_published().get("claims", []) if not one["holds_space"])


def write(found: Mapping[str, Any], assessment: Assessment, folder: Path, page: str) -> None:
    """Write a folder: claims.json, values.csv, points.csv, claims.html. Raises FileExistsError on other content."""
    numbers = sorted({answer.job.point for answer in assessment.answers if answer.job.kind == "space"})
    names = [factor.path for factor in factors()]
    places = pd.DataFrame(assessment.places, columns=names, index=pd.Index(numbers, name="point"))
    with replacing(folder, BY) as fresh:
        write_json(fresh / "claims.json", found)
        values(assessment).to_csv(fresh / "values.csv", index=False, float_format="%.5g")
        places.to_csv(fresh / "points.csv", float_format="%.4f")
        (fresh / "claims.html").write_text(page, encoding="utf-8")


def _number(value: float) -> float | None:
    """Return a number for JSON, None where there is none."""
    return round(float(value), 5) if np.isfinite(value) else None


def _ends(share: tuple[float, float, float]) -> list[float]:
    """Return the ends of an interval."""
    return [round(end, 4) for end in share[1:]]


def dependence(found: Mapping[str, Any]) -> str:
    """Return which verdicts are others in other spaces, as a sentence."""
    named = {name: ", ".join(ids) or "none" for name, ids in found["depends_on_space"].items()}
    return (
        f"Verdicts that depend on the prior (a triangular one gives another): {named['triangular']}; "
        f"on the quiet filter (another without it): {named['unfiltered']}."
    )


def by_verdict(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many claims have each verdict."""
    found = sorted(row["verdict"] for row in rows)
    return {name: len(list(group)) for name, group in groupby(found)}
