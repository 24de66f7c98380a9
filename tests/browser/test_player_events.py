"""The story in the player: what also happens without the shock is told apart, in the list, the caption and the dots.

A second story of another world is drawn on the ground of its own.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from abm.config.reader import load_experiment
from tests.browser.chromium import IN_CHROMIUM
from tests.browser.player_page import open_player, words
from tests.browser.tab import emptied
from viz.packed_run import pack, record
from viz.worker_runs import Finished, carry_out, occurrences_of

pytestmark = IN_CHROMIUM
DOTS = "() => document.querySelector('canvas.marks').toDataURL()"
SERVER = "([name, value]) => window.model.server(name, value)"
DRAWN = ["world.source=synthetic", "world.states=12", "world.organizations=8", "quarters=4"]
PAINTED = """(place) => {
  const canvas = [...document.querySelectorAll('.pictures canvas')].filter((one) => one.offsetParent)[place];
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, copy.width, copy.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) count += data[at + 3] > 0 && data[at] + data[at + 1] + data[at + 2] < 750;
  return count;
}"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def finished() -> tuple[Finished, Finished]:
    experiment = load_experiment("us-exit-2026", ["quarters=12"])
    return carry_out(experiment, 0, "run"), carry_out(experiment, 0, "twin")


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    with emptied(tab) as heard:
        yield tab
    assert heard.said + heard.failed == []


def tell(page: Page, name: str, value: object) -> None:
    page.evaluate(SERVER, [name, value])
    page.evaluate(SETTLED)


def test_marks_come_with_the_twin_and_change_list_and_dots(page: Page, finished: tuple[Finished, Finished]) -> None:
    run, twin = finished
    open_player(page, run.packed, twin.packed, view="events")
    items, background = page.locator("ol.events li"), page.locator("ol.events li.background")
    assert background.count() == 0
    dots = page.evaluate(DOTS)
    tell(page, "occurs", occurrences_of(run, twin))
    assert page.evaluate(DOTS) != dots
    assert 0 < background.count() < items.count()
    assert all("without the shock" in text for text in background.all_inner_texts())
    own = [text for text in items.all_inner_texts() if "The United States announces its exit" in text]
    assert own
    assert not [text for text in own if "without" in text]
    tell(page, "words", words("zh"))
    assert "没有冲击也会发生" in background.first.inner_text()


def test_the_caption_is_muted_for_the_background(page: Page, finished: tuple[Finished, Finished]) -> None:
    run, twin = finished
    open_player(page, run.packed, twin.packed, view="events", occurs=occurrences_of(run, twin))
    muted = page.locator(".said .background")
    for button in page.locator("ol.events li.background button").all():  # until a quarter has little else to say
        button.click()
        page.evaluate(SETTLED)
        if muted.count():
            break
    muted = muted.first
    assert "also without the shock" in muted.inner_text()
    assert muted.evaluate("(node) => getComputedStyle(node).color") == "rgb(102, 102, 102)"
    page.locator("ol.events li:not(.background) button").first.click()
    page.evaluate(SETTLED)
    assert page.locator(".said .background").count() == 0


def test_what_the_shock_prevents_is_told_and_marked(page: Page, finished: tuple[Finished, Finished]) -> None:
    run, twin = finished
    assert run.run is not None
    assert twin.twin is not None
    only = {"run": "0" * len(run.run.story), "twin": "2" * len(twin.twin.story)}
    open_player(page, run.packed, twin.packed, view="events", occurs=only)
    marked = page.locator("ol.events li.background")
    assert marked.count() > 0
    assert all("only without the shock" in text for text in marked.all_inner_texts())
    told = set()
    for _ in range(6):  # the next event is never one of those
        page.keyboard.press("n")
        page.evaluate(SETTLED)
        told.add(page.locator(".said").inner_text())
    assert len(told) > 1
    assert not [text for text in told if "without the shock" in text]


def test_typed_details_stand_in_sentences_and_in_the_sheet(page: Page, finished: tuple[Finished, Finished]) -> None:
    run, twin = finished
    open_player(page, run.packed, twin.packed, view="events", occurs=occurrences_of(run, twin))
    texts = page.locator("ol.events li").all_inner_texts()
    name = "the UN Educational, Scientific and Cultural Organization"  # the only exit that is announced in its quarter
    assert any(f"announces its exit from {name} (effective in 6 quarters)" in text for text in texts)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    lines = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "which,quarter,kind,actor,organization,details,occurs"
    assert (
        'run,2025Q1,announce,USA,WHO,"{""notice_quarters"":4,""origin"":""shock"",""rule"":""shock""}",only_with'
        in lines
    )


def painted(page: Page) -> list[int]:
    """How many points of each picture are neither white nor transparent."""
    return [page.evaluate(PAINTED, place) for place in range(page.locator(".pictures canvas:visible").count())]


def pointed(page: Page, pane: int, across: float, down: float) -> str:
    """What the tip says at a place of a picture, in shares of its size."""
    box = page.locator(".pictures canvas:visible").nth(pane).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
    return page.locator(".tip").inner_text()


@pytest.mark.parametrize("swapped", [False, True])
def test_a_second_story_of_another_world_has_a_ground_of_its_own(
    page: Page, finished: tuple[Finished, Finished], swapped: bool
) -> None:
    drawn, real = pack(record(load_experiment("base", DRAWN))), finished[0].packed
    first, second = (drawn, real) if swapped else (real, drawn)
    open_player(page, first, second=second, mode="side", quarter=3)
    assert page.locator("figcaption:visible").count() == 2
    assert min(painted(page)) > 20_000
    tiles, land = (0, 1) if swapped else (1, 0)
    assert pointed(page, tiles, 0.05, 0.6).startswith("S007:")  # twelve states are two rows of six squares
    assert pointed(page, land, 0.26, 0.25).startswith("United States:")
    both = ["every square is a state", "Boundaries imply no position"]
    assert all(text in page.locator(".note").inner_text() for text in both)
    page.locator(".pictures canvas:visible").nth(land).click(position={"x": 1, "y": 1})  # the sea: nothing is selected
    page.keyboard.press("2")
    page.evaluate(SETTLED)
    assert min(painted(page)) > 3_000
    page.keyboard.press("End")
    page.evaluate(SETTLED)  # the quarter is drawn with the next frame
    assert page.locator("output.quarter").inner_text() == "2027Q4"  # of the longer one


def test_a_second_story_that_begins_in_another_year_says_so(page: Page, finished: tuple[Finished, Finished]) -> None:
    run, twin = finished
    earlier = pack(record(load_experiment("unesco-2017", ["quarters=4"])))
    open_player(page, run.packed, twin.packed, second=earlier, view="series")
    legend = page.locator("ul.legend").first
    assert "second scenario (begins in 2017Q1)" in legend.inner_text()
    tell(page, "mode", "difference")  # what is less the counterfactual of another year is no difference
    assert "second scenario" not in legend.inner_text()
