"""Mesa's stock browser page, SolaraViz, with this model: it shows controls and a plot, steps, and resets."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import IN_CHROMIUM

PATIENCE = 60.0
"""Seconds for whatever the page has to do on a busy machine."""
APP = """
import solara
from mesa.visualization import Slider, SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from abm import MultilateralModel

world = {"world.source": "synthetic", "world.states": 15, "world.organizations": 8}
controls = {
    "scenario": {"type": "Select", "value": "base", "values": ["base", "who-2025"], "label": "Scenario"},
    "membership.contagion_log_odds": Slider("Contagion", 3.0, 0.0, 6.0, 0.5),
    "quarters": 6,
    "rng": 1,
    **world,
}


@solara.component
def facts(model):
    update_counter.get()
    contagion = model.experiment.parameters.membership.contagion_log_odds
    solara.Text(f"{len(model.quarters)} quarters, {len(model.experiment.shocks)} shocks, contagion {contagion}")


page = SolaraViz(
    MultilateralModel("base", rng=1, quarters=6, **world),
    components=[make_plot_component("legitimacy"), facts],
    model_params=controls,
    name="Multilateral institutions",
)
"""

pytestmark = [*IN_CHROMIUM, pytest.mark.long]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers; raise when it does not in time."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError("the server of the page does not answer")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The page's address while its server runs."""
    app = tmp_path / "app.py"
    app.write_text(APP, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "solara", "run", str(app), "--no-open", "--production", "--host=127.0.0.1"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([*command, f"--port={port}"], stdout=log, stderr=log, cwd=tmp_path)
    try:
        wait_for(f"http://127.0.0.1:{port}/", server)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(1000 * PATIENCE)
    expect.set_options(timeout=1000 * PATIENCE)
    opened.goto(address)
    yield opened
    opened.close()


def test_the_stock_page_steps_plots_and_resets_to_what_its_controls_say(page: Page) -> None:
    expect(page.get_by_text("Multilateral institutions")).to_be_visible()
    expect(page.get_by_role("slider", name="Contagion")).to_be_attached()
    plot = page.get_by_role("main").get_by_role("img")
    expect(plot).to_be_visible()
    expect(page.get_by_text("0 quarters, 0 shocks, contagion 3.348")).to_be_visible()
    empty = plot.get_attribute("src")

    page.get_by_role("button", name="Step").click()
    expect(page.get_by_text("1 quarters, 0 shocks, contagion 3.348")).to_be_visible()
    page.get_by_role("button", name="Step").click()
    expect(page.get_by_text("2 quarters, 0 shocks, contagion 3.348")).to_be_visible()
    expect(plot).not_to_have_attribute("src", empty or "")

    page.get_by_role("button", name="Scenario").click()
    page.get_by_role("option", name="who-2025").click()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("0 quarters, 1 shocks, contagion 3.0")).to_be_visible()

    page.get_by_role("button", name="▶").click()
    expect(page.get_by_text("6 quarters, 1 shocks, contagion 3.0")).to_be_visible()
    expect(page.get_by_role("button", name="Step")).to_be_disabled()
