"""The public face: `import abm` lists every name before it is loaded; each is there and says what it gives."""

import inspect
from pathlib import Path

import pytest

import abm

SMALL = ["world.source=synthetic", "world.states=6", "world.organizations=3", "quarters=2", "replicates=2"]


def test_every_public_name_is_listed_there_and_documented() -> None:
    assert {"__version__", *abm.__all__} == set(dir(abm))
    for name in abm.__all__:
        assert len(inspect.getdoc(getattr(abm, name)) or "") > 60, name
    with pytest.raises(AttributeError, match="no attribute 'run_experimnt'"):
        _ = abm.run_experimnt


def test_functions_say_which_errors_they_raise() -> None:
    functions = [name for name in abm.__all__ if inspect.isfunction(getattr(abm, name))]
    assert len(functions) > 7
    silent = [name for name in functions if "Raises" not in str(getattr(abm, name).__doc__)]
    assert silent == ["data_dictionary"]  # which raises nothing


def test_progress_is_told_to_a_function_or_shown() -> None:
    seen: list[tuple[int, int]] = []
    told = abm.run_experiment("who-2025", SMALL, workers=1, progress=lambda done, total: seen.append((done, total)))
    shown = abm.run_experiment("who-2025", SMALL, workers=1, progress=True)
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert told.series.equals(shown.series)


def test_a_sweep_takes_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = {
        "scenario": "who-2025",
        "design": {"method": "grid", "levels": 2},
        "factors": {"trust.rivalry": {"values": [0, 1]}},
    }
    study |= {"world": {"source": "synthetic", "states": 6, "organizations": 3}, "quarters": 2, "replicates": 1}
    seen: list[int] = []
    abm.run_sweep(study, tmp_path / "told", workers=0, progress=lambda now: seen.append(now.done))
    assert seen[-1] == 4
    assert capsys.readouterr().err == ""
    abm.run_sweep(study, tmp_path / "shown", workers=0, progress=True)
    assert capsys.readouterr().err  # a bar, of which what is no terminal gets the line end
