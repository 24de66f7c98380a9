"""Every command that a document gives is carried out: by a test, by CI, or by a long check that is named here.

Pages of the documentation and recipes of CONTRIBUTING.md are followed word for word (`tests/test_site.py`,
`tests/test_contributing.py`). Here stand all other commands, in blocks and in sentences. One with a word in capitals,
such as `abm sweep STUDY`, is a form; `tests/test_docs.py` holds forms to the commands and options that there are.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.studies.registry import STUDIES
from tests.contract.test_module_commands import SHORT, WRITES

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"(?:abm [a-z]+(?: |$)|python -m |python \S+\.py|pytest\b|bash |sphinx-build |pre-commit |mypy|ruff |pip |uv [a-z])"
)
BARE = re.compile(r"abm [a-z]+|uv run|uv pip(?: install)?|pip install|pytest|mypy|pip-audit")
"""Names that a sentence mentions; as a line of a block they are commands."""
FORM = re.compile(r"\b(?!README)[A-Z]{3,}\b|…")

AS_THEY_STAND = (
    "abm run us-exit-2026 --replicates 2",
    "abm run who-2025 --out results/who && abm export results/who --format csv --out tables",
    "abm configs",
    "abm schema",
    "abm validate --docking",
    "abm study paper",
    "abm study what-it-takes",
)
"""Carried out below, in an empty folder."""
SMALL_STUDY = "tests/unit/studies/test_studies.py::test_a_small_version_leaves_a_whole_folder"
SMALL = ("calibration", "gains", "instruments", "predictions", "reachability", "replicates", "rescue", "return-window")
KEYS_OF_BENCH = "tests/unit/benchmark/test_bench.py::test_the_keys_are_those_promised"
PAGE = "tests/browser/test_app_server.py::test_the_page_works_behind_a_proxy_under_a_path"
TRIED = {
    "abm run us-exit-2026": "tests/reproduction/test_readme.py::test_the_readme_quotes_this_version",
    "abm reproduce README.md": "tests/reproduction/test_readme.py::test_the_readme_quotes_this_version",
    "abm run us-exit-2026 --replicates 64": "tests/unit/studies/test_paper.py::"
    "test_the_kept_paper_has_the_published_size",
    "abm export results/my-exit": "tests/unit/report/test_exchange_formats.py::test_tables_keep_their_numbers",
    "abm validate --docking --full": "tests/unit/validation/test_docking.py::test_every_publication_is_made_again",
    "abm validate --full --keep": "tests/unit/validation/test_trials.py::"
    "test_a_full_run_is_kept_compactly_and_stands_beside_a_quick_one",
    "abm validate --episodes known --keep": "tests/unit/validation/test_published_episodes.py::"
    "test_known_episodes_are_kept_when_this_is_asked_for",
    "abm claims --json": "tests/unit/claims/test_assess.py::test_command_prints_json_and_writes_a_folder",
    "abm bench": KEYS_OF_BENCH,
    "abm bench --rounds 25": KEYS_OF_BENCH,
    "abm bench --large --json > figures.json": KEYS_OF_BENCH,
    "abm bench --compare figures.json": "tests/unit/benchmark/test_bench.py::test_the_command_compares_with_a_file",
    **dict.fromkeys((f"abm study {name}" for name in SMALL), SMALL_STUDY),
    "abm study phases": "tests/unit/studies/test_phases.py::test_the_study_leaves_a_whole_folder",
    "abm study robustness": "tests/unit/studies/test_studies.py::test_robustness_sets_alternatives_beside_the_default",
    "abm study thresholds": "tests/unit/studies/test_studies.py::"
    "test_the_thresholds_of_regimes_are_what_their_command_makes",
    "abm view": PAGE,
    "abm view --prefix /teach": PAGE,
    "python -m experiments.documentation.gallery": "tests/unit/analysis/test_gallery.py::"
    "test_a_script_draws_the_kept_figures",
    "python experiments/examples/one_shock.py": "tests/unit/analysis/test_gallery.py::test_a_script_runs",
    "python -m tests.odd_tables": "tests/test_contributing.py::test_the_tests_of_all_recipes_pass",
    "uv build": "tests/test_docs.py::test_it_installs_and_runs_in_an_environment_of_its_own",
}
"""Command -> the test that carries it out, or what it does on a small scale; some of these tests are long."""
BY_CI = {
    "bash .ci/run": "bash .ci/run",
    "pip install uv": "pip install --quiet --root-user-action=ignore uv",
    "uv sync": "uv sync",
    "ruff check": "uv run ruff check",
    "ruff format --check": "uv run ruff format --check",
    "mypy": "uv run mypy",
    "pytest": "uv run pytest",
    "sphinx-build abm/docs build/docs": "abm/docs build/docs",
    "sphinx-build --fail-on-warning abm/docs build/docs": "--fail-on-warning --keep-going abm/docs build/docs",
}
"""Command -> what stands for it in `.ci/run`."""
BY_HAND = {
    "abm view --host 0.0.0.0": "opens the page to the network",
    "pre-commit install": "changes the clone",
    "pytest tests/benchmarks/bench_speed.py": "measures time on an idle machine",
    "pytest -m long -n 0": "is the long suite",
    "uv sync --compile-bytecode": "changes the environment that runs the tests",
    "uv audit --locked": "asks a database on the network",
    "uv export --locked --all-extras --all-groups --no-hashes --no-emit-project -o requirements.txt": "serves the next",
    "uv tool run pip-audit --strict --no-deps --disable-pip -r requirements.txt": "asks a database on the network",
}
"""Command -> why no test carries it out."""
PUBLISHED = {
    command
    for path in (ROOT / "experiments").rglob("results/**/*.json")
    for command in re.findall(r'"command": "([^"]+)"', path.read_text(encoding="utf-8"))
}
"""The commands that made what is kept."""


def given(text: str, followed: bool) -> Iterator[str]:
    """Yield the commands of a document; where a test follows it, its blocks of `bash` are left to that test."""
    languages = ("",) if followed else ("", "bash")
    lines = [line for _, language, code in FENCE.findall(text) if language in languages for line in code.splitlines()]
    quoted = [one for one in re.findall(r"`([^`\n]+)`", FENCE.sub("", text)) if not BARE.fullmatch(one)]
    for line in lines + quoted:
        for part in line.split("&&"):
            command = part.strip().removeprefix("uv run ")
            if COMMAND.match(command) and not FORM.search(command):
                yield command


def commands() -> dict[str, str]:
    """Return every command with one of the documents that give it; the changelog tells of earlier ones."""
    pages = [path for top in ("abm", "experiments", "viz", "tests") for path in (ROOT / top).rglob("*.md")]
    found: dict[str, str] = {}
    for path in [*ROOT.glob("*.md"), *pages]:
        name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        followed = name == "CONTRIBUTING.md" or (name.startswith("abm/docs/") and "```bash" in text)
        if name != "CHANGELOG.md":
            found |= dict.fromkeys(given(text, followed), name)
    return found


def checked(command: str) -> bool:
    """True where something is named that carries a command out."""
    trial = re.match(r"python -m (tests\.[\w.]+|experiments\.validation\.(\w+))", command)
    if trial and trial[2]:
        return trial[2] in SHORT or trial[2] in WRITES  # each is run by `test_module_commands`
    if trial and command not in TRIED:  # a trial on its own, which says what it found
        return f"`uv run {command}`" in (ROOT / "tests/README.md").read_text(encoding="utf-8")
    if command in PUBLISHED:
        return True
    parts = {part.strip() for one in AS_THEY_STAND for part in one.split("&&")}
    files = re.findall(r"tests/\S+", command) if command.startswith("pytest") else []
    return command in parts | set(TRIED) | set(BY_CI) | set(BY_HAND) or bool(files)


def test_every_command_of_the_documents_has_its_check() -> None:
    assert [f"{name}: {command}" for command, name in commands().items() if not checked(command)] == []


def test_no_check_is_of_a_command_that_no_document_gives() -> None:
    studies = {f"abm study {name}" for name in STUDIES}  # some are named in a list, without the words before
    assert sorted({*TRIED, *BY_CI, *BY_HAND} - set(commands()) - studies) == []


def test_every_study_has_its_check() -> None:
    assert [name for name in STUDIES if not checked(f"abm study {name}")] == []
    text = (ROOT / SMALL_STUDY.split("::")[0]).read_text(encoding="utf-8")
    assert [name for name in SMALL if f'("{name}", ' not in text] == []


def test_the_checks_that_are_named_are_there() -> None:
    for check in TRIED.values():
        path, name = check.split("::")
        assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8"), check
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [said for said in BY_CI.values() if said not in ci] == []
    files = {one for command in commands() if command.startswith("pytest") for one in re.findall(r"tests/\S+", command)}
    assert [one for one in files if not (ROOT / one).exists()] == []


def test_a_command_without_a_check_is_found() -> None:
    text = "`uv run abm study none --full` or `abm run`.\n\n```\nuv run abm bench && ls\n```\n\n`abm sweep STUDY`\n"
    assert list(given(text, followed=True)) == ["abm bench", "abm study none --full"]
    assert [one for one in given(text, followed=True) if not checked(one)] == ["abm study none --full"]
    assert list(given("```bash\nabm bench\n```\n", followed=True)) == []


@pytest.mark.long
@pytest.mark.parametrize("line", AS_THEY_STAND)
def test_a_command_works_as_a_document_gives_it(line: str, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for command in line.split("&&"):
        _, *arguments = shlex.split(command)
        code = "import sys; from experiments.cli import main; main(sys.argv[1:])"
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert re.search(r"\d", done.stdout)
