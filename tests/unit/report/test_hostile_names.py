"""Names from a user's tables are text on every page, whatever characters they have."""

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.config.reader import load_experiment
from experiments.analysis.sweep_analysis import analyze_sweep
from experiments.report.analysis import analysis_page, plates
from experiments.report.html import POLICY
from experiments.report.scenario_figures import comparison_page, comparison_plate
from experiments.report.scenario_table import compare
from experiments.report.write_result import write_result
from experiments.runs.result import Result
from experiments.runs.stored import read_result

HOSTILE = "<hostile hostile=\"1\" '&amp;'>\u202eA {0} %s</svg></style></hostile>"
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """Counts tags and names of attributes, and checks that what opens is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.open = Counter[str](), Counter[str](), list[str]()
        self.said: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes.update(name for name, _ in attrs)
        self.said += [value or "" for _, value in attrs]
        self.open += [tag] if tag not in VOID else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def check(text: str) -> None:
    """Check a page or an image; a page has a policy that bars scripts and loading, and nothing that needs them."""
    page = Page(text)
    if "html" in page.tags:
        assert [said for said in page.said if said.startswith("default-src 'none'")] == [POLICY]
        assert "script-src" not in POLICY
    assert not {"script", "iframe", "object", "embed", "form"} & set(page.tags)
    assert not {"src", "onload", "onclick", "onerror"} & set(page.attributes)
    assert page.open == []
    assert "hostile" not in page.tags
    assert "hostile" not in page.attributes
    assert sum("hostile" in said for said in page.said) > 0


def spoiled(result: Result) -> Result:
    """Return a result in which every name and title is hostile, also where it is cut short; codes have a form."""
    tables: dict[str, Any] = {}
    for name, table in result.tables():
        texts = [column for column in ("name", "issue_area") if column in table]
        hostile = {
            column: table[column].where(table[column] == "", "<i hostile>" + table[column] + HOSTILE)
            for column in texts
        }
        tables[name] = table.assign(**{column: values.astype(str) for column, values in hostile.items()})
    config = result.experiment.resolved() | {"title": HOSTILE, "description": HOSTILE}
    outcomes = result.outcomes | {"scenario": HOSTILE}
    return replace(result, experiment=load_experiment(config), outcomes=outcomes, **tables)


@pytest.fixture(scope="module")
def folders(result_folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    places = [tmp_path_factory.mktemp("hostile") / name for name in ("one", "two")]
    for folder, place in zip(result_folders, places, strict=True):
        write_result(spoiled(read_result(folder).result()), place)
    return places


def test_reports_show_hostile_names_as_text(folders: list[Path]) -> None:
    for folder in folders:
        check((folder / "report.html").read_text(encoding="utf-8"))


def test_comparisons_show_hostile_names_as_text(folders: list[Path]) -> None:
    rows = compare(folders)
    check(comparison_page(rows))
    check(comparison_plate(rows))


def test_analyses_show_hostile_words_as_text(swept: Path) -> None:
    found = analyze_sweep(swept)
    words = pd.Series([HOSTILE, "b", HOSTILE, "b"], found.samples.points.index)
    points = found.samples.points.assign(**{"shocks.1.notice_quarters": words})
    box = dict.fromkeys(("low", "high", "range_low", "range_high"), float("nan")) | {
        "regime": HOSTILE, "factor": HOSTILE, "words": HOSTILE, "all_words": f"{HOSTILE}, b",
        "coverage": 1.0, "density": 1.0, "share": 0.5, "runs": 4, "p": 0.1,
    }  # fmt: skip
    phases = {pair: cells.assign(x_word=HOSTILE, y_word=HOSTILE) for pair, cells in found.phases.items()}
    hostile = replace(found, samples=replace(found.samples, points=points), boxes=pd.DataFrame([box]), phases=phases)
    check(analysis_page(hostile, [HOSTILE]))
    images = dict(plates(hostile))
    assert {"boxes", "phases-1"} <= set(images)
    for name in ("boxes", "phases-1"):
        check(images[name])
