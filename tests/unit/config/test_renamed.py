"""Every measure of an earlier version is answered with its new name, wherever a measure is asked for."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from abm.config.errors import ConfigError
from abm.config.renamed import RENAMED
from abm.measures import MEASURES, names
from experiments.analysis.samples import read_samples
from experiments.cli import main
from experiments.report.scenario_table import checked_measures, compare
from experiments.sweeps.study import read_study

OLD = sorted(RENAMED["measure"].items())
SHOCKED = [(f"shocked.{old}", f"shocked.{new}") for old, new in OLD if new in names("body")]
Ask = Callable[[str], object]


@pytest.fixture(scope="session")
def rows(result_folders: list[Path]) -> pd.DataFrame:
    """The rows that `abm compare` shows."""
    return compare(result_folders)


@pytest.fixture(params=["study", "compare", "analyze"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask for a measure: as outcome of a study, of two results side by side, or of a stored sweep."""
    if request.param == "study":
        factors = {"legitimacy.peer_rate": {"values": [0, 0.1]}}
        study = {"scenario": "who-2025", "design": {"method": "grid"}, "factors": factors}
        return lambda *names: read_study(study | {"outcomes": list(names)})
    if request.param == "compare":
        shown = request.getfixturevalue("rows")
        return lambda *names: checked_measures(shown, names)
    folder = request.getfixturevalue("swept")
    return lambda *names: read_samples(folder, names)


def test_an_old_measure_is_answered_with_its_new_name(ask: Ask) -> None:
    for old, new in [*OLD, *SHOCKED]:
        with pytest.raises(ConfigError) as told:
            ask(old)
        assert str(told.value).endswith(f"{old} was renamed in version 0.2.0; write {new}")


def test_its_new_name_is_taken(ask: Ask) -> None:
    """Measures of single states are none of a run as a whole."""
    asked = [new for _, new in [*OLD, *SHOCKED] if new not in names("state")]
    assert len(asked) > len(SHOCKED)
    ask(*asked)


def test_no_old_name_is_in_use() -> None:
    assert len(OLD) >= 14
    assert SHOCKED
    assert {new for _, new in OLD} <= set(MEASURES)
    assert not {old for old, _ in OLD} & set(MEASURES)


@pytest.mark.parametrize("command", ["compare", "analyze"])
def test_the_command_ends_with_the_new_name(
    command: str, result_folders: list[Path], swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = result_folders if command == "compare" else [swept]
    with pytest.raises(SystemExit) as stop:
        main([command, *map(str, folders), "--out", str(tmp_path / "out"), "--outcome", "shocked.focus_distance"])
    assert stop.value.code == 2
    assert (
        "shocked.focus_distance was renamed in version 0.2.0; write shocked.actor_distance" in capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()
