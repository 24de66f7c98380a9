"""The picture of one organization's money: names stand in their areas, and over no line and no other name.

The four numbers below it name nobody where nobody acts.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import IN_CHROMIUM
from tests.browser.player_page import words
from tests.browser.tab import emptied
from viz.page_files import read

pytestmark = IN_CHROMIUM
SCRIPTS = ("d3/d3", "sidebar/build", "sidebar/figures", "stage/picture")
QUARTERS = 25
DATES = [f"{2025 + quarter // 4}Q{quarter % 4 + 1}" for quarter in range(60)]
DRAWN = """([finding, dates, texts]) => {
  const svg = document.querySelector("svg");
  moneyPicture(svg, finding, sayer(texts), dates, { width: 840, height: 300 })(24);
  const ghost = svg.querySelector("path.ghost"), length = ghost.getTotalLength();
  const line = Array.from({ length: 400 }, (_, at) => ghost.getPointAtLength((at * length) / 399));
  return [...svg.querySelectorAll("text.name, text.event")].map((node) => {
    const { x, y, width, height } = node.getBBox();
    const inside = (point) => point.x > x && point.x < x + width && point.y > y + 3 && point.y < y + height - 4;
    const over = line.some(inside);
    return { text: node.textContent, x, y, width, height, over };
  });
}"""
"""Names of the drawn picture with their boxes, and whether the dashed line goes through them."""


def finding(gap: float) -> dict[str, Any]:
    """A story in which half of the loss is made up at first, and a share of the money is missing at the end."""
    twin = [1.0 + 0.2 * max(0, quarter - 12) / 12 for quarter in range(QUARTERS)]  # the organization grows
    rescue = [max(0.0, 0.06 - 0.004 * quarter) for quarter in range(QUARTERS)]
    leaver = [0.0] * 18 + [0.01 * quarter for quarter in range(QUARTERS - 18)]
    others = [one - gap - two - three for one, two, three in zip(twin, rescue, leaver, strict=True)]
    case = {"twin": twin, "rescue": rescue, "leaver": leaver, "others": others, "share": 0.2, "act": 0, "out": 4}
    case |= {"announced": True, "leavers": ["USA"], "returns": {"count": 3, "quarter": 19}}
    return {"case": case, "runs": 8}


NOBODY = """(texts) => {
  const nothing = { refill: {}, followers: null, trust: null, order: {}, actors: [] };
  return fourNumbers(nothing, sayer(texts), false).map((node) => node.textContent).join(" ");
}"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_numbers_of_a_world_in_which_nobody_acts_name_nobody(tab: Page, language: str) -> None:
    with emptied(tab):
        for name in (*SCRIPTS, "stage/numbers"):
            tab.add_script_tag(content=read(f"{name}.js"))
        said = tab.evaluate(NOBODY, words(language))
    assert "undefined" not in said
    assert "name." not in said


@pytest.mark.parametrize("gap", [0.01, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_stand_over_no_line_and_no_other_name(tab: Page, gap: float, language: str) -> None:
    with emptied(tab):
        tab.set_content(f"<!doctype html><html lang={language}><body><svg></svg></body></html>")
        for name in SCRIPTS:
            tab.add_script_tag(content=read(f"{name}.js"))
        names = tab.evaluate(DRAWN, [finding(gap), DATES, words(language)])
    assert len(names) >= 5
    assert [one["text"] for one in names if one["over"]] == []
    for place, one in enumerate(names):
        for other in names[:place]:
            apart = (
                abs(2 * (one["x"] - other["x"]) + one["width"] - other["width"]) >= one["width"] + other["width"] - 2
            )
            below = abs(one["y"] - other["y"]) >= 0.6 * one["height"]
            assert apart or below, (one["text"], other["text"])
