"""Documents and docstrings are in short sentences: none is longer than forty words."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 40
README_USUALLY = 25
ODD_USUALLY = 32
"""Nine sentences in ten have at most so many words."""
PACKAGES = ("abm", "experiments", "viz")
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (
        *ROOT.glob("*.md"),
        *(found for top in PACKAGES for found in (ROOT / top).rglob("*.md")),
    )
)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text in Markdown, without code, tables, headings and pictures."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    lines = [line for line in text.split("\n") if not line.lstrip().startswith(("|", "#", "!", "<"))]
    paragraphs = re.sub(r"\n(?!\n| *(?:[-*]|\d+\.) )", " ", "\n".join(lines)).split("\n")
    return [one.strip() for part in paragraphs for one in re.split(r"(?<=[.!?])\s+(?=[A-Z*`])", part) if one.strip()]


def words(sentence: str) -> int:
    """Return the number of words of a sentence."""
    return len(sentence.split())


def public_docstrings(tree: ast.Module) -> dict[str, str]:
    """Return the docstrings of a module and of its public classes, functions and methods, by name."""
    found, places = {"": ast.get_docstring(tree) or ""}, [("", tree.body)]
    while places:
        prefix, body = places.pop()
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                found[f"{prefix}{node.name}"] = ast.get_docstring(node) or ""
                if isinstance(node, ast.ClassDef):
                    places.append((f"{prefix}{node.name}.", node.body))
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_sentence_of_a_document_is_too_long(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [one for one in sentences(text) if words(one) > LONGEST] == []


@pytest.mark.parametrize(("name", "usual"), [("README.md", README_USUALLY), ("abm/ODD.md", ODD_USUALLY)])
def test_most_sentences_are_short(name: str, usual: int) -> None:
    lengths = sorted(words(one) for one in sentences((ROOT / name).read_text(encoding="utf-8")))
    assert len(lengths) > 20
    assert lengths[len(lengths) * 9 // 10] <= usual


def test_no_sentence_of_a_public_docstring_is_too_long() -> None:
    long = [
        (str(path.relative_to(ROOT)), name, one)
        for path in sorted(path for top in PACKAGES for path in (ROOT / top).rglob("*.py"))
        for name, text in public_docstrings(ast.parse(path.read_text(encoding="utf-8"))).items()
        for one in sentences(text)
        if words(one) > LONGEST
    ]
    assert long == []


# The reading itself, on texts that break the rules.


def test_sentences_are_told_apart() -> None:
    prose = "# Title\n\nOne goes on\nin a line. Two has `code. x`.\n\n- Three\n  - Four\n\n"
    text = prose + "```\nNot. This.\n```\n| no | table |\n"
    assert sentences(text) == ["One goes on in a line.", "Two has `code. x`.", "- Three", "- Four"]


def test_a_long_sentence_is_found() -> None:
    text = "Short. W" + "word " * 41 + "end. Short again."
    assert [words(one) for one in sentences(text) if words(one) > LONGEST] == [42]


def test_docstrings_of_public_names_are_read() -> None:
    code = '"""M."""\nclass A:\n    """C."""\n    def f(self):\n        """F."""\n    def _g(self):\n        """G."""\n'
    assert public_docstrings(ast.parse(code)) == {"": "M.", "A": "C.", "A.f": "F."}
