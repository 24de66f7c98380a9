"""The documentation: its tutorials and guides work as written, and its pages are put together rightly.

Sphinx builds it in `.ci/run`, where a link that leads nowhere fails. All pages with commands are followed word for word
in a copy of the project, the short one always and all others by `-m long`.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest
from docutils import nodes
from sphinx import addnodes
from sphinx.errors import ExtensionError

from abm.config.reader import load_experiment
from abm.config.sections import SECTIONS
from abm.events import EVENTS
from abm.measures import MEASURES
from abm.outcomes import OUTCOMES
from abm.schedule import PROCESSES
from abm.shocks.kinds import SHOCKS
from abm.state.world import FIELDS
from experiments.documentation import generated
from experiments.documentation.assembly import (
    INCLUDED,
    LINK,
    LONGEST_VALUE,
    ROOT,
    SITE,
    as_text,
    assembled,
    headings,
    homes,
    link,
    loaded_from_elsewhere,
    raised,
    section,
    slug,
    without_long_values,
)
from experiments.runs.data_dictionary import data_dictionary
from experiments.sweeps.study import read_study
from tests.recipes import BLOCK, PLACE, apply, copied, edit, follow, missing
from tests.test_docs import commands

PAGES = {
    page.relative_to(ROOT / SITE).as_posix(): page.read_text(encoding="utf-8")
    for page in sorted((ROOT / SITE).rglob("*.md"))
}
WALKED = [name for name, text in PAGES.items() if "```bash" in text]


@pytest.mark.long
@pytest.mark.parametrize("name", WALKED)
def test_a_page_works_word_for_word(name: str, tmp_path: Path) -> None:
    assert follow(PAGES[name], copied(tmp_path)) > 3


@pytest.mark.parametrize("name", WALKED)
def test_the_configs_of_a_page_load(name: str, tmp_path: Path) -> None:
    text, done = PAGES[name], 0
    for block in BLOCK.finditer(text):
        place, done = PLACE.search(text[done : block.start()]), block.end()
        if place:
            apply(edit(place, block["code"]), tmp_path)
    found = list(tmp_path.rglob("*.yaml"))
    assert found
    for path in found:
        study = "design:" in path.read_text(encoding="utf-8")
        assert (read_study if study else load_experiment)(path).model_fields_set


def test_the_template_of_a_scenario_loads_and_says_what_it_is_for() -> None:
    template = ROOT / "configs" / "scenario-template.yaml"
    experiment = load_experiment(template)
    assert [shock.kind for shock in experiment.shocks] == ["exit", "return"]
    lines = [line for line in template.read_text(encoding="utf-8").splitlines() if "#" in line]
    assert len(lines) > 15


def test_templates_of_reports_name_files_that_are_there() -> None:
    forms = list((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert {form.stem for form in forms} >= {"bug", "scenario", "mechanism"}
    named = {name for form in forms for name in re.findall(r"configs/[\w.-]+", form.read_text(encoding="utf-8"))}
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_build_says_nothing_of_packages_that_are_not_needed() -> None:
    code = f"import runpy; runpy.run_path({str(ROOT / SITE / 'conf.py')!r}); import ema_workbench"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_page_includes_is_a_link_in_a_code_host() -> None:
    """A marked line that is not understood would stay a link in the built page."""
    marked = {name: text.count('"included here"') for name, text in PAGES.items()}
    assert sum(marked.values()) > 20
    assert marked == {name: len(INCLUDED.findall(text)) for name, text in PAGES.items()}


def test_tutorials_and_guides_are_walked() -> None:
    assert {"tutorials/own_scenario.md", "tutorials/own_rule.md", "howto/world.md", "howto/study.md"} <= set(WALKED)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (generated.commands, commands()),
        (generated.parameters, [key for one in SECTIONS.values() for key in one.model_fields]),
        (generated.measures, MEASURES),
        (generated.outcomes, OUTCOMES),
        (generated.events, EVENTS),
        (generated.shocks, SHOCKS),
        (generated.fields, FIELDS),
        (generated.config_keys, ("replicates", "dues_share", "second_order", "after")),
        (generated.result_tables, data_dictionary()["column"]),
        (generated.source_tables, ("un_rate", "vote_loss", "since", "usd_million")),
        (generated.scenarios, ("us-exit-2026", "base")),
    ],
)
def test_the_reference_holds_every_name(make: generated.Maker, names: Iterable[str]) -> None:
    text = make()
    assert [name for name in names if f"`{name}`" not in text and f"## abm {name}\n" not in text] == []


def test_the_gallery_shows_every_script() -> None:
    scripts = re.findall(r"\[`(\w+\.py)`\]", (ROOT / "experiments/examples/README.md").read_text(encoding="utf-8"))
    assert scripts == re.findall(r"^`experiments/examples/(\w+\.py)`;", generated.gallery(), re.MULTILINE)
    assert "<!-- generated: gallery -->" in PAGES["howto/gallery.md"]


def test_pages_that_a_search_puts_first_or_last_are_there() -> None:
    scorer = (ROOT / SITE / "static" / "scorer.js").read_text(encoding="utf-8")
    begin = re.findall(r'^    \["([\w/]+)", -?\d+\],$', scorer, re.MULTILINE)
    assert len(begin) > 5
    assert [one for one in begin if not any(page.startswith(one) for page in PAGES)] == []


def test_every_equation_that_the_reference_points_to_is_there() -> None:
    anchors = {slug(match[2]) for match in headings((ROOT / "abm" / "ODD.md").read_text(encoding="utf-8"))}
    assert {generated.anchor(name) for name in PROCESSES} <= anchors


# The putting together, on texts that are easy to see through.


def test_a_section_ends_where_the_next_of_its_height_begins() -> None:
    text = "# T\n\n## A\n\n```\n## no heading\n```\n\n### B\n\nb\n\n## C\n\nc\n"
    assert section(text, "a") == "\n\n```\n## no heading\n```\n\n### B\n\nb\n\n"
    assert section(text, "b") == "\n\nb\n\n"
    with pytest.raises(KeyError, match="no heading"):
        section(text, "no-heading")


def test_headings_are_raised_to_stand_below_the_title() -> None:
    assert raised("### B\n\n#### D\n\n```\n### code\n```\n") == "## B\n\n### D\n\n```\n### code\n```\n"


def test_links_lead_to_the_page_that_holds_a_document() -> None:
    def led(text: str) -> str:
        match = LINK.match(text)
        assert match
        return link(match, "abm/CONCEPTS.md", f"{SITE}/howto/rule.md")

    assert (
        led("[a](ODD.md#8-sources-and-roles-of-evidence)")
        == "[a](../explanation/odd.md#8-sources-and-roles-of-evidence)"
    )
    assert led("[a](../CONTRIBUTING.md#add-a-measure)") == "[a](measure.md)"
    assert led("[a](../CONTRIBUTING.md)") == "[a](../project/contributing.md)"
    assert led("[`a`](schedule.py)") == "`a`"
    assert led("[a](https://example.org/x)") == "[a](https://example.org/x)"
    assert led("![a](../viz/screenshots/page-en.png)") == "![a](../../../viz/screenshots/page-en.png)"
    with pytest.raises(ExtensionError, match="does not exist"):
        led("[a](nothing.md)")


def test_a_page_is_put_together() -> None:
    text = assembled('# T\n\n[There](../../../CONTRIBUTING.md#add-a-measure "included here")\n', f"{SITE}/howto/x.md")
    assert "A measure is a number" in text
    assert "Add an outcome" not in text
    assert homes()["abm/ODD.md"] == f"{SITE}/explanation/odd.md"


def test_what_a_page_would_load_from_elsewhere_is_found() -> None:
    host = "//fonts.example.org/a"
    for text in (
        f'<script async src="https:{host}.js">',
        f'<link rel="stylesheet" href="{host}.css">',
        f"src: url(https:{host}.woff2)",
        '@import "other.css"',
    ):
        assert loaded_from_elsewhere(text)
    assert loaded_from_elsewhere(f'<a href="https:{host}">x</a><script src="_static/a.js"></script>') == []


def test_a_value_that_would_fill_the_page_is_left_out() -> None:
    def shown(value: str) -> str:
        name = addnodes.desc_signature("", "", addnodes.desc_annotation("", f" = {value}"), nodes.Text("NAME"))
        content = addnodes.desc_content()
        addnodes.desc("", name, content)
        without_long_values(None, "py", "data", content)  # type: ignore[arg-type]
        return name.astext()

    assert "12" in shown("12")
    assert shown("x" * LONGEST_VALUE) == "NAME"


def test_angles_are_text_in_what_is_generated() -> None:
    assert as_text("shocked.<name>: `<a>`\n") == "shocked.&lt;name>: `<a>`\n"


def test_a_shown_answer_has_to_be_printed() -> None:
    printed = "Report: results/a/report.html   (3.2 s)\n- Who follows: 1.8 exits\n"
    assert missing("Report: … report.html …\n- Who follows: …\n", printed) == []
    assert missing("- Who follows: … none\n", printed) == ["- Who follows: … none"]


def test_a_page_that_does_not_work_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        follow("```bash\nfalse\n```\n", tmp_path)
    with pytest.raises(AssertionError):
        follow("```bash\necho one\n```\n\n```text\ntwo\n```\n", tmp_path)
    with pytest.raises(AssertionError, match="nothing says where"):
        follow("Here:\n\n```python\nx = 1\n```\n", tmp_path)


def test_the_checklist_counts_what_is_assumed() -> None:
    basis = pd.read_csv(ROOT / "abm/data/real/basis.csv")["basis"]
    said = f"Of {len(basis):,} statements on columns and rows, {(basis == 'assumed').sum()} say *assumed*"
    assert said in PAGES["project/checklists.md"]
