"""Every recipe of CONTRIBUTING.md is carried out word for word, in a copy of the project.

A block of code follows the sentence that says where it goes; blocks of `bash` are commands. Quickly, all recipes are
applied to one copy, and each command runs once. The long test gives each recipe a copy of its own and holds it to the
project's guards, so that it names every file that has to be touched.
"""

import json
from pathlib import Path

import pytest

from tests.recipes import Edit, apply, copied, recipe, recipes, run

ROOT = Path(__file__).resolve().parent.parent
GUARDS = (
    "tests/test_architecture.py tests/test_house.py tests/test_odd.py tests/test_docs.py tests/contract "
    "tests/transcription tests/unit/test_events.py tests/unit/test_schedule.py tests/unit/shocks "
    "tests/unit/viz/test_words.py tests/unit/worlds tests/property/test_liveness.py"
)
UNGUARDED = "not wheel and not where_each_occurs"
"""What stands outside: building a package, and a test on one drawn run, which a new organization changes."""
EVIDENCE = {
    "a rule": ("results/rule/report.html", "overstretch.strain"),
    "a measure": ("results/measure/report.html", "concentration of income over organizations"),
    "an outcome": ("results/outcome/report.html", "threats to leave made over the run"),
    "a kind of shock": ("results/shock/report.html", "campaigns against the World Health Organization"),
    "a figure": ("results/figure/report.html", "Who leaves, and when"),
    "an organization": ("results/organization/report.html", "announces its exit from the Visegrad Group"),
}
"""What the report shows of each recipe."""
RECIPES = recipes((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command prints in a copy to which all recipes were applied; the copy's folder is under ""."""
    folder = copied(tmp_path_factory.mktemp("all"))
    for one in RECIPES.values():
        for part in one.edits:
            apply(part, folder)
    lines = dict.fromkeys(line for one in RECIPES.values() for block in one.commands for line in block.splitlines())
    plain = [line for line in lines if line.startswith("uv run pytest") and "-k" not in line]
    paths = [path for line in plain for path in line.split("-n 0")[1].split()]
    lines = [line for line in lines if line not in plain] + [f"uv run pytest -n 0 {' '.join(paths)}"]
    return {line: run(line, folder) for line in lines} | {"": str(folder)}


def test_every_recipe_has_files_commands_and_a_test() -> None:
    assert set(RECIPES) == set(EVIDENCE)
    for name, one in RECIPES.items():
        assert len(one.edits) >= 3
        assert name == "a figure" or [command for command in one.commands if "tests.odd_tables" in command]
        assert [command for command in one.commands if command.startswith("uv run pytest")]
        assert any(part.path.startswith("tests/") for part in one.edits)


def test_the_tests_of_all_recipes_pass(printed: dict[str, str]) -> None:
    answers = [text for line, text in printed.items() if line.startswith("uv run pytest")]
    assert len(answers) == 3
    assert all(" passed" in text for text in answers)


@pytest.mark.parametrize("name", EVIDENCE)
def test_what_a_recipe_adds_is_in_the_report(name: str, printed: dict[str, str]) -> None:
    path, text = EVIDENCE[name]
    assert text in (Path(printed[""]) / path).read_text(encoding="utf-8")


def test_what_the_recipes_add_is_in_the_answers_of_the_command(printed: dict[str, str]) -> None:
    answers = {
        line.rpartition("results/")[2]: text for line, text in printed.items() if line.startswith("uv run abm run")
    }
    outcome, measure = json.loads(answers["outcome"]), json.loads(answers["measure"])
    assert outcome["outcomes"]["threats_total"]["mean"] > 0
    assert measure["effects"]["income_hhi"]["mean"] != 0
    assert "campaigns against the World Health Organization" in answers["shock"]
    assert "Hungary announces its exit from the Visegrad Group" in answers["organization"]


@pytest.mark.long
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_alone_touches_every_file_that_it_must(name: str, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    for part in RECIPES[name].edits:
        apply(part, folder)
    for command in RECIPES[name].commands:
        run(command, folder)
    run("git init --quiet && git add --all abm configs experiments viz tests *.md *.toml LICENSE CITATION.cff", folder)
    assert " passed" in run(f"uv run pytest -n 0 {GUARDS} -k '{UNGUARDED}'", folder)
    run("uv run ruff check && uv run ruff format --check && uv run mypy", folder)


# The reading itself, on recipes that cannot be followed.


def test_a_block_without_a_place_is_found() -> None:
    with pytest.raises(AssertionError, match="nothing says where"):
        recipe("Do this.\n\n```python\nx = 1\n```\n")


def test_places_are_read() -> None:
    first = "In\n`a.py`, after the line that starts with ``- `x` — ``:\n\n````md\n```\ny\n```\n````\n"
    text = first + "New file `b`, here:\n\n```\nz\n```\n"
    assert recipe(text).edits == [
        Edit("a.py", "after", "- `x` —", False, "```\ny\n```\n"),
        Edit("b", "new", "", True, "z\n"),
    ]


@pytest.mark.parametrize(
    ("how", "expected"), [("after", "a\nnew\nb\n"), ("before", "new\na\nb\n"), ("replace", "new\nb\n")]
)
def test_lines_go_where_they_should(how: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a\nb\n", encoding="utf-8")
    apply(Edit("file", how, "a", True, "new\n"), tmp_path)
    assert (tmp_path / "file").read_text(encoding="utf-8") == expected


def test_a_line_that_is_gone_or_stands_twice_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a\na\n", encoding="utf-8")
    for line in ("a", "b"):
        with pytest.raises(AssertionError, match="lines of"):
            apply(Edit("file", "after", line, True, "new\n"), tmp_path)
