"""Every source that a parameter or a docstring names stands in the bibliography, once."""

import ast
import csv
import re
from pathlib import Path

import pytest

from abm.config.experiment import SECTIONS

ASSUMPTION = "assumption"
CITATION = re.compile(r"([A-Z][a-z]+(?:[A-Z][a-z]+)?)(?:,? (?:&|and|et|al\.|van|[A-Z][a-z]+))*,? \(?((?:19|20)\d\d)\b")
MONTHS = {"January", "June", "December", "November"}

Bibliography = dict[str, dict[str, str]]


def read_bibliography(root: Path) -> list[dict[str, str]]:
    with (root / "abm/data/bibliography.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def bibliography(root: Path) -> Bibliography:
    return {row["key"]: row for row in read_bibliography(root)}


def sources() -> dict[str, str]:
    """The source of every parameter, by "section.parameter"."""
    found = {}
    for name, section in SECTIONS.items():
        for parameter, field in section.model_fields.items():
            assert isinstance(field.json_schema_extra, dict)
            found[f"{name}.{parameter}"] = str(field.json_schema_extra["source"])
    return found


def docstrings(tree: ast.Module) -> str:
    """All texts that stand alone in a module, on one line each: docstrings and notes under constants."""
    texts = [
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return "\n".join(" ".join(text.split()) for text in texts)


def cited(text: str) -> set[tuple[str, str]]:
    """Name of the first author and year of every citation in a text."""
    return {match for match in CITATION.findall(text) if match[0] not in MONTHS}


def test_rows_are_complete_and_stand_once(root: Path) -> None:
    rows = read_bibliography(root)
    assert len({row["key"] for row in rows}) == len(rows) > 20
    for row in rows:
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", row["key"]), row
        assert len(row["reference"]) > 8, row
        assert row["note"].endswith("."), row


def test_sources_of_parameters_resolve(bibliography: Bibliography) -> None:
    assert {path: key for path, key in sources().items() if key not in {ASSUMPTION, *bibliography}} == {}


def test_observed_figures_are_used(bibliography: Bibliography) -> None:
    assert {key for key in bibliography if key.startswith("evidence_")} <= set(sources().values())


def test_citations_in_docstrings_resolve(trees: dict[Path, ast.Module], bibliography: Bibliography) -> None:
    references = [row["reference"] for row in bibliography.values()]
    found = {pair for path, tree in trees.items() if path.parts[0] == "abm" for pair in cited(docstrings(tree))}
    assert len(found) > 10
    assert {pair for pair in found if not any(pair[0] in text and pair[1] in text for text in references)} == set()


def test_citations_are_found() -> None:
    text = (
        "As told (Bergstrom, Blume and Varian 1986; Gray 2018), by d'Aspremont et al. 1983 in January 2026 or UN 2025."
    )
    assert cited(text) == {("Bergstrom", "1986"), ("Gray", "2018"), ("Aspremont", "1983")}
