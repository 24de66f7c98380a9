"""The ODD says what the code does: its tables are the registry's, and nothing that exists goes unnamed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.config.reader import load_experiment
from abm.events import EVENTS
from abm.measures import MEASURES
from abm.regimes import REGIMES
from abm.schedule import PROCESSES
from abm.shocks.kinds import SHOCKS
from abm.state.world import FIELDS
from abm.worlds.parameters import WORLD_SECTIONS
from tests.odd_tables import COUNTING, DOCUMENTS, MARKED, ODD, ORGANIZATIONS, cited, rewritten, tables

ELEMENTS = (
    "Purpose and patterns", "Entities, state variables, and scales", "Process overview and scheduling",
    "Design concepts", "Initialization", "Input data", "Submodels",
)  # fmt: skip
CONCEPTS = (
    "Basic principles", "Emergence", "Individual decision making", "Adaptation and objectives", "Learning",
    "Prediction", "Sensing", "Interaction", "Collectives", "Heterogeneity", "Stochasticity", "Observation",
)  # fmt: skip
SPEAKERS = ("Event", "tell")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def constants(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def returned(tree: ast.Module, name: str) -> set[str]:
    """Texts that the function of this name returns, and those of the alternatives it chooses from."""
    found: set[str] = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, Function) and node.name == name):
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.IfExp):
                choices = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
                found |= set().union(*(constants(choice) for choice in choices))
    return found


def event_kinds(tree: ast.Module) -> Iterator[str]:
    """Kinds of events that a module tells."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] not in SPEAKERS or not node.args:
            continue
        kind = node.args[0]
        if isinstance(kind, ast.Call):
            yield from returned(tree, ast.unparse(kind.func).split(".")[-1])
        elif isinstance(kind, ast.IfExp):
            yield from constants(kind.body) | constants(kind.orelse)
        else:
            yield from constants(kind)


def code(text: str) -> set[str]:
    """Names in a text: lower-case words joined by underscores, also without an index such as _io."""
    words = set(re.findall(r"[a-z]+(?:_[a-z]+)*", text))
    return words | {re.sub(r"_[a-z]{1,2}$", "", word) for word in words}


def quoted(text: str) -> set[str]:
    """Names in code type."""
    return {name for part in re.findall(r"`([^`\n]+)`", text) for name in code(part)}


@pytest.fixture(scope="module")
def text() -> str:
    return ODD.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def prose(text: str) -> str:
    """The text without the tables made from the code."""
    return MARKED.sub("", text)


@pytest.fixture(scope="module")
def submodels(prose: str) -> dict[str, str]:
    """The section of each process without its tables."""
    parts = re.split(r"^### 7\.\d+ (\w+).*$", prose, flags=re.MULTILINE)
    parts[-1] = parts[-1].split("\n## ")[0]
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def events_listed(text: str) -> set[str]:
    section = text.split("### Events")[1].split("###")[0]
    return {name for line in section.splitlines() if line.startswith("| `") for name in quoted(line.split("|")[1])}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_tables_and_counts_are_those_of_the_code(path: Path) -> None:
    found = path.read_text(encoding="utf-8")
    assert rewritten(found) == found, "run `uv run python -m tests.odd_tables`"


@pytest.mark.parametrize("path", [ODD, *COUNTING], ids=lambda path: path.name)
def test_documents_count_the_organizations(path: Path) -> None:
    assert len(ORGANIZATIONS.findall(path.read_text(encoding="utf-8"))) == 1


def test_every_table_is_there_once() -> None:
    every = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert sorted(name for _, name, _ in MARKED.findall(every)) == sorted(tables())


def test_elements_stand_in_their_order(text: str) -> None:
    headings = re.findall(r"^## \d+ (.+)$", text, flags=re.MULTILINE)
    assert tuple(headings[: len(ELEMENTS)]) == ELEMENTS


@pytest.mark.parametrize("concept", CONCEPTS)
def test_design_concept_is_answered(text: str, concept: str) -> None:
    assert f"**{concept}.**" in text.split("## 4 Design concepts")[1].split("\n## ")[0]


def test_submodels_are_the_processes_in_their_order(submodels: dict[str, str]) -> None:
    assert [name for name in submodels if name != "Notation"] == list(PROCESSES)


@pytest.mark.parametrize("name", PROCESSES)
def test_equations_use_every_parameter_and_set_every_field(submodels: dict[str, str], name: str) -> None:
    words, process = code(submodels[name]), PROCESSES[name]
    assert set(process.parameters.model_fields) - words == set()
    assert set(process.writes) - words == set()


def test_initialization_uses_every_parameter_of_worlds(prose: str) -> None:
    words = code(prose.split("## 5 Initialization")[1].split("\n## ")[0])
    assert {name for section in WORLD_SECTIONS.values() for name in section.model_fields} - words == set()


def test_fields_are_named(text: str) -> None:
    assert set(FIELDS) - quoted(text) == set()


def test_measures_and_regimes_are_named(text: str) -> None:
    assert (set(MEASURES) | set(REGIMES)) - quoted(text) == set()


def test_kinds_of_shocks_have_their_rule(submodels: dict[str, str]) -> None:
    assert set(SHOCKS) - quoted(submodels["scheduled_shocks"]) == set()


def test_events_are_those_that_the_code_tells(text: str, trees: dict[Path, ast.Module]) -> None:
    told = {kind for path, tree in trees.items() if path.parts[0] == "abm" for kind in event_kinds(tree)}
    assert {"announce", "death", "obstruction_ended", "founded"} <= told
    assert events_listed(text) == told == set(EVENTS)


def test_sources_have_their_role(prose: str) -> None:
    roles = prose.split("## 8 Sources")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+_\d{4}|evidence_\w+)`", roles))
    assert named == cited()


def test_links_lead_somewhere(text: str) -> None:
    slugs = {
        re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-") for line in re.findall(r"^#+ (.+)$", text, re.M)
    }
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert [link for link in links if link.startswith("#") and link[1:] not in slugs] == []
    assert [link for link in links if not link.startswith("#") and not (ODD.parent / link).exists()] == []


def test_rules_can_be_switched_off_as_said(prose: str) -> None:
    """Each setting of the table loads, also beside all others, and is not the default."""
    table = prose.split("### 10.2 Off by default")[1].split("### 10.3")[0]
    settings = re.findall(r"`(\w+(?:\.\w+)?=[^`]+)`", table)
    assert len(settings) > 30
    assert len({setting.split("=")[0] for setting in settings}) == len(settings)
    plain, off = (load_experiment("base", given).resolved() for given in ((), settings))
    for path in (setting.split("=")[0] for setting in settings):
        section, _, name = path.rpartition(".")
        before, after = ((one["parameters"][section] if section else one)[name] for one in (plain, off))
        assert before != after, path


# The reading itself, on texts that break the rules.


def test_a_changed_value_is_found(text: str) -> None:
    changed = text.replace("| `appeal` | 0.5 |", "| `appeal` | 1.25 |")
    assert changed != text
    assert rewritten(changed) == text
    with pytest.raises(KeyError, match="nothing"):
        rewritten("<!-- table: nothing -->\n<!-- end -->")


def test_kinds_of_events_are_found() -> None:
    told = "def f(x):\n    Event('a')\n    desk.tell('b' if x == 'no' else 'c', x)\n    Event(self._g(x))\n"
    tree = ast.parse(told + "def _g(x):\n    return 'd' if x > 'no' else 'e'\ndef h(): return 'z'\n")
    assert set(event_kinds(tree)) == {"a", "b", "c", "d", "e"}
