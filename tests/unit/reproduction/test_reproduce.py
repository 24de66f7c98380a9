"""Results made again: equal if nothing was touched, and whatever was touched is named."""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.config.experiment import digest_of
from abm.config.reader import STUDY_KEYS
from experiments.cli import main
from experiments.reproduction.reproduce_result import reproduce
from experiments.runs.first_difference import first_difference, tree_difference
from experiments.runs.result import table_digest
from experiments.runs.run_experiment import run_experiment


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to / "copy"))


def changed_table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def change_file(folder: Path) -> None:
        path = folder / f"{name}.parquet"
        change(pd.read_parquet(path)).to_parquet(path)

    return change_file


def changed_json(name: str, *keys: Any, value: Any) -> Callable[[Path], None]:
    def change_file(folder: Path) -> None:
        held = json.loads((folder / name).read_text())
        inner = held
        for key in keys[:-1]:
            inner = inner[key]
        assert inner[keys[-1]] != value
        inner[keys[-1]] = value
        (folder / name).write_text(json.dumps(held))

    return change_file


def nudged(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc[(frame["quarter"] == "2026Q1") & (frame["measure"] == "members") & ~frame["twin"], "value"] += 1e-9
    return frame


def test_an_untouched_folder_is_equal(result_folders: list[Path]) -> None:
    found = reproduce(result_folders[0], workers=1)
    assert found.as_json() == {"equal": True, "near": True, "differences": [], "warnings": [], "runs": 4}


@pytest.mark.parametrize(
    ("change", "table", "said"),
    [
        (changed_table("series", nudged), "series", {"run": 0, "quarter": "2026Q1", "measure": "members"}),
        (changed_table("events", lambda frame: frame.iloc[1:]), "events", {"run": 0, "twin": False}),
        (changed_json("outcomes.json", "effects", "members", "mean", value=3.0), "outcomes", {"stored": 3.0}),
        (changed_json("manifest.json", "config", "seed", value=6), "manifest", {"key": "config_digest"}),
        (changed_json("manifest.json", "tables", "states", value="0"), "states", {}),
        (lambda folder: (folder / "states.parquet").write_bytes(b"torn"), "states", {}),
        (changed_json("manifest.json", "config", "quarters", value=-1), "manifest", {}),
    ],
)
def test_whatever_was_touched_is_named(
    result_folders: list[Path], tmp_path: Path, change: Callable[[Path], None], table: str, said: dict[str, Any]
) -> None:
    folder = copied(result_folders[1], tmp_path)
    change(folder)
    found = reproduce(folder, workers=1)
    entry = next(entry for entry in found.differences if entry["table"] == table)
    assert said.items() <= entry["first_difference"].items()
    assert entry["first_difference"]["text"]
    json.dumps(found.as_json(), allow_nan=False)


@pytest.mark.parametrize(("nudge", "equal"), [(1e-4, False), (0.0, True)])
def test_the_least_stored_digit_of_a_state_counts(
    result_folders: list[Path], tmp_path: Path, nudge: float, equal: bool
) -> None:
    folder = copied(result_folders[1], tmp_path)
    changed_table("states", lambda frame: frame.assign(memberships=frame["memberships"] * (1 + nudge)))(folder)
    assert reproduce(folder, workers=1).equal is equal


def test_folders_of_earlier_versions_with_double_precision_are_compared_to_the_last_digit(
    result_folders: list[Path], tmp_path: Path
) -> None:
    folder = copied(result_folders[1], tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    again = run_experiment(manifest["config"], workers=1)
    for name, table in again.tables():
        table.to_parquet(folder / f"{name}.parquet")
        manifest["tables"][name] = table_digest(name, table)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert reproduce(folder, workers=1).equal
    changed_table("states", lambda frame: frame.assign(memberships=frame["memberships"] * (1 + 1e-12)))(folder)
    assert [entry["table"] for entry in reproduce(folder, workers=1).differences] == ["states"]


def rounded_otherwise(folder: Path) -> None:
    """As if another processor had made it: the last digits of a table and of the outcomes differ, and its digest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    series = pd.read_parquet(folder / "series.parquet")
    series["value"] *= 1 + 1e-12
    series.to_parquet(folder / "series.parquet")
    manifest["tables"]["series"] = table_digest("series", series)
    manifest["platform"]["kernel"] = "Z80"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    outcomes = json.loads((folder / "outcomes.json").read_text())
    outcomes["effects"]["members"]["mean"] *= 1 + 1e-12
    (folder / "outcomes.json").write_text(json.dumps(outcomes))


def test_another_processor_is_told_from_another_result(
    result_folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(result_folders[1], tmp_path)
    rounded_otherwise(folder)
    with suppress(SystemExit):
        main(["reproduce", str(folder), "--workers", "1"])
    printed = capsys.readouterr()
    assert "equal to 1e-9, events equal" in printed.out
    assert "platform: made on Z80" in printed.err
    changed_json("outcomes.json", "effects", "members", "mean", value=3.0)(folder)
    found = reproduce(folder, workers=1)
    assert (found.equal, found.near, found.verdict) == (False, False, "not equal")


def as_of_a_version_without_a_key(folder: Path, held: str) -> None:
    """As if the folder had been written before `trust.label_weight` existed."""
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest[held]["parameters"]["trust"]["label_weight"]
    config = {key: value for key, value in manifest[held].items() if key not in STUDY_KEYS}
    manifest |= {"config_digest": digest_of(config), "sources": "0" * 64}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if (folder / "outcomes.json").exists():
        changed_json("outcomes.json", "config_digest", value=manifest["config_digest"])(folder)


def test_a_folder_from_before_a_key_existed_is_equal_where_its_tables_are(
    result_folders: list[Path], swept: Path, tmp_path: Path
) -> None:
    for source, held in ((result_folders[1], "config"), (swept, "study")):
        folder = copied(source, tmp_path / held)
        as_of_a_version_without_a_key(folder, held)
        found = reproduce(folder, workers=1, sample=1)
        assert found.equal, found.differences
        assert found.warnings[-1].endswith("which stand at their defaults: parameters.trust.label_weight")


def test_outcomes_and_manifest_of_different_configs_are_told(result_folders: list[Path], tmp_path: Path) -> None:
    folder = copied(result_folders[1], tmp_path)
    changed_json("outcomes.json", "config_digest", value="0" * 64)(folder)
    found = reproduce(folder, workers=1)
    assert [(entry["table"], entry["first_difference"]["key"]) for entry in found.differences] == [
        ("outcomes", "config_digest")
    ]


def test_a_number_changed_in_a_file_is_no_rounding(result_folders: list[Path], tmp_path: Path) -> None:
    folder = copied(result_folders[1], tmp_path)
    changed_table("series", nudged)(folder)
    assert not reproduce(folder, workers=1).near


def test_the_command_ends_with_4_and_says_what_has_changed_since(
    result_folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(result_folders[1], tmp_path)
    changed_json("manifest.json", "versions", "numpy", value="1.0")(folder)
    changed_table("states", lambda frame: frame.assign(agenda_share=0.0))(folder)
    with pytest.raises(SystemExit) as stop:
        main(["reproduce", str(folder), "--workers", "1"])
    assert stop.value.code == 4
    printed = capsys.readouterr()
    assert "numpy: made with 1.0" in printed.err
    assert "states: the file was changed" in printed.out


def test_a_sweep_is_equal_as_a_whole_and_in_part(swept: Path) -> None:
    assert reproduce(swept, workers=0, sample=2).as_json()["runs"] == 4
    whole = reproduce(swept, workers=0)
    assert (whole.equal, whole.runs, whole.differences) == (True, 24, [])


def test_a_sweep_that_was_touched_is_not(swept: Path, tmp_path: Path) -> None:
    folder = copied(swept, tmp_path)
    shard = next((folder / "shards").glob("series-*.parquet"))
    frame = pd.read_parquet(shard)
    frame.loc[frame["quarter"] == "2026Q4", "members"] += 1.0
    frame.to_parquet(shard)
    found = reproduce(folder, workers=0, sample=1)
    assert [entry["table"] for entry in found.differences] == ["manifest", "series"]
    assert found.differences[1]["first_difference"]["quarter"] == "2026Q4"
    changed_json("manifest.json", "study", "factors", "legitimacy.blame_weight", "high", value=2.0)(folder)
    assert reproduce(folder, workers=0, sample=1).differences[-1]["table"] == "plan"


def test_the_first_difference_of_tables() -> None:
    table = pd.DataFrame({"run": [0, 0, 1], "quarter": ["a", "b", "a"], "x": [1.0, float("nan"), 3.0]})
    keys = ["run", "quarter"]
    assert first_difference(table, table.iloc[::-1], keys) is None
    other = table.assign(x=[1.0, 2.0, 4.0])
    found = first_difference(table, other, keys)
    assert found is not None
    assert (found["run"], found["quarter"], found["stored"], found["again"]) == (0, "b", None, 2.0)
    missing = first_difference(table, table.iloc[[0, 2]], keys)
    assert missing is not None
    assert (missing["run"], missing["quarter"]) == (0, "b")
    assert "stored table only" in missing["text"]
    assert first_difference(table, table.drop(columns="x"), keys) == {
        "column": "x", "text": "only the stored table has a column x",
    }  # fmt: skip


def test_tables_that_differ_by_rounding_are_told_from_others() -> None:
    table = pd.DataFrame({"key": [1, 2], "x": [1.0, 4.0], "word": ["a", "b"]})
    near = first_difference(table, table.assign(x=[1.0, 4.0 + 4e-12]), ["key"])
    far = first_difference(table, table.assign(x=[1.0, 5.0]), ["key"])
    words = first_difference(table, table.assign(x=[1.0, 4.0 + 4e-12], word=["a", "c"]), ["key"])
    assert near is not None
    assert far is not None
    assert words is not None
    assert (near["near"], "near" in far, "near" in words) == (True, False, False)
    assert near["text"].endswith("(1 of 2 rows differ, by at most 1e-12 of a number's size)")
    assert far["text"].endswith("(1 of 2 rows differ)")
    assert words["text"].endswith("(1 of 2 rows differ)")


def test_the_first_difference_of_trees() -> None:
    tree = {"a": [1, {"b": 2.0}], "c": None}
    assert tree_difference(tree, {"c": None, "a": [1, {"b": 2.0}]}) is None
    assert tree_difference(tree, {"a": [1, {"b": 2.5}], "c": None}) == ("a.1.b", 2.0, 2.5)
    assert tree_difference(tree, {"a": [1], "c": None}) == ("a", [1, {"b": 2.0}], [1])
    assert tree_difference(tree, {"a": [1, {"b": 2.0}]}) == ("c", None, "nothing")
