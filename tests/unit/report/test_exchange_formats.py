"""Exports read back by the programs' own readers."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from abm.config.errors import ConfigError
from experiments.report.exchange_formats import export
from experiments.runs.stored import read_result
from experiments.storage.atomic import FolderError


def read_json(path: Path) -> "nx.Graph[str]":
    return nx.node_link_graph(json.loads(path.read_text()), edges="edges")


GUIDE = Path(__file__).resolve().parents[3] / "experiments" / "README.md"
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


def test_truth_values_are_words_that_all_programs_know(result_folders: list[Path], tmp_path: Path) -> None:
    files = {path.name: path for path in export(result_folders[0], "csv", tmp_path / "csv")}
    assert not any(re.search(r"\b(True|False)\b", path.read_text()) for path in files.values())
    bodies = read_result(result_folders[0]).tables["organizations"]
    again = pd.read_csv(files["organizations.csv"])
    assert again["shocked"].dtype == bool
    assert (again["shocked"].to_numpy() == bodies["shocked"].to_numpy()).all()
    nodes = pd.read_csv(files["network-after-nodes.csv"])
    assert set(nodes.loc[nodes["kind"] == "organization", "alive"]) == {True}
    assert nodes.loc[nodes["kind"] == "state", "alive"].isna().all()


def guide(language: str) -> str:
    """The one block of the guide in a language."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


def legitimacy(folder: Path) -> "pd.Series[float]":
    series = read_result(folder).tables["series"]
    return series[series["measure"] == "shocked.legitimacy"].groupby(["quarter", "twin"])["value"].mean()


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_the_tables_as_the_guide_says(result_folders: list[Path], tmp_path: Path) -> None:
    export(result_folders[0], "csv", tmp_path / "tables")
    ask = 'again <- read.csv("tables/series.csv"); stopifnot(is.logical(again$twin))'
    script = f"options(digits = 15)\n{guide('r')}\n{ask}"
    done = subprocess.run(["Rscript", "-"], input=script, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [line.split()[1:] for line in done.stdout.splitlines()[1:]]
    said = {(quarter, twin == "TRUE"): float(value) for quarter, twin, value in rows}
    known = legitimacy(result_folders[0])
    assert len(said) == len(known)
    np.testing.assert_allclose([said[key] for key in known.index], known, rtol=1e-12)


def test_duckdb_asks_the_files_as_the_guide_says(
    result_folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "who").symlink_to(result_folders[0].resolve())
    monkeypatch.chdir(tmp_path)
    said = duckdb.sql(guide("sql")).df().set_index(["quarter", "twin"])["legitimacy"]
    known = legitimacy(tmp_path / "results" / "who")
    np.testing.assert_allclose(said.loc[known.index], known, rtol=1e-12)


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
