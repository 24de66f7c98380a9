"""A band that grows says of how many runs it is, wherever it is shown, until all are there."""

from urllib.parse import quote

from playwright.sync_api import Browser, expect

from tests.browser.app_server import PATIENCE, running
from tests.browser.chromium import IN_CHROMIUM

pytestmark = IN_CHROMIUM
WITHHOLDING = """
from viz.session import PageSession
answered = PageSession._answer
def withhold(self, flight, second, place, number, *rest):
    if number < 4: answered(self, flight, second, place, number, *rest)
PageSession._answer = withhold
"""
"""A server of which every page gets the first four pairs alone."""
SHORT = quote('{"quarters":16}')
SAID = {
    "en": ("4 of 8 runs so far", "medians of 4 of 8 runs", "range of 4 of 8 replicates", "median of 4 of 8 runs"),
    "zh": (
        "目前完成8次运行中的4次",
        "8次中已有的4次运行的中位数",
        "8次中已有的4次重复的范围",
        "8次中已有的4次运行的中位数",
    ),
}


def test_an_interval_of_four_runs_of_eight_says_so_in_both_languages(browser: Browser) -> None:
    with running(before=WITHHOLDING) as server:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{server.address}?view=series&config={SHORT}")
        expect(page.locator(".abm-status")).to_contain_text("4 of 8 runs", timeout=1000 * PATIENCE)
        for language, (stage, board, band, median) in SAID.items():
            page.click(f"[data-language={language}]")
            expect(page.locator(".abm-stage .growing")).to_have_text(stage)
            expect(page.locator(".abm-board")).to_contain_text(board)
            expect(page.locator("ul.legend").first).to_contain_text(band)
            expect(page.locator("ul.legend").first).to_contain_text(median)
            expect(page.locator(".player .panel .kind")).to_contain_text(median.removeprefix("median of "))
        page.close()
