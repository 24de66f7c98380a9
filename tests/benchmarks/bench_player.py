"""From a key or a scrub to the picture, and memory over play: `uv run pytest tests/benchmarks/bench_player.py -s`.

Beside the tests, since it needs a quiet machine. The time runs from the input to the end of the frame that shows it;
`nothing` is an empty frame, which tells how busy the machine is.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from abm.config.reader import load_experiment
from tests.browser.chromium import CHROMIUM, IN_CHROMIUM
from tests.browser.player_page import open_player
from viz.packed_run import pack, pack_series, record

FRAME_MS = 33.0
GROWTH_MB = 2.0
SCENES: dict[str, dict[str, Any]] = {
    "map": {}, "network": {"view": "network"}, "curves": {"view": "series"}, "events": {"view": "events"},
    "side by side": {"mode": "side"}, "selected": {"selected": "USA"}, "table": {"table": True},
}  # fmt: skip
TIMES = """async (way) => {
  const range = document.querySelector('.track input'), times = [];
  for (let i = 0; i < 60; i++) {
    await new Promise((done) => setTimeout(done, 25 + (i * 7) % 20));
    const start = performance.now();
    if (way === 'step') {
      const key = i < 30 ? 'ArrowRight' : 'ArrowLeft';
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    } else if (way === 'scrub') {
      range.value = String((i * 17) % 60);
      range.dispatchEvent(new Event('input', { bubbles: true }));
    }
    await new Promise((done) => requestAnimationFrame(() => {
      const channel = new MessageChannel(); // runs once the frame has been handed on
      channel.port1.onmessage = done;
      channel.port2.postMessage(0);
    }));
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { median: times[30], p95: times[57], slowest: times[59] };
}"""

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def packed() -> tuple[bytes, bytes, tuple[bytes, ...]]:
    experiment = load_experiment("us-exit-2026")
    runs = [(record(experiment, number), record(experiment, number, twin=True)) for number in range(2)]
    return pack(runs[0][0]), pack(runs[0][1]), tuple(pack_series(run, twin) for run, twin in runs)


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*arguments, "--js-flags=--expose-gc"])
        yield browser.new_page(viewport={"width": 1366, "height": 768})
        browser.close()


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_step_and_scrub_to_paint(page: Page, packed: tuple[bytes, bytes, tuple[bytes, ...]], scene: str) -> None:
    open_player(page, *packed, **SCENES[scene])
    page.evaluate(TIMES, "scrub")  # the first round compiles
    found = {way: page.evaluate(TIMES, way) for way in ("nothing", "step", "scrub")}
    print(scene, {way: {name: round(value, 1) for name, value in times.items()} for way, times in found.items()})  # noqa: T201
    assert max(found[way]["p95"] for way in ("step", "scrub")) <= FRAME_MS


def test_play_does_not_grow(page: Page, packed: tuple[bytes, bytes, tuple[bytes, ...]]) -> None:
    open_player(page, *packed, selected="USA", speed=30)
    sizes = [played(page) for _ in range(5)]
    print("MB after each play of 60 quarters:", [round(size, 2) for size in sizes])  # noqa: T201
    assert sizes[-1] - sizes[1] <= GROWTH_MB


def played(page: Page) -> float:
    """Play all quarters; return the memory of the page's objects afterwards, MB."""
    page.evaluate("() => { window.told = []; }")
    page.keyboard.press(" ")
    page.wait_for_function("window.told.some((values) => values.playing === false)")
    page.evaluate("() => { window.told = []; gc(); }")
    size: float = page.evaluate("performance.memory.usedJSHeapSize / 1e6")
    return size
