"""The gallery: its scripts run, and the figures that the site shows are those that the scripts draw."""

import json
from pathlib import Path

import pytest
from matplotlib import pyplot
from matplotlib.testing.compare import compare_images

from experiments.documentation import gallery
from tests.worlds_small import among_few_states

SCRIPTS = gallery.scripts()
SLOW = ("discovery", "one_shock")
"""Run in full by the long test of the figures only."""
ALIKE = 3.0
"""Root mean square of differences between pixels, of 255; the last digits of another processor stay far below."""


def test_there_are_ten() -> None:
    assert len(SCRIPTS) == 10
    begin = [path for path in gallery.EXAMPLES.glob("*.py") if path.read_text(encoding="utf-8").startswith("# %%")]
    assert set(begin) == set(SCRIPTS)


@pytest.mark.parametrize("path", [path for path in SCRIPTS if path.stem not in SLOW], ids=lambda path: path.stem)
def test_a_script_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert text.count("SMALL = False") == 1
    with among_few_states():
        exec(compile(text.replace("SMALL = False", "SMALL = True"), path.name, "exec"), {"__name__": "__main__"})
    pyplot.close("all")
    assert gallery.figures(path)
    assert all((tmp_path / "gallery" / "small" / name).stat().st_size > 4000 for name in gallery.figures(path))


def test_kept_figures_are_of_the_scripts_as_they_are() -> None:
    assert list(gallery.stale()) == [], "uv run python -m experiments.documentation.gallery makes them anew"


def test_what_was_changed_since_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "one.py"
    script.write_text('# %%\nsave(OUT / "one.png")\n', encoding="utf-8")
    (tmp_path / "kept").mkdir()
    for name, value in {"KEPT": tmp_path / "kept", "RECORD": tmp_path / "kept" / "made.json"}.items():
        monkeypatch.setattr(gallery, name, value)
    monkeypatch.setattr(gallery, "scripts", lambda: [script])
    gallery.RECORD.write_text("{}", encoding="utf-8")
    made = tmp_path / "one.png"
    made.write_bytes(b"first")
    assert list(gallery.stale()) == ["one.py"]
    gallery.keep(script, [made])
    assert list(gallery.stale()) == []
    assert json.loads(gallery.RECORD.read_text(encoding="utf-8"))["one.py"]["version"]
    (gallery.KEPT / "one.png").write_bytes(b"second")
    (gallery.KEPT / "another.png").write_bytes(b"")
    assert list(gallery.stale()) == ["another.png", "one.png"]


def test_figures_stand_below_the_code_that_saves_them() -> None:
    script = gallery.EXAMPLES / "one_shock.py"
    text = gallery.section(script)
    assert text.startswith("## One shock\n\n`experiments/examples/one_shock.py`")
    for name in gallery.figures(script):
        code, figure = text.index(f'OUT / "{name}"'), text.index(f"](../gallery/{name})")
        assert code < figure
        assert text[code:figure].count("```") == 1
    assert "# %%" not in text


def test_the_command_refuses_what_is_no_script(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        gallery.main(["two_shocks"])
    assert "two_shocks" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_draws_the_kept_figures(path: Path, tmp_path: Path) -> None:
    for figure in gallery.run(path, tmp_path):
        assert compare_images(str(gallery.KEPT / figure.name), str(figure), ALIKE) is None
