"""Studies are checked to the last key, and their designs have the points that they promise."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.config.reader import ConfigError
from experiments.sweeps.sampling import Levels
from experiments.sweeps.study import checked_points, number_of_points, points, read_study, unit_points_of, values_at

BAD = sorted((Path(__file__).parents[2] / "configs_bad" / "studies").glob("*.yaml"))
CONTAGION, PEERS = "membership.contagion_log_odds", "legitimacy.peer_rate"


def study(tiny: dict[str, Any], **design: Any) -> pd.DataFrame:
    return points(read_study(tiny | {"design": design}))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_broken_study_meets_its_message(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# expect: ")
    with pytest.raises(ConfigError) as refused:
        checked_points(read_study(path))
    message = str(refused.value)
    assert first.removeprefix("# expect: ") in message
    assert "\n" not in message


def test_each_broken_study_has_a_message_of_its_own() -> None:
    expected = [path.read_text(encoding="utf-8").splitlines()[0] for path in BAD]
    assert len(set(expected)) == len(expected) >= 15


def test_grid_has_every_combination(tiny: dict[str, Any]) -> None:
    frame = study(tiny, method="grid", levels=3)
    assert {tuple(row) for row in frame.to_numpy()} == set(itertools.product([0, 3, 6], [0, 0.25, 0.5]))
    assert len(frame) == 9


def test_one_at_a_time_leaves_the_others_at_the_scenario(tiny: dict[str, Any]) -> None:
    frame = study(tiny, method="oat", levels=3)
    centre = frame.iloc[0]
    assert centre[CONTAGION] == 3.348
    assert ((frame != centre).sum(axis=1).iloc[1:] == 1).all()
    assert len(frame) == 1 + 3 + 3


def test_latin_hypercube_has_one_point_in_each_stripe(tiny: dict[str, Any]) -> None:
    frame = study(tiny, method="lhs", samples=10)
    for path, high in ((CONTAGION, 6), (PEERS, 0.5)):
        assert sorted((frame[path] / high * 10).astype(int)) == list(range(10))


def test_random_design_grows_from_its_beginning(tiny: dict[str, Any]) -> None:
    short, long = (study(tiny, method="random", samples=count) for count in (5, 9))
    pd.testing.assert_frame_equal(long.iloc[:5], short)
    assert not study(tiny, method="random", samples=5, seed=6).equals(short)


@pytest.mark.parametrize(("pairs", "count"), [(False, 8 * 4), (True, 8 * 6)])
def test_sobol_has_the_blocks_of_saltelli(tiny: dict[str, Any], pairs: bool, count: int) -> None:
    made = read_study(tiny | {"design": {"method": "sobol", "samples": 8, "second_order": pairs}})
    unit = unit_points_of(made)
    assert unit.shape == (count, 2)
    first, swapped = unit[0], unit[1]
    assert (first == swapped).sum() == 1  # one factor of A replaced by that of B
    assert points(made)[CONTAGION].iloc[0] == pytest.approx(unit[0, 0] * 6)


def test_morris_moves_one_factor_at_a_time(tiny: dict[str, Any]) -> None:
    unit = unit_points_of(read_study(tiny | {"design": {"method": "morris", "samples": 4}})).reshape(4, 3, 2)
    assert ((np.diff(unit, axis=1) != 0).sum(axis=2) == 1).all()


def test_a_list_comes_from_a_file_beside_the_study(tiny: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "set.csv").write_text(f"{CONTAGION},quarters\n1.5,6\n2,\n4,8\n")
    (tmp_path / "listed.yaml").write_text(
        "scenario: us-exit-2026\nquarters: 5\ndesign: {method: list, file: set.csv}\n"
        "world: {source: synthetic, states: 12, organizations: 5}\n"
    )
    made = read_study(tmp_path / "listed.yaml")
    frame = checked_points(made)
    assert [values_at(frame, point) for point in frame.index] == [
        {CONTAGION: 1.5, "quarters": 6},
        {CONTAGION: 2},
        {CONTAGION: 4, "quarters": 8},
    ]
    two = read_study(tmp_path / "listed.yaml", ["design.samples=2"])
    assert len(points(two)) == 2
    assert made.paths == (CONTAGION, "quarters")


def test_a_study_is_made_again_from_what_it_resolves_to(tiny: dict[str, Any]) -> None:
    made = read_study(tiny)
    again = read_study(made.resolved())
    pd.testing.assert_frame_equal(points(again), points(made))
    assert again.experiment.digest() == made.experiment.digest()
    assert again.resolved() == made.resolved()


def test_factors_reach_parameters_shocks_and_the_world(tiny: dict[str, Any]) -> None:
    factors = {
        CONTAGION: {"low": 0.5, "high": 5, "scale": "log"},
        "shocks.1.notice_quarters": {"low": 0, "high": 3},
        "shocks.0.mode": {"values": ["bargain", "decouple"]},
        "world.states": {"low": 12, "high": 13},
        "seed": {"values": [1, 2]},
    }
    made = read_study(tiny | {"factors": factors, "design": {"method": "random", "samples": 30}})
    frame = checked_points(made)
    assert set(frame["shocks.1.notice_quarters"]) == {0, 1, 2, 3}
    assert set(frame["shocks.0.mode"]) == {"bargain", "decouple"}
    assert set(frame["world.states"]) == {12, 13}
    assert frame[CONTAGION].between(0.5, 5).all()
    experiment = made.experiment.with_values(values_at(frame, 3))
    assert experiment.world.states == frame["world.states"].iloc[3]
    assert experiment.shocks[1].notice_quarters == frame["shocks.1.notice_quarters"].iloc[3]


def test_whole_numbers_are_spread_evenly() -> None:
    factor = Levels(0, 3, (), log=False, whole=True)
    drawn = [factor.at((step + 0.5) / 400) for step in range(400)]
    assert [drawn.count(value) for value in range(4)] == [100] * 4
    assert factor.at(1.0) == 3


def test_log_scale_has_even_ratios() -> None:
    factor = Levels(0.1, 1000, (), log=True, whole=False)
    assert factor.spread(5) == pytest.approx([0.1, 1, 10, 100, 1000])


def test_options_reach_scenario_and_design(tiny: dict[str, Any]) -> None:
    made = read_study(tiny, ["quarters=7", "design.samples=5", "twins=false"])
    assert (made.experiment.quarters, len(points(made)), made.twins) == (7, 5, False)


@pytest.mark.parametrize(
    "design",
    [
        {"method": "grid", "levels": 3}, {"method": "oat", "levels": 4}, {"method": "lhs", "samples": 7},
        {"method": "random", "samples": 7}, {"method": "sobol", "samples": 8}, {"method": "morris", "samples": 3},
        {"method": "sobol", "samples": 8, "second_order": True},
    ],
)  # fmt: skip
def test_the_size_is_known_before_the_points(tiny: dict[str, Any], design: dict[str, Any]) -> None:
    made = read_study(tiny | {"design": design})
    assert number_of_points(made) - len(points(made)) in ((0, 1, 2) if design["method"] == "oat" else (0,))


def test_whole_numbers_on_a_log_scale_have_even_ratios() -> None:
    factor = Levels(1, 1000, (), log=True, whole=True)
    assert factor.spread(4) == [1, 10, 100, 1000]
    assert factor.at(0.5) == 31
    assert {factor.at(0.0), factor.at(1.0)} == {1, 1000}


@pytest.mark.parametrize("text", ["design.samples=0", "quarters=0"])
def test_an_error_in_a_given_value_names_where_it_was_given(tiny: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=f"^--set: {text.partition('=')[0]}: 0 is out of range"):
        read_study(tiny, [text])
