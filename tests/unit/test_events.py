"""Events: their declarations are held, their words are complete, and they are compared with the counterfactual."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from abm.calendar import parse_quarter
from abm.events import (
    BOTH,
    EVENTS,
    ONLY_WITH,
    ONLY_WITHOUT,
    TOLERANCE,
    Detail,
    Event,
    EventError,
    EventKind,
    Happening,
    as_json,
    from_json,
    occurrences,
    recorded,
)  # fmt: skip
from abm.recording import Story
from abm.simulation import Simulation
from abm.words import event_words, phrase, sentence
from experiments.runs.result import Result
from experiments.runs.run_experiment import run_experiment
from tests.transcription.drawing import drawn

HOLE = re.compile(r"\{(\w+)\}")
COMMON = {"actor", "bodies", "count", "issue"}
LANGUAGES = ("en", "zh")
SHOCK = {"notice_quarters": 4, "origin": "shock", "rule": "shock"}
HOLIDAY = EventKind("holiday", "none", False, "act", "arrears are forgiven", {"states": Detail(int, "states", "")})


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Event("solar_storm", 0, 0), "solar_storm is not a declared kind of event"),
        (Event("exit", 0, 0, {"cost": 1}), r"event exit has the details \['cost'\], must have \[\]"),
        (Event("announce", 0, 0), r"must have \['notice_quarters', 'origin', 'rule'\]"),
        (Event("announce", 0, 0, SHOCK | {"notice_quarters": 4.0}), "notice_quarters is 4.0, must be int"),
        (Event("announce", 0, 0, SHOCK | {"origin": "whim"}), "origin is 'whim', must be .*'hazard'"),
        (Event("exit", -1, 0), "event exit names row -1 as its actor, must name state"),
        (Event("death", 2, 0), "event death names row 2 as its actor, must name organization"),
        (Event("exit", 0), "event exit names row -1, must name an organization"),
        (Event("unilateral_act", 0, 3), "event unilateral_act names row 3, must not name an organization"),
    ],
)
def test_an_event_of_another_form_is_refused(event: Event, message: str) -> None:
    with pytest.raises(EventError, match=message):
        recorded(event)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Event("announce", 0, 0, SHOCK), "effective in 4 quarters"),
        (Event("announce", 0, 0, SHOCK | {"notice_quarters": 0}), "effective at once"),
        (Event("announce", 0, 0, SHOCK | {"origin": "threat"}), "after a failed threat"),
        (Event("announce", 0, 0, SHOCK | {"origin": "hazard"}), ""),
        (Event("no_effect", 0, details={"reason": "that_party_is_in_office"}), "that party is in office"),
        (
            Event("government", 0, details={"direction": "sovereigntist"}),
            "a more sovereigntist government takes office",
        ),
        (Event("club", 0, details={"code": "health/FRA/2027Q1", "members": 7}), "health/FRA/2027Q1 with 7 members"),
        (Event("founded", 0, 9), "CODE"),
        (Event("exit", 0, 0), ""),
        (Event("holiday", details={"states": 3}), "states 3"),
    ],
)
def test_details_in_words_are_written_once(event: Event, text: str) -> None:
    found = recorded(event, "CODE", [HOLIDAY])
    assert (found.code, found.detail) == ("CODE", text)
    assert from_json(as_json(found.details)) == event.details


def test_an_event_names_nobody_unless_told_and_can_stand_in_a_set() -> None:
    event = Event("quiet")
    assert (event.actor, event.organization, dict(event.details), event.detail, event.code) == (-1, -1, {}, "", "")
    assert len({Event("announce", 0, 0, SHOCK), Event("announce", 0, 0, dict(SHOCK)), Event("announce", 0, 0)}) == 2


# Words.


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EVENTS)
def test_every_kind_has_words_with_exactly_its_details(name: str, language: str) -> None:
    words, kind = event_words(language), EVENTS[name]
    forms = [words[key] for key in (kind.sentence, f"{kind.sentence}.alone", f"{kind.sentence}.many") if key in words]
    assert words[kind.sentence]
    assert words[f"{kind.sentence}.heading"]
    for text in forms:
        assert set(HOLE.findall(text)) - COMMON == set(kind.details)
    if kind.organization is None:
        assert f"{kind.sentence}.alone" in words
    for detail, one in kind.details.items():
        keys = [f"detail.{detail}.{value}" for value in one.choices] or [f"detail.{detail}"]
        assert set(keys) <= set(words)


def test_no_word_is_left_over() -> None:
    english, chinese = (event_words(language) for language in LANGUAGES)
    assert set(english) == set(chinese)
    kinds = {key.split(".")[1] for key in english if key.startswith("event.")}
    details = {key.split(".")[1] for key in english if key.startswith("detail.")}
    assert kinds == set(EVENTS)
    assert details == {name for kind in EVENTS.values() for name in kind.details}
    reasons = {key.split(".")[2] for key in english if key.startswith("detail.reason.")}
    assert reasons == set(EVENTS["no_effect"].details["reason"].choices)


def test_sentences_by_hand() -> None:
    words = event_words("en")
    assert phrase(words, "notice_quarters", 1) == " (effective in one quarter)"
    assert sentence(words, "announce", SHOCK, "France", "the WHO", 1) == (
        "France announces its exit from the WHO (effective in 4 quarters)"
    )
    akin = {"notice_quarters": 1, "origin": "hazard", "rule": "affinity"}
    assert sentence(words, "announce", akin, "France", "the WHO", 1) == (
        "France announces its exit from the WHO, following a government akin to its own (effective in one quarter)"
    )
    threat = {"notice_quarters": 0, "origin": "threat", "rule": "threat"}
    assert sentence(words, "announce", threat, "France", "A and B", 2) == (
        "France announces its exit from 2 organizations after a failed threat (effective at once): A and B"
    )
    reason = {"reason": "that_party_is_in_office"}
    assert sentence(words, "no_effect", reason, "Peru", "", 0) == (
        "an act of Peru has no object (that party is in office)"
    )
    assert sentence(words, "holiday", {"states": 3}, "", "", 0) == "holiday (states 3)"
    assert sentence(event_words("zh"), "announce", threat, "法国", "世卫组织", 1) == (
        "法国在威胁失败之后宣布退出世卫组织（立即生效）"
    )


# Whole runs.


def told(numbers: range) -> Iterator[Event]:
    """Events of random small worlds with shocks of every kind."""
    for number in numbers:
        experiment, tables = drawn(number)
        story = Story()
        Simulation(experiment, (number, 0), tables).run([story])
        yield from (event for _, event in story.events)


def test_every_told_event_has_its_sentence_in_both_languages() -> None:
    found = list(told(range(8)))
    assert len({event.kind for event in found}) > 20
    for language in LANGUAGES:
        words = event_words(language)
        texts = [sentence(words, event.kind, event.details, "A", "B", event.organization >= 0) for event in found]
        assert all(text and not HOLE.search(text) for text in texts)


# Comparison with the counterfactual.


def happening(quarter: int, kind: str = "exit", actor: str = "FRA", organization: str = "WHO") -> Happening:
    return quarter, kind, actor, organization


@pytest.mark.parametrize(
    ("run", "counterfactual", "expected"),
    [
        ([happening(3)], [], ([ONLY_WITH], [])),
        ([], [happening(3)], ([], [ONLY_WITHOUT])),
        ([happening(3)], [happening(3)], ([BOTH], [BOTH])),
        ([happening(3)], [happening(3 + TOLERANCE)], ([BOTH], [BOTH])),
        ([happening(3 + TOLERANCE)], [happening(3)], ([BOTH], [BOTH])),
        ([happening(3)], [happening(4 + TOLERANCE)], ([ONLY_WITH], [ONLY_WITHOUT])),
        ([happening(3)], [happening(3, kind="return")], ([ONLY_WITH], [ONLY_WITHOUT])),
        ([happening(3)], [happening(3, actor="DEU")], ([ONLY_WITH], [ONLY_WITHOUT])),
        ([happening(3)], [happening(3, organization="UPU")], ([ONLY_WITH], [ONLY_WITHOUT])),
        # the nearest first: 4 with 4, though 2 comes earlier; one to one
        ([happening(2), happening(4)], [happening(4)], ([ONLY_WITH, BOTH], [BOTH])),
        ([happening(2), happening(4)], [happening(4), happening(5)], ([BOTH, BOTH], [BOTH, BOTH])),
        ([happening(4)], [happening(4), happening(4)], ([BOTH], [BOTH, ONLY_WITHOUT])),
        ([happening(5)], [happening(6), happening(4)], ([BOTH], [ONLY_WITHOUT, BOTH])),
    ],
)
def test_occurrences_by_hand(
    run: list[Happening], counterfactual: list[Happening], expected: tuple[list[str], list[str]]
) -> None:
    assert occurrences(run, counterfactual) == expected


@pytest.fixture(scope="module")
def result() -> Result:
    return run_experiment("us-exit-2026", ["quarters=20", "replicates=1"], workers=1)


def test_the_table_of_events_says_where_each_occurs(result: Result) -> None:
    events = result.events
    run, twin = (events[events["twin"] == flag] for flag in (False, True))
    assert set(run["occurs"]) == {ONLY_WITH, BOTH}
    keys = ["kind", "actor", "organization"]
    shared = [table[table["occurs"] == BOTH].groupby(keys).size() for table in (run, twin)]
    pd.testing.assert_series_equal(*shared)
    own = run[(run["actor"] == "USA") & (run["kind"] == "announce")]
    assert set(own["occurs"]) == {ONLY_WITH}
    alone, left = run[run["occurs"] == ONLY_WITH], twin[twin["occurs"] == ONLY_WITHOUT]
    apart = alone.merge(left, on=keys)
    pairs = zip(apart["quarter_x"], apart["quarter_y"], strict=True)
    assert all(abs(parse_quarter(one) - parse_quarter(other)) > TOLERANCE for one, other in pairs)
    same = run.merge(twin, on=[*keys, "quarter"], suffixes=("", "_twin"))
    assert (same["occurs"] == BOTH).all()


def test_the_table_of_events_holds_typed_details(result: Result) -> None:
    rows = result.events[result.events["kind"] == "announce"]
    details: list[dict[str, Any]] = [json.loads(text) for text in rows["details"]]
    assert {"shock", "hazard"} <= {entry["origin"] for entry in details}
    for entry, text in zip(details, rows["detail"], strict=True):
        words = {"shock": f"effective in {entry['notice_quarters']} quarters", "threat": "after a failed threat"}
        assert text == words.get(entry["origin"], "")


def test_a_stated_notice_is_the_time_until_the_exit(result: Result) -> None:
    events = result.events[~result.events["twin"]]
    order = {quarter: place for place, quarter in enumerate(sorted(events["quarter"].unique()))}
    gone = {(row.actor, row.organization): order[row.quarter] for row in events[events["kind"] == "exit"].itertuples()}
    checked = Counter[str]()
    for row in events[events["kind"] == "announce"].itertuples():
        details = from_json(str(row.details))
        if (row.actor, row.organization) in gone:
            lag = gone[row.actor, row.organization] - order[row.quarter]
            assert lag == details["notice_quarters"]
            checked[str(details["origin"])] += 1
    assert min(checked["shock"], checked["hazard"]) > 0


def test_without_a_counterfactual_nothing_is_said(result: Result) -> None:
    alone = run_experiment("who-2025", ["quarters=3", "replicates=1"], twin=False, workers=1)
    assert set(alone.events["occurs"]) == {""}
