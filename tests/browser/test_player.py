"""The player in a real browser: pictures, time, keyboard, linked selection, tables, downloads, both languages."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page

from abm.config.reader import load_experiment
from tests.browser.chromium import IN_CHROMIUM
from tests.browser.player_page import check_nothing_cut_off, encoded, open_player, words
from tests.browser.tab import emptied
from viz.packed_run import Recorded, lay_out, pack, pack_series, quarters, record, simulation_of

QUARTERS = 12
SMALL = ["world.source=synthetic", "world.states=20", "world.organizations=8", "quarters=6", "replicates=3"]
COLOURS = """(selector) => {
  const canvas = document.querySelector(selector), copy = document.createElement('canvas'), found = new Set();
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const pen = copy.getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const data = pen.getImageData(0, 0, copy.width, copy.height).data;
  for (let i = 0; i < data.length; i += 4 * 7) found.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return [...found];
}"""
VIEWS = ("map", "network", "series", "events")
MAP = ".pictures figure:first-child canvas"

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def real() -> tuple[Recorded, Recorded]:
    experiment = load_experiment("us-exit-2026", [f"quarters={QUARTERS}"])
    return record(experiment, 0), record(experiment, 0, twin=True)


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Recorded, Recorded]]:
    experiment = load_experiment("us-exit-2026", SMALL)
    return [(record(experiment, number), record(experiment, number, twin=True)) for number in range(3)]


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    with emptied(tab) as heard:
        yield tab
    assert heard.said + heard.failed == []
    assert heard.asked_beyond() == []


@pytest.fixture
def player(page: Page, real: tuple[Recorded, Recorded]) -> Page:
    open_player(page, pack(real[0]), pack(real[1]))
    return page


def settle(page: Page) -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def quarter(page: Page) -> str:
    settle(page)
    return page.locator("output.quarter").inner_text()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    settle(page)


def server(page: Page, name: str, value: Any) -> None:
    """Change a trait as the server does."""
    page.evaluate("([name, value]) => window.model.server(name, value)", [name, value])
    settle(page)


def pixels(page: Page, selector: str = MAP) -> set[int]:
    return set(page.evaluate(COLOURS, selector))


def test_the_map_shows_who_has_left(player: Page) -> None:
    before = pixels(player)
    press(player, "End")
    after = pixels(player)
    assert 0x8A2D04 not in before  # out of five or more
    assert 0x8A2D04 in after
    assert len(player.locator("ul.legend").first.locator("li").all()) == 7
    assert "Boundaries imply no position" in player.locator(".note").inner_text()


def test_every_colouring_paints_and_has_a_legend(player: Page) -> None:
    press(player, "End")
    seen = []
    for mode, colour in product(["run", "difference"], ["exit", "trust", "alignment", "influence"]):
        server(player, "mode", mode)
        server(player, "colour", colour)
        seen.append(frozenset(pixels(player)))
        assert len(seen[-1]) > 20
        texts = player.locator("ul.legend").first.inner_text()
        assert "undefined" not in texts
        assert "NaN" not in texts
        assert texts.count("\n") >= 6
    assert len(set(seen)) == len(seen)


def test_the_decoded_numbers_are_those_of_the_record(player: Page, real: tuple[Recorded, Recorded]) -> None:
    press(player, "t", "End")
    rows = {row[0]: row for row in table(player)}
    run = real[0]
    names = dict(zip(run.facts["states"], run.facts["state_names"], strict=True))
    for code in ("USA", "CHN", "TUV"):
        row, at = rows[names[code]], run.facts["states"].index(code)
        assert int(row[2]) == round(run.states[-1][3][at])
        assert float(row[4].replace("−", "-")) == pytest.approx(run.states[-1][1][at], abs=0.0061)
    assert rows["United States"][1].startswith("out of ")
    out = int(re.findall(r"\d+", rows["United States"][1])[0])
    first, last = run.ties[0], run.ties[-1]
    at = run.facts["states"].index("USA")
    assert out == ((last[at] >= 3) & (first[at] < 3)).sum() > 20


def table(page: Page) -> list[list[str]]:
    page.wait_for_function(  # rows out of sight are filled when time stands still
        "() => [...document.querySelectorAll('table.data tbody td')].every((cell) => cell.textContent)"
    )
    page.wait_for_timeout(200)
    return page.evaluate(
        "() => [...document.querySelectorAll('table.data tbody tr')].map((row) => "
        "[...row.children].map((cell) => cell.textContent))"
    )


def test_keys_move_time(player: Page) -> None:
    assert quarter(player) == "2025Q1"
    press(player, "ArrowRight", "ArrowRight")
    assert quarter(player) == "2025Q3"
    press(player, "ArrowLeft")
    assert quarter(player) == "2025Q2"
    press(player, "End", "ArrowRight")
    assert quarter(player) == "2027Q4"
    press(player, "Home")
    assert quarter(player) == "2025Q1"


def test_next_event_walks_through_the_story(player: Page) -> None:
    told = []
    for _ in range(12):
        press(player, "n")
        told.append((quarter(player), player.locator(".said").inner_text()))
    assert [name for name, _ in told] == sorted(name for name, _ in told)
    assert len(set(told)) == 12
    assert any("United States announces its exit from" in text for _, text in told)
    press(player, "p")
    assert (quarter(player), player.locator(".said").inner_text()) == told[-2]


def test_playing_runs_to_the_end_and_asks_nothing_of_the_server(player: Page) -> None:
    server(player, "speed", 8)
    player.evaluate("() => { window.told = []; }")
    press(player, " ")
    assert player.get_by_role("button", name="Pause").is_visible()
    player.wait_for_function("document.querySelector('output.quarter').textContent === '2027Q4'")
    player.wait_for_function("window.told.some((values) => 'quarter' in values)")
    told = player.evaluate("window.told")
    assert [values for values in told if "quarter" in values] == [{"quarter": QUARTERS - 1}]
    assert [values["playing"] for values in told if "playing" in values] == [True, False]


def test_scrubbing_tells_the_server_once_it_rests(player: Page) -> None:
    player.evaluate("() => { window.told = []; }")
    for value in (3, 7, 11):
        player.locator(".track input").evaluate(
            "(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }", value
        )
    assert quarter(player) == "2027Q4"
    player.wait_for_function("window.told.length > 0")
    assert player.evaluate("window.told") == [{"quarter": 11}]


def test_what_is_selected_is_seen_everywhere(player: Page) -> None:
    box = player.locator(MAP).bounding_box()
    assert box is not None
    player.mouse.click(box["x"] + 0.245 * box["width"], box["y"] + 0.235 * box["height"])
    settle(player)
    assert player.locator(".panel h2").inner_text().startswith("United States")
    assert player.evaluate("window.told.at(-1)") == {"selected": "USA"}
    press(player, "End")
    assert "Out of (" in player.locator(".panel").inner_text()
    player.locator(".panel button.link", has_text=re.compile(r"^WHO$")).click()
    settle(player)
    assert "World Health Organization" in player.locator(".panel h2").inner_text()
    assert "Germany" in player.locator(".panel").inner_text()
    player.get_by_role("button", name="Network").click()
    press(player, "t")
    assert player.locator("tr.selected").inner_text().startswith("World Health Organization")
    press(player, "Escape")
    assert player.locator(".panel h2").inner_text() == "The world as a whole"


def test_a_microstate_is_found_on_the_map_and_by_name(player: Page) -> None:
    field = player.get_by_placeholder("Find state or organization")
    field.fill("Tuvalu")
    field.press("Enter")
    settle(player)
    assert player.locator(".panel h2").inner_text().startswith("Tuvalu")
    assert "Sources" in player.locator(".panel").inner_text()


def test_the_network_is_painted_and_can_be_touched(player: Page) -> None:
    press(player, "2", "End")
    assert len(pixels(player)) > 40
    canvas = player.locator(MAP)
    box = canvas.bounding_box()
    assert box is not None
    for step in range(60):  # along a line through the middle, until a body is met
        player.mouse.click(box["x"] + box["width"] * (0.3 + 0.006 * step), box["y"] + box["height"] / 2)
        settle(player)
        if player.locator(".panel h2").inner_text() != "The world as a whole":
            break
    assert player.evaluate("window.told.at(-1).selected") != ""


def test_the_league_table_sorts(player: Page) -> None:
    press(player, "2", "t", "End")
    player.get_by_role("button", name="Budget a year").click()
    settle(player)
    budgets = [row[2] for row in table(player)]
    assert budgets[0].startswith("$")
    largest = [float(re.sub(r"[^\d.]", "", text)) for text in budgets[:4] if "bn" in text]
    assert largest == sorted(largest, reverse=True)
    assert len(largest) == 4


def test_every_view_has_a_table_and_a_file(player: Page) -> None:
    server(player, "table", True)
    for view in VIEWS:
        server(player, "view", view)
        check_table_and_file(player)


def check_table_and_file(player: Page) -> None:
    rows = table(player)
    assert len(rows) > 10
    assert all(all(text for text in row) for row in rows)
    with player.expect_download() as waiting:
        player.get_by_role("button", name="CSV").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    read = list(csv.reader(io.StringIO(text)))
    assert read[0][:2] == ["which", "quarter"]
    assert {row[0] for row in read[1:]} >= {"run", "twin"}
    assert len({len(row) for row in read}) == 1


def test_every_picture_can_be_saved(player: Page) -> None:
    for view in ("map", "network", "series"):
        server(player, "view", view)
        with player.expect_download() as waiting:
            player.get_by_role("button", name="PNG").click()
        data = waiting.value.path().read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(data) > 20_000
        assert waiting.value.suggested_filename == f"{view}-2025Q1.png"


def test_the_band_fills_in_as_replicates_come(page: Page, drawn: list[tuple[Recorded, Recorded]]) -> None:
    open_player(page, pack(drawn[0][0]), pack(drawn[0][1]), view="series")
    assert "replicates" not in page.locator("ul.legend").first.inner_text()
    packed = [encoded(pack_series(run, twin)) for run, twin in drawn[1:]]
    before = pixels(page)
    page.evaluate("(found) => window.model.server('replicates', found.map(window.bytes))", packed)
    page.wait_for_function("document.querySelector('ul.legend').textContent.includes('3 replicates')")
    settle(page)
    assert pixels(page) != before


def test_another_run_takes_the_place_of_the_first(page: Page, drawn: list[tuple[Recorded, Recorded]]) -> None:
    open_player(page, pack(drawn[0][0]), pack(drawn[0][1]), quarter=5)
    other = pack(record(load_experiment("base", [*SMALL, "quarters=4"])))
    page.evaluate("(found) => window.model.server('run', window.bytes(found))", encoded(other))
    page.wait_for_function("document.querySelector('.track input').max === '3'")
    assert quarter(page) == "2025Q4"


def test_a_run_is_shown_as_it_grows(page: Page, drawn: list[tuple[Recorded, Recorded]]) -> None:
    simulation = simulation_of(load_experiment("us-exit-2026", SMALL), 1, False)
    grown = [pack(lay_out(taken, 1)) for taken in quarters(simulation, False)]
    open_player(page, pack(drawn[0][0]), quarter=2, view="series")

    def numbers() -> str:
        settle(page)
        return page.locator(".panel .numbers").inner_text()

    def come(packed: bytes) -> None:
        page.evaluate("(run) => window.model.server('run', window.bytes(run))", encoded(packed))
        page.wait_for_timeout(300)

    old = numbers()
    come(grown[1])  # its third quarter is not there yet
    assert numbers() == old
    come(grown[3])
    early = numbers()
    assert early != old
    assert page.locator(".track input").get_attribute("max") == "5"
    page.keyboard.press("End")
    assert quarter(page) == "2025Q4"
    page.keyboard.press("ArrowLeft")
    come(grown[5])
    assert numbers() == early
    page.keyboard.press("End")
    assert quarter(page) == "2026Q2"


def test_without_a_twin_only_the_run_is_offered(page: Page, drawn: list[tuple[Recorded, Recorded]]) -> None:
    open_player(page, pack(drawn[0][0]))
    assert page.locator(".bar .group").nth(1).locator("button:visible").all_inner_texts() == ["With the shock"]
    assert len(page.locator(".panel tbody tr").first.locator("td").all()) == 1


def test_two_scenarios_stand_side_by_side(page: Page, drawn: list[tuple[Recorded, Recorded]]) -> None:
    open_player(page, pack(drawn[0][0]), pack(drawn[0][1]), second=pack(drawn[1][0]), mode="side", quarter=5)
    captions = page.locator("figcaption:visible").all_inner_texts()
    assert ["second scenario" in text for text in captions] == [False, True]
    server(page, "titles", {"run": "China goes", "second": "Brazil goes"})
    settle(page)
    captions = page.locator("figcaption:visible").all_inner_texts()
    assert [title in text for title, text in zip(("China goes", "Brazil goes"), captions, strict=True)] == [True, True]
    boxes = [canvas.bounding_box() for canvas in page.locator(".pictures canvas").all()]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_language_is_switched_in_place(player: Page) -> None:
    press(player, "End")
    server(player, "words", words("zh"))
    server(player, "language", "zh")
    text = player.locator("#player").inner_text()
    assert "有冲击" in text
    assert "整体" in text
    assert quarter(player) == "2027Q4"
    server(player, "selected", "DEU")
    assert player.locator(".panel h2").inner_text().startswith("德国")
    assert player.locator("#player").get_attribute("lang") == "zh-Hans"


def test_chinese_is_drawn_with_glyphs(page: Page) -> None:
    page.set_content("<canvas id='ink' width='200' height='60'></canvas>")
    inks = page.evaluate(
        """() => ['信任', '影响', '\\u{10FFFF}\\u{10FFFF}'].map((text) => {
          const pen = document.getElementById('ink').getContext('2d', { willReadFrequently: true });
          pen.clearRect(0, 0, 200, 60);
          pen.font = '40px system-ui, "WenQuanYi Micro Hei", sans-serif';
          pen.fillText(text, 5, 45);
          return [...pen.getImageData(0, 0, 200, 60).data].filter((value, at) => at % 4 === 3 && value > 128).length;
        })"""
    )
    assert inks[0] != inks[1]  # boxes of a missing font look alike
    assert min(inks[:2]) > 300


@pytest.mark.parametrize(("language", "width"), [("en", 390), ("zh", 1366)])
def test_nothing_is_cut_off(page: Page, drawn: list[tuple[Recorded, Recorded]], language: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_player(page, pack(drawn[0][0]), pack(drawn[0][1]), language=language, presentation=width > 400)
    for view, table_too in product(VIEWS, [False, True]):
        server(page, "view", view)
        server(page, "table", table_too)
        check_nothing_cut_off(page, width)


def test_controls_have_names_and_pictures_have_texts(player: Page) -> None:
    nameless = player.evaluate(
        "() => [...document.querySelectorAll('.player button, .player select, .player input, .player canvas')]"
        ".filter((node) => node.offsetParent && !(node.getAttribute('aria-label') || node.textContent.trim() "
        "|| node.closest('label'))).map((node) => node.outerHTML)"
    )
    assert nameless == []
    assert "2025Q1" in (player.locator(MAP).get_attribute("aria-label") or "")
    player.keyboard.press("Tab")
    assert player.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_closing_frees_what_listens(player: Page) -> None:
    assert player.evaluate("Object.values(window.model.listeners).reduce((sum, found) => sum + found.size, 0)") > 10
    player.evaluate("window.closePlayer()")
    assert player.evaluate("Object.values(window.model.listeners).reduce((sum, found) => sum + found.size, 0)") == 0
    press(player, "ArrowRight")
    assert quarter(player) == "2025Q1"
