"""The content key: whatever decides a run changes it, whatever does not leaves it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abm.config.reader import load_experiment
from experiments.runs import fingerprint as keys_module
from experiments.runs.fingerprint import Keys, sources_digest
from experiments.sweeps.study import read_study

POINT = {"membership.contagion_log_odds": 1.5}


def key(tiny: dict[str, Any], **other: Any) -> str:
    return Keys(read_study(tiny | other).experiment).of(POINT, 0, False)


def test_it_is_the_digest_of_canonical_json(tiny: dict[str, Any]) -> None:
    experiment = read_study(tiny).experiment
    config = experiment.resolved()
    for name in ("title", "description", "replicates"):
        del config[name]
    whole = {
        "sources": sources_digest(), "processes": hashlib.sha256().hexdigest(), "config": config, "point": POINT,
        "seed": [5, 1], "twin": True,
    }  # fmt: skip
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert Keys(experiment).of(POINT, 1, True) == hashlib.sha256(text.encode()).hexdigest()


def test_design_and_titles_leave_it(tiny: dict[str, Any]) -> None:
    same = {"title": "other", "description": "other", "replicates": 7, "design": {"method": "oat"}, "outcomes": "all"}
    assert all(key(tiny, **{name: value}) == key(tiny) for name, value in same.items())


def test_whatever_decides_a_run_changes_it(tiny: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(read_study(tiny).experiment)
    found = {
        key(tiny), key(tiny, quarters=6), key(tiny, seed=6), key(tiny, parameters={"legitimacy": {"peer_rate": 0.2}}),
        key(tiny, shocks=[]), keys.of(POINT, 1, False), keys.of(POINT, 0, True), keys.of({}, 0, False),
    }  # fmt: skip
    monkeypatch.setattr(keys_module, "sources_digest", lambda: "other")
    assert len(found | {key(tiny)}) == 9


def test_a_process_of_ones_own_counts_with_its_source(troubled: Callable[..., Path]) -> None:
    path = troubled(0)
    before = Keys(read_study(path).experiment).of({}, 0, False)
    source = path.with_name("trouble.py")
    source.write_text(source.read_text() + "\n# changed\n")
    assert Keys(read_study(path).experiment).of({}, 0, False) != before


def test_a_world_of_ones_own_counts_with_its_tables(tmp_path: Path) -> None:
    from_folder = load_experiment("base").identity()
    assert from_folder["world"]["folder"] is None
    assert "replicates" in from_folder
