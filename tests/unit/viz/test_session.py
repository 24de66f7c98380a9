"""A page without a browser: what messages do, what the widgets are told, and that pages do not see each other."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

import pytest
import traitlets

from abm.config.reader import load_experiment, load_text
from viz.page_requests import LARGEST_UPLOAD
from viz.page_state import PageState
from viz.run_queue import RunQueue
from viz.session import PageSession
from viz.words import words

SMALL = {"world": {"source": "synthetic", "states": 12, "organizations": 6}, "quarters": 5}
PATIENCE = 60
Message = Callable[[Any, Any, Any], None]


class Plain(traitlets.HasTraits):
    """Stands for a widget: keeps what it is told."""

    words = traitlets.Dict()
    catalogue = traitlets.Dict()
    values = traitlets.Dict()
    status = traitlets.Dict()
    lesson = traitlets.Dict()
    room = traitlets.Dict()
    outcome = traitlets.Dict()
    claims = traitlets.List()
    address = traitlets.Unicode()
    run = traitlets.Bytes()
    twin = traitlets.Bytes()
    second = traitlets.Bytes()
    occurs = traitlets.Dict()
    replicates = traitlets.List()
    of = traitlets.Int()
    titles = traitlets.Dict()
    findings = traitlets.Dict()
    stories = traitlets.List()
    cards = traitlets.Dict()
    phases = traitlets.Dict()
    quarter = traitlets.Int()
    selected = traitlets.Unicode()
    view = traitlets.Unicode("map")
    table = traitlets.Bool()
    colour = traitlets.Unicode("exit")
    mode = traitlets.Unicode("run")
    language = traitlets.Unicode("en")
    presentation = traitlets.Bool()

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []
        self.sent: list[Any] = []

    def on_msg(self, call: Message) -> None:
        self.heard.append(call)

    def send(self, content: Any) -> None:
        self.sent.append(content)

    def hold_sync(self) -> Any:
        return nullcontext()


@dataclass
class Widgets:
    stage: Any = field(default_factory=Plain)
    player: Any = field(default_factory=Plain)
    sidebar: Any = field(default_factory=Plain)
    board: Any = field(default_factory=Plain)

    def say(self, **message: Any) -> None:
        for call in self.sidebar.heard:
            call(self.sidebar, message, [])


class Idle(Executor):
    """Workers that finish a run only when they are told to; `under_way` holds runs by number and part."""

    def __init__(self) -> None:
        self.under_way: dict[tuple[int, str], Future[Any]] = {}

    def submit(self, _call: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        number, part = arguments[1:3]
        future = self.under_way[number, part] = Future()
        return future


@pytest.fixture(scope="module")
def queue() -> Iterator[RunQueue]:
    found = RunQueue(2, ThreadPoolExecutor(2))
    yield found
    found.close()


def page(queue: RunQueue, **changes: Any) -> tuple[PageSession, Widgets]:
    widgets = Widgets()
    return PageSession(queue, widgets, replace(PageState(), **{"config": SMALL} | changes), nullcontext), widgets


def wait(session: PageSession, widgets: Widgets, replicates: int = 2) -> None:
    """Wait for the run, its twin and the replicates, whose answers come in any order."""
    widgets.say(do="replicates", count=replicates)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        status = widgets.sidebar.status
        if status["done"] >= replicates and not status["waiting"] and widgets.player.twin:
            break
        time.sleep(0.01)
    else:
        pytest.fail("not all runs have come")
    assert session.problem == ""


def test_a_page_shows_its_run_its_twin_and_the_band(queue: RunQueue) -> None:
    session, widgets = page(queue)
    wait(session, widgets)
    assert widgets.player.run
    assert widgets.player.twin not in (b"", widgets.player.run)
    assert len(widgets.player.replicates) == 1
    marks = widgets.player.occurs
    assert "0" in marks["run"]
    assert set(marks["run"] + marks["twin"]) <= set("012")
    assert marks["run"].count("1") == marks["twin"].count("1")
    outcome = widgets.board.outcome
    assert outcome["count"] == outcome["judged"] == 2
    assert sum(row["share"] for row in outcome["regimes"]) == pytest.approx(1)
    assert {len(row["run"]) for row in outcome["measures"]} == {5}
    assert widgets.stage.findings == outcome["findings"]
    assert widgets.sidebar.status["waiting"] is False
    session.close()


def test_a_parameter_runs_the_world_again_and_reset_goes_back(queue: RunQueue) -> None:
    session, widgets = page(queue)
    wait(session, widgets)
    first, address = widgets.player.run, widgets.sidebar.address
    widgets.say(do="parameter", path="trust.betrayal_weight", value=2.0)
    wait(session, widgets)
    assert widgets.player.run != first
    assert widgets.sidebar.values["values"]["trust.betrayal_weight"] == 2.0
    assert "betrayal_weight" in widgets.sidebar.address
    own = widgets.sidebar.values["own"]["trust.betrayal_weight"]
    widgets.say(do="parameter", path="trust.betrayal_weight", value=own)
    wait(session, widgets)
    assert (widgets.player.run, widgets.sidebar.address) == (first, address)
    widgets.say(do="reset")
    assert session.state.config == {}
    assert widgets.sidebar.values["changed"] is False
    session.close()


def test_a_composed_shock_is_run(queue: RunQueue) -> None:
    session, widgets = page(queue)
    shock = {"kind": "exit", "actor": "USA", "organizations": ["WHO"], "announced": "2025Q2", "notice_quarters": 0}
    widgets.say(do="shocks", shocks=[shock])
    wait(session, widgets)
    assert len(widgets.sidebar.values["shocks"]) == 1
    before = session.state
    widgets.say(do="shocks", shocks=[shock | {"announced": "1999Q1"}])
    assert "1999Q1 lies outside the run" in widgets.sidebar.status["problem"]
    widgets.say(do="view", language="zh")
    before = session.state
    widgets.say(do="shocks", shocks=[shock | {"announced": "1999Q1"}])
    assert widgets.sidebar.status["problem"] == "无法模拟：1999Q1不在模拟期间之内。请在“参数”中延长模拟，或另选日期。"
    widgets.say(do="shocks", shocks=[shock, shock | {"announced": "2025Q4"}])
    assert widgets.sidebar.status["problem"] == words("zh")["shock.problem.twice"].format(name="WHO")
    assert session.state is before
    session.close()


def test_back_takes_a_choice_back(queue: RunQueue) -> None:
    session, widgets = page(queue)
    before, address = session.state, widgets.sidebar.address
    widgets.say(do="parameter", path="funding.appeal", value=0.7)
    widgets.say(do="view", language="zh")
    widgets.say(do="link", query="?" + address)
    assert session.state == before
    widgets.say(do="link", query="?scenario=atlantis")
    assert "atlantis" in widgets.sidebar.status["problem"]
    assert session.state == before
    session.close()


def test_what_is_shown_has_its_own_title() -> None:
    session, widgets = page(RunQueue(1, Idle()), config={}, second="who-2025", mode="side")
    story, second = (widgets.player.titles[key] for key in ("run", "second"))
    assert (story, second) == (load_experiment("us-exit-2026").title, load_experiment("who-2025").title)
    widgets.say(do="parameter", path="funding.appeal", value=0.7)
    assert widgets.stage.values["title"] == widgets.sidebar.values["title"] == f"{story} (changed)"
    widgets.say(do="shocks", shocks=[])
    assert widgets.sidebar.values["title"] == words("en")["story.composed"]
    assert session.state.experiment.title == words("en")["story.composed"], "and the config says so"
    widgets.say(do="reset")
    assert widgets.sidebar.values["title"] == story
    session.close()


def test_pages_do_not_see_each_other(queue: RunQueue) -> None:
    first, one = page(queue)
    second, other = page(queue, language="zh")
    one.say(do="parameter", path="funding.appeal", value=0.7)
    one.say(do="view", language="en", selected="WHO")
    one.player.quarter = 3
    assert second.state == replace(PageState(), config=SMALL, language="zh")
    assert other.player.quarter == 0
    assert other.sidebar.values["values"]["funding.appeal"] != 0.7
    assert one.sidebar.words["reset"] != other.sidebar.words["reset"]
    first.close()
    second.close()


def test_what_is_done_on_the_stage_comes_into_the_link(queue: RunQueue) -> None:
    session, widgets = page(queue)
    widgets.player.view, widgets.player.quarter, widgets.player.selected = "network", 2, "O001"
    assert all(part in widgets.sidebar.address for part in ("view=network", "quarter=2", "selected=O001"))
    session.close()


def test_a_second_scenario_comes_and_goes(queue: RunQueue) -> None:
    session, widgets = page(queue)
    arrived = Event()
    widgets.player.observe(lambda change: change["new"] and arrived.set(), names=["second"])
    widgets.say(do="second", name="base")
    assert session.state.mode == "side"
    assert session.state.compared is not None
    assert arrived.wait(PATIENCE)
    assert widgets.player.second
    widgets.say(do="second", name="")
    assert (session.state.mode, widgets.player.second) == ("difference", b"")
    session.close()


def test_a_presented_lesson_asks_the_phones_of_its_room() -> None:
    session, widgets = page(RunQueue(1, Idle()))
    widgets.say(do="lesson", name="money_gap", step=1)
    assert widgets.sidebar.room == {}
    widgets.say(do="view", presentation=True)
    room = widgets.sidebar.room
    assert room == {"code": room["code"], "step": "money_gap 1", "counts": [0] * len(widgets.sidebar.lesson["answers"])}
    assert session.rooms.vote(room["code"], "one", 1)
    assert widgets.sidebar.room["counts"][:2] == [0, 1]
    widgets.say(do="answer", answer=1)
    assert widgets.sidebar.room["counts"][:2] == [0, 1]
    assert not session.rooms.vote(room["code"], "two", 1)
    session.close()
    assert session.rooms.page(room["code"], "one") is None


def test_a_lesson_asks_before_it_tells() -> None:
    session, widgets = page(RunQueue(1, Idle()))
    widgets.say(do="lesson", name="money_gap", step=1)
    told = widgets.sidebar.lesson
    assert told["question"]
    assert (told["answer"], told["reveal"]) == (-1, "")
    assert session.state.scenario == "who-2025"
    widgets.say(do="answer", answer=1)
    told = widgets.sidebar.lesson
    assert (told["answer"], told["waiting"], told["reveal"]) == (1, True, ""), "held back until the runs are there"
    widgets.say(do="lesson", name="", step=0)
    assert widgets.sidebar.lesson["name"] == ""
    session.close()


def test_the_downloaded_config_is_what_is_shown(queue: RunQueue) -> None:
    session, widgets = page(queue)
    widgets.say(do="parameter", path="funding.appeal", value=0.7)
    widgets.say(do="download")
    saved = widgets.board.sent[-1]
    again = load_text(saved["text"])
    assert again.digest() == session.state.experiment.digest()
    assert saved["name"].endswith(".yaml")
    session.close()


def test_an_upload_is_shown_or_refused(queue: RunQueue) -> None:
    session, widgets = page(queue)
    text = "extends: who-2025\nquarters: 5\nworld: {source: synthetic, states: 12, organizations: 6}\n"
    widgets.say(do="upload", name="mine.yaml", text=text)
    assert session.state.experiment.quarters == 5
    before = session.state
    for bad in ("processes: [{use: 'a:B', after: funding}]", "x" * (LARGEST_UPLOAD + 1), "extends: /etc/passwd"):
        widgets.say(do="upload", name="mine.yaml", text=bad)
        assert widgets.sidebar.status["problem"].startswith("This cannot be run: ")
        assert session.state is before
    session.close()


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {},
        {"do": "__class__"},
        {"do": "scenario", "name": "../../etc/passwd"},
        {"do": "scenario", "name": 3},
        {"do": "parameter", "path": "world.folder", "value": 1},
        {"do": "parameter", "path": "funding.appeal", "value": "1"},
        {"do": "parameter", "path": "funding.appeal", "value": float("nan")},
        {"do": "parameter", "path": "funding.appeal", "value": 99},
        {"do": "key", "key": "processes", "value": 1},
        {"do": "key", "key": "quarters", "value": 100_000},
        {"do": "shocks", "shocks": [{}] * 100},
        {"do": "shocks", "shocks": ["x"]},
        {"do": "view", "language": "xx"},
        {"do": "lesson", "name": "../money_gap", "step": 0},
        {"do": "replicates", "count": True},
    ],
)
def test_a_wrong_message_changes_nothing(queue: RunQueue, message: Any) -> None:
    session, widgets = page(queue)
    before = session.state
    for call in widgets.sidebar.heard:
        call(widgets.sidebar, message, [])
    assert session.state == before
    assert widgets.sidebar.status["problem"]
    session.close()


def test_a_closed_page_wants_nothing_more() -> None:
    queue = RunQueue(1, Idle())
    session, widgets = page(queue)
    other = load_experiment("who-2025", ["world.source=synthetic", "quarters=4"])
    last = queue.request(other, other.digest(), 99, "pair", lambda _key, _run: None)
    before = queue.ahead(last)
    widgets.say(do="key", key="seed", value=991)
    session.close()
    shown = widgets.sidebar.values
    widgets.say(do="reset")
    assert widgets.sidebar.values is shown
    assert queue.ahead(last) == 1 < before, "only the run that is under way is left"
