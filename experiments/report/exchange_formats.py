"""Results for other programs: networks of states and organizations for Gephi, tables for R and spreadsheets.

A network is bipartite: states and organizations are nodes, memberships edges. Three are written: before the first
quarter, after the last one, and after the last one in the twin, all of run 0, whose memberships a result keeps.
"""

import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
from pandas.api.types import infer_dtype

from abm.config.errors import nearest, one_of
from abm.config.reader import ConfigError
from experiments.runs.data_dictionary import data_dictionary
from experiments.runs.first_difference import plain
from experiments.runs.readable import readable
from experiments.runs.stored import Stored, is_sweep, read_result
from experiments.storage.folders import check_folder, replacing, written_files
from experiments.sweeps.read_sweep import open_sweep

BY = "abm export"
FORMATS = ("graphml", "gexf", "csv", "json")
XML = ("graphml", "gexf")
STATE_FIELDS = ("name", "camp", "agenda_share", "posts_share", "credibility", "trust_in_actor", "sovereigntism")
BODY_FIELDS = (
    "name", "issue_area", "alive", "shocked", "leader",
    "budget", "effectiveness", "legitimacy", "commitment", "members",
)  # fmt: skip


def export(folder: Path, form: str, out: Path | None = None) -> list[Path]:
    """Write the networks (graphml, gexf) or networks and tables (csv, json) of a result; return the files.

    Of a sweep, tables only.

    `out` is the folder for them, by default `export/<format>` in the result's own. Raises ConfigError for an unknown
    format or where there is no result, FileExistsError where `out` holds other content.
    """
    if form not in FORMATS:
        raise ConfigError(f"unknown format {form!r}{nearest(form, FORMATS) or f'; known are {one_of(FORMATS)}'}")
    place = out or folder / "export" / form
    if is_sweep(folder):
        return _export_sweep(folder, form, place)
    stored = read_result(folder)
    check_folder(place, BY)
    stored.result()  # refuses a folder whose tables cannot be read
    with replacing(place, BY) as fresh:
        for name, graph in networks(stored):
            WRITERS[form](_without_unseen(graph) if form in XML else graph, fresh / f"{name}.{form}")
        if form in ("csv", "json"):
            for name, table in stored.tables.items():
                _write_table(table, fresh / f"{name}.{form}")
            _write_table(data_dictionary(), fresh / f"data_dictionary.{form}")
    return written_files(place)


def _export_sweep(folder: Path, form: str, place: Path) -> list[Path]:
    """Write the tables of a sweep: points, runs with their outcomes, effects against the twin, regimes."""
    if form not in ("csv", "json"):
        raise ConfigError(f"{folder} holds a sweep, which keeps no networks; choose csv or json")
    sweep = open_sweep(folder)
    check_folder(place, BY)
    tables = {
        "points": sweep.points().reset_index(), "runs": sweep.runs(), "effects": sweep.effects().reset_index(),
        "regimes": sweep.regimes().reset_index(), "data_dictionary": data_dictionary(),
    }  # fmt: skip
    with replacing(place, BY) as fresh:
        for name, table in tables.items():
            _write_table(table, fresh / f"{name}.{form}")
    return written_files(place)


def networks(stored: Stored) -> Iterator[tuple[str, "nx.Graph[str]"]]:
    """Yield name and network: network-before, network-after and, where there are twins, network-after-twin."""
    seats = stored.tables["memberships"]
    quarters = sorted(stored.tables["states"]["quarter"].unique())
    yield "network-before", _network(stored, seats[seats["first"] & ~seats["twin"]], quarters[0], twin=False)
    for twin in (False, True) if stored.has_twins else (False,):
        rows = seats[~seats["first"] & (seats["twin"] == twin)]
        yield f"network-after{'-twin' * twin}", _network(stored, rows, quarters[-1], twin=twin)


def _network(stored: Stored, seats: pd.DataFrame, quarter: str, *, twin: bool) -> "nx.Graph[str]":
    """Return one network; nodes have `kind` and what is known of them in `quarter`, edges `present` and `agenda`."""
    graph: nx.Graph[str] = nx.Graph(
        scenario=stored.name, quarter=quarter, twin=twin, config_digest=str(stored.manifest["config_digest"])
    )
    run = int(seats["run"].iloc[0]) if len(seats) else 0
    states, bodies = (
        table[(table["run"] == run) & (table["twin"] == twin) & (table["quarter"] == quarter)]
        for table in (stored.tables["states"], stored.tables["organizations"])
    )
    _add_nodes(graph, states, "state", STATE_FIELDS)
    known = set(states["code"])
    _add_nodes(graph, bodies[bodies["alive"]], "organization", BODY_FIELDS, known)
    for row in seats.to_dict("records"):
        graph.add_edge(
            row["state"],
            _node(row["organization"], known),
            participation=bool(row["participation"]),
            agenda_share=float(row["agenda_share"]),
        )
    return graph


def _add_nodes(
    graph: "nx.Graph[str]", rows: pd.DataFrame, kind: str, fields: tuple[str, ...], taken: Collection[str] = ()
) -> None:
    """Add a node for each row with its fields; what is not known of a node is left out."""
    for row in rows.to_dict("records"):
        values = {name: plain(row[name]) for name in fields if name in row}
        known = {name: value for name, value in values.items() if value is not None}
        graph.add_node(_node(row["code"], taken), kind=kind, code=row["code"], **known)


def _node(code: str, states: Collection[str]) -> str:
    """Return the node of an organization: its code, told apart from a state of the same code."""
    return f"{code} (organization)" if code in states else code


def _without_unseen(graph: "nx.Graph[str]") -> "nx.Graph[str]":
    """Return a network without characters that XML does not take; each has a mark in its place."""
    named = nx.relabel_nodes(graph, {node: readable(node, kept="") for node in graph})
    for held in (named.graph, *(values for _, values in named.nodes(data=True))):
        held.update({name: readable(value, kept="") for name, value in held.items() if isinstance(value, str)})
    return named


def _write_lists(graph: "nx.Graph[str]", path: Path) -> None:
    """Write a network as two tables: of nodes and of edges."""
    nodes = pd.DataFrame([{"node": node, **values} for node, values in graph.nodes(data=True)])
    edges = pd.DataFrame([{"state": one, "organization": two, **values} for one, two, values in graph.edges(data=True)])
    _write_table(nodes, path.with_name(f"{path.stem}-nodes.csv"))
    _write_table(edges, path.with_name(f"{path.stem}-edges.csv"))


def _write_json(graph: "nx.Graph[str]", path: Path) -> None:
    """Write a network as networkx's node-link data."""
    path.write_text(json.dumps(nx.node_link_data(graph, edges="edges"), ensure_ascii=False), encoding="utf-8")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, or as JSON: a list of rows. Numbers keep all digits in CSV, 15 in JSON.

    Truth values are TRUE and FALSE in CSV: R takes True for text, and all others read either.
    """
    if path.suffix == ".csv":
        table = table.copy()
        for name in [one for one in table if infer_dtype(table[one]) == "boolean"]:
            table[name] = table[name].map({True: "TRUE", False: "FALSE"})
        table.to_csv(path, index=False)
    else:
        table.to_json(path, orient="records", double_precision=15, force_ascii=False)


WRITERS: dict[str, Callable[[Any, Path], None]] = {
    "graphml": nx.write_graphml, "gexf": nx.write_gexf, "csv": _write_lists, "json": _write_json,
}  # fmt: skip
