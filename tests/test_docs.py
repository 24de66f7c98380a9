"""What the documents say is true: their commands, their configs, their Python, and the files they name."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

import abm
from abm.comparison import compare
from abm.config.reader import load_experiment, shipped
from abm.shocks.kinds import SHOCKS
from experiments.cli import app
from experiments.sweeps.study import checked_points, read_study
from experiments.sweeps.sweep import run_sweep
from tests.worlds_small import among_few_states

ROOT = Path(__file__).parents[1]
README = "README.md"
TOUR = "abm/CONCEPTS.md"
EXPERIMENTS = "experiments/README.md"
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (
        *ROOT.glob("*.md"),
        *(found for top in ("abm", "experiments", "viz") for found in (ROOT / top).rglob("*.md")),
    )
)
QUOTED = re.compile(r"`([^`\n]+)`")
DOTTED = re.compile(r"(?<![\w.:/])((?:abm|experiments|viz)(?:\.\w+)+)")
NAMED = re.compile(r"(?:abm|configs|experiments|tests|viz)/[a-z_/\-\d]+(?:(?:\.\w+)+|/)")
CREATED = re.compile(r"New file `([^`]+)`")  # what a recipe tells the reader to write
FORMER = "CHANGELOG.md"  # names what was: files, commands and options of earlier versions


def read(name: str) -> str:
    """Return the text of a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """Return a document's code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", read(name), re.DOTALL)


def commands() -> Mapping[str, Any]:
    """Return the commands of `abm` by name; those that only answer with a new name are hidden."""
    found = get_command(app).commands  # type: ignore[attr-defined]
    return {name: command for name, command in found.items() if not command.hidden}


def test_the_readme_names_every_command() -> None:
    assert set(re.findall(r"`abm (\w+)", read(README))) == set(commands())


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != FORMER])
def test_commands_and_options_in_the_documents_exist(name: str) -> None:
    given = [line for block in blocks(name, "bash") for line in block.splitlines()]
    for line in QUOTED.findall(read(name)) + given:
        for command, rest in re.findall(r"\babm (\w+)([^&]*)", line):
            assert command in commands(), line
            known = {option for parameter in commands()[command].params for option in parameter.opts}
            assert set(re.findall(r"(?<!\S)--[\w-]+", rest)) <= known, line


def test_the_first_screen_of_the_readme_is_short() -> None:
    assert len(read(README).split("\n## ")[0].splitlines()) <= 40


def test_the_config_in_the_tour_loads() -> None:
    (config,) = [yaml.safe_load(text) for text in blocks(TOUR, "yaml")]
    experiment = load_experiment(config)
    assert experiment.replicates == 16
    assert len(experiment.shocks) == 2


def test_the_study_in_the_documents_loads() -> None:
    (config,) = [yaml.safe_load(text) for text in blocks(EXPERIMENTS, "yaml")]
    assert len(checked_points(read_study(config))) == 60


def test_the_python_in_the_documents_runs() -> None:
    _, code = blocks(EXPERIMENTS, "python")
    names: dict[str, Any] = {}
    with among_few_states():
        exec(code.replace("replicates=4", "replicates=1"), names)
    assert len(names["frame"]) == 8
    assert names["graph"].number_of_nodes() > 100
    assert names["result"].outcomes["replicates"] == 1


def test_the_python_on_sweeps_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (config,) = [yaml.safe_load(text) for text in blocks(EXPERIMENTS, "yaml")]
    small = {"quarters": 6, "replicates": 1, "design": config["design"] | {"samples": 2}}
    run_sweep(config | small, Path("my-sweep"), workers=0)
    code, _ = blocks(EXPERIMENTS, "python")
    *lines, last = code.strip().splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    points, *tables = eval(last, names)
    assert list(points.columns) == list(config["factors"])
    assert all(len(table) for table in tables)


def test_the_function_of_a_pair_in_the_recipe_of_an_outcome_works() -> None:
    (code,) = re.findall(r"`(lambda pair: [^`]+)`", read("CONTRIBUTING.md"))
    pair = compare(load_experiment("who-2025").with_values({"quarters": 4}), 0)
    assert eval(code)(pair) == pair.difference("mean_trust").min() < 0


def test_a_lock_is_made_before_it_is_asked_for() -> None:
    """`uv.lock` is no file of the repository, so that `--locked` fails in a fresh clone."""
    locked = [block for block in blocks("SECURITY.md", "") if "--locked" in block]
    assert len(locked) == 2
    assert locked[0].startswith("uv sync\n")


def test_tabs_that_documents_name_are_on_the_page() -> None:
    words = json.loads(read("viz/words/page.en.json"))
    tabs = {word for key, word in words.items() if key.startswith(("tab.", "board."))}
    named = {tab for name in DOCUMENTS if name != FORMER for tab in re.findall(r"\btab\s+\*([^*]+)\*", read(name))}
    assert named
    assert named <= tabs


def test_scenarios_are_counted_and_shocks_are_named() -> None:
    scenarios = [entry for entry in shipped() if entry.kind == "scenario" and entry.name != "base"]
    assert f"{len(scenarios)} shipped scenarios" in read("CHANGELOG.md")
    assert set(SHOCKS) <= set(QUOTED.findall(read(TOUR)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(name)):
        assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != FORMER])
def test_files_named_in_the_documents_exist(name: str) -> None:
    named = {path for text in QUOTED.findall(read(name)) for path in NAMED.findall(text)}
    missing = {path for path in named if not (ROOT / path).exists()}
    assert missing - set(CREATED.findall(read(name))) == set()


def found(dotted: str) -> bool:
    """True where a dotted name is a module, or something in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            value = getattr(value, part, None)
        return value is not None
    return False


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != FORMER])
def test_python_names_in_the_documents_exist(name: str) -> None:
    assert [one for text in QUOTED.findall(read(name)) for one in DOTTED.findall(text) if not found(one)] == []


def test_a_name_that_is_gone_is_found() -> None:
    assert found("abm.simulation.Simulation")
    assert not found("abm.simulation.Nothing")
    assert not found("abm.nothing")


def test_the_wheel_runs_from_an_empty_folder(tmp_path: Path) -> None:
    uv = shutil.which("uv")
    assert uv is not None, "uv runs this suite"
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist"], cwd=ROOT, check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    (tmp_path / "empty").mkdir()
    code = "import abm, sys; print(abm.__file__); from experiments.cli import main; main(sys.argv[1:])"
    options = ["run", "base", "--quarters", "2", "--replicates", "1", "--workers", "1", "--out", "out"]
    done = subprocess.run(
        [sys.executable, "-c", code, *options],
        cwd=tmp_path / "empty",
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert (tmp_path / "empty" / "out" / "report.html").exists()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_installs_and_runs_in_an_environment_of_its_own(kind: str, tmp_path: Path) -> None:
    uv = shutil.which("uv")
    assert uv is not None, "uv runs this suite"
    subprocess.run([uv, "build", "--quiet", "--out-dir", tmp_path / "dist"], cwd=ROOT, check=True)
    (package,) = (tmp_path / "dist").glob(kind)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "env"], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, package], check=True)
    (tmp_path / "empty").mkdir()
    command = [python.with_name("abm"), "run", "who-2025", "--quarters", "2", "--replicates", "1", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path / "empty", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "empty" / "out" / "report.html").exists()


def test_metadata_agree() -> None:
    cited = yaml.safe_load(read("CITATION.cff"))
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert cited["version"] == project["version"] == abm.__version__
    assert cited["license"] == project["license"]
    assert set(cited["keywords"]) & set(project["keywords"])
    versions = {part.rpartition(" ")[2] for part in project["classifiers"] if "Python :: 3." in part}
    assert f">={min(versions)}" == project["requires-python"]


@pytest.mark.parametrize(
    "name", ["ODD.md", "CONCEPTS.md", "data/README.md", "data/bibliography.csv", "data/map/world.json"]
)
def test_documents_travel_with_the_package(name: str) -> None:
    assert (ROOT / "abm" / name).stat().st_size > 1000
