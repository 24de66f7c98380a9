"""Exports read back by the programs' own readers."""

import json
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from abm.config.errors import ConfigError
from experiments.report.export import export
from experiments.runs.stored import read_result
from experiments.storage.atomic import FolderError


def read_json(path: Path) -> "nx.Graph[str]":
    return nx.node_link_graph(json.loads(path.read_text()), edges="edges")


READERS = {"graphml": nx.read_graphml, "gexf": nx.read_gexf, "json": read_json}


@pytest.mark.parametrize("form", sorted(READERS))
def test_networks_hold_the_memberships(result_folders: list[Path], tmp_path: Path, form: str) -> None:
    files = {path.stem: path for path in export(result_folders[0], form, tmp_path / form)}
    stored = read_result(result_folders[0])
    seats = stored.tables["memberships"]
    for name, rows in (
        ("network-before", seats[seats["first"] & ~seats["twin"]]),
        ("network-after", seats[~seats["first"] & ~seats["twin"]]),
        ("network-after-twin", seats[~seats["first"] & seats["twin"]]),
    ):
        graph = READERS[form](files[name])
        assert {frozenset(edge) for edge in graph.edges} == {
            frozenset(pair) for pair in zip(rows["state"], rows["organization"], strict=True)
        }
        kinds = nx.get_node_attributes(graph, "kind")
        assert set(kinds.values()) == {"state", "organization"}
        assert sum(kind == "state" for kind in kinds.values()) == 12


def test_tables_keep_their_numbers(result_folders: list[Path], tmp_path: Path) -> None:
    files = {path.name: path for path in export(result_folders[0], "csv", tmp_path / "csv")}
    series = read_result(result_folders[0]).tables["series"]
    again = pd.read_csv(files["series.csv"])
    assert (again["value"].to_numpy() == series["value"].to_numpy()).all()
    assert {"network-before-nodes.csv", "network-after-edges.csv"} <= set(files)


def test_a_sweep_is_exported_as_tables(swept: Path, tmp_path: Path) -> None:
    files = {path.name: path for path in export(swept, "csv", tmp_path / "csv")}
    assert set(files) == {"points.csv", "runs.csv", "effects.csv", "regimes.csv", "data_dictionary.csv"}
    assert len(pd.read_csv(files["runs.csv"])) == 24
    assert len(pd.read_csv(files["effects.csv"])) == 12
    with pytest.raises(ConfigError, match="no networks"):
        export(swept, "gexf")


def test_wrong_formats_and_foreign_folders_are_refused(result_folders: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean graphml"):
        export(result_folders[0], "graphm")
    with pytest.raises(ConfigError, match="holds no result"):
        export(tmp_path, "csv")
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError):
        export(result_folders[0], "csv", tmp_path)
