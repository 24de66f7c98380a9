"""What the README says is true: its commands, its config, its Python, and its promises about files."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from abm.config.reader import load_experiment, shipped
from abm.shocks.kinds import SHOCKS
from experiments.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> Mapping[str, Any]:
    """Return the commands of `abm` by name; those that only answer with a new name are hidden."""
    found = get_command(app).commands  # type: ignore[attr-defined]
    return {name: command for name, command in found.items() if not command.hidden}


def test_every_command_is_in_the_readme_and_the_other_way_round() -> None:
    named = set(re.findall(r"^\| `abm (\w+)", README, re.MULTILINE))
    assert named == set(commands())


def test_options_in_the_readme_exist() -> None:
    for row in re.findall(r"^\| `abm (\w+).*$", README, re.MULTILINE):
        line = next(line for line in README.splitlines() if line.startswith(f"| `abm {row}"))
        known = {option for parameter in commands()[row].params for option in parameter.opts}
        assert set(re.findall(r"`(--[\w-]+)", line)) <= known, row


def test_the_config_in_the_readme_loads() -> None:
    (config,) = [yaml.safe_load(text) for text in blocks("yaml")]
    experiment = load_experiment(config)
    assert experiment.replicates == 16
    assert len(experiment.shocks) == 2


def test_the_python_in_the_readme_runs() -> None:
    (code,) = blocks("python")
    names: dict[str, Any] = {}
    exec(code.replace("replicates=4", "replicates=1"), names)
    assert len(names["frame"]) == 8
    assert names["graph"].number_of_nodes() > 193
    assert names["result"].outcomes["replicates"] == 1


def test_numbers_of_scenarios_and_shocks_are_those_shipped() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    scenarios = [entry for entry in shipped() if entry.kind == "scenario" and entry.name != "base"]
    assert f"{len(scenarios)} shipped scenarios" in changes
    assert {16: "sixteen"}[len(SHOCKS)] + " kinds of shock" in changes
    assert set(SHOCKS) <= set(re.findall(r"`(\w+)`", README))


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


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


@pytest.mark.parametrize("name", ["ODD.md", "data/README.md", "data/bibliography.csv", "data/map/world.json"])
def test_documents_travel_with_the_package(name: str) -> None:
    assert (ROOT / "abm" / name).stat().st_size > 1000
