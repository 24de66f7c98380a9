"""The report in a real browser, wide or a phone: nothing is fetched, nothing overflows, every figure shows."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from experiments.report import write_report
from experiments.runs.run_experiment import run_experiment
from tests.browser.chromium import IN_CHROMIUM

CASES = {
    "real": ("us-exit-2026", ["quarters=10", "replicates=2"]),
    "drawn": ("us-exit-2026", ["world.source=synthetic", "world.states=12", "quarters=5", "replicates=1"]),
}

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module", params=sorted(CASES))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    scenario, overrides = CASES[request.param]
    write_report(run_experiment(scenario, overrides, workers=1), path)
    return path


@pytest.mark.parametrize("width", [1366, 390])
def test_report_stands_alone_and_fits(browser: Browser, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.as_uri())
    assert requests == [report.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    images = page.locator("figure svg[role=img]")
    assert images.count() >= 8
    for image in images.all():
        box = image.bounding_box()
        assert box is not None
        assert box["width"] > 150
        assert box["height"] > 20
    page.close()


def test_labels_of_panels_stay_inside(browser: Browser, report: Path) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 844})
    page.goto(report.as_uri())
    outside = page.evaluate(
        """() => [...document.querySelectorAll('figure svg[role=img]')].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const box = text.getBoundingClientRect();
                return box.left < frame.left - 12 || box.right > frame.right + 12;
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []
    page.close()
