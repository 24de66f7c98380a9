"""Pages are put together when they are read: texts that stand elsewhere, generated tables, links to other pages.

A page may hold two kinds of lines. `[TEXT](PATH "included here")` stands for a document of the repository, and with
`PATH#ANCHOR` for the text below one of its headings. So nothing is written twice, and a code host shows a link to it.
`<!-- generated: NAME ARGUMENTS -->` stands for what a function of `experiments.documentation.generated` makes of the
code. Links are those of the repository, so that they work in a code host as well; here they lead to the page that holds
the document.
"""

import posixpath
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.logging import getLogger

from experiments.documentation import generated

logger = getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
SITE = "abm/docs"
INCLUDED = re.compile(r'^\[[^\]\n]+\]\((?P<target>[^)\s]+) "included here"\)$', re.MULTILINE)
GENERATED = re.compile(r"^<!-- generated: (?P<which>[^\n]+?) -->$", re.MULTILINE)
LINK = re.compile(r"(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
ELSEWHERE = re.compile(
    r"""<(?:script|img|iframe|source|video)\b[^>]*\bsrc=["']?(?:https?:)?//|<link\b[^>]*\bhref=["']?(?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import"""
)
QUOTED = re.compile(r"(`[^`]*`)|\*")
QUOTED_OR_ANGLE = re.compile(r"(`[^`\n]*`)|<")
LONGEST_VALUE = 60
"""Characters of a value that the reference shows; of longer ones the sentence below says what they hold."""
HEADING = re.compile(r"^(#+) ([^\n]+)$", re.MULTILINE)


def slug(heading: str) -> str:
    """Return the anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")


def outside_code(change: Callable[[str], str], text: str) -> str:
    """Return a text with all but its blocks of code changed."""
    parts, done = [], 0
    for block in FENCED.finditer(text):
        parts += [change(text[done : block.start()]), block.group()]
        done = block.end()
    return "".join([*parts, change(text[done:])])


def headings(text: str) -> list[re.Match[str]]:
    """Return the headings of a text, without lines of code that begin like one."""
    blank = FENCED.sub(lambda block: re.sub(r"[^\n]", " ", block.group()), text)
    return list(HEADING.finditer(blank))


def section(text: str, anchor: str) -> str:
    """Return what stands below a heading, up to the next of its height. Raises KeyError where there is none."""
    found = headings(text)
    for place, match in enumerate(found):
        if slug(match[2]) == anchor:
            ends = [later.start() for later in found[place + 1 :] if len(later[1]) <= len(match[1])]
            return text[match.end() : min(ends, default=len(text))]
    raise KeyError(f"no heading with the anchor {anchor!r}")


def raised(text: str) -> str:
    """Return a text whose highest heading stands right below the title of a page."""
    by = min((len(match[1]) for match in headings(text)), default=2) - 2
    return outside_code(lambda part: HEADING.sub(lambda match: f"{match[1][by:]} {match[2]}", part), text)


@cache
def homes() -> dict[str, str]:
    """Return the page of every document, and of every section that has a page: path or path#anchor -> page."""
    found = {}
    for page in sorted((ROOT / SITE).rglob("*.md")):
        here = page.relative_to(ROOT).as_posix()
        found[here] = here
        for match in INCLUDED.finditer(page.read_text(encoding="utf-8")):
            path, anchor = in_repository(match["target"], here)
            found[f"{path}#{anchor}" if anchor else path] = here
            if anchor and anchor == slug(headings((ROOT / path).read_text(encoding="utf-8"))[1][2]):
                found.setdefault(path, here)  # what names the whole document leads to its beginning
    return found


def in_repository(target: str, source: str) -> tuple[str, str]:
    """Return the path in the repository, and the anchor, that a link of the document `source` leads to."""
    path, _, anchor = target.partition("#")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), path)), anchor


def link(match: re.Match[str], source: str, page: str) -> str:
    """Return a link of a document as it has to be on a page; text alone where its target has no page.

    `source` and `page` are paths in the repository. Raises ExtensionError where the target does not exist.
    """
    if ":" in match["target"] or match["target"].startswith("#"):
        return match.group()
    target, anchor = in_repository(match["target"], source)
    if not (ROOT / target).exists():
        raise ExtensionError(f"{source}: {target} does not exist")
    folder = posixpath.dirname(page)
    if match["picture"]:
        return f"![{match['text']}]({posixpath.relpath(target, folder)})"
    if (home := homes().get(f"{target}#{anchor}")) is not None:
        return f"[{match['text']}]({posixpath.relpath(home, folder)})"
    if (home := homes().get(target)) is not None:
        return f"[{match['text']}]({posixpath.relpath(home, folder)}{'#' * bool(anchor)}{anchor})"
    return match["text"]


def as_text(text: str) -> str:
    """Return a text in which `<name>` is no mark of HTML."""
    return QUOTED_OR_ANGLE.sub(lambda part: part[1] or "&lt;", text)


def document(path: str, anchor: str) -> str:
    """Return the text of a document without its title, or of the section that an anchor names."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return raised(section(text, anchor)) if anchor else re.sub(r"\A\s*# [^\n]+\n", "", text)


def assembled(text: str, page: str) -> str:
    """Return the text of a page with everything that its lines stand for; `page` is its path in the repository."""

    def linked(part: str, source: str) -> str:
        return outside_code(lambda prose: LINK.sub(lambda match: link(match, source, page), prose), part)

    def included(match: re.Match[str]) -> str:
        path, anchor = in_repository(match["target"], page)
        return linked(document(path, anchor), path)

    def made(match: re.Match[str]) -> str:
        name, *arguments = match["which"].split()
        make: Callable[..., str] = getattr(generated, name)
        return outside_code(as_text, make(*arguments))

    return INCLUDED.sub(included, GENERATED.sub(made, linked(text, page)))


def read(app: Sphinx, name: str, source: list[str]) -> None:
    """Put a page together when Sphinx reads it, and read it again whenever something that it rests on changed."""
    page = f"{SITE}/{name}.md"
    for match in INCLUDED.finditer(source[0]):
        app.env.note_dependency(str(ROOT / in_repository(match["target"], page)[0]))
    if any(not match["which"].startswith("modules") for match in GENERATED.finditer(source[0])):
        app.env.note_reread()  # what a module holds, autodoc looks after
    source[0] = assembled(source[0], page).replace("```csv\n", "```text\n")  # CSV has no colours here


def loaded_from_elsewhere(text: str) -> list[str]:
    """Return what a built page or style sheet would load from another host."""
    return [found[0] for found in ELSEWHERE.finditer(text)]


def check_offline(app: Sphinx, failure: Exception | None) -> None:
    """Warn of every built file that would load anything from another host."""
    for path in Path(app.outdir).rglob("*"):
        if failure is None and path.suffix in (".html", ".css"):
            for found in loaded_from_elsewhere(path.read_text(encoding="utf-8")):
                logger.warning("%s loads from another host: %s", path, found)


def as_prose(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Take stars in a docstring as they are, and leave out what Python itself says of the fields of a named tuple."""
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()
    lines[:] = [QUOTED.sub(lambda part: part.group() if part[1] else "\\*", line) for line in lines]


def without_long_values(app: Sphinx, domain: str, kind: str, content: nodes.Element) -> None:
    """Leave out the value of a name where it would fill the page; `content` is what stands below the name."""
    assert content.parent is not None  # Sphinx calls this for parts of a description
    for value in list(content.parent.findall(addnodes.desc_annotation)):
        text = value.astext().strip()
        if text.startswith("=") and len(text) > LONGEST_VALUE and value.parent.parent is content.parent:
            value.parent.remove(value)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx about the above."""
    app.connect("source-read", read)
    app.connect("build-finished", check_offline)
    app.connect("autodoc-process-docstring", as_prose)
    app.connect("object-description-transform", without_long_values)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
