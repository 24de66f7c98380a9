"""Words: both languages say everything, each term has one Chinese word, and nothing lacks its text."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import viz
import viz.words
from abm.config.reader import load_experiment, shipped
from abm.data.world_tables import read_tables
from abm.outcomes import OUTCOMES, outcome_names
from abm.shocks.kinds import SHOCKS
from abm.words import event_words
from experiments.claims.conditions import (
    CONDITIONS,
    Bound,
    Condition,
    NoNumber,
    NoSplit,
    OffByDefault,
    OtherFilter,
    OtherPrior,
    Setting,
    Where,
    WithoutRule,
)
from experiments.claims.results import read_published
from viz.claims_board import COUNT, claim_rows, tell_conditions
from viz.controls import PARAMETERS, catalogue, composer, stories
from viz.lessons import LANGUAGES, LessonError, lessons
from viz.player import COLOURS, MODES, VIEWS
from viz.words import words

HAN = re.compile(r"[一-鿿]")
LATIN = re.compile(r"[A-Za-z]{4}")
HOLE = re.compile(r"\{\w+\}")
GLOSSARY: list[dict[str, Any]] = json.loads(
    (Path(viz.words.__file__).parent / "glossary.json").read_text(encoding="utf-8")
)
SAID = re.compile(r"""\bsay\(["']([\w.]+)["']""")


def test_chinese_has_no_space_beside_numbers_and_before_per_cent() -> None:
    wrong = re.compile(r"[一-鿿] [\d{+−]|[\d}%] [一-鿿]|[\d}]\s%")
    names = {"club.label"}
    found = [key for key, text in words("zh").items() if key not in names and wrong.search(str(text))]
    assert not found


def test_both_languages_have_the_same_keys() -> None:
    english, chinese = (set(words(language)) for language in LANGUAGES)
    own = {key for key in chinese if re.fullmatch(r"story\..*\..*|rule\.C\d\d", key)}
    assert english - chinese == set()
    assert chinese - english - own == set()


def test_chinese_is_chinese_and_has_the_same_holes() -> None:
    english, chinese = words("en"), words("zh")
    foreign = [key for key, text in chinese.items() if not HAN.search(text) and LATIN.search(HOLE.sub("", text))]
    assert [key for key in foreign if not key.startswith("name.")] == []
    holes = {key: (HOLE.findall(english[key]), HOLE.findall(text)) for key, text in chinese.items() if key in english}
    assert {key: both for key, both in holes.items() if set(both[0]) != set(both[1])} == {}


@cache
def translations() -> tuple[tuple[str, str, str], ...]:
    """Return where a text stands, the text in English, and in Chinese: pages, events, stories, rules, lessons."""
    return tuple(_translations())


def _translations() -> Iterator[tuple[str, str, str]]:
    english, chinese = words("en") | event_words("en"), words("zh") | event_words("zh")
    for key in english.keys() & chinese.keys():
        if not key.startswith("name."):
            yield key, english[key], chinese[key]
    for entry in shipped():
        if entry.kind == "scenario":
            scenario = load_experiment(entry.name)
            yield f"{entry.name} title", scenario.title, chinese[f"story.{entry.name}.title"]
            yield f"{entry.name} text", scenario.description, chinese[f"story.{entry.name}.text"]
    for claim in read_published()["claims"]:
        yield claim["id"], claim["rule"]["text"], chinese[f"rule.{claim['id']}"]
    for lesson in lessons():
        yield lesson.name, lesson.title["en"], lesson.title["zh"]
        for step in lesson.steps:
            answers = [text for one in step.answers for text in (one.text, one.means)]
            for text in (step.text, step.question, *answers, step.reveal):
                if text is not None:
                    yield lesson.name, text["en"], text["zh"]


def mistranslated(english: str, chinese: str, term: dict[str, Any]) -> bool:
    """True where the English text has the term and the Chinese one does not have its word."""
    plain = HOLE.sub("", english)
    for phrase in term.get("apart_from", ()):  # the same word with another meaning
        plain = plain.replace(phrase, "")
    forms = "|".join(re.escape(form) for form in term["english"])
    return term["chinese"] not in chinese and re.search(rf"(?<!\w)(?:{forms})(?!\w)", plain, re.IGNORECASE) is not None


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term["term"])
def test_a_term_has_one_chinese_word(term: dict[str, Any]) -> None:
    assert [row for row in translations() if mistranslated(*row[1:], term)] == []


def test_no_chinese_text_uses_a_variant_that_the_glossary_rules_out() -> None:
    variants = {variant for term in GLOSSARY for variant in term["never"]}
    texts = [(key, text) for key, _, text in translations()]
    texts += [(claim["id"], claim["title"]["zh"]) for claim in claim_rows()]
    assert [(key, text) for key, text in texts if any(variant in text for variant in variants)] == []


def test_every_word_of_the_glossary_is_in_use() -> None:
    english = " ".join(text for _, text, _ in translations()).lower()
    chinese = " ".join(text for _, _, text in translations())
    assert [term["term"] for term in GLOSSARY if term["chinese"] not in chinese] == []
    assert [term["term"] for term in GLOSSARY if not any(form.lower() in english for form in term["english"])] == []


def test_another_word_for_a_term_is_found() -> None:
    (legitimacy,) = [term for term in GLOSSARY if term["term"] == "legitimacy"]
    assert mistranslated("Legitimacy, all bodies", "正当性，所有组织", legitimacy)
    assert not mistranslated("Legitimacy, all bodies", "合法性，所有组织", legitimacy)
    assert not mistranslated("{legitimacy} of all", "所有", legitimacy)


def test_every_story_has_a_chinese_title_and_text() -> None:
    names = [entry.name for entry in shipped() if entry.kind == "scenario"]
    missing = [name for name in names for part in ("title", "text") if f"story.{name}.{part}" not in words("zh")]
    assert missing == []


def test_every_word_the_desk_says_is_there() -> None:
    scripts = [
        path for name in ("sidebar", "stage") for path in sorted((Path(viz.__file__).parent / name).glob("*.js"))
    ]
    said = {key for path in scripts for key in SAID.findall(path.read_text(encoding="utf-8"))}
    assert len(said) > 60
    assert said - set(words("en")) == set()


def test_every_outcome_that_the_page_lists_has_its_words() -> None:
    listed = [name for name in outcome_names("run", "pair") if OUTCOMES[name].listed]
    assert len(listed) > 10
    assert [name for name in listed if f"outcome.of.{name}" not in words("en")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_controls_have_their_words_and_ranges(language: str) -> None:
    offered = catalogue(language)
    assert [one["path"] for one in offered["parameters"]] == list(PARAMETERS)
    assert all(
        one["low"] < one["high"] and one["title"] and one["text"] and one["source"] for one in offered["parameters"]
    )
    parts = composer(language)
    keys = words(language)
    assert all(f"shock.kind.{kind}" in keys for kind in parts["kinds"])
    assert set(parts["kinds"]) == set(SHOCKS) - {"return", "leave_treaty"}
    assert all(f"shock.{field}.{one}" in keys for field, ones in parts["choices"].items() for one in ones)
    assert dict(parts["actors"])["USA"] == ("United States" if language == "en" else "美国")
    assert len(parts["organizations"]) == len(read_tables().organizations)


def test_sentences_fit_one_actor_and_many() -> None:
    """Who acts may be one state or twenty-five, and an organization may be called "UN peacekeeping operations"."""
    singular = re.compile(r"(?<!of )\{(who|body)\} (is|has|does|acts|comes|leaves|loses|stays|announces|gives)\b")
    assert [key for key, text in words("en").items() if singular.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_givers_that_are_no_states_are_one_item_of_a_list(language: str) -> None:
    texts = words(language)
    outside = re.sub(r"\(.*?\)|（.*?）", "", texts["donor.private"])
    assert not [sign for sign in (texts["list.comma"], texts["list.and"], texts["list.joint"]) if sign in outside]


def test_stories_have_the_same_shares_and_bounds_in_both_languages() -> None:
    told = {language: {one["name"]: one["text"] for one in stories(language)} for language in LANGUAGES}
    for name, text in told["en"].items():
        bounds = {f"0{number}" for number in re.findall(r"(?<!\d)\.\d+", text)}
        assert bounds == set(re.findall(r"(?<!\d)0\.\d+", told["zh"][name])), name


def test_lessons_show_what_there_is() -> None:
    names = {entry.name for entry in shipped()}
    assert len(lessons()) == 5
    for lesson in lessons():
        assert 5 <= lesson.minutes <= 10
        assert any(step.question for step in lesson.steps)
        for step in lesson.steps:
            show = step.show
            assert {show.scenario, show.second} <= names | {None, ""}
            assert show.view in (*VIEWS, None)
            assert show.colour in (*COLOURS, None)
            assert show.mode in (*MODES, None)


def test_a_broken_lesson_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('order = 1\nminutes = 5\ntitle = {en = "x"}\nsteps = []\n', encoding="utf-8")
    with pytest.raises(LessonError, match=r"bad\.toml"):
        lessons(tmp_path)


def test_the_board_has_every_claim() -> None:
    assert [claim["id"] for claim in claim_rows()] == [f"C{number:02d}" for number in range(1, COUNT + 1)]


def test_rules_of_claims_are_named_in_chinese() -> None:
    assert {f"rule.{claim['id']}" for claim in claim_rows()} <= set(words("zh"))
    told = [claim["conditions"]["zh"] for claim in claim_rows() if "规则" in claim["conditions"]["zh"]]
    assert told
    assert not [text for text in told if re.search(r"规则（[ -~]+）", text)]


def test_no_parameter_is_told_by_its_path() -> None:
    told = [text for claim in claim_rows() for text in claim["conditions"].values() if "“" in text]
    assert told
    assert not [text for text in told if re.search(r"[a-z]\.[a-z]|\w_\w", text)]


def test_what_decides_a_claim_is_told_in_both_languages() -> None:
    bounds = Bound("a.odd_name", "above", -0.1, 1.0, 0.26), Bound("funding.appeal", "below", 0.5, 0.9, 0.0)
    conditions: dict[str, Condition] = {
        "mechanism off by default, tried where “b (a)” is 1 and “d (c)” is −0.5": OffByDefault(
            (Setting("a.b", 1.0), Setting("c.d", -0.5))
        ),
        "without its rule (slack is short; off: large) it holds in 25 % of runs": WithoutRule(
            "slack is short; off: large", 0.25
        ),
        "holds where “odd name (a)” is above −0.1 (elsewhere in 26 %) and “Rescue requested” is below 0.5 "
        "(elsewhere in 0 %) (95 % of 25 points there)": Where(bounds, 0.95, 25),
        "no single parameter separates where it holds": NoSplit(),
        "depends on the prior: assumed if middle values are likelier (18 % of points, not 25 %)": OtherPrior(
            "assumed", 0.18, 0.25
        ),
        "depends on which worlds count: refuted if those that drift without a shock do too (18 % of points, not –)": (
            OtherFilter("refuted", 0.18, None)
        ),
        "15 % of measurements gave no number": NoNumber(0.15),
    }
    assert {condition.kind for condition in conditions.values()} == set(CONDITIONS)
    for sentence, condition in conditions.items():
        assert tell_conditions([condition.stored()], "rule.C01", "en") == sentence
        chinese = tell_conditions([condition.stored()], "rule.C01", "zh")
        assert not re.search(r"[a-z]{5}", chinese.replace("odd name", "")), chinese
        assert sorted(re.findall(r"\d+(?= %)", sentence)) == sorted(re.findall(r"\d+(?=%)", chinese))
    both = [NoSplit().stored(), NoNumber(0.15).stored()]
    assert tell_conditions(both, "", "zh") == "没有单个参数能区分其成立与否；15%的测量没有得到数值"
    assert "“求援规模”低于0.5" in tell_conditions([Where(bounds, 0.95, 25).stored()], "", "zh")
    choice = Where((Bound("trust.form", "is", ("convex", "linear"), 1.0, 0.0),), 1.0, 9)
    assert "“form (trust)” is convex or linear" in tell_conditions([choice.stored()], "", "en")


def test_what_decides_a_claim_is_not_read_from_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    told = claim_rows()
    stored = {claim["id"]: claim | {"conditions": "reworded"} for claim in read_published()["claims"]}
    monkeypatch.setattr("viz.claims_board._stored", lambda: stored)
    assert claim_rows.__wrapped__() == told
