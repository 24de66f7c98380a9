"""Lists of points in files: a blank is the scenario's own value, whatever looks like missing is text."""

from pathlib import Path
from typing import Any

import pytest

from abm.config.reader import ConfigError
from experiments.reproduction.reproduce_sweep import reproduce_sweep
from experiments.sweeps.point_list import listed_points
from experiments.sweeps.read_sweep import open_sweep
from experiments.sweeps.study import checked_points, read_study
from experiments.sweeps.sweep import plan_tasks, run_sweep

CONTAGION, BLAME = "membership.contagion_log_odds", "legitimacy.blame_weight"


def test_cells_are_numbers_truths_texts_or_blank() -> None:
    text = "a, b ,c\r\n1,NA,true\r\n-2.50,nan,FALSE\r\n\r\n,null, \r\n1e-3,None,1_000\r\n"
    assert listed_points(text) == [
        {"a": 1, "b": "NA", "c": True}, {"a": -2.5, "b": "nan", "c": False}, {"b": "null"},
        {"a": 0.001, "b": "None", "c": "1_000"},
    ]  # fmt: skip


def test_a_blank_line_of_one_column_is_a_blank_cell_but_at_the_end() -> None:
    assert listed_points("a\n0.1\n\n\n0.3\n\n\n") == [{"a": 0.1}, {}, {}, {"a": 0.3}]
    assert listed_points("a,b\n1,2\n\n3,4\n") == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a;b\n2,0;0,3\n", "semicolons"),
        ("a\tb\n2\t3\n", "tabs"),
        ("a,b\n1,2\n3\n", "line 3 has 1 cells"),
        ("a,a\n1,2\n", "each once"),
        ("a,\n1,2\n", "every column"),
        ('a\n"1\n', "line 2"),
    ],
)
def test_other_tables_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        listed_points(text)


def test_a_blank_has_the_keys_of_a_point_without_it(tiny: dict[str, Any], tmp_path: Path) -> None:
    rest = {key: value for key, value in tiny.items() if key not in ("factors", "design")}
    (tmp_path / "set.csv").write_text(
        f"{CONTAGION},{BLAME},shocks.0.mode\n2.0,,\n,0.3,decouple\n", encoding="utf-8-sig"
    )
    inline = ({CONTAGION: 2.0}, {BLAME: 0.3, "shocks.0.mode": "decouple"})
    one = read_study({**rest, "design": {"method": "list", "file": "set.csv"}}, folder=tmp_path)
    other = read_study({**rest, "design": {"method": "list", "points": list(inline)}})
    tasks, others = (plan_tasks(study, checked_points(study)) for study in (one, other))
    assert [task.keys for task in tasks] == [task.keys for task in others]
    summary = run_sweep(one, tmp_path / "out", workers=0)
    assert (summary.failed, summary.done) == (0, len(tasks) * 2)
    assert [task.values for task in plan_tasks(open_sweep(tmp_path / "out").study, checked_points(one))] == [
        task.values for task in tasks
    ]


def test_numbers_and_words_in_one_column_are_stored(tiny: dict[str, Any], tmp_path: Path) -> None:
    rest = {key: value for key, value in tiny.items() if key not in ("factors", "design")}
    (tmp_path / "set.csv").write_text(f"shocks.0.notice_quarters,shocks.0.mode,{BLAME}\n2,,\nby_body,decouple,0.3\n")
    study = read_study({**rest, "design": {"method": "list", "file": "set.csv"}}, folder=tmp_path)
    assert run_sweep(study, tmp_path / "out", workers=0).failed == 0
    assert open_sweep(tmp_path / "out").points()["shocks.0.notice_quarters"].tolist() == ["2", "by_body"]
    assert reproduce_sweep(tmp_path / "out", workers=0).differences == []


def test_a_semicolon_file_says_so(tiny: dict[str, Any], tmp_path: Path) -> None:
    rest = {key: value for key, value in tiny.items() if key not in ("factors", "design")}
    (tmp_path / "set.csv").write_text(f"{CONTAGION};{BLAME}\n2,0;0,3\n")
    with pytest.raises(ConfigError, match=r"set\.csv.*semicolons"):
        read_study({**rest, "design": {"method": "list", "file": "set.csv"}}, folder=tmp_path)
