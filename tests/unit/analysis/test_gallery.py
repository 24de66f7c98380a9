"""The gallery: every script runs from top to bottom on small settings and saves the figures that it names."""

import re
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot

EXAMPLES = Path(__file__).resolve().parents[3] / "experiments" / "examples"
SCRIPTS = sorted(path for path in EXAMPLES.glob("*.py") if path.read_text(encoding="utf-8").startswith("# %%"))


def run_script(path: Path, *, small: bool) -> dict[str, Any]:
    """Run a script as it stands, or on its small settings; return its names."""
    text = path.read_text(encoding="utf-8")
    assert text.count("SMALL = False") == 1
    text = text.replace("SMALL = False", "SMALL = True") if small else text
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, path.name, "exec"), names)
    pyplot.close("all")
    return names


def figures(path: Path) -> list[str]:
    """The figures that a script saves."""
    return re.findall(r'OUT / "(\w+\.png)"', path.read_text(encoding="utf-8"))


def test_there_are_ten() -> None:
    assert len(SCRIPTS) == 10
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in SCRIPTS} == set(re.findall(r"\[`(\w+\.py)`\]", listed))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_script(path, small=True)
    assert figures(path)
    assert all((tmp_path / "gallery" / "small" / name).stat().st_size > 4000 for name in figures(path))


@pytest.mark.long
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_runs_in_full(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_script(path, small=False)
    assert all((tmp_path / "gallery" / "full" / name).is_file() for name in figures(path))
