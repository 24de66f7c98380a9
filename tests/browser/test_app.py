"""The browser demonstration as a whole, in a real browser against the real server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from abm.config.reader import load_experiment
from tests.browser.app_server import FEW_RUNS, FEW_WORKERS, NO_CARDS, PATIENCE, Server, running
from tests.browser.audit import violations
from tests.browser.chromium import IN_CHROMIUM
from tests.browser.tab import emptied

SMALL = '{"world":{"source":"synthetic","states":20,"organizations":8},"quarters":8}'
DONE = ".abm-status .done"
GROWN = SMALL.replace("8}", "16}")
GROWING = """
from viz.session import PageSession
answered = PageSession._answer
def withhold(self, flight, second, place, number, *rest):
    if number < 4: answered(self, flight, second, place, number, *rest)
def replicates(self):
    return 8 if self.state.experiment.quarters == 16 else 2
PageSession._answer, PageSession.replicates = withhold, property(replicates, lambda self, count: None)
"""
"""A page whose run has 16 quarters waits for eight pairs, of which it gets the first four alone."""

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(before=NO_CARDS + FEW_RUNS + FEW_WORKERS + GROWING) as found:
        yield found


@dataclass
class Visit:
    """A page that is open."""

    page: Page
    server: Server

    def open(self, query: str = "") -> Page:
        self.page.goto(self.server.address + (f"?{query}" if query else ""))
        self.page.wait_for_selector(DONE)
        self.page.wait_for_selector(".abm-stage .ask", state="attached")  # what stands below is moved by it
        return self.page

    def small(self, more: str = "") -> Page:
        return self.open(f"config={quote(SMALL)}{more}")


@pytest.fixture
def visit(tab: Page, server: Server) -> Iterator[Visit]:
    tab.set_default_timeout(1000 * PATIENCE)
    with emptied(tab) as heard:
        yield Visit(tab, server)
    assert heard.asked_beyond(server.address) == []
    assert heard.failed == []


def test_the_page_opens_with_its_run_and_its_band(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator("h1")).to_contain_text("Multilateral institutions")
    expect(page.locator(".abm-stage .finding")).to_contain_text("World Health Organization", timeout=1000 * PATIENCE)
    expect(page.locator(".player canvas").first).to_be_visible()
    expect(page.locator(".gauge .hint")).to_contain_text("Probability over", timeout=1000 * PATIENCE)
    expect(page.locator(".gauge tbody tr")).to_have_count(9)
    expect(page.locator("[data-measure='shocked.effectiveness'] td").nth(2)).to_contain_text("%")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_language_presentation_and_the_link_that_restores_them(visit: Visit) -> None:
    page = visit.small()
    page.click("[data-language=zh]")
    expect(page.locator("h1")).to_contain_text("多边机构")
    assert page.evaluate("document.documentElement.lang") == "zh"
    page.keyboard.press("p")
    expect(page.locator(".abm-controls")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".abm-controls")).to_be_visible()
    page.click("#tab-tab-parameters")
    page.wait_for_function("location.search.includes('tab=parameters')")
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("h1")).to_contain_text("多边机构", timeout=1000 * PATIENCE)
    expect(page.locator("#tab-tab-parameters")).to_have_attribute("aria-selected", "true")
    assert page.evaluate("document.querySelector('[data-setting=quarters]').value") == "8"


def test_a_parameter_acts_at_once_and_goes_back(visit: Visit) -> None:
    page = visit.small("&tab=parameters")
    value = page.locator("[data-path='funding.appeal']")
    before = value.input_value()
    value.focus()
    page.keyboard.press("End")
    page.wait_for_function("location.search.includes('appeal')")
    expect(page.locator(".parameter.changed")).to_have_count(1)
    page.locator(".parameter.changed .back").click()
    expect(page.locator(".parameter.changed")).to_have_count(0)
    assert value.input_value() == before
    page.locator("[data-setting=seed]").fill("7")
    page.keyboard.press("Tab")
    page.wait_for_function("decodeURIComponent(location.search).includes('\"seed\":7')")
    page.locator("[data-key=reset-parameters]").click()
    expect(page.locator("[data-setting=quarters]")).to_have_value("60")


def test_every_kind_of_shock_is_composed_and_runs(visit: Visit) -> None:
    page = visit.small("&tab=shock&scenario=base")
    sentences = {
        "discipline": "is acted on by · WHO · expels · 50",
        "press": "presses on one resolution · WHO · 50",
        "shift_position": "takes another position · Iran",
        "found_club": "founds a club · human rights · a leader’s club",
        "change_government": "changes government · internationalist",
        "unilateral_act": "acts alone · human rights · 50",
    }
    chosen = {
        "action": "expel", "strength": "0.5", "position": "IRN", "club": "leaders", "issue": "human-rights",
        "government": "internationalist",
    }  # fmt: skip
    kinds = page.locator("[data-part=kind] option").evaluate_all("all => all.map((one) => one.value)")
    for place, kind in enumerate(kinds):
        page.select_option("[data-part=kind]", kind)
        for part, value in chosen.items():
            if page.locator(f".composer [data-part={part}]").count():
                page.select_option(f".composer [data-part={part}]", value)
        page.click("[data-key=add]")
        expect(page.locator(".shocks li"), page.locator(".abm-status").inner_text()).to_have_count(place + 1)
        expect(page.locator(".shocks li").nth(place)).to_contain_text(sentences.get(kind, "United States"))
    page.wait_for_selector(DONE)
    page.click("[data-key=clear]")
    expect(page.locator(".shocks li")).to_have_count(0)
    assert page.locator(".abm-status .problem").count() == 0


def test_a_shock_is_composed_by_keyboard_and_removed(visit: Visit) -> None:
    page = visit.small("&tab=shock&scenario=base")
    expect(page.locator(".shocks li")).to_have_count(0)
    page.select_option("[data-part=kind]", "exit")
    page.select_option("[data-part=by]", "codes")
    page.locator("[data-part=codes]").fill("UNESCO")
    page.select_option("[data-part=announced]", "2025Q3")
    page.select_option("[data-part=notice]", "2")
    page.select_option("[data-part=back]", "2026Q2")
    page.locator("[data-key=add]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".shocks li")).to_have_count(2)
    expect(page.locator(".shocks li").first).to_contain_text("2025Q3 · United States · leaves · WHO, UNESCO")
    page.locator("[data-key=remove-1]").click()
    expect(page.locator(".shocks li")).to_have_count(1)
    page.wait_for_selector(DONE)


SAID = {
    "en": ("4 of 8 runs so far", "medians of 4 of 8 runs", "range of 4 of 8 replicates", "median of 4 of 8 runs"),
    "zh": (
        "目前完成8次模拟中的4次",
        "8次中已有的4次模拟的中位数",
        "8次中已有的4次重复的范围",
        "8次中已有的4次模拟的中位数",
    ),
}
"""What stage, board, band and median say of four runs of eight."""


def test_an_interval_of_four_runs_of_eight_says_so_in_both_languages(visit: Visit) -> None:
    page = visit.open(f"view=series&config={quote(GROWN)}")
    expect(page.locator(".abm-status")).to_contain_text("4 of 8 runs", timeout=1000 * PATIENCE)
    for language, (stage, board, band, median) in SAID.items():
        page.click(f"[data-language={language}]")
        expect(page.locator(".abm-stage .growing")).to_have_text(stage)
        expect(page.locator(".abm-board")).to_contain_text(board)
        expect(page.locator("ul.legend").first).to_contain_text(band)
        expect(page.locator("ul.legend").first).to_contain_text(median)
        expect(page.locator(".player .panel .kind")).to_contain_text(median.removeprefix("median of "))


def test_two_stories_stand_side_by_side(visit: Visit) -> None:
    page = visit.small()
    page.select_option("[data-key=second]", "unesco-2025")
    page.wait_for_function("location.search.includes('mode=side')")
    page.locator("[data-story='who-2025']").click()
    page.wait_for_function("location.search.includes('scenario=who-2025')")
    expect(page.locator(".subtitle")).to_contain_text("World Health Organization")
    page.select_option("[data-key=second]", "")
    page.wait_for_function("!location.search.includes('mode=side')")


STEP = "new URLSearchParams(location.search).get('step')"
"""Where one is in a lesson; its text also changes while replicates arrive."""


@pytest.mark.long
@pytest.mark.parametrize("name", ["money_gap", "who_follows", "vacuum", "clubs_and_camps", "coming_back"])
def test_a_lesson_can_be_gone_through(visit: Visit, name: str) -> None:
    page = visit.open("tab=lessons&language=zh")
    page.locator(f"[data-lesson={name}]").click()
    for _ in range(12):
        expect(page.locator(".lesson")).not_to_be_empty()
        if page.locator(".question").count():
            following = page.locator("[data-key=lesson-next]")
            if following.inner_text() != "完成":  # one may always end a lesson
                expect(following).to_be_disabled()
            page.locator("[data-answer='1']").click()
            expect(page.locator(".reveal")).not_to_be_empty(timeout=1000 * PATIENCE)
            expect(page.locator(".answer.right")).to_have_count(1)
        here = page.evaluate(STEP)
        page.locator("[data-key=lesson-next]").click()
        page.wait_for_function(f"here => !document.querySelector('.lesson') || {STEP} !== here", arg=here)
        if page.locator(".lesson").count() == 0:
            break
    expect(page.locator("[data-lesson]")).to_have_count(5)


def test_downloads_give_what_is_shown(visit: Visit, tmp_path: Path) -> None:
    page = visit.small("&scenario=who-2025")
    page.click("#board-tab-downloads")
    with page.expect_download() as started:
        page.click("[data-key=config]")
    config = tmp_path / started.value.suggested_filename
    started.value.save_as(config)
    experiment = load_experiment(config)
    assert (experiment.quarters, experiment.world.states) == (8, 20)
    with page.expect_download() as started:
        page.click("[data-key=csv-measures]")
    table = Path(started.value.path()).read_text(encoding="utf-8").splitlines()
    assert table[0] == "name,quarter,run,twin,difference,low,high"
    assert (len(table) - 1) % 8 == 0
    page.click("#tab-tab-shock")
    page.set_input_files("#abm-upload", config)
    expect(page.locator(".subtitle")).to_contain_text("World Health Organization")
    expect(page.locator(".abm-status .problem")).to_have_count(0)
    bad = tmp_path / "bad.yaml"
    bad.write_text("processes: [{use: 'os:x', after: funding}]\n", encoding="utf-8")
    page.set_input_files("#abm-upload", bad)
    expect(page.locator(".abm-status .problem")).to_contain_text("processes")


def test_the_board_is_stepped_by_keys_and_has_every_claim(visit: Visit) -> None:
    page = visit.small()
    page.locator("#board-tab-outcome").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#board-tab-claims")).to_be_focused()
    expect(page.locator("[data-claim]")).to_have_count(46)


def test_a_press_counts_though_the_board_is_drawn_anew_before_it_ends(visit: Visit) -> None:
    page = visit.small()
    tab = page.locator("#board-tab-claims")
    tab.hover()
    page.mouse.down()
    page.evaluate("document.dispatchEvent(new CustomEvent('abm-quarter', { detail: 3 }))")
    page.wait_for_timeout(400)  # the board follows the quarter after 120 ms
    page.mouse.up()
    expect(tab).to_have_attribute("aria-selected", "true")
    page.locator("#board-tab-outcome").click()
    page.evaluate("document.dispatchEvent(new CustomEvent('abm-quarter', { detail: 2 }))")
    expect(page.locator(".abm-board")).to_contain_text("2025Q3")


@pytest.mark.parametrize(
    ("query", "words"), [("scenario=atlantis", "cannot be followed"), ("language=zh&config={", "链接")]
)
def test_a_malformed_link_says_so_and_shows_the_default_world(visit: Visit, query: str, words: str) -> None:
    page = visit.page
    page.goto(f"{visit.server.address}?{query}")
    expect(page.locator(".abm-status .problem")).to_contain_text(words, timeout=1000 * PATIENCE)
    expect(page.locator("[data-story='us-exit-2026']")).to_have_attribute("aria-pressed", "true")


def check_nothing_is_cut_off(visit: Visit, width: int, height: int, language: str) -> None:
    visit.page.set_viewport_size({"width": width, "height": height})
    page = visit.small(f"&language={language}")
    for tab in ("shock", "parameters", "lessons", "story"):
        page.click(f"#tab-tab-{tab}")
        page.wait_for_function("tab => document.querySelector('.abm-controls').dataset.tab === tab", arg=tab)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """width => [...document.querySelectorAll('.abm-sidebar :is(button, select, input), .abm-board button')]
            .filter(one => one.offsetParent && !one.closest('.scroll'))
            .filter(one => one.getBoundingClientRect().right > width + 1).map(one => one.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []


@pytest.mark.parametrize(("width", "height", "language"), [(1366, 768, "en"), (390, 844, "zh")])
def test_nothing_is_cut_off(visit: Visit, width: int, height: int, language: str) -> None:
    check_nothing_is_cut_off(visit, width, height, language)


@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "height", "language"), [(1366, 768, "zh"), (1920, 1080, "en"), (1920, 1080, "zh"), (390, 844, "en")]
)
def test_nothing_is_cut_off_elsewhere(visit: Visit, width: int, height: int, language: str) -> None:
    check_nothing_is_cut_off(visit, width, height, language)


def test_verdicts_and_conditions_of_claims_are_read_on_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = visit.small("&language=zh")
    page.click("#board-tab-claims")
    cells = page.locator("[data-claim='C02'] > *")
    expect(cells).to_have_count(6)
    boxes = [cell.bounding_box() for cell in cells.all()]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)


def test_chinese_is_drawn_and_not_boxes(visit: Visit) -> None:
    page = visit.small("&language=zh")
    ink = page.evaluate(
        """() => {
            const family = getComputedStyle(document.querySelector('.abm-page')).fontFamily;
            const drawn = (text) => {
                const canvas = new OffscreenCanvas(60, 60), pen = canvas.getContext('2d');
                pen.font = `40px ${family}`;
                pen.fillText(text, 5, 45);
                return [...pen.getImageData(0, 0, 60, 60).data].join();
            };
            return ['多', '边', '机', '构'].map(drawn);
        }"""
    )
    assert len(set(ink)) == len(ink)
    assert all(re.search("[1-9]", one) for one in ink)


def serious(page: Page) -> list[str]:
    """Violations of weight that the audit finds on the page as it stands."""
    return [
        f"{one['id']}: {node['target']}"
        for one in violations(page)
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(
    ("more", "tab_of_board"),
    [("&tab=shock", "outcome"), ("&tab=parameters&language=zh", "downloads"), ("&tab=lessons&lesson=vacuum", "claims")],
)
def test_the_audit_finds_nothing_serious_on_the_whole_page(visit: Visit, more: str, tab_of_board: str) -> None:
    page = visit.small(more)
    page.click(f"#board-tab-{tab_of_board}")
    expect(page.locator(f"#board-tab-{tab_of_board}")).to_have_attribute("aria-selected", "true")
    assert serious(page) == []
