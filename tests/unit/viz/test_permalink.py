"""Links: everything chosen comes back from its link; a bad link is refused with words and gives the default world."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.app import opened
from viz.page_state import Choice
from viz.permalink import AddressError, language_of, read, written

FULL = replace(
    Choice(),
    scenario="who-2025",
    config={"parameters": {"membership": {"contagion_log_odds": 2.5}}, "quarters": 20, "shocks": []},
    second="return-2029",
    language="zh",
    view="network",
    table=True,
    colour="trust",
    mode="side",
    quarter=12,
    selected="UN Tourism",
    tab="shock",
    lesson="money_gap",
    step=2,
    presentation=True,
)
BAD = {
    "no such scenario": "scenario=atlantis",
    "broken JSON": "config={",
    "no JSON object": "config=[1]",
    "no number": "quarter=soon",
    "unknown language": "language=xx",
    "unknown view": "view=../../etc/passwd",
    "own processes": 'config={"processes":[{"use":"os:x","after":"funding"}]}',
    "a folder": 'config={"world":{"source":"tables","folder":"/etc"}}',
    "extends inside": 'config={"extends":"/etc/passwd"}',
    "unknown key": 'config={"parameters":{"membership":{"zzz":1}}}',
    "too long a run": 'config={"quarters":399}',
    "too large a world": 'config={"world":{"source":"synthetic","states":5000,"organizations":5000}}',
    "no UTF-8": "selected=%ff",
    "no pairs": "x",
    "endless nesting": "config=" + "[" * 5000,
    "too long": "config=" + "x" * 20_000,
    "script": "selected=<script>alert(1)</script>",
}


def test_a_link_restores_everything_chosen() -> None:
    assert read(written(FULL)) == FULL
    assert read("?" + written(FULL)) == FULL
    assert len(written(FULL)) < 500


def test_the_default_world_needs_no_link() -> None:
    assert written(Choice()) == ""
    assert read("") == Choice()


@pytest.mark.parametrize("query", BAD.values(), ids=BAD.keys())
def test_a_bad_link_is_refused_in_words_and_gives_the_default_world(query: str) -> None:
    with pytest.raises(AddressError):
        read(quote(query, safe="=&%"))
    choice, problem = opened(query)
    assert choice == Choice()
    assert problem.startswith("This link cannot be followed")


def test_a_bad_link_keeps_its_language() -> None:
    choice, problem = opened("language=zh&scenario=atlantis")
    assert choice == replace(Choice(), language="zh")
    assert "链接" in problem
    assert language_of("language=fr") == "en"


@given(st.text(max_size=300))
def test_any_text_is_a_link_or_is_refused(text: str) -> None:
    choice, problem = opened(text)
    assert isinstance(choice, Choice)
    assert choice == Choice() or not problem


def test_the_quarter_stays_inside_the_run() -> None:
    assert read('quarter=90&config={"quarters":10}').quarter == 9
