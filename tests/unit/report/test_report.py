"""The report as a file: valid, self-contained, complete, for every kind of result."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from experiments.report import write_report
from experiments.report.result_page import page
from experiments.report.result_view import View
from experiments.runs.result import Result

VOID = {"meta", "br", "link", "img", "input", "hr"}
SHAPES = {"path", "circle", "rect", "use", "line"}
NAMES = ("real", "no shock", "no twin", "one run", "one quarter", "two states", "several actors", "births and deaths",
         "sanction")  # fmt: skip


class Reader(HTMLParser):
    """Reads a page and keeps what the tests ask for; fails on an element that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.images: list[str | None] = []
        self.figures: list[int] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), f"an attribute stands twice in {tag}"
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found[name] or "" for name in ("href", "src", "xlink:href", "data") if name in found]
        if tag == "figure":
            self.figures.append(0)
        if "figure" in self.open and (tag in SHAPES or found.get("class") == "empty"):
            self.figures[-1] += 1
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg" and found.get("role") == "img":
            self.images.append(found.get("aria-label"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes what was not opened"

    def handle_data(self, data: str) -> None:
        if not {"style", "pre"} & set(self.open):
            self.words.append(data)


@pytest.fixture(params=NAMES, scope="module")
def text(request: pytest.FixtureRequest, results: Callable[[str], Result]) -> str:
    return page(View(results(request.param)))


def test_elements_are_closed_and_names_unique(text: str) -> None:
    reader = Reader(text)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert text.startswith("<!doctype html>")
    assert 'lang="en"' in text
    assert 'charset="utf-8"' in text


def test_nothing_is_fetched(text: str) -> None:
    reader = Reader(text)
    assert [link for link in reader.links if link.removeprefix("#") not in reader.ids or link[:1] != "#"] == []
    assert re.findall(r"url\(|@import|<script|<link|<iframe|https?://", text) == []


def test_headings_are_in_order(text: str) -> None:
    levels = Reader(text).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_no_html_is_shown_as_text(text: str) -> None:
    assert re.findall(r"&lt;/?\w+[^&]{0,40}", text.split("<pre>", maxsplit=1)[0]) == []


def test_figures_show_something_and_say_what(text: str) -> None:
    reader = Reader(text)
    assert len(reader.figures) >= 4
    assert min(reader.figures) >= 1
    assert reader.images
    assert all(words and len(words) > 12 for words in reader.images)


def test_no_number_is_missing(text: str) -> None:
    words = " ".join(Reader(text).words)
    assert re.findall(r"\bnan\b|\binf\b|\bNone\b|\{\w*\}|shocked\.\w+", words) == []
    assert re.findall(r'="(?:nan|inf|-inf|None)"|[ML, ](?:nan|inf)\b', text) == []


def test_size_is_small(text: str) -> None:
    assert 20_000 < len(text.encode()) < 4_000_000


def test_written_twice_is_the_same(results: Callable[[str], Result], tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_report(results("one run"), tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_names_that_look_like_html_are_escaped(results: Callable[[str], Result]) -> None:
    result = results("one run")
    organizations = result.organizations.assign(name="<b>&\"'" + result.organizations["code"])
    experiment = result.experiment.model_copy(update={"title": "<script>alert(1)</script>"})
    text = page(View(replace(result, organizations=organizations, experiment=experiment)))
    assert Reader(text).open == []
    assert "<script" not in text
    assert "&lt;b&gt;&amp;" in text


def test_births_and_deaths_really_occur(results: Callable[[str], Result]) -> None:
    kinds = set(results("births and deaths").events["kind"])
    assert "founded" in kinds
    assert kinds & {"death", "replaced"}


def test_failed_runs_are_told(results: Callable[[str], Result]) -> None:
    result = results("one run")
    outcomes = result.outcomes | {"failed_runs": [{"run": 1, "twin": False, "error": "ValueError: x"}]}
    assert "1 runs failed" not in page(View(result))
    assert "1 run failed" in page(View(replace(result, outcomes=outcomes)))


def test_settings_say_who_gave_what(real: View) -> None:
    text = page(real)
    assert real.result.experiment.digest() in text
    assert "abm reproduce" in text
    row = re.search(r"<code>quarters</code></th><td class=\"words\">14</td><td class=\"words\">([^<]*)</td>", text)
    assert row is not None
    assert "us-exit-2026.yaml" not in row[1]
    assert re.search(r"<code>shocks\.0\.actor</code></th><td class=\"words\">USA</td><td[^>]*>[^<]*us-exit-2026", text)
