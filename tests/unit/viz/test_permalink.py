"""Links: everything chosen comes back from its link; a bad link is refused with words and gives the default world."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.app import read_link
from viz.page_state import PageState
from viz.permalink import AddressError, language_of, query_of, state_of

FULL = replace(
    PageState(),
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
    assert state_of(query_of(FULL)) == FULL
    assert state_of("?" + query_of(FULL)) == FULL
    assert len(query_of(FULL)) < 500


def test_the_default_world_needs_no_link() -> None:
    assert query_of(PageState()) == ""
    assert state_of("") == PageState()


@pytest.mark.parametrize("query", BAD.values(), ids=BAD.keys())
def test_a_bad_link_is_refused_in_words_and_gives_the_default_world(query: str) -> None:
    with pytest.raises(AddressError):
        state_of(quote(query, safe="=&%"))
    state, problem = read_link(query)
    assert state == PageState()
    assert problem.startswith("This link cannot be followed")


@pytest.mark.parametrize("query", BAD.values(), ids=BAD.keys())
def test_a_bad_link_is_refused_in_the_words_of_its_language(query: str) -> None:
    _, problem = read_link(f"language=zh&{query}")
    assert problem.startswith("无法打开此链接")
    unquoted = re.sub("“.*?”", "", problem)
    assert not re.search("[A-Za-z]", unquoted), problem


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('{"parameters":{"funding":{"appeal":9}}}', "“Rescue requested” cannot be 9; it goes from 0 to 3."),
        ('{"parameters":{"funding":{"apeal":1}}}', "There is no setting “funding.apeal”."),
        ('{"parameters":{"funding":{"appeal":"x"}}}', "The value of “Rescue requested” is not possible."),
        ('{"quarters":399}', "“quarters” cannot be 399 in the browser, which runs at most 120."),
        ("{", "A part of it cannot be read."),
    ],
)
def test_a_refusal_names_what_is_wrong(config: str, said: str) -> None:
    assert read_link(f"config={quote(config)}")[1].endswith(f" {said}")


def test_one_sign_too_many_does_no_harm() -> None:
    assert state_of("&language=zh&&quarter=3&") == replace(PageState(), language="zh", quarter=3)


def test_a_bad_link_keeps_its_language() -> None:
    state, problem = read_link("language=zh&scenario=atlantis")
    assert state == replace(PageState(), language="zh")
    assert "链接" in problem
    assert language_of("language=fr") == "en"


@given(st.text(max_size=300))
def test_any_text_is_a_link_or_is_refused(text: str) -> None:
    state, problem = read_link(text)
    assert isinstance(state, PageState)
    assert state == PageState() or not problem


def test_the_quarter_stays_inside_the_run() -> None:
    assert state_of('quarter=90&config={"quarters":10}').quarter == 9
