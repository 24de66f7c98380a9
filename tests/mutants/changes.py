"""Small wrong changes to a source file: each a text that replaces another at one place."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
CALLED = {"minimum": "maximum", "maximum": "minimum", "min": "max", "max": "min", "any": "all", "all": "any"}
SYMMETRIC = ("min", "max", "minimum", "maximum")
"""Functions whose result does not depend on the order of their arguments; `clip` is so in its first two."""
UNSEEN = ("doc", "unit", "source", "help", "title", "description")
"""Keywords whose values only readers see."""


@dataclass(frozen=True)
class Mutant:
    """One change: `before` at the bytes `start` to `end` of a file becomes `after`; `lines` are those that run it."""

    path: str
    line: int
    lines: tuple[int, int]
    start: int
    end: int
    before: str
    after: str
    kind: str
    key: str

    def applied(self, source: bytes) -> bytes:
        """The file with the change."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def mutants(path: str, source: bytes) -> list[Mutant]:
    """All changes of a file, in their order in the file; hardly any is no Python."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found, seen = [], {}
    for kind, node, after, first in _Finder().changes(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        before = source[start:end].decode()
        name = f"{path}:{kind}:{before}:{after}"
        seen[name] = seen.get(name, -1) + 1  # so that a change keeps its rank when other lines of the file move
        key = f"{name}:{seen[name]}"
        lines = first, node.end_lineno or node.lineno
        found.append(Mutant(path, node.lineno, lines, start, end, before, after, kind, key))
    return found


def drawn(found: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """`count` of the changes, by the rank of their digest: the same ones again, whatever else changed in the tree."""
    rank = {m.key: hashlib.sha256(f"{seed}:{m.key}".encode()).hexdigest() for m in found}
    return sorted(found, key=lambda m: rank[m.key])[:count]


Change = tuple[str, ast.expr | ast.stmt, str, int]
"""Kind, node that is replaced, new text, first line of the statement around it."""


class _Finder:
    """Walks over what runs: no docstrings, annotations, messages of errors, texts, or what only readers see."""

    def changes(self, node: ast.AST, first: int = 0, inside: bool = False) -> Iterator[Change]:
        if isinstance(node, ast.stmt):
            first = node.lineno
            yield from self.statement(node, inside) if not isinstance(node, ast.Raise) else ()
        if isinstance(node, ast.expr):
            for kind, after in self.expression(node, inside):
                yield kind, node, after, first
        inside = inside or isinstance(node, ast.FunctionDef | ast.Lambda)
        for child in self.children(node):
            yield from self.changes(child, first, inside)

    def children(self, node: ast.AST) -> Iterator[ast.AST]:
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
            return
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        skipped = ("annotation", "returns", "decorator_list", "type_params", "bases", "args")
        if isinstance(node, ast.Call | ast.Lambda):
            skipped = ()
        for name, value in ast.iter_fields(node):
            if name in skipped or (isinstance(node, ast.Subscript) and name == "slice" and self.is_type(node)):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.keyword) and child.arg in UNSEEN:
                    continue
                if isinstance(child, ast.AST):
                    yield child

    @staticmethod
    def is_type(node: ast.Subscript) -> bool:
        return isinstance(node.value, ast.Name) and (node.value.id[0].isupper() or node.value.id in ("tuple", "type"))

    def statement(self, node: ast.stmt, inside: bool) -> Iterator[Change]:
        """Dropped statements, and conditions that always or never hold."""
        drops = isinstance(node, ast.AugAssign | ast.Continue | ast.Break | ast.Delete)
        drops = drops or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom))
        if isinstance(node, ast.Assign):
            drops = any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
        if drops and inside:
            yield "dropped", node, "pass", node.lineno
        if isinstance(node, ast.If) and inside:
            yield "condition", node.test, "True", node.lineno
            yield "condition", node.test, "False", node.lineno

    def expression(self, node: ast.expr, inside: bool) -> Iterator[tuple[str, str]]:
        """Other texts for an expression."""
        if isinstance(node, ast.BinOp) and (inside or not isinstance(node.op, ast.BitOr)):
            if other := BINARY.get(type(node.op)):
                yield "operator", text(ast.BinOp(node.left, other(), node.right))
                yield "operand", text(node.left)
                yield "operand", text(node.right)
        elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
            yield "sign", text(node.operand)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            for op in COMPARED[type(node.ops[0])]:
                yield "comparison", text(ast.Compare(node.left, [op()], node.comparators))
        elif isinstance(node, ast.BoolOp):
            other_bool = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "logic", text(ast.BoolOp(other_bool, node.values))
        elif isinstance(node, ast.IfExp):
            yield "choice", text(ast.IfExp(node.test, node.orelse, node.body))
        elif isinstance(node, ast.Constant):
            yield from self.constant(node.value)
        elif isinstance(node, ast.Call):
            yield from self.call(node)

    @staticmethod
    def constant(value: object) -> Iterator[tuple[str, str]]:
        if isinstance(value, bool):
            yield "constant", repr(not value)
        elif isinstance(value, int):
            yield "constant", repr(value + 1)
        elif isinstance(value, float):
            yield "constant", repr(value * 1.5 if value else 1.0)

    @staticmethod
    def call(node: ast.Call) -> Iterator[tuple[str, str]]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for place in range(name == "clip" and len(node.args) == 3, len(node.args) - 1 if name not in SYMMETRIC else 0):
            if any(isinstance(argument, ast.Starred) for argument in node.args[place : place + 2]):
                continue
            swapped = [*node.args]
            swapped[place : place + 2] = swapped[place + 1], swapped[place]
            if ast.dump(swapped[place]) != ast.dump(node.args[place]):
                yield "arguments", text(ast.Call(node.func, swapped, node.keywords))
        if name in CALLED:
            called = ast.Name(CALLED[name])
            function = ast.Attribute(node.func.value, called.id) if isinstance(node.func, ast.Attribute) else called
            yield "call", text(ast.Call(function, node.args, node.keywords))


def text(node: ast.expr) -> str:
    """An expression in brackets, so that it can stand where another one stood."""
    return f"({ast.unparse(node)})"
