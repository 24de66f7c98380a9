"""The budgets of the code, over every file that git tracks: sizes, docstrings, annotations, addresses."""

import ast
import statistics
from pathlib import Path

import pytest

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
MEDIAN_FUNCTION = 12
PUBLIC_ALTHOUGH = ("_replace", "_asdict", "_repr_html_", "_exit", "_shutdown", "_run_exitfuncs")
"""Documented methods of named tuples and notebooks, and three of Python's own functions that end processes."""
ASSERTING = ("assert", "raises", "warns", "check", "expect", "fail", "benchmark")
# Written in two halves, so that this file does not hold what it looks for.
ADDRESSES = tuple(
    "".join(halves)
    for halves in (
        ("files.python", "hosted.org"),
        ("pypi", ".org"),
        ("registry.npm", "js.org"),
        ("registry.yarn", "pkg.com"),
        ("deb.", "debian.org"),
        ("index", "-url"),
        ('registry = "', "http"),
        ('"resolved": "', "http"),
    )
)
MACHINE = (
    str(Path(__file__).resolve().parent.parent),
    f"{Path.home()}/",
    "/" + "work/main",
    "/" + "work/shared",
)
BINARY = (".npz", ".png", ".parquet", ".woff2", ".gz", ".ico")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Trees = dict[Path, ast.Module]


def functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def public(tree: ast.Module) -> list[Function]:
    """Functions and methods that others may call: no leading underscore on the way, not inside a function."""
    found: list[Function] = []
    places: list[ast.Module | ast.ClassDef] = [tree]
    while places:
        named = [n for n in places.pop().body if isinstance(n, Function | ast.ClassDef) and n.name[0] != "_"]
        found += [node for node in named if isinstance(node, Function)]
        places += [node for node in named if isinstance(node, ast.ClassDef)]
    return found


def decorated(node: Function, *names: str) -> bool:
    last_parts = {ast.unparse(decorator).split("(")[0].split(".")[-1] for decorator in node.decorator_list}
    return bool(last_parts & set(names))


def undocumented(node: Function) -> bool:
    return ast.get_docstring(node) is None and not decorated(node, "overload", "override", "property", "setter")


def silent(node: Function) -> bool:
    """True for a test that asserts nothing: no assert statement and no call of a function that asserts."""
    calls = [ast.unparse(n.func).split(".")[-1] for n in ast.walk(node) if isinstance(n, ast.Call)]
    asserts = any(isinstance(n, ast.Assert) for n in ast.walk(node))
    return not asserts and not any(name.startswith(ASSERTING) for name in calls)


def forbidden(text: str) -> list[str]:
    return [part for part in ADDRESSES + MACHINE if part in text]


@pytest.fixture(scope="module")
def code(trees: Trees) -> Trees:
    return {path: tree for path, tree in trees.items() if path.parts[0] != "tests"}


def test_typical_function_is_short(code: Trees) -> None:
    lengths = [length(node) for tree in code.values() for node in functions(tree)]
    assert len(lengths) > 0
    assert statistics.median(lengths) <= MEDIAN_FUNCTION


def test_no_function_is_long(code: Trees) -> None:
    sizes = {f"{path}:{n.lineno} {n.name}": length(n) for path, tree in code.items() for n in functions(tree)}
    assert {where: size for where, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def test_no_file_is_long(trees: Trees, root: Path) -> None:
    sizes = {str(path): (root / path).read_text(encoding="utf-8").count("\n") for path in trees}
    assert {where: size for where, size in sizes.items() if size > LONGEST_FILE} == {}


def test_public_functions_have_docstrings(code: Trees) -> None:
    bare = [f"{path}:{n.lineno} {n.name}" for path, tree in code.items() for n in public(tree) if undocumented(n)]
    assert bare == []


def test_public_functions_say_what_they_return(code: Trees) -> None:
    untyped = [f"{path}:{n.lineno} {n.name}" for path, tree in code.items() for n in public(tree) if n.returns is None]
    assert untyped == []


def test_every_test_asserts(trees: Trees) -> None:
    mute = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in trees.items()
        if path.parts[0] == "tests"
        for node in functions(tree)
        if node.name.startswith("test") and silent(node)
    ]
    assert mute == []


def test_no_address_or_machine_path(tracked: list[Path], root: Path) -> None:
    texts = [path for path in tracked if path.suffix not in BINARY]
    found = {str(path): forbidden((root / path).read_text(encoding="utf-8", errors="replace")) for path in texts}
    assert {where: parts for where, parts in found.items() if parts} == {}


def test_no_lock_file_is_tracked(tracked: list[Path]) -> None:
    locks = {"uv.lock", "package-lock.json", "poetry.lock", "yarn.lock"}
    assert [path for path in tracked if path.name in locks] == []


def private_uses(tree: ast.AST) -> list[str]:
    """Functions and methods of others that a test calls or replaces although their names begin with an underscore."""
    defined = {node.name for node in ast.walk(tree) if isinstance(node, Function | ast.ClassDef)}
    imported = [a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names]
    called = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    methods = [n for func in called for n in ast.walk(func) if isinstance(n, ast.Attribute)]
    own = [n.attr for n in methods if ast.unparse(n.value) not in ("self", "cls")]
    return sorted(
        name
        for name in {*imported, *own}
        if name[0] == "_" and not name.startswith("__") and name not in defined | set(PUBLIC_ALTHOUGH)
    )


def test_no_test_calls_a_private_function_of_another_module(trees: Trees) -> None:
    found = {str(path): private_uses(tree) for path, tree in trees.items() if path.parts[0] == "tests"}
    assert {path: names for path, names in found.items() if names} == {}


# The rules themselves, on code that breaks them.


def test_broken_source_is_found() -> None:
    tree = ast.parse("class A:\n    def f(self):\n        def g(): ...\n    def _h(self): ...\ndef test_x(): f(1)\n")
    assert [node.name for node in public(tree)] == ["test_x", "f"]
    assert [node.name for node in public(tree) if undocumented(node)] == ["test_x", "f"]
    assert [node.name for node in functions(tree) if silent(node)] == ["test_x", "f", "_h", "g"]
    assert sorted(length(node) for node in functions(tree)) == [1, 1, 1, 2]


def test_private_calls_are_found() -> None:
    code = "from a import _b, c\nclass X:\n    def f(self): self._g(); c._h(1); c._k.clear(); c._replace(d=1)\n"
    assert private_uses(ast.parse(code)) == ["_b", "_h", "_k"]


def test_asserting_calls_count() -> None:
    (node,) = functions(ast.parse("def test_x():\n    with pytest.raises(ValueError):\n        f()\n"))
    assert not silent(node)


def test_addresses_are_found() -> None:
    assert forbidden("see " + ADDRESSES[0] + " in " + MACHINE[1]) == [ADDRESSES[0], MACHINE[1]]
    assert forbidden("a share of 1/2, see section 4") == []
