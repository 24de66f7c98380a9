"""The ensemble: which row a replicate takes, and what holds in every row."""

from pathlib import Path
from typing import Any

import pytest

from abm.config import ensemble
from abm.config.ensemble import drawn_paths, rows
from abm.config.experiment import Experiment
from abm.config.reader import ConfigError, load_experiment
from abm.processes.funding import FundingParameters
from abm.recording import record
from abm.simulation import Simulation
from tests.worlds_small import cut_tables

PATH = "funding.adjustment_rate"
OWN: float = FundingParameters().adjustment_rate


def value(experiment: Experiment, replicate: int) -> float:
    """Return what a replicate takes for PATH."""
    found: float = experiment.in_row(replicate).values_of("funding").adjustment_rate
    return found


def test_replicates_take_the_rows_in_turn_and_the_first_is_the_point_default() -> None:
    base = load_experiment("base")
    row = rows()[3]["funding"]["adjustment_rate"]
    assert row != OWN
    assert [value(base, number) for number in (0, 3, len(rows()), len(rows()) + 3)] == [OWN, row, OWN, row]
    assert base.in_row(0) == base


def test_off_gives_the_point_default_to_all() -> None:
    off = load_experiment("base", ["ensemble=off"])
    assert {value(off, number) for number in range(8)} == {OWN}
    assert off.ensemble_row(5) == 0


@pytest.mark.parametrize("set_", [0.2, OWN])
def test_a_value_that_is_set_holds_in_every_row_be_it_the_default(set_: float, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"extends: base\nparameters: {{funding: {{adjustment_rate: {set_}}}}}\n")
    above = tmp_path / "above.yaml"
    above.write_text("extends: own.yaml\nquarters: 3\n")
    settings: list[Experiment] = [
        load_experiment(str(file)),
        load_experiment(str(above)),
        load_experiment("base", [f"{PATH}={set_}"]),
        load_experiment("base").with_values({PATH: set_}),
        load_experiment("base").with_values({"parameters": {"funding": {"adjustment_rate": set_}}}),
        load_experiment({"parameters": {"funding": {"adjustment_rate": set_}}}),
        load_experiment(load_experiment("base", [f"{PATH}={set_}"]).resolved()),
    ]
    for experiment in settings:
        assert {value(experiment, number) for number in range(8)} == {set_}
        assert experiment.in_row(3).values_of("dues") != load_experiment("base").values_of("dues")  # others are drawn


def test_what_is_written_without_saying_what_is_held_holds() -> None:
    every = {"parameters": load_experiment("base").resolved()["parameters"]}  # as earlier versions stored it
    assert load_experiment(every).in_row(3).parameters == load_experiment("base").parameters


def test_held_parameters_are_not_drawn_and_unknown_ones_are_refused() -> None:
    held = load_experiment({"held": [PATH]})
    assert value(held, 3) == OWN
    with pytest.raises(ConfigError, match="is not a parameter"):
        load_experiment({"held": ["funding.generosity"]})


def test_the_digest_tells_what_is_drawn() -> None:
    base = load_experiment("base")
    others = [load_experiment("base", [text]) for text in (f"{PATH}={OWN}", "ensemble=off")]
    assert len({base.digest(), *(other.digest() for other in others)}) == 3


def test_a_run_and_its_twin_take_the_same_row() -> None:
    experiment = load_experiment("who-2025", ["quarters=2"])
    run = Simulation(experiment, (1, 2), cut_tables())
    twin = Simulation(experiment.twin(), (1, 2), cut_tables(), target=experiment)
    assert run.drawn.parameters == twin.drawn.parameters
    assert run.ensemble_row == twin.ensemble_row == 2
    assert [step.values for step in run.steps] == [run.drawn.values_of(step.process) for step in run.steps]


def test_rows_differ_in_what_comes_out() -> None:
    drawn, point = (
        record(Simulation(load_experiment("base", ["quarters=4", f"ensemble={kind}"]), (1, 2), cut_tables()))
        for kind in ("calibrated", "off")
    )
    assert drawn.measures["legitimacy"].tolist() != point.measures["legitimacy"].tolist()


def test_every_drawn_value_is_one_that_its_parameter_takes() -> None:
    assert len(rows()) >= 32
    assert drawn_paths()
    assert not any(path.startswith("synthetic.") for path in drawn_paths())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"synthetic.jitter": "0.1"}, "not a parameter"),
        ({"funding.generosity": "1"}, "not a parameter"),
        ({PATH: "7"}, "less"),
    ],
)
def test_a_row_that_cannot_be_drawn_is_refused(line: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ensemble.row_of(line)
