"""The data dictionary describes every column that is written, and the files hold the same words."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from abm.measures import MEASURES
from experiments.runs.data_dictionary import data_dictionary
from experiments.runs.result import Result
from experiments.sweeps.read_sweep import open_sweep


def known(table: str) -> set[str]:
    words = data_dictionary()
    return set(words.loc[words["table"] == table, "column"])


def test_every_column_of_a_result_is_described(results: Callable[[str], Result]) -> None:
    result = results("real")
    for name, table in result.tables():
        assert set(table.columns) == known(name), name
    measures = {name.removeprefix("shocked.") for name in result.series["measure"].unique()}
    assert measures <= known("measures")


def test_every_column_of_a_sweep_is_described(swept: Path) -> None:
    sweep = open_sweep(swept)
    runs = {name for name in sweep.runs().columns if not name.startswith("factor:")}
    assert runs == known("sweep.runs")
    series = {name.removeprefix("shocked.") for name in sweep.series().columns if not name.startswith("factor:")}
    assert series <= known("sweep.series")


def test_no_row_is_twice_or_without_meaning() -> None:
    words = data_dictionary()
    assert not words.duplicated(["table", "column"]).any()
    assert (words["meaning"] != "").all()


def test_files_hold_units(result_folders: list[Path], swept: Path) -> None:
    fields = {field.name: field.metadata for field in pq.read_schema(result_folders[0] / "organizations.parquet")}
    assert fields["staff"][b"unit"] == MEASURES["staff"].unit.encode()
    assert b"meaning" in fields["leader"]
    shard = next((swept / "shards").glob("runs-*.parquet"))
    fields = {field.name: field.metadata for field in pq.read_schema(shard)}
    assert fields["followers"][b"unit"] == b"exits"
    assert fields["factor:legitimacy.blame_weight"][b"meaning"]
