"""What the report says: every number comes from the result, every sentence holds for it."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.events import BOTH, as_json, from_json
from abm.words import event_words
from experiments.report.headline import findings, summary
from experiments.report.narrative import frequencies, sentences, tell_story, told
from experiments.report.refills_figure import leading, refill_bars
from experiments.report.result_page import page
from experiments.report.result_tables import effects, followers, league
from experiments.report.result_view import View, listed, money, number, percent, plural
from experiments.report.svg import Axis, mix, tick_text, ticks
from experiments.report.timeline import rows, timeline
from experiments.runs.result import Result

USA = "United States"
Event = tuple[str, str, str, str, str]
SHOCK, HAZARD = (as_json({"notice_quarters": 4, "origin": origin, "rule": "none"}) for origin in ("shock", "hazard"))
SOVEREIGNTIST = '{"direction": "sovereigntist"}'


def with_events(view: View, events: list[Event], twin: bool = False) -> View:
    """Return a view of the same result with other events: quarter, kind, actor, organization, details."""
    frame = pd.DataFrame(events, columns=["quarter", "kind", "actor", "organization", "details"], dtype=object)
    frame["occurs"] = "only_with"
    frame.insert(0, "twin", twin)
    frame.insert(0, "run", 0)
    return View(replace(view.result, events=frame))


def with_outcomes(view: View, **outcomes: Any) -> View:
    return View(replace(view.result, outcomes=view.result.outcomes | outcomes))


def said(view: View) -> str:
    return " ".join(f"{about}: {text}" for about, text in findings(view))


def test_exits_of_an_actor_are_one_sentence(real: View) -> None:
    view = with_events(real, [("2026Q1", "exit", "USA", "WHO", ""), ("2026Q1", "exit", "USA", "UNESCO", "")])
    bodies = [real.name("WHO"), real.name("UNESCO")]
    assert list(sentences(view, told(view.story))) == [
        f"2026Q1: 2 exits of the {USA} take effect: {bodies[0]} and {bodies[1]}."
    ]


def test_an_actor_without_acts_does_nothing(real: View) -> None:
    assert f"the {USA} does nothing that the model records as an act." in said(with_events(real, []))


def test_others_are_gathered_by_kind(real: View) -> None:
    view = with_events(
        real,
        [("2025Q2", "announce", "POL", "WHO", ""), ("2025Q3", "announce", "IRQ", "WHO", ""),
         ("2025Q3", "zombie", "", "WHO", "")],
    )  # fmt: skip
    who = real.name("WHO")
    assert list(sentences(view, told(view.story))) == [
        f"Exits announced: Poland ({who}; Q2) and Iraq ({who}; Q3).",
        f"Organizations that fall asleep: {who}.",
    ]


def test_routine_is_summarized(real: View) -> None:
    large = real.large[1]
    assert large not in real.actors
    small = real.large[-1]
    view = with_events(
        real,
        [("2025Q2", "government", large, "", SOVEREIGNTIST),
         ("2025Q2", "government", small, "", SOVEREIGNTIST),
         ("2025Q1", "vote_lost", small, "WHO", ""), ("2025Q1", "vote_lost", small, "UNESCO", "")],
    )  # fmt: skip
    texts = list(sentences(view, told(view.story)))
    assert texts[0] == f"2 governments change, among them {real.called(large)} (more sovereigntist, Q2)."
    assert texts[1] == "1 state loses votes for arrears in 2 organizations."


def test_events_that_also_happen_without_the_shock_stand_apart(real: View) -> None:
    story = [("2025Q1", "announce", "USA", "WHO", SHOCK), ("2025Q2", "announce", "POL", "WHO", HAZARD),
             ("2025Q3", "announce", "IRQ", "WHO", HAZARD)]  # fmt: skip
    view = with_events(real, story)
    view.result.events["occurs"] = ["only_with", "only_with", "both"]
    shock, background = tell_story(view).split('<div class="background"><h4>Also without the shock</h4>')
    assert "(effective in 4 quarters)" in shock
    assert "Poland" in shock
    assert "Iraq" not in shock
    assert "Iraq" in background
    assert "2 events that only the shock brings" in shock
    view.result.events["occurs"] = "only_with"
    assert "background" not in tell_story(with_events(real, story))
    assert "(1 also without the shock)" not in timeline(with_events(real, story))


def test_the_timeline_shows_pale_discs_for_the_background(real: View) -> None:
    view = with_events(real, [("2025Q2", "exit", "POL", "WHO", ""), ("2025Q3", "exit", "IRQ", "WHO", "")])
    view.result.events["occurs"] = ["only_with", "both"]
    discs = re.findall(r"<circle.*?</circle>", timeline(view))
    assert ["background" in disc for disc in discs] == [False, True]
    assert ["(1 also without the shock)" in disc for disc in discs] == [False, True]


def test_unknown_kinds_are_told_by_name(real: View) -> None:
    view = with_events(real, [("2025Q2", "solar_storm", "POL", "WHO", "")])
    assert list(sentences(view, told(view.story))) == [f"Solar storm: Poland ({real.name('WHO')}; Q2)."]
    assert "Solar storm" in frequencies(view)


def test_no_events_at_all(real: View) -> None:
    view = with_events(real, [])
    assert "Nothing happened" in tell_story(view)
    assert "No act reaches" in said(with_outcomes(view, first_acts={}))


def test_story_has_a_section_for_each_year(real: View) -> None:
    text = tell_story(real)
    years = {quarter[:4] for quarter in real.story["quarter"]}
    assert all(f"<h3>{year}</h3>" in text for year in years)
    assert text.count("<h3>") == len(years)


def test_headline_counts_the_acts(real: View) -> None:
    own = real.story[(real.story["actor"] == "USA") & (real.story["occurs"] != BOTH)]
    announced = own.loc[own["kind"] == "announce", "organization"].nunique()
    assert announced > 3
    assert f"the {USA} announces its exit from {announced} organizations" in said(real)


def test_headline_leaves_out_what_the_actor_does_without_the_shock_too(real: View) -> None:
    own = (real.result.events["actor"] == "USA") & (real.result.events["kind"] == "announce")
    one = own & (real.result.events["run"] == real.story_run) & ~real.result.events["twin"].astype(bool)
    events = real.result.events.copy()
    left = events.loc[one, "organization"].nunique() - 1
    first = one[one].index[:1]
    events.loc[first, ["occurs", "details"]] = BOTH, HAZARD
    assert f"announces its exit from {left} organizations" in said(View(replace(real.result, events=events)))


def test_headline_says_why_acts_had_no_object(real: View) -> None:
    empty = real.story[(real.story["actor"] == "USA") & (real.story["kind"] == "no_effect")]
    why = empty["details"].map(lambda details: from_json(details)["reason"])
    assert len(set(why)) > 1
    told = next(text for about, text in findings(real) if about == "What happens")
    assert f"A further {len(empty)} acts had no object" in told
    for reason, count in why.value_counts().items():
        words = event_words("en")[f"detail.reason.{reason}"].strip(" ()")
        assert f"{count}: {words}" in told


def test_a_result_without_a_title_has_words_in_its_place(real: View) -> None:
    untitled = replace(real.result, experiment=real.result.experiment.model_copy(update={"title": ""}))
    assert summary(untitled).startswith("A run without a title\n")
    assert page(View(untitled)).count("A run without a title") > 1


def test_headline_tells_the_effects_of_the_result(real: View) -> None:
    changed = {
        "shocked.effectiveness": {"mean": -0.4321, "low": -0.5, "high": -0.4, "p05": -0.5, "p95": -0.4},
        "shocked.budget": {"mean": 0.0123, "low": -0.1, "high": 0.2, "p05": -0.1, "p95": 0.2},
        "mean_trust_in_actor": {"mean": 0.37, "low": 0.3, "high": 0.4, "p05": 0.3, "p95": 0.4},
    }
    text = said(with_outcomes(real, effects=changed))
    assert "effectiveness −43.2 (90\u202f% interval −50.0 to −40.0)" in text
    assert "Not distinguishable from no change: budgets" in text
    assert f"Trust of others in the {USA} ends 0.37 higher" in text


def test_headline_tells_nothing_by_an_interval_wider_than_the_scale(real: View) -> None:
    wide = {"mean": -0.333, "low": -2.438, "high": 1.771, "p05": -1.0, "p95": 1.0}
    narrow = {"mean": -0.25, "low": -0.3, "high": -0.2, "p05": -0.3, "p95": -0.2}
    measures = ("mean_trust_in_actor", "actor_wins", "shocked.budget")
    trough = {"quarter": "2030Q1"}
    loud, plain = (
        said(with_outcomes(real, effects=dict.fromkeys(measures, one), troughs={"shocked.budget": one | trough}))
        for one in (wide, narrow)
    )
    assert "decided its way: −25.0 points" in plain
    assert "The deepest fall is that of budgets: −25.0 points" in plain
    for text in ("decided its way", "deepest fall", "ends 0.33", "−243.8", "177.1"):
        assert text not in loud
    assert f"Trust of others in the {USA} differs between runs by more than it can change" in loud


def test_headline_tells_what_is_saved_while_the_actor_is_out_with_its_interval(real: View) -> None:
    trust = {"mean_trust_in_actor": {"mean": 0.37, "low": 0.3, "high": 0.4, "p05": 0.3, "p95": 0.4}}
    money = {"mean": 4e9, "low": 3e9, "high": 5e9, "p05": 3e9, "p95": 5e9}
    ends = trust | {"actor_saving": {"mean": -2.8e6, "low": -3e6, "high": -2e6, "p05": -3e6, "p95": -2e6}}
    held = real.result.outcomes["outcomes"]
    text = said(with_outcomes(real, effects=ends, outcomes=held | {"saved_while_out": money}))
    assert "saved while it is out, in all: 4.0 billion USD (90\u202f% interval 3.0 billion USD to 5.0 billion" in text
    unsure = said(with_outcomes(real, effects=ends, outcomes=held | {"saved_while_out": money | {"low": -1e9}}))
    assert "saved" not in unsure


def test_headline_tells_the_regimes_of_the_result(real: View) -> None:
    text = said(with_outcomes(real, regimes={"reform": 0.75, "continuity": 0.25, "unravelling": 0.0}))
    assert "reform in 75\u202f% and continuity in 25\u202f%" in text


@pytest.mark.parametrize("name", ["no shock", "no twin", "one run", "several actors", "sanction"])
def test_headline_claims_no_more_than_the_result_holds(name: str, results: Callable[[str], Result]) -> None:
    view = View(results(name))
    text = said(view)
    assert 3 <= len(findings(view)) <= 9
    assert ("twin" in text) == (view.compares or name == "no twin")
    assert "90\u202f% interval" not in text or (view.runs > 1 and view.shocks)
    assert USA not in text or "USA" in view.actors or name == "several actors"


def test_several_actors_are_a_plural(results: Callable[[str], Result]) -> None:
    text = said(View(results("several actors")))
    assert "27 states (Austria, Belgium, Bulgaria, Cyprus and 23 more) between them announce exits from" in text


def test_leader_of_a_dead_body_is_nobody(real: View) -> None:
    frame = real.result.organizations.copy()
    frame.loc[frame["code"] == "WHO", "leader_share"] = 0.0
    table = league(View(replace(real.result, organizations=frame)))
    row = table.split(real.name("WHO"))[1].split("</tr>")[0]
    assert row.count('<td class="words">–</td>') == 2


def test_tables_hold_the_numbers_of_the_result(real: View) -> None:
    view = with_outcomes(
        real,
        followers=[{"iso3": "POL", "organization": "WHO", "probability": 0.62, "twin_probability": 0.13,
                    "median_lag_quarters": 7.5}],
        effects={"members": {"mean": 3.25, "low": 1.5, "high": 5.0, "p05": 0.75, "p95": 6.5}},
    )  # fmt: skip
    assert all(part in followers(view) for part in ("Poland", "62\u202f%", "13\u202f%", "7.5"))
    assert all(part in effects(view) for part in ("+3.25", "1.50 to 5.00", "0.750 to 6.50", "Interval excludes zero"))


def test_refill_bars_follow_the_result(real: View) -> None:
    entry = {"organization": "WHO", "after_4_quarters": 0.9, "after_12_quarters": 0.5, "lost_share": 0.2,
             "by": {"DEU": 0.6, "private": 0.2, "FRA": -0.1}}  # fmt: skip
    text = refill_bars(with_outcomes(real, refill=[entry]))
    assert leading([entry])[:2] == ["DEU", "private"]
    assert all(part in text for part in ("(−20%)", "90\u202f%", "Germany 60.0\u202f% of the loss", "after twelve"))
    assert "No organization lost" in refill_bars(with_outcomes(real, refill=[]))


def test_every_shown_event_has_one_row(real: View) -> None:
    story = real.story
    matches = np.array([row.holds(story).to_numpy(bool) for row in rows(real)]).sum(axis=0)
    assert matches.max() == 1
    silent = set(story.loc[matches == 0, "kind"])
    assert silent <= {"government", "vote_lost", "vote_regained", "no_effect", "club"}


def test_bands_are_percentiles_over_runs(real: View) -> None:
    runs = np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 7.0]])  # (run, quarter)
    series = pd.DataFrame({
        "run": np.repeat([2, 0, 1], 2), "twin": False, "quarter": ["2025Q1", "2025Q2"] * 3, "measure": "members",
        "value": runs.ravel(),
    })  # fmt: skip
    bands = View(replace(real.result, series=series)).bands(["members"])
    assert list(bands) == [("members", False)]
    np.testing.assert_allclose(bands["members", False], [[1.2, 3.0, 4.8], [2.4, 6.0, 6.9]])


def test_changes_are_against_the_twin_or_the_start(results: Callable[[str], Result], real: View) -> None:
    states = real.result.states
    last = states[(states["quarter"] == real.last) & (states["code"] == "POL")]
    by_twin = last.groupby("twin")["trust_in_actor"].mean()
    assert real.state_change("trust_in_actor")["POL"] == pytest.approx(by_twin[False] - by_twin[True])
    alone = View(results("no twin"))
    assert alone.against == "the start (2025Q1)"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 0.3, [0.0, 0.1, 0.2, 0.3]), (0.81, 1.0, [0.8, 0.85, 0.9, 0.95, 1.0]), (5.0, 5.0, [5.0, 6.0])],
)
def test_ticks(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [(0.85, 0.95 - 0.9, "0.85"), (-0.5, 0.25, "−0.50"), (2e6, 1e6, "2m"), (1500.0, 500.0, "1,500"), (7.0, 2.5, "7.0")],
)
def test_tick_text(value: float, step: float, expected: str) -> None:
    assert tick_text(value, step) == expected


def test_scales_and_colours_stay_within_their_ends() -> None:
    scale = Axis(0.0, 2.0, 10.0, 20.0)
    assert [scale(value) for value in (-1.0, 0.5, 9.0)] == [10.0, 12.5, 20.0]
    assert mix(0.5, ("#000000", "#ffffff")) == "#808080"
    assert mix(7.0, ("#000000", "#ffffff")) == "#ffffff"


def test_words() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdefghijkl"), 3) == "a, b, c and 9 more"
    assert plural(1, "body", "bodies") == "1 body"
    assert number(-0.0001) == "0.00"
    assert number(0.0004, 2, sign=True) == "0.00"
    assert number(float("nan")) == "–"
    assert percent(-0.125, 1) == "−12.5\u202f%"
    assert money(2.5e9) == "2.5 billion USD"


@pytest.mark.parametrize("value", [1e15, 1e12, 1e-30, 0.0])
def test_an_axis_of_hardly_any_length_has_ticks_with_words(value: float) -> None:
    marks = ticks(value, value * (1 + 1e-15))
    assert len(set(marks)) == len(marks) > 1
    assert all(tick_text(mark, marks[1] - marks[0]) for mark in marks)
