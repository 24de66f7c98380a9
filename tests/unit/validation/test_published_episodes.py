"""The kept comparison with past exits: what is written, what is read, and that it is of today's tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli import main
from experiments.validation import published_episodes
from experiments.validation.coverage import scores, with_null_scores
from experiments.validation.episodes import compare_observation
from experiments.validation.observations import KNOWN, Observation, observations
from experiments.validation.published_episodes import ROWS, command, read_rows, read_summary, write_published


def compared() -> list[dict[str, Any]]:
    """Return entries of a cut, a refill with noise and no highest value, and one that no run tells."""
    told = {"budget_cut_4": [0.1, 0.2], "refill_4": [0.4, 0.7], "staff_cut_4": ["run too short"] * 2}
    rows = [
        Observation("one", "x", "O001", quantity, 0.5, 0.5, np.inf, noise, "yes", "", "", "t.csv:2")
        for quantity, noise in zip(told, (0.0, 1.0, 0.0), strict=True)
    ]
    return with_null_scores(rows, [compare_observation(row, told[row.quantity]) for row in rows])


def test_what_is_kept_reads_back_and_comes_to_the_same(tmp_path: Path) -> None:
    entries = compared()
    found = {"episodes": entries, "scores": scores(entries), "replicates": 2, "table": "known", "quick": True}
    write_published(found | {"overrides": []}, tmp_path)
    rows, summary = read_rows(tmp_path), read_summary(tmp_path)
    assert [row["inside"] for row in rows] == [False, True, None]
    for row, entry in zip(rows, entries, strict=True):
        assert {name: row[name] for name in published_episodes.TEXTS} == {
            name: entry[name] for name in published_episodes.TEXTS
        }
        for name in published_episodes.NUMBERS:
            assert row[name] == (None if entry[name] is None else pytest.approx(entry[name], rel=1e-5))
    assert summary["command"] == "abm validate --episodes known"
    assert summary["replicates"] == 2
    assert summary["scores"]["refill"] == pytest.approx(scores(entries)["refill"], rel=1e-5)
    assert (tmp_path / ROWS).read_text().count("\n") == 4


def test_a_command_names_all_that_changes_its_numbers() -> None:
    said = command("my own.csv", full=True, overrides=["quarters=9"])
    assert said == "abm validate --episodes 'my own.csv' --full --set quarters=9"


def test_the_kept_summary_is_that_of_the_kept_rows() -> None:
    made, kept = scores(read_rows()), read_summary()["scores"]
    assert list(made) == list(kept)
    for name in made:
        assert made[name] == pytest.approx(kept[name], rel=1e-4, abs=1e-5)


def test_the_kept_rows_are_all_of_the_known_tables() -> None:
    known = [row for path in KNOWN for row in observations(path)]
    said = [(row.episode, row.organization, row.quantity, row.kind, row.seen) for row in known]
    kept = read_rows()
    assert [
        tuple(row[name] for name in ("episode", "organization", "quantity", "kind", "seen")) for row in kept
    ] == said
    np.testing.assert_allclose([row["observed"] for row in kept], [row.observed for row in known], rtol=1e-5)
    np.testing.assert_allclose([row["noise"] for row in kept], [row.noise for row in known], rtol=1e-5)


@pytest.mark.parametrize("options", [[], ["--keep"]])
def test_known_episodes_are_kept_when_this_is_asked_for(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[Any] = []
    monkeypatch.setattr("experiments.validation.episodes.compare_episodes", lambda *_: compared())
    monkeypatch.setattr(published_episodes, "write_published", written.append)
    with pytest.raises(SystemExit) as ended:
        main(["validate", "--episodes", "known", "--json", "--out", str(tmp_path / "out"), *options])
    assert ended.value.code == 0
    assert len(written) == len(options)
    for found in written:
        assert found["scores"] == json.loads(capsys.readouterr().out)["scores"]


def test_a_table_of_ones_own_is_not_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["validate", "--episodes", str(KNOWN[0]), "--keep", "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert "write abm validate --episodes known --keep" in capsys.readouterr().err
