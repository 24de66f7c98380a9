"""The direction of imports, held against the code: who may import whom, and what only few may use.

The text of it stands in LAYERS and ONLY_IN below. A module that no layer names (a helper) is held through the
modules that it imports and that import it: no layer may reach a higher one, by whatever way.
"""

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

# Lowest first; a module may import those of its own layer (unless ISOLATED) and of lower ones.
LAYERS = (
    (
        "abm.rng",
        "abm.calendar",
        "abm.events",
        "abm.parameters",
        "abm.published",
        "abm.config",
        "abm.config.layers",
        "abm.config.errors",
        "abm.config.refusals",
        "abm.config.renamed",
    ),
    ("abm.state", "abm.state.*", "abm.words"),
    ("abm.membership_network", "abm.networkx_graphs", "abm.measures", "abm.measures.*", "abm.processes.base"),
    ("abm.regimes", "abm.regime_by_chance", "abm.regime_trajectory"),
    ("abm.data", "abm.data.*"),
    ("abm.processes", "abm.processes.*", "abm.shocks", "abm.shocks.*"),
    ("abm.schedule",),
    ("abm.config.*", "abm.worlds", "abm.worlds.*"),
    ("abm.simulation",),
    ("abm.recording",),
    ("abm.comparison",),
    ("abm.quiet",),
    ("abm.outcomes", "abm.regime_outcomes", "abm.intervals"),
    ("abm.agents",),
    ("abm.mesa_model",),
    ("viz", "viz.*"),
    ("experiments.storage", "experiments.storage.*"),
    ("experiments.runs", "experiments.runs.*"),
    ("experiments.sweeps", "experiments.sweeps.*"),
    ("experiments.claims", "experiments.claims.*", "experiments.benchmark", "experiments.benchmark.*"),
    ("experiments.report", "experiments.report.*"),
    ("experiments.reproduction", "experiments.reproduction.*"),
    ("experiments.analysis", "experiments.analysis.*"),
    ("experiments.plots", "experiments.plots.*"),
    ("experiments.validation", "experiments.validation.*", "experiments.studies", "experiments.studies.*"),
    ("experiments.cli", "experiments.cli.*", "experiments"),
    ("abm",),
)
# Never from one to the other, directly or by way of others: (importer, imported).
APART = (
    ("experiments*", "viz*"),
    ("viz*", "experiments*"),
    ("experiments.analysis*", "abm.mesa_model"),
    ("experiments.analysis*", "abm.agents"),
)
# Packages that only few modules may import.
ONLY_IN = {
    "mesa": ("abm.agents", "abm.mesa_model", "viz*"),
    "yaml": ("abm.config.reader",),
    "solara": ("viz*",),
    "ipyvuetify": ("viz*",),
    "anywidget": ("viz*",),
    "altair": ("viz*",),
    "matplotlib": ("experiments.plots*", "experiments.report.study_drawing"),
    "typer": ("experiments.cli*",),
    "random": ("abm.rng",),
    "secrets": ("viz.class_votes",),
}
COMMAND = ("experiments.cli", "experiments.cli.*")  # the command starts the page
LAZY = (
    "abm",
    "experiments",
    "experiments.cli",
    "experiments.cli.*",
)  # may import inside functions, so that a first answer comes at once
SITE = (("abm", "docs"), ("experiments", "documentation"))  # builds the documentation: no module knows it
TOP_LEVEL = {
    *(".ci", ".github", "abm", "configs", "experiments", "viz", "tests"),
    *("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "SECURITY.md"),
    *(".python-version", ".gitignore", ".gitattributes", ".pre-commit-config.yaml"),
}

Modules = dict[str, ast.Module]
Graph = dict[str, set[str]]


def matches(module: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(module, pattern) for pattern in patterns)


def layer(module: str) -> int | None:
    """Height of a module; the layer that names it outright goes before a pattern; None for a helper."""
    exact = [height for height, names in enumerate(LAYERS) if module in names]
    by_pattern = [height for height, names in enumerate(LAYERS) if matches(module, names)]
    return next(iter(exact + by_pattern), None)


def is_process(module: str) -> bool:
    return fnmatchcase(module, "abm.processes.*") and module != "abm.processes.base"


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(node: ast.AST) -> Iterator[str]:
    """Full names that the import statements under a node bring in: `from a import b` is `a.b`."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            yield from (alias.name for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom):
            yield from (f"{inner.module or ''}.{alias.name}" for alias in inner.names)


def direct(tree: ast.AST, modules: Modules) -> set[str]:
    """The project's modules that a tree imports: `a.b` is module a.b if there is one, else module a."""
    return {name if name in modules else name.rpartition(".")[0] for name in imports(tree)} & set(modules)


def reached(start: str, graph: Graph) -> set[str]:
    """Every module that a module imports, directly or by way of others."""
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += graph[name]
    return found


def nested_imports(tree: ast.Module) -> list[int]:
    """Lines of imports inside functions and classes; a block at module level (TYPE_CHECKING) is the top."""
    inside = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bodies = [node for node in ast.walk(tree) if isinstance(node, inside)]
    found = {n.lineno for body in bodies for n in ast.walk(body) if isinstance(n, ast.Import | ast.ImportFrom)}
    return sorted(found)


def random_numbers(tree: ast.Module) -> list[str]:
    """Uses of numpy's random module, all but the name of the type that functions are handed."""
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {name for name in used if name.startswith(("np.random.", "numpy.random."))}
    imported = {name for name in imports(tree) if f"{name}.".startswith("numpy.random.")}
    return sorted(name for name in called | imported if not name.endswith("random.Generator"))


def late(tree: ast.Module) -> list[int]:
    """Lines of module-level imports that stand below a definition."""
    seen, lines = False, []
    for node in tree.body:
        seen = seen or isinstance(node, ast.FunctionDef | ast.ClassDef)
        if seen and isinstance(node, ast.Import | ast.ImportFrom):
            lines.append(node.lineno)
    return lines


@pytest.fixture(scope="module")
def modules(trees: dict[Path, ast.Module]) -> Modules:
    packages = ("abm", "experiments", "viz")
    held = {path: tree for path, tree in trees.items() if path.parts[0] in packages and path.parts[:2] not in SITE}
    return {module_name(path): tree for path, tree in held.items()}


@pytest.fixture(scope="module")
def graph(modules: Modules) -> Graph:
    return {name: direct(tree, modules) - {name} for name, tree in modules.items()}


def test_there_is_code_to_hold(modules: Modules) -> None:
    assert {"abm.rng", "abm.state.world", "experiments", "viz"} <= set(modules)


def test_no_module_reaches_a_higher_layer(graph: Graph) -> None:
    wrong = [
        f"{name} reaches {other}"
        for name in graph
        if not matches(name, LAZY) and (own := layer(name)) is not None
        for other in reached(name, graph)
        if (height := layer(other)) is not None and height > own
    ]
    assert wrong == []


def test_no_process_imports_another(graph: Graph) -> None:
    wrong = [
        f"{name} reaches {other}"
        for name in filter(is_process, graph)
        for other in reached(name, graph)
        if is_process(other)
    ]
    assert wrong == []


@pytest.mark.parametrize(("importer", "imported"), APART)
def test_kept_apart(graph: Graph, importer: str, imported: str) -> None:
    wrong = [
        f"{name} reaches {other}"
        for name in graph
        if fnmatchcase(name, importer)
        if not matches(name, COMMAND)
        for other in reached(name, graph)
        if fnmatchcase(other, imported)
    ]
    assert wrong == []


def test_only_the_public_face_imports_experiments_and_viz(graph: Graph) -> None:
    outer = {name for name in graph if name.split(".")[0] != "abm"}
    wrong = [name for name in graph if name not in outer and not matches(name, LAZY) and graph[name] & outer]
    assert wrong == []


@pytest.mark.parametrize("package", sorted(ONLY_IN))
def test_packages_used_only_where_allowed(modules: Modules, package: str) -> None:
    users = [name for name, tree in modules.items() if package in {full.split(".")[0] for full in imports(tree)}]
    assert [name for name in users if not matches(name, ONLY_IN[package])] == []


def test_random_numbers_come_from_rng(modules: Modules) -> None:
    wrong = {name: used for name, tree in modules.items() if name != "abm.rng" and (used := random_numbers(tree))}
    assert wrong == {}


def test_no_module_imports_the_package_whole(modules: Modules) -> None:
    names = {name: [n for n in ast.walk(tree) if isinstance(n, ast.Import)] for name, tree in modules.items()}
    whole = [name for name, found in names.items() for n in found for a in n.names if a.name.split(".")[0] == "abm"]
    assert whole == []


def test_imports_stand_at_the_top(modules: Modules) -> None:
    wrong = {name: lines for name, tree in modules.items() if (lines := late(tree) + nested_imports(tree))}
    assert {name: lines for name, lines in wrong.items() if not matches(name, LAZY)} == {}


def test_no_import_cycle(graph: Graph, modules: Modules) -> None:
    top = {name: ast.Module(tree.body, []) for name, tree in modules.items() if matches(name, LAZY)}
    for tree in top.values():  # what these import inside functions runs after everything is loaded
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    eager = graph | {name: direct(tree, modules) - {name} for name, tree in top.items()}
    try:
        order = list(TopologicalSorter(eager).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
    assert set(order) == set(graph)


def test_top_level_is_the_agreed_one(tracked: list[Path]) -> None:
    assert {path.parts[0] for path in tracked} - TOP_LEVEL == set()


# The rules themselves, on code that breaks them.


@pytest.mark.parametrize(
    ("module", "height"),
    [
        ("abm.rng", 0),
        ("abm.processes.base", 2),
        ("abm.processes.funding", 5),
        ("abm.schedule", 6),
        ("abm.x", None),
    ],
)
def test_layer_of(module: str, height: int | None) -> None:
    assert layer(module) == height


def test_reaches_through_a_helper() -> None:
    graph = {"abm.state.world": {"abm.helper"}, "abm.helper": {"abm.mesa_model"}, "abm.mesa_model": set()}
    with pytest.raises(AssertionError, match=r"abm\.state\.world reaches abm\.mesa_model"):
        test_no_module_reaches_a_higher_layer(graph)


def test_process_importing_a_process_is_found() -> None:
    graph = {"abm.processes.trust": {"abm.processes.voting"}, "abm.processes.voting": set()}
    with pytest.raises(AssertionError, match="trust reaches"):
        test_no_process_imports_another(graph)


def test_broken_source_is_found() -> None:
    body = "def f():\n    import abm\n    return np.random.default_rng(1)\n"
    tree = ast.parse(f"import yaml\nfrom numpy import random\n{body}from abm import rng\n")
    modules = {"abm.state.world": tree, "abm.rng": ast.parse("")}
    assert late(tree) + nested_imports(tree) == [6, 4]
    assert random_numbers(tree) == ["np.random.default_rng", "numpy.random"]
    assert direct(tree, modules) == {"abm.rng"}
    for rule in (test_random_numbers_come_from_rng, test_imports_stand_at_the_top):
        with pytest.raises(AssertionError):
            rule(modules)
    with pytest.raises(AssertionError):
        test_packages_used_only_where_allowed(modules, "yaml")
    with pytest.raises(AssertionError):
        test_no_module_imports_the_package_whole(modules)


def test_modules_with_workers_start_by_their_own_name(root: Path) -> None:
    """Workers cannot find what is defined in `__main__`."""
    for path in (root / "experiments").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if '__name__ == "__main__"' in text and "spread(" in text:
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            assert f"from {name} import main as by_name" in text, path
