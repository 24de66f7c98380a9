"""The texts of the paper from its facts: templates of Markdown, and the same as pages of HTML.

Templates hold no results: numbers, names and the way that something goes all come from the facts.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from abm.data.world_tables import read_tables
from abm.words import chinese_names, event_words
from experiments.report.html import document
from experiments.report.orders_figure import words_of
from experiments.report.result_view import listed, number, percent
from experiments.storage.atomic import write_whole
from experiments.studies.paper.trials import ALONE, VARIANTS

TEXTS = {"paper": "en", "summary.en": "en", "summary.zh": "zh"}
"""Name of a text -> its language."""
ORDERS_ZH = {
    "continuity": "延续", "hollowing_out": "空心化", "reform": "改革", "recentring": "重心转移",
    "minilateral": "小多边格局", "two_camps": "两大阵营", "selective_hegemony": "选择性霸权",
    "fragmentation": "碎片化", "unravelling": "瓦解",
}  # fmt: skip
"""Names of the orders in Chinese, as on the page."""
NARROW = "\u202f"
PICTURE = re.compile(r'src="([a-z.-]+\.svg)"')
Mean = Mapping[str, Any]


def write_texts(facts: Mapping[str, Any], out: Path) -> None:
    """Write each text as Markdown and as a page of HTML into a folder."""
    for name, language in TEXTS.items():
        text = written(name, facts)
        write_whole(out / f"{name}.md", text.encode())
        title = text.partition("\n")[0].removeprefix("# ")
        body = PICTURE.sub(lambda match: _data(out / match[1]), MarkdownIt("commonmark").enable("table").render(text))
        write_whole(out / f"{name}.html", document(title, Markup(body), language=language).encode())


def _data(file: Path) -> str:
    """Return a figure as the source of a picture, so that the page stands alone."""
    return f'src="data:image/svg+xml;base64,{b64encode(file.read_bytes()).decode()}"'


def written(name: str, facts: Mapping[str, Any]) -> str:
    """Return a text in Markdown. Raises UndefinedError where the facts lack something that it names."""
    language = TEXTS[name]
    source = files("experiments").joinpath(f"studies/paper/templates/{name}.md.jinja").read_text(encoding="utf-8")
    rules = [row for row in facts["trials"] if row["variant"] != ALONE]
    values = {
        "base": next(row for row in facts["trials"] if row["variant"] == ALONE), "rules": rules, "bold": _change,
        "intervals": sum(len(row["apart"]) for row in rules),
    }  # fmt: skip
    text = _environment(language).from_string(source).render(facts, **values)
    return text.rstrip() + "\n"


def said(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sentences that a person reads first: those of the abstract."""
    text = written("paper", facts)
    start = text.index("## Abstract") + len("## Abstract")
    return tuple(line[2:] for line in text[start : text.index("\n## ", start)].splitlines() if line.startswith("- "))


@cache
def _environment(language: str) -> Environment:
    """Return templates with the filters of a language."""
    # Markdown of our own: its values are numbers, and names of our tables
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    names = chinese_names() if language == "zh" else _english_names()
    filters: dict[str, Callable[..., str]] = {
        "plain": lambda value, digits=0: number(value, digits),
        "share": lambda value: _share(value, language),
        "within": lambda one, digits=1, factor=1.0, sign=False: _within(one, digits, factor, sign, language),
        "points": lambda one: _within(one, 1, 100.0, True, language),
        "order": lambda name: ORDERS_ZH[name] if language == "zh" else words_of(name),
        "name": lambda code: names.get(f"name.{code}", str(code)),
        "rule": lambda name: getattr(VARIANTS[name], language),
        "decider": lambda name: event_words(language)[f"rule.{name}"],
        "listed": lambda parts: "、".join(parts) if language == "zh" else listed(list(parts)),
    }
    environment.filters |= filters
    return environment


def _english_names() -> dict[str, str]:
    """Return the names of states and organizations in the tables by `name.<code>`."""
    tables = read_tables()
    pairs = [zip(table["code"], table["name"], strict=True) for table in (tables.states, tables.organizations)]
    return {f"name.{code}": str(name) for some in pairs for code, name in some}


def _share(value: float, language: str) -> str:
    """Return a share in per cent."""
    return percent(value).replace(NARROW, "") if language == "zh" else percent(value)


def _within(one: Mean, digits: int, factor: float, sign: bool, language: str) -> str:
    """Return a mean with its 90 % interval."""
    mean, low, high = (
        number(factor * one[end], digits, sign=sign and end == "mean") for end in ("mean", "low", "high")
    )
    if language == "zh":
        return f"{mean}（90%区间{low}至{high}）"
    return f"{mean} (90{NARROW}% interval {low} to {high})"


def _change(row: Mapping[str, Any], column: str, digits: int, factor: float) -> str:
    """Return a change without a rule, in bold where its interval excludes zero."""
    text = number(factor * row["apart"][column]["mean"], digits, sign=True)
    return f"**{text}**" if column in row["moves"] else text
