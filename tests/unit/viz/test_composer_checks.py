"""What the composer refuses, and what it lets through."""

from typing import Any

import pytest

from viz.composer_checks import problem_of
from viz.words import words

EXIT: dict[str, Any] = {"kind": "exit", "actor": "USA", "organizations": ["WHO"], "announced": "2026Q1"}
RETURN: dict[str, Any] = EXIT | {"kind": "return", "announced": "2029Q1"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("shocks", "key"),
    [
        ([EXIT, EXIT | {"announced": "2027Q1"}], "twice"),
        ([EXIT, EXIT | {"organizations": ["ILO", "WHO"], "announced": "2027Q1"}], "twice"),
        ([EXIT, RETURN, EXIT | {"announced": "2031Q1"}, EXIT | {"announced": "2032Q1"}], "twice"),
        ([EXIT, RETURN | {"announced": "2025Q3"}], "early"),
        ([EXIT, RETURN | {"announced": "2026Q1"}], "early"),
        ([EXIT | {"organizations": []}], "none"),
        ([EXIT | {"kind": "defund", "until": "2026Q1"}], "until"),
    ],
)
def test_a_wrong_list_is_refused_in_the_language_of_the_page(shocks: list[Any], key: str, language: str) -> None:
    texts = words(language)
    assert problem_of(shocks, texts) == texts[f"shock.problem.{key}"].format(name="WHO")


@pytest.mark.parametrize(
    "shocks",
    [
        [],
        [EXIT, RETURN],
        [EXIT, RETURN, EXIT | {"announced": "2031Q1"}],
        [RETURN],
        [EXIT, EXIT | {"actor": "CHN"}, EXIT | {"organizations": ["ILO"]}],
        [EXIT | {"announced": "soon"}, "no shock", {}],
    ],
)
def test_all_else_is_left_to_the_reader_of_configs(shocks: list[Any]) -> None:
    assert problem_of(shocks, words("en")) == ""
