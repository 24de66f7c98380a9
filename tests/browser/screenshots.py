"""The pictures of the README, made anew: `uv run python -m tests.browser.screenshots`."""

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.app_server import running
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from viz.page_state import REPLICATES
from viz.words import words

FOLDER = Path(__file__).parents[2] / "viz" / "screenshots"
LAPTOP = (1366, 768)
PICTURES = {
    "page-en": (LAPTOP, "", ("[data-guess='1']", ".abm-stage .play")),
    "network-zh": (LAPTOP, "language=zh&view=network&quarter=30&lesson=clubs_and_camps&tab=lessons", ()),
    "presentation-en": (
        LAPTOP,
        "presentation=1&lesson=who_follows&step=2&tab=lessons&scenario=us-exit-2026&colour=trust&quarter=20",
        ("[data-answer='0']",),
    ),
}
"""File -> size of the window, what the link says, and what is clicked on."""
PLAYED = 14_000
"""Milliseconds after which the opening has been played."""


def taken(page: Page, address: str, name: str) -> None:
    """Open a link, wait for all replicates and take the picture."""
    (width, height), link, clicks = PICTURES[name]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{address}?{link}")
    language = "zh" if "language=zh" in link else "en"
    done = words(language)["status.done"].format(of=REPLICATES)
    page.locator(".abm-status .done", has_text=done).wait_for(timeout=120_000)
    page.wait_for_timeout(1500)
    for selector in clicks:
        page.click(selector)
    page.wait_for_timeout(PLAYED if clicks else 0)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    with running() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for picture in PICTURES:
            taken(browser.new_page(), server.address, picture)
        browser.close()
