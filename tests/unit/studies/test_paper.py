"""The paper: its texts are those of its facts, in both languages, and say nothing that the facts do not."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.regimes import REGIMES
from experiments.studies.paper.facts import changes, claims, phases
from experiments.studies.paper.figures import in_chinese
from experiments.studies.paper.text import ORDERS_ZH, TEXTS, said, written
from experiments.studies.paper.trials import PLACEBO, SCENARIO, VARIANTS, trial
from viz.words import words

KEPT = Path(__file__).parents[3] / "experiments" / "studies" / "results" / "paper"
TEMPLATES = Path(__file__).parents[3] / "experiments" / "studies" / "paper" / "templates"
GIVEN = {"7", "2025", "2026", "66", "90", "100", "10", "1", "2", "3", "4", "5", "6"}
"""Numbers that a template may hold: dates, the 66, the level of intervals, headings, sections and scales."""


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    return dict(json.loads((KEPT / "facts.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", TEXTS)
def test_kept_texts_are_those_of_the_kept_facts(name: str, facts: dict[str, Any]) -> None:
    assert (KEPT / f"{name}.md").read_text(encoding="utf-8") == written(name, facts)


def test_the_kept_paper_has_the_published_size(facts: dict[str, Any]) -> None:
    summary = json.loads((KEPT / "summary.json").read_text(encoding="utf-8"))
    assert summary["full"]
    assert facts["runs"] == 64
    assert [row["runs"] for row in facts["trials"]] == [16] * len(VARIANTS)


def test_both_summaries_hold_the_same_numbers(facts: dict[str, Any]) -> None:
    found = []
    for name in ("summary.en", "summary.zh"):
        text = re.sub(r"\W[A-Z][\w-]+/\S+|`[^`]*`|svg", "", written(name, facts).replace("\u202f", ""))
        found.append(set(re.findall(r"[−+]?\d+(?:\.\d+)?", text)))
    english, chinese = found
    assert english - chinese <= GIVEN
    assert chinese - english <= GIVEN
    assert len(english) > 40


@pytest.mark.parametrize("name", TEXTS)
def test_templates_hold_no_results(name: str) -> None:
    text = (TEMPLATES / f"{name}.md.jinja").read_text(encoding="utf-8")
    plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|`[^`]*`", "", text, flags=re.DOTALL)
    assert set(re.findall(r"\d+", plain)) <= GIVEN


def test_the_figure_of_the_chinese_summary_is_in_chinese() -> None:
    drawn = (KEPT / "orders.svg").read_text(encoding="utf-8")
    kept = (KEPT / "orders.zh.svg").read_text(encoding="utf-8")
    assert kept == in_chinese(drawn)
    assert re.findall(r">([^<]*[A-Za-z][^<]*)</text>", drawn)
    assert re.findall(r">([^<]*[A-Za-z][^<]*)</text>", kept) == []
    assert "(orders.zh.svg)" in (KEPT / "summary.zh.md").read_text(encoding="utf-8")


def test_orders_have_the_names_of_the_page() -> None:
    assert {name: words("zh")[f"regime.{name}"] for name in REGIMES} == ORDERS_ZH


def test_what_is_said_of_followers_goes_by_their_interval(facts: dict[str, Any]) -> None:
    other = deepcopy(facts)
    for low, sentence, satz in ((0.5, "Some follow.", "有国家跟随。"), (-0.5, "It is not certain", "并不确定。")):
        other["followers"]["excess"]["low"] = low
        assert sentence in written("summary.en", other)
        assert satz in written("summary.zh", other)


def test_a_world_that_never_tips_is_said_to_do_so(facts: dict[str, Any]) -> None:
    other = deepcopy(facts)
    other["phases"] |= {"least_leavers": None, "least_place": None, "most_tipped": 0.0}
    assert "In no cell does a row tip." in written("paper", other)


def test_the_abstract_is_what_a_person_reads_first(facts: dict[str, Any]) -> None:
    lines = said(facts)
    assert [line.partition(".")[0].strip("*") for line in lines] == [
        "Question",
        "Order",
        "Followers",
        "Money",
        "Limits",
    ]
    assert all(line.endswith((".", "?")) for line in lines)


def test_a_change_is_paired_by_replicate() -> None:
    rows = [
        {"scenario": SCENARIO, "variant": variant, "replicate": number, "order": order} | dict.fromkeys(
            ("followers", "refill", "effectiveness", "legitimacy", "seats"), 10.0 * number + shift)
        for variant, shift, order in (("as it is", 0.0, "continuity"), ("clubs", -1.0, "reform"))
        for number in range(4)
    ]  # fmt: skip
    rows[-1]["seats"] = 40.0  # of no use: the interval of seats holds zero
    base, changed = changes(pd.DataFrame(rows))
    assert base["moves"] == []
    assert changed["apart"]["followers"] == {"mean": -1.0, "low": -1.0, "high": -1.0}
    assert changed["moves"] == ["followers", "refill", "effectiveness", "legitimacy"]
    assert (changed["order"], changed["share"]) == ("reform", 1.0)


def test_a_rule_that_is_off_has_no_effect() -> None:
    short = ("quarters=13", "ensemble=off")
    usual = trial(SCENARIO, "as it is", 0, short)
    assert trial(SCENARIO, "clubs", 0, short)["clubs"] == 0.0
    assert trial(SCENARIO, "refill", 0, short)["refill"] < usual["refill"] - 0.05
    assert abs(trial(PLACEBO, "as it is", 0, short)["world_effectiveness"]) < 0.1 * abs(usual["world_effectiveness"])


def test_cited_results_are_those_that_are_kept() -> None:
    found = phases()
    assert [row["size"] for row in found["by_size"]] == [0, 1, 2, 3, 5, 7, 10]
    assert all(0.0 <= row["tipped"] <= found["most_tipped"] for row in found["by_size"])
    assert sum(claims()["verdicts"].values()) == claims()["count"] == 46
