"""The diagram of possible worlds: where the page lies in it, and how one gets to a cell."""

from dataclasses import replace
from pathlib import Path

import pytest

from abm.config.reader import ConfigError
from experiments.studies import phase_runs
from experiments.studies import phases as study
from viz import phases as diagram
from viz.page_state import PageState
from viz.phases import PARAMETER, changes_at, phases

CELLS = """axis,place,size,runs,likeliest,share
additivity,0,0,16,continuity,0.75
additivity,1,0,16,hollowing_out,0.5
additivity,0,3,16,hollowing_out,0.9
additivity,1,3,16,fragmentation,0.6
crowding,4,3,16,unravelling,1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "cells.csv"
    found.write_text(CELLS, encoding="utf-8")
    return found


def test_the_default_world_lies_in_the_diagram(path: Path) -> None:
    found = phases(PageState(config={"parameters": {"membership": {"additivity": 0.9}}}), path)
    assert (found["sizes"], found["places"]) == ([0, 3], [0.0, 1.0])
    assert found["here"] == {"size": 0, "place": 1.0}
    assert {row["name"] for row in found["cells"]} == {"continuity", "hollowing_out", "fragmentation"}


@pytest.mark.parametrize(("size", "place"), [(0, 0.0), (0, 1.0), (3, 0.0), (3, 1.0)])
def test_a_cell_leads_to_the_world_that_it_stands_for(path: Path, size: int, place: float) -> None:
    state = replace(PageState(), config=changes_at(size, place, path))
    assert phases(state, path)["here"] == {"size": size, "place": place}
    assert state.experiment.parameters.membership.additivity == place, PARAMETER
    actors = [shock.model_dump()["actor"] for shock in state.experiment.shocks]
    assert size == 0 or actors == ["USA", "GBR", "JPN"]


def test_other_worlds_lie_outside_and_there_are_no_other_cells(path: Path) -> None:
    assert phases(PageState(scenario="who-2025"), path)["here"] is None
    for size, place in ((4, 1.0), (3, 0.5)):
        with pytest.raises(ConfigError, match="no such place"):
            changes_at(size, place, path)


def test_without_the_study_there_is_no_diagram(tmp_path: Path) -> None:
    assert phases(PageState(), tmp_path / "none.csv") == {}


def test_sizes_and_places_are_those_of_the_study() -> None:
    assert diagram.LEAVERS == phase_runs.LEAVERS
    assert diagram.LISTED == phase_runs.LISTED
    assert diagram.exits(3) == phase_runs.exits(3)
    assert study.AXES[diagram.AXIS][0] == (PARAMETER,)
