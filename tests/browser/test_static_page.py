"""The page as a folder, opened from it by a double click: it plays, compares, teaches, and asks nobody for anything."""

import re
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Page, expect

from abm.config.experiment import Experiment
from experiments.storage.folders import check_beside, write_beside
from tests.browser.audit import violations
from tests.browser.chromium import IN_CHROMIUM
from tests.browser.tab import emptied
from tests.worlds_small import among_few_states
from viz.run_queue import RunQueue
from viz.static_page import Rule, write_folder

STORIES = ("us-exit-2026", "who-2025", "placebo-small-state")
REPLICATES = 2
MEGABYTES, MEGABYTES_OF_FEW = 15.0, 6.5
"""Limits of the whole page, of runs in the whole world and among few states."""
RULE = Rule(check_beside, write_beside)
ALL_STORIES = 31

pytestmark = IN_CHROMIUM


class Once(ThreadPoolExecutor):
    """Carries out each run among few states once for all tests of this file."""

    begun: ClassVar[dict[tuple[str, int, str], Future[Any]]] = {}

    def submit(self, call: Any, /, experiment: Experiment, number: int, part: str, *rest: Any) -> Future[Any]:  # type: ignore[override]
        key = (experiment.digest(), number, part)
        found = self.begun.get(key)
        if found is None or (found.done() and found.exception()):  # one that made room for another is asked for again
            self.begun[key] = super().submit(call, experiment, number, part, *rest)
        return self.begun[key]


def megabytes(folder: Path, executor: Executor) -> float:
    """Write the page of a few stories into a folder; how large that of all of them would be."""
    queue = RunQueue(2, executor)
    try:
        written = write_folder(folder, queue, STORIES, REPLICATES, rule=RULE)
    finally:
        queue.close()
    assert all(path.stat().st_size for path in written)
    stories = sum(path.stat().st_size for path in written if path.name.startswith("story-"))
    rest = sum(path.stat().st_size for path in written) - stories
    return (stories / len(STORIES) * ALL_STORIES + rest) / 1e6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of runs among few states."""
    found = tmp_path_factory.mktemp("page")
    with among_few_states():
        assert megabytes(found, Once(2)) < MEGABYTES_OF_FEW
    return found


@pytest.mark.long
def test_the_page_of_the_whole_world_stays_small(tmp_path: Path) -> None:
    assert megabytes(tmp_path, ThreadPoolExecutor(2)) < MEGABYTES


@pytest.fixture
def few_states() -> Iterator[None]:
    with among_few_states():
        yield


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    tab.emulate_media(reduced_motion="reduce")
    with emptied(tab) as heard:
        yield tab
    assert heard.failed == []
    assert heard.asked_beyond("file:") == []


def opened(page: Page, folder: Path, link: str = "") -> Page:
    """The page of the folder as a link shows it, loaded anew."""
    page.goto("about:blank")
    page.goto((folder / "index.html").as_uri() + link)
    expect(page.locator(".finding")).not_to_be_empty()
    return page


def test_the_question_comes_before_the_finding_and_the_guess_stands_beside_the_answer(page: Page, folder: Path) -> None:
    opened(page, folder)
    expect(page.locator(".finding")).to_contain_text("World Health Organization")
    assert page.locator(".finding").inner_text().endswith("?")
    expect(page.locator(".big .value").first).to_have_text("?")
    assert page.locator(".answer.right").count() == 0
    assert page.locator(".growing").count() == 0  # all runs are there
    page.click("[data-guess='2']")
    page.click(".play")
    expect(page.locator(".abm-stage .answer.right")).to_have_count(1)
    expect(page.locator("[data-guess='2']")).to_contain_text("you")
    expect(page.locator(".big .value").first).to_contain_text("%")
    expect(page.locator(".answers dd")).to_have_count(3)
    assert not re.search(r"NaN|undefined|\{\w+\}", page.locator(".abm-stage").inner_text())


def test_the_first_picture_is_stepped_by_key_and_by_mouse_up_to_its_answer(page: Page, folder: Path) -> None:
    opened(page, folder)
    slider, date = page.locator("[data-key=stage-quarter]"), page.locator(".abm-stage .date")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("2")
    expect(date).to_contain_text("2025Q3: others add")
    box = slider.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(date).to_contain_text(re.compile("202[78]Q"))
    assert page.locator(".answer.right").count() == 0
    page.keyboard.press("End")
    expect(page.locator(".abm-stage .answer.right")).to_have_count(1)
    expect(page.locator(".ask h3")).to_have_text("What the model says")


def test_a_story_is_chosen_played_and_undone(page: Page, folder: Path) -> None:
    opened(page, folder)
    page.click("[data-card='placebo-small-state']")
    expect(page.locator(".abm-header .subtitle")).to_contain_text("Uruguay")
    page.locator(".player .play").focus()
    page.keyboard.press("End")
    expect(page.locator(".player")).to_have_attribute("data-quarter", "59")
    page.click("[data-key=undo]")
    expect(page.locator(".abm-header .subtitle")).to_contain_text("66 organizations")


def test_two_stories_stand_side_by_side_and_a_link_restores_it(page: Page, folder: Path) -> None:
    opened(page, folder)
    page.select_option("[data-key=second]", "who-2025")
    expect(page.locator(".player figcaption:visible")).to_have_count(2)
    expect(page.locator(".player figcaption:visible").nth(1)).to_contain_text("World Health Organization")
    opened(page, folder, page.evaluate("location.hash"))
    expect(page.locator(".player figcaption:visible")).to_have_count(2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_lesson_is_taught_on_the_big_screen_by_keys(page: Page, folder: Path, language: str) -> None:
    opened(page, folder, f"#language={language}&tab=lessons")
    page.click("[data-lesson=money_gap]")
    expect(page.locator(".lesson")).to_be_visible()
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".question legend")).to_be_visible()
    assert page.locator(".reveal").count() == 0
    for key in ("1", "3", "3"):
        page.keyboard.press(key)
    expect(page.locator("[data-answer='2'] small")).to_have_text("2")
    page.keyboard.press("Enter")
    expect(page.locator(".reveal")).to_contain_text("%")
    expect(page.locator(".abm-controls .answer.right")).to_have_count(1)
    expect(page.locator("[data-answer='2']")).to_have_attribute("aria-pressed", "true")
    box = page.locator(".abm-middle").bounding_box()
    assert box is not None
    assert 768 - box["y"] >= 0.6 * 768
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".question")).to_have_count(0)


@pytest.mark.usefixtures("few_states")
def test_an_export_that_was_ended_goes_on_where_it_was(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def written(names: tuple[str, ...], version: str) -> tuple[dict[Path, bytes], int]:
        """The files, and how many runs were asked for: what a queue has already it would not count."""
        queue = RunQueue(2, Once(2))
        try:
            paths = write_folder(tmp_path, queue, names, 1, tell, version, rule=RULE)
        finally:
            queue.close()
        return {path: path.read_bytes() for path in paths}, queue.carried_out

    def tell(name: str, done: int, of: int) -> None:
        told.append((name, done, of))

    first, count = written(STORIES[1:2], "a")
    assert count == 3
    write_beside(tmp_path / "data" / "story-placebo-small-state.json", b"{}")  # without its story
    assert written(STORIES[1:2], "a") == (first, 0)
    assert written(STORIES[1:], "a")[1] == 3
    kept = (tmp_path / "data" / "story-who-2025.json").stat().st_mtime_ns
    assert written(STORIES[1:2], "b")[1] == 3
    assert (tmp_path / "data" / "story-who-2025.json").stat().st_mtime_ns > kept
    assert told[2:4] == [("who-2025", 1, 2), ("placebo-small-state", 2, 2)]


def test_what_needs_the_model_says_so(page: Page, folder: Path) -> None:
    opened(page, folder)
    page.click("[data-key=go-parameters]")
    page.locator("[data-path='funding.appeal']").focus()
    page.keyboard.press("End")
    expect(page.locator(".abm-status .problem")).to_contain_text("abm view")
    page.click("#board-tab-claims")
    expect(page.locator("[data-claim]")).to_have_count(46)


LINKS = (
    "", "#language=zh", "#language=zh&presentation=1", "#tab=lessons&lesson=who_follows&step=0",
    "#presentation=1&tab=lessons&lesson=money_gap&step=1&scenario=who-2025", "#view=series", "#view=network&mode=wipe",
    "#view=events&language=zh", "#view=network&table=1", "#tab=shock", "#tab=parameters&language=zh",
    "#second=who-2025&mode=side", "#scenario=placebo-small-state&selected=WHO",
)  # fmt: skip
"""States of the page that are audited."""


@pytest.mark.parametrize("link", LINKS)
def test_the_audit_finds_nothing_serious(page: Page, folder: Path, link: str) -> None:
    opened(page, folder, link)
    assert [(one["id"], node["target"]) for one in violations(page) for node in one["nodes"]] == []


def test_the_audit_would_find_a_page_without_a_language(page: Page, folder: Path) -> None:
    opened(page, folder)
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert [(one["id"], one["impact"]) for one in violations(page)] == [("html-has-lang", "serious")]
