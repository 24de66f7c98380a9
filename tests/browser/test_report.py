"""The report in a real browser, wide or a phone: nothing is fetched, nothing overflows, every figure shows."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from experiments.report import write_report
from experiments.runs.run_experiment import run_experiment
from tests.browser.chromium import IN_CHROMIUM
from tests.browser.tab import HEIGHT, WIDTH, emptied

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


@pytest.mark.parametrize("width", [WIDTH, 390])
def test_report_stands_alone_and_fits(tab: Page, report: Path, width: int) -> None:
    with emptied(tab) as heard:
        tab.set_viewport_size({"width": width, "height": HEIGHT})
        tab.goto(report.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        images = tab.locator("figure svg[role=img]")
        assert images.count() >= 8
        for image in images.all():
            box = image.bounding_box()
            assert box is not None
            assert box["width"] > 150
            assert box["height"] > 20
    assert heard.asked == [report.as_uri()]
    assert heard.said + heard.failed == []


def test_labels_of_panels_stay_inside(tab: Page, report: Path) -> None:
    with emptied(tab):
        tab.goto(report.as_uri())
        outside = tab.evaluate(
            """() => [...document.querySelectorAll('figure svg[role=img]')].flatMap(svg => {
                const frame = svg.getBoundingClientRect();
                return [...svg.querySelectorAll('text')].filter(text => {
                    const box = text.getBoundingClientRect();
                    return box.left < frame.left - 12 || box.right > frame.right + 12;
                }).map(text => text.textContent);
            })"""
        )
    assert outside == []
